package visitor

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"watari/kit/fault"
	"watari/kit/i18n"
	"watari/kit/id"
	"watari/visit/order"
	"watari/visit/park"
	who "watari/visit/visitor"
)

// buyScreen is what the page for buying shows: the month, and what is sold on the chosen day.
type buyScreen struct {
	park    park.Park
	month   string // "2026-11"
	weeks   [][]dayCell
	main    *park.Product // whose prices the month shows, nil for whatever is cheapest
	before  string        // months that can be turned to, "" for none
	after   string
	day     string // chosen, "" while none is
	head    park.DayOffer
	offers  []park.Offer
	request string // id of the request, so that a repeated form buys once
	voucher string
	wallet  string // that the prices are for, "" for strangers
	waits   []park.Wait
	names   map[string]i18n.Text // of what is waited for, by the id of the wait
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
	if v.R.Method != http.MethodPost {
		v.R.PostForm = v.R.Form // what the address wishes fills the form as one that came back
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
	s.names, err = g.waitedFor(v.Ctx(), s.waits)
	return err
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

// wished is the address of the page on which a form is filled in as it was: who signs in first
// finds what they chose.
func wished(p park.Park, form url.Values) string {
	q := url.Values{}
	for name := range form {
		text := strings.TrimSpace(form.Get(name))
		if text != "" && text != "0" && (name == "day" || name == "voucher" ||
			strings.HasPrefix(name, countField) || strings.HasPrefix(name, slotField)) {
			q.Set(name, text)
		}
	}
	at := ParkPath + p.Slug + "/buy?"
	if whole := at + q.Encode() + "#day"; who.OwnPath(whole) == whole {
		return whole
	}
	return at + url.Values{"day": {day(form.Get("day"))}}.Encode()
}

// buy holds what was chosen, and goes on to its page.
func (g *parkPages) buy(v *Visit) error {
	p, err := g.find(v)
	if err != nil {
		return err
	}
	if v.Visitor == nil {
		return v.SeeOther(SignInPath+"?next="+escape(wished(p, v.R.PostForm)), "")
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
	if is(err, order.ErrRepeated) { // the same form, but for the language of its page
		o, err = g.Orders.ByRequest(v.Ctx(), v.Visitor.ID, q.RequestID)
	}
	if g.refused(v, p.ID, err) {
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

// refused takes a refusal into the page, with its numbers, and with the name of what it is about.
func (g *parkPages) refused(v *Visit, parkID string, err error) bool {
	if !v.Refused(err) {
		return false
	}
	e := asFault(err)
	least, few := number(e, "least")
	most, many := number(e, "limit")
	_, had := number(e, "had")
	left, some := number(e, "left")
	more, dearer := number(e, "difference")
	switch {
	case is(err, park.ErrSoldOut) && some && left > 0:
		v.refusal = v.N("park.left", left)
	case is(err, park.ErrLimit) && few:
		v.refusal = v.T("park.least", "n", least)
	case is(err, park.ErrLimit) && many && had:
		v.refusal = v.T("park.limit.had", "n", most)
	case is(err, park.ErrLimit) && many:
		v.refusal = v.T("park.limit", "n", most)
	case is(err, order.ErrDearer) && dearer:
		v.refusal = v.T("park.dearer", "amount", v.moneyText(yen(more)))
	}
	if code, ok := e.Members["product"].(string); ok {
		if p, err := g.Parks.Product(v.Ctx(), parkID, code); err == nil {
			v.refusal = p.Name.In(v.Lang) + ": " + v.refusal
		}
	}
	return true
}

// number is a member of a refusal.
func number(e *fault.Error, name string) (int64, bool) {
	switch n := e.Members[name].(type) {
	case int64:
		return n, true
	case int:
		return int64(n), true
	}
	return 0, false
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
		if err != nil && !g.refused(v, p.ID, err) {
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
	if v.Visitor != nil {
		out.Given = v.gifts(g.walletCalled(v.Ctx(), v.Visitor.IssuerID), q.Given)
	} else {
		out.Given = v.gifts("", q.Given)
	}
	return out
}

// joinWait puts the visitor on the waiting list of what is sold out.
func (g *parkPages) joinWait(v *Visit) error {
	p, err := g.find(v)
	if err != nil {
		return err
	}
	places, err := strconv.ParseInt(v.Typed("places"), 10, 64)
	if err != nil {
		places = 0 // none: it is refused
	}
	on := day(v.Typed("day"))
	_, err = g.Parks.JoinWait(v.Ctx(), park.Wait{ParkID: p.ID, VisitorID: v.Visitor.ID,
		Product: token(v.Typed("product")), Day: on, Slot: token(v.Typed("slot")),
		Places: places})
	if e := asFault(err); is(err, park.ErrWait) && e.Members["wait"] != nil {
		err = nil // a second tap: they wait for this already
	}
	if g.refused(v, p.ID, err) {
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
	if err != nil && !is(err, park.ErrWait) { // it was over already
		return err
	}
	return v.SeeOther(TicketsPath, v.T("park.waitlist.left"))
}
