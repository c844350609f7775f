package visitor

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"watari/kit/clock"
	"watari/visit/park/queue"
)

// chart is how waits go over a day, as a picture of chartWidth by chartHeight.
type chart struct {
	usual string // an area below the usual waits
	today string // a line of today's
	now   int64  // x of this moment; -1 is outside
	top   int64  // minutes of the upper edge
	hours []chartHour
	text  string // what the picture says
}

type chartHour struct {
	x    int64
	text string
}

const (
	chartWidth  = 640
	chartHeight = 180
	chartFoot   = 24 // for the hours
	chartStep   = 15 * time.Minute
)

// drawCourse draws the usual course of a queue and today's. It is the zero chart when nothing is
// known.
func (v *Visit) drawCourse(c queue.Course, now time.Time) chart {
	if len(c.Slots) < 2 {
		return chart{}
	}
	d := chart{top: 30, now: -1}
	var busiest *queue.CourseSlot
	for i := range c.Slots {
		s := &c.Slots[i]
		for _, n := range []*int64{s.Usual, s.Today} {
			if n != nil {
				d.top = max(d.top, (*n+29)/30*30)
			}
		}
		if s.Usual != nil && (busiest == nil || *s.Usual > *busiest.Usual) {
			busiest = s
		}
	}
	from := c.Slots[0].From
	width := c.Slots[len(c.Slots)-1].From.Add(chartStep).Sub(from)
	x := func(t time.Time) int64 { return int64(t.Sub(from)) * chartWidth / int64(width) }
	y := func(n int64) int64 {
		const room = chartHeight - chartFoot
		return room - n*(room-8)/d.top
	}
	d.usual, d.today = area(c.Slots, x, y), stroke(c.Slots, x, y)
	if at := x(now); at >= 0 && at <= chartWidth {
		d.now = at
	}
	for _, s := range c.Slots {
		local := s.From.In(clock.JST)
		if local.Minute() == 0 && local.Hour()%3 == 0 {
			d.hours = append(d.hours, chartHour{x(s.From), v.Lang.Time(s.From)})
		}
	}
	if busiest != nil {
		d.text = v.T("park.usual.text", "time", v.Lang.Time(busiest.From),
			"n", strconv.FormatInt(*busiest.Usual, 10))
	}
	return d
}

// area is the ground below the usual waits, in steps of a quarter of an hour.
func area(slots []queue.CourseSlot, x func(time.Time) int64, y func(int64) int64) string {
	var b strings.Builder
	for _, part := range runs(slots, func(s queue.CourseSlot) *int64 { return s.Usual }) {
		b.WriteString(move("M", x(part[0].From), y(0)))
		for _, s := range part {
			b.WriteString(move("L", x(s.From), y(*s.Usual)))
			b.WriteString(move("L", x(s.From.Add(chartStep)), y(*s.Usual)))
		}
		b.WriteString(move("L", x(part[len(part)-1].From.Add(chartStep)), y(0)) + "Z")
	}
	return b.String()
}

// stroke is the line of today's waits.
func stroke(slots []queue.CourseSlot, x func(time.Time) int64, y func(int64) int64) string {
	var b strings.Builder
	for _, part := range runs(slots, func(s queue.CourseSlot) *int64 { return s.Today }) {
		for i, s := range part {
			letter := "L"
			if i == 0 {
				letter = "M"
			}
			b.WriteString(move(letter, x(s.From.Add(chartStep/2)), y(*s.Today)))
		}
		if len(part) == 1 {
			b.WriteString("h1")
		}
	}
	return b.String()
}

// runs cuts slots where a number is not known: a gap is no zero.
func runs(
	slots []queue.CourseSlot, of func(queue.CourseSlot) *int64,
) (out [][]queue.CourseSlot) {
	for i, s := range slots {
		if of(s) == nil {
			continue
		}
		if i == 0 || of(slots[i-1]) == nil {
			out = append(out, nil)
		}
		out[len(out)-1] = append(slices.Clip(out[len(out)-1]), s)
	}
	return out
}

func move(letter string, x, y int64) string {
	return letter + strconv.FormatInt(x, 10) + " " + strconv.FormatInt(y, 10)
}
