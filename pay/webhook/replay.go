package webhook

import (
	"cmp"
	"context"
	"time"

	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/event"
)

// The lengths of a page of deliveries.
const (
	limitUsual = 50
	limitMax   = 200
)

// Deliveries returns the log of an endpoint, newest first, without bodies; next is the Before of
// the next page, 0 on the last. Errors: ErrUnknown.
func (s *Service) Deliveries(ctx context.Context, o Owner, id string, f DeliveryFilter) (
	ds []Delivery, next int64, err error,
) {
	limit := min(cmp.Or(f.Limit, limitUsual), limitMax)
	err = s.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		if _, err := find(ctx, tx, o, id); err != nil {
			return err
		}
		ds, err = listDeliveries(ctx, tx, id, f, limit+1)
		return err
	})
	if len(ds) > limit {
		ds = ds[:limit]
		next = ds[limit-1].Seq
	}
	return ds, next, err
}

// Delivery returns one message with its body. Errors: ErrUnknown, ErrDeliveryUnknown.
func (s *Service) Delivery(ctx context.Context, o Owner, id, deliveryID string) (
	d Delivery, err error,
) {
	err = s.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		if _, err := find(ctx, tx, o, id); err != nil {
			return err
		}
		d, err = findDelivery(ctx, tx, id, deliveryID)
		return err
	})
	return d, err
}

// Replay sends a message again, before those that wait, under its own webhook-id.
//
// Errors: ErrUnknown, ErrDeliveryUnknown, ErrNotActive.
func (s *Service) Replay(ctx context.Context, o Owner, actor, id, deliveryID string) (
	d Delivery, err error,
) {
	_, err = s.edit(ctx, o, id, func(
		ctx context.Context, tx *db.Tx, e *endpointRow,
	) (event.Event, error) {
		if err := e.replays(); err != nil {
			return event.Event{}, err
		}
		if d, err = findDelivery(ctx, tx, id, deliveryID); err != nil {
			return event.Event{}, err
		}
		to, ok := deliveries.Next(d.State, onReplay)
		check.That(ok, "webhook: delivery %s is %s and cannot be sent again", d.ID, d.State)
		now := clock.Now()
		d.State, d.Tries, d.Queued, d.Ended = to, 0, now, time.Time{}
		e.Next = now
		if err := again(ctx, tx, d, now); err != nil {
			return event.Event{}, err
		}
		return e.event("webhook.replayed", actor, map[string]any{"delivery": d.ID}), nil
	})
	return d, err
}

// ReplayFailed sends everything again that was given up and happened at or after since, in its
// order, and returns how many.
//
// Errors: ErrUnknown, ErrNotActive.
func (s *Service) ReplayFailed(ctx context.Context, o Owner, actor, id string, since time.Time) (
	n int64, err error,
) {
	_, err = s.edit(ctx, o, id, func(
		ctx context.Context, tx *db.Tx, e *endpointRow,
	) (event.Event, error) {
		if err := e.replays(); err != nil {
			return event.Event{}, err
		}
		now := clock.Now()
		if n, err = againSince(ctx, tx, id, since, now); err != nil {
			return event.Event{}, err
		}
		if n > 0 {
			e.Next = now
		}
		return e.event("webhook.replayed", actor, map[string]any{"since": since.UTC(),
			"count": n}), nil
	})
	return n, err
}

// replays refuses what nobody would send.
func (e *endpointRow) replays() error {
	if e.Status == Active {
		return nil
	}
	return ErrNotActive.Newf("the endpoint is %s: verify it first", e.Status).
		Set("endpoint_status", string(e.Status))
}

// GiveUp gives a message up that waits, so that the next has its turn at once: one that its
// receiver never takes holds up the others for three days otherwise. An attempt that is under way
// may still arrive. Replay sends it again.
//
// Errors: ErrUnknown, ErrDeliveryUnknown, ErrNotWaiting.
func (s *Service) GiveUp(ctx context.Context, o Owner, actor, id, deliveryID string) (
	d Delivery, err error,
) {
	_, err = s.edit(ctx, o, id, func(
		ctx context.Context, tx *db.Tx, e *endpointRow,
	) (event.Event, error) {
		if d, err = findDelivery(ctx, tx, id, deliveryID); err != nil {
			return event.Event{}, err
		}
		to, ok := deliveries.Next(d.State, onGiveUp)
		if !ok {
			return event.Event{}, ErrNotWaiting.Newf("the message is %s", d.State).
				Set("state", string(d.State))
		}
		now := clock.Now()
		d.State, d.Ended, d.Note = to, now, "given up by its owner"
		if e.Status == Active {
			e.Next = now
		}
		if err := endByHand(ctx, tx, d); err != nil {
			return event.Event{}, err
		}
		return e.event("webhook.skipped", actor, map[string]any{"delivery": d.ID,
			"kind": d.Kind, "subject": d.Subject}), nil
	})
	return d, err
}
