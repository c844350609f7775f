package merchant

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"watari/pay/payment"
	"watari/pay/report"
	"watari/ui/console"
	"watari/ui/theme"
)

// pageRows is how many payments a page lists.
const pageRows = 50

// usualDays is how far back a list of payments goes that names no day.
const usualDays = 31

// states are what a list of payments is narrowed to, in the order shown.
var states = []struct {
	key   string
	value []payment.State
}{
	{"paid", []payment.State{payment.Captured, payment.Refunded}},
	{"open", []payment.State{payment.Authorising, payment.Pending}},
	{"authorised", []payment.State{payment.Authorised}},
	{"refunded", []payment.State{payment.Refunded}},
	{"declined", []payment.State{payment.Declined}},
	{"cancelled", []payment.State{payment.Cancelled}},
}

// filter is what a list of payments is narrowed by, as it stands in the address.
type filter struct {
	place
	query    report.Query
	from, to time.Time // days, both included
	narrowed bool      // by more than its days
}

// filterOf reads the filter of an address. What cannot be read narrows nothing and is told beside
// its field.
func (a *app) filterOf(v *console.Visit) (f filter, err error) {
	if f.place, err = a.placeOf(v); err != nil {
		return f, err
	}
	q := report.Query{Scope: f.scope, Text: strings.TrimSpace(v.R.Form.Get("q")),
		After: v.R.Form.Get("after"), Limit: pageRows}
	for _, s := range states {
		if s.key == v.R.Form.Get("state") {
			q.States = s.value
		}
	}
	if no, err := strconv.ParseInt(v.R.Form.Get("wallet"), 10, 64); err == nil {
		q.IssuerNo = no
	}
	q.MinMinor, q.MaxMinor = amountIn(v, "min"), amountIn(v, "max")
	f.narrowed = q.Text != "" || len(q.States) > 0 || q.IssuerNo != 0 || q.MinMinor > 0 ||
		q.MaxMinor > 0 || f.chosen != ""
	f.days(v)
	q.Period = report.Period{From: f.from, Until: f.to.AddDate(0, 0, 1)}
	f.query = q
	return f, nil
}

// days reads the days of a list; a cashier's is today (S2).
func (f *filter) days(v *console.Visit) {
	today := midnight(v.Now)
	f.to, f.from = dayIn(v, "to"), dayIn(v, "from")
	if f.to.IsZero() || f.to.After(today) {
		f.to = today
	}
	if f.from.IsZero() {
		f.from = f.to.AddDate(0, 0, 1-usualDays)
	}
	if f.from.After(f.to) {
		f.from, f.to = f.to, f.from
	}
	if isCashier(v) {
		f.from, f.to = today, today
	}
}

// amountIn reads an amount of yen from the address; 0 when there is none.
func amountIn(v *console.Visit, name string) int64 {
	typed := v.R.Form.Get(name)
	if strings.TrimSpace(typed) == "" {
		return 0
	}
	amount, mistake := theme.ParseYen(typed)
	if mistake != "" {
		v.Mistakes = map[string]string{name: v.T(mistake, "max", theme.DigitsMax)}
		return 0
	}
	return amount.Minor()
}

// paymentsScreen is a list of payments with what it is narrowed by.
type paymentsScreen struct {
	filter
	lines   []report.Line
	next    string
	wallets []console.Option
	clear   string
}

func (a *app) listPayments(v *console.Visit) error {
	var s paymentsScreen
	var err error
	if s.filter, err = a.filterOf(v); err != nil {
		return err
	}
	if s.lines, s.next, err = a.Reports.Search(v.Ctx(), s.query); err != nil {
		return err
	}
	if s.wallets, err = a.wallets(v); err != nil {
		return err
	}
	if len(v.R.URL.Query()) > 0 {
		s.clear = "/merchant/payments"
	}
	p := console.Page{Title: v.T("payments.title"), Tab: "payments", Wide: true}
	if isCashier(v) {
		p.Lead = v.T("payments.today")
	}
	if v.May(keepers...) && len(s.lines) > 0 {
		p.Actions = []console.Action{{Text: v.T("csv"), Icon: "down", Download: true,
			Href: strings.Replace(v.Here("after", ""), "/payments", "/payments.csv", 1)}}
	}
	return v.Show(http.StatusOK, p, paymentsPage(v, s))
}

// wallets are the wallets to choose from, all of them first.
func (a *app) wallets(v *console.Visit) ([]console.Option, error) {
	all, err := a.Directory.Wallets(v.Ctx())
	list := []console.Option{{Value: "", Label: v.T("wallets.all")}}
	for _, w := range all {
		list = append(list, console.Option{Value: strconv.FormatInt(w.Issuer.No, 10),
			Label: w.Issuer.Name})
	}
	return list, err
}

// stateOptions are the states to choose from, all of them first.
func stateOptions(v *console.Visit) []console.Option {
	list := []console.Option{{Value: "", Label: v.T("states.all")}}
	for _, s := range states {
		list = append(list, console.Option{Value: s.key, Label: v.T("states." + s.key)})
	}
	return list
}

// empty says why there is nothing in a list.
func (s paymentsScreen) empty(v *console.Visit) console.Empty {
	if s.narrowed {
		return console.Empty{Icon: "search", Title: v.T("payments.nothing"),
			Text:   v.T("payments.nothing.text"),
			Action: console.Action{Text: v.T("payments.clear"), Href: "/merchant/payments"}}
	}
	return console.Empty{Icon: "receipt", Title: v.T("payments.none"),
		Text: v.T("payments.none.text"), Action: firstSteps(v)}
}

// span says in words which days are listed.
func (s paymentsScreen) span(v *console.Visit) string {
	if s.from.Equal(s.to) {
		return v.Lang.Day(s.from)
	}
	return v.T("days", "from", v.Lang.Day(s.from), "to", v.Lang.Day(s.to))
}
