package wallet

import (
	"context"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/money"
)

// CaptureAsk takes part or all of a promise.
type CaptureAsk struct {
	CaptureID string // the network's, unique for ever
	RequestID string // of the payment
	Order     money.Amount
	Last      bool // nothing more will be taken: the rest goes back to the user
}

// Capture takes promised money for good, once for each capture id. What is taken of the user is
// the part of Debit that belongs to the part of Order, so that the parts sum to the whole.
//
// Why: WhyUnknown, WhyState when nothing is promised (any more), WhyCurrency, WhyAmount when it
// is more than is left, WhyInconsistent.
func (w *Wallet) Capture(ctx context.Context, c CaptureAsk) (Standing, error) {
	return w.do(ctx, func(ctx context.Context, tx *db.Tx) (Standing, error) {
		p, err := loadPayment(ctx, tx, c.RequestID)
		if err != nil {
			return Standing{}, err
		}
		if p == nil {
			return Standing{Why: WhyUnknown}, nil
		}
		done, err := readCapture(ctx, tx, c.CaptureID)
		if err != nil {
			return Standing{}, err
		}
		if done != nil {
			if done.requestID != c.RequestID || done.orderMinor != c.Order.Minor() {
				return Standing{Payment: p, Why: WhyInconsistent}, nil
			}
			return Standing{Payment: p}, nil
		}
		if why := capturable(p, c); why != WhyNone {
			return Standing{Payment: p, Why: why}, nil
		}
		return Standing{Payment: p}, w.capture(ctx, tx, p, c, clock.Now())
	})
}

// capturable returns why a capture is refused, if so.
func capturable(p *Payment, c CaptureAsk) Why {
	switch {
	case p.State != Held:
		return WhyState
	case c.Order.Currency() != money.Currency(p.OrderCurrency):
		return WhyCurrency
	case c.Order.IsZero() || p.TakenOrderMinor+c.Order.Minor() > p.OrderMinor:
		return WhyAmount
	}
	return WhyNone
}

func (w *Wallet) capture(ctx context.Context, tx *db.Tx, p *Payment, c CaptureAsk, now time.Time,
) error {
	p.TakenOrderMinor += c.Order.Minor()
	taken := money.Share(p.DebitMinor, p.TakenOrderMinor, p.OrderMinor, money.HalfUp)
	part := taken - p.DebitedMinor
	p.HeldMinor -= part
	p.DebitedMinor = taken
	release := int64(0)
	if c.Last || p.TakenOrderMinor == p.OrderMinor {
		release, p.HeldMinor, p.DueUS = p.HeldMinor, 0, 0
		p.advance(evDebit)
	}
	if err := savePayment(ctx, tx, p); err != nil {
		return err
	}
	err := insertCapture(ctx, tx, captured{id: c.CaptureID, requestID: c.RequestID,
		orderMinor: c.Order.Minor(), debitMinor: part, atUS: clock.Micros(now)})
	if err != nil || release == 0 {
		return err
	}
	if err := giveMoney(ctx, tx, p.UserID, release); err != nil {
		return err
	}
	return w.book(ctx, tx, p, kindRelease, release, now)
}

// Captured is one capture of a promise.
type Captured struct {
	CaptureID string
	Order     money.Amount // the part of the order that was taken
	AtUS      int64
}

// Captures returns the captures of a promise, in the order of their making.
func (w *Wallet) Captures(ctx context.Context, p *Payment) ([]Captured, error) {
	var all []Captured
	err := w.db.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		rows, err := listCaptures(ctx, tx, p.RequestID)
		for _, c := range rows {
			all = append(all, Captured{CaptureID: c.id,
				Order: amount(c.orderMinor, p.OrderCurrency), AtUS: c.atUS})
		}
		return err
	})
	return all, err
}
