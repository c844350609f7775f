package wallet

import (
	"context"
	"errors"
	"fmt"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
)

// Open makes an order that its user pays afterwards: whoever takes it, or Charge.UserID, on
// whose phone the question appears at once. It meets the modes: decline refuses the order;
// timeout makes none; slow, late_success, drop_after_debit and bad_signature make it and spoil
// the answer; late_success also debits some time after the user's yes, even after a cancel; pin
// asks for the PIN whatever the amount; duplicate tells of the end two times.
//
// A refusal of an order with a UserID is told to the network, which did not call.
func (w *Wallet) Open(ctx context.Context, c Charge) (Standing, error) {
	return w.do(ctx, func(ctx context.Context, tx *db.Tx) (Standing, error) {
		now := clock.Now()
		p, s, err := w.begin(ctx, tx, c, now)
		if p == nil || err != nil {
			return s, err
		}
		do := plan{event: evOpen, pin: s.Mode == ModePIN}
		why := w.objection(c, now)
		if why == WhyNone && c.UserID != "" {
			do = plan{event: evAsk, pin: do.pin || c.Debit.Minor() > w.profile.PINAbove}
			if _, err := loadUser(ctx, tx, c.UserID); errors.Is(err, db.ErrNoRows) {
				why = WhyNobody
			} else if err != nil {
				return Standing{}, err
			} else {
				p.UserID = c.UserID
			}
		}
		if s.Mode == ModeDecline {
			why = WhyBalance
		}
		if why != WhyNone {
			do = plan{event: evRefuse, why: why}
		}
		s.Payment = p
		err = w.carry(ctx, tx, p, do, now)
		if err == nil && p.State == Failed && c.UserID != "" {
			err = w.tell(ctx, tx, p, now)
		}
		return s, err
	})
}

// Take makes an open order the question of a user who scanned or opened it. Taking it again is
// the same question.
//
// Why: WhyUnknown, WhyTaken by another, WhyClosed, WhyExpired, WhyState when it is paid already.
// Errors: ErrNoUser.
func (w *Wallet) Take(ctx context.Context, requestID, userID string) (Standing, error) {
	return w.do(ctx, func(ctx context.Context, tx *db.Tx) (Standing, error) {
		now := clock.Now()
		if _, err := loadUser(ctx, tx, userID); errors.Is(err, db.ErrNoRows) {
			return Standing{}, fmt.Errorf("%w: %s", ErrNoUser, userID)
		} else if err != nil {
			return Standing{}, err
		}
		p, err := loadPayment(ctx, tx, requestID)
		if err != nil {
			return Standing{}, err
		}
		if why := takeable(p, userID, now); why != WhyNone {
			return Standing{Payment: p, Why: why}, nil
		}
		if p.State != Opened {
			return Standing{Payment: p}, nil
		}
		p.UserID = userID
		pin := p.NeedsPIN || p.DebitMinor > w.profile.PINAbove
		return Standing{Payment: p}, w.carry(ctx, tx, p, plan{event: evAsk, pin: pin}, now)
	})
}

// takeable returns why a user cannot take an order, if so.
func takeable(p *Payment, userID string, now time.Time) Why {
	if p == nil || p.OrderCurrency == "" {
		return WhyUnknown
	}
	over := p.DueUS > 0 && p.DueUS <= clock.Micros(now)
	switch {
	case (p.State == Opened || p.State == Asking) && over:
		return WhyExpired
	case p.State == Opened:
		return WhyNone
	case p.State == Asking || p.State == Agreed:
		if p.UserID != userID {
			return WhyTaken
		}
		return WhyNone
	case p.State == Failed:
		return p.Why
	case p.State == Cancelled || p.State == Deaf:
		return WhyClosed
	}
	return WhyState
}

// Complete debits a payment that its user agreed to. Again is the same. It meets the modes as
// Pay does.
//
// Why: WhyUnknown, WhyState before the user agreed, WhyClosed after a cancel.
func (w *Wallet) Complete(ctx context.Context, requestID string) (Standing, error) {
	return w.do(ctx, func(ctx context.Context, tx *db.Tx) (Standing, error) {
		now := clock.Now()
		mode, err := meet(ctx, tx)
		if err != nil || mode == ModeTimeout {
			return Standing{Mode: mode}, err
		}
		p, err := loadPayment(ctx, tx, requestID)
		if err != nil {
			return Standing{}, err
		}
		s := Standing{Payment: p, Mode: mode}
		switch {
		case p == nil:
			s.Why = WhyUnknown
		case p.State == Opened || p.State == Asking:
			s.Why = WhyState
		case p.State == Cancelled || p.State == Deaf:
			s.Why = WhyClosed
		case p.State == Agreed:
			do := plan{event: evDebit}
			if mode == ModeDecline {
				do = plan{event: evRefuse, why: WhyBalance}
			} else if mode == ModeLate {
				do = plan{event: evDelay, due: w.timing.Late}
			}
			return s, w.carry(ctx, tx, p, do, now)
		}
		return s, nil
	})
}
