package formula

import "math"

// ErlangC is the probability that somebody who arrives at c windows has to wait, when arrivals are
// random (Poisson) and services exponential. a is the load in erlangs: arrivals a unit of time
// times the mean service time. It is 1 when a is c or more: then everybody waits.
//
// It is computed by the recursion of Erlang's loss formula, which neither overflows nor loses
// digits, however many windows there are. c is at least 1, a at least 0.
func ErlangC(c int, a float64) float64 {
	if a >= float64(c) {
		return 1
	}
	lost := 1.0 // Erlang's formula B, window by window
	for n := 1; n <= c; n++ {
		lost = a * lost / (float64(n) + a*lost)
	}
	return lost / (1 - a/float64(c)*(1-lost))
}

// Station is a line in front of c equal windows.
type Station struct {
	// Windows is how many are open, at least 1.
	Windows int
	// Arrivals is how many come a unit of time.
	Arrivals float64
	// Service is the mean time that one window takes for one of them.
	Service float64
	// ArrivalSCV and ServiceSCV are squared coefficients of variation (variance over squared
	// mean): 1 is random, 0 is by the clock.
	ArrivalSCV, ServiceSCV float64
}

// Load is the load in erlangs: how many windows are busy on average.
func (s Station) Load() float64 { return s.Arrivals * s.Service }

// Wait is the mean time in line, without the service, once the line has settled: Erlang C times
// Allen and Cunneen's correction for how evenly people come and are served,
//
//	Wq = C(c, a) ÷ (c ÷ Service − Arrivals) × (ArrivalSCV + ServiceSCV) ÷ 2
//
// It is exact for M/M/c and M/G/1, and within some per cent for M/G/c under load. It is +Inf when
// the load is that of all windows or more: such a line never settles, see Fluid.
func (s Station) Wait() float64 {
	c := float64(s.Windows)
	a := s.Load()
	if a >= c {
		return math.Inf(1)
	}
	if s.Arrivals <= 0 || s.Service <= 0 {
		return 0
	}
	random := ErlangC(s.Windows, a) / (c/s.Service - s.Arrivals)
	return random * (s.ArrivalSCV + s.ServiceSCV) / 2
}

// Fluid is the wait of somebody who joins after a time t when more come than can be served: a line
// with a wait of now grows by what arrives over what is served. It is never below 0; with fewer
// arrivals than service it is how fast a line melts.
func (s Station) Fluid(now, t float64) float64 {
	return max(0, now+(s.Load()/float64(s.Windows)-1)*t)
}
