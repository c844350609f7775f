package queue

import (
	"context"
	"fmt"
	"slices"
	"time"

	"watari/kit/db"
	"watari/kit/event"
)

// Daily is a place's day.
type Daily struct {
	PlaceID, Day          string
	Entered, Served, Back int64
	// First is when it operated first, Last when last; zero when it never did.
	First, Last                   time.Time
	OperatingMinutes, DownMinutes int64
	// Of the waits, in minutes; nil when none was known.
	Low, P50, Mean, P90, High *int64
	// Changes is how often state or shown wait changed.
	Changes int64

	busyMinutes, busyServed, busyTakers int64
}

// CloseDays sums up the last eight park days of a park that are over and were not summed up, and
// finds their waits where nobody did while they lasted. Run does it by itself.
//
// Errors: ErrUnknown for the park.
func (q *Queues) CloseDays(ctx context.Context, parkID string) error {
	park, err := q.park(ctx, parkID)
	if err != nil {
		return err
	}
	start, _ := DayStart(DayOf(q.now()))
	var open []time.Time
	var places []Place
	err = q.view(ctx, func(ctx context.Context, tx *db.Tx) error {
		if places, err = placesOf(ctx, tx, park.ID); err != nil {
			return err
		}
		open, err = openDays(ctx, tx, places, start.Add(-daysOpen*24*time.Hour), start)
		return err
	})
	for _, day := range open {
		if err == nil {
			err = q.closeDay(ctx, park, places, day)
		}
	}
	if err != nil {
		return fmt.Errorf("sum up days: %w", err)
	}
	return nil
}

// sumUp closes days, at most once in ten minutes on a node.
func (q *Queues) sumUp(ctx context.Context, park Park) error {
	now := q.now()
	start, _ := DayStart(DayOf(now))
	q.mu.Lock()
	last := q.summed[park.ID]
	due := now.Sub(last) >= wholeEvery && now.Sub(start) >= time.Hour // for what comes late
	if due {
		q.summed[park.ID] = now
	}
	q.mu.Unlock()
	if !due {
		return nil
	}
	return q.CloseDays(ctx, park.ID)
}

// closeDay sums up one day.
func (q *Queues) closeDay(ctx context.Context, park Park, places []Place, start time.Time) error {
	day := DayOf(start)
	end := start.Add(24 * time.Hour)
	r, err := q.pastRoom(ctx, park, places, start)
	if err != nil {
		return err
	}
	found := map[string][]Moment{}
	if err := q.view(ctx, func(ctx context.Context, tx *db.Tx) error {
		for _, p := range places {
			if found[p.ID], err = momentsOf(ctx, tx, p.ID, start, end, dayMinutes); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	var days []Daily
	var late []Moment
	for _, p := range places {
		if len(found[p.ID]) == 0 {
			found[p.ID] = r.pastDay(p)
			late = append(late, found[p.ID]...)
		}
		d := r.daily(p, found[p.ID])
		d.Day = day
		days = append(days, d)
	}
	for chunk := range slices.Chunk(late, 2000) {
		if err := q.cfg.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
			return keepMoments(ctx, tx, chunk)
		}); err != nil {
			return err
		}
	}
	return q.update(ctx, park, func(ctx context.Context, tx *db.Tx) ([]event.Event, error) {
		return nil, keepDaily(ctx, tx, days)
	})
}

// pastRoom is what was known of a day at its end.
func (q *Queues) pastRoom(
	ctx context.Context, park Park, places []Place, start time.Time,
) (r room, err error) {
	day := DayOf(start)
	r = room{places: places, now: start.Add(24*time.Hour - time.Second), day: &parkDay{day: day,
		start: start, upTo: start.Add(24 * time.Hour), counts: map[string]*[dayMinutes]tally{}}}
	hours, err := q.cfg.Parks.Hours(ctx, park.ID, day, day)
	for i := range hours {
		if hours[i].Day == day {
			r.hours = &hours[i]
		}
	}
	if err != nil {
		return r, err
	}
	for _, p := range places {
		c := new([dayMinutes]tally)
		for m := range c {
			c[m] = silent
		}
		r.day.counts[p.ID] = c
	}
	err = q.view(ctx, func(ctx context.Context, tx *db.Tx) error {
		if r.posts, err = postsByPlace(ctx, tx, park.ID, start, r.now); err != nil {
			return err
		}
		if r.knows, err = learnedOf(ctx, tx, places, start); err != nil {
			return err
		}
		return readCounts(ctx, tx, places, start, start.Add(24*time.Hour),
			func(placeID string, at time.Time, t tally) {
				m := int(at.Sub(start) / time.Minute)
				r.day.counts[placeID][m] = r.day.counts[placeID][m].plus(t)
			})
	})
	return r, err
}

// pastDay finds the waits of a day that was not watched, from its first to its last count.
func (r *room) pastDay(p Place) (all []Moment) {
	c := r.day.counts[p.ID]
	first, last := dayMinutes, -1
	for m := range c {
		if c[m].told() {
			first, last = min(first, m), m
		}
	}
	var before Moment
	for m := first + 1; m <= min(last+1, dayMinutes-1); m++ {
		at := r.day.start.Add(time.Duration(m) * time.Minute)
		before = r.find(p, at, at, before)
		all = append(all, before)
	}
	return all
}

// daily sums up a day of a place.
func (r *room) daily(p Place, found []Moment) Daily {
	d := Daily{PlaceID: p.ID}
	for _, t := range r.day.counts[p.ID] {
		d.Entered += int64(max(0, t.entered))
		d.Served += int64(max(0, t.served))
		d.Back += int64(max(0, t.back))
	}
	end := reckon(view{place: p, knows: r.knows[p.ID], start: r.day.start,
		counts: r.day.counts[p.ID], posts: r.posts[p.ID], hours: r.hours, now: r.now})
	d.busyMinutes, d.busyServed = int64(end.busyMinutes), int64(end.busyServed)
	d.busyTakers = int64(end.busyTakers)
	var waits []int64
	for i, m := range found {
		switch m.State {
		case Operating:
			d.OperatingMinutes++
			if d.First.IsZero() {
				d.First = m.At
			}
			d.Last = m.At
		case Down:
			d.DownMinutes++
		case Closed, Refurbishment, Unknown:
		}
		if m.Wait != nil {
			waits = append(waits, (*m.Wait+30)/60)
		}
		if i > 0 && (found[i-1].State != m.State || !same(found[i-1].Shown, m.Shown)) {
			d.Changes++
		}
	}
	d.Low, d.P50, d.Mean, d.P90, d.High = spreadOf(waits)
	return d
}

func same(a, b *int64) bool { return a == nil && b == nil || a != nil && b != nil && *a == *b }

// spreadOf is least, middle, mean, nine tenths and most; nil for none.
func spreadOf(all []int64) (low, p50, mean, p90, high *int64) {
	if len(all) == 0 {
		return
	}
	slices.Sort(all)
	sum := int64(0)
	for _, n := range all {
		sum += n
	}
	at := func(part int) *int64 { v := all[(len(all)-1)*part/100]; return &v }
	m := (sum + int64(len(all))/2) / int64(len(all))
	return at(0), at(50), &m, at(90), at(100)
}

// learnedOf is what places learned from the days before one.
func learnedOf(
	ctx context.Context, tx *db.Tx, places []Place, start time.Time,
) (map[string]learned, error) {
	all, err := dailyOf(ctx, tx, places, DayOf(start.Add(-learnDays*24*time.Hour)),
		DayOf(start.Add(-24*time.Hour)))
	if err != nil {
		return nil, err
	}
	ratios := map[string][]float64{}
	minutes, served, takers := map[string]float64{}, map[string]float64{}, map[string]float64{}
	for _, d := range all {
		// A day with few people says little; one on which a sensor was dead says nothing.
		if in := d.Entered - d.Back; in >= 100 && d.Served*10 > in*7 && d.Served*10 < in*14 {
			ratios[d.PlaceID] = append(ratios[d.PlaceID], float64(d.Served)/float64(in))
		}
		minutes[d.PlaceID] += float64(d.busyMinutes)
		served[d.PlaceID] += float64(d.busyServed)
		takers[d.PlaceID] += float64(d.busyTakers)
	}
	knows := map[string]learned{}
	for _, p := range places {
		var k learned
		if r := ratios[p.ID]; len(r) > 0 {
			slices.Sort(r)
			k.ratio = (r[(len(r)-1)/2] + r[len(r)/2]) / 2
		}
		if minutes[p.ID] >= 60 {
			k.rate = served[p.ID] / minutes[p.ID]
			if takers[p.ID] >= 20 {
				k.each = served[p.ID] / takers[p.ID]
			}
		}
		knows[p.ID] = k
	}
	return knows, nil
}

// HistoryMax is the longest span that History and Daily read at once.
const HistoryMax = 31 * 24 * time.Hour

// History lists what was found about a place in a span, minute by minute, the oldest first.
//
// Errors: ErrUnknown, ErrDay for a span that is no span or over HistoryMax.
func (q *Queues) History(
	ctx context.Context, parkID, placeID string, from, until time.Time,
) (all []Moment, err error) {
	park, err := q.park(ctx, parkID)
	if err != nil {
		return nil, err
	}
	if !until.After(from) || until.Sub(from) > HistoryMax {
		return nil, ErrDay.Newf("a span has an end after its begin, and at most 31 days")
	}
	err = q.view(ctx, func(ctx context.Context, tx *db.Tx) error {
		p, err := placeOf(ctx, tx, park.ID, placeID)
		if err != nil {
			return err
		}
		all, err = momentsOf(ctx, tx, p.ID, from, until, 31*dayMinutes)
		return err
	})
	return all, err
}

// Daily lists the days of all places of a park that are summed up, by place and day.
//
// Errors: ErrUnknown, ErrDay.
func (q *Queues) Daily(ctx context.Context, parkID, from, to string) (all []Daily, err error) {
	park, err := q.park(ctx, parkID)
	if err != nil {
		return nil, err
	}
	first, ok1 := DayStart(from)
	last, ok2 := DayStart(to)
	if !ok1 || !ok2 || last.Before(first) || last.Sub(first) >= HistoryMax {
		return nil, ErrDay.Newf("a span has two days like 2026-11-23, in order, at most 31 apart")
	}
	err = q.view(ctx, func(ctx context.Context, tx *db.Tx) error {
		places, err := placesOf(ctx, tx, park.ID)
		if err != nil {
			return err
		}
		all, err = dailyOf(ctx, tx, places, from, to)
		return err
	})
	return all, err
}
