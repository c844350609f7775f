package queue

import (
	"context"
	"time"

	"watari/kit/db"
)

// Moment is what was found about a place in a minute.
type Moment struct {
	PlaceID string
	At      time.Time
	State   State
	// Wait, Low and High are seconds, nil when no wait is known: four of five people wait between
	// Low and High.
	Wait, Low, High *int64
	// Shown is what the board showed, in minutes.
	Shown *int64
	// AtMost says that Shown is a bound; TimedOnly that nobody can wait.
	AtMost, TimedOnly bool
	// InLine is how many people stand in line; nil when no line is counted.
	InLine *int64
	Method Method
	Source Source
	// ObservedAt is when that was seen on which it rests; zero when nothing was.
	ObservedAt time.Time
}

// Wait is what somebody who thinks of joining is told about a place.
type Wait struct {
	Place Place
	State State
	// Minutes is the wait as it is shown, rounded up. nil while State is Operating says that the
	// length is not known: show Last and LastAt, never 0. 0 is: walk on. In every other state it
	// is nil, because a place that takes nobody has no wait.
	Minutes *int64
	// AtMost says that Minutes is a bound ("10 minutes or less").
	AtMost bool
	// TimedOnly says that only people with a time on their ticket are let in.
	TimedOnly bool
	// Low and High are minutes between which four of five people wait; nil without Minutes.
	Low, High *int64
	// ObservedAt is when that was seen on which it rests; zero when nothing was today.
	ObservedAt time.Time
	Source     Source
	Method     Method
	Fresh      Freshness
	// Last is the last wait that was known today, LastAt when; nil when there was none, and of a
	// place that is closed.
	Last   *int64
	LastAt time.Time
	// Trend compares with a quarter of an hour before: -1 shorter, 1 longer, 0 alike or not known.
	Trend int
	// InLine is how many people stand in line, nil when it is not known.
	InLine *int64
	// Virtual is the place's virtual queue; nil when it has none.
	Virtual *Line
	// Shut tells that the map of the park says that the place is closed until further notice. Then
	// State is Closed, whatever was counted and posted.
	Shut bool
}

// board is what Live answered, with when it was read.
type board struct {
	at    time.Time
	waits []Wait
}

// boardLife is how long an answer of Live is given again.
const boardLife = time.Second

// Live returns how long people wait at each place of a park now, in the order of Places. An answer
// is at most a second old.
//
// Errors: ErrUnknown for the park.
func (q *Queues) Live(ctx context.Context, parkID string) ([]Wait, error) {
	park, err := q.park(ctx, parkID)
	if err != nil {
		return nil, err
	}
	now := q.now()
	q.mu.Lock()
	b := q.boards[park.ID]
	q.mu.Unlock()
	if b != nil && !now.Before(b.at) && now.Sub(b.at) < boardLife {
		return append([]Wait(nil), b.waits...), nil
	}
	waits, err := q.read(ctx, park, now)
	if err != nil {
		return nil, err
	}
	q.mu.Lock()
	q.boards[park.ID] = &board{now, waits}
	q.mu.Unlock()
	return append([]Wait(nil), waits...), nil
}

// read draws a board from what is kept.
func (q *Queues) read(ctx context.Context, park Park, now time.Time) (waits []Wait, err error) {
	start, _ := DayStart(DayOf(now))
	shut, err := q.shut(ctx, park.ID)
	if err != nil {
		return nil, err
	}
	err = q.view(ctx, func(ctx context.Context, tx *db.Tx) error {
		all, err := placesOf(ctx, tx, park.ID)
		if err != nil {
			return err
		}
		last, err := latestOf(ctx, tx, all, start, now.Add(time.Minute))
		if err != nil {
			return err
		}
		numbers, err := q.linesOf(ctx, tx, park, all, now)
		if err != nil {
			return err
		}
		waits = waits[:0]
		for _, p := range all {
			w := waitAt(p, last, now)
			w.Virtual = numbers[p.ID]
			if shut[p.Code] {
				w.close()
			}
			waits = append(waits, w)
		}
		return nil
	})
	return waits, err
}

// close makes of a wait that of a place which is closed on the map.
func (w *Wait) close() {
	w.Shut, w.State, w.TimedOnly, w.Fresh = true, Closed, false, Fresh
	w.Minutes, w.AtMost, w.Low, w.High, w.Trend, w.InLine = nil, false, nil, nil, 0, nil
	w.Last, w.LastAt, w.Source, w.Method = nil, time.Time{}, FromNowhere, ByNothing
	if w.Virtual != nil {
		l := *w.Virtual
		l.State, l.NextFrom, l.NextTo = LineClosed, time.Time{}, time.Time{}
		w.Virtual = &l
	}
}

// waitAt is what is shown of a place at a moment.
func waitAt(p Place, l latest, now time.Time) Wait {
	w := Wait{Place: p, State: Unknown, Fresh: Stale}
	m, ok := l.newest[p.ID]
	if !ok {
		return w
	}
	w.State, w.ObservedAt, w.Source, w.Method = m.State, m.ObservedAt, m.Source, m.Method
	w.Fresh, w.TimedOnly, w.InLine = freshness(m.ObservedAt, now), m.TimedOnly, m.InLine
	if k, ok := l.known[p.ID]; ok {
		w.Last, w.LastAt = k.Shown, k.At
	}
	if m.State == Closed || m.State == Refurbishment {
		w.Fresh = Fresh // nothing about it can be out of date
		w.InLine, w.Last, w.LastAt = nil, nil, time.Time{}
		return w
	}
	if m.State != Operating || w.Fresh == Stale || m.Shown == nil {
		if w.Fresh == Stale {
			w.InLine = nil
		}
		return w
	}
	w.Minutes, w.AtMost = m.Shown, m.AtMost
	w.Low, w.High = wholeMinutes(m.Low, 0), wholeMinutes(m.High, 59)
	if w.Low != nil && w.High != nil { // what is shown lags a little, and lies between as well
		*w.Low, *w.High = min(*w.Low, *m.Shown), max(*w.High, *m.Shown)
	}
	if before, ok := l.quarterSince[p.ID]; ok && before.Wait != nil && m.Wait != nil {
		change := float64(*m.Wait - *before.Wait)
		switch limit := max(240, 0.15*float64(*before.Wait)); {
		case change > limit:
			w.Trend = 1
		case change < -limit:
			w.Trend = -1
		}
	}
	return w
}

func wholeMinutes(seconds *int64, up int64) *int64 {
	if seconds == nil {
		return nil
	}
	m := (*seconds + up) / 60
	return &m
}

// Better returns a place of the same kind where the wait is shorter, and by how many minutes: only
// when the gap is over what either estimate may be wrong by, and ten minutes or more.
func Better(waits []Wait, placeID string) (best Wait, minutes int64, ok bool) {
	var here *Wait
	for i := range waits {
		if waits[i].Place.ID == placeID {
			here = &waits[i]
		}
	}
	if here == nil || here.Minutes == nil || here.Fresh != Fresh || here.Low == nil {
		return Wait{}, 0, false
	}
	for _, w := range waits {
		if w.Place.Kind != here.Place.Kind || w.Minutes == nil || w.Fresh != Fresh ||
			w.High == nil || *w.High >= *here.Low {
			continue
		}
		if gap := *here.Minutes - *w.Minutes; gap >= 10 && gap > minutes {
			best, minutes, ok = w, gap, true
		}
	}
	return best, minutes, ok
}
