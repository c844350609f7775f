package queue

import (
	"math"

	"watari/visit/park/queue/formula"
)

// dayMinutes is the length of a park day.
const dayMinutes = 24 * 60

// tally is what is known of one minute of a place, all its sensors together; notTold is what no
// sensor counts.
type tally struct{ entered, served, back, inLine, cycles int32 }

const notTold = -1

var silent = tally{notTold, notTold, notTold, notTold, notTold}

// told tells whether any sensor said anything.
func (t tally) told() bool { return t != silent }

// plus adds what another sensor counted in the same minute.
func (t tally) plus(o tally) tally {
	add := func(a, b int32) int32 {
		switch {
		case a == notTold:
			return b
		case b == notTold:
			return a
		}
		return a + b
	}
	return tally{add(t.entered, o.entered), add(t.served, o.served), add(t.back, o.back),
		add(t.inLine, o.inLine), add(t.cycles, o.cycles)}
}

// said is the count, or 0 when there is none.
func said(n int32) float64 { return float64(max(0, n)) }

// learned is what former days taught of a place. The zero value is nothing.
type learned struct {
	// ratio is how many left for each who was counted in, over whole days: what the sensor at
	// the tail makes of a hundred people. 0 is not known.
	ratio float64
	// each is how many one dispatch took, or one window in a minute, while people waited; rate is
	// how many a minute were taken then. 0 is not known.
	each, rate float64
}

// curve is the line of a place over a day, minute by minute, from its begin up to now.
type curve struct {
	place Place
	knows learned

	ahead  float64 // people in line now
	error  float64 // one standard deviation of that
	coming float64 // people counted in since the line was last known
	curved bool    // whether entries and exits are both counted
	last   int     // the last minute that anything was told of, notTold when none
	zeros  int     // minutes in a row in which people waited and nobody was taken
	cycle  int     // the last minute with a dispatch, notTold when none
	halted int     // the minute in which staff said that it stands still, else notTold

	busy []busyMinute // minutes in which people waited and were taken, the newest last
	idle int          // of these the last so many may be a standstill: taken back when it is one
	in   [dayMinutes]float64
	out  [dayMinutes]float64
	// takers are the dispatches of a minute, or the windows that were open in it.
	takers [dayMinutes]float64
}

// busyMinute is a minute in which people waited.
type busyMinute struct {
	at     int
	served float64
	takers float64 // as in curve
}

func newCurve(p Place, k learned) *curve {
	return &curve{place: p, knows: k, last: notTold, cycle: notTold,
		halted: notTold}
}

// design is what the place can take by its construction, in people a minute.
func (c *curve) design() float64 {
	if c.place.Kind == Ride {
		return c.batch().Rate() * 60
	}
	return float64(c.place.Design.Windows) * 60 / c.place.Design.Service.Seconds()
}

// batch is the ride in seconds.
func (c *curve) batch() formula.Batch {
	d := c.place.Design
	return formula.Batch{Seats: float64(d.Seats), Interval: d.Dispatch.Seconds(),
		Load: float64(d.LoadPPM) / million, Priority: float64(d.PriorityPPM) / million}
}

// boarding is how many one dispatch, or one service of all windows, takes.
func (c *curve) boarding() float64 {
	if c.place.Kind == Ride {
		return max(1, c.batch().Boarding())
	}
	return float64(c.place.Design.Windows)
}

// patience is how many minutes without anybody being taken are no standstill yet.
func (c *curve) patience() int {
	if c.place.Kind != Ride {
		return 6
	}
	return int(max(4, math.Ceil(3*c.place.Design.Dispatch.Minutes())))
}

// step takes one minute.
func (c *curve) step(m int, t tally) {
	if !t.told() {
		c.missing(m)
		return
	}
	c.last = m
	waited := c.ahead
	in, out, back := said(t.entered)*c.ratio(), said(t.served), said(t.back)*c.ratio()
	c.in[m], c.out[m] = in, out
	if t.entered != notTold && t.served != notTold {
		c.curved = true
		c.ahead += in - out - back
		c.coming += in
		if c.ahead <= 0 {
			c.known(0)
		}
	}
	if t.inLine != notTold {
		c.seen(float64(t.inLine))
	}
	c.takers[m] = float64(c.place.Design.Windows)
	if c.place.Kind == Ride {
		c.takers[m] = said(t.cycles)
	}
	if t.cycles > 0 {
		c.cycle = m
	}
	c.emptied(m)
	c.pace(m, waited, t)
	c.error = math.Sqrt(1+0.04*c.coming) + c.doubt()*c.coming
}

// ratio is what one counted entry stands for.
func (c *curve) ratio() float64 {
	if c.knows.ratio > 0 {
		return c.knows.ratio
	}
	return 1
}

// doubt is how wrong the ratio may be.
func (c *curve) doubt() float64 {
	if c.knows.ratio > 0 {
		return 0.006
	}
	return 0.03
}

// missing is a minute that no sensor told of: what came and left is guessed from the last ones.
func (c *curve) missing(m int) {
	if c.last == notTold || m-c.last > staleMinutes || !c.curved {
		return
	}
	from := max(0, m-10)
	in, out, n := 0.0, 0.0, 0.0
	for i := from; i <= c.last; i++ {
		in, out, n = in+c.in[i], out+c.out[i], n+1
	}
	if n > 0 {
		c.ahead = max(0, c.ahead+(in-out)/n)
		c.coming += in / n
		c.error += (in + out) / n * 0.3
	}
}

// known sets the line to what it is known to be.
func (c *curve) known(people float64) { c.ahead, c.coming = people, people }

// seen takes what a camera sees of the line: more to be trusted than a sum of small errors.
func (c *curve) seen(people float64) {
	if !c.curved {
		c.known(people)
		return
	}
	c.known(0.5*c.ahead + 0.5*people)
}

// emptied notices that the place takes clearly fewer than it does while people wait: staff fill
// dispatches, and windows call the next, while anybody waits. So a short while ago nobody did,
// whatever the sum of the counts says, and the line is at most what came since.
func (c *curve) emptied(m int) {
	span, since := int(c.spans()[1]), int(c.spans()[0])
	if m < span || c.knows.each <= 0 {
		return
	}
	could, served, came := 0.0, 0.0, 0.25*c.boarding()
	for i := m - span + 1; i <= m; i++ {
		served += c.out[i]
		could += c.takers[i] * c.knows.each
		if i > m-since {
			came += max(0, c.in[i]-c.out[i])
		}
	}
	// Groups of about three come and board together, so the sum scatters like that of thrice as
	// many people who do not.
	if served < 0.8*could && could-served > 2.5*math.Sqrt(3*could) && came < c.ahead {
		c.known(came)
	}
}

// pace keeps how many are taken in minutes in which people wait.
func (c *curve) pace(m int, waited float64, t tally) {
	if t.served == notTold {
		return
	}
	if t.served > 0 && m > c.halted+2 { // who had boarded may leave after the button
		c.halted = notTold
	}
	if waited < c.boarding() || c.halted != notTold {
		c.zeros, c.idle = 0, 0
		return
	}
	c.busy = append(c.busy, busyMinute{m, said(t.served), c.takers[m]})
	if t.served > 0 {
		c.zeros, c.idle = 0, 0
		return
	}
	c.zeros++
	c.idle++
	if c.zeros > c.patience() { // it stands still: these minutes say nothing about its pace
		c.busy = c.busy[:max(0, len(c.busy)-c.idle)]
		c.idle = 0
	}
}

// stands tells whether people wait and nobody is taken for too long.
func (c *curve) stands() bool { return c.zeros > c.patience() && c.ahead >= c.boarding() }

// rate is how many a minute are expected to be taken while people wait: the median of what was
// taken over three spans, drawn towards what former days or the design say while there is little
// to go by. At windows it is what one takes, times those that are open now.
func (c *curve) rate(now int) float64 {
	prior, by := c.design(), 1.0
	if c.place.Kind != Ride {
		by = float64(c.place.Design.Windows)
		if c.knows.each > 0 {
			prior = c.knows.each * by
		}
	} else if c.knows.rate > 0 {
		prior = c.knows.rate
	}
	spans := c.spans()
	moving := len(c.busy)
	if float64(c.zeros) > 1.5*c.place.Design.Dispatch.Minutes() && c.place.Kind == Ride {
		moving = max(0, moving-c.idle) // it may be a standstill: that is not its pace
	}
	var means [3]float64
	n := 0.0
	for i, span := range spans {
		sum, takers, k := 0.0, 0.0, 0.0
		for j := moving - 1; j >= 0 && k < span && now-c.busy[j].at <= busyMinutes; j-- {
			sum, takers, k = sum+c.busy[j].served, takers+c.busy[j].takers, k+1
		}
		if k == 0 {
			return prior
		}
		means[i], n = sum/k, k
		if c.place.Kind != Ride && takers > 0 {
			means[i] = sum / takers * by
		}
	}
	measured := median3(means[0], means[1], means[2])
	weight := n / (n + 0.8*spans[0])
	return min(1.3*c.design()*c.headroom(), max(0.15*prior, weight*measured+(1-weight)*prior))
}

// headroom is how much faster than its design a place may be: full trains.
func (c *curve) headroom() float64 {
	if c.place.Kind == Ride {
		return million / float64(max(1, c.place.Design.LoadPPM))
	}
	return 1.5
}

// spans are the lengths over which the pace is measured, in minutes: 5, 10 and 15, and longer for
// rides whose dispatches are so far apart that five minutes hold hardly one.
func (c *curve) spans() [3]float64 {
	unit := 5.0
	if c.place.Kind == Ride {
		unit = max(unit, 4*c.place.Design.Dispatch.Minutes())
	}
	return [3]float64{unit, 2 * unit, 3 * unit}
}

func median3(a, b, c float64) float64 {
	return max(min(a, b), min(max(a, b), c))
}

// arriving is how many a minute came over the last so many minutes that were told of.
func (c *curve) arriving(minutes int) float64 {
	if c.last == notTold {
		return 0
	}
	sum, n := 0.0, 0.0
	for i := max(0, c.last-minutes+1); i <= c.last; i++ {
		sum, n = sum+c.in[i], n+1
	}
	return sum / n
}

const (
	// staleMinutes is the age at which what is known is no longer shown as a wait.
	staleMinutes = 15
	// freshMinutes is the age up to which it counts as of now.
	freshMinutes = 5
	// busyMinutes is how far back the pace of a place is looked for.
	busyMinutes = 120
)
