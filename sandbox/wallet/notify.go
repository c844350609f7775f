package wallet

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/id"
)

// tellBatch is how many notices are under way at once.
const tellBatch = 8

// NoticeKind is what a notice is about.
type NoticeKind string

// The kinds.
const (
	NoticePayment NoticeKind = "payment"
	NoticeRefund  NoticeKind = "refund"
	NoticeConsent NoticeKind = "consent"
)

// Notice is what the network has to hear. State and Why are what was promised when it happened,
// whatever has become of the payment since.
type Notice struct {
	ID       string // the same in every attempt
	Kind     NoticeKind
	Payment  *Payment // as it stands now; nil for a consent
	State    State    // of the payment: Agreed, Held, Paid, Failed or Cancelled
	Why      Why      // with Failed
	Refund   *Refund  // with NoticeRefund
	Consent  *Consent // with NoticeConsent
	At       time.Time
	Attempts int64 // that were made before this one
}

// Run does what the wallet does by itself, until ctx ends: orders and questions that close, late
// debits, notices. Several processes may run it on the same books.
func (w *Wallet) Run(ctx context.Context, f Front) {
	var loops sync.WaitGroup
	loops.Go(func() { w.actLoop(ctx) })
	loops.Go(func() { w.tellLoop(ctx, f) })
	loops.Wait()
}

// tell promises the network a notice of how the payment stands now, at a time; in the mode
// duplicate one more.
func (w *Wallet) tell(ctx context.Context, tx *db.Tx, p *Payment, at time.Time) error {
	n := notice{id: id.New("wnt", 0), kind: NoticePayment, subject: p.RequestID, state: p.State,
		why: p.Why, madeUS: clock.Micros(clock.Now()), nextAtUS: clock.Micros(at)}
	if err := insertNotice(ctx, tx, n); err != nil || p.mode != ModeTwice {
		return err
	}
	n.id, n.nextAtUS = id.New("wnt", 0), clock.Micros(at.Add(w.timing.Twice))
	return insertNotice(ctx, tx, n)
}

// tellRefund promises the network a notice of a refund.
func (w *Wallet) tellRefund(ctx context.Context, tx *db.Tx, f *Refund, at time.Time) error {
	return insertNotice(ctx, tx, notice{id: id.New("wnt", 0), kind: NoticeRefund,
		subject: f.RefundRequestID, why: f.Why, madeUS: clock.Micros(at),
		nextAtUS: clock.Micros(at)})
}

// tellLoop sends what is due to the network (W6).
func (w *Wallet) tellLoop(ctx context.Context, f Front) {
	for ctx.Err() == nil {
		sent, err := w.tellDue(ctx, f, clock.Now())
		if err != nil && ctx.Err() == nil {
			w.log.Error("wallet: send notices", "wallet", w.profile.ID, "error", err)
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
func (w *Wallet) tellDue(ctx context.Context, f Front, now time.Time) (int, error) {
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
			mine, err := w.tellOne(ctx, f, d, now)
			if mine {
				tried.Add(1)
			}
			if err != nil && ctx.Err() == nil {
				w.log.Warn("wallet: the network did not take a notice", "wallet", w.profile.ID,
					"kind", d.kind, "subject", d.subject, "attempt", d.attempts+1, "error", err)
			}
		})
	}
	sending.Wait()
	return int(tried.Load()), nil
}

// tellOne makes one attempt, if no other process does, and tells whether it did. The next one is
// put off before it, so that a process that dies now leaves the rest to another.
func (w *Wallet) tellOne(ctx context.Context, f Front, d notice, now time.Time,
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
	n, err := w.noticeOf(ctx, d)
	if err != nil {
		return true, err
	}
	call, cancel := context.WithTimeout(ctx, noticeMax)
	defer cancel()
	if err := f.Notify(call, n); err != nil {
		return true, err
	}
	return true, w.update(ctx, func(ctx context.Context, tx *db.Tx) error {
		return endNotice(ctx, tx, d.id, clock.Micros(clock.Now()))
	})
}

// noticeMax bounds one attempt, whatever the front does.
const noticeMax = 30 * time.Second

// noticeOf gathers what a notice tells of.
func (w *Wallet) noticeOf(ctx context.Context, d notice) (Notice, error) {
	n := Notice{ID: d.id, Kind: d.kind, State: d.state, Why: d.why,
		At: clock.FromMicros(d.madeUS), Attempts: d.attempts}
	var err error
	requestID := d.subject
	switch d.kind {
	case NoticeConsent:
		n.Consent, err = w.Consent(ctx, d.subject)
		check.That(err != nil || n.Consent != nil, "wallet: a notice of no consent %s", d.subject)
		return n, err
	case NoticeRefund:
		if n.Refund, err = w.RefundOf(ctx, d.subject); err != nil {
			return n, err
		}
		check.That(n.Refund != nil, "wallet: a notice of refund %s, which is not there", d.subject)
		requestID = n.Refund.RequestID
	}
	if n.Payment, err = w.Payment(ctx, requestID); err != nil {
		return n, err
	}
	check.That(n.Payment != nil || n.Kind == NoticeRefund,
		"wallet: a notice of payment %s, which is not there", requestID)
	return n, nil
}
