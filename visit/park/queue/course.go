package queue

import (
	"context"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
)

// Course is how the wait at a place usually goes over a day.
type Course struct {
	Place Place
	Day   string
	// Days is how many days Usual is made of; 0: there is no usual course yet.
	Days int
	// Slots are quarters of an hour, from the first to the last that has a number.
	Slots []CourseSlot
}

// CourseSlot is a quarter of an hour. Waits are in minutes, nil where nothing is known.
type CourseSlot struct {
	From         time.Time
	Usual, Today *int64
}

// courseKept is a usual course that was read.
type courseKept struct {
	at    time.Time
	slots [96]slotSum
	days  int
}

const (
	// courseDays is how far back like days are looked for, courseMost how many are taken.
	courseDays, courseMost = 35, 8
	// courseLife is how long a usual course is not read again.
	courseLife = 10 * time.Minute
)

// Course returns the usual course of a place on days like one, and the course of that day itself:
// the last eight weekdays, or the last eight days of a weekend, within five weeks before it. A park
// that had none alike is shown its other days.
//
// Errors: ErrUnknown, ErrDay.
func (q *Queues) Course(
	ctx context.Context, parkID, placeID, day string,
) (c Course, err error) {
	park, err := q.park(ctx, parkID)
	if err != nil {
		return c, err
	}
	start, ok := DayStart(day)
	if !ok {
		return c, noDay(day)
	}
	var usual courseKept
	var today []slotSum
	err = q.view(ctx, func(ctx context.Context, tx *db.Tx) error {
		if c.Place, err = placeOf(ctx, tx, park.ID, placeID); err != nil {
			return err
		}
		if usual, err = q.usual(ctx, tx, c.Place.ID, start); err != nil {
			return err
		}
		today, err = slotsOf(ctx, tx, c.Place.ID, start, start.Add(24*time.Hour))
		return err
	})
	if err != nil {
		return c, err
	}
	c.Day, c.Days = day, usual.days
	var is [96]slotSum
	for _, s := range today {
		is[s.slot] = s
	}
	for i := range usual.slots {
		slot := CourseSlot{From: start.Add(time.Duration(i) * 15 * time.Minute),
			Usual: usual.slots[i].mean(), Today: is[i].mean()}
		if slot.Usual != nil || slot.Today != nil || len(c.Slots) > 0 {
			c.Slots = append(c.Slots, slot)
		}
	}
	for n := len(c.Slots); n > 0 && c.Slots[n-1].Usual == nil && c.Slots[n-1].Today == nil; n-- {
		c.Slots = c.Slots[:n-1]
	}
	return c, nil
}

// add adds a day.
func (c *courseKept) add(day []slotSum) {
	if len(day) > 0 {
		c.days++
	}
	for _, s := range day {
		c.slots[s.slot].seconds += s.seconds
		c.slots[s.slot].n += s.n
	}
}

// mean is the mean wait in whole minutes, nil for none.
func (s slotSum) mean() *int64 {
	if s.n == 0 {
		return nil
	}
	m := (s.seconds/s.n + 30) / 60
	return &m
}

// usual adds up the days like one that lie before it.
func (q *Queues) usual(
	ctx context.Context, tx *db.Tx, placeID string, start time.Time,
) (kept courseKept, err error) {
	key := placeID + " " + DayOf(start)
	now := q.now()
	q.mu.Lock()
	kept, ok := q.courses[key]
	q.mu.Unlock()
	if ok && !now.Before(kept.at) && now.Sub(kept.at) < courseLife {
		return kept, nil
	}
	kept = courseKept{at: now}
	for _, alike := range []bool{true, false} {
		for back := 1; back <= courseDays && kept.days < courseMost; back++ {
			at := start.Add(-time.Duration(back) * 24 * time.Hour)
			if weekend(at) != weekend(start) == alike {
				continue
			}
			sums, err := slotsOf(ctx, tx, placeID, at, at.Add(24*time.Hour))
			if err != nil {
				return kept, err
			}
			kept.add(sums)
		}
		if kept.days > 0 {
			break // the other days are for a park that is so young that it has none alike
		}
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.courses) >= 2000 { // of days that nobody asks for any more
		clear(q.courses)
	}
	q.courses[key] = kept
	return kept, nil
}

// weekend tells whether a park day is a Saturday or Sunday.
func weekend(start time.Time) bool {
	d := start.In(clock.JST).Weekday()
	return d == time.Saturday || d == time.Sunday
}
