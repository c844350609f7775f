package park

import (
	"cmp"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"watari/ui/console"
	"watari/visit/park/queue"
)

// queuesScreen is how long people wait now, and how right that was on a day.
type queuesScreen struct {
	day      string
	waits    []queue.Wait
	accuracy []queue.Accuracy
}

func (a *app) showQueues(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	s := queuesScreen{day: dayIn(v, "day", today(v))}
	if s.waits, err = a.Queues.Live(v.Ctx(), p.ID); err != nil {
		return err
	}
	if s.accuracy, err = a.Queues.Accuracy(v.Ctx(), p.ID, s.day); err != nil {
		return err
	}
	page := console.Page{Title: v.T("queues.title"), Tab: "queues", Wide: true,
		Lead: v.T("queues.lead")}
	return v.Show(http.StatusOK, page, queuesPage(v, s))
}

// name is the name of a place by its id; "" is all of them.
func (s queuesScreen) name(v *console.Visit, id string) string {
	for _, w := range s.waits {
		if w.Place.ID == id {
			return w.Place.Name.In(v.Lang)
		}
	}
	return v.T("accuracy.all")
}

// accuracyTable compares what was posted with what people waited.
func (s queuesScreen) accuracyTable(v *console.Visit) console.Table {
	t := console.Table{Caption: v.T("accuracy.title"), Columns: []console.Column{
		{Title: v.T("c.place"), Main: true}, {Title: v.T("accuracy.riders"), Number: true},
		{Title: v.T("accuracy.waited"), Number: true},
		{Title: v.T("accuracy.error"), Number: true},
		{Title: v.T("accuracy.bias"), Number: true},
		{Title: v.T("accuracy.estimate"), Number: true, Small: true},
		{Title: v.T("accuracy.within"), Number: true, Small: true},
		{Title: v.T("accuracy.blind"), Number: true}},
		Empty: console.Empty{Icon: "wait", Title: v.T("accuracy.none"),
			Text: v.T("accuracy.none.text")}}
	for _, one := range s.accuracy {
		if one.Riders+one.Blind == 0 {
			continue
		}
		t.Rows = append(t.Rows, console.Row{Cells: cells(s.name(v, one.PlaceID),
			v.Number(one.Riders),
			minutes(v, one, strconv.FormatFloat(one.Waited, 'f', 1, 64)),
			minutes(v, one, strconv.FormatFloat(one.ShownError, 'f', 1, 64)),
			minutes(v, one, strconv.FormatFloat(one.ShownBias, 'f', 1, 64)),
			minutes(v, one, strconv.FormatFloat(one.EstimateError, 'f', 1, 64)),
			within(v, one), v.Number(one.Blind))})
	}
	return t
}

// minutes writes a mean of riders, a number with one decimal, and nothing when there were none.
func minutes(v *console.Visit, of queue.Accuracy, text string) string {
	if of.Riders == 0 {
		return "–"
	}
	if text == "-0.0" {
		text = "0.0"
	}
	return v.T("minutes.short", "n", strings.Replace(text, "-", "−", 1))
}

// within is the part of the riders who waited as long as the bounds of the estimate said.
func within(v *console.Visit, one queue.Accuracy) string {
	if one.Riders == 0 {
		return "–"
	}
	return v.Percent(int64(math.Round(one.Within*1000)), 1000)
}

// errorChart compares how wrong the board was, place by place, in tenths of minutes.
func (s queuesScreen) errorChart(v *console.Visit) console.BarChart {
	c := console.BarChart{Title: v.T("accuracy.chart"), LabelTitle: v.T("c.place"),
		ValueTitle: v.T("accuracy.error")}
	worst := slices.DeleteFunc(slices.Clone(s.accuracy), func(one queue.Accuracy) bool {
		return one.PlaceID == "" || one.Riders == 0
	})
	slices.SortStableFunc(worst, func(a, b queue.Accuracy) int {
		return cmp.Compare(b.ShownError, a.ShownError)
	})
	for _, one := range worst[:min(barsMost, len(worst))] {
		name := s.name(v, one.PlaceID)
		c.Bars = append(c.Bars, console.Bar{Label: name, Short: initials(name),
			Value: int64(math.Round(one.ShownError * 10)),
			Shown: minutes(v, one, strconv.FormatFloat(one.ShownError, 'f', 1, 64))})
	}
	return c
}

// barsMost is how many bars with names stand beside each other on a phone.
const barsMost = 6

// shortMost is how wide a text under one of them is, in Latin letters; a Chinese character is two.
const shortMost = 6

// initials is the beginning of a name, for where there is little room.
func initials(name string) string {
	wide := 0
	for i, r := range name {
		if wide++; r >= 0x1100 {
			wide++
		}
		if wide > shortMost {
			return strings.TrimSpace(name[:i]) + "…"
		}
	}
	return name
}

// queueScreen is one place with its day.
type queueScreen struct {
	queue.Place
	wait   queue.Wait
	posts  []queue.Post
	course queue.Course
	line   *queue.Line // nil: the place has no virtual queue
}

func (a *app) showQueue(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	place, err := a.Queues.Place(v.Ctx(), p.ID, v.R.PathValue("id"))
	if err != nil {
		return err
	}
	s := queueScreen{Place: place}
	if s.line, err = a.virtual(v, p.ID, place); err != nil {
		return err
	}
	waits, err := a.Queues.Live(v.Ctx(), p.ID)
	if err != nil {
		return err
	}
	for _, w := range waits {
		if w.Place.ID == place.ID {
			s.wait = w
		}
	}
	posts, err := a.Queues.Posts(v.Ctx(), p.ID, today(v))
	if err != nil {
		return err
	}
	for _, one := range posts {
		if one.PlaceID == place.ID {
			s.posts = append(s.posts, one)
		}
	}
	if s.course, err = a.Queues.Course(v.Ctx(), p.ID, place.ID, today(v)); err != nil {
		return err
	}
	page := console.Page{Title: place.Name.In(v.Lang), Tab: "queues", Crumbs: []console.Link{
		{Text: v.T("queues.title"), Href: "/park/queues"}}}
	return v.Show(http.StatusOK, page, queuePage(v, s))
}

// chart is the day so far beside a usual one.
func (s queueScreen) chart(v *console.Visit) console.LineChart {
	c := console.LineChart{Title: v.T("queue.course"), LabelTitle: v.T("c.time"),
		Series: []console.Series{{Name: v.T("queue.today")}, {Name: v.T("queue.usual")}}}
	value := func(n *int64) int64 {
		if n == nil {
			return -1
		}
		return *n
	}
	for _, one := range s.course.Slots {
		c.Labels = append(c.Labels, v.Lang.Time(one.From))
		c.Series[0].Values = append(c.Series[0].Values, value(one.Today))
		c.Series[1].Values = append(c.Series[1].Values, value(one.Usual))
	}
	c.Series = slices.DeleteFunc(c.Series, func(one console.Series) bool {
		return slices.Max(one.Values) < 0 // a line that is nowhere has no name either
	})
	return c
}

// drawn says whether the chart has anything to show.
func (s queueScreen) drawn() bool {
	for _, one := range s.course.Slots {
		if one.Today != nil || one.Usual != nil {
			return true
		}
	}
	return false
}

// states are what staff may say, nothing first.
func (s queueScreen) states(v *console.Visit) []console.Option {
	list := []console.Option{{Label: v.T("queue.state.keep")}}
	for _, one := range []queue.State{queue.Operating, queue.Down, queue.Closed,
		queue.Refurbishment} {
		list = append(list, console.Option{Value: string(one), Label: v.T("state." + string(one))})
	}
	return list
}

// windowed says that the place has windows or lanes that can be opened.
func (s queueScreen) windowed() bool { return s.Kind != queue.Ride }

// facts are how the place is doing now.
func (s queueScreen) facts(v *console.Visit) []console.Fact {
	list := []console.Fact{{Name: v.T("c.state"), Value: stateBadge(v, s.wait.State)},
		{Name: v.T("c.wait"), Value: console.Strong(waitText(v, s.wait))}}
	if s.wait.Low != nil && s.wait.High != nil {
		list = append(list, console.Fact{Name: v.T("queue.bounds"), Value: console.Text(
			v.T("queue.from_to", "low", v.Number(*s.wait.Low), "high", v.Number(*s.wait.High)))})
	}
	if s.wait.InLine != nil {
		list = append(list, console.Fact{Name: v.T("queue.in_line"),
			Value: console.Text(v.Number(*s.wait.InLine))})
	}
	if !s.wait.ObservedAt.IsZero() && !s.wait.Shut {
		list = append(list, console.Fact{Name: v.T("c.seen"), Value: seen(v, s.wait)})
	}
	return list
}

// said are the posts of the day, the newest first.
func (s queueScreen) said(v *console.Visit) (list []console.Moment) {
	for _, one := range s.posts {
		list = append(list, console.Moment{At: one.At, Icon: "user", Title: postText(v, one),
			Text: one.Note})
	}
	slices.SortStableFunc(list, func(x, y console.Moment) int { return y.At.Compare(x.At) })
	return list
}

// postText is what staff said, in words.
func postText(v *console.Visit, p queue.Post) string {
	text := ""
	add := func(s string) {
		if text != "" {
			text += v.T("comma")
		}
		text += s
	}
	if p.State != "" {
		add(v.T("state." + string(p.State)))
	}
	switch {
	case p.TimedOnly:
		add(v.T("wait.timed"))
	case p.Minutes != nil && p.AtMost:
		add(v.T("wait.at_most", "n", v.Number(*p.Minutes)))
	case p.Minutes != nil:
		add(v.T("wait.minutes", "n", v.Number(*p.Minutes)))
	}
	if p.Windows != nil {
		add(v.T("queue.windows.open", "n", v.Number(*p.Windows)))
	}
	return text
}

// postWait is what somebody of the staff says about a place.
func (a *app) postWait(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	place, err := a.Queues.Place(v.Ctx(), p.ID, v.R.PathValue("id"))
	if err != nil {
		return err
	}
	post := queue.Post{ParkID: p.ID, PlaceID: place.ID, State: queue.State(v.Typed("state")),
		AtMost: v.Typed("at_most") != "", TimedOnly: v.Typed("timed_only") != "",
		Note: v.Typed("note"), Actor: v.Caller.Actor}
	if v.Typed("minutes") != "" {
		n := typedNumber(v, "minutes")
		post.Minutes = &n
	}
	if v.Typed("windows") != "" {
		n := typedNumber(v, "windows")
		post.Windows = &n
	}
	if post.State == "" && post.Minutes == nil && post.Windows == nil && !post.TimedOnly {
		v.Mistake("minutes", v.T("queue.nothing"))
	}
	if v.Wrong() {
		return a.showQueue(v)
	}
	_, err = a.Queues.Post(v.Ctx(), post)
	if v.Refused(err) {
		return a.showQueue(v)
	}
	if err != nil {
		return err
	}
	return v.SeeOther("/park/queues/"+place.ID, v.T("queue.posted"))
}
