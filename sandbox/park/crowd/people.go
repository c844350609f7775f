package crowd

import (
	"math"
)

// arrivals draws when people come: a rush at the opening, less and less over the day, and buses.
func (w *world) arrivals(d *Day) {
	left := w.o.Visitors
	for left > 0 {
		size := w.size()
		left -= size
		w.arrive(w.moment(), size)
	}
	w.shows = []Span{{w.o.Open + 210, w.o.Open + 240, 0.3}, {w.o.Open + 390, w.o.Open + 420, 0.3},
		{w.o.Open + 540, w.o.Open + 565, 0.2}}
	if w.o.Calm {
		return
	}
	for range 3 {
		from := between(w.rng, w.o.Open+20, w.o.Open+300)
		people := 120 + w.rng.IntN(220)
		d.Surges = append(d.Surges, Span{from, from + 6, float64(people)})
		for people > 0 {
			size := w.size()
			people -= size
			w.arrive(between(w.rng, from, from+6), size)
		}
	}
	d.Surges = append(d.Surges, w.shows...)
}

// size draws how many stay together.
func (w *world) size() int {
	switch p := w.rng.Float64(); {
	case p < 0.08:
		return 1
	case p < 0.50:
		return 2
	case p < 0.70:
		return 3
	case p < 0.90:
		return 4
	default:
		return 5 + w.rng.IntN(2)
	}
}

// moment draws when somebody reaches the park.
func (w *world) moment() float64 {
	o := w.o
	long := o.Close - o.Open
	switch p := w.rng.Float64(); {
	case p < 0.16: // before the opening
		return between(w.rng, o.Open-25, o.Open+5)
	case p < 0.66: // the morning
		return o.Open + math.Abs(w.rng.NormFloat64())*0.17*long
	case p < 0.92:
		return between(w.rng, o.Open, o.Open+0.6*long)
	default: // for the evening
		return between(w.rng, o.Open+0.5*long, o.Open+0.75*long)
	}
}

// arrive brings a group to the park at a time.
func (w *world) arrive(t float64, size int) {
	if t > w.o.Close-90 {
		return
	}
	w.at(t, func() {
		stays := 330 + 75*w.rng.NormFloat64()
		g := &group{size: size, leaves: min(w.o.Close, w.now+max(90, stays)),
			calm: between(w.rng, 35, 130)}
		station := w.rng.Float64() < 0.38
		gate := func() { w.line(g, w.pick(station, "gate-main", "gate-station"), w.enter) }
		switch p := w.rng.Float64(); {
		case p < 0.55: // they have tickets
			gate()
		case p < 0.64:
			w.line(g, w.spot("counter-group"), func(*group) { w.walk(1, 3, gate) })
		default:
			w.line(g, w.pick(station, "counter-main", "counter-station"),
				func(*group) { w.walk(1, 3, gate) })
		}
	})
}

// walk does something after some minutes.
func (w *world) walk(low, high float64, then func()) {
	w.at(w.now+between(w.rng, low, high), then)
}

// pick chooses between the two sides of the park: the near one, unless its line looks much longer.
func (w *world) pick(station bool, first, second string) *spot {
	near, far := w.spot(first), w.spot(second)
	if station {
		near, far = far, near
	}
	if near.looks(w.rng) > far.looks(w.rng)+6 {
		return far
	}
	return near
}

func (w *world) spot(code string) *spot {
	for _, s := range w.spots {
		if s.Code == code {
			return s
		}
	}
	panic("crowd: the plan has no " + code)
}

// line joins a line that everybody has to pass.
func (w *world) line(g *group, s *spot, then func(*group)) {
	s.join(g, func() { then(g) })
}

// enter lets a group into the park.
func (w *world) enter(g *group) {
	w.inside += g.size
	w.next(g, between(w.rng, 2, 9))
}

// next lets a group decide what to do after some minutes.
func (w *world) next(g *group, after float64) { w.at(w.now+after, func() { w.decide(g) }) }

// decide is a group in the middle of the park.
func (w *world) decide(g *group) {
	if w.now >= g.leaves || w.now >= w.o.Close {
		w.inside -= g.size
		return
	}
	if strength := at(w.shows, w.now); w.rng.Float64() < strength {
		for _, s := range w.shows { // they watch it to the end, and all leave at once
			if w.now >= s.From && w.now < s.To {
				w.at(s.To+between(w.rng, 0, 4), func() { w.ride(g) })
				return
			}
		}
	}
	if w.rng.Float64() < 0.34+0.12*w.wet() {
		w.next(g, between(w.rng, 18, 55)) // they eat, look, buy
		return
	}
	w.ride(g)
}

// ride chooses a ride by what it promises and how long it looks, and joins its line.
func (w *world) ride(g *group) {
	weights := make([]float64, len(w.rides))
	looks := make([]float64, len(w.rides))
	sum := 0.0
	for i, s := range w.rides {
		looks[i] = s.looks(w.rng)
		if !s.takes() || s.down || looks[i] > g.calm || w.now+looks[i] > w.o.Close+10 {
			continue
		}
		weights[i] = s.Pull * math.Exp(-looks[i]/38)
		if s.OpenAir {
			weights[i] *= 1 - 0.6*w.wet()
		}
		sum += weights[i]
	}
	if sum == 0 {
		w.next(g, between(w.rng, 8, 20))
		return
	}
	at := w.rng.Float64() * sum
	for i, s := range w.rides {
		if at -= weights[i]; at < 0 && weights[i] > 0 {
			s.join(g, func() { w.next(g, between(w.rng, 6, 16)) })
			return
		}
	}
	w.next(g, 5)
}
