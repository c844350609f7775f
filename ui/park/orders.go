package park

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"watari/kit/id"
	"watari/ui/console"
	"watari/visit/order"

	parks "watari/visit/park"
	gates "watari/visit/park/gate"
)

// Orders are what was bought. *order.Service is one.
type Orders interface {
	List(ctx context.Context, f order.Filter) ([]order.Order, string, error)
	Find(ctx context.Context, orderID string) (*order.Order, error)
	Returns(ctx context.Context, orderID string) ([]order.Return, error)
	QuoteCancel(ctx context.Context, orderID string, c order.Cut) (order.Requoted, error)
	Cancel(ctx context.Context, orderID string, c order.Cut, expectRefund int64,
		requestID, actor string) (*order.Order, error)
	Retry(ctx context.Context, returnID, actor string) (order.Return, error)
	Owed(ctx context.Context, f order.OwedFilter) ([]order.Return, string, error)
	RetryAll(ctx context.Context, f order.OwedFilter, actor string) (int, error)
	Repay(ctx context.Context, returnID, how, actor string) (order.Return, error)
}

// orderStates are what a list of orders can be narrowed to.
func orderStates() []order.State {
	return []order.State{order.StatePaid, order.StateCancelled, order.StateHeld, order.StatePaying,
		order.StateReturning, order.StateExpired}
}

// ordersScreen is a page of orders, the newest first.
type ordersScreen struct {
	day, state, query string
	list              []order.Order
	next              string
	unknown           bool // nothing has the number that was looked for
	wallets           map[string]string
}

func (a *app) listOrders(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	s := ordersScreen{day: dayIn(v, "day", ""), state: v.R.FormValue("state"),
		query: strings.TrimSpace(v.R.FormValue("q"))}
	if !slices.Contains(orderStates(), order.State(s.state)) {
		s.state = ""
	}
	if s.query != "" {
		if o, err := a.orderOf(v, p, s.query); err == nil {
			return v.SeeOther("/park/orders/"+o.ID, "")
		}
		s.unknown = true
	}
	f := order.Filter{Seller: parks.SellerKind, Place: p.ID, Day: s.day,
		After: v.R.FormValue("after")}
	if s.state != "" {
		f.States = []order.State{order.State(s.state)}
	}
	if !s.unknown {
		if s.list, s.next, err = a.Orders.List(v.Ctx(), f); err != nil {
			return err
		}
	}
	if s.wallets, err = a.walletIDs(v); err != nil {
		return err
	}
	page := console.Page{Title: v.T("orders.title"), Tab: "orders", Wide: true,
		Lead: v.T("orders.lead")}
	return v.Show(http.StatusOK, page, ordersPage(v, s))
}

// walletIDs are the names of wallets by their ids.
func (a *app) walletIDs(v *console.Visit) (map[string]string, error) {
	all, err := a.Wallets(v.Ctx())
	names := map[string]string{}
	for _, w := range all {
		names[w.ID] = w.Name
	}
	return names, err
}

// orderOf finds an order of a park (R1).
func (a *app) orderOf(v *console.Visit, p parks.Park, orderID string) (*order.Order, error) {
	o, err := a.Orders.Find(v.Ctx(), orderID)
	if err != nil {
		return nil, err
	}
	if o.Seller != parks.SellerKind || o.Place != p.ID {
		return nil, v.NotFound()
	}
	return o, nil
}

// stateOptions are the states to choose from, every one first.
func (s ordersScreen) stateOptions(v *console.Visit) []console.Option {
	list := []console.Option{{Label: v.T("order.state.all")}}
	for _, one := range orderStates() {
		list = append(list, console.Option{Value: string(one),
			Label: v.T("order.state." + string(one))})
	}
	return list
}

func (s ordersScreen) table(v *console.Visit) console.Table {
	t := console.Table{Caption: v.T("orders.title"), Brief: true, Columns: []console.Column{
		{Title: v.T("order.made"), Main: true}, {Title: v.T("order.total"), Number: true},
		{Title: v.T("c.tickets"), Number: true, Small: true}, {Title: v.T("order.visit")},
		{Title: v.T("order.buyer")}, {Title: v.T("c.state")}},
		Empty: console.Empty{Icon: "ticket", Title: v.T("orders.none"),
			Text: v.T("orders.none.text")}}
	for i := range s.list {
		o := &s.list[i]
		t.Rows = append(t.Rows, console.Row{Href: "/park/orders/" + o.ID,
			Cells: []templ.Component{v.Time(o.Created), console.Strong(yen(v, o.Total)),
				console.Text(v.Number(int64(len(o.Lines)))), console.Text(visitDays(v, o)),
				console.Text(buyer(v, o, s.wallets)), orderBadge(v, o)}})
	}
	return t
}

// pager leads to the next page of the list.
func (s ordersScreen) pager(v *console.Visit) console.Pager {
	p := console.Pager{}
	if s.next != "" {
		p.Next = v.Here("after", s.next)
	}
	if v.R.FormValue("after") != "" {
		p.First = v.Here("after", "")
	}
	return p
}

// visitDays are the days that an order is for.
func visitDays(v *console.Visit, o *order.Order) string {
	var days []string
	for i := range o.Lines {
		if d := o.Lines[i].Day; !slices.Contains(days, d) {
			days = append(days, d)
		}
	}
	slices.Sort(days)
	for i := range days {
		days[i] = dayName(v, days[i])
	}
	return strings.Join(days, v.T("comma"))
}

// buyer says through what an order was sold, and with which wallet or on whose account.
func buyer(v *console.Visit, o *order.Order, wallets map[string]string) string {
	text := channelName(v, o.Channel)
	switch {
	case o.Account != "":
		_, name, _ := strings.Cut(o.Account, ":")
		text += " · " + name
	case o.IssuerID != "":
		text += " · " + nameOr(wallets, o.IssuerID)
	}
	return text
}

// orderBadge is how an order stands.
func orderBadge(v *console.Visit, o *order.Order) templ.Component {
	word := v.T("order.state." + string(o.State))
	switch o.State {
	case order.StatePaid:
		if o.Refunded+o.Refunding > 0 {
			return v.Badge(console.Back, "", v.T("order.state.part"))
		}
		return v.Badge(console.Good, "", word)
	case order.StateHeld, order.StatePaying:
		return v.Badge(console.Wait, "", word)
	case order.StateCancelled, order.StateReturning:
		return v.Badge(console.Back, "", word)
	case order.StateExpired:
	}
	return v.Badge(console.Plain, "", word)
}

// orderScreen is one order with its tickets and what was given back of it.
type orderScreen struct {
	*order.Order
	tickets map[int64]gates.Ticket
	returns []order.Return
	wallets map[string]string
	quote   *order.Requoted // the question is on the page
	why     order.Reason
	chosen  []int64
	request string
}

func (a *app) showOrder(v *console.Visit) error { return a.showOrderWith(v, nil) }

func (a *app) showOrderWith(v *console.Visit, ask func(s *orderScreen)) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	s := orderScreen{tickets: map[int64]gates.Ticket{}, why: order.BySeller}
	if s.Order, err = a.orderOf(v, p, v.R.PathValue("id")); err != nil {
		return err
	}
	ts, err := a.Gates.TicketsOf(v.Ctx(), s.ID)
	if err != nil {
		return err
	}
	for _, t := range ts {
		if was, ok := s.tickets[t.Line]; !ok || was.State == gates.Revoked {
			s.tickets[t.Line] = t
		}
	}
	if s.returns, err = a.Orders.Returns(v.Ctx(), s.ID); err != nil {
		return err
	}
	if s.wallets, err = a.walletIDs(v); err != nil {
		return err
	}
	if ask != nil {
		ask(&s)
	}
	page := console.Page{Title: v.T("order.title"), Tab: "orders", Lead: s.ID,
		Crumbs: []console.Link{{Text: v.T("orders.title"), Href: "/park/orders"}}}
	return v.Show(http.StatusOK, page, orderPage(v, s))
}

// facts are what is known of an order.
func (s orderScreen) facts(v *console.Visit) []console.Fact {
	list := []console.Fact{{Name: v.T("c.state"), Value: orderBadge(v, s.Order)},
		{Name: v.T("order.buyer"), Value: console.Text(buyer(v, s.Order, s.wallets))},
		{Name: v.T("order.made"), Value: v.Time(s.Created)},
		{Name: v.T("figure.list"), Value: console.Text(yen(v, s.List))},
		{Name: v.T("order.total"), Value: console.Strong(yen(v, s.Total))}}
	if s.Refunded+s.Refunding+s.Fees > 0 {
		list = append(list,
			console.Fact{Name: v.T("figure.returned"), Value: console.Text(yen(v, s.Refunded))},
			console.Fact{Name: v.T("order.refunding"), Value: console.Text(yen(v, s.Refunding))},
			console.Fact{Name: v.T("figure.fees"), Value: console.Text(yen(v, s.Fees))})
	}
	if s.Reference != "" {
		list = append(list, console.Fact{Name: v.T("order.reference"),
			Value: console.Code(s.Reference)})
	}
	if s.PaymentID != "" {
		list = append(list, console.Fact{Name: v.T("order.payment"),
			Value: console.To(s.PaymentID, "/merchant/payments/"+s.PaymentID)})
	}
	return list
}

func (s orderScreen) linesTable(v *console.Visit) console.Table {
	t := console.Table{Caption: v.T("order.lines"), Columns: []console.Column{
		{Title: v.T("c.ticket"), Main: true}, {Title: v.T("axis.day")},
		{Title: v.T("figure.list"), Number: true, Small: true},
		{Title: v.T("figure.paid"), Number: true}, {Title: v.T("c.state")},
		{Title: v.T("c.code"), Small: true}}}
	for i := range s.Lines {
		l := &s.Lines[i]
		code := console.Text("")
		if ticket, ok := s.tickets[l.No]; ok {
			code = console.Code(ticket.Code())
		}
		t.Rows = append(t.Rows, console.Row{Cells: []templ.Component{
			console.Text(l.Label.In(v.Lang)), console.Text(dayName(v, l.Day)),
			console.Text(yen(v, l.List)), console.Strong(yen(v, l.Price)), lineBadge(v, l), code}})
	}
	return t
}

// lineBadge is how one line of an order stands.
func lineBadge(v *console.Visit, l *order.Line) templ.Component {
	tone := console.Plain
	switch l.State {
	case order.LineSold:
		tone = console.Good
	case order.LineHeld:
		tone = console.Wait
	case order.LineCancelled:
		tone = console.Back
	case order.LineUsed, order.LineReleased:
	}
	return v.Badge(tone, "", v.T("line.state."+string(l.State)))
}

func (s orderScreen) returnsTable(v *console.Visit) console.Table {
	t := console.Table{Caption: v.T("order.returns"), Columns: []console.Column{
		{Title: v.T("c.time"), Main: true}, {Title: v.T("c.amount"), Number: true},
		{Title: v.T("figure.fees"), Number: true}, {Title: v.T("return.why")},
		{Title: v.T("c.state")}, {Title: v.T("return.retry"), Unseen: true}}}
	for _, r := range s.returns {
		act := console.Text("")
		if r.State == order.ReturnFailed {
			act = retrying(v, r)
		}
		t.Rows = append(t.Rows, console.Row{Cells: []templ.Component{v.Time(r.Created),
			console.Strong(yen(v, r.Minor)), console.Text(yen(v, r.Fee)),
			console.Text(v.T("reason." + string(r.Reason))),
			returned(v, r), act}})
	}
	return t
}

// returnBadge is how a refund stands.
func returnBadge(v *console.Visit, r order.Return) templ.Component {
	tone := console.Wait
	switch r.State {
	case order.ReturnSucceeded:
		tone = console.Good
	case order.ReturnFailed:
		tone = console.Stop
	case order.ReturnDue, order.ReturnSent:
	}
	return v.Badge(tone, "", v.T("return.state."+string(r.State)))
}

// mayGive says whether there is anything to give back.
func (s orderScreen) mayGive() bool {
	return s.State == order.StatePaid && len(s.sold()) > 0
}

// sold are the lines that can be given back: used ones cannot.
func (s orderScreen) sold() (list []*order.Line) {
	for i := range s.Lines {
		if s.Lines[i].State == order.LineSold {
			list = append(list, &s.Lines[i])
		}
	}
	return list
}

// whys are why something is given back, which decides about the fee.
func whys(v *console.Visit) (list []console.Option) {
	for _, r := range []order.Reason{order.BySeller, order.ByVisitor} {
		list = append(list, console.Option{Value: string(r), Label: v.T("give." + string(r)),
			Hint: v.T("give." + string(r) + ".hint")})
	}
	return list
}

// hidden carries what was chosen through the question.
func (s orderScreen) hidden() map[string]string {
	h := map[string]string{"why": string(s.why), "request": s.request,
		"refund": strconv.FormatInt(s.quote.Refund, 10)}
	for _, no := range s.chosen {
		h["line."+strconv.FormatInt(no, 10)] = "yes"
	}
	return h
}

// giveBack says what would go back, and gives it when that was agreed to.
func (a *app) giveBack(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	o, err := a.orderOf(v, p, v.R.PathValue("id"))
	if err != nil {
		return err
	}
	cut := order.Cut{Reason: order.BySeller}
	if v.Typed("why") == string(order.ByVisitor) {
		cut.Reason = order.ByVisitor
	}
	for i := range o.Lines {
		if v.Typed("line."+strconv.FormatInt(o.Lines[i].No, 10)) != "" {
			cut.Lines = append(cut.Lines, o.Lines[i].No)
		}
	}
	if len(cut.Lines) == 0 {
		v.Mistake("line", v.T("give.none"))
		return a.showOrder(v)
	}
	if request := v.Typed("request"); request != "" {
		_, err := a.Orders.Cancel(v.Ctx(), o.ID, cut, typedNumber(v, "refund"), request,
			v.Caller.Actor)
		if err == nil {
			return v.SeeOther("/park/orders/"+o.ID, v.T("give.done"))
		}
		if !v.Refused(err) {
			return err
		}
	}
	q, err := a.Orders.QuoteCancel(v.Ctx(), o.ID, cut)
	if v.Refused(err) {
		return a.showOrder(v)
	}
	if err != nil {
		return err
	}
	return a.showOrderWith(v, func(s *orderScreen) {
		s.quote, s.chosen, s.why, s.request = &q, cut.Lines, cut.Reason, id.Secret(12)
	})
}

// retryReturn asks again for money that could not be given back.
func (a *app) retryReturn(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	o, err := a.orderOf(v, p, v.R.PathValue("id"))
	if err != nil {
		return err
	}
	all, err := a.Orders.Returns(v.Ctx(), o.ID)
	if err != nil {
		return err
	}
	wanted := v.Typed("return")
	if !slices.ContainsFunc(all, func(r order.Return) bool { return r.ID == wanted }) {
		return v.NotFound()
	}
	_, err = a.Orders.Retry(v.Ctx(), wanted, v.Caller.Actor)
	if v.Refused(err) {
		return a.showOrder(v)
	}
	if err != nil {
		return err
	}
	return v.SeeOther("/park/orders/"+o.ID, v.T("return.retried"))
}
