package acquirer

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/a-h/templ"

	"watari/pay/party"
	"watari/pay/party/signup"
	"watari/pay/payment"
	"watari/pay/report"
	"watari/ui/console"
)

// chartDays is how many days the charts of shops and the figures of lists go back.
const chartDays = 30

// shopsPage is the list of shops.
type shopsPage struct {
	list []report.Shop
	next int64
}

func (a *app) listShops(v *console.Visit) error {
	var p shopsPage
	var err error
	p.list, p.next, err = a.Reports.Shops(v.Ctx(), report.ShopFilter{AcquirerNo: bank(v),
		Text: strings.TrimSpace(v.R.FormValue("q")), Prefecture: v.R.FormValue("prefecture"),
		Category: v.R.FormValue("mcc"), Status: party.Status(v.R.FormValue("status")),
		Before: number(v.R.FormValue("before"))}, report.Days(v.Now, chartDays))
	if err != nil {
		return err
	}
	frame := page(v.T("shops.title"), "shops")
	frame.Wide = true
	if v.May(clerks...) {
		frame.Actions = []console.Action{{Text: v.T("apps.new"), Icon: "plus",
			Href: link("applications", "new"), Main: true}}
	}
	return show(v, frame, shopsList(v, p))
}

func (p shopsPage) clear(v *console.Visit) string {
	for _, name := range []string{"q", "prefecture", "mcc", "status"} {
		if v.R.FormValue(name) != "" {
			return link("shops")
		}
	}
	return ""
}

func (p shopsPage) table(v *console.Visit) console.Table {
	t := console.Table{Caption: v.T("shops.title"), Brief: true, Columns: []console.Column{
		{Title: v.T("word.shop"), Main: true}, {Title: v.T("word.status")},
		{Title: v.T("word.prefecture")}, {Title: v.T("word.category"), Small: true},
		{Title: v.T("shops.taken"), Number: true}, {Title: v.T("shops.seen")},
		{Title: v.T("shops.tills"), Number: true, Small: true},
	}, Empty: console.Empty{Icon: "store", Title: v.T("shops.empty"),
		Text: v.T("shops.empty.text")}}
	for _, s := range p.list {
		t.Rows = append(t.Rows, console.Row{Href: link("shops", itoa(s.StoreNo)),
			Cells: []templ.Component{
				console.Two(inLang(v, s.Name, s.NameJA), s.ID),
				statusBadge(v, worse(s.Status, s.MerchantStatus), s.Unverified),
				console.Text(orDash(v.Prefecture(s.Prefecture))),
				console.Text(category(v, s.Category)),
				console.Text(yenText(v, s.Takings.SoldMinor)), console.Text(ago(v, s.Seen)),
				console.Text(v.Number(s.Tills)),
			}})
	}
	return t
}

// worse is the status that decides whether a shop takes payments: its own, or its merchant's.
func worse(own, merchant party.Status) party.Status {
	if own == party.Closed || merchant == party.Closed {
		return party.Closed
	}
	if own == party.Suspended || merchant == party.Suspended {
		return party.Suspended
	}
	return own
}

func statusBadge(v *console.Visit, s party.Status, unverified bool) templ.Component {
	switch {
	case s == party.Suspended:
		return v.Badge(console.Stop, "stop", v.T("status.suspended"))
	case s == party.Closed:
		return v.Badge(console.Stop, "lock", v.T("status.closed"))
	case unverified:
		return v.Badge(console.Wait, "alert", v.T("status.unverified"))
	}
	return v.Badge(console.Good, "tick", v.T("status.open"))
}

func statuses(v *console.Visit) []console.Option {
	list := []console.Option{{Value: "", Label: v.T("word.all")}}
	for _, s := range []party.Status{party.Open, party.Suspended, party.Closed} {
		list = append(list, console.Option{Value: string(s), Label: v.T("status." + string(s))})
	}
	return list
}

// shopAt is the shop that a page is about.
type shopAt struct {
	party.Point
	name string
}

// shop finds the shop of the address, when it is the caller's bank's (B1).
func (a *app) shop(v *console.Visit) (s shopAt, err error) {
	s.Point, err = a.Places.Store(v.Ctx(), number(v.R.PathValue("no")))
	if err != nil {
		return s, err
	}
	if s.Store.AcquirerNo != bank(v) {
		return s, v.NotFound()
	}
	s.name = inLang(v, s.Store.Name, s.Store.NameJA)
	return s, nil
}

// status is whether the shop takes payments.
func (s shopAt) status() party.Status { return worse(s.Store.Status, s.Merchant.Status) }

func (s shopAt) link(parts ...string) string {
	return link(append([]string{"shops", itoa(s.Store.No)}, parts...)...)
}

// frame is the frame of all pages about a shop.
func (s shopAt) frame(v *console.Visit) console.Page {
	frame := page(s.name, "shops")
	frame.Wide = true
	frame.Lead = inLang(v, s.Merchant.Name, s.Merchant.NameJA) + " · " + s.Store.ID
	frame.Crumbs = []console.Link{{Text: v.T("shops.title"), Href: link("shops")}}
	if v.May(clerks...) && s.status() == party.Open {
		frame.Actions = []console.Action{{Text: v.T("app.handover"), Icon: "print",
			Href: s.link("handover")}}
	}
	return frame
}

// tabs lead to the views of a shop.
func (s shopAt) tabs(v *console.Visit, on string) []console.Tab {
	list := []console.Tab{{Text: v.T("shop.tab.overview"), Href: s.link(),
		On: on == "overview"}}
	for _, id := range []string{"tills", "stand", "limits", "account", "history"} {
		list = append(list, console.Tab{Text: v.T("shop.tab." + id), Href: s.link(id),
			On: on == id})
	}
	return list
}

// shopPage is the overview of a shop.
type shopPage struct {
	shopAt
	days     []report.DayTakings
	last     []report.Line
	appID    string // of the application that made it; "" for others
	canClose bool
}

func (a *app) showShop(v *console.Visit) error {
	s, err := a.shop(v)
	if err != nil {
		return err
	}
	p := shopPage{shopAt: s}
	scope := report.Scope{AcquirerNo: bank(v), StoreNo: s.Store.No}
	if p.days, err = a.Reports.Days(v.Ctx(), scope, report.Days(v.Now, chartDays)); err != nil {
		return fmt.Errorf("add up the shop: %w", err)
	}
	if p.last, _, err = a.Reports.Search(v.Ctx(), report.Query{Scope: scope,
		Limit: 8}); err != nil {
		return fmt.Errorf("find the shop's payments: %w", err)
	}
	if p.appID, err = a.applicationOf(v.Ctx(), s.Merchant); err != nil {
		return fmt.Errorf("find the shop's application: %w", err)
	}
	return show(v, s.frame(v), shopOverview(v, p))
}

// applicationOf finds the application that made a merchant; "" when none did.
func (a *app) applicationOf(ctx context.Context, m party.Merchant) (string, error) {
	list, _, err := a.Signup.List(ctx, signup.Filter{AcquirerNo: m.AcquirerNo,
		MerchantNo: m.No, Limit: 1})
	if err != nil || len(list) == 0 {
		return "", err
	}
	return list[0].ID, nil
}

// total adds up the days.
func (p shopPage) total() (t report.Takings) {
	for _, d := range p.days {
		t = t.Plus(d.Takings)
	}
	return t
}

func (p shopPage) stats(v *console.Visit) []console.Stat {
	today := p.days[len(p.days)-1].Takings
	all := p.total()
	return []console.Stat{
		{Label: v.T("home.taken"), Value: yenText(v, today.SoldMinor),
			Note: v.N("n.payments", today.Sales)},
		{Label: v.T("shops.taken"), Value: yenText(v, all.SoldMinor),
			Note: v.N("n.payments", all.Sales)},
		{Label: v.T("vol.refunded"), Value: yenText(v, all.RefundedMinor),
			Note: v.N("n.refunds", all.Refunds)},
		rateStat(v, "vol.rate", all),
	}
}

func (p shopPage) facts(v *console.Visit) []console.Fact {
	list := []console.Fact{
		{Name: v.T("word.status"), Value: statusBadge(v, p.status(), p.Store.Unverified)},
		{Name: v.T("word.prefecture"), Value: console.Text(orDash(v.Prefecture(
			p.Store.Prefecture)))},
		{Name: v.T("word.category"), Value: console.Text(category(v, p.Store.MCC) + " · " +
			p.Store.MCC)},
		{Name: v.T("word.merchant"), Value: console.Two(inLang(v, p.Merchant.Name,
			p.Merchant.NameJA), p.Merchant.ID)},
		{Name: v.T("f.mdr_ppm"), Value: console.Text(orDash(percentText(p.Merchant.MDRPPM)) +
			" %")},
	}
	if p.Store.City != "" || p.Store.PostalCode != "" {
		list = append(list, console.Fact{Name: v.T("shop.city"), Value: console.Text(
			strings.TrimSpace(p.Store.PostalCode + " " + p.Store.City))})
	}
	if p.Store.UnifiedID != "" {
		list = append(list, console.Fact{Name: "JPQR", Value: console.Code(p.Store.UnifiedID)})
	}
	if p.appID != "" {
		list = append(list, console.Fact{Name: v.T("shop.application"),
			Value: console.To(v.T("act.open"), link("applications", p.appID))})
	}
	return list
}

// changes lead to where a clerk changes what customers know the shop by.
func (p shopPage) changes(v *console.Visit) []console.Action {
	if !v.May(clerks...) || p.status() == party.Closed {
		return nil
	}
	return []console.Action{{Text: v.T("act.edit"), Icon: "edit", Href: p.link("edit")}}
}

// setShopStatus suspends a shop, opens it again, or closes it for ever.
func (a *app) setShopStatus(v *console.Visit) error {
	s, err := a.shop(v)
	if err != nil {
		return err
	}
	to := party.Status(v.Typed("status"))
	switch to {
	case party.Open, party.Suspended, party.Closed:
	default:
		return v.NotFound()
	}
	err = a.Keeping.SetStoreStatus(v.Ctx(), v.Caller.Actor, s.Store.No, to)
	if v.Refused(err) {
		return a.showShop(v)
	}
	if err != nil {
		return err
	}
	return v.SeeOther(s.link(), v.T("shop.done."+string(to)))
}

// dayBars are days as bars, the last one still growing.
func dayBars(v *console.Visit, days []report.DayTakings) []console.Bar {
	bars := make([]console.Bar, len(days))
	for i, d := range days {
		bars[i] = console.Bar{Label: v.Lang.Day(d.Day), Short: d.Day.Format("1/2"),
			Shown: yenText(v, d.SoldMinor), Value: d.SoldMinor, Now: i == len(days)-1,
			Href: link("payments") + "?from=" + d.Day.Format(time.DateOnly) + "&until=" +
				d.Day.Format(time.DateOnly)}
	}
	return bars
}

// inShop narrows the bars' links to one shop.
func inShop(bars []console.Bar, storeNo int64) []console.Bar {
	for i := range bars {
		bars[i].Href += "&shop=" + itoa(storeNo)
	}
	return bars
}

// rateStat is the share of payments that were paid.
func rateStat(v *console.Visit, label string, t report.Takings) console.Stat {
	s := console.Stat{Label: v.T(label), Value: "–", Note: v.T("home.rate.none")}
	all := t.Sales + t.Declined
	if all == 0 {
		return s
	}
	s.Value = v.Percent(t.Sales, all)
	s.Note = v.T("home.rate.of", "ok", v.Number(t.Sales), "all", v.Number(all))
	switch rate := t.Approved(); {
	case rate >= rateGood:
		s.Tone = console.Good
	case rate < rateBad:
		s.Tone = console.Wait
	}
	return s
}

// rateGood and rateBad are from where a share of paid payments looks good, and below which it
// wants a look; of a thousand.
const rateGood, rateBad = 900, 667

// paymentsTable lists payments; named says whether the shop is a column.
func paymentsTable(
	v *console.Visit, lines []report.Line, named bool, empty console.Empty,
) console.Table {
	t := console.Table{Caption: v.T("pays.title"), Brief: true, Empty: empty,
		Columns: []console.Column{
			{Title: v.T("word.when"), Main: true}, {Title: v.T("word.amount"), Number: true},
			{Title: v.T("word.state")}, {Title: v.T("word.wallet")}}}
	if named {
		t.Columns = append(t.Columns, console.Column{Title: v.T("word.shop")})
	}
	for _, l := range lines {
		row := console.Row{Href: link("payments", l.ID), Cells: []templ.Component{
			v.Time(l.Created), v.Money(l.Order), paymentBadge(v, l),
			console.Text(orDash(l.Wallet.Name))}}
		if named {
			row.Cells = append(row.Cells, console.Text(l.Store.In(string(v.Lang))))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

var paymentSigns = map[payment.State]stateSign{
	payment.Authorising: {console.Wait, "wait"},
	payment.Pending:     {console.Wait, "wait"},
	payment.Authorised:  {console.Wait, "lock"},
	payment.Captured:    {console.Good, "tick"},
	payment.Declined:    {console.Stop, "cross"},
	payment.Cancelled:   {console.Stop, "slash"},
	payment.Refunded:    {console.Back, "return"},
}

func paymentBadge(v *console.Visit, l report.Line) templ.Component {
	if l.State == payment.Captured && l.RefundedMinor > 0 {
		return v.Badge(console.Back, "return", v.T("pay.state.partly"))
	}
	sign := paymentSigns[l.State]
	return v.Badge(sign.tone, sign.icon, v.T("pay.state."+string(l.State)))
}
