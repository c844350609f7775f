package ledger

import (
	"context"
	"sort"

	"watari/kit/check"
	"watari/kit/db"
)

// Post writes transfers and moves the balances of one lane, one row an account however many
// transfers touch it. It must be the last write of its transaction but for nothing that
// takes locks: balances are the rows that everybody wants.
//
// A transfer that does not balance is a defect and panics (L1, L2). One whose id exists
// already is an error of the database (L4): the caller's state machine must have seen it.
// The caller refuses with ErrClosed when the ledger is closed (L7).
func Post(ctx context.Context, tx *db.Tx, ts []Transfer) error {
	if len(ts) == 0 {
		return nil
	}
	for i := range ts {
		err := Balanced(ts[i].Postings)
		check.That(err == nil, "ledger: transfer %s: %v", ts[i].ID, err)
	}
	sort.Slice(ts, func(i, j int) bool {
		if ts[i].AcquirerNo != ts[j].AcquirerNo {
			return ts[i].AcquirerNo < ts[j].AcquirerNo
		}
		return ts[i].ID < ts[j].ID
	})
	return insertTransfers(ctx, tx, ts)
}

// Move adds the postings of transfers to the balances of a lane. It follows Post, after the
// event rows: the order of tables is the same in every transaction.
func Move(ctx context.Context, tx *db.Tx, lane int, ts []Transfer) error {
	if len(ts) == 0 {
		return nil
	}
	sums := make(map[int64]*move, 32)
	for i := range ts {
		for _, p := range ts[i].Postings {
			m := sums[p.Account.No]
			if m == nil {
				m = &move{account: p.Account.No}
				sums[p.Account.No] = m
			}
			if p.Side == Debit {
				m.debits += p.Minor
			} else {
				m.credits += p.Minor
			}
		}
	}
	moves := make([]move, 0, len(sums))
	for _, m := range sums {
		moves = append(moves, *m)
	}
	sort.Slice(moves, func(i, j int) bool { return moves[i].account < moves[j].account })
	return moveBalances(ctx, tx, lane, moves)
}

// move is what one batch adds to one balance.
type move struct{ account, debits, credits int64 }
