package signup

import (
	"context"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/foureyes"
	"watari/pay/party"
)

// payout finds an account of an acquirer's merchant.
func (s *Service) payout(
	ctx context.Context, acquirerNo int64, payoutID string,
) (p Payout, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		p, err = findPayout(ctx, tx, payoutID)
		return err
	})
	if err != nil {
		return p, err
	}
	if p.AcquirerNo != acquirerNo {
		return Payout{}, ErrPayout.Newf("")
	}
	all := []Payout{p}
	err = s.finish(ctx, all)
	return all[0], err
}

// finish unseals accounts, and says of those that wait what the desk has decided meanwhile: a
// request may have been rejected there.
func (s *Service) finish(ctx context.Context, all []Payout) error {
	for i := range all {
		p := &all[i]
		if err := s.openPayout(p); err != nil {
			return err
		}
		if p.State != PayoutProposed {
			continue
		}
		r, err := s.Desk.Find(ctx, p.RequestID)
		if err != nil {
			return err
		}
		if r.State != foureyes.Open {
			p.State, p.Checker, p.Decided = PayoutRejected, r.Checker, r.Decided
		}
	}
	return nil
}

// Payouts returns the accounts of a merchant, newest first. Errors: party.ErrMerchantUnknown.
func (s *Service) Payouts(
	ctx context.Context, acquirerNo, merchantNo int64,
) (all []Payout, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		m, err := s.Registry.MerchantByNo(ctx, tx, merchantNo)
		if err != nil {
			return err
		}
		if m.AcquirerNo != acquirerNo {
			return party.ErrMerchantUnknown.Newf("")
		}
		all, err = payoutsOf(ctx, tx, merchantNo)
		return err
	})
	if err != nil {
		return nil, err
	}
	mark(all, clock.Now())
	return all, s.finish(ctx, all)
}

// mark says which of a merchant's accounts is in force.
func mark(all []Payout, at time.Time) {
	newest := -1
	for i, p := range all {
		held := p.State == PayoutHeld && !p.From.After(at)
		if held && (newest < 0 || p.From.After(all[newest].From)) {
			newest = i
		}
	}
	if newest >= 0 {
		all[newest].InForce = true
	}
}

// waitingMax is how many accounts PayoutsWaiting returns, waitingPage how many it reads at once.
const waitingMax, waitingPage = 500, 100

// PayoutsWaiting returns the accounts of an acquirer's merchants that wait for a second person,
// oldest first, at most 500.
func (s *Service) PayoutsWaiting(
	ctx context.Context, acquirerNo int64,
) (waiting []Payout, err error) {
	for after := ""; len(waiting) < waitingMax; {
		var page []Payout
		err := s.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
			page, err = payoutsWaiting(ctx, tx, acquirerNo, after, waitingPage)
			return err
		})
		if err == nil {
			err = s.finish(ctx, page)
		}
		if err != nil {
			return nil, err
		}
		for _, p := range page {
			if p.State == PayoutProposed { // the desk may have rejected it
				waiting = append(waiting, p)
			}
		}
		if len(page) < waitingPage {
			break
		}
		after = page[waitingPage-1].ID
	}
	return waiting[:min(len(waiting), waitingMax)], nil
}

// InForce returns the account that a merchant is paid to at a time; false when there is none.
func (s *Service) InForce(
	ctx context.Context, merchantNo int64, at time.Time,
) (Payout, bool, error) {
	var all []Payout
	err := s.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		all, err = payoutsOf(ctx, tx, merchantNo)
		return err
	})
	if err != nil {
		return Payout{}, false, err
	}
	mark(all, at)
	for i := range all {
		if all[i].InForce {
			return all[i], true, s.openPayout(&all[i])
		}
	}
	return Payout{}, false, nil
}
