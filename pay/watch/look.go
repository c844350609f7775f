package watch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/event"
)

// Look runs every check once, reads what happened, and writes what became of the alerts.
func (w *Watch) Look(ctx context.Context) error {
	w.looking.Lock()
	defer w.looking.Unlock()
	found, next, err := w.follow(ctx)
	if err != nil {
		return fmt.Errorf("follow events: %w", err)
	}
	covered := map[Kind]bool{}
	var failed error
	for _, c := range w.checks() {
		more, err := c.Look(ctx)
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("look for %s: %w", c.Kinds[0], err))
			continue
		}
		for _, k := range c.Kinds {
			covered[k] = true
		}
		found = append(found, more...)
	}
	if err := w.settle(ctx, found, covered, next); err != nil {
		return errors.Join(failed, fmt.Errorf("write alerts: %w", err))
	}
	w.mu.Lock()
	w.at = next
	w.mu.Unlock()
	return failed
}

// settle writes what conditions make of the alerts, and the place in the log (W6).
func (w *Watch) settle(
	ctx context.Context, found []Condition, covered map[Kind]bool, place event.Cursor,
) error {
	now := clock.FromMicros(clock.Micros(clock.Now()))
	weigh := func(ctx context.Context, tx *db.Tx) ([]move, error) {
		stored, err := stored(ctx, tx)
		if err != nil {
			return nil, err
		}
		if err := w.addEnded(ctx, tx, stored, found); err != nil {
			return nil, err
		}
		return judge(stored, found, covered, now)
	}
	var moves []move
	err := w.cfg.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		moves, err = weigh(ctx, tx)
		return err
	})
	if err != nil || len(moves) == 0 && place.String() == w.kept {
		return err
	}
	err = w.cfg.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		moves, err := weigh(ctx, tx)
		if err != nil {
			return err
		}
		told, err := write(ctx, tx, moves)
		if err != nil {
			return err
		}
		if err := keepPlace(ctx, tx, place); err != nil {
			return err
		}
		return w.tell(ctx, tx, told, System)
	})
	if errors.Is(err, errLost) {
		return nil
	}
	if err == nil {
		w.kept = place.String()
		w.cfg.Log.Wake()
	}
	return err
}

// addEnded adds when the newest alerts of lasting conditions ended (W4).
func (w *Watch) addEnded(
	ctx context.Context, tx *db.Tx, stored map[about]known, found []Condition,
) error {
	for _, c := range found {
		at := about{c.Kind, c.Subject}
		k := stored[at]
		if !c.Kind.Lasting() || k.live != nil {
			continue
		}
		last, err := lastEnded(ctx, tx, at)
		if err != nil {
			return err
		}
		k.ended = last
		stored[at] = k
	}
	return nil
}

// write stores moves and returns those that are steps. Of two nodes that raise one alert one does.
func write(ctx context.Context, tx *db.Tx, moves []move) (told []move, err error) {
	for _, m := range moves {
		if m.was == "" {
			fresh, err := insert(ctx, tx, m.Alert)
			if err != nil {
				return nil, err
			}
			if fresh {
				told = append(told, m)
			}
			continue
		}
		if err := update(ctx, tx, m.Alert, m.was); err != nil {
			return nil, err
		}
		if m.step != "" {
			told = append(told, m)
		}
	}
	return told, nil
}

// tell appends an event for each step (W5).
func (w *Watch) tell(ctx context.Context, tx *db.Tx, moves []move, actor string) error {
	evs := make([]event.Event, len(moves))
	for i, m := range moves {
		kind := "alert." + string(m.State)
		if m.was != "" && m.State == Open {
			kind = "alert.worsened"
		}
		data, err := json.Marshal(map[string]any{"alert": m.ID, "kind": m.Kind,
			"severity": m.Severity, "note": m.Note, "facts": m.Data})
		if err != nil {
			return fmt.Errorf("write event data: %w", err)
		}
		evs[i] = event.Event{At: clock.Now(), Kind: kind, Subject: m.Subject, Actor: actor,
			Data: data}
	}
	if err := w.cfg.Log.Append(ctx, tx, w.cfg.Lane, evs); err != nil {
		return fmt.Errorf("append events: %w", err)
	}
	return nil
}

// eventsMost is how many events one look reads.
const eventsMost = 500

// follow returns what happened since the last look, and the place after it. Where no place was
// kept, it begins with what happens from now on.
func (w *Watch) follow(ctx context.Context) ([]Condition, event.Cursor, error) {
	w.mu.Lock()
	at, read := w.at, w.read
	w.mu.Unlock()
	if !read {
		var err error
		if at, err = w.resume(ctx); err != nil {
			return nil, at, err
		}
		w.mu.Lock()
		w.at, w.read = at, true
		w.mu.Unlock()
	}
	kinds := make([]string, len(happened))
	for i, k := range happened {
		kinds[i] = string(k)
	}
	evs, next, err := w.cfg.Log.Read(ctx, at, event.Filter{Kinds: kinds}, eventsMost)
	if err != nil {
		return nil, at, err
	}
	byThing := map[about]int{}
	var found []Condition
	for _, e := range evs {
		c := Condition{Kind: Kind(e.Kind), Subject: e.Subject, Severity: Urgent, At: e.At,
			Times: 1, Data: json.RawMessage(e.Data)}
		if c.Kind == HookGivenUp {
			c.Severity = Warning
		}
		if i, ok := byThing[about{c.Kind, c.Subject}]; ok { // one a thing: the newest counts
			found[i] = c
			continue
		}
		byThing[about{c.Kind, c.Subject}] = len(found)
		found = append(found, c)
	}
	return found, next, nil
}

// resume finds the place from which to go on.
func (w *Watch) resume(ctx context.Context) (at event.Cursor, err error) {
	known := false
	err = w.cfg.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		at, known, err = readPlace(ctx, tx)
		return err
	})
	if err != nil || known {
		return at, err
	}
	return w.cfg.Log.Head(ctx)
}

// keptEnded is how long alerts that ended can be looked at.
const keptEnded = 400 * 24 * time.Hour
