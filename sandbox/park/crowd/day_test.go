package crowd_test

import (
	"math"
	"reflect"
	"testing"

	"watari/sandbox/park/crowd"
)

// Goal: a seed makes one day and no other. Method: the same twice, and another.
func TestDaysAreReproducible(t *testing.T) {
	t.Parallel()
	o := crowd.Options{Seed: 5}
	a, b := crowd.Simulate(o), crowd.Simulate(o)
	if !reflect.DeepEqual(a, b) {
		t.Error("one seed makes two days")
	}
	o.Seed = 6
	if reflect.DeepEqual(a.Places, crowd.Simulate(o).Places) {
		t.Error("two seeds make one day")
	}
}

// Goal: nobody appears or vanishes, lines are first come, first served, and rides never take more
// than they have seats. Method: over some days, recompute from the truth what the simulation says.
func TestPeopleAreConserved(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		d := crowd.Simulate(crowd.Options{Seed: seed})
		for _, p := range d.Places {
			last, served := 0.0, make([]int, crowd.Minutes)
			for _, v := range p.Visits {
				if v.Served < v.Joined || v.Size < 1 {
					t.Fatalf("%s: a visit %+v", p.Code, v)
				}
				if v.Joined < last-1e-9 {
					t.Fatalf("%s: somebody who joined at %.2f was served after one of %.2f",
						p.Code, v.Joined, last)
				}
				last = v.Joined
				served[int(v.Served)] += v.Size
			}
			if end := p.Lines[crowd.Minutes-1]; end != 0 {
				t.Errorf("%s: %d people spend the night in line", p.Code, end)
			}
			counted, dispatched := 0, 0
			for m, c := range p.Counts {
				counted += c.Served
				dispatched += c.Cycles
				if p.Kind == crowd.KindRide && served[m] > (c.Cycles+1)*p.Seats {
					t.Errorf("%s: %d people on %d trains of %d", p.Code, served[m], c.Cycles,
						p.Seats)
				}
			}
			sum := 0
			for _, n := range served {
				sum += n
			}
			if off := math.Abs(float64(counted-sum)) / float64(sum); off > 0.02 {
				t.Errorf("%s: the sensor at the head is off by %.3f", p.Code, off)
			}
		}
	}
}

// Goal: the simulation has what makes waits hard to tell. Method: over ten days, every ride that
// can breaks down some time, sensors miss some people, rain and dry days come, the pace differs
// from the brochure.
func TestDaysAreHard(t *testing.T) {
	t.Parallel()
	stopped, wet := map[string]bool{}, 0
	for seed := range uint64(10) {
		d := crowd.Simulate(crowd.Options{Seed: seed})
		if len(d.Rain) > 0 {
			wet++
		}
		for _, p := range d.Places {
			if len(p.Stops) > 0 {
				stopped[p.Code] = true
			}
			truth, high := p.Truth(), 0.0
			for _, w := range truth {
				if !math.IsNaN(w) {
					high = max(high, w)
				}
			}
			if high < 2 || high > 240 {
				t.Errorf("seed %d: the longest wait at %s is %.1f minutes", seed, p.Code, high)
			}
		}
	}
	if len(stopped) < 12 || wet == 0 || wet == 10 {
		t.Errorf("%d rides stopped, %d days of 10 were wet", len(stopped), wet)
	}
	calm := crowd.Simulate(crowd.Options{Seed: 1, Calm: true, Rain: []crowd.Span{}})
	for _, p := range calm.Places {
		if len(p.Stops) > 0 {
			t.Errorf("%s stops on a calm day", p.Code)
		}
	}
}
