package order

import (
	"context"
	"time"

	"watari/kit/db"
	"watari/kit/money"
)

// OwedFilter selects returns that failed: money that is owed and that no wallet has given back.
// Zero values select all, but AcquirerNo is needed.
type OwedFilter struct {
	AcquirerNo, MerchantNo, StoreNo int64
	Place, MassID                   string
	After                           string // continue after this return id
	Limit                           int    // 1 to 200; 0 is 50
}

// retryMax is how many returns are asked for anew by one call.
const retryMax = 1000

// Owed returns a page of the returns that failed, the newest first, and the cursor of the next
// page or "".
//
// Errors: ErrCursor.
func (s *Service) Owed(ctx context.Context, f OwedFilter) ([]Return, string, error) {
	if f.Limit <= 0 {
		f.Limit = 50
	}
	f.Limit = min(f.Limit, limitMax)
	if !plain(f.After, 0, idMax) {
		return nil, "", ErrCursor.Newf("use a next_cursor as it was given")
	}
	var out []Return
	err := s.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		found, err := owedReturns(ctx, tx, f)
		out = nil
		for _, r := range found {
			out = append(out, *r)
		}
		return err
	})
	next := ""
	if len(out) == f.Limit {
		next = out[len(out)-1].ID
	}
	return out, next, err
}

// RetryAll is Retry for every return of a filter, at most 1,000 of them, and says how many were
// asked for anew. One that changed meanwhile is left out.
func (s *Service) RetryAll(ctx context.Context, f OwedFilter, actor string) (int, error) {
	var orders = map[string]string{}
	var ids []string
	for f.Limit, f.After = limitMax, ""; len(ids) < retryMax; {
		page, next, err := s.Owed(ctx, f)
		if err != nil {
			return 0, err
		}
		for _, r := range page {
			ids, orders[r.ID] = append(ids, r.ID), r.OrderID
		}
		if f.After = next; next == "" {
			break
		}
	}
	done := make([]bool, len(ids))
	at := map[string]int{}
	for i, id := range ids {
		at[id] = i
	}
	err := s.each(ids, func(id string) error {
		_, err := s.do(ctx, &retrying{order: orders[id], id: id, actor: actor})
		if f, no := refused(err); no && f.Problem == ErrState {
			return nil
		}
		done[at[id]] = err == nil
		return err
	})
	s.poke()
	n := 0
	for _, yes := range done {
		if yes {
			n++
		}
	}
	return n, err
}

// OwedSum is what is owed by the shops of one bank.
type OwedSum struct {
	AcquirerNo int64
	Count      int64 // returns that failed
	Amount     money.Amount
}

// OwedSums adds up the returns that failed, by bank.
func (s *Service) OwedSums(ctx context.Context) (out []OwedSum, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		out, err = owedSums(ctx, tx)
		return err
	})
	return out, err
}

// Repay keeps that a return which failed was given back by other means, in cash or to a bank
// account: how says so in 1 to 200 characters. No wallet is asked for it any more.
//
// Errors: ErrReturnUnknown, ErrState, ErrRequest.
func (s *Service) Repay(ctx context.Context, returnID, how, actor string) (Return, error) {
	if !plain(how, 1, outsideMax) {
		return Return{}, ErrRequest.Newf("see the fields").At("/how", "has 1 to 200 characters")
	}
	r, err := s.findReturn(ctx, returnID)
	if err != nil {
		return Return{}, err
	}
	st := &repaying{order: r.OrderID, id: returnID, how: how, actor: actor}
	if _, err := s.do(ctx, st); err != nil {
		return Return{}, err
	}
	return st.done, nil
}

// outsideMax is how long Return.Outside is, in characters.
const outsideMax = 200

// repaying is the step that keeps how a return was given back without its wallet.
type repaying struct {
	order, id, how, actor string
	done                  Return // the answer
}

func (st *repaying) key() string { return st.order }

func (st *repaying) decide(_ context.Context, sh *sheet, o *Order) error {
	r := sh.find(o.ID, st.id)
	if r == nil {
		return ErrReturnUnknown.Newf("there is no return %q", st.id)
	}
	if r.State != ReturnFailed {
		return ErrState.Newf("the return is %s", r.State).Set("state", string(r.State))
	}
	sh.move(r, onRepaid)
	r.Outside, r.Ended, r.due = st.how, sh.now, time.Time{}
	sh.back(o, r)
	sh.tell(o, "return_repaid", st.actor, facts{"return": r.ID, "minor": r.Minor,
		"how": st.how})
	st.done = *r
	return nil
}

// back counts a return that has succeeded.
func (sh *sheet) back(o *Order, r *Return) {
	if r.extra {
		return
	}
	o.Refunding -= r.Minor
	o.Refunded += r.Minor
	sh.dirty[o] = true
	if o.State == StateReturning {
		sh.advance(o, OnReturned)
		o.Closed = sh.now
	}
}
