package crowd

import (
	"container/heap"
	"math"
	"math/rand/v2"
)

// event is something that happens at a time.
type event struct {
	at  float64
	seq int // what was planned first happens first
	do  func()
}

// agenda is what is to happen, the soonest first. It is a heap.Interface.
type agenda []event

// Len is part of heap.Interface.
func (a agenda) Len() int { return len(a) }

// Less is part of heap.Interface.
func (a agenda) Less(i, j int) bool {
	if a[i].at != a[j].at {
		return a[i].at < a[j].at
	}
	return a[i].seq < a[j].seq
}

// Swap is part of heap.Interface.
func (a agenda) Swap(i, j int) { a[i], a[j] = a[j], a[i] }

// Push is part of heap.Interface.
func (a *agenda) Push(e any) { *a = append(*a, e.(event)) }

// Pop is part of heap.Interface.
func (a *agenda) Pop() any {
	old := *a
	e := old[len(old)-1]
	*a = old[:len(old)-1]
	return e
}

// world is a day under way.
type world struct {
	o      Options
	rng    *rand.Rand
	now    float64
	seq    int
	agenda agenda

	spots  []*spot
	rides  []*spot
	rain   []Span
	shows  []Span
	inside int // people in the park
}

// at plans something; what lies behind happens now.
func (w *world) at(t float64, do func()) {
	w.seq++
	heap.Push(&w.agenda, event{max(t, w.now), w.seq, do})
}

// run lets everything happen up to a time.
func (w *world) run(until float64) {
	for len(w.agenda) > 0 && w.agenda[0].at <= until {
		e := heap.Pop(&w.agenda).(event)
		w.now = e.at
		e.do()
	}
	w.now = until
}

// wet tells how hard it rains now, 0 to 1.
func (w *world) wet() float64 { return at(w.rain, w.now) }

// at is the strength of the span that holds a moment, 0 when none does.
func at(spans []Span, t float64) float64 {
	for _, s := range spans {
		if t >= s.From && t < s.To {
			return s.Strength
		}
	}
	return 0
}

// Span is a part of the day, in minutes since its begin, and how strong it is, 0 to 1.
type Span struct{ From, To, Strength float64 }

// lognormal draws a positive number with a mean and a coefficient of variation.
func lognormal(r *rand.Rand, mean, cv float64) float64 {
	s2 := math.Log(1 + cv*cv)
	return mean * math.Exp(math.Sqrt(s2)*r.NormFloat64()-s2/2)
}

// between draws evenly.
func between(r *rand.Rand, low, high float64) float64 { return low + (high-low)*r.Float64() }

// exponential draws a waiting time with a mean.
func exponential(r *rand.Rand, mean float64) float64 { return mean * r.ExpFloat64() }
