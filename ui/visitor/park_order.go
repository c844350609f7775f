package visitor

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"watari/kit/id"
	"watari/visit/order"
	"watari/visit/park"
)

// orderScreen is what the page of an order shows.
type orderScreen struct {
	order   *order.Order
	park    park.Park
	groups  []lineGroup
	returns []order.Return
	wallet  string
	policy  park.Policy
	begins  time.Time // of the first visit
	refresh bool
}

// lineGroup is lines of an order that are alike.
type lineGroup struct {
	order.Line
	count int64
}

// grouped puts lines that are alike together.
func grouping(lines []order.Line) (out []lineGroup) {
	for _, l := range lines {
		i := slices.IndexFunc(out, func(g lineGroup) bool {
			return g.Product == l.Product && g.Unit == l.Unit && g.Day == l.Day &&
				g.Slot == l.Slot && g.Price == l.Price && g.State == l.State
		})
		if i < 0 {
			out = append(out, lineGroup{Line: l})
			i = len(out) - 1
		}
		out[i].count++
	}
	return out
}

// orderPage reads what belongs to an order.
func (g *parkPages) orderPage(v *Visit, o *order.Order) (s orderScreen, err error) {
	s = orderScreen{order: o, groups: grouping(o.Lines)}
	if s.park, err = g.Parks.Find(v.Ctx(), o.Place); err != nil {
		return s, err
	}
	if s.returns, err = g.Orders.Returns(v.Ctx(), o.ID); err != nil {
		return s, err
	}
	if s.policy, err = park.PolicyOf(o); err != nil {
		return s, err
	}
	if len(o.Lines) > 0 {
		s.begins = park.VisitBegins(o.Lines[0].Day)
	}
	s.wallet = g.walletCalled(v.Ctx(), o.IssuerID)
	return s, nil
}

// showOrder is the page of an order. Who comes back from paying sees at once what became of it.
func (g *parkPages) showOrder(v *Visit) error {
	o, err := g.own(v)
	if err != nil {
		return err
	}
	if o.State == order.StatePaying || o.State == order.StateHeld {
		settled, err := g.Orders.Settle(v.Ctx(), o.ID)
		if err != nil {
			v.missed("payment", err)
		} else {
			o = settled
		}
	}
	if o.State == order.StateHeld && !v.Now.Before(o.Expires) {
		over := *o // its schedule will say so in a moment
		over.State, o = order.StateExpired, &over
	}
	s, err := g.orderPage(v, o)
	if err != nil {
		return err
	}
	page := Page{Title: v.T("park.order"), Up: Link{v.T("tab.tickets"), TicketsPath}, Bare: true,
		Style: parkStyle, Script: parkScript, Class: "park order"}
	if o.State == order.StatePaying || o.State == order.StateReturning {
		page.Refresh = 4
	}
	page.State, page.Again = s.stands()
	return v.Show(v.statusOr(), page, v.parkOrder(s))
}

// stands says how an order stands, and after how many seconds that may be another.
func (s *orderScreen) stands() (state string, again int) {
	state = fmt.Sprint(s.order.State, ".", s.order.Version)
	for _, r := range s.returns {
		state += "." + string(r.State)
		if r.State != order.ReturnSucceeded && r.State != order.ReturnFailed {
			again = 10
		}
	}
	if s.order.State == order.StatePaying || s.order.State == order.StateReturning {
		again = 4
	}
	return state, again
}

// pay opens the payment, and leads to its page.
func (g *parkPages) pay(v *Visit) error {
	o, err := g.own(v)
	if err != nil {
		return err
	}
	back := v.origin() + OrdersPath + o.ID
	to, _, err := g.Orders.Pay(v.Ctx(), o.ID, back)
	if is(err, order.ErrExpired) || is(err, order.ErrState) {
		return v.SeeOther(OrdersPath+o.ID, "")
	}
	if v.Refused(err) {
		if !v.Has("fault." + asFault(err).Problem.Slug) {
			v.refusal = v.T("park.pay.refused")
		}
		return g.showOrder(v)
	}
	if err != nil {
		return err
	}
	return v.SeeOther(to, "")
}

// abandon gives a hold up.
func (g *parkPages) abandon(v *Visit) error {
	o, err := g.own(v)
	if err != nil {
		return err
	}
	err = g.Orders.Abandon(v.Ctx(), o.ID, v.actor())
	if err != nil && !is(err, order.ErrState) {
		return err
	}
	return v.SeeOther(OrdersPath+o.ID, "")
}

// cancelScreen is what the page for giving back shows.
type cancelScreen struct {
	orderScreen
	chosen  []int64
	quote   order.Requoted
	quoted  bool
	request string
}

// chosenLines reads the numbers of lines from a form.
func chosenLines(v *Visit) (out []int64) {
	for _, text := range v.R.Form["line"] {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil && len(out) < order.LinesMax {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// askCancel asks which tickets are given back, and says what comes back for them before that is
// done.
func (g *parkPages) askCancel(v *Visit) error {
	o, err := g.own(v)
	if err != nil {
		return err
	}
	s := cancelScreen{chosen: chosenLines(v), request: id.Secret(16)}
	if len(s.chosen) == 0 && v.R.URL.ForceQuery {
		v.refusal = v.T("park.cancel.none") // the form was sent, and nothing is in it
	}
	if s.orderScreen, err = g.orderPage(v, o); err != nil {
		return err
	}
	if len(s.chosen) > 0 {
		s.quote, err = g.Orders.QuoteCancel(v.Ctx(), o.ID, order.Cut{Lines: s.chosen,
			Reason: order.ByVisitor})
		if err != nil && !g.refused(v, o.Place, err) {
			return err
		}
		s.quoted = err == nil
	}
	return v.Show(v.statusOr(), Page{Title: v.T("park.cancel"), Style: parkStyle,
		Script: parkScript, Up: Link{v.T("park.order"), OrdersPath + o.ID}, Class: "park"},
		v.parkCancel(s))
}

// cancel gives tickets back for the money that was shown.
func (g *parkPages) cancel(v *Visit) error {
	o, err := g.own(v)
	if err != nil {
		return err
	}
	refund, err := strconv.ParseInt(v.Typed("refund"), 10, 64)
	request, lines := token(v.Typed("request")), chosenLines(v)
	if len(lines) == 0 { // to an order this would mean all of it
		v.Refuse(v.T("park.cancel.none"))
	}
	if err != nil || request == "" || len(lines) == 0 {
		return g.askCancel(v)
	}
	_, err = g.Orders.Cancel(v.Ctx(), o.ID, order.Cut{Lines: lines, Reason: order.ByVisitor},
		refund, request, v.actor())
	if g.refused(v, o.Place, err) {
		return g.askCancel(v)
	}
	if err != nil {
		return err
	}
	return v.SeeOther(OrdersPath+o.ID, v.T("park.cancelled.done",
		"amount", v.moneyText(yen(refund))))
}

// changeScreen is what the page for another day shows.
type changeScreen struct {
	orderScreen
	days    []park.DayOffer
	day     string
	quote   park.ChangeQuote
	quoted  bool
	request string
}

// changeAhead is how many days ahead another day is offered.
const changeAhead = 60

// askChange offers other days for what was bought, and says what comes back.
func (g *parkPages) askChange(v *Visit) error {
	o, err := g.own(v)
	if err != nil {
		return err
	}
	s := changeScreen{day: day(field(v, "day")), request: id.Secret(16)}
	if s.orderScreen, err = g.orderPage(v, o); err != nil {
		return err
	}
	live, units, paid := o.Live(), map[park.Unit]int64{}, int64(0)
	for _, l := range live {
		units[park.Unit(l.Unit)]++
		paid += l.Price
	}
	if len(live) == 0 {
		return v.SeeOther(OrdersPath+o.ID, "")
	}
	today := park.DayOf(v.Now)
	s.days, err = g.Parks.Calendar(v.Ctx(), park.CalendarQuery{ParkID: o.Place, From: today,
		To: addDays(today, changeAhead), Product: live[0].Product, Units: units,
		IssuerID: o.IssuerID})
	if err != nil {
		return err
	}
	s.days = slices.DeleteFunc(s.days, func(d park.DayOffer) bool {
		return d.Day == live[0].Day || d.Price > paid ||
			d.State != park.Available && d.State != park.Few
	})
	if s.day != "" {
		s.quote, err = g.Parks.QuoteChange(v.Ctx(), park.Change{OrderID: o.ID, Day: s.day})
		if err != nil && !g.refused(v, o.Place, err) {
			return err
		}
		s.quoted = err == nil
	}
	return v.Show(v.statusOr(), Page{Title: v.T("park.change"), Style: parkStyle,
		Script: parkScript, Up: Link{v.T("park.order"), OrdersPath + o.ID}, Class: "park"},
		v.parkChange(s))
}

// change moves an order to another day.
func (g *parkPages) change(v *Visit) error {
	o, err := g.own(v)
	if err != nil {
		return err
	}
	refund, err := strconv.ParseInt(v.Typed("refund"), 10, 64)
	to, request := day(v.Typed("day")), token(v.Typed("request"))
	live := o.Live()
	if err != nil || request == "" || to == "" || len(live) == 0 {
		return g.askChange(v)
	}
	_, err = g.Parks.Change(v.Ctx(), park.Change{OrderID: o.ID, Day: to}, refund, request,
		v.actor())
	if g.refused(v, o.Place, err) {
		return g.askChange(v)
	}
	if err != nil {
		return err
	}
	return v.SeeOther(OrdersPath+o.ID, v.T("park.changed.done", "day", v.Day(to)))
}
