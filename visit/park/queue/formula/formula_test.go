package formula_test

import (
	"math"
	"testing"

	"watari/visit/park/queue/formula"
)

// near compares with a relative tolerance.
func near(got, want, part float64) bool {
	return math.Abs(got-want) <= part*math.Max(math.Abs(want), 1e-12)
}

// Goal: Erlang C gives the values that textbooks and call centres print. Method: fractions worked
// out by hand for few windows; the example of 360 calls of 4 minutes in half an hour for 55
// agents, printed as 23.9 % and 8.2 s; values of the usual tables for ten and more.
func TestErlangCIsThePublishedOne(t *testing.T) {
	t.Parallel()
	for _, g := range []struct {
		c      int
		a      float64
		want   float64
		within float64
	}{
		{1, 0.3, 0.3, 1e-12}, {1, 0.95, 0.95, 1e-12},
		{2, 1, 1.0 / 3, 1e-12}, {2, 1.6, 32.0 / 45, 1e-12}, {3, 2, 4.0 / 9, 1e-12},
		{4, 3, 27.0 / 53, 1e-12}, {5, 4, 0.5541, 1e-4}, {10, 8, 0.4092, 1e-4},
		{55, 48, 0.239, 2e-3}, {10, 6, 0.1013, 1e-3},
		{3, 3, 1, 0}, {3, 7, 1, 0}, {4, 0, 0, 0},
	} {
		if got := formula.ErlangC(g.c, g.a); !near(got, g.want, g.within) {
			t.Errorf("C(%d, %g) = %.6f, want %.6f", g.c, g.a, got, g.want)
		}
	}
	s := formula.Station{Windows: 55, Arrivals: 360.0 / 1800, Service: 240, ArrivalSCV: 1,
		ServiceSCV: 1}
	if got := s.Wait(); !near(got, 8.2, 0.01) {
		t.Errorf("55 agents answer after %.2f s, want 8.2", got)
	}
	if c := formula.ErlangC(2000, 1990); c <= 0 || c >= 1 || math.IsNaN(c) {
		t.Errorf("C(2000, 1990) = %g", c)
	}
}

// Goal: the formula is exact where theory is: M/M/c for any c, and Pollaczek and Khinchine's
// M/G/1. Method: closed forms.
func TestWaitsThatAreExact(t *testing.T) {
	t.Parallel()
	for _, g := range []struct {
		s    formula.Station
		want float64
	}{
		// M/M/1 with ρ 0.8 and a service of 1: ρ ÷ (1 − ρ).
		{formula.Station{Windows: 1, Arrivals: 0.8, Service: 1, ArrivalSCV: 1, ServiceSCV: 1}, 4},
		// M/D/1 waits half of that.
		{formula.Station{Windows: 1, Arrivals: 0.8, Service: 1, ArrivalSCV: 1}, 2},
		// M/E2/1, three quarters.
		{formula.Station{Windows: 1, Arrivals: 0.8, Service: 1, ArrivalSCV: 1, ServiceSCV: 0.5}, 3},
		// M/G/1 with a variance of 4: λ E(S²) ÷ 2(1 − ρ) = 0.8 × 5 ÷ 0.4.
		{formula.Station{Windows: 1, Arrivals: 0.8, Service: 1, ArrivalSCV: 1, ServiceSCV: 4}, 10},
		// M/M/2 with ρ 0.5: 1/3 ÷ (2 − 1).
		{formula.Station{Windows: 2, Arrivals: 1, Service: 1, ArrivalSCV: 1, ServiceSCV: 1}, 1.0 / 3},
		// M/M/3 with a 2, services of 5: 4/9 ÷ (3/5 − 2/5).
		{formula.Station{Windows: 3, Arrivals: 0.4, Service: 5, ArrivalSCV: 1, ServiceSCV: 1},
			20.0 / 9},
		// Nobody comes, or all come by the clock and are served by the clock.
		{formula.Station{Windows: 3, Service: 5, ArrivalSCV: 1, ServiceSCV: 1}, 0},
		{formula.Station{Windows: 3, Arrivals: 0.4, Service: 5}, 0},
	} {
		if got := g.s.Wait(); !near(got, g.want, 1e-12) {
			t.Errorf("%+v waits %.6f, want %.6f", g.s, got, g.want)
		}
	}
	over := formula.Station{Windows: 2, Arrivals: 2, Service: 1, ArrivalSCV: 1, ServiceSCV: 1}
	if !math.IsInf(over.Wait(), 1) {
		t.Errorf("a line that never settles waits %g", over.Wait())
	}
}

// exactMDc is the mean wait of M/D/c with services of 1, by Crommelin's equations: what is in the
// system one service later is what came meanwhile, and who could not be served.
func exactMDc(c int, rho float64) float64 {
	const most = 1200
	a := rho * float64(c)
	arrive := make([]float64, most)
	arrive[0] = math.Exp(-a)
	for k := 1; k < most; k++ {
		arrive[k] = arrive[k-1] * a / float64(k)
	}
	in := make([]float64, most)
	in[0] = 1
	for range 4000 {
		next := make([]float64, most)
		for was, p := range in {
			if p < 1e-16 {
				continue
			}
			left := max(0, was-c)
			for k := 0; left+k < most && k < 150; k++ {
				next[left+k] += p * arrive[k]
			}
		}
		change := 0.0
		for i := range in {
			change += math.Abs(next[i] - in[i])
		}
		in = next
		if change < 1e-13 {
			break
		}
	}
	line := 0.0
	for n, p := range in {
		line += p * float64(max(0, n-c))
	}
	return line / a
}

// Goal: Allen and Cunneen's approximation is as good as its literature says. Method: M/D/c, where
// the exact answer can be computed (Crommelin) and is printed: two windows at half load have 0.177
// people in line (H. C. Tijms, "A First Course in Stochastic Models", table of M/D/c). The
// approximation is within 7 % at half load, and within 2 % when the windows are nearly always
// busy, which is when it matters.
func TestAllenCunneenAgainstExactValues(t *testing.T) {
	t.Parallel()
	if got := exactMDc(2, 0.5) * 1; !near(got, 0.177, 0.005) {
		t.Errorf("the exact M/D/2 at half load is %.4f, printed as 0.177", got)
	}
	for _, g := range []struct {
		c           int
		rho, within float64
	}{
		{1, 0.5, 1e-6}, {1, 0.8, 1e-6}, {2, 0.5, 0.07}, {2, 0.8, 0.025}, {3, 0.8, 0.045},
		{4, 0.9, 0.025}, {5, 0.9, 0.03}, {5, 0.95, 0.015}, {10, 0.95, 0.03},
	} {
		s := formula.Station{Windows: g.c, Arrivals: g.rho * float64(g.c), Service: 1,
			ArrivalSCV: 1}
		got, want := s.Wait(), exactMDc(g.c, g.rho)
		if !near(got, want, g.within) {
			t.Errorf("M/D/%d at %g: %.5f, exactly %.5f", g.c, g.rho, got, want)
		}
	}
}

// Goal: a ride that loads in batches: the golden numbers of a coaster with 24 seats every 90 s.
// Method: people ahead around the edges of a dispatch, with and without a priority lane.
func TestBatchRides(t *testing.T) {
	t.Parallel()
	ride := formula.Batch{Seats: 24, Interval: 90, Load: 0.85}
	if got := ride.Boarding(); !near(got, 20.4, 1e-12) {
		t.Errorf("boards %g, want 20.4", got)
	}
	if got := ride.Rate() * 3600; !near(got, 816, 1e-12) {
		t.Errorf("%g an hour, want 816", got)
	}
	shared := ride
	shared.Priority = 0.25
	full := formula.Batch{Seats: 24, Interval: 90, Load: 1}
	for _, g := range []struct {
		b           formula.Batch
		ahead, rest float64
		want        float64
	}{
		{ride, 0, 30, 30}, {ride, 20, 30, 30}, {ride, 21, 30, 120}, {ride, 100, 45, 405},
		{shared, 100, 45, 585}, // six dispatches of 15.3
		{full, 23, 0, 0}, {full, 24, 0, 90}, {full, 47, 0, 90}, {full, 48, 0, 180},
		{ride, -5, 10, 10},
	} {
		if got := g.b.Wait(g.ahead, g.rest); !near(got, g.want, 1e-12) {
			t.Errorf("%+v behind %g: %g, want %g", g.b, g.ahead, got, g.want)
		}
	}
	// A priority share p slows the standby line by 1 ÷ (1 − p).
	if got := ride.Rate() / shared.Rate(); !near(got, 1/0.75, 1e-12) {
		t.Errorf("a quarter of priority slows by %g", got)
	}
	if !math.IsInf(formula.Batch{Seats: 24, Interval: 90}.Wait(1, 0), 1) {
		t.Error("a ride that takes nobody has a wait")
	}
}

// Goal: Little's law, fluid growth and the N-curve. Method: small numbers worked out by hand.
func TestLinesThatGrowAndMove(t *testing.T) {
	t.Parallel()
	if got := formula.Little(120, 8); got != 15 {
		t.Errorf("120 people, 8 a minute: %g", got)
	}
	if formula.Little(0, 0) != 0 || !math.IsInf(formula.Little(1, 0), 1) {
		t.Error("a line that nobody leaves")
	}
	gate := formula.Station{Windows: 4, Arrivals: 60, Service: 0.1} // 40 a minute at most
	if got := gate.Fluid(5, 10); !near(got, 10, 1e-12) {
		t.Errorf("half more than can be served, ten minutes later: %g", got)
	}
	gate.Arrivals = 20
	if got := gate.Fluid(5, 4); !near(got, 3, 1e-12) {
		t.Errorf("the line melts to %g", got)
	}
	if got := gate.Fluid(1, 60); got != 0 {
		t.Errorf("the line melts below nothing: %g", got)
	}
	// Ten a minute come, five a minute leave: who leaves after ten minutes came after five.
	var in, out []float64
	for i := 1; i <= 10; i++ {
		in, out = append(in, float64(10*i)), append(out, float64(5*i))
	}
	if got, ok := formula.NCurve(in, out); !ok || got != 5 {
		t.Errorf("the person at the head waited %g, %v", got, ok)
	}
	if got, ok := formula.NCurve([]float64{10}, []float64{12}); !ok || got != 0 {
		t.Errorf("more left than came: %g, %v", got, ok)
	}
	if _, ok := formula.NCurve(nil, nil); ok {
		t.Error("no counts have an answer")
	}
}
