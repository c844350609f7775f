package queue

import (
	"math"
	"time"

	"watari/visit/park/queue/formula"
)

// Method is how a wait was found.
type Method string

// The methods.
const (
	// ByNothing: no wait is known, or there is none.
	ByNothing Method = ""
	// ByBatch: people in line over what the dispatches of a ride take.
	ByBatch Method = "batch"
	// ByLine: people in line over what the windows take (Little).
	ByLine Method = "line"
	// ByStation: how many come and how fast they are served (Allen-Cunneen): no line is counted,
	// or it is too short to tell more.
	ByStation Method = "station"
	// ByFluid: more come than can be served, so the line grows.
	ByFluid Method = "fluid"
	// ByStaff: what somebody at the place said.
	ByStaff Method = "staff"
)

// Source is where what is shown comes from.
type Source string

// The sources.
const (
	// FromSensor: counts of people and dispatches.
	FromSensor Source = "sensor"
	// FromStaff: somebody at the place.
	FromStaff Source = "staff"
	// FromEstimate: a model of the place without a count of its line.
	FromEstimate Source = "estimate"
	// FromNowhere: nobody has said anything.
	FromNowhere Source = ""
)

// view is all that is known of a place at a moment.
type view struct {
	place Place
	knows learned
	start time.Time // of the park day
	// counts has a tally a minute since start.
	counts *[dayMinutes]tally
	posts  []Post // of the place, the oldest first
	hours  *Hours // nil: not known
	now    time.Time
}

// reckoning is what was found about a place at a moment. Waits are in minutes.
type reckoning struct {
	state           State
	known           bool
	wait, low, high float64
	ahead           float64
	counted         bool // whether ahead means anything
	method          Method
	source          Source
	observed        time.Time // zero: never
	atMost, timed   bool
	busyMinutes     int // of the whole day, for what is learned
	busyServed      float64
	busyTakers      float64
}

// minute is the number of the minute of the day that holds t, within the day.
func (v *view) minute(t time.Time) int {
	return min(max(int(t.Sub(v.start)/time.Minute), 0), dayMinutes)
}

// reckon finds state and wait of a place from all that is known at a moment. It is a pure function:
// every node finds the same, and so does a look back.
func reckon(v view) reckoning {
	c := newCurve(v.place, v.knows)
	now := v.minute(v.now)
	next := 0
	for m := range now {
		for ; next < len(v.posts) && v.minute(v.posts[next].At) <= m; next++ {
			c.heed(v.posts[next], m)
		}
		c.step(m, v.counts[m])
	}
	for ; next < len(v.posts) && !v.posts[next].At.After(v.now); next++ {
		c.heed(v.posts[next], now)
	}
	r := reckoning{busyMinutes: len(c.busy)}
	for _, b := range c.busy {
		r.busyServed += b.served
		r.busyTakers += b.takers
	}
	if c.last != notTold {
		r.observed, r.source = v.start.Add(time.Duration(c.last+1)*time.Minute), FromSensor
	}
	r.state = v.state(c)
	post := v.lastPost()
	if post != nil && post.State == r.state && post.At.After(r.observed) {
		r.observed, r.source = post.At, FromStaff
	}
	if post != nil && post.TimedOnly && r.state == Operating {
		r.timed = true
		r.observed, r.source = post.At, FromStaff
		return r
	}
	v.wait(c, now, post, &r)
	return r
}

// heed takes what staff said at a minute.
func (c *curve) heed(p Post, m int) {
	switch p.State {
	case Down:
		c.halted = m
	case Operating:
		c.halted = notTold
	}
	if p.Windows != nil && c.place.Kind != Ride {
		c.place.Design.Windows = max(1, *p.Windows)
	}
	if p.Minutes != nil && !p.AtMost {
		c.known(float64(*p.Minutes) * c.rate(m))
	}
}

// lastPost is the newest post that says anything about the wait, nil when there is none.
func (v *view) lastPost() *Post {
	for i := len(v.posts) - 1; i >= 0; i-- {
		p := &v.posts[i]
		if !p.At.After(v.now) && (p.Minutes != nil || p.TimedOnly || p.State != "") {
			return p
		}
	}
	return nil
}

// servedSince tells whether at least so many minutes since a time had people taken.
func (v *view) servedSince(t time.Time, minutes int) bool {
	n := 0
	for m := v.minute(t); m < v.minute(v.now); m++ {
		if v.counts[m].served > 0 {
			n++
		}
	}
	return n >= minutes
}

// state judges how the place stands: what staff said last, unless the counts show that it is over,
// then the hours, then the counts.
func (v *view) state(c *curve) State {
	var post *Post
	for i := range v.posts {
		if p := &v.posts[i]; p.State != "" && !p.At.After(v.now) {
			post = p
		}
	}
	today := post != nil && !post.At.Before(v.start)
	switch {
	case post == nil:
	case post.State == Refurbishment:
		return Refurbishment
	case !today: // yesterday's word is no word
	case post.State == Down && !v.servedSince(post.At.Add(2*time.Minute), 2):
		return Down
	case post.State == Closed && !v.servedAfterClose(c, post):
		return Closed
	}
	open := v.servedSince(v.now.Add(-10*time.Minute), 1)
	said := today && (post.State == Operating || post.State == Down)
	if v.hours != nil && !said {
		shut := v.hours.Closed || v.now.Before(v.hours.Open) || !v.now.Before(v.hours.Close)
		if shut && (!open || v.hours.Closed || !v.now.Before(v.hours.Close)) {
			return Closed
		}
	}
	if v.hours != nil && said && v.now.After(v.hours.Close.Add(time.Hour)) {
		return Closed
	}
	age := v.minute(v.now) - c.last
	fresh := c.last != notTold && age <= staleMinutes
	switch {
	case fresh && c.stands():
		return Down
	case fresh, said && v.now.Sub(post.At) <= 12*time.Hour:
		return Operating
	default:
		return Unknown
	}
}

// servedAfterClose tells whether people joined and were taken well after staff closed a place:
// somebody forgot to open it again. A line that is emptied after the end is not that.
func (v *view) servedAfterClose(c *curve, post *Post) bool {
	n := 0
	for m := v.minute(post.At.Add(3 * time.Minute)); m < v.minute(v.now); m++ {
		if v.counts[m].served > 0 && v.counts[m].entered > 0 {
			n++
		}
	}
	return n >= 10
}

// wait finds the wait of a place that operates.
func (v *view) wait(c *curve, now int, post *Post, r *reckoning) {
	r.ahead, r.counted = c.ahead, c.curved || c.last != notTold && v.counts[c.last].inLine >= 0
	if r.state != Operating {
		return
	}
	age := now - c.last
	counts := c.last != notTold && age <= staleMinutes+1
	if post != nil && post.Minutes != nil && v.word(c, post, counts) {
		w := float64(*post.Minutes)
		r.known, r.wait, r.low, r.high = true, w, 0.75*w, 1.25*w+5
		r.method, r.source, r.observed, r.atMost = ByStaff, FromStaff, post.At, post.AtMost
		if post.AtMost {
			r.low, r.high = 0, w
		}
		return
	}
	if !counts {
		return
	}
	if v.place.Kind == Ride {
		v.ride(c, now, r)
	} else {
		v.station(c, now, r)
	}
	if !r.known || math.IsInf(r.wait, 0) || math.IsNaN(r.wait) || r.wait > mostMinutes {
		r.known = false
		return
	}
	r.low, r.high = max(0, r.low), min(mostMinutes, r.high)
}

// mostMinutes is the longest wait that is believed.
const mostMinutes = 8 * 60

// word tells whether what staff said counts more than what is counted: always without counts, and
// for ten minutes with them, because the sum of counts was set to it as well.
func (v *view) word(c *curve, p *Post, counts bool) bool {
	age := v.now.Sub(p.At)
	if !counts || !c.curved {
		return age <= staleMinutes*time.Minute
	}
	return age <= 2*time.Minute || p.AtMost && age <= 10*time.Minute
}

// ride is the wait of a ride.
func (v *view) ride(c *curve, now int, r *reckoning) {
	rate := c.rate(now)
	if rate <= 0 {
		return
	}
	interval := v.place.Design.Dispatch.Minutes()
	if !r.counted { // only who boards is counted, so the line is not known
		return
	}
	rest := interval / 2
	if c.cycle != notTold {
		rest = min(max(interval-float64(now-c.cycle)+0.5, 0.25*interval), interval)
	}
	r.known, r.method, r.source = true, ByBatch, FromSensor
	b := formula.Batch{Seats: rate * interval, Interval: interval, Load: 1}
	r.wait = b.Wait(c.ahead, rest)
	if c.ahead >= b.Seats { // where in the cycle the line begins is not known: the mean of it
		r.wait = formula.Little(c.ahead, rate)
	}
	r.spread(c.error/rate, 0.12, interval/2)
}

// spread sets low and high so that four of five waits lie between: the doubt about the line, that
// about the pace as a part of the wait, and what chance does to one person.
func (r *reckoning) spread(line, pace, chance float64) {
	dev := 1.28 * math.Sqrt(line*line+pace*pace*r.wait*r.wait+chance*chance)
	r.low, r.high = r.wait-dev, r.wait+dev
}

// smooth draws a wait that was counted towards that of the minute before: counts come in lumps, and
// lines do not.
func (r *reckoning) smooth(last Moment, minute time.Time) {
	if last.Wait == nil || last.Source != FromSensor || r.source != FromSensor ||
		minute.Sub(last.At) > 2*time.Minute {
		return
	}
	before := float64(*last.Wait) / 60
	by := (1 - newest) * (before - r.wait)
	r.wait += by
	r.low, r.high = max(0, r.low+by), r.high+by
}

// newest is the weight of the present minute in a wait.
const newest = 0.6

// station is the wait in front of windows.
func (v *view) station(c *curve, now int, r *reckoning) {
	d := c.place.Design
	coming := c.arriving(15)
	s := formula.Station{Windows: int(d.Windows), Arrivals: coming,
		Service: d.Service.Minutes(), ArrivalSCV: float64(d.ArrivalSCVPPM) / million,
		ServiceSCV: float64(d.ServiceSCVPPM) / million}
	if !r.counted {
		v.model(c, s, r)
		return
	}
	rate := c.rate(now)
	if rate <= 0 {
		return
	}
	each := 1 / rate
	line := formula.Little(c.ahead, rate) + each*formula.ErlangC(s.Windows, min(s.Load(),
		0.98*float64(s.Windows)))
	doubt := c.error / rate
	r.known, r.method, r.source, r.wait = true, ByLine, FromSensor, line
	if settled := s.Wait(); c.ahead < 2*float64(d.Windows) && !math.IsInf(settled, 0) {
		// A line this short is within the error of its count. The model knows as much: both
		// are weighed by how wrong they may be.
		mine, its := 1/(doubt*doubt), 1/math.Pow(settled+each, 2)
		r.wait = (line*mine + settled*its) / (mine + its)
		if its > mine {
			r.method = ByStation
		}
		doubt = math.Sqrt(1 / (mine + its))
	}
	r.spread(doubt, 0.12, each*math.Sqrt(max(1, c.ahead))*0.7)
}

// model is the wait when no line is counted: only who comes, or only who is served.
func (v *view) model(c *curve, s formula.Station, r *reckoning) {
	if v.counts[c.last].entered < 0 { // till sales: as many come as are served, in the long run
		served, n := 0.0, 0.0
		for i := max(0, c.last-14); i <= c.last; i++ {
			served, n = served+c.out[i], n+1
		}
		if served == 0 {
			return // nobody is served: whether anybody waits for it is not known
		}
		s.Arrivals = served / n
	}
	r.known, r.source, r.method = true, FromEstimate, ByStation
	full := float64(s.Windows) / s.Service
	if s.Arrivals < 0.97*full {
		r.wait = s.Wait()
		r.spread(r.wait, 0.2, s.Service/float64(s.Windows))
		return
	}
	// The line grows: by what came too much since it last fitted.
	r.method = ByFluid
	w := 0.0
	for i := range c.last + 1 {
		s.Arrivals = max(c.in[i], c.out[i])
		w = s.Fluid(w, 1)
	}
	r.wait = w
	r.spread(0.3*w, 0.2, s.Service)
}
