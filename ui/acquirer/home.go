package acquirer

import (
	"fmt"
	"time"

	"github.com/a-h/templ"

	"watari/pay/party/signup"
	"watari/pay/report"
	"watari/ui/console"
)

// Sizes of the first page.
const (
	homeDays = 14
	homeRows = 6
)

// homePage is how the bank's shops do today, and what waits for its people.
type homePage struct {
	today    report.Takings
	days     []report.DayTakings
	waiting  []signup.Application
	counts   map[signup.State]int
	shops    int64
	quiet    int64 // suspended shops
	problems problems
	last     []report.Line
}

func (a *app) showHome(v *console.Visit) error {
	var p homePage
	var err error
	scope := report.Scope{AcquirerNo: bank(v)}
	if p.days, err = a.Reports.Days(v.Ctx(), scope, report.Days(v.Now, homeDays)); err != nil {
		return fmt.Errorf("add up the days: %w", err)
	}
	p.today = p.days[len(p.days)-1].Takings
	if p.counts, err = a.Signup.Count(v.Ctx(), bank(v)); err != nil {
		return fmt.Errorf("count applications: %w", err)
	}
	if p.waiting, _, err = a.Signup.List(v.Ctx(), signup.Filter{AcquirerNo: bank(v),
		States: queues[0].states, Oldest: true, Limit: homeRows}); err != nil {
		return fmt.Errorf("list applications: %w", err)
	}
	shops, err := a.Reports.ShopCounts(v.Ctx(), bank(v))
	if err != nil {
		return fmt.Errorf("count shops: %w", err)
	}
	for _, c := range shops {
		p.shops += c.Open
		p.quiet += c.Suspended
	}
	if p.problems, err = a.find(v); err != nil {
		return err
	}
	if p.last, _, err = a.Reports.Search(v.Ctx(), report.Query{Scope: scope,
		Limit: homeRows}); err != nil {
		return fmt.Errorf("find payments: %w", err)
	}
	frame := page(v.T("home.title"), "home")
	frame.Lead, frame.Wide = v.Lang.Day(v.Now), true
	if v.May(clerks...) {
		frame.Actions = []console.Action{
			{Text: v.T("apps.invite"), Href: link("applications", "invitations"), Icon: "send"},
			{Text: v.T("apps.new"), Href: link("applications", "new"), Icon: "plus",
				Main: true},
		}
	}
	return show(v, frame, home(v, p))
}

func (p homePage) stats(v *console.Visit) []console.Stat {
	spark := make([]int64, len(p.days))
	for i, d := range p.days {
		spark[i] = d.SoldMinor
	}
	waiting := int64(p.counts[signup.Applied] + p.counts[signup.InReview])
	list := []console.Stat{
		{Label: v.T("home.taken"), Value: yenText(v, p.today.SoldMinor), Spark: spark,
			Note: v.N("n.payments", p.today.Sales), SparkTitle: v.T("home.chart"),
			Href: link("volumes")},
		rateStat(v, "home.rate", p.today),
		{Label: v.T("home.waiting"), Value: v.Number(waiting), Href: link("applications"),
			Note: v.T("home.waiting.none"), Tone: console.Good},
		{Label: v.T("home.shops"), Value: v.Number(p.shops), Href: link("shops"),
			Note: v.T("home.shops.of", "n", v.Number(p.shops+p.quiet))},
		{Label: v.T("home.problems"), Value: v.Number(p.problems.count()),
			Href: link("problems"), Note: v.T("home.problems.none"), Tone: console.Good},
	}
	if waiting > 0 && len(p.waiting) > 0 {
		list[2].Tone = console.Wait
		list[2].Note = v.T("home.waiting.oldest", "age", long(v, p.waiting[0].Submitted))
	}
	if p.problems.count() > 0 {
		list[4].Tone, list[4].Note = console.Wait, p.problems.summary(v)
	}
	return list
}

func (p homePage) waitingTable(v *console.Visit) console.Table {
	t := console.Table{Caption: v.T("home.todo"), Brief: true, Columns: []console.Column{
		{Title: v.T("apps.applicant"), Main: true}, {Title: v.T("word.state")},
		{Title: v.T("apps.age")}}, Empty: console.Empty{Icon: "tick",
		Title: v.T("home.todo.none"), Text: v.T("home.todo.none.text")}}
	for _, a := range p.waiting {
		t.Rows = append(t.Rows, console.Row{Href: link("applications", a.ID),
			Cells: []templ.Component{console.Two(shopName(v, a.Form),
				v.Prefecture(shopPlace(a.Form).Prefecture)), stateBadge(v, a.State),
				waited(v, a)}})
	}
	return t
}

// problems are what may need somebody at the bank.
type problems struct {
	hanging, stuck, refunds []report.Waiting
	declined                []declining
	silent                  []report.Silent
	silentAll               int
	hooks                   []failing
}

// declining is a shop where much was declined today.
type declining struct {
	no              int64
	name            string
	declined, tried int64
}

// failing is a webhook endpoint that does not take its messages.
type failing struct {
	id, url string
	since   time.Time
	waiting int64
}

// When something is a problem.
const (
	hangsAfter  = 2 * time.Minute
	silentAfter = 7 * 24 * time.Hour
	triedLeast  = 5 // payments of a day before declines say anything
	rowsMost    = 50
)

// find looks for problems.
func (a *app) find(v *console.Visit) (p problems, err error) {
	no := bank(v)
	if p.hanging, err = a.Reports.Hanging(v.Ctx(), no, v.Now.Add(-hangsAfter),
		rowsMost); err != nil {
		return p, fmt.Errorf("find payments that hang: %w", err)
	}
	if p.stuck, err = a.Reports.Stuck(v.Ctx(), no, rowsMost); err != nil {
		return p, fmt.Errorf("find payments that are stuck: %w", err)
	}
	if p.refunds, err = a.Reports.HangingRefunds(v.Ctx(), no, v.Now.Add(-hangsAfter),
		rowsMost); err != nil {
		return p, fmt.Errorf("find refunds that hang: %w", err)
	}
	if p.silent, p.silentAll, err = a.Reports.Unseen(v.Ctx(), no, v.Now.Add(-silentAfter),
		rowsMost); err != nil {
		return p, fmt.Errorf("find tills that nobody uses: %w", err)
	}
	if p.declined, err = a.declines(v); err != nil {
		return p, fmt.Errorf("find declines: %w", err)
	}
	p.hooks, err = a.failingHooks(v)
	return p, err
}

// declines are the shops where a third of today's payments or more was declined.
func (a *app) declines(v *console.Visit) (list []declining, err error) {
	rows, err := a.Reports.By(v.Ctx(), report.Scope{AcquirerNo: bank(v)}, report.Day(v.Now),
		yen, report.ByStore)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		tried := r.Sales + r.Declined
		if tried < triedLeast || r.Declined*3 < tried {
			continue
		}
		list = append(list, declining{no: r.No(0), declined: r.Declined, tried: tried})
	}
	if len(list) == 0 {
		return nil, nil
	}
	names, err := a.Reports.Names(v.Ctx(), report.ByStore, bank(v))
	for i := range list {
		list[i].name = names[list[i].no].In(string(v.Lang))
	}
	return list, err
}

// count is how many things there are to look at; tills that nobody uses count as one.
func (p problems) count() int64 {
	n := len(p.hanging) + len(p.stuck) + len(p.refunds) + len(p.declined) + len(p.hooks)
	if p.silentAll > 0 {
		n++
	}
	return int64(n)
}

// summary names the most pressing kind.
func (p problems) summary(v *console.Visit) string {
	switch {
	case len(p.stuck) > 0:
		return v.T("prob.stuck")
	case len(p.hanging) > 0:
		return v.T("prob.pending")
	case len(p.refunds) > 0:
		return v.T("prob.refunds")
	case len(p.hooks) > 0:
		return v.T("prob.hooks")
	case len(p.declined) > 0:
		return v.T("prob.declined")
	}
	return v.T("prob.tills")
}

func (a *app) showProblems(v *console.Visit) error {
	p, err := a.find(v)
	if err != nil {
		return err
	}
	frame := page(v.T("prob.title"), "problems")
	frame.Lead, frame.Wide = v.T("prob.lead"), true
	return show(v, frame, problemsPage(v, p))
}

// waitingRows lists payments or refunds that hang.
func waitingRows(v *console.Visit, caption string, list []report.Waiting) console.Table {
	t := console.Table{Caption: caption, Brief: true, Columns: []console.Column{
		{Title: v.T("word.when"), Main: true}, {Title: v.T("word.amount"), Number: true},
		{Title: v.T("word.shop")}, {Title: v.T("word.wallet")}, {Title: v.T("apps.age")}}}
	for _, w := range list {
		t.Rows = append(t.Rows, console.Row{Href: link("payments", w.PaymentID),
			Cells: []templ.Component{v.Time(w.Begun), v.Money(amount(w.Minor)),
				console.Text(inLang(v, w.StoreName, w.StoreJA)),
				console.Text(orDash(w.Wallet)), console.Text(long(v, w.Begun))}})
	}
	return t
}

func silentRows(v *console.Visit, list []report.Silent) console.Table {
	t := console.Table{Caption: v.T("prob.tills"), Columns: []console.Column{
		{Title: v.T("word.till"), Main: true}, {Title: v.T("word.shop")},
		{Title: v.T("shops.seen")}}}
	for _, s := range list {
		when := v.T("till.unseen")
		if !s.Seen.IsZero() {
			when = ago(v, s.Seen)
		}
		t.Rows = append(t.Rows, console.Row{Href: link("shops", itoa(s.StoreNo), "tills"),
			Cells: []templ.Component{console.Two(tillName(s.Label, s.ID), s.ID),
				console.Text(inLang(v, s.StoreName, s.StoreJA)), console.Text(when)}})
	}
	return t
}

func decliningRows(v *console.Visit, list []declining) console.Table {
	t := console.Table{Caption: v.T("prob.declined"), Columns: []console.Column{
		{Title: v.T("word.shop"), Main: true}, {Title: v.T("pay.state.declined"), Number: true},
		{Title: v.T("prob.rate"), Number: true}}}
	for _, d := range list {
		t.Rows = append(t.Rows, console.Row{Href: link("payments") + "?state=declined&shop=" +
			itoa(d.no), Cells: []templ.Component{console.Text(d.name),
			console.Text(v.Number(d.declined) + " / " + v.Number(d.tried)),
			console.Text(v.Percent(d.declined, d.tried))}})
	}
	return t
}

func failingRows(v *console.Visit, list []failing) console.Table {
	t := console.Table{Caption: v.T("prob.hooks"), Columns: []console.Column{
		{Title: v.T("hook.url"), Main: true}, {Title: v.T("hook.since")},
		{Title: v.T("hook.waiting"), Number: true}}}
	for _, f := range list {
		t.Rows = append(t.Rows, console.Row{Href: link("webhooks", f.id),
			Cells: []templ.Component{console.Text(f.url), console.Text(ago(v, f.since)),
				console.Text(v.Number(f.waiting))}})
	}
	return t
}

// recent is a short list of payments, for the side of a page.
func recent(v *console.Visit, lines []report.Line) console.Table {
	t := console.Table{Caption: v.T("home.last"), Brief: true, Columns: []console.Column{
		{Title: v.T("word.shop"), Main: true}, {Title: v.T("word.amount"), Number: true}},
		Empty: console.Empty{Icon: "receipt", Title: v.T("home.last.none"),
			Text: v.T("home.last.none.text")}}
	for _, l := range lines {
		t.Rows = append(t.Rows, console.Row{Href: link("payments", l.ID),
			Cells: []templ.Component{recentShop(v, l), recentAmount(v, l)}})
	}
	return t
}

// orNone writes a cursor that is a number; "" for none.
func orNone(n int64) string {
	if n == 0 {
		return ""
	}
	return itoa(n)
}
