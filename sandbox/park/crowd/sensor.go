package crowd

import "math/rand/v2"

// sensor counts people at the tail and at the head of a line, and gets some of them wrong.
type sensor struct {
	rng     *rand.Rand
	tail    bias
	front   bias
	minutes []Count
}

// bias is how a beam or camera errs: what it misses, and what it sees twice.
type bias struct{ misses, twice float64 }

// newSensor has a bias of its own that stays over the days, and a little of the day.
func newSensor(code string, day *rand.Rand, minutes int) *sensor {
	h := uint64(1469598103934665603)
	for _, c := range []byte(code) {
		h = (h ^ uint64(c)) * 1099511628211
	}
	own := rand.New(rand.NewPCG(h, 77)) //nolint:gosec // a simulation
	s := &sensor{rng: rand.New(rand.NewPCG(day.Uint64(), h)), minutes: make([]Count, minutes)}
	s.tail = bias{between(own, 0.02, 0.07), between(own, 0, 0.025)}
	s.front = bias{between(own, 0, 0.012), between(own, 0, 0.008)}
	s.tail.misses = max(0, s.tail.misses+between(day, -0.006, 0.006))
	return s
}

// sees is what a beam makes of people.
func (s *sensor) sees(b bias, people int) (counted int) {
	for range people {
		switch p := s.rng.Float64(); {
		case p < b.misses:
		case p > 1-b.twice:
			counted += 2
		default:
			counted++
		}
	}
	return counted
}

func (s *sensor) at(t float64) *Count {
	i := min(max(int(t), 0), len(s.minutes)-1)
	return &s.minutes[i]
}

func (s *sensor) entered(t float64, people int) { s.at(t).Entered += s.sees(s.tail, people) }
func (s *sensor) served(t float64, people int)  { s.at(t).Served += s.sees(s.front, people) }
func (s *sensor) back(t float64, people int)    { s.at(t).Back += s.sees(s.tail, people) }
func (s *sensor) cycled(t float64)              { s.at(t).Cycles++ }
