package queue

import (
	"context"
	"math"
	"slices"
	"time"

	"watari/kit/db"
)

// Accuracy compares what a board said when timed riders joined with how long they waited. All
// times are in minutes.
type Accuracy struct {
	// PlaceID is the place; "" for all places of the park together.
	PlaceID string
	// Riders is how many were timed while a wait was shown; Blind is how many joined while none
	// was.
	Riders, Blind int64
	// Waited is the mean of what they waited.
	Waited float64
	// ShownError and EstimateError are mean absolute errors: of the wait as it was shown, rounded
	// up, and of the estimate behind it. ShownBias and EstimateBias are mean errors: above 0 the
	// board promised too long a wait.
	ShownError, ShownBias       float64
	EstimateError, EstimateBias float64
	// Worst is the error that nine of ten estimates keep.
	Worst float64
	// Within is the part of the riders who waited between low and high, 0 to 1; 0.8 is wanted.
	Within float64
}

// Part is the error of the estimate as a part of the mean wait; +Inf when nobody waited.
func (a Accuracy) Part() float64 {
	if a.Waited == 0 {
		return math.Inf(1)
	}
	return a.EstimateError / a.Waited
}

// Accuracy reports on a park day: first the whole park, then each place that had timed riders, by
// id.
//
// Errors: ErrUnknown, ErrDay.
func (q *Queues) Accuracy(ctx context.Context, parkID, day string) ([]Accuracy, error) {
	park, err := q.park(ctx, parkID)
	if err != nil {
		return nil, err
	}
	start, ok := DayStart(day)
	if !ok {
		return nil, noDay(day)
	}
	var found []measured
	err = q.view(ctx, func(ctx context.Context, tx *db.Tx) error {
		places, err := placesOf(ctx, tx, park.ID)
		if err != nil {
			return err
		}
		found, err = readSamples(ctx, tx, places, start, start.Add(24*time.Hour))
		return err
	})
	if err != nil {
		return nil, err
	}
	by := map[string][]measured{}
	for _, m := range found {
		by[m.placeID] = append(by[m.placeID], m)
	}
	report := []Accuracy{accuracyOf("", found)}
	for _, p := range sortedKeys(by) {
		report = append(report, accuracyOf(p, by[p]))
	}
	return report, nil
}

func sortedKeys(m map[string][]measured) (keys []string) {
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// accuracyOf sums up timed riders.
func accuracyOf(placeID string, found []measured) Accuracy {
	a := Accuracy{PlaceID: placeID}
	var errs []float64
	for _, m := range found {
		if m.wait == nil || m.shown == nil || m.low == nil || m.high == nil {
			a.Blind++
			continue
		}
		waited := m.served.Sub(m.joined).Minutes()
		off := float64(*m.wait)/60 - waited
		told := float64(*m.shown) - waited
		a.Riders++
		a.Waited += waited
		a.EstimateBias += off
		a.EstimateError += math.Abs(off)
		a.ShownBias += told
		a.ShownError += math.Abs(told)
		errs = append(errs, math.Abs(off))
		if s := waited * 60; s >= float64(*m.low) && s <= float64(*m.high) {
			a.Within++
		}
	}
	if a.Riders == 0 {
		return a
	}
	n := float64(a.Riders)
	for _, sum := range []*float64{&a.Waited, &a.EstimateBias, &a.EstimateError, &a.ShownBias,
		&a.ShownError, &a.Within} {
		*sum /= n
	}
	slices.Sort(errs)
	a.Worst = errs[(len(errs)-1)*9/10]
	return a
}
