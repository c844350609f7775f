package crowd

import (
	"math"
	"slices"
)

// Truth is, for each minute, how long those waited who joined in it: the mean, by people. It is NaN
// where nobody joined who was served in the end.
func (p *Place) Truth() []float64 {
	sum, n := make([]float64, Minutes), make([]float64, Minutes)
	for _, v := range p.Visits {
		m := min(int(v.Joined), Minutes-1)
		sum[m] += (v.Served - v.Joined) * float64(v.Size)
		n[m] += float64(v.Size)
	}
	for m := range sum {
		if n[m] == 0 {
			sum[m] = math.NaN()
			continue
		}
		sum[m] /= n[m]
	}
	return sum
}

// Nominal is how many people a minute the place takes by its brochure: all seats of all dispatches,
// all windows.
func (p *Place) Nominal() float64 {
	s := spot{Spot: p.Spot}
	return s.nominal()
}

// LastWaits is, for each minute, how long the person waited who was served last: what a token that
// is passed along the line tells. It is 0 before the first.
func (p *Place) LastWaits() []float64 {
	all := make([]float64, Minutes)
	last, i := 0.0, 0
	for m := range all {
		for ; i < len(p.Visits) && p.Visits[i].Served <= float64(m); i++ {
			last = p.Visits[i].Served - p.Visits[i].Joined
		}
		all[m] = last
	}
	return all
}

// SortedSignals are the signals in the order of time.
func (d *Day) SortedSignals() []Signal {
	all := slices.Clone(d.Signals)
	slices.SortStableFunc(all, func(a, b Signal) int {
		switch {
		case a.At < b.At:
			return -1
		case a.At > b.At:
			return 1
		}
		return 0
	})
	return all
}
