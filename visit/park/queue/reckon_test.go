package queue

import (
	"math"
	"testing"
	"time"
)

// scene is a place on a day from 09:00, told minute by minute.
type scene struct {
	view
	t *testing.T
	m int // the next minute
}

// nine is 09:00 in minutes of the park day.
const nine = 4 * 60

func newScene(t *testing.T, p Place) *scene {
	start, _ := DayStart("2026-11-23")
	s := &scene{t: t, m: nine}
	s.view = view{place: p, start: start, counts: new([dayMinutes]tally),
		hours: &Hours{Day: "2026-11-23", Open: start.Add(4 * time.Hour),
			Close: start.Add(15 * time.Hour)}}
	for m := range s.counts {
		s.counts[m] = silent
	}
	return s
}

// coaster boards 24 × 0.85 = 20.4 people every 90 s: 13.6 a minute.
func coaster() Place {
	p := Place{ID: "que_1", Kind: Ride, Design: Design{Seats: 24, Dispatch: 90 * time.Second}}
	p.Design.complete(Ride, func(string, string) {})
	return p
}

// office has three windows that take a minute for a person.
func office() Place {
	p := Place{ID: "que_2", Kind: Counter, Design: Design{Windows: 3, Service: time.Minute,
		ServiceSCVPPM: 500_000}}
	p.Design.complete(Counter, func(string, string) {})
	return p
}

// pass lets minutes pass with the same counts; notTold is what nobody counts.
func (s *scene) pass(minutes int, t tally) *scene {
	for range minutes {
		s.counts[s.m] = t
		s.m++
	}
	return s
}

// turn is a tally of who came, who was taken, and dispatches.
func turn(entered, served, cycles int32) tally {
	return tally{entered, served, 0, notTold, cycles}
}

func (s *scene) post(p Post) *scene {
	p.At = s.start.Add(time.Duration(s.m)*time.Minute - time.Second)
	s.posts = append(s.posts, p)
	return s
}

func (s *scene) look() reckoning {
	s.now = s.start.Add(time.Duration(s.m) * time.Minute)
	return reckon(s.view)
}

// wants holds what is found to a state and a wait.
func (s *scene) wants(what string, state State, wait, within float64) reckoning {
	s.t.Helper()
	r := s.look()
	if r.state != state || !r.known && wait >= 0 || r.known && wait < 0 {
		s.t.Errorf("%s: %s, known %v, want %s", what, r.state, r.known, state)
	}
	if wait >= 0 && math.Abs(r.wait-wait) > within {
		s.t.Errorf("%s: %.2f minutes, want %.2f ± %.2f", what, r.wait, wait, within)
	}
	if r.known && (r.low > r.wait || r.high < r.wait || r.low < 0) {
		s.t.Errorf("%s: %.2f is not within %.2f to %.2f", what, r.wait, r.low, r.high)
	}
	return r
}

// unknown is a wait that is not known.
const unknown = -1

func minutes(n int64) *int64 { return &n }

// Goal: a ride's wait is the people in line over what is taken, and the rest of the cycle when
// there is room. Method: lines of known length at a known pace.
func TestWaitOfARide(t *testing.T) {
	t.Parallel()
	// Each minute 20 come and 13.6 are taken (27 and 0, 14 and 13): after 60 the line has 384.
	s := newScene(t, coaster())
	for range 30 {
		s.pass(1, turn(20, 14, 1)).pass(1, turn(20, 13, 0))
	}
	r := s.wants("a full hour", Operating, 390/13.5, 1.5)
	if r.method != ByBatch || r.source != FromSensor || math.Abs(r.ahead-390) > 3 {
		t.Errorf("found %+v", r)
	}
	s.pass(30, turn(0, 13, 1))
	s.wants("nobody comes any more", Operating, 0, 1.2)
	quiet := newScene(t, coaster()).pass(30, turn(5, 5, 1))
	r = quiet.wants("room on every train", Operating, 0.75, 0.6)
	if r.low > 0.1 {
		t.Errorf("with room the least wait is %.2f", r.low)
	}
}

// Goal: the pace is what is seen, not what the brochure says: half the trains, twice the wait.
// Method: the same line at the design's pace and at half of it.
func TestPaceIsMeasured(t *testing.T) {
	t.Parallel()
	full := newScene(t, coaster()).pass(1, turn(300, 0, 0)).pass(20, turn(14, 14, 1))
	half := newScene(t, coaster()).pass(1, turn(300, 0, 0)).pass(40, turn(7, 7, 1))
	a, b := full.look(), half.look()
	if math.Abs(a.wait-300/14) > 2 || b.wait < 1.6*a.wait {
		t.Errorf("waits %.1f and %.1f", a.wait, b.wait)
	}
}

// Goal: what is not known is not shown: a sensor that falls silent makes the wait age and then
// unknown, and no sensor at all is unknown, never 0. Method: counts, then silence.
func TestUnknownIsNeverZero(t *testing.T) {
	t.Parallel()
	s := newScene(t, coaster()).pass(30, turn(20, 13, 1))
	before := s.look()
	s.pass(10, silent)
	r := s.wants("ten minutes of silence", Operating, before.wait+5, 5)
	if f := freshness(r.observed, s.now); f != Ageing {
		t.Errorf("it is %s", f)
	}
	s.pass(10, silent)
	s.wants("twenty minutes of silence", Unknown, unknown, 0)
	newScene(t, coaster()).pass(60, silent).wants("never a word", Unknown, unknown, 0)
	// Who boards is counted, and nobody knows how many wait.
	newScene(t, coaster()).pass(30, tally{notTold, 13, notTold, notTold, 1}).wants("no tail",
		Operating, unknown, 0)
	// Only sales are counted, and there are none: the tills may stand still, and people in front.
	sales := func(n int32) tally { return tally{notTold, n, notTold, notTold, notTold} }
	newScene(t, office()).pass(30, sales(0)).wants("no sales", Operating, unknown, 0)
	newScene(t, office()).pass(30, sales(1)).wants("some sales", Operating, 0.2, 0.5)
}

// Goal: a line whose head does not move for three dispatches stands still, without anybody
// pressing a button, and the standstill does not spoil the pace. Method: a breakdown of 20 minutes.
func TestStandstillIsNoticed(t *testing.T) {
	t.Parallel()
	s := newScene(t, coaster()).pass(40, turn(20, 14, 1))
	pace := s.look()
	s.pass(4, turn(5, 0, 0)).wants("three minutes", Operating, pace.wait+1.5, 2.5)
	s.pass(6, turn(5, 0, 0)).wants("ten minutes", Down, unknown, 0)
	s.pass(10, turn(0, 0, 0)).pass(2, turn(0, 14, 1))
	s.wants("it moves again", Operating, (240+50-28)/13.8, 2)
}

// Goal: a closed place has no wait, and hours and staff say what closed is. Method: before opening,
// after closing, and each word of the staff; the next day nobody's word holds but a refurbishment.
func TestStatesOfAPlace(t *testing.T) {
	t.Parallel()
	s := newScene(t, coaster())
	s.m = nine - 30
	s.wants("before the opening", Closed, unknown, 0)
	s.pass(30, turn(0, 0, 0)).pass(30, turn(20, 14, 1)).wants("open", Operating, 13, 2)
	s.post(Post{State: Down}).pass(1, turn(20, 14, 1)).wants("the button", Down, unknown, 0)
	s.pass(5, turn(1, 0, 0)).wants("it stands", Down, unknown, 0)
	s.pass(4, turn(1, 14, 1)).wants("it goes, and nobody pressed", Operating, 10, 1.5)
	s.post(Post{State: Closed}).pass(3, turn(0, 14, 1)).wants("for today", Closed, unknown, 0)
	s.pass(8, turn(0, 14, 1)).wants("the line is emptied", Closed, unknown, 0)
	s.post(Post{State: Operating}).pass(1, turn(3, 3, 1)).wants("again", Operating, 0.7, 0.7)
	s.m = 15 * 60
	s.hours.Close = s.start.Add(15 * time.Hour)
	s.post(Post{State: Closed}).wants("the evening", Closed, unknown, 0)

	old := Post{State: Down, At: s.start.Add(-5 * time.Hour)}
	next := newScene(t, coaster())
	next.posts = []Post{old}
	next.pass(10, turn(5, 5, 1)).wants("a new day", Operating, 0.7, 0.7)
	old.State = Refurbishment
	next.posts = []Post{old}
	next.wants("a refurbishment", Refurbishment, unknown, 0)
	shut := newScene(t, coaster())
	shut.hours.Closed = true
	shut.pass(10, turn(1, 0, 0)).wants("a closed day", Closed, unknown, 0)
}

// Goal: what staff see counts: it is shown as it is said, sets the count of the line right, and
// grows old. Method: a line that the sensor miscounted, with and without sensors.
func TestStaffSetTheLineRight(t *testing.T) {
	t.Parallel()
	s := newScene(t, coaster()).pass(60, turn(16, 14, 1)) // 120 too many, says somebody who looks
	s.wants("miscounted", Operating, 8.6, 1)
	r := s.post(Post{Minutes: minutes(0)}).pass(1, turn(14, 14, 1)).look()
	if !r.known || r.method != ByStaff || r.wait != 0 {
		t.Errorf("staff said 0: %+v", r)
	}
	s.pass(5, turn(14, 14, 1)).wants("counted on from there", Operating, 0.7, 0.7)

	alone := newScene(t, coaster()).post(Post{State: Operating, Minutes: minutes(40)})
	alone.pass(10, silent)
	if r := alone.wants("no sensors", Operating, 40, 0); r.source != FromStaff || r.high <= 40 {
		t.Errorf("found %+v", r)
	}
	alone.pass(10, silent).wants("20 minutes later", Operating, unknown, 0)
	most := newScene(t, coaster()).post(Post{Minutes: minutes(10), AtMost: true, State: Operating})
	if r := most.pass(2, silent).look(); !r.atMost || r.high != 10 || r.low != 0 {
		t.Errorf("at most 10: %+v", r)
	}
	timed := newScene(t, coaster()).post(Post{State: Operating, TimedOnly: true})
	if r := timed.pass(5, turn(3, 3, 1)).wants("timed tickets only", Operating, unknown,
		0); !r.timed {
		t.Error("it is not said that nobody can wait")
	}
}

// Goal: miscounts do not add up for ever: half-empty trains prove that nobody waits, and what
// former days taught corrects a sensor. Method: a sensor that counts a tenth too many.
func TestMiscountsAreCorrected(t *testing.T) {
	t.Parallel()
	s := newScene(t, coaster())
	s.knows = learned{each: 20.4, rate: 13.6}
	s.pass(200, turn(9, 8, 1)) // 8 of 20 seats: there is room, and a false line of 200
	s.wants("room on every train", Operating, 0.7, 2)
	biased := newScene(t, coaster())
	biased.knows = learned{ratio: 0.9, each: 20.4, rate: 13.6}
	biased.pass(1, turn(100, 0, 0)).pass(120, turn(15, 14, 1)) // 13.5 really come
	biased.wants("a known bias", Operating, (90-60)/13.6, 2)
	under := newScene(t, coaster()).pass(60, turn(10, 14, 1))
	if r := under.look(); r.ahead != 0 {
		t.Errorf("a line of %g people", r.ahead)
	}
}

// Goal: windows: the line over the pace of those that are open, and the formula alone where no line
// is counted. Method: M/G/3 with a load of 2.4 against its closed form; more people than windows.
func TestWaitAtWindows(t *testing.T) {
	t.Parallel()
	line := newScene(t, office()).pass(1, turn(30, 0, notTold)).pass(30, turn(3, 3, notTold))
	if r := line.wants("30 people, 3 a minute", Operating, 10.3, 0.6); r.method != ByLine {
		t.Errorf("found by %q", r.method)
	}
	fewer := newScene(t, office()).pass(1, turn(30, 0, notTold)).pass(30, turn(3, 3, notTold))
	fewer.post(Post{Windows: minutes(1)}).pass(1, turn(0, 1, notTold))
	fewer.wants("one window is left", Operating, 30, 3)

	// Only the till tells: 2.4 a minute at three windows of a minute, variations 1 and 0.5.
	till := newScene(t, office())
	for range 12 {
		till.pass(3, tally{notTold, 2, notTold, notTold, notTold})
		till.pass(2, tally{notTold, 3, notTold, notTold, notTold})
	}
	want := 0.6472 / (3 - 2.4) * 0.75
	r := till.wants("M/G/3", Operating, want, 0.005)
	if r.method != ByStation || r.source != FromEstimate {
		t.Errorf("found %+v", r)
	}
	// Six a minute come for half an hour and three can be served: the wait grows to 30 minutes.
	flood := newScene(t, office()).pass(30, tally{6, notTold, notTold, notTold, notTold})
	if r := flood.wants("a flood", Operating, 30, 0.5); r.method != ByFluid {
		t.Errorf("found by %q", r.method)
	}
	// A camera alone sees the line.
	eye := newScene(t, office()).pass(10, tally{notTold, notTold, notTold, 12, notTold})
	eye.wants("a camera", Operating, 4.2, 0.5)
}
