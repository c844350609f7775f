package wallet

import (
	"context"
	"time"

	"watari/connect/alipayplus/wire"
	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/id"
)

// Standing is what the wallet says to a call about a payment.
type Standing struct {
	Payment *Payment // nil when there is none to speak of
	Result  wire.Result
	Mode    Mode // how the answer has to misbehave; ModeNone on all calls but pay
}

// Pay debits the user to whom the charge's code was given, or asks them, or refuses (W1 to W3).
// The mode that the call met is counted with it, in one transaction.
func (w *Wallet) Pay(ctx context.Context, c Charge) (Standing, error) {
	var s Standing
	err := w.update(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		s, err = w.pay(ctx, tx, c, clock.Now())
		return err
	})
	if err != nil {
		return Standing{}, err
	}
	if s.Payment != nil {
		w.changed(s.Payment.UserID)
	}
	return s, nil
}

func (w *Wallet) pay(ctx context.Context, tx *db.Tx, c Charge, now time.Time) (Standing, error) {
	mode, err := meet(ctx, tx)
	if err != nil || mode == ModeTimeout {
		return Standing{Mode: mode}, err
	}
	p := &Payment{RequestID: c.RequestID, PaymentID: id.New("wpm", 0), State: stateNew,
		Compared: c.Compared, AcquirerID: c.AcquirerID, Shop: c.Shop, OrderRef: c.OrderRef,
		OrderMinor: c.Order.Minor(), OrderCurrency: string(c.Order.Currency()),
		PayToMinor: c.PayTo.Minor(), PayToCurrency: string(c.PayTo.Currency()),
		Rate: c.Rate, CreatedUS: clock.Micros(now)}
	fresh, err := claim(ctx, tx, p)
	if err != nil {
		return Standing{}, err
	}
	if !fresh {
		old, err := loadPayment(ctx, tx, c.RequestID)
		if err != nil {
			return Standing{}, err
		}
		return repeated(old, c, mode), nil
	}

	owner, err := loadCode(ctx, tx, c.Code)
	if err != nil {
		return Standing{}, err
	}
	if owner != nil {
		p.UserID = owner.userID
	}
	do := planFor(c, mode, w.timing)
	if why := objection(c, owner, now); why != "" {
		do = plan{event: evRefuse, code: why}
	} else if err := useCode(ctx, tx, c.Code, c.RequestID); err != nil {
		return Standing{}, err
	}
	if err := w.begin(ctx, tx, p, do, c, now); err != nil {
		return Standing{}, err
	}
	if mode == ModeTwice && p.State == Paid {
		err = w.tellTwice(ctx, tx, p, now)
	}
	return Standing{Payment: p, Result: p.Result(), Mode: mode}, err
}

// meet counts the call against the fault that is set, if one is. Most calls only read: the row
// is locked only while there is something to count.
func meet(ctx context.Context, tx *db.Tx) (Mode, error) {
	f, err := loadFault(ctx, tx)
	if err != nil || f.mode == ModeNone || f.remaining != nil && *f.remaining <= 0 {
		return ModeNone, err
	}
	return countFault(ctx, tx)
}

// repeated is what a request id that was seen before is told (W1). A blocked id has no fields to
// compare.
func repeated(old *Payment, c Charge, mode Mode) Standing {
	if old.Compared != "" && old.Compared != c.Compared {
		return Standing{Result: wire.ResultOf(wire.CodeInconsistent), Mode: mode}
	}
	return Standing{Payment: old, Result: old.Result(), Mode: mode}
}

// begin does with a claimed payment what was planned, and saves it.
func (w *Wallet) begin(ctx context.Context, tx *db.Tx, p *Payment, do plan, c Charge,
	now time.Time,
) error {
	switch do.event {
	case evAsk:
		p.advance(evAsk)
		p.DueUS = clock.Micros(askEnds(c, now, w.timing))
	case evDelay:
		p.advance(evDelay)
		p.DueUS = clock.Micros(now.Add(do.due))
	case evRefuse:
		p.refuse(do.code)
	default:
		return debit(ctx, tx, p, now)
	}
	return savePayment(ctx, tx, p)
}

// debit takes the money, or refuses when there is not enough, and saves (W2).
func debit(ctx context.Context, tx *db.Tx, p *Payment, now time.Time) error {
	enough, err := takeMoney(ctx, tx, p.UserID, p.PayToMinor)
	if err != nil {
		return err
	}
	p.DueUS = 0
	if !enough {
		p.refuse(wire.CodeBalance)
		return savePayment(ctx, tx, p)
	}
	p.advance(evDebit)
	p.DebitedMinor = p.PayToMinor
	p.PaidUS = clock.Micros(now)
	if err := savePayment(ctx, tx, p); err != nil {
		return err
	}
	return insertEntry(ctx, tx, entry{id: id.New("wen", 0), userID: p.UserID, kind: kindDebit,
		requestID: p.RequestID, minor: p.PayToMinor, atUS: p.PaidUS})
}

// refuse ends a payment with a code; one that was cancelled stays that.
func (p *Payment) refuse(why wire.Code) {
	p.advance(evRefuse)
	if p.State == Failed {
		p.Code = why
	}
	p.DueUS = 0
}

// advance takes a step of the table; there is no other way to change a state.
func (p *Payment) advance(e Event) {
	to, ok := steps.Next(p.State, e)
	check.That(ok, "wallet: payment %s is %s, no step %s", p.RequestID, p.State, e)
	p.State = to
}

// Inquire says how a payment stands. Result is about the inquiry; the payment's own result is
// Payment.Result().
func (w *Wallet) Inquire(ctx context.Context, requestID string) (Standing, error) {
	now := clock.Now()
	p, err := w.Payment(ctx, requestID)
	if err == nil && p != nil && p.DueUS > 0 && p.DueUS <= clock.Micros(now) {
		if err = w.act(ctx, requestID, now); err == nil {
			p, err = w.Payment(ctx, requestID)
		}
	}
	if err != nil {
		return Standing{}, err
	}
	if p == nil {
		return Standing{Result: wire.ResultOf(wire.CodeOrderNotExist)}, nil
	}
	return Standing{Payment: p, Result: wire.ResultOf(wire.CodeSuccess)}, nil
}
