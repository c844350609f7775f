package wallet

import (
	"context"
	"time"

	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/id"
)

// Standing is what the wallet says to a call about a payment.
type Standing struct {
	Payment *Payment // nil when there is none to speak of
	// Why the call did nothing; WhyNone when it was done, now or before. How the payment stands
	// is in Payment alone: a Pay that the wallet declines is done, and Payment.State is Failed.
	Why  Why
	Mode Mode // how the answer has to misbehave, see Behave; ModeNone on most calls
}

// Pay debits the user of the charge's code or consent, or asks them, or refuses (W1 to W3). The
// mode that the call met is counted with it, in one transaction.
func (w *Wallet) Pay(ctx context.Context, c Charge) (Standing, error) {
	return w.do(ctx, func(ctx context.Context, tx *db.Tx) (Standing, error) {
		return w.pay(ctx, tx, c, clock.Now())
	})
}

// do runs a call in one transaction, and tells who watches.
func (w *Wallet) do(ctx context.Context,
	call func(context.Context, *db.Tx) (Standing, error),
) (Standing, error) {
	var s Standing
	err := w.update(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		s, err = call(ctx, tx)
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
	p, s, err := w.begin(ctx, tx, c, now)
	if p == nil || err != nil {
		return s, err
	}
	payer, why, err := w.payer(ctx, tx, c, now)
	if err != nil {
		return Standing{}, err
	}
	p.UserID = payer
	do := w.planFor(c, s.Mode)
	if why == WhyNone {
		why = w.objection(c, now)
	}
	if why != WhyNone {
		do = plan{event: evRefuse, why: why}
	} else if c.Code != "" {
		if err := useCode(ctx, tx, c.Code, c.RequestID); err != nil {
			return Standing{}, err
		}
	}
	if err := w.carry(ctx, tx, p, do, now); err != nil {
		return Standing{}, err
	}
	if p.mode == ModeTwice && (p.State == Paid || p.State == Held) {
		err = w.tell(ctx, tx, p, now.Add(w.timing.Twice))
	}
	s.Payment = p
	return s, err
}

// begin counts the call and claims its request id. No payment means that the standing is the
// answer: the id was claimed before, or the mode takes no notice of the call.
func (w *Wallet) begin(ctx context.Context, tx *db.Tx, c Charge, now time.Time,
) (*Payment, Standing, error) {
	mode, err := meet(ctx, tx)
	if err != nil || mode == ModeTimeout {
		return nil, Standing{Mode: mode}, err
	}
	p := c.payment(now)
	p.mode = mode
	fresh, err := claim(ctx, tx, p)
	if err != nil || fresh {
		return p, Standing{Mode: mode}, err
	}
	old, err := loadPayment(ctx, tx, c.RequestID)
	if err != nil {
		return nil, Standing{}, err
	}
	return nil, repeated(old, c, mode), nil
}

// payment is a charge as a new row.
func (c Charge) payment(now time.Time) *Payment {
	if c.PaymentID == "" {
		c.PaymentID = id.New("wpm", 0)
	}
	if c.PayTo.IsZero() {
		c.PayTo = c.Order
	}
	p := &Payment{RequestID: c.RequestID, PaymentID: c.PaymentID, Ref: c.Ref, State: stateNew,
		OrderMinor: c.Order.Minor(), OrderCurrency: string(c.Order.Currency()),
		PayToMinor: c.PayTo.Minor(), PayToCurrency: string(c.PayTo.Currency()),
		DebitMinor: c.Debit.Minor(), DebitCurrency: string(c.Debit.Currency()),
		Shop: c.Shop, OrderRef: c.OrderRef, Rate: c.Rate, Hold: c.Hold, TwoStep: c.TwoStep,
		ReturnURL: c.ReturnURL, CancelURL: c.CancelURL, Compared: c.Compared, Extra: c.Extra,
		CreatedUS: clock.Micros(now)}
	if !c.Expires.IsZero() {
		p.ExpiresUS = clock.Micros(c.Expires)
	}
	return p
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
		return Standing{Why: WhyInconsistent, Mode: mode}
	}
	return Standing{Payment: old, Mode: mode}
}

// payer finds who is to pay by code or consent, and why that cannot be (W3).
func (w *Wallet) payer(ctx context.Context, tx *db.Tx, c Charge, now time.Time,
) (userID string, why Why, err error) {
	if c.Token != "" {
		given, err := loadConsentByToken(ctx, tx, c.Token)
		switch {
		case err != nil:
			return "", WhyNone, err
		case given == nil || given.State != ConsentGiven,
			c.UserID != "" && c.UserID != given.UserID:
			return "", WhyToken, nil
		}
		return given.UserID, WhyNone, nil
	}
	owner, err := loadCode(ctx, tx, c.Code)
	switch {
	case err != nil:
		return "", WhyNone, err
	case owner == nil:
		return "", WhyCode, nil
	case owner.usedBy != "" && owner.usedBy != c.RequestID,
		c.UserID != "" && c.UserID != owner.userID:
		return owner.userID, WhyCode, nil
	case now.After(clock.FromMicros(owner.untilUS)):
		return owner.userID, WhyCodeExpired, nil
	}
	return owner.userID, WhyNone, nil
}

// carry does with a payment what was planned, and saves it.
func (w *Wallet) carry(ctx context.Context, tx *db.Tx, p *Payment, do plan, now time.Time) error {
	switch do.event {
	case evAsk:
		p.advance(evAsk)
		p.NeedsPIN = do.pin
		p.DueUS = w.askEnds(p, now)
	case evOpen:
		p.advance(evOpen)
		p.NeedsPIN = do.pin
		p.DueUS = p.ExpiresUS
	case evDelay:
		p.advance(evDelay)
		p.DueUS = clock.Micros(now.Add(do.due))
	case evRefuse:
		p.refuse(do.why)
	default:
		return w.debit(ctx, tx, p, now)
	}
	return savePayment(ctx, tx, p)
}

// debit takes the money, for good or as a promise, or refuses when there is not enough, and
// saves (W2).
func (w *Wallet) debit(ctx context.Context, tx *db.Tx, p *Payment, now time.Time) error {
	enough, err := takeMoney(ctx, tx, p.UserID, p.DebitMinor)
	if err != nil {
		return err
	}
	p.DueUS = 0
	if !enough {
		p.refuse(WhyBalance)
		return savePayment(ctx, tx, p)
	}
	kind := kindDebit
	p.PaidUS = clock.Micros(now)
	if p.Hold {
		kind = kindHold
		p.advance(evHold)
		p.HeldMinor = p.DebitMinor
		if life := w.profile.Terms.HoldFor; life > 0 {
			p.DueUS = clock.Micros(now.Add(life))
		}
	} else {
		p.advance(evDebit)
		p.DebitedMinor, p.TakenOrderMinor = p.DebitMinor, p.OrderMinor
	}
	if err := savePayment(ctx, tx, p); err != nil {
		return err
	}
	return w.book(ctx, tx, p, kind, p.DebitMinor, now)
}

// refuse ends a payment with a reason; one that was cancelled stays that.
func (p *Payment) refuse(why Why) {
	p.advance(evRefuse)
	if p.State == Failed {
		p.Why = why
	}
	p.DueUS = 0
}

// advance takes a step of the table; there is no other way to change a state.
func (p *Payment) advance(e Event) {
	to, ok := steps.Next(p.State, e)
	check.That(ok, "wallet: payment %s is %s, no step %s", p.RequestID, p.State, e)
	p.State = to
}

// Inquire says how a payment stands; WhyUnknown when there is none.
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
		return Standing{Why: WhyUnknown}, nil
	}
	return Standing{Payment: p}, nil
}
