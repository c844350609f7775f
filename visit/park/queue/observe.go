package queue

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"watari/kit/db"
	"watari/kit/event"
	"watari/kit/fault"
	"watari/kit/id"
)

// Count is what a sensor counted at a place in one minute. What it does not count is nil: zero is a
// count, and says that the sensor lives.
type Count struct {
	// Place is the id or the code of the place.
	Place string
	// Minute is the begin of the minute; seconds are cut off.
	Minute time.Time
	// Entered joined the line; Served left it at its head: boarded, called to a window. Back left
	// it the way they came.
	Entered, Served, Back *int64
	// InLine is how many a camera saw in line at the end of the minute.
	InLine *int64
	// Cycles is how many dispatches left.
	Cycles *int64
}

// Limits of what sensors send.
const (
	// CountsMax is the most counts in one call.
	CountsMax = 2000
	// countMost is the most people in one count.
	countMost = 20_000
	// lateMost is how old a count may be: what was collected while a line was cut is taken.
	lateMost = 8 * 24 * time.Hour
	// earlyMost is how far a sensor's clock may be ahead.
	earlyMost = 2 * time.Minute
	// SensorMax is the longest name of a sensor, in characters.
	SensorMax = 64
)

// placed is a count whose place was found.
type placed struct {
	Count
	placeID string
}

// Observe keeps what a sensor counted, and returns how many counts that were. A repeat replaces
// what the same sensor said of the same minute; counts of several sensors of one place are added
// up. Either all is taken, or nothing.
//
// Errors: ErrUnknown for park and places, ErrCounts.
func (q *Queues) Observe(
	ctx context.Context, parkID, sensor string, counts []Count,
) (taken int, err error) {
	park, err := q.park(ctx, parkID)
	if err != nil {
		return 0, err
	}
	if err := sensorName(sensor); err != nil {
		return 0, err
	}
	if len(counts) < 1 || len(counts) > CountsMax {
		return 0, ErrCounts.Newf("a call has 1 to %d counts", CountsMax)
	}
	now := q.now()
	oldest := now
	var kept []placed
	err = q.cfg.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		all, err := placesOf(ctx, tx, park.ID)
		if err != nil {
			return err
		}
		if kept, err = place(all, counts, now); err != nil {
			return err
		}
		return keepCounts(ctx, tx, sensor, kept)
	})
	if err != nil {
		return 0, fmt.Errorf("keep counts: %w", err)
	}
	for _, k := range kept {
		if k.Minute.Before(oldest) {
			oldest = k.Minute
		}
	}
	q.touch(park.ID, oldest)
	return len(kept), nil
}

func sensorName(s string) error {
	if s == "" || utf8.RuneCountInString(s) > SensorMax || strings.TrimSpace(s) != s ||
		strings.ContainsFunc(s, func(r rune) bool { return r < ' ' }) {
		return ErrCounts.Newf("the counts cannot be taken").At("/sensor",
			fmt.Sprintf("has 1 to %d characters", SensorMax))
	}
	return nil
}

// place finds the places of counts and refuses what cannot be. Of two counts of one minute and
// place the later in the list counts.
func place(all []Place, counts []Count, now time.Time) ([]placed, error) {
	byName := map[string]string{}
	for _, p := range all {
		byName[p.ID], byName[p.Code] = p.ID, p.ID
	}
	type key struct {
		place  string
		minute int64
	}
	at := map[key]int{}
	kept := make([]placed, 0, len(counts))
	for i, c := range counts {
		placeID, ok := byName[c.Place]
		pointer := fmt.Sprintf("/counts/%d", i)
		if !ok {
			return nil, ErrUnknown.Newf("the park has no queue of this name").At(
				pointer+"/queue", "is none of the park's")
		}
		c.Minute = c.Minute.UTC().Truncate(time.Minute)
		if c.Minute.After(now.Add(earlyMost)) || now.Sub(c.Minute) > lateMost {
			return nil, ErrCounts.Newf("a minute is in the future, or more than 8 days old").At(
				pointer+"/minute", "is no minute of the last 8 days")
		}
		if err := c.check(pointer); err != nil {
			return nil, err
		}
		k := key{placeID, c.Minute.Unix()}
		if j, twice := at[k]; twice {
			kept[j] = placed{c, placeID}
			continue
		}
		at[k] = len(kept)
		kept = append(kept, placed{c, placeID})
	}
	return kept, nil
}

func (c Count) check(pointer string) error {
	var wrong *fault.Error
	some := false
	for _, one := range []struct {
		name string
		n    *int64
	}{{"entered", c.Entered}, {"served", c.Served}, {"back", c.Back}, {"in_line", c.InLine},
		{"cycles", c.Cycles}} {
		if one.n == nil {
			continue
		}
		some = true
		if *one.n < 0 || *one.n > countMost {
			if wrong == nil {
				wrong = ErrCounts.Newf("the counts cannot be taken")
			}
			wrong = wrong.At(pointer+"/"+one.name, fmt.Sprintf("is 0 to %d", countMost))
		}
	}
	switch {
	case wrong != nil:
		return wrong
	case !some:
		return ErrCounts.Newf("a count counts nothing").At(pointer,
			"has at least one of entered, served, back, in_line and cycles")
	}
	return nil
}

// Sample is a rider with a timed token: handed out at the tail of the line, taken back at its head.
type Sample struct {
	// Place is the id or the code of the place.
	Place          string
	Joined, Served time.Time
}

// Sample keeps what timed riders found, for Accuracy, and returns how many were new.
//
// Errors: ErrUnknown for park and places, ErrCounts.
func (q *Queues) Sample(
	ctx context.Context, parkID, sensor string, samples []Sample,
) (fresh int, err error) {
	park, err := q.park(ctx, parkID)
	if err != nil {
		return 0, err
	}
	if err := sensorName(sensor); err != nil {
		return 0, err
	}
	if len(samples) < 1 || len(samples) > CountsMax {
		return 0, ErrCounts.Newf("a call has 1 to %d samples", CountsMax)
	}
	now := q.now()
	err = q.cfg.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		all, err := placesOf(ctx, tx, park.ID)
		if err != nil {
			return err
		}
		byName := map[string]string{}
		for _, p := range all {
			byName[p.ID], byName[p.Code] = p.ID, p.ID
		}
		ids := make([]string, len(samples))
		for i, s := range samples {
			at := fmt.Sprintf("/samples/%d", i)
			if ids[i] = byName[s.Place]; ids[i] == "" {
				return ErrUnknown.Newf("the park has no queue of this name").At(at+"/queue",
					"is none of the park's")
			}
			wait := s.Served.Sub(s.Joined)
			if wait < 0 || wait > mostMinutes*time.Minute || s.Served.After(now.Add(earlyMost)) ||
				now.Sub(s.Joined) > lateMost {
				return ErrCounts.Newf("a sample cannot be true").At(at,
					"is served at most 8 hours after it joined, within the last 8 days")
			}
		}
		n, err := keepSamples(ctx, tx, ids, sensor, samples)
		fresh = int(n)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("keep samples: %w", err)
	}
	return fresh, nil
}

// Post is what somebody of the staff says about a place. At least one of State, Minutes, TimedOnly
// and Windows is given.
type Post struct {
	// ID and At are made here.
	ID              string
	ParkID, PlaceID string // PlaceID may be the code
	At              time.Time
	// State is operating, down, closed or refurbishment; "" leaves it.
	State State
	// Minutes is the wait of who joins now, 0 to 480. With AtMost it is "at most".
	Minutes *int64
	AtMost  bool
	// TimedOnly says that only people with a time on their ticket are let in: nobody can wait.
	TimedOnly bool
	// Windows is how many windows or lanes are open, of a counter or entrance.
	Windows *int64
	// Note is for colleagues, at most 200 characters.
	Note  string
	Actor string
}

// Post keeps what staff say and shows it at once.
//
// Errors: ErrUnknown, ErrInvalid.
func (q *Queues) Post(ctx context.Context, p Post) (Wait, error) {
	park, err := q.park(ctx, p.ParkID)
	if err != nil {
		return Wait{}, err
	}
	p.ParkID, p.ID, p.At = park.ID, id.New("qpo", int(park.AcquirerNo)), q.now()
	err = q.update(ctx, park, func(ctx context.Context, tx *db.Tx) ([]event.Event, error) {
		at, err := placeOf(ctx, tx, park.ID, p.PlaceID)
		if err != nil {
			return nil, err
		}
		p.PlaceID = at.ID
		if err := p.check(at); err != nil {
			return nil, err
		}
		if err := insertPost(ctx, tx, p); err != nil {
			return nil, err
		}
		e, err := happened("queue.posted", at.ID, p.Actor, told{Park: park.ID, Code: at.Code,
			State: p.State})
		return []event.Event{e}, err
	})
	if err != nil {
		return Wait{}, fmt.Errorf("post: %w", err)
	}
	if err := q.Tick(ctx, park.ID); err != nil {
		return Wait{}, err
	}
	all, err := q.Live(ctx, park.ID)
	for _, w := range all {
		if w.Place.ID == p.PlaceID {
			return w, err
		}
	}
	return Wait{}, err
}

func (p Post) check(at Place) error {
	var wrong *fault.Error
	refuse := func(pointer, text string) {
		if wrong == nil {
			wrong = ErrInvalid.Newf("this cannot be posted")
		}
		wrong = wrong.At(pointer, text)
	}
	if p.State == "" && p.Minutes == nil && !p.TimedOnly && p.Windows == nil {
		refuse("", "has at least one of state, minutes, timed_only and windows")
	}
	switch p.State {
	case "", Operating, Down, Closed, Refurbishment:
	default:
		refuse("/state", "is operating, down, closed or refurbishment")
	}
	if p.Minutes != nil && (*p.Minutes < 0 || *p.Minutes > mostMinutes) {
		refuse("/minutes", "is 0 to 480")
	}
	if p.Minutes != nil && (p.State != "" && p.State != Operating || p.TimedOnly) {
		refuse("/minutes", "goes with a place that takes people who wait")
	}
	if p.AtMost && p.Minutes == nil {
		refuse("/at_most", "goes with minutes")
	}
	if p.Windows != nil && (at.Kind == Ride || *p.Windows < 1 || *p.Windows > 100) {
		refuse("/windows", "is 1 to 100, at a counter or entrance")
	}
	if utf8.RuneCountInString(p.Note) > 200 || !utf8.ValidString(p.Note) {
		refuse("/note", "has at most 200 characters")
	}
	if wrong == nil {
		return nil
	}
	return wrong
}

// Posts lists what staff of a park said on a park day, the oldest first.
//
// Errors: ErrUnknown, ErrDay.
func (q *Queues) Posts(ctx context.Context, parkID, day string) (all []Post, err error) {
	park, err := q.park(ctx, parkID)
	if err != nil {
		return nil, err
	}
	start, ok := DayStart(day)
	if !ok {
		return nil, noDay(day)
	}
	err = q.view(ctx, func(ctx context.Context, tx *db.Tx) error {
		all, err = postsOf(ctx, tx, park.ID, start, start.Add(24*time.Hour))
		return err
	})
	return all, err
}

func noDay(day string) error {
	return ErrDay.Newf("%q is no day like 2026-11-23", day)
}
