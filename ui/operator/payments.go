package operator

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"watari/kit/clock"
	"watari/kit/money"
	"watari/pay/party"
	"watari/pay/payment"
	"watari/pay/report"
	"watari/ui/console"
)

// searchLimit is how many payments a page lists.
const searchLimit = 50

// searchTime is how long one search may take.
const searchTime = 8 * time.Second

// windows are the times to search in; the words are "window.<id>".
var windows = []struct {
	id   string
	long time.Duration
}{{"24h", 24 * time.Hour}, {"1h", time.Hour}, {"7d", 7 * 24 * time.Hour},
	{"31d", 31 * 24 * time.Hour}}

// search is a search as it was asked for, and what it found.
type search struct {
	query    report.Query
	lines    []report.Line
	next     string
	stores   []report.Store // when the text of the store fits several
	noStore  bool           // it fits none
	amount   string         // as it was typed
	mistakes []string       // what could not be understood
	slow     bool           // it took too long
	any      bool           // something was asked for
	banks    []party.Participant
	wallets  []party.Wallet
}

// listPayments draws the search over all payments.
func (p *pages) listPayments(v *console.Visit) error {
	s, err := p.search(v)
	if err != nil {
		return err
	}
	if len(s.lines) == 1 && isOurs(s.query.Text) {
		return v.SeeOther(paymentPath(s.lines[0].ID), "")
	}
	return v.Show(http.StatusOK, console.Page{Title: v.T("nav.payments"), Tab: "payments",
		Wide: true}, paymentsPage(v, s))
}

// isOurs says whether a text has the form of an id that is found in any period.
func isOurs(text string) bool {
	prefix, _, ok := strings.Cut(text, "_")
	return ok && slices.Contains([]string{"pay", "leg", "rfd", "cap"}, prefix)
}

// search reads what is asked for and looks for it.
func (p *pages) search(v *console.Visit) (s search, err error) {
	ctx := v.Ctx()
	if s.wallets, err = p.Directory.Wallets(ctx); err != nil {
		return s, err
	}
	if s.banks, err = p.banks(ctx); err != nil {
		return s, err
	}
	form := func(name string) string { return strings.TrimSpace(v.R.FormValue(name)) }
	s.query = report.Query{Period: window(v, form("window"), form("day")), Text: form("q"),
		After: form("after"), Limit: searchLimit}
	for _, name := range []string{"q", "amount", "bank", "wallet", "store", "state", "day",
		"window"} {
		s.any = s.any || form(name) != ""
	}
	for _, b := range s.banks {
		if b.ID == form("bank") {
			s.query.AcquirerNo = b.No
		}
	}
	for _, w := range s.wallets {
		if w.Issuer.ID == form("wallet") {
			s.query.IssuerNo = w.Issuer.No
		}
	}
	if state := payment.State(form("state")); paymentLooks[state] != (look{}) {
		s.query.States = []payment.State{state}
	}
	if s.amount = form("amount"); s.amount != "" {
		n, ok := parseDecimal(plainAmount(s.amount), 0)
		if !ok || n == 0 {
			s.mistakes = append(s.mistakes, v.T("payments.amount.wrong"))
			return s, nil
		}
		s.query.MinMinor, s.query.MaxMinor = n, n
	}
	if text := form("store"); text != "" {
		if err := p.findStore(ctx, &s, text); err != nil {
			return s, err
		}
		if s.noStore || len(s.stores) > 0 {
			return s, nil
		}
	}
	ctx, cancel := context.WithTimeout(ctx, searchTime)
	defer cancel()
	s.lines, s.next, err = p.Reports.Search(ctx, s.query)
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		s.slow, err = true, nil
	}
	return s, err
}

// plainAmount takes what people write around an amount away: "¥1,980", "1980円", full width.
func plainAmount(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		case r == ',' || r == '，' || r == ' ' || r == '¥' || r == '￥' || r == '円':
			return -1
		}
		return r
	}, strings.TrimPrefix(text, "JPY"))
}

// window is the period of a search: a day, or a time until now.
func window(v *console.Visit, id, day string) report.Period {
	if d, err := time.ParseInLocation(time.DateOnly, day, clock.JST); err == nil {
		return report.Day(d)
	}
	long := windows[0].long
	for _, w := range windows {
		if w.id == id {
			long = w.long
		}
	}
	// A minute more than now: a payment that comes meanwhile is found.
	return report.Period{From: v.Now.Add(-long), Until: v.Now.Add(time.Minute)}
}

// findStore finds the store that a text names: by "#" and our own number, by its bank's number for
// it, or by its name.
func (p *pages) findStore(ctx context.Context, s *search, text string) error {
	all, err := p.Reports.Stores(ctx, report.Scope{AcquirerNo: s.query.AcquirerNo})
	if err != nil {
		return err
	}
	small := strings.ToLower(text)
	var whole, part []report.Store
	for _, st := range all {
		switch {
		case "#"+strconv.FormatInt(st.No, 10) == text:
			s.query.StoreNo = st.No
			return nil
		case st.ID == text || st.Name.Name == text || st.NameJA == text:
			whole = append(whole, st)
		case strings.Contains(strings.ToLower(st.Name.Name), small),
			strings.Contains(st.NameJA, text), strings.Contains(st.Merchant.NameJA, text),
			strings.Contains(strings.ToLower(st.Merchant.Name), small):
			part = append(part, st)
		}
	}
	if len(whole) == 0 {
		whole = part
	}
	switch len(whole) {
	case 0:
		s.noStore = true
	case 1:
		s.query.StoreNo = whole[0].No
	default:
		s.stores = whole[:min(len(whole), searchLimit)]
	}
	return nil
}

// banks are the participants that sign shops, by name.
func (p *pages) banks(ctx context.Context) ([]party.Participant, error) {
	all, err := p.Directory.Participants(ctx)
	all = slices.DeleteFunc(all, func(one party.Participant) bool { return one.Connector != "" })
	slices.SortFunc(all, func(a, b party.Participant) int { return cmp.Compare(a.Name, b.Name) })
	return all, err
}

// options are the choices of the filters.
func (s search) bankOptions(v *console.Visit) []console.Option {
	list := []console.Option{{Label: v.T("any")}}
	for _, b := range s.banks {
		list = append(list, console.Option{Value: b.ID, Label: b.Name})
	}
	return list
}

func (s search) walletOptions(v *console.Visit) []console.Option {
	list := []console.Option{{Label: v.T("any")}}
	for _, w := range s.wallets {
		list = append(list, console.Option{Value: w.Issuer.ID, Label: w.Issuer.Name})
	}
	return list
}

func stateOptions(v *console.Visit) []console.Option {
	list := []console.Option{{Label: v.T("any")}}
	for _, s := range payment.Steps.States() {
		list = append(list, console.Option{Value: string(s), Label: v.T("state." + string(s))})
	}
	return list
}

func windowOptions(v *console.Visit) (list []console.Option) {
	for _, w := range windows {
		list = append(list, console.Option{Value: w.id, Label: v.T("window." + w.id)})
	}
	return list
}

// stated says which time was searched (O3).
func (s search) stated(v *console.Visit) string {
	return periodText(v, "payments.stated", s.query.Period)
}

// clear is the address without any filter.
func (s search) clear() string {
	if !s.any {
		return ""
	}
	return Prefix + "/payments"
}

// paymentTable lists payments.
func paymentTable(v *console.Visit, s search) console.Table {
	t := console.Table{Caption: v.T("nav.payments"), Brief: true, Columns: []console.Column{
		{Title: v.T("c.time"), Main: true}, {Title: v.T("c.amount"), Number: true},
		{Title: v.T("c.state")}, {Title: v.T("c.wallet")}, {Title: v.T("c.store")},
		{Title: v.T("c.id"), Small: true},
	}, Empty: console.Empty{Icon: "search", Title: v.T("payments.none"),
		Text: v.T("payments.none.text")}}
	for _, l := range s.lines {
		wallet := nothing()
		if l.IssuerNo != 0 {
			wallet = console.Two(l.Wallet.Name, payToText(v, l))
		}
		t.Rows = append(t.Rows, console.Row{Href: paymentPath(l.ID), Cells: []templ.Component{
			v.Time(l.Created), v.Money(l.Order), paymentBadge(v, l), wallet,
			console.Two(l.Store.In(string(v.Lang)), l.Acquirer.Name), idTail(l.ID),
		}})
	}
	return t
}

func payToText(v *console.Visit, l report.Line) string {
	if !l.PayTo.Valid() || l.PayTo.Currency() == l.Order.Currency() {
		return ""
	}
	return shown(v, l.PayTo)
}

// paymentBadge is the state of a payment; part of it may be refunded.
func paymentBadge(v *console.Visit, l report.Line) templ.Component {
	if l.State == payment.Captured && l.RefundedMinor > 0 {
		return v.Badge(console.Back, "", v.T("state.partly"))
	}
	return badge(v, paymentLooks, "state", l.State)
}

// tail is the end of an id, which is what a receipt shows.
func tail(id string) string { return id[max(0, len(id)-8):] }

// storeTable lists stores that a text fits, to choose one.
func storeTable(v *console.Visit, s search) console.Table {
	t := console.Table{Caption: v.T("payments.stores"), Columns: []console.Column{
		{Title: v.T("c.store"), Main: true}, {Title: v.T("c.id")}, {Title: v.T("c.place")}}}
	for _, st := range s.stores {
		t.Rows = append(t.Rows, console.Row{
			Href: v.Here("store", "#"+strconv.FormatInt(st.No, 10)),
			Cells: []templ.Component{console.Two(st.In(string(v.Lang)),
				st.Merchant.In(string(v.Lang))), console.Code(st.ID),
				console.Text(v.Prefecture(st.Prefecture))}})
	}
	return t
}

// similar are links from a payment to searches like it.
func similar(v *console.Visit, l report.Line) []console.Link {
	day := l.Created.In(clock.JST).Format(time.DateOnly)
	to := func(name, value string) string {
		q := url.Values{name: {value}, "day": {day}}
		return Prefix + "/payments?" + q.Encode()
	}
	list := []console.Link{
		{Text: v.T("similar.amount"), Href: to("amount", decimal(l.Order.Minor(), 0))},
		{Text: v.T("similar.store"), Href: to("store", l.Store.ID)},
	}
	if l.IssuerNo != 0 {
		list = append(list, console.Link{Text: v.T("similar.wallet"),
			Href: to("wallet", l.Wallet.ID)})
	}
	return list
}

// amountIn is minor units in a currency, or nothing when they make no amount.
func amountIn(n int64, c money.Currency) money.Amount {
	a, err := money.New(n, c)
	if err != nil {
		return money.Amount{}
	}
	return a
}
