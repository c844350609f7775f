package crowd

import (
	"math"
	"math/rand/v2"
)

// group is people who stay together.
type group struct {
	size   int
	leaves float64 // when they want to go home
	calm   float64 // how long a line they join, in minutes
	// joined and served belong to the line that they stand in; turn grows with each line that they
	// join or leave.
	joined float64
	served func()
	turn   int
}

// standing is a group in a line; it is there no more when its turn is another by now.
type standing struct {
	*group
	turn int
}

func (s standing) gone() bool { return s.turn != s.group.turn }

// spot is a place with its line.
type spot struct {
	Spot
	w      *world
	line   []standing
	people int // in line

	closed, down bool
	windows      int // open now
	busy         int // windows that serve
	pace         float64

	visits []Visit
	log    *sensor
	lines  []int // people in line at the end of each minute
	stops  []Span
}

// nominal is what the brochure promises, in people a minute.
func (s *spot) nominal() float64 {
	if s.Kind == KindRide {
		return float64(s.Seats) * 60 / float64(s.Interval)
	}
	return float64(s.Windows) * 60 / s.Service
}

// looks is how long the wait looks to somebody who sees the line.
func (s *spot) looks(r *rand.Rand) float64 {
	return float64(s.people) / (0.8 * s.nominal()) * lognormal(r, 1, 0.25)
}

// takes tells whether people can join.
func (s *spot) takes() bool { return !s.closed }

// join puts a group into the line; served is called when its turn comes.
func (s *spot) join(g *group, served func()) {
	g.joined, g.served = s.w.now, served
	g.turn++
	s.line = append(s.line, standing{g, g.turn})
	s.people += g.size
	s.log.entered(s.w.now, g.size)
	if s.Kind != KindRide {
		s.work()
	}
}

// head returns the first group in line, nil when there is none.
func (s *spot) head() *group {
	for len(s.line) > 0 && s.line[0].gone() {
		s.line = s.line[1:]
	}
	if len(s.line) == 0 {
		return nil
	}
	return s.line[0].group
}

// take serves the first group in line.
func (s *spot) take() *group {
	g := s.head()
	s.line = s.line[1:]
	g.turn++
	s.people -= g.size
	s.visits = append(s.visits, Visit{Joined: g.joined, Served: s.w.now, Size: g.size})
	s.log.served(s.w.now, g.size)
	g.served()
	return g
}

// walkAway lets groups leave the line without being served.
func (s *spot) walkAway(part float64, then func(*group)) {
	for _, g := range s.line {
		if g.gone() || s.w.rng.Float64() >= part {
			continue
		}
		g.group.turn++
		s.people -= g.size
		s.log.back(s.w.now, g.size)
		then(g.group)
	}
}

// work lets idle windows call the next group.
func (s *spot) work() {
	for !s.closed && s.busy < s.windows && s.head() != nil {
		s.busy++
		g := s.take()
		took := 0.0
		for range g.size {
			took += lognormal(s.w.rng, s.Service/60, 0.7)
		}
		s.w.at(s.w.now+took*s.pace, func() {
			s.busy--
			s.work()
		})
	}
}

// every is the time to the next dispatch, with the trains that run.
func (s *spot) every() float64 {
	full := float64(s.Interval) / 60
	t := full
	if n := s.trains(); n < s.Trains {
		t = full * (0.35 + 0.65*float64(s.Trains)/float64(n))
	}
	if s.OpenAir {
		t *= 1 + 0.35*s.w.wet()
	}
	return max(0.6*full, t*s.pace*lognormal(s.w.rng, 1, 0.12))
}

// trains is how many run now: fewer while the park fills and empties.
func (s *spot) trains() int {
	n := s.Trains
	if s.w.now < s.w.o.Open+75 || s.w.now > s.w.o.Close-100 {
		n--
	}
	return max(1, n)
}

// dispatch fills one train and plans the next.
func (s *spot) dispatch() {
	if s.closed && s.people == 0 {
		return // resumed by open
	}
	if !s.down {
		seats := s.Seats
		for range s.Seats {
			if s.w.rng.Float64() < s.Priority*0.95 {
				seats--
			}
		}
		for g := s.head(); g != nil; g = s.head() {
			rows := int(math.Ceil(float64(g.size)/float64(s.Row))) * s.Row
			if s.Row > 2 { // staff fill wide rows with the next group
				rows = g.size + s.w.rng.IntN(2)
			}
			if rows > seats && seats < s.Seats {
				break
			}
			seats -= rows
			s.take()
		}
		s.log.cycled(s.w.now)
	}
	s.w.at(s.w.now+s.every(), s.dispatch)
}
