package queue

import (
	"context"
	"errors"
	"fmt"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/event"
)

func japan(t time.Time) string { return t.In(clock.JST).Format("15:04") + " JST" }

// Numbers returns the virtual queue of a place.
//
// Errors: ErrUnknown, ErrVirtualNone.
func (q *Queues) Numbers(ctx context.Context, parkID, placeID string) (l Line, err error) {
	park, err := q.park(ctx, parkID)
	if err != nil {
		return l, err
	}
	err = q.view(ctx, func(ctx context.Context, tx *db.Tx) error {
		var p Place
		if p, l, err = q.lineAt(ctx, tx, park.ID, placeID); err != nil {
			return err
		}
		return q.reckonLine(ctx, tx, p, &l, q.now())
	})
	return l, err
}

// reckonLine fills in what is not kept of a virtual queue.
func (q *Queues) reckonLine(
	ctx context.Context, tx *db.Tx, p Place, l *Line, now time.Time,
) (err error) {
	if l.Waiting, l.Called, err = waitingAt(ctx, tx, p.ID, l.Day); err != nil {
		return err
	}
	l.Left = -1
	if p.Virtual.DayMax > 0 {
		l.Left = max(0, p.Virtual.DayMax-l.Given)
	}
	if !now.Before(l.DrawAt) {
		l.DrawAt = time.Time{}
	}
	if rate := q.callRate(p, nil); l.State == LineOpen && l.Left != 0 && rate > 0 {
		wait := time.Duration(float64(l.Waiting) / rate * float64(time.Minute))
		l.NextFrom = now.Add(wait + p.Virtual.Lead).Truncate(time.Minute)
		l.NextTo = l.NextFrom.Add(p.Virtual.Window)
	}
	return nil
}

// linesOf returns the virtual queues of places, by place; those that offer none have none.
func (q *Queues) linesOf(
	ctx context.Context, tx *db.Tx, park Park, places []Place, now time.Time,
) (map[string]*Line, error) {
	found := map[string]*Line{}
	for _, p := range places {
		if !p.Virtual.Offered {
			continue
		}
		l, err := lineOf(ctx, tx, p)
		if err != nil {
			return nil, err
		}
		if err := q.reckonLine(ctx, tx, p, &l, now); err != nil {
			return nil, err
		}
		found[p.ID] = &l
	}
	return found, nil
}

// Steer does something to a virtual queue: "open", "stop_giving", "pause", "resume" or "close". One
// that gave no more numbers before its pause gives none after it. Opening begins the day's draw;
// pausing holds the return windows, resuming moves them by the pause; closing lapses all numbers.
//
// Errors: ErrUnknown, ErrVirtualNone, ErrVirtualStep.
func (q *Queues) Steer(
	ctx context.Context, parkID, placeID, step, actor string,
) (l Line, err error) {
	park, err := q.park(ctx, parkID)
	if err != nil {
		return l, err
	}
	err = q.update(ctx, park, func(ctx context.Context, tx *db.Tx) ([]event.Event, error) {
		var p Place
		if p, l, err = q.lineAt(ctx, tx, park.ID, placeID); err != nil {
			return nil, err
		}
		evs, err := q.steer(ctx, tx, p, &l, lineStep(step), actor)
		if err != nil {
			return nil, err
		}
		return evs, q.reckonLine(ctx, tx, p, &l, q.now())
	})
	if err != nil {
		return l, fmt.Errorf("steer virtual queue: %w", err)
	}
	return l, nil
}

// lineTold is the data of events about virtual queues.
type lineTold struct {
	Park  string    `json:"park"`
	State LineState `json:"state"`
}

// steer does a step and keeps it.
func (q *Queues) steer(
	ctx context.Context, tx *db.Tx, p Place, l *Line, s lineStep, actor string,
) (evs []event.Event, err error) {
	if s == lineResumes && l.wasFull {
		s = lineRefills
	}
	to, ok := lines.Next(l.State, s)
	if !ok {
		return nil, ErrVirtualStep.Newf("it is %s", l.State)
	}
	now := q.now()
	was := l.State
	l.State = to
	switch s {
	case lineOpens:
		if day := DayOf(now); was == LineClosed && l.Day != day {
			*l = Line{PlaceID: l.PlaceID, ParkID: l.ParkID, State: to, Day: day,
				version: l.version}
		}
		if was == LineClosed {
			l.OpenedAt, l.DrawAt = now, now.Add(p.Virtual.Draw)
		}
		l.reckoned = now
	case linePauses:
		l.PausedAt, l.wasFull = now, was == LineFull
	case lineResumes, lineRefills:
		err = shiftWindows(ctx, tx, p, l.PausedAt, now.Sub(l.PausedAt))
		l.PausedAt, l.pausedByState, l.reckoned = time.Time{}, false, now
		l.wasFull = false
	case lineCloses:
		l.PausedAt, l.pausedByState, l.wasFull = time.Time{}, false, false
		evs, err = q.lapse(ctx, tx, p, false, now)
	case lineFills:
	}
	if err != nil {
		return nil, err
	}
	if err := updateLine(ctx, tx, *l); err != nil {
		return nil, err
	}
	e, err := happened("queue.virtual_"+string(to), p.ID, actor, lineTold{l.ParkID, to})
	return append(evs, e), err
}

// closeLine closes the virtual queue of a place that ends, or offers none any more.
func (q *Queues) closeLine(ctx context.Context, tx *db.Tx, p Place) error {
	l, err := lineOf(ctx, tx, p)
	if err != nil || l.State == LineClosed {
		return err
	}
	return q.steerQuietly(ctx, tx, p, &l, lineCloses)
}

// heedState lets the virtual queue of a place follow its state: a breakdown pauses it, its end
// resumes what it paused, and a place that closes for the day has no queue any more.
func (q *Queues) heedState(ctx context.Context, tx *db.Tx, p Place, s State) error {
	if !p.Virtual.Offered {
		return nil
	}
	l, err := lineOf(ctx, tx, p)
	if err != nil {
		return err
	}
	switch {
	case s == Down && (l.State == LineOpen || l.State == LineFull):
		l.pausedByState = true
		return q.steerQuietly(ctx, tx, p, &l, linePauses)
	case s == Operating && l.State == LinePaused && l.pausedByState:
		return q.steerQuietly(ctx, tx, p, &l, lineResumes)
	case (s == Closed || s == Refurbishment) && l.State != LineClosed:
		return q.steerQuietly(ctx, tx, p, &l, lineCloses)
	}
	return nil
}

// steerQuietly is steer inside a transaction that writes its own events afterwards.
func (q *Queues) steerQuietly(
	ctx context.Context, tx *db.Tx, p Place, l *Line, s lineStep,
) error {
	evs, err := q.steer(ctx, tx, p, l, s, "system")
	if err != nil {
		return err
	}
	for i := range evs {
		evs[i].At = q.now()
	}
	return q.cfg.Log.Append(ctx, tx, q.cfg.Lane, evs)
}

// lapse ends numbers that can no longer be used: with onlyLate those whose window and grace are
// over, else all that are held.
func (q *Queues) lapse(
	ctx context.Context, tx *db.Tx, p Place, onlyLate bool, now time.Time,
) (evs []event.Event, err error) {
	held, err := heldAt(ctx, tx, p.ID)
	if err != nil {
		return nil, err
	}
	for _, t := range held {
		if onlyLate && (t.State != Called || !now.After(t.To.Add(p.Virtual.Grace))) {
			continue
		}
		e, err := q.end(ctx, tx, &t, ticketLapsed, "system")
		if err != nil {
			return nil, err
		}
		evs = append(evs, e)
	}
	return evs, nil
}

// serveNumbers calls numbers of a park whose turn it is, and lapses those that are over.
func (q *Queues) serveNumbers(ctx context.Context, park Park) error {
	var due []Place
	err := q.view(ctx, func(ctx context.Context, tx *db.Tx) error {
		all, err := placesOf(ctx, tx, park.ID)
		if err != nil {
			return err
		}
		due = due[:0]
		for _, p := range all {
			if !p.Virtual.Offered {
				continue
			}
			if l, err := lineOf(ctx, tx, p); err != nil {
				return err
			} else if l.State != LineClosed {
				due = append(due, p)
			}
		}
		return nil
	})
	if err != nil || len(due) == 0 {
		return err
	}
	return q.CallNumbers(ctx, park.ID)
}

// CallNumbers calls the numbers of a park whose turn it is now, and lapses those that are over. Run
// does it by itself.
//
// Errors: ErrUnknown for the park.
func (q *Queues) CallNumbers(ctx context.Context, parkID string) error {
	park, err := q.park(ctx, parkID)
	if err != nil {
		return err
	}
	shut, err := q.shut(ctx, park.ID)
	if err != nil {
		return err
	}
	return q.update(ctx, park, func(ctx context.Context, tx *db.Tx) (evs []event.Event, err error) {
		places, err := placesOf(ctx, tx, park.ID)
		if err != nil {
			return nil, err
		}
		now := q.now()
		last, err := newestOf(ctx, tx, places, now.Add(-5*time.Minute), now.Add(time.Minute))
		if err != nil {
			return nil, err
		}
		for _, p := range places {
			if !p.Virtual.Offered {
				continue
			}
			var m *Moment
			if found, ok := last[p.ID]; ok {
				m = &found
			}
			if shut[p.Code] {
				m = &Moment{PlaceID: p.ID, At: now, State: Closed}
			}
			more, err := q.callAt(ctx, tx, p, m, now)
			if err != nil {
				return nil, err
			}
			evs = append(evs, more...)
		}
		return evs, nil
	})
}

// callAt calls the numbers of one place.
func (q *Queues) callAt(
	ctx context.Context, tx *db.Tx, p Place, m *Moment, now time.Time,
) (evs []event.Event, err error) {
	l, err := lineOf(ctx, tx, p)
	if err != nil || l.State == LineClosed {
		return nil, err
	}
	if l.Day != DayOf(now) {
		return q.steer(ctx, tx, p, &l, lineCloses, "system")
	}
	if l.State == LinePaused {
		return nil, nil
	}
	if evs, err = q.lapse(ctx, tx, p, true, now); err != nil {
		return nil, err
	}
	begin := l.reckoned
	if l.DrawAt.After(begin) {
		begin = l.DrawAt
	}
	if !now.After(begin) {
		return evs, nil
	}
	if m != nil && (m.State == Closed || m.State == Down || m.State == Refurbishment) {
		l.reckoned = now // opened before the place is: nobody is called to a closed door
		return evs, updateLine(ctx, tx, l)
	}
	rate := q.callRate(p, m)
	most := int64(max(newCurve(p, learned{}).boarding(), float64(p.Virtual.PartyMax))) * million
	l.credit = min(l.credit+earned(rate, now.Sub(begin)), max(most, earned(rate, 2*time.Minute)))
	l.reckoned = now
	for {
		t, err := nextTurn(ctx, tx, p.ID)
		if errors.Is(err, db.ErrNoRows) {
			break
		}
		if err != nil {
			return nil, err
		}
		if peopleOf(l.credit) < t.Party {
			break // who is first is called first, even when a smaller party would fit
		}
		l.credit -= t.Party * million
		was := t.State
		to, _ := tickets.Next(was, ticketCalled)
		t.State, t.From = to, now.Add(p.Virtual.Lead)
		t.To = t.From.Add(p.Virtual.Window)
		t.calledAt = now
		if err := updateTicket(ctx, tx, t, was); err != nil {
			return nil, err
		}
		e, err := numberEvent(t, "system")
		if err != nil {
			return nil, err
		}
		evs = append(evs, e)
	}
	return evs, updateLine(ctx, tx, l)
}

// List lists the numbers of a place that are held now, in the order of calling.
//
// Errors: ErrUnknown, ErrVirtualNone.
func (q *Queues) List(ctx context.Context, parkID, placeID string) (all []Ticket, err error) {
	park, err := q.park(ctx, parkID)
	if err != nil {
		return nil, err
	}
	err = q.view(ctx, func(ctx context.Context, tx *db.Tx) error {
		p, _, err := q.lineAt(ctx, tx, park.ID, placeID)
		if err != nil {
			return err
		}
		all, err = heldAt(ctx, tx, p.ID)
		for i := range all {
			all[i].Drawn = all[i].State == Called
			if !all[i].To.IsZero() {
				all[i].Until = all[i].To.Add(p.Virtual.Grace)
			}
		}
		return err
	})
	return all, err
}
