package park

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"watari/kit/i18n"
	"watari/ui/console"
	"watari/visit/order"

	parks "watari/visit/park"
)

func (a *app) listClosures(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	list, err := a.Parks.Closures(v.Ctx(), p.ID)
	if err != nil {
		return err
	}
	page := console.Page{Title: v.T("closures.title"), Tab: "closures", Wide: true,
		Lead: v.T("closures.lead"), Actions: []console.Action{{Text: v.T("closure.new"),
			Icon: "stop", Href: "/park/closures/new", Main: true}}}
	return v.Show(http.StatusOK, page, closuresPage(v, list))
}

func closuresTable(v *console.Visit, list []parks.Closure) console.Table {
	t := console.Table{Caption: v.T("closures.title"), Brief: true, Columns: []console.Column{
		{Title: v.T("axis.day"), Main: true}, {Title: v.T("closure.returned"), Number: true},
		{Title: v.T("c.state")}, {Title: v.T("closure.reason"), Small: true}},
		Empty: console.Empty{Icon: "sun", Title: v.T("closures.none"),
			Text: v.T("closures.none.text")}}
	for _, c := range list {
		t.Rows = append(t.Rows, console.Row{Href: "/park/closures/" + c.ID,
			Cells: []templ.Component{console.Text(dayName(v, c.Day)),
				console.Text(yen(v, c.Mass.Returned)), closureBadge(v, c),
				console.Text(c.Reason.In(v.Lang))}})
	}
	return t
}

// closureBadge is how far a closure is.
func closureBadge(v *console.Visit, c parks.Closure) templ.Component {
	switch {
	case !c.Reopened.IsZero():
		return v.Badge(console.Plain, "return", v.T("closure.reopened"))
	case c.Mass.Failed+c.Mass.Stuck > 0 && !isWorking(c):
		return v.Badge(console.Stop, "", v.T("closure.trouble"))
	case isWorking(c):
		return v.Badge(console.Wait, "", v.T("closure.working"))
	}
	return v.Badge(console.Good, "", v.T("closure.finished"))
}

// closureForm is a closure before it is done: what is asked, and what it would give back.
type closureForm struct {
	day      string
	products []parks.Product
	would    parks.Foreseen
	chosen   map[string]bool
	sure     bool // the question is on the page
	over     bool // the day lies before today
}

func (a *app) askClosure(v *console.Visit) error { return a.askClosureSure(v, false) }

func (a *app) askClosureSure(v *console.Visit, sure bool) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	f := closureForm{day: dayIn(v, "day", today(v)), chosen: map[string]bool{}, sure: sure}
	f.over = f.day < today(v)
	if f.products, err = a.Parks.Products(v.Ctx(), p.ID); err != nil {
		return err
	}
	for _, one := range f.products {
		f.chosen[one.Code] = v.R.FormValue("products."+one.Code) != ""
	}
	if f.would, err = a.Parks.Foresee(v.Ctx(), p.ID, f.day, f.codes()); err != nil {
		return err
	}
	title := v.T("closure.new")
	if sure {
		title = v.T("closure.sure")
	}
	page := console.Page{Title: title, Tab: "closures", Crumbs: []console.Link{
		{Text: v.T("closures.title"), Href: "/park/closures"}}}
	return v.Show(http.StatusOK, page, closureNewPage(v, f))
}

// codes are the products that were ticked.
func (f closureForm) codes() (out []string) {
	for _, p := range f.products {
		if f.chosen[p.Code] {
			out = append(out, p.Code)
		}
	}
	return out
}

// hidden carries what was filled in through the question (R5).
func (f closureForm) hidden(v *console.Visit) map[string]string {
	h := map[string]string{"day": f.day, "orders": strconv.FormatInt(f.would.Orders, 10)}
	for _, c := range f.codes() {
		h["products."+c] = "yes"
	}
	for _, l := range i18n.Langs() {
		h["reason."+string(l)] = v.R.FormValue("reason." + string(l))
	}
	return h
}

// options are the products to tick.
func (f closureForm) options(v *console.Visit) (list []console.Option) {
	for _, p := range f.products {
		list = append(list, console.Option{Value: p.Code, Label: p.Name.In(v.Lang)})
	}
	return list
}

// what says what would be closed.
func (f closureForm) what(v *console.Visit) string {
	if len(f.codes()) == 0 {
		return v.T("closure.whole")
	}
	names := productNames(v, f.products)
	text := ""
	for i, c := range f.codes() {
		if i > 0 {
			text += v.T("comma")
		}
		text += nameOr(names, c)
	}
	return text
}

// closeDay asks whether that is meant, and then closes the day (R5).
func (a *app) closeDay(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	if parks.At(v.Typed("day"), 0).IsZero() {
		v.Mistake("day", v.T("wrong.day"))
	}
	reason := typedText(v, "reason")
	if len(reason) == 0 {
		v.Mistake("reason", v.T("closure.reason.missing"))
	}
	if v.Wrong() {
		return a.askClosure(v)
	}
	c := parks.Closure{ParkID: p.ID, Day: v.Typed("day"), Reason: reason}
	products, err := a.Parks.Products(v.Ctx(), p.ID)
	if err != nil {
		return err
	}
	for _, one := range products {
		if v.Typed("products."+one.Code) != "" {
			c.Products = append(c.Products, one.Code)
		}
	}
	if ok, err := a.closes(v, c); err != nil || !ok {
		return err
	}
	done, err := a.Parks.Close(v.Ctx(), c, v.Caller.Actor)
	if v.Refused(err) {
		return a.askClosure(v)
	}
	if err != nil {
		return err
	}
	return v.SeeOther("/park/closures/"+done.ID, v.T("closure.begun"))
}

// closes tells whether a closure is meant (R5). Until it is, the page asks.
func (a *app) closes(v *console.Visit, c parks.Closure) (bool, error) {
	days, err := a.Parks.Days(v.Ctx(), c.ParkID, c.Day, c.Day)
	switch {
	case err != nil:
		return false, err
	case len(days) == 0:
		v.Mistake("day", v.T("fault.park-day-invalid"))
	case days[0].Closed:
		v.Mistake("day", v.T("closure.closed"))
	case len(c.Products) > 0 && !slices.ContainsFunc(c.Products, func(code string) bool {
		return !slices.Contains(days[0].Products, code)
	}):
		v.Mistake("products", v.T("closure.closed"))
	}
	if v.Wrong() {
		return false, a.askClosure(v)
	}
	if v.Typed("orders") == "" {
		return false, a.askClosureSure(v, true)
	}
	would, err := a.Parks.Foresee(v.Ctx(), c.ParkID, c.Day, c.Products)
	if err != nil {
		return false, err
	}
	shown := typedNumber(v, "orders")
	switch {
	case would.Orders > shown+max(shown/grewShare, grewMost):
		v.Mistake("count", v.T("closure.grew"))
	case v.Typed("count") == "" || typedNumber(v, "count") != shown:
		v.Mistake("count", v.T("closure.type.wrong", "orders", v.Number(would.Orders)))
	}
	if v.Wrong() {
		return false, a.askClosureSure(v, true)
	}
	return true, nil
}

// While somebody reads the question the sale goes on: a few orders more, or one in twenty, are no
// other question.
const (
	grewMost  = 10
	grewShare = 20
)

// closureScreen is one closure with how far it is.
type closureScreen struct {
	parks.Closure
	names map[string]string
}

func (a *app) showClosure(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	c, err := a.Parks.Closure(v.Ctx(), p.ID, v.R.PathValue("id"))
	if err != nil {
		return err
	}
	products, err := a.Parks.Products(v.Ctx(), p.ID)
	if err != nil {
		return err
	}
	page := console.Page{Title: dayName(v, c.Day), Tab: "closures", Crumbs: []console.Link{
		{Text: v.T("closures.title"), Href: "/park/closures"}}}
	return v.Show(http.StatusOK, page, closurePage(v, closureScreen{c, productNames(v, products)}))
}

// facts are what is known of a closure.
func (c closureScreen) facts(v *console.Visit) []console.Fact {
	what := v.T("closure.whole")
	for i, code := range slices.Sorted(slices.Values(c.Products)) {
		if i == 0 {
			what = nameOr(c.names, code)
			continue
		}
		what += v.T("comma") + nameOr(c.names, code)
	}
	return []console.Fact{
		{Name: v.T("closure.what"), Value: console.Text(what)},
		{Name: v.T("closure.reason"), Value: console.Text(c.Reason.In(v.Lang))},
		{Name: v.T("closure.at"), Value: v.Time(c.Created)},
		{Name: v.T("closure.returned"), Value: console.Strong(yen(v, c.Mass.Returned))},
		{Name: v.T("closure.owed"), Value: console.Text(yen(v, c.Mass.Owed))},
		{Name: v.T("closure.waiting"), Value: console.Text(v.Number(c.Mass.Waiting))},
		{Name: v.T("closure.failed"), Value: console.Text(v.Number(c.Mass.Failed + c.Mass.Stuck))},
	}
}

// seconds is how often the page looks again.
func (c closureScreen) seconds() int {
	if isWorking(c.Closure) {
		return 2
	}
	return 0
}

// mayReopen says whether the day can be sold again: no order is being cut.
func (c closureScreen) mayReopen() bool {
	return c.Reopened.IsZero() && c.Mass.State != order.MassRunning
}

func (a *app) reopen(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	id := v.R.PathValue("id")
	_, err = a.Parks.Reopen(v.Ctx(), p.ID, id, v.Caller.Actor)
	if v.Refused(err) {
		return a.showClosure(v)
	}
	if err != nil {
		return err
	}
	return v.SeeOther("/park/closures/"+id, v.T("closure.reopened.done"))
}
