package park

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"watari/ui/console"
	"watari/visit/park/queue"
)

// Lines are the virtual queues of rides. *queue.Queues is one.
type Lines interface {
	Numbers(ctx context.Context, parkID, placeID string) (queue.Line, error)
	List(ctx context.Context, parkID, placeID string) ([]queue.Ticket, error)
	Steer(ctx context.Context, parkID, placeID, step, actor string) (queue.Line, error)
	Redeem(ctx context.Context, parkID, ticket, actor string) (queue.Ticket, error)
	ChangePlace(ctx context.Context, p queue.Place, actor string) (queue.Place, error)
}

// lineScreen is the virtual queue of one ride.
type lineScreen struct {
	queue.Place
	line queue.Line
	held []queue.Ticket
	now  time.Time
}

// listLines lists the virtual queues; of a park with one that is shown.
func (a *app) listLines(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	places, err := a.Queues.Places(v.Ctx(), p.ID)
	if err != nil {
		return err
	}
	var all []lineScreen
	for _, one := range places {
		if !one.Virtual.Offered {
			continue
		}
		s := lineScreen{Place: one}
		if s.line, err = a.Queues.Numbers(v.Ctx(), p.ID, one.ID); err != nil {
			return err
		}
		all = append(all, s)
	}
	if len(all) == 1 {
		return v.SeeOther("/park/numbers/"+all[0].ID, "")
	}
	return v.Show(http.StatusOK, console.Page{Title: v.T("numbers.title"), Tab: "numbers",
		Lead: v.T("numbers.lead")}, linesPage(v, all))
}

// linesTable is one row for each virtual queue.
func linesTable(v *console.Visit, all []lineScreen) console.Table {
	t := console.Table{Caption: v.T("numbers.title"), Columns: []console.Column{
		{Title: v.T("c.place"), Main: true}, {Title: v.T("c.state")},
		{Title: v.T("numbers.waiting"), Number: true},
		{Title: v.T("numbers.called"), Number: true}},
		Empty: console.Empty{Icon: "ticket", Title: v.T("numbers.none"),
			Text: v.T("numbers.none.text")}}
	for _, s := range all {
		t.Rows = append(t.Rows, console.Row{Href: "/park/numbers/" + s.ID,
			Cells: []templ.Component{console.Text(s.Name.In(v.Lang)), standBadge(v, s.line.State),
				console.Text(v.Number(s.line.Waiting)), console.Text(v.Number(s.line.Called))}})
	}
	return t
}

// lineOf reads the virtual queue of an address (R1).
func (a *app) lineOf(v *console.Visit) (s lineScreen, parkID string, err error) {
	p, err := a.park(v)
	if err != nil {
		return s, "", err
	}
	if s.Place, err = a.Queues.Place(v.Ctx(), p.ID, v.R.PathValue("id")); err != nil {
		return s, "", err
	}
	if s.line, err = a.Queues.Numbers(v.Ctx(), p.ID, s.ID); err != nil {
		return s, "", err
	}
	s.held, err = a.Queues.List(v.Ctx(), p.ID, s.ID)
	s.now = v.Now
	return s, p.ID, err
}

func (a *app) showLine(v *console.Visit) error {
	s, _, err := a.lineOf(v)
	if err != nil {
		return err
	}
	page := console.Page{Title: s.Name.In(v.Lang), Tab: "numbers", Crumbs: []console.Link{
		{Text: v.T("numbers.title"), Href: "/park/numbers"}}}
	if v.May(keepers...) {
		page.Actions = []console.Action{{Text: v.T("numbers.settings"), Icon: "settings",
			Href: "/park/numbers/" + s.ID + "/settings"}}
	}
	return v.Show(http.StatusOK, page, linePage(v, s))
}

// standBadge is how a virtual queue stands.
func standBadge(v *console.Visit, s queue.LineState) templ.Component {
	tone := map[queue.LineState]string{queue.LineOpen: console.Good,
		queue.LineFull: console.Wait, queue.LinePaused: console.Stop}[s]
	return v.Badge(tone, "", v.T("numbers.state."+string(s)))
}

// facts are how the virtual queue is doing.
func (s lineScreen) facts(v *console.Visit) []console.Fact {
	l := s.line
	list := []console.Fact{{Name: v.T("c.state"), Value: standBadge(v, l.State)},
		{Name: v.T("numbers.waiting"), Value: console.Strong(v.Number(l.Waiting))},
		{Name: v.T("numbers.called"), Value: console.Text(v.Number(l.Called))},
		{Name: v.T("numbers.given"), Value: console.Text(v.Number(l.Given))}}
	if l.Left >= 0 {
		list = append(list, console.Fact{Name: v.T("numbers.left"),
			Value: console.Text(v.Number(l.Left))})
	}
	at := func(name string, from time.Time, text string) {
		if !from.IsZero() {
			list = append(list, console.Fact{Name: v.T(name), Value: console.Text(text)})
		}
	}
	at("numbers.next", l.NextFrom, spanText(v, l.NextFrom, l.NextTo))
	at("numbers.draw", l.DrawAt, v.Lang.Time(l.DrawAt))
	at("numbers.paused", l.PausedAt, v.Lang.Time(l.PausedAt))
	return list
}

// spanText is from one time of the day to another.
func spanText(v *console.Visit, from, to time.Time) string {
	return v.Lang.Time(from) + " – " + v.Lang.Time(to)
}

// lineSteps are what can be done in each state, the usual one first; closing asks before.
var lineSteps = map[queue.LineState][]string{
	queue.LineClosed: {"open"},
	queue.LineOpen:   {"pause", "stop_giving"},
	queue.LineFull:   {"pause", "open"},
	queue.LinePaused: {"resume"},
}

// stepText names a step: what opens one that was full only gives numbers again.
func (s lineScreen) stepText(v *console.Visit, step string) string {
	if step == "open" && s.line.State == queue.LineFull {
		step = "again"
	}
	return v.T("numbers.step." + step)
}

// table is who holds a number, in the order of calling.
func (s lineScreen) table(v *console.Visit) console.Table {
	t := console.Table{Caption: v.T("numbers.list"), Columns: []console.Column{
		{Title: v.T("numbers.number"), Main: true}, {Title: v.T("numbers.party"), Number: true},
		{Title: v.T("numbers.window")}, {Title: v.T("numbers.in")}},
		Empty: console.Empty{Icon: "ticket", Title: v.T("numbers.list.none"),
			Text: v.T("numbers.list.none.text")}}
	for _, one := range s.held {
		row := console.Row{Cells: []templ.Component{console.Code(one.Code),
			console.Text(v.Number(one.Party)), s.window(v, one), console.Text("")}}
		if s.open(one) {
			row.Tone = console.Good
			row.Cells[3] = v.Action(console.Action{Text: v.T("numbers.in"), Icon: "tick",
				Href: "/park/numbers/" + s.ID, Post: map[string]string{"number": one.ID}})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// window says when the people of a number come.
func (s lineScreen) window(v *console.Visit, t queue.Ticket) templ.Component {
	if t.State != queue.Called {
		return v.Badge(console.Plain, "", v.T("numbers.ticket.joined"))
	}
	return console.Two(spanText(v, t.From, t.To),
		v.T("numbers.until", "time", v.Lang.Time(t.Until)))
}

// open says whether the people of a number can be let in now.
func (s lineScreen) open(t queue.Ticket) bool {
	return t.State == queue.Called && s.line.State != queue.LinePaused &&
		!s.now.Before(t.From) && !s.now.After(t.Until)
}

// redeem lets the people of a number in: one of this ride, by what their phone shows.
func (a *app) redeem(v *console.Visit) error {
	s, parkID, err := a.lineOf(v)
	if err != nil {
		return err
	}
	typed, id := v.Typed("number"), ""
	for _, one := range s.held {
		if typed == one.ID || strings.EqualFold(typed, one.Code) {
			id = one.ID
		}
	}
	if id == "" {
		v.Mistake("number", v.T("numbers.unknown"))
		return a.showLine(v)
	}
	t, err := a.Queues.Redeem(v.Ctx(), parkID, id, v.Caller.Actor)
	if v.Refused(err) {
		return a.showLine(v)
	}
	if err != nil {
		return err
	}
	return v.SeeOther("/park/numbers/"+s.ID, v.T("numbers.let", "code", t.Code, "n",
		v.Number(t.Party)))
}

// steer opens, pauses or closes a virtual queue.
func (a *app) steer(v *console.Visit) error {
	s, parkID, err := a.lineOf(v)
	if err != nil {
		return err
	}
	_, err = a.Queues.Steer(v.Ctx(), parkID, s.ID, v.Typed("step"), v.Caller.Actor)
	if v.Refused(err) {
		return a.showLine(v)
	}
	if err != nil {
		return err
	}
	return v.SeeOther("/park/numbers/"+s.ID, v.T("saved"))
}

// usualLine is what a ride that gives no numbers yet is asked to begin with.
var usualLine = queue.Virtual{SharePPM: 700_000, Lead: 10 * time.Minute, Window: 20 * time.Minute,
	Grace: 10 * time.Minute, NoShowPPM: 50_000, PartyMax: 6, Draw: 10 * time.Minute,
	TicketOnly: true}

// askLine shows the settings of a virtual queue.
func (a *app) askLine(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	place, err := a.Queues.Place(v.Ctx(), p.ID, v.R.PathValue("id"))
	if err != nil {
		return err
	}
	if place.Kind != queue.Ride {
		return v.NotFound()
	}
	if !place.Virtual.Offered {
		place.Virtual = usualLine
	}
	page := console.Page{Title: v.T("numbers.settings"), Tab: "numbers", Crumbs: []console.Link{
		{Text: v.T("queues.title"), Href: "/park/queues"},
		{Text: place.Name.In(v.Lang), Href: "/park/queues/" + place.ID}}}
	return v.Show(http.StatusOK, page, lineSettings(v, place))
}

// setLine keeps the settings of a virtual queue.
func (a *app) setLine(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	place, err := a.Queues.Place(v.Ctx(), p.ID, v.R.PathValue("id"))
	if err != nil {
		return err
	}
	was := place.Virtual
	if !was.Offered {
		was = usualLine
	}
	place.Virtual = queue.Virtual{}
	if v.Typed("offered") != "" {
		place.Virtual = queue.Virtual{Offered: true, SharePPM: share(v, "virtual.share_ppm"),
			Lead:       typedMinutes(v, "virtual.lead_seconds", was.Lead),
			Window:     typedMinutes(v, "virtual.window_seconds", was.Window),
			Grace:      typedMinutes(v, "virtual.grace_seconds", was.Grace),
			NoShowPPM:  share(v, "virtual.no_show_ppm"),
			PartyMax:   typedNumber(v, "virtual.party_max"),
			Draw:       typedMinutes(v, "virtual.draw_seconds", was.Draw),
			DayMax:     typedNumber(v, "virtual.day_max"),
			TicketOnly: v.Typed("ticket_only") != ""}
	}
	version, err := strconv.ParseInt(v.Typed("version"), 10, 64)
	if err != nil {
		return v.NotFound()
	}
	place.Version = version
	if v.Wrong() {
		return a.askLine(v)
	}
	_, err = a.Queues.ChangePlace(v.Ctx(), place, v.Caller.Actor)
	if v.Refused(err) {
		return a.askLine(v)
	}
	if err != nil {
		return err
	}
	if !place.Virtual.Offered {
		return v.SeeOther("/park/queues/"+place.ID, v.T("saved"))
	}
	return v.SeeOther("/park/numbers/"+place.ID, v.T("saved"))
}

// wholeMinutes is a time as it stands in its field.
func wholeMinutes(d time.Duration) string {
	return strconv.FormatInt(int64(d.Round(time.Minute)/time.Minute), 10)
}

// minutesMost keeps what is typed from being more than a duration can be.
const minutesMost = 1_000_000

// typedMinutes reads a field with whole minutes. What was not changed stays as it was, to the
// second.
func typedMinutes(v *console.Visit, name string, was time.Duration) time.Duration {
	if v.Typed(name) == wholeMinutes(was) {
		return was
	}
	return time.Duration(min(typedNumber(v, name), minutesMost)) * time.Minute
}

// virtual says whether a ride has a virtual queue, for the page of its waits.
func (a *app) virtual(v *console.Visit, parkID string, p queue.Place) (*queue.Line, error) {
	l, err := a.Queues.Numbers(v.Ctx(), parkID, p.ID)
	if errors.Is(err, queue.ErrVirtualNone) {
		return nil, nil
	}
	return &l, err
}
