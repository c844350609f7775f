package webhook

import (
	"context"
	"slices"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/event"
	"watari/kit/fault"
	"watari/kit/id"
)

// List returns an owner's endpoints, oldest first.
func (s *Service) List(ctx context.Context, o Owner) (es []Endpoint, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		rows, err := list(ctx, tx, o)
		es = make([]Endpoint, len(rows))
		for i := 0; i < len(rows) && err == nil; i++ {
			es[i], err = counted(ctx, tx, rows[i])
		}
		return err
	})
	return es, err
}

func counted(ctx context.Context, tx *db.Tx, row endpointRow) (e Endpoint, err error) {
	e = row.Endpoint
	e.Waiting, err = waiting(ctx, tx, e.ID)
	return e, err
}

// Find returns an endpoint of an owner. Errors: ErrUnknown.
func (s *Service) Find(ctx context.Context, o Owner, id string) (e Endpoint, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		row, err := find(ctx, tx, o, id)
		if err == nil {
			e, err = counted(ctx, tx, row)
		}
		return err
	})
	return e, err
}

// Add makes an endpoint, unverified, and returns its secret, the only time that it is seen.
//
// Errors: ErrInvalid with fields /url, /description, /kinds; ErrTaken; ErrTooMany.
func (s *Service) Add(ctx context.Context, o Owner, actor string, t Terms) (
	e Endpoint, secret string, err error,
) {
	if err := t.clean(o, s.Local); err != nil {
		return e, "", err
	}
	secret = newSecret()
	row := endpointRow{secret: s.Ring.Seal(secret), Endpoint: Endpoint{
		ID: id.New("whe", int(o.AcquirerNo)), Owner: o, URL: t.URL, Description: t.Description,
		Kinds: t.Kinds, Status: Unverified, SecretEnd: endOf(secret), Created: clock.Now()}}
	err = s.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := changed(ctx, tx); err != nil {
			return err
		}
		all, err := list(ctx, tx, o)
		if err != nil {
			return err
		}
		if len(all) >= EndpointsMax {
			return ErrTooMany.Newf("there may be %d endpoints; remove one first", EndpointsMax)
		}
		if err := free(all, t.URL, row.ID); err != nil {
			return err
		}
		if err := insertEndpoint(ctx, tx, row); err != nil {
			return err
		}
		return s.tell(ctx, tx, row.event("webhook.added", actor, nil))
	})
	if db.IsUnique(err) {
		err = taken(t.URL).Because(err)
	}
	if err != nil {
		return e, "", err
	}
	s.Log.Wake()
	return row.Endpoint, secret, nil
}

// free refuses an address that another endpoint of the owner has.
func free(all []endpointRow, url, id string) error {
	if slices.ContainsFunc(all, func(e endpointRow) bool { return e.URL == url && e.ID != id }) {
		return taken(url)
	}
	return nil
}

// tell appends an event.
func (s *Service) tell(ctx context.Context, tx *db.Tx, e event.Event) error {
	return s.Log.Append(ctx, tx, s.Lane, []event.Event{e})
}

// edit changes an endpoint of an owner and returns it as it is then. fn returns the event.
func (s *Service) edit(
	ctx context.Context, o Owner, id string,
	fn func(ctx context.Context, tx *db.Tx, e *endpointRow) (event.Event, error),
) (e Endpoint, err error) {
	err = s.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := changed(ctx, tx); err != nil {
			return err
		}
		row, err := locked(ctx, tx, o, id)
		if err != nil {
			return err
		}
		ev, err := fn(ctx, tx, &row)
		if err != nil {
			return err
		}
		if err := updateEndpoint(ctx, tx, row); err != nil {
			return err
		}
		if e, err = counted(ctx, tx, row); err != nil {
			return err
		}
		return s.tell(ctx, tx, ev)
	})
	if err != nil {
		return Endpoint{}, err
	}
	s.Log.Wake()
	return e, nil
}

// Change changes an endpoint. With another URL it is unverified again.
//
// Errors: ErrUnknown, ErrInvalid, ErrTaken.
func (s *Service) Change(ctx context.Context, o Owner, actor, id string, t Terms) (
	Endpoint, error,
) {
	if err := t.clean(o, s.Local); err != nil {
		return Endpoint{}, err
	}
	e, err := s.edit(ctx, o, id, func(
		ctx context.Context, tx *db.Tx, e *endpointRow,
	) (event.Event, error) {
		all, err := list(ctx, tx, o)
		if err != nil {
			return event.Event{}, err
		}
		if err := free(all, t.URL, id); err != nil {
			return event.Event{}, err
		}
		if t.URL != e.URL {
			e.turnTo(onMove)
			e.Note, e.URL = "", t.URL
		}
		e.Description, e.Kinds = t.Description, t.Kinds
		return e.event("webhook.changed", actor, nil), nil
	})
	if db.IsUnique(err) {
		err = taken(t.URL).Because(err)
	}
	return e, err
}

// taken refuses a second endpoint at one address.
func taken(url string) *fault.Error {
	return ErrTaken.Newf("there is an endpoint at this address already").Set("url", url)
}

// Disable switches an endpoint off until it is verified again. Errors: ErrUnknown.
func (s *Service) Disable(ctx context.Context, o Owner, actor, id string) (Endpoint, error) {
	return s.edit(ctx, o, id, func(
		_ context.Context, _ *db.Tx, e *endpointRow,
	) (event.Event, error) {
		e.turnTo(onDisable)
		e.Note = "switched off by its owner"
		return e.event("webhook.disabled", actor, map[string]any{"why": e.Note}), nil
	})
}

// Rotate makes a new secret and returns it, the only time that it is seen. For 24 hours messages
// are signed with the old one too. Errors: ErrUnknown.
func (s *Service) Rotate(ctx context.Context, o Owner, actor, id string) (
	e Endpoint, secret string, err error,
) {
	secret = newSecret()
	e, err = s.edit(ctx, o, id, func(
		_ context.Context, _ *db.Tx, e *endpointRow,
	) (event.Event, error) {
		e.oldSecret, e.OldUntil = e.secret, clock.Now().Add(OldSecretFor)
		e.secret, e.SecretEnd = s.Ring.Seal(secret), endOf(secret)
		return e.event("webhook.rotated", actor, nil), nil
	})
	if err != nil {
		return e, "", err
	}
	return e, secret, nil
}

// Remove forgets an endpoint. What was to be sent to it is never sent. Errors: ErrUnknown.
func (s *Service) Remove(ctx context.Context, o Owner, actor, id string) error {
	err := s.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := changed(ctx, tx); err != nil {
			return err
		}
		row, err := locked(ctx, tx, o, id)
		if err != nil {
			return err
		}
		if err := removeEndpoint(ctx, tx, id); err != nil {
			return err
		}
		return s.tell(ctx, tx, row.event("webhook.removed", actor, nil))
	})
	if err == nil {
		s.Log.Wake()
	}
	return err
}
