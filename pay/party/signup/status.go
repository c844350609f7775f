package signup

import (
	"context"
	"errors"
	"fmt"

	"watari/kit/check"
	"watari/kit/db"
	"watari/kit/foureyes"
	"watari/pay/party"
)

// GoLive lets an approved or suspended merchant take payments. Errors: ErrUnknown, ErrState.
func (s *Service) GoLive(
	ctx context.Context, by foureyes.Person, acquirerNo int64, applicationID string,
) (Application, error) {
	return s.setStatus(ctx, by, acquirerNo, applicationID, OnGoLive, party.Open)
}

// Suspend lets a live merchant take no payments for a while. Errors: ErrUnknown, ErrState.
func (s *Service) Suspend(
	ctx context.Context, by foureyes.Person, acquirerNo int64, applicationID string,
) (Application, error) {
	return s.setStatus(ctx, by, acquirerNo, applicationID, OnSuspend, party.Suspended)
}

// End closes an approved, live or suspended merchant for ever. Errors: ErrUnknown, ErrState.
func (s *Service) End(
	ctx context.Context, by foureyes.Person, acquirerNo int64, applicationID string,
) (Application, error) {
	return s.setStatus(ctx, by, acquirerNo, applicationID, OnClose, party.Closed)
}

// setStatus gives the merchant of an application another status; merchantMoved moves the
// application with it (U9).
func (s *Service) setStatus(
	ctx context.Context, by foureyes.Person, acquirerNo int64, applicationID string, st Step,
	to party.Status,
) (Application, error) {
	whoever(by)
	a, err := s.find(ctx, acquirerNo, applicationID)
	if err != nil {
		return a.Application, err
	}
	if err := a.step(st); err != nil {
		return a.Application, err
	}
	err = s.Registry.Change(ctx, func(ctx context.Context, tx *db.Tx) error {
		return s.Registry.SetStatus(withPerson(ctx, by), tx, actorOf(by), party.KindMerchant,
			a.MerchantNo, to)
	})
	if errors.Is(err, party.ErrStatus) {
		return a.Application, ErrState.Newf("the merchant has another status by now").Because(err)
	}
	if err != nil {
		return a.Application, err
	}
	return s.Find(ctx, acquirerNo, applicationID)
}

// personKey is the context key of who changes a status here, for the event's name.
type personKey struct{}

func withPerson(ctx context.Context, by foureyes.Person) context.Context {
	return context.WithValue(ctx, personKey{}, by)
}

// kinds are the events of an application that moves with its merchant.
var kinds = map[State]string{Live: "application.live", Suspended: "application.suspended",
	Closed: "application.closed"}

// merchantMoved moves the applications of a merchant with its status (U9).
func (s *Service) merchantMoved(
	ctx context.Context, tx *db.Tx, actor string, m party.Merchant, to party.Status,
) error {
	st, ok := map[party.Status]Step{party.Open: OnGoLive, party.Suspended: OnSuspend,
		party.Closed: OnClose}[to]
	check.That(ok, "signup: no status %q", to)
	by, ok := ctx.Value(personKey{}).(foureyes.Person)
	if !ok {
		by = foureyes.Person{Actor: actor}
	}
	as, err := applicationsOf(ctx, tx, m.No)
	if err != nil {
		return err
	}
	for i := range as {
		a := &as[i]
		if err := s.open(a); err != nil {
			return err
		}
		from := a.State
		if err := a.step(st); err != nil {
			continue // an application that was approved while its merchant was suspended before
		}
		err := s.keep(ctx, tx, a, by, kinds[a.State], facts{By: by.Name, From: from, To: a.State})
		if err != nil {
			return fmt.Errorf("move application: %w", err)
		}
	}
	return nil
}
