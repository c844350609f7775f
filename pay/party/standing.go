package party

import (
	"context"
	"errors"

	"watari/kit/access"
	"watari/kit/db"
	"watari/kit/fault"
)

// Standing is access.Standings: the worst status of a caller's participant, merchant, store and
// terminal, and of what those are in. What is not there is closed.
func Standing(ctx context.Context, tx *db.Tx, c access.Caller) (access.Standing, error) {
	all, err := statuses(ctx, tx, c)
	var unknown *fault.Error
	if errors.As(err, &unknown) && unknown.Problem.Kind == fault.NotFound {
		return access.Closed, nil
	}
	if err != nil {
		return access.Closed, err
	}
	worst := access.Open
	for _, s := range all {
		worst = max(worst, s.standing())
	}
	return worst, nil
}

// standing is what a status allows.
func (s Status) standing() access.Standing {
	switch s {
	case Open:
		return access.Open
	case Suspended:
		return access.Suspended
	default:
		return access.Closed
	}
}

// terminalClosed tells whether a terminal is closed, or what it is in.
func terminalClosed(ctx context.Context, tx *db.Tx, t Terminal) (bool, error) {
	s, err := Standing(ctx, tx, access.Caller{ParticipantNo: t.AcquirerNo, TerminalNo: t.No})
	return s == access.Closed, err
}

// closed tells whether the terminal of p is closed, or what it is in.
func (p Point) closed() bool {
	return p.Acquirer.Status == Closed || p.Merchant.Status == Closed ||
		p.Store.Status == Closed || p.Terminal != nil && p.Terminal.Status == Closed
}

// statuses reads the rows that a caller is bound to, by their primary keys.
func statuses(ctx context.Context, tx *db.Tx, c access.Caller) ([]Status, error) {
	p, err := participantByNo(ctx, tx, c.ParticipantNo)
	if err != nil {
		return nil, err
	}
	all := []Status{p.Status}
	if c.TerminalNo != 0 {
		t, err := terminalByNo(ctx, tx, c.TerminalNo)
		if err != nil {
			return nil, err
		}
		all, c.StoreNo = append(all, t.Status), t.StoreNo
	}
	if c.StoreNo != 0 {
		s, err := storeByNo(ctx, tx, c.StoreNo)
		if err != nil {
			return nil, err
		}
		all, c.MerchantNo = append(all, s.Status), s.MerchantNo
	}
	if c.MerchantNo != 0 {
		m, err := merchantByNo(ctx, tx, c.MerchantNo)
		if err != nil {
			return nil, err
		}
		all = append(all, m.Status)
	}
	return all, nil
}
