package wallet

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"watari/connect/alipayplus/wire"
	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/db"
)

// tellBatch is how many notices are under way at once.
const tellBatch = 8

// Run does what the wallet does by itself, until ctx ends: questions that close, late debits,
// notices. Several processes may run it on the same books.
func (w *Wallet) Run(ctx context.Context, n *Network) {
	var loops sync.WaitGroup
	loops.Go(func() { w.actLoop(ctx) })
	loops.Go(func() { w.tellLoop(ctx, n) })
	loops.Wait()
}

// tellLoop sends what is due to the network (W6).
func (w *Wallet) tellLoop(ctx context.Context, n *Network) {
	for ctx.Err() == nil {
		sent, err := w.tellDue(ctx, n, clock.Now())
		if err != nil && ctx.Err() == nil {
			w.log.Error("wallet: send notices", "error", err)
		}
		if sent > 0 {
			continue
		}
		t := time.NewTimer(dueEvery)
		select {
		case <-ctx.Done():
		case <-w.wake:
		case <-t.C:
		}
		t.Stop()
	}
}

// tellDue sends the notices that are due, some at a time, and returns for how many it made an
// attempt.
func (w *Wallet) tellDue(ctx context.Context, n *Network, now time.Time) (int, error) {
	var due []notice
	err := w.db.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		due, err = dueNotices(ctx, tx, clock.Micros(now), tellBatch)
		return err
	})
	if err != nil {
		return 0, err
	}
	var sending sync.WaitGroup
	var tried atomic.Int64
	for _, d := range due {
		sending.Go(func() {
			mine, err := w.tellOne(ctx, n, d, now)
			if mine {
				tried.Add(1)
			}
			if err != nil && ctx.Err() == nil {
				w.log.Warn("wallet: the network did not take a notice",
					"request_id", d.requestID, "attempt", d.attempts+1, "error", err)
			}
		})
	}
	sending.Wait()
	return int(tried.Load()), nil
}

// tellOne makes one attempt, if no other process does, and tells whether it did. The next one is
// put off before it, so that a process that dies now leaves the rest to another.
func (w *Wallet) tellOne(ctx context.Context, n *Network, d notice, now time.Time,
) (mine bool, err error) {
	wait := w.timing.Retry[min(int(d.attempts), len(w.timing.Retry)-1)]
	next := clock.Micros(now.Add(wait))
	err = w.update(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		mine, err = claimNotice(ctx, tx, d, next)
		return err
	})
	if err != nil || !mine {
		return false, err
	}
	p, err := w.Payment(ctx, d.requestID)
	if err != nil {
		return true, err
	}
	check.That(p != nil, "wallet: a notice of payment %s, which is not there", d.requestID)
	if err := n.Notify(ctx, noticeOf(p, d)); err != nil {
		return true, err
	}
	return true, w.update(ctx, func(ctx context.Context, tx *db.Tx) error {
		return endNotice(ctx, tx, d.id, clock.Micros(clock.Now()))
	})
}

// noticeOf writes the message. The result is the one that was promised, whatever has happened to
// the payment since.
func noticeOf(p *Payment, d notice) *wire.WalletNotice {
	return &wire.WalletNotice{
		PaymentResult: wire.ResultOf(d.code),
		Debited:       debited(p),
	}
}

// debited repeats what a message tells of a payment.
func debited(p *Payment) wire.Debited {
	d := wire.Debited{PaymentRequestID: p.RequestID}
	if p.OrderCurrency == "" { // a blocked id
		return d
	}
	d.PaymentID = p.PaymentID
	d.CustomerID = p.UserID
	d.PaymentAmount = wire.AmountOf(p.Order())
	d.PayToAmount = wire.AmountOf(p.PayTo())
	if p.PaidUS > 0 {
		d.PaymentTime = wire.FormatTime(clock.FromMicros(p.PaidUS))
	}
	return d
}
