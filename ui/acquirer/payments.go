package acquirer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"watari/kit/event"
	"watari/pay/payment"
	"watari/pay/report"
	"watari/ui/console"
)

// paymentsPage is the search over payments.
type paymentsPage struct {
	period  report.Period
	lines   []report.Line
	slow    bool // it took too long
	next    string
	wallets map[int64]report.Name
	shop    string // name of the shop that the search is narrowed to
}

// Bounds of one search: how far back it looks when no day is named, and how long it may take.
const (
	searchDays = 92
	searchTime = 8 * time.Second
)

// filters are the parameters of the search.
var filters = []string{"q", "amount", "state", "wallet", "from", "until", "shop"}

func (a *app) listPayments(v *console.Visit) error {
	q := report.Query{Scope: report.Scope{AcquirerNo: bank(v)},
		Text: strings.TrimSpace(v.R.FormValue("q")), After: v.R.FormValue("after"),
		IssuerNo: number(v.R.FormValue("wallet"))}
	if s := payment.State(v.R.FormValue("state")); s != "" {
		q.States = []payment.State{s}
	}
	wanted, understood := wholeYen(v.R.FormValue("amount"))
	if wanted != nil {
		q.MinMinor, q.MaxMinor = *wanted, *wanted
	}
	q.Period = searched(v)
	p := paymentsPage{period: q.Period}
	if no := number(v.R.FormValue("shop")); no != 0 {
		at, err := a.Places.Store(v.Ctx(), no)
		if err != nil || at.Store.AcquirerNo != bank(v) {
			return v.NotFound()
		}
		q.StoreNo, p.shop = no, inLang(v, at.Store.Name, at.Store.NameJA)
	}
	var err error
	if !understood { // a list that this did not narrow would look as if it were the answer
		v.Mistakes = map[string]string{"amount": v.T("refund.needed")}
	} else if err = a.search(v, q, &p); err != nil {
		return err
	}
	if p.wallets, err = a.Reports.Names(v.Ctx(), report.ByWallet, 0); err != nil {
		return fmt.Errorf("name the wallets: %w", err)
	}
	frame := page(v.T("pays.title"), "payments")
	frame.Lead, frame.Wide = p.shop, true
	return show(v, frame, paymentList(v, p))
}

// searched is the period that the address names: days in Japan, both included.
func searched(v *console.Visit) report.Period {
	p := report.Days(v.Now, searchDays)
	if until, ok := day(v.R.FormValue("until")); ok {
		p = report.Days(until, searchDays)
	}
	if from, ok := day(v.R.FormValue("from")); ok {
		p.From = from
	}
	return p
}

// search looks for payments, for no longer than a search may take.
func (a *app) search(v *console.Visit, q report.Query, p *paymentsPage) (err error) {
	ctx, cancel := context.WithTimeout(v.Ctx(), searchTime)
	defer cancel()
	p.lines, p.next, err = a.Reports.Search(ctx, q)
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		p.slow, err = true, nil
	}
	if err != nil {
		return fmt.Errorf("search payments: %w", err)
	}
	return nil
}

// stated says in words which days were searched.
func (p paymentsPage) stated(v *console.Visit) string {
	return v.T("pays.stated", "from", v.Lang.Date(p.period.From), "until",
		v.Lang.Date(p.period.Until.AddDate(0, 0, -1)))
}

func (p paymentsPage) clear(v *console.Visit) string {
	for _, name := range filters {
		if v.R.FormValue(name) != "" {
			return link("payments")
		}
	}
	return ""
}

func (p paymentsPage) walletOptions(v *console.Visit) []console.Option {
	list := []console.Option{{Value: "", Label: v.T("word.all")}}
	for _, no := range sortedNos(p.wallets) {
		list = append(list, console.Option{Value: itoa(no),
			Label: p.wallets[no].In(string(v.Lang))})
	}
	return list
}

func sortedNos(names map[int64]report.Name) []int64 {
	nos := make([]int64, 0, len(names))
	for no := range names {
		nos = append(nos, no)
	}
	slices.Sort(nos)
	return nos
}

func stateOptions(v *console.Visit) []console.Option {
	list := []console.Option{{Value: "", Label: v.T("word.all")}}
	for _, s := range []payment.State{payment.Captured, payment.Pending, payment.Declined,
		payment.Cancelled, payment.Refunded, payment.Authorised, payment.Authorising} {
		list = append(list, console.Option{Value: string(s), Label: v.T("pay.state." +
			string(s))})
	}
	return list
}

// paymentPage is everything about one payment that its bank may see.
type paymentPage struct {
	line    report.Line
	whole   payment.Timeline
	who     map[string]string // names by actor
	request string            // id of the refund that the form would ask for
}

func (a *app) payment(v *console.Visit) (p paymentPage, err error) {
	line, ok, err := a.Reports.Find(v.Ctx(), report.Scope{AcquirerNo: bank(v)},
		v.R.PathValue("id"))
	if err != nil {
		return p, fmt.Errorf("find the payment: %w", err)
	}
	if !ok {
		return p, v.NotFound()
	}
	p.line = line
	if p.whole, err = a.Payments.Timeline(v.Ctx(), bank(v), line.ID); err != nil {
		return p, err
	}
	p.who, err = a.whoDid(v, p.whole.Events)
	p.request = newRequest()
	return p, err
}

func (a *app) showPayment(v *console.Visit) error {
	p, err := a.payment(v)
	if err != nil {
		return err
	}
	return a.drawPayment(v, p)
}

func (a *app) drawPayment(v *console.Visit, p paymentPage) error {
	frame := page(yenText(v, p.line.Order.Minor()), "payments")
	frame.Lead, frame.Wide = p.line.Store.In(string(v.Lang)), true
	frame.Crumbs = []console.Link{{Text: v.T("pays.title"), Href: link("payments")}}
	return show(v, frame, paymentDetail(v, p))
}

// rest is what can be given back now, in minor yen.
func (p paymentPage) rest() int64 {
	if p.line.State != payment.Captured {
		return 0
	}
	return p.line.CapturedMinor - p.line.RefundedMinor - p.line.RefundingMinor
}

func (p paymentPage) facts(v *console.Visit) []console.Fact {
	l, w := p.line, p.whole.Payment
	list := []console.Fact{
		{Name: v.T("word.state"), Value: paymentBadge(v, l)},
		{Name: v.T("pay.order"), Value: v.Money(l.Order)},
	}
	if l.IssuerNo != 0 && l.PayTo.Minor() > 0 {
		list = append(list, console.Fact{Name: v.T("pay.payto"), Value: v.Money(l.PayTo)})
	}
	if w.Payer != nil {
		list = append(list, console.Fact{Name: v.T("pay.payer"), Value: v.Money(*w.Payer)})
	}
	if l.CapturedMinor > 0 && l.CapturedMinor != l.Order.Minor() {
		list = append(list, console.Fact{Name: v.T("pay.captured"),
			Value: v.Money(amount(l.CapturedMinor))})
	}
	if l.RefundedMinor > 0 {
		list = append(list, console.Fact{Name: v.T("pay.refunded"),
			Value: v.Money(amount(l.RefundedMinor))})
	}
	list = append(list,
		console.Fact{Name: v.T("pay.mdr"), Value: v.Money(amount(l.FeeMinor))},
		console.Fact{Name: v.T("word.wallet"), Value: console.Text(orDash(l.Wallet.Name))},
		console.Fact{Name: v.T("word.shop"), Value: console.To(l.Store.In(string(v.Lang)),
			link("shops", itoa(l.StoreNo)))})
	if l.TerminalNo != 0 {
		list = append(list, console.Fact{Name: v.T("word.till"),
			Value: console.Text(tillName(l.Terminal.Name, l.Terminal.ID))})
	}
	list = append(list, console.Fact{Name: v.T("pay.created"), Value: v.Time(l.Created)})
	if !l.Concluded.IsZero() {
		list = append(list, console.Fact{Name: v.T("pay.concluded"), Value: v.Time(l.Concluded)})
	}
	for _, ref := range []struct{ name, value string }{{"word.id", l.ID},
		{"pay.request", l.RequestID}, {"pay.order_ref", l.OrderRef},
		{"pay.wallet_ref", w.TheirID}} {
		if ref.value != "" {
			list = append(list, console.Fact{Name: v.T(ref.name), Value: console.Code(ref.value)})
		}
	}
	return list
}

// reasonText says why a payment was declined.
func reasonText(v *console.Visit, l report.Line) string {
	key := "reason." + string(l.Reason)
	if text := v.T(key); text != key {
		return text
	}
	return v.T("reason.declined")
}

// moments is what happened to the payment, newest last.
func (p paymentPage) moments(v *console.Visit) []console.Moment {
	list := make([]console.Moment, 0, len(p.whole.Events))
	for _, e := range p.whole.Events {
		list = append(list, moment(v, e, p.who))
	}
	return list
}

var refundSigns = map[payment.RefundState]stateSign{
	payment.RefundRequested: {console.Wait, "wait"},
	payment.RefundUnknown:   {console.Wait, "wait"},
	payment.RefundSucceeded: {console.Back, "return"},
	payment.RefundFailed:    {console.Stop, "cross"},
}

// eventsOf is how far a page looks back for one thing.
const eventsOf = 200

// historyOf is what happened to some things, newest first.
func (a *app) historyOf(v *console.Visit, subjects ...string) ([]console.Moment, error) {
	var all []event.Event
	for _, s := range subjects {
		list, err := a.Events.Subject(v.Ctx(), s)
		if err != nil {
			return nil, fmt.Errorf("read what happened: %w", err)
		}
		all = append(all, list...)
	}
	slices.SortStableFunc(all, func(x, y event.Event) int { return y.At.Compare(x.At) })
	all = all[:min(len(all), eventsOf)]
	who, err := a.whoDid(v, all)
	moments := make([]console.Moment, len(all))
	for i, e := range all {
		moments[i] = moment(v, e, who)
	}
	return moments, err
}
