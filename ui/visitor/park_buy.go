package visitor

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"watari/kit/clock"
	"watari/kit/fault"
	"watari/kit/i18n"
	"watari/kit/id"
	"watari/visit/order"
	"watari/visit/park"
)

// buyScreen is what the page for buying shows: the month, and what is sold on the chosen day.
type buyScreen struct {
	park    park.Park
	month   string // "2026-11"
	weeks   [][]dayCell
	before  string // months that can be turned to, "" for none
	after   string
	day     string // chosen, "" while none is
	head    park.DayOffer
	offers  []park.Offer
	request string // id of the request, so that a repeated form buys once
	voucher string
	wallet  string // that the prices are for, "" for strangers
	waits   []park.Wait
}

// dayCell is a day of the month; Day "" is outside of it.
type dayCell struct {
	park.DayOffer
	number string
	href   string
	chosen bool
	past   bool
}

// showBuy is where a day is chosen, and then who comes.
func (g *parkPages) showBuy(v *Visit) error {
	p, err := g.find(v)
	if err != nil {
		return err
	}
	s := buyScreen{park: p, day: day(field(v, "day")), voucher: token(field(v, "voucher")),
		request: id.Secret(16)}
	today := park.DayOf(v.Now)
	if s.day < today {
		s.day = ""
	}
	if s.month = month(field(v, "month")); s.month == "" {
		s.month = max(s.day, today)[:7]
	}
	if err := g.fillMonth(v, &s, today); err != nil {
		return err
	}
	if s.day != "" {
		if err := g.fillDay(v, &s); err != nil {
			return err
		}
	}
	if v.Visitor != nil {
		s.wallet = g.walletCalled(v.Ctx(), v.Visitor.IssuerID)
	}
	return v.Show(v.statusOr(), Page{Title: v.T("park.buy"), Up: g.up(v, p), Style: parkStyle,
		Script: parkScript, Class: "park buy"}, v.parkBuy(s))
}

// at is the address of the page with another day or month.
func (s *buyScreen) at(name, value string) string {
	q := url.Values{name: {value}}
	if s.voucher != "" {
		q.Set("voucher", s.voucher)
	}
	return ParkPath + s.park.Slug + "/buy?" + q.Encode()
}

// day reads a day of an address or form, "" when it is none.
func day(s string) string {
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return ""
	}
	return s
}

func month(s string) string {
	if _, err := time.Parse("2006-01", s); err != nil {
		return ""
	}
	return s
}

// aheadMonths is how many months after this one can be turned to.
const aheadMonths = 12

// fillMonth asks what every day of the month costs. Weeks begin on Sunday, as in Japan.
func (g *parkPages) fillMonth(v *Visit, s *buyScreen, today string) error {
	first, _ := time.ParseInLocation(time.DateOnly, s.month+"-01", clock.JST)
	now, _ := time.ParseInLocation(time.DateOnly, today[:7]+"-01", clock.JST)
	if first.Before(now) || first.After(now.AddDate(0, aheadMonths, 0)) {
		first = now
	}
	s.month = first.Format("2006-01")
	last := first.AddDate(0, 1, -1)
	if first.After(now) {
		s.before = first.AddDate(0, -1, 0).Format("2006-01")
	}
	if next := first.AddDate(0, 1, 0); !next.After(now.AddDate(0, aheadMonths, 0)) {
		s.after = next.Format("2006-01")
	}
	offers, err := g.Parks.Calendar(v.Ctx(), park.CalendarQuery{ParkID: s.park.ID,
		From: first.Format(time.DateOnly), To: last.Format(time.DateOnly), IssuerID: v.buyer()})
	if err != nil {
		return err
	}
	week := make([]dayCell, int(first.Weekday()), 7)
	for at := first; !at.After(last); at = at.AddDate(0, 0, 1) {
		cell := dayCell{number: strconv.Itoa(at.Day())}
		cell.Day = at.Format(time.DateOnly)
		cell.State, cell.Price = park.DayClosed, -1
		if i := slices.IndexFunc(offers, func(o park.DayOffer) bool {
			return o.Day == cell.Day
		}); i >= 0 {
			cell.DayOffer = offers[i]
		}
		cell.chosen, cell.past = cell.Day == s.day, cell.Day < today
		cell.href = s.at("day", cell.Day) + "#day"
		if cell.chosen {
			s.head = cell.DayOffer
		}
		week = append(week, cell)
		if len(week) == 7 {
			s.weeks, week = append(s.weeks, week), nil
		}
	}
	if len(week) > 0 {
		s.weeks = append(s.weeks, append(week, make([]dayCell, 7-len(week))...))
	}
	return nil
}

// fillDay asks what is sold on the chosen day.
func (g *parkPages) fillDay(v *Visit, s *buyScreen) error {
	var err error
	s.offers, err = g.Parks.Offers(v.Ctx(), park.OfferQuery{ParkID: s.park.ID, Day: s.day,
		IssuerID: v.buyer()})
	if err != nil {
		return err
	}
	s.offers = slices.DeleteFunc(s.offers, func(o park.Offer) bool {
		return o.State == park.NotForSale || o.State == park.NotYet && o.Product.VoucherOnly
	})
	if v.Visitor == nil {
		return nil
	}
	all, err := g.Parks.Waits(v.Ctx(), v.Visitor.ID)
	if err != nil {
		return err
	}
	for _, w := range all {
		if w.ParkID == s.park.ID && w.Day == s.day && (w.State == park.Waiting ||
			w.State == park.Offered) {
			s.waits = append(s.waits, w)
		}
	}
	return nil
}

// Names of fields that say how many of a product somebody wants: n.<product>.<unit>, and in which
// slot: s.<product>.
const (
	countField = "n."
	slotField  = "s."
	fieldsMax  = 200
)

// items reads what a form wishes.
func items(form url.Values, on string) (out []order.Item) {
	for name, values := range form {
		rest, ok := strings.CutPrefix(name, countField)
		product, unit, two := strings.Cut(rest, ".")
		if !ok || !two || len(values) == 0 || len(out) >= fieldsMax {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(values[0]), 10, 64)
		if err != nil || n <= 0 {
			continue
		}
		out = append(out, order.Item{Product: product, Day: on, Unit: unit, Count: n,
			Slot: form.Get(slotField + product)})
	}
	slices.SortFunc(out, func(a, b order.Item) int {
		return strings.Compare(a.Product+"."+a.Unit, b.Product+"."+b.Unit)
	})
	return out
}

// requestID is that of a form: sent again as it was, it is the same purchase; changed, another.
func requestID(form string, q *order.Request) (string, error) {
	raw, err := json.Marshal([]any{form, q.Place, q.Items, q.Voucher, q.Claims})
	if err != nil {
		return "", fmt.Errorf("write a request: %w", err)
	}
	sum := sha256.Sum256(raw)
	return "page-" + hex.EncodeToString(sum[:16]), nil
}

// buy holds what was chosen, and goes on to its page.
func (g *parkPages) buy(v *Visit) error {
	p, err := g.find(v)
	if err != nil {
		return err
	}
	form := token(v.Typed("request"))
	q := order.Request{Seller: park.SellerKind, Place: p.ID, VisitorID: v.Visitor.ID,
		Channel: park.ByVisitor, IssuerID: v.Visitor.IssuerID, Lang: v.Lang,
		Items: items(v.R.PostForm, day(v.Typed("day"))), Voucher: token(v.Typed("voucher"))}
	if len(q.Items) == 0 || form == "" {
		v.Refuse(v.T("park.buy.nobody"))
		return g.showBuy(v)
	}
	if q.RequestID, err = requestID(form, &q); err != nil {
		return err
	}
	o, err := g.Orders.Hold(v.Ctx(), q)
	if g.refused(v, err) {
		return g.showBuy(v)
	}
	if err != nil {
		return err
	}
	if o.State == order.StateExpired {
		v.Refuse(v.T("park.buy.again"))
		return g.showBuy(v)
	}
	return v.SeeOther(OrdersPath+o.ID, "")
}

// refused takes a refusal into the page, with its numbers.
func (g *parkPages) refused(v *Visit, err error) bool {
	if !v.Refused(err) {
		return false
	}
	e := asFault(err)
	switch {
	case is(err, park.ErrSoldOut):
		if left, ok := e.Members["left"].(int64); ok && left > 0 {
			v.refusal = v.N("park.left", left)
		}
	case is(err, park.ErrLimit):
		if most, ok := e.Members["limit"].(int64); ok {
			v.refusal = v.T("park.limit", "n", most)
		}
	case is(err, order.ErrDearer):
		if more, ok := e.Members["difference"].(int64); ok {
			v.refusal = v.T("park.dearer", "amount", v.moneyText(yen(more)))
		}
	}
	return true
}

// asFault is the refusal in an error, nil when there is none.
func asFault(err error) *fault.Error {
	var e *fault.Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// quoted is what a wish costs, in words, for the script.
type quoted struct {
	Total   string   `json:"total,omitempty"`
	List    string   `json:"list,omitempty"` // when it is more
	About   string   `json:"about,omitempty"`
	Given   []string `json:"given,omitempty"`
	Refusal string   `json:"refusal,omitempty"`
	Count   int64    `json:"count"`
}

// quote prices a form while it is being filled in. It holds nothing.
func (g *parkPages) quote(v *Visit) error {
	p, err := g.find(v)
	if err != nil {
		return err
	}
	var out quoted
	w := park.Wish{ParkID: p.ID, IssuerID: v.buyer(), Voucher: token(field(v, "voucher")),
		Items: items(v.R.Form, day(field(v, "day")))}
	if v.Visitor != nil {
		w.Visitor = v.Visitor.ID
	}
	if len(w.Items) > 0 {
		q, err := g.Parks.Preview(v.Ctx(), w)
		if err != nil && !g.refused(v, err) {
			return err
		}
		out = g.sayQuote(v, q)
	}
	v.W.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(v.W).Encode(out); err != nil {
		return fmt.Errorf("write a quote: %w", err)
	}
	return nil
}

func (g *parkPages) sayQuote(v *Visit, q park.Quote) quoted {
	if v.refusal != "" {
		return quoted{Refusal: v.refusal}
	}
	out := quoted{Total: v.moneyText(yen(q.Total)), Count: int64(len(q.Lines))}
	if q.List > q.Total {
		out.List = v.moneyText(yen(q.List))
	}
	if own, ok := v.About(yen(q.Total)); ok {
		out.About = v.T("about") + " " + v.moneyText(own)
	}
	for _, given := range q.Given {
		out.Given = append(out.Given, g.gives(v, given.Funding, given.Name))
	}
	return out
}

// gives says who gives a discount, and how much.
func (g *parkPages) gives(v *Visit, f order.Funding, name i18n.Text) string {
	amount := v.moneyText(yen(f.Minor))
	if f.Kind == order.FundedByWallet && v.Visitor != nil && f.IssuerNo == v.Visitor.IssuerNo {
		return v.T("park.gives", "who", g.walletCalled(v.Ctx(), v.Visitor.IssuerID),
			"amount", amount, "why", name.In(v.Lang))
	}
	return v.T("park.gives", "who", v.T("park.gives.park"), "amount", amount,
		"why", name.In(v.Lang))
}

// joinWait puts the visitor on the waiting list of what is sold out.
func (g *parkPages) joinWait(v *Visit) error {
	p, err := g.find(v)
	if err != nil {
		return err
	}
	places, err := strconv.ParseInt(v.Typed("places"), 10, 64)
	if err != nil {
		places = 1
	}
	on := day(v.Typed("day"))
	_, err = g.Parks.JoinWait(v.Ctx(), park.Wait{ParkID: p.ID, VisitorID: v.Visitor.ID,
		Product: token(v.Typed("product")), Day: on, Slot: token(v.Typed("slot")),
		Places: places})
	if g.refused(v, err) {
		return g.showBuy(v)
	}
	if err != nil {
		return err
	}
	return v.SeeOther(ParkPath+p.Slug+"/buy?day="+on, v.T("park.waitlist.joined"))
}

// leaveWait takes the visitor off a waiting list.
func (g *parkPages) leaveWait(v *Visit) error {
	err := g.Parks.LeaveWait(v.Ctx(), v.Visitor.ID, v.R.PathValue("id"))
	if err != nil {
		return err
	}
	return v.SeeOther(TicketsPath, v.T("park.waitlist.left"))
}
