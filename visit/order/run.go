package order

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"watari/kit/crash"
	"watari/kit/db"
)

// Times and sizes of what is done on schedule.
const (
	// lookAfter is how long after its end a payment, or a hold, is looked at again.
	lookAfter = 2 * time.Second
	// workHold is how long a node holds what is due while it works on it.
	workHold = 20 * time.Second
	// pageOfWork is taken at once.
	pageOfWork = 128
)

// Run does what is due until ctx ends: it follows payments, ends holds, gives money back and works
// on closures. It runs on every node; each thing is done by one of them.
func (s *Service) Run(ctx context.Context) {
	var all sync.WaitGroup
	loop := func(what string, wake <-chan struct{}, work func(context.Context) error) {
		all.Go(func() {
			tick := time.NewTicker(s.Look)
			defer tick.Stop()
			for ctx.Err() == nil {
				if err := work(ctx); err != nil && ctx.Err() == nil {
					s.Logger.Error(what+"; it is tried again", "error", err)
				}
				select {
				case <-ctx.Done():
				case <-wake:
				case <-tick.C:
				}
			}
		})
	}
	loop("payments of orders not followed", nil, s.follow)
	loop("holds not ended", nil, s.endHolds)
	loop("payments of orders not looked at", nil, s.lookAtPayments)
	loop("money of orders not given back", s.wake, s.send)
	loop("closures not worked on", nil, s.closures)
	all.Wait()
}

// anything asks cheaply whether something is due, so that nobody locks in vain.
func (s *Service) anything(
	ctx context.Context, ask func(context.Context, *db.Tx, time.Time) (bool, error),
	now time.Time,
) (some bool, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		some, err = ask(ctx, tx, now)
		return err
	})
	if err != nil {
		err = fmt.Errorf("look for what is due: %w", err)
	}
	return some, err
}

// endHolds ends the holds whose time is over. One whose payment is open is settled first.
func (s *Service) endHolds(ctx context.Context) error {
	for {
		now := s.Now()
		some, err := s.anything(ctx, anyOrderDue, now)
		if err != nil || !some {
			return err
		}
		var ids []string
		err = s.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
			if ids, err = dueOrders(ctx, tx, now, pageOfWork); err != nil {
				return err
			}
			return leaseOrders(ctx, tx, ids, now.Add(s.Lease))
		})
		if err != nil {
			return fmt.Errorf("hold orders that are due: %w", err)
		}
		crash.At(crash.AfterLease)
		if err := s.each(ids, func(id string) error { return s.endHold(ctx, id) }); err != nil {
			return err
		}
		if len(ids) < pageOfWork {
			return nil
		}
	}
}

// each does something for many at the same time, so that their steps share transactions.
func (s *Service) each(ids []string, fn func(id string) error) error {
	errs := make([]error, len(ids))
	var busy sync.WaitGroup
	for i, id := range ids {
		busy.Go(func() { errs[i] = fn(id) })
	}
	busy.Wait()
	return errors.Join(errs...)
}

func (s *Service) endHold(ctx context.Context, id string) error {
	o, err := s.Settle(ctx, id)
	if err != nil {
		// Whatever its payment says, its stock is given back when the grace is over.
		s.Logger.Warn("the payment of an order is not settled", "order", id, "error", err)
	} else if o.State != StateHeld && o.State != StatePaying {
		return nil
	}
	_, err = s.do(ctx, &expiring{order: id})
	return err
}

// lookAtPayments looks at the payments that have to be looked at: those that nobody told of, and
// those that are not wanted any more.
func (s *Service) lookAtPayments(ctx context.Context) error {
	for {
		now := s.Now()
		some, err := s.anything(ctx, anyAttemptDue, now)
		if err != nil || !some {
			return err
		}
		var as []*attempt
		err = s.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
			if as, err = dueAttempts(ctx, tx, now, pageOfWork); err != nil {
				return err
			}
			for _, a := range as {
				a.due = now.Add(max(pause(a.tries), lookAfter))
				a.tries++
			}
			return leaseAttempts(ctx, tx, as)
		})
		if err != nil {
			return fmt.Errorf("hold payments that are due: %w", err)
		}
		crash.At(crash.AfterLease)
		var busy sync.WaitGroup
		places := make(chan struct{}, s.Senders)
		for _, a := range as {
			places <- struct{}{}
			busy.Go(func() {
				defer func() { <-places }()
				if err := s.lookAt(ctx, a); err != nil && ctx.Err() == nil {
					s.Logger.Warn("the payment of an order is looked at again",
						"order", a.orderID, "attempt", a.no, "error", err)
				}
			})
		}
		busy.Wait()
		if len(as) < pageOfWork {
			return nil
		}
	}
}

// lookAt looks at one payment, and closes it when its order does not want it any more.
func (s *Service) lookAt(ctx context.Context, a *attempt) error {
	o, err := s.Find(ctx, a.orderID)
	if err != nil {
		return err
	}
	wanted := o.State == StatePaying && a.no == o.attempts
	if a.state == AttemptOpen && !wanted {
		return s.unwanted(ctx, o, a)
	}
	_, err = s.settle(ctx, o, a)
	return err
}
