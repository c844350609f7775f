package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/event"
)

// record keeps how an attempt went and returns the next message when it is to be sent at once.
// Whoever holds the endpoint no longer keeps the attempt only.
func (s *Service) record(ctx context.Context, j job, a attempt, goOn bool) (*job, error) {
	var next *job
	var told bool
	now := clock.Now()
	err := s.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		next, told = nil, false
		row, err := lockEndpoint(ctx, tx, j.ID)
		if errors.Is(err, db.ErrNoRows) {
			return nil // removed meanwhile
		}
		if err != nil {
			return err
		}
		pause := scatter(pauseAfter(s.Pauses, row.Fails+1))
		v := judge(j.delivery, a, pause, now)
		d := ended(j.delivery, a, v, now)
		kept, err := updateDelivery(ctx, tx, d, j.delivery.Tries)
		if err != nil {
			return err
		}
		if row.turn != j.turn {
			return nil // another node holds it
		}
		// Its owner switched it off, or moved it: what another address said is nothing to this one.
		if row.Status != Active || row.URL != j.URL {
			row.heldUntil = time.Time{}
			return updateEndpoint(ctx, tx, row)
		}
		evs := row.learn(a, v, d, now)
		if next, err = s.next(ctx, tx, &row, v, goOn && row.slow == j.slow, now); err != nil {
			return err
		}
		if !kept && row.Status == Active && v.step == onFailure {
			row.Next = now // its owner gave the message up, or sends it again: nothing to wait for
		}
		if err := updateEndpoint(ctx, tx, row); err != nil {
			return err
		}
		told = len(evs) > 0
		return s.Log.Append(ctx, tx, s.Lane, evs)
	})
	if err != nil {
		return nil, err
	}
	if told {
		s.Log.Wake()
		s.Logger.Error("webhook endpoint takes no messages", "endpoint", j.ID,
			"acquirer", j.AcquirerNo, "delivery", j.delivery.ID, "why", a.note)
	}
	return next, nil
}

// ended returns a delivery as it is after an attempt.
func ended(d Delivery, a attempt, v verdict, now time.Time) Delivery {
	to, ok := deliveries.Next(d.State, v.step)
	check.That(ok, "webhook: delivery %s is %s and cannot %s", d.ID, d.State, v.step)
	d.State, d.Tries, d.LastTry = to, d.Tries+1, now
	d.Answer, d.Took, d.Note, d.Excerpt = a.status, a.took, a.note, a.body
	if to != Waiting {
		d.Ended = now
	}
	return d
}

// learn changes an endpoint by what an attempt showed, and returns what others should hear of it.
func (e *endpointRow) learn(a attempt, v verdict, d Delivery, now time.Time) []event.Event {
	if v.step == onTaken {
		e.Fails, e.FailingSince, e.LastOK = 0, time.Time{}, now
		e.alarmed, e.slow = false, a.took > slowAfter
		return nil
	}
	e.Fails++
	e.slow = true
	if e.FailingSince.IsZero() {
		e.FailingSince = now
	}
	var evs []event.Event
	if v.step == onEnd && !e.alarmed {
		e.alarmed = true
		evs = append(evs, e.event("webhook.given_up", "system:webhook", map[string]any{
			"delivery": d.ID, "kind": d.Kind, "subject": d.Subject, "why": d.Note}))
	}
	switch {
	case a.status == gone:
		e.turnTo(onGone)
		e.Note = "it answered 410: it wants no more messages"
	case v.step == onEnd && now.Sub(e.FailingSince) >= SilentFor:
		e.turnTo(onSilence)
		e.Note = "it took no message for 7 days"
	default:
		return evs
	}
	return append(evs, e.event("webhook.disabled", "system:webhook",
		map[string]any{"why": e.Note}))
}

// turnTo moves an endpoint one step; unless it is active then, nothing is due.
func (e *endpointRow) turnTo(c change) {
	to, ok := statuses.Next(e.Status, c)
	check.That(ok, "webhook: endpoint %s is %s and has no %s", e.ID, e.Status, c)
	if e.Status = to; to != Active {
		e.Next = time.Time{}
	}
}

// event is an event about an endpoint.
func (e *endpointRow) event(kind, actor string, more map[string]any) event.Event {
	data := map[string]any{"url": e.URL}
	if e.MerchantNo != 0 {
		data["merchant"] = e.MerchantNo
	}
	for name, v := range more {
		data[name] = v
	}
	text, err := json.Marshal(data)
	check.That(err == nil, "webhook: write the event's data: %v", err)
	return event.Event{Kind: kind, Subject: e.ID, AcquirerNo: e.AcquirerNo, Actor: actor,
		Data: text}
}

// next says what the endpoint's queue does after an attempt: go on at once, wait, or rest.
func (s *Service) next(
	ctx context.Context, tx *db.Tx, row *endpointRow, v verdict, goOn bool, now time.Time,
) (*job, error) {
	row.heldUntil = time.Time{}
	if row.Status != Active {
		return nil, nil
	}
	if v.step == onFailure {
		row.Next = v.next
		return nil, nil
	}
	d, err := head(ctx, tx, row.ID)
	switch {
	case errors.Is(err, db.ErrNoRows):
		row.Next = time.Time{}
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read the next message: %w", err)
	}
	if row.Next = now; !goOn {
		return nil, nil
	}
	row.heldUntil = now.Add(s.Hold)
	return &job{*row, d}, nil
}

// sweep forgets what was queued long ago.
func (s *Service) sweep(ctx context.Context) error {
	now := clock.Now()
	if now.Sub(s.swept) < sweepIn {
		return nil
	}
	s.swept = now
	for {
		var n int64
		err := s.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
			n, err = forget(ctx, tx, now.Add(-KeptFor))
			return err
		})
		if err != nil || n < forgetMax {
			return err
		}
	}
}
