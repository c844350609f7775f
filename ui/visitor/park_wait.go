package visitor

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"watari/ui/parkmap"
	"watari/visit/park"
	"watari/visit/park/queue"
)

// waitRow is one queue of a list.
type waitRow struct {
	queue.Wait
	say  parkmap.Wait
	note string // of when it was true, or what is special
	href string
}

// order sorts queues: by what is waited, what is not known after that, what takes nobody last.
func (r waitRow) order() int64 {
	switch {
	case r.Minutes != nil:
		return *r.Minutes
	case r.State == queue.Operating:
		return math.MaxInt32 - 1
	}
	return math.MaxInt32
}

// Waits up to here are good, and up to there so-so; only the colour hangs on it.
const (
	shortWait = 20
	longWait  = 60
)

// sayWait puts a wait into words: short for the map, long for lists. What is not known is never a
// number, and what takes nobody has none.
func (v *Visit) sayWait(w queue.Wait) parkmap.Wait {
	out := parkmap.Wait{Minutes: -1}
	switch {
	case w.State == queue.Down:
		out.Text, out.Long, out.Tone = "!", v.T("park.wait.down"), Stop
	case w.State == queue.Closed:
		out.Text, out.Long, out.Tone = "–", v.T("park.wait.closed"), Stop
	case w.State == queue.Refurbishment:
		out.Text, out.Long, out.Tone = "–", v.T("park.wait.refurbishment"), Stop
	case w.State == queue.Operating && w.TimedOnly:
		out.Text, out.Long = "⏱", v.T("park.wait.timed")
	case w.State == queue.Operating && w.Minutes != nil:
		n := strconv.FormatInt(*w.Minutes, 10)
		out.Minutes, out.Text, out.Long = *w.Minutes, n, v.T("minutes", "n", n)
		switch {
		case *w.Minutes == 0:
			out.Long = v.T("park.wait.none")
		case w.AtMost:
			out.Text, out.Long = "≤"+n, v.T("minutes.most", "n", n)
		}
		switch {
		case *w.Minutes <= shortWait:
			out.Tone = Good
		case *w.Minutes > longWait:
			out.Tone = Wait
		}
	default:
		out.Text, out.Long = "?", v.T("park.wait.unknown")
	}
	return out
}

// noteWait says of when a wait is, when that is not now, and what was last known.
func (v *Visit) noteWait(w queue.Wait) string {
	switch {
	case w.State == queue.Operating && w.Minutes == nil && w.Last != nil && !w.TimedOnly:
		return v.T("park.wait.last", "n", *w.Last, "time", v.Lang.Time(w.LastAt))
	case w.Minutes != nil && w.Fresh != queue.Fresh && !w.ObservedAt.IsZero():
		return v.T("park.wait.asof", "time", v.Lang.Time(w.ObservedAt))
	case w.Minutes != nil && w.Trend > 0:
		return v.T("park.wait.longer")
	case w.Minutes != nil && w.Trend < 0:
		return v.T("park.wait.shorter")
	}
	return ""
}

// rows are the queues of a kind.
func (g *parkPages) rows(
	v *Visit, slug string, waits []queue.Wait, kind queue.Kind,
) (out []waitRow) {
	for _, w := range waits {
		if w.Place.Kind == kind {
			out = append(out, waitRow{w, v.sayWait(w), v.noteWait(w),
				ParkPath + slug + "/waits/" + w.Place.Code})
		}
	}
	return out
}

// waitsScreen is what the page of waits shows.
type waitsScreen struct {
	park   park.Park
	open   bool
	rides  []waitRow
	others []waitRow
	held   *queue.Ticket
	at     *queue.Wait // of the number that is held
}

// waitsPage is the page of one of a park's queues, or all of them.
func (g *parkPages) waitsPage(v *Visit) (s waitsScreen, waits []queue.Wait, err error) {
	if s.park, err = g.find(v); err != nil {
		return s, nil, err
	}
	day, known, err := g.hoursOf(v.Ctx(), s.park.ID, park.DayOf(v.Now))
	if err != nil {
		return s, nil, err
	}
	s.open = openAt(day, known, v.Now)
	if waits, err = g.Queues.Live(v.Ctx(), s.park.ID); err != nil {
		return s, nil, err
	}
	if v.Visitor != nil {
		if s.held, err = g.Queues.Held(v.Ctx(), s.park.ID, v.Visitor.ID); err != nil {
			return s, nil, err
		}
	}
	if s.held != nil {
		s.at = waitAt(waits, s.held.PlaceID)
	}
	return s, waits, nil
}

// follow has a page drawn anew when the visitor's number comes closer or is called.
func (s *waitsScreen) follow(p Page) Page {
	p.State = "none"
	if h := s.held; h != nil {
		p.State, p.Again = fmt.Sprint(h.State, h.Ahead, h.Drawn, h.Paused, h.From.Unix()), 15
	}
	return p
}

// waitAt finds a queue by its id or code.
func waitAt(waits []queue.Wait, place string) *queue.Wait {
	for i := range waits {
		if waits[i].Place.ID == place || waits[i].Place.Code == place {
			return &waits[i]
		}
	}
	return nil
}

// showWaits lists the queues of a park.
func (g *parkPages) showWaits(v *Visit) error {
	s, waits, err := g.waitsPage(v)
	if err != nil {
		return err
	}
	s.rides = g.rows(v, s.park.Slug, waits, queue.Ride)
	slices.SortStableFunc(s.rides, func(a, b waitRow) int {
		return cmp.Compare(a.order(), b.order())
	})
	s.others = append(g.rows(v, s.park.Slug, waits, queue.Counter),
		g.rows(v, s.park.Slug, waits, queue.Entrance)...)
	return v.Show(statusOK, s.follow(Page{Title: v.T("park.waits"), Up: g.up(v, s.park),
		Keep: true, Style: parkStyle, Script: parkScript, Class: "park", Refresh: 60}),
		v.parkWaits(s))
}

// up is the way to the page of a park.
func (g *parkPages) up(v *Visit, p park.Park) Link {
	_, name := p.Name.Best(v.Lang)
	return Link{name, ParkPath + p.Slug}
}

// placeScreen is what the page of one queue shows.
type placeScreen struct {
	waitsScreen
	row    waitRow
	better *waitRow // another counter or entrance that is faster
	gain   int64    // minutes
	course queue.Course
	chart  chart
	party  int64
	hasMap bool
}

// showPlace shows one queue: now, over the usual day, and its virtual queue.
func (g *parkPages) showPlace(v *Visit) error {
	s, waits, err := g.waitsPage(v)
	if err != nil {
		return err
	}
	w := waitAt(waits, v.R.PathValue("place"))
	if w == nil {
		return v.NotFound()
	}
	p := placeScreen{waitsScreen: s, hasMap: g.Maps != nil,
		row: waitRow{*w, v.sayWait(*w), v.noteWait(*w), ""}}
	if best, gain, ok := queue.Better(waits, w.Place.ID); ok {
		p.better, p.gain = &waitRow{Wait: best, href: ParkPath + s.park.Slug + "/waits/" +
			best.Place.Code}, gain
	}
	p.course, err = g.Queues.Course(v.Ctx(), s.park.ID, w.Place.ID, park.DayOf(v.Now))
	if err != nil {
		return err
	}
	p.chart = v.drawCourse(p.course, v.Now)
	_, name := w.Place.Name.Best(v.Lang)
	return v.Show(v.statusOr(), s.follow(Page{Title: name, Keep: true, Refresh: 60,
		Up:    Link{v.T("park.waits"), ParkPath + s.park.Slug + "/waits"},
		Style: parkStyle, Script: parkScript, Class: "park"}), v.parkPlace(p))
}

// statusOr is the status of a page that may be shown after a refusal.
func (v *Visit) statusOr() int {
	if v.status != 0 {
		return v.status
	}
	return statusOK
}

// joinLine takes a number of a virtual queue.
func (g *parkPages) joinLine(v *Visit) error {
	p, err := g.find(v)
	if err != nil {
		return err
	}
	party, err := strconv.ParseInt(v.Typed("party"), 10, 64)
	if err != nil {
		party = 0 // nobody: it is refused
	}
	_, err = g.Queues.Join(v.Ctx(), queue.Join{ParkID: p.ID, PlaceID: v.R.PathValue("place"),
		VisitorID: v.Visitor.ID, Party: party})
	if v.Refused(err) {
		return g.showPlace(v)
	}
	if err != nil {
		return err
	}
	return v.SeeOther(ParkPath+p.Slug+"/waits/"+v.R.PathValue("place"), v.T("park.line.taken"))
}

// leaveLine gives a number back.
func (g *parkPages) leaveLine(v *Visit) error {
	p, err := g.find(v)
	if err != nil {
		return err
	}
	_, err = g.Queues.Leave(v.Ctx(), v.Visitor.ID, token(v.Typed("number")))
	if v.Refused(err) {
		return g.showPlace(v)
	}
	if err != nil {
		return err
	}
	return v.SeeOther(ParkPath+p.Slug+"/waits/"+v.R.PathValue("place"), v.T("park.line.left"))
}

// waitsOf are the waits of a park in words, by the code of the queue.
func (g *parkPages) waitsOf(
	ctx context.Context, v *Visit, parkID string,
) map[string]parkmap.Wait {
	waits, err := g.waits(ctx, parkID)
	if err != nil {
		v.missed("waits", err)
	}
	out := map[string]parkmap.Wait{}
	for _, w := range waits {
		out[w.Place.Code] = v.sayWait(w)
	}
	return out
}

// span is a time from one moment to another, in Japan.
func (v *Visit) span(from, to time.Time) string {
	return v.Lang.Time(from) + "–" + v.Lang.Time(to)
}
