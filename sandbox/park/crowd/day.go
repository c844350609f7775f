package crowd

import (
	"fmt"
	"math/rand/v2"
)

// Options are a day's circumstances. The zero value is an ordinary day from 09:00 to 20:00.
type Options struct {
	// Seed makes the day; the same seed makes the same day.
	Seed uint64
	// Open and Close are minutes since the park day's begin at 05:00; 0 is 240 and 900.
	Open, Close float64
	// Visitors is how many people come; 0 is 10,000.
	Visitors int
	// Rain, when it is wanted; nil leaves it to the seed: two days of five have a shower.
	Rain []Span
	// Calm leaves out breakdowns and surges.
	Calm bool
}

// Minutes is the length of a park day.
const Minutes = 24 * 60

// Count is what the sensors of a spot counted in a minute.
type Count struct{ Entered, Served, Back, Cycles int }

// Visit is the truth about one group: when it joined a line and when it was served.
type Visit struct {
	Joined, Served float64
	Size           int
}

// Signal is what staff told: a state of a spot, or how many windows are open (then State is "").
type Signal struct {
	At      float64
	Code    string
	State   string
	Windows int
}

// Place is one spot over the day.
type Place struct {
	Spot
	// Counts has one entry a minute.
	Counts []Count
	// Visits are in the order of service. They are the truth; no Feed sends them.
	Visits []Visit
	// Lines is how many people were in line at the end of each minute, in truth.
	Lines []int
	// Stops are the breakdowns, Strength 1.
	Stops []Span
	// Until is when the last person was served.
	Until float64
}

// Day is a day that was played.
type Day struct {
	Options
	Places  []Place
	Signals []Signal
	// Rain and Surges tell what happened, for pictures.
	Rain, Surges []Span
	// Inside is how many people were in the park at the end of each minute.
	Inside []int
}

// Simulate plays a day.
func Simulate(o Options) *Day {
	if o.Open == 0 {
		o.Open = 240
	}
	if o.Close == 0 {
		o.Close = 900
	}
	if o.Visitors == 0 {
		o.Visitors = 10_000
	}
	w := &world{o: o, rng: rand.New(rand.NewPCG(o.Seed, 0x5eed))}
	d := &Day{Options: o}
	for _, s := range Plan() {
		sp := &spot{Spot: s, w: w, closed: true, windows: s.Windows,
			pace: lognormal(w.rng, 1.04, 0.04)}
		sp.log = newSensor(s.Code, w.rng, Minutes)
		w.spots = append(w.spots, sp)
		if s.Kind == KindRide {
			w.rides = append(w.rides, sp)
		}
	}
	w.weather(d)
	w.shifts(d)
	w.breakdowns(d)
	w.arrivals(d)
	w.play(d)
	return d
}

// play lets the day pass and writes down the lines.
func (w *world) play(d *Day) {
	for m := range Minutes {
		w.run(float64(m + 1))
		for _, s := range w.spots {
			s.lines = append(s.lines, s.people)
		}
		d.Inside = append(d.Inside, w.inside)
	}
	for _, s := range w.spots {
		p := Place{Spot: s.Spot, Counts: s.log.minutes, Visits: s.visits, Lines: s.lines,
			Stops: s.stops}
		if n := len(s.visits); n > 0 {
			p.Until = s.visits[n-1].Served
		}
		d.Places = append(d.Places, p)
	}
}

// Find returns a place by its code. It panics when there is none.
func (d *Day) Find(code string) *Place {
	for i := range d.Places {
		if d.Places[i].Code == code {
			return &d.Places[i]
		}
	}
	panic(fmt.Sprintf("crowd: the plan has no %q", code))
}

// weather draws showers.
func (w *world) weather(d *Day) {
	w.rain = w.o.Rain
	if w.rain == nil && w.rng.Float64() < 0.4 {
		from := between(w.rng, w.o.Open+60, w.o.Close-200)
		w.rain = []Span{{from, from + between(w.rng, 40, 150), between(w.rng, 0.4, 1)}}
	}
	d.Rain = w.rain
}

// shifts opens and closes spots and windows.
func (w *world) shifts(d *Day) {
	for _, s := range w.spots {
		opens, closes := w.o.Open, w.o.Close
		switch s.Kind {
		case KindCounter, KindEntrance:
			opens, closes = opens-30, closes-60
		case KindRide:
			opens += between(w.rng, 0, 12)
		}
		w.at(opens, func() {
			s.closed = false
			w.tell(d, s, 0, "operating")
			if s.Kind == KindRide {
				w.at(w.now+between(w.rng, 0, s.every()), s.dispatch)
			}
			s.work()
		})
		w.at(closes, func() {
			s.closed = s.Kind == KindRide
			w.tell(d, s, 0, "closed")
		})
		if s.Kind != KindRide {
			// After the rush some windows rest, and open again for the afternoon.
			w.man(d, s, w.o.Open+170, max(1, s.Windows-s.Windows/3))
			if s.Kind == KindEntrance {
				w.man(d, s, w.o.Open+330, max(1, s.Windows-s.Windows/2))
			}
		}
		for _, r := range w.rain {
			if s.Shy && r.Strength > 0.7 {
				w.shower(d, s, r)
			}
		}
	}
}

// shower closes a ride while it pours; its line is sent away.
func (w *world) shower(d *Day, s *spot, r Span) {
	w.at(r.From+5, func() {
		w.halt(d, s, r.To+10)
		w.at(w.now+4, func() { s.walkAway(1, func(g *group) { w.next(g, 5) }) })
	})
}

// man changes how many windows are open; staff tell it within some minutes.
func (w *world) man(d *Day, s *spot, t float64, windows int) {
	w.at(t, func() {
		s.windows = windows
		s.work()
		later := w.now + between(w.rng, 0.5, 4)
		d.Signals = append(d.Signals, Signal{At: later, Code: s.Code, Windows: windows})
	})
}

// tell is staff pressing a button some time after it happened.
func (w *world) tell(d *Day, s *spot, after float64, state string) {
	d.Signals = append(d.Signals, Signal{At: w.now + after, Code: s.Code, State: state})
}

// breakdowns draws when rides stand still.
func (w *world) breakdowns(d *Day) {
	if w.o.Calm {
		return
	}
	for _, s := range w.rides {
		mean := 500.0
		if s.Trains > 1 {
			mean = 380 // a coaster stops more often than a carousel
		}
		for t := w.o.Open + exponential(w.rng, mean); t < w.o.Close-40; {
			lasts := min(40, 6+lognormal(w.rng, 11, 0.7))
			until := t + lasts
			w.at(t, func() { w.halt(d, s, until) })
			t = until + 30 + exponential(w.rng, mean)
		}
	}
}

// halt stops a ride until a time; people walk away, more the longer it takes.
func (w *world) halt(d *Day, s *spot, until float64) {
	if s.down || s.closed {
		return
	}
	s.down = true
	s.stops = append(s.stops, Span{w.now, until, 1})
	w.tell(d, s, between(w.rng, 1, 4), "down")
	for t := w.now + 5; t < until; t += 5 {
		w.at(t, func() { s.walkAway(0.12, func(g *group) { w.next(g, 5) }) })
	}
	w.at(until, func() {
		s.down = false
		if !s.closed {
			w.tell(d, s, between(w.rng, 0, 1), "operating")
		}
	})
}
