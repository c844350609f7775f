package queue

import (
	"context"
	"errors"
	"math"
	"sync"
	"time"

	"watari/kit/db"
	"watari/kit/event"
)

// parkDay is what was read of a park's day: the counts of its places.
type parkDay struct {
	day    string
	start  time.Time
	counts map[string]*[dayMinutes]tally
	// upTo is how far the counts were read; whole when all of them were read last; from the
	// earliest minute that came since.
	upTo, whole time.Time
	from        time.Time
	dirty       bool
}

const (
	// wholeEvery is how often all counts of the day are read again, for what other nodes took
	// late.
	wholeEvery = 10 * time.Minute
	// lateUsual is how far back counts are read every time.
	lateUsual = 20 * time.Minute
	// catchUp is how many minutes are written in one transaction.
	catchUp = 60
	// daysOpen is how many days back days are summed up that were not.
	daysOpen = 8
	// learnDays is how many days a place learns from.
	learnDays = 28
)

// touch notes that counts came.
func (q *Queues) touch(parkID string, oldest time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if d := q.days[parkID]; d != nil {
		if d.from.IsZero() || oldest.Before(d.from) {
			d.from = oldest
		}
		d.dirty = true
	}
}

// Run looks at all parks until ctx ends: what sensors and staff said becomes waits, days that are
// over are summed up, virtual queues call their numbers. Several nodes may run; what one has
// written the others leave.
func (q *Queues) Run(ctx context.Context) {
	var drawing sync.WaitGroup
	defer drawing.Wait()
	drawing.Go(func() { q.hub.run(ctx, q) })
	tick := time.NewTicker(q.cfg.Every)
	defer tick.Stop()
	for {
		parks, err := q.cfg.Parks.Parks(ctx)
		for _, p := range parks {
			if q.due(p.ID) {
				err = errors.Join(err, q.Tick(ctx, p.ID))
			}
			if ctx.Err() != nil {
				return
			}
			err = errors.Join(err, q.sumUp(ctx, p), q.serveNumbers(ctx, p))
		}
		if err != nil && ctx.Err() == nil {
			q.cfg.Logger.Error("queues were not looked at; it is tried again", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// due tells whether there is something to find: a new minute, or new counts.
func (q *Queues) due(parkID string) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	d := q.days[parkID]
	now := q.now()
	return d == nil || d.dirty || d.day != DayOf(now) ||
		!d.upTo.Truncate(time.Minute).Equal(now.Truncate(time.Minute))
}

// Tick finds the waits of a park now, and those of the minutes of this day that nobody found yet.
//
// Errors: ErrUnknown for the park.
func (q *Queues) Tick(ctx context.Context, parkID string) error {
	park, err := q.park(ctx, parkID)
	if err != nil {
		return err
	}
	now := q.now()
	r, err := q.room(ctx, park, now)
	if err != nil || len(r.places) == 0 {
		return err
	}
	// What was counted before anybody looked came late: it is found as well.
	if first := r.day.first(); first.Before(r.begun) {
		if err := q.find(ctx, park, r, first, r.begun.Add(-time.Minute)); err != nil {
			return err
		}
	}
	return q.find(ctx, park, r, r.next, now.Truncate(time.Minute))
}

// find finds and keeps the minutes from one to another, in bites.
func (q *Queues) find(ctx context.Context, park Park, r room, from, to time.Time) error {
	for at := from; !at.After(to); at = at.Add(catchUp * time.Minute) {
		until := at.Add((catchUp - 1) * time.Minute)
		if until.After(to) {
			until = to
		}
		if err := q.write(ctx, park, r, at, until); err != nil {
			return err
		}
	}
	return nil
}

// room is all that is known of a park's places on a day.
type room struct {
	places []Place
	knows  map[string]learned
	day    *parkDay
	posts  map[string][]Post
	hours  *Hours
	now    time.Time
	// next is the first minute after what is found, or the present one; begun is the first that
	// is found.
	next, begun time.Time
}

// room reads what is known. Counts are kept between looks.
func (q *Queues) room(ctx context.Context, park Park, now time.Time) (r room, err error) {
	r.now = now
	day := DayOf(now)
	start, _ := DayStart(day)
	hours, err := q.cfg.Parks.Hours(ctx, park.ID, day, day)
	if err != nil {
		return r, err
	}
	for i := range hours {
		if hours[i].Day == day {
			r.hours = &hours[i]
		}
	}
	err = q.view(ctx, func(ctx context.Context, tx *db.Tx) error {
		if r.places, err = placesOf(ctx, tx, park.ID); err != nil {
			return err
		}
		if r.day, err = q.refresh(ctx, tx, park.ID, r.places, now); err != nil {
			return err
		}
		if r.posts, err = postsByPlace(ctx, tx, park.ID, start, now); err != nil {
			return err
		}
		if r.knows, err = learnedOf(ctx, tx, r.places, start); err != nil {
			return err
		}
		first, last, err := spanOf(ctx, tx, r.places, start, now.Add(time.Minute))
		r.next = now.Truncate(time.Minute)
		if r.begun = first; first.IsZero() {
			r.begun = r.next
		} else if after := last.Add(time.Minute); after.Before(r.next) {
			r.next = after
		}
		return err
	})
	return r, err
}

// first is the first minute of the day that anything was counted in, else the present one.
func (d *parkDay) first() time.Time {
	first := dayMinutes
	for _, c := range d.counts {
		for m := range first {
			if c[m].told() {
				first = m
				break
			}
		}
	}
	if first == dayMinutes {
		return d.upTo.Truncate(time.Minute)
	}
	return d.start.Add(time.Duration(first) * time.Minute)
}

// postsByPlace reads what staff said today, and of former days what still holds.
func postsByPlace(
	ctx context.Context, tx *db.Tx, parkID string, start, now time.Time,
) (map[string][]Post, error) {
	old, err := refurbished(ctx, tx, parkID, start)
	if err != nil {
		return nil, err
	}
	today, err := postsOf(ctx, tx, parkID, start, now.Add(time.Second))
	by := map[string][]Post{}
	for _, p := range append(old, today...) {
		by[p.PlaceID] = append(by[p.PlaceID], p)
	}
	return by, err
}

// refresh reads the counts that are not read yet.
func (q *Queues) refresh(
	ctx context.Context, tx *db.Tx, parkID string, places []Place, now time.Time,
) (*parkDay, error) {
	q.mu.Lock()
	d := q.days[parkID]
	if day := DayOf(now); d == nil || d.day != day {
		start, _ := DayStart(day)
		d = &parkDay{day: day, start: start}
	}
	fresh := &parkDay{day: d.day, start: d.start, upTo: now, whole: d.whole,
		counts: map[string]*[dayMinutes]tally{}}
	from := d.upTo.Add(-lateUsual)
	if !d.from.IsZero() && d.from.Before(from) {
		from = d.from.Truncate(time.Minute)
	}
	if d.whole.IsZero() || now.Sub(d.whole) >= wholeEvery || from.Before(d.start) {
		from, fresh.whole = d.start, now
	}
	d.from, d.dirty = time.Time{}, false
	q.mu.Unlock()

	first := int(from.Sub(d.start) / time.Minute)
	for _, p := range places {
		c := new([dayMinutes]tally)
		if old := d.counts[p.ID]; old != nil {
			*c = *old
		} else {
			for m := range first {
				c[m] = silent
			}
		}
		for m := first; m < dayMinutes; m++ {
			c[m] = silent
		}
		fresh.counts[p.ID] = c
	}
	err := readCounts(ctx, tx, places, from, d.start.Add(24*time.Hour),
		func(placeID string, at time.Time, t tally) {
			m := int(at.Sub(d.start) / time.Minute)
			fresh.counts[placeID][m] = fresh.counts[placeID][m].plus(t)
		})
	if err != nil {
		return nil, err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.days[parkID] = fresh
	return fresh, nil
}

// write finds and keeps the minutes from one to another in one transaction. What takes long is
// found before: on SQLite nobody else writes meanwhile, payments neither.
func (q *Queues) write(ctx context.Context, park Park, r room, from, until time.Time) error {
	minute := r.now.Truncate(time.Minute)
	var found []reckoning
	for at := from; !at.After(until); at = at.Add(time.Minute) {
		moment := at
		if at.Equal(minute) {
			moment = r.now
		}
		for _, p := range r.places {
			found = append(found, r.reckon(p, moment))
		}
	}
	return q.update(ctx, park, func(ctx context.Context, tx *db.Tx) ([]event.Event, error) {
		last, err := newestOf(ctx, tx, r.places, from.Add(-3*time.Minute), from)
		if err != nil {
			return nil, err
		}
		all := make([]Moment, 0, len(found))
		for at := from; !at.After(until); at = at.Add(time.Minute) {
			for _, p := range r.places {
				m := momentOf(p, found[len(all)], at, last[p.ID])
				all = append(all, m)
				last[p.ID] = m
			}
		}
		if err := keepMoments(ctx, tx, all); err != nil {
			return nil, err
		}
		if !until.Equal(minute) {
			return nil, nil
		}
		return q.changes(ctx, tx, park, r, last)
	})
}

// changes are the events of places whose state is another than the last that was told, and what
// their virtual queues make of it.
func (q *Queues) changes(
	ctx context.Context, tx *db.Tx, park Park, r room, now map[string]Moment,
) (evs []event.Event, err error) {
	before, err := toldStates(ctx, tx, r.places)
	if err != nil {
		return nil, err
	}
	for _, p := range r.places {
		is, was := now[p.ID].State, before[p.ID]
		if is == was {
			continue
		}
		if err := keepTold(ctx, tx, p.ID, is); err != nil {
			return nil, err
		}
		e, err := happened("queue.state", p.ID, "system", told{Park: park.ID, Code: p.Code,
			State: is, Was: was})
		if err != nil {
			return nil, err
		}
		evs = append(evs, e)
		if err := q.heedState(ctx, tx, p, is); err != nil {
			return nil, err
		}
	}
	return evs, nil
}

// find is what is found about a place at a moment, kept under a minute, after what was found last.
func (r *room) find(p Place, moment, minute time.Time, last Moment) Moment {
	return momentOf(p, r.reckon(p, moment), minute, last)
}

// reckon finds out about a place at a moment.
func (r *room) reckon(p Place, moment time.Time) reckoning {
	return reckon(view{place: p, knows: r.knows[p.ID], start: r.day.start,
		counts: r.day.counts[p.ID], posts: r.posts[p.ID], hours: r.hours, now: moment})
}

// momentOf is what was found about a place, kept under a minute, after what was found last.
func momentOf(p Place, f reckoning, minute time.Time, last Moment) Moment {
	m := Moment{PlaceID: p.ID, At: minute, State: f.state, TimedOnly: f.timed,
		ObservedAt: f.observed, Source: f.source, Method: f.method, AtMost: f.atMost}
	if f.counted && f.state != Closed {
		people := int64(math.Round(f.ahead))
		m.InLine = &people
	}
	if !f.known {
		return m
	}
	f.smooth(last, minute)
	seconds := func(minutes float64) *int64 {
		s := int64(math.Round(minutes * 60))
		return &s
	}
	m.Wait, m.Low, m.High = seconds(f.wait), seconds(f.low), seconds(f.high)
	var lastWait *float64
	if last.Wait != nil {
		w := float64(*last.Wait) / 60
		lastWait = &w
	}
	show := shown(last.Shown, lastWait, f.wait)
	if f.method == ByStaff { // somebody looked: what they said is shown as they said it
		show = int64(f.wait)
	}
	m.Shown = &show
	return m
}
