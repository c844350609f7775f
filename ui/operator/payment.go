package operator

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"watari/kit/db"
	"watari/kit/event"
	"watari/kit/id"
	"watari/kit/money"
	"watari/pay/fx"
	"watari/pay/ledger"
	"watari/pay/link"
	"watari/pay/payment"
	"watari/pay/report"
	"watari/pay/watch"
	"watari/ui/console"
)

// story is everything that is known of a payment.
type story struct {
	payment.Timeline
	Line   report.Line
	Legs   []payment.Leg
	Quotes map[string]fx.Quote
	Names  roll
	Alerts []watch.Alert
}

// showPayment draws the page of a payment.
func (p *pages) showPayment(v *console.Visit) error {
	s, err := p.story(v.Ctx(), v.R.PathValue("id"))
	if errors.Is(err, payment.ErrNotFound) {
		return v.NotFound()
	}
	if err != nil {
		return err
	}
	return v.Show(http.StatusOK, console.Page{Title: v.T("payment.title"), Tab: "payments",
		Wide: true, Crumbs: []console.Link{{Text: v.T("nav.payments"),
			Href: Prefix + "/payments"}}}, paymentPage(v, s))
}

// story reads everything about a payment.
func (p *pages) story(ctx context.Context, paymentID string) (s story, err error) {
	no, ok := id.Shard(paymentID)
	if !ok || !strings.HasPrefix(paymentID, "pay_") {
		return s, payment.ErrNotFound.Newf("no payment %q", paymentID)
	}
	if s.Timeline, err = p.Payments.Timeline(ctx, int64(no), paymentID); err != nil {
		return s, err
	}
	if s.Legs, err = p.Payments.Legs(ctx, int64(no), paymentID); err != nil {
		return s, err
	}
	if s.Line, ok, err = p.Reports.Find(ctx, report.Scope{AcquirerNo: int64(no)},
		paymentID); err != nil || !ok {
		return s, errors.Join(err, notFoundUnless(ok, paymentID))
	}
	if s.Names, err = p.names(ctx); err != nil {
		return s, err
	}
	s.Quotes = map[string]fx.Quote{}
	err = p.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		for _, l := range s.Legs {
			q, err := fx.Find(ctx, tx, l.QuoteID)
			if errors.Is(err, fx.ErrQuoteUnknown) ||
				err == nil && q.Rate.Base() == q.Rate.Quote() {
				continue // nothing was converted
			}
			if err != nil {
				return err
			}
			s.Quotes[l.QuoteID] = q
		}
		return nil
	})
	if err != nil {
		return s, err
	}
	s.Alerts, err = p.Watch.List(ctx, watch.Filter{Live: true, Limit: liveShown})
	s.Alerts = slices.DeleteFunc(s.Alerts, func(a watch.Alert) bool {
		return a.Subject != paymentID && factsOf(a).Payment != paymentID
	})
	return s, err
}

func notFoundUnless(ok bool, paymentID string) error {
	if ok {
		return nil
	}
	return payment.ErrNotFound.Newf("no payment %q", paymentID)
}

// paymentFacts are who and when.
func paymentFacts(v *console.Visit, s story) []console.Fact {
	p, l := s.Payment, s.Line
	list := []console.Fact{
		{Name: v.T("c.store"), Value: console.Two(l.Store.In(string(v.Lang)), l.Store.ID)},
		{Name: v.T("c.merchant"), Value: console.Two(l.Merchant.In(string(v.Lang)),
			l.Merchant.ID)},
		{Name: v.T("c.bank"), Value: console.To(l.Acquirer.Name,
			participantPath(l.Acquirer.ID))},
	}
	if l.TerminalNo != 0 {
		list = append(list, console.Fact{Name: v.T("c.till"),
			Value: console.Two(l.Terminal.Name, l.Terminal.ID)})
	}
	if l.IssuerNo != 0 {
		list = append(list, console.Fact{Name: v.T("c.wallet"),
			Value: console.To(l.Wallet.Name, walletPath(l.Wallet.ID))})
	}
	list = append(list,
		console.Fact{Name: v.T("payment.way"), Value: console.Two(v.T("way."+string(p.Way)),
			v.T("channel."+string(p.Channel)))},
		console.Fact{Name: v.T("payment.begun"), Value: v.Time(p.Created)},
		console.Fact{Name: v.T("payment.concluded"), Value: timeOr(v, p.Concluded,
			v.T("payment.notyet"))},
		console.Fact{Name: v.T("payment.canceluntil"), Value: timeOr(v, p.CancelUntil, "–")},
		console.Fact{Name: v.T("payment.actor"), Value: console.Code(p.Actor)})
	if p.Reason != "" {
		list = append(list, console.Fact{Name: v.T("payment.reason"),
			Value: console.Text(reasonText(v, p.Reason))})
	}
	return list
}

// timeOr is an instant, or a text where there is none.
func timeOr(v *console.Visit, t time.Time, none string) templ.Component {
	if t.IsZero() {
		return console.Text(none)
	}
	return v.Time(t)
}

// reasonText says why a payment was declined.
func reasonText(v *console.Visit, r link.Reason) string {
	return word(v, "reason."+string(r), string(r))
}

// paymentIDs are the names that a payment goes by.
func paymentIDs(v *console.Visit, s story) []console.Fact {
	p := s.Payment
	list := []console.Fact{
		{Name: v.T("payment.id"), Value: console.Code(p.ID)},
		{Name: v.T("payment.request"), Value: console.Code(payment.OwnID(p.RequestID))},
	}
	add := func(key, value string) {
		if value != "" {
			list = append(list, console.Fact{Name: v.T(key), Value: console.Code(value)})
		}
	}
	add("payment.their", p.TheirID)
	add("payment.order", p.OrderRef)
	add("payment.code", p.CodeLast4)
	add("payment.description", p.Description)
	add("payment.notify", p.NotifyURL)
	return list
}

// amountFacts are the four pairs of a payment, and what becomes of them.
func amountFacts(v *console.Visit, s story) []console.Fact {
	p := s.Payment
	cur := p.Order.Currency()
	list := []console.Fact{{Name: v.T("amount.order"), Value: v.Money(p.Order)}}
	if p.Step != 0 {
		list = append(list, console.Fact{Name: v.T("amount.payto"), Value: v.Money(p.PayTo)},
			console.Fact{Name: v.T("amount.settle"), Value: v.Money(p.Settle)})
		if p.Payer != nil {
			list = append(list, console.Fact{Name: v.T("amount.payer"),
				Value: v.Money(*p.Payer)})
		}
		if p.PayTo.Currency() != cur {
			list = append(list, console.Fact{Name: v.T("amount.spread"), Value: console.Text(
				minor(v, p.PayTo.Minor()-p.Mid, p.PayTo.Currency()))})
		}
		list = append(list,
			console.Fact{Name: v.T("amount.mdr"), Value: console.Text(minor(v, p.Fees.MDR, cur))},
			console.Fact{Name: v.T("amount.interchange"),
				Value: console.Text(minor(v, p.Fees.Interchange, cur))},
			console.Fact{Name: v.T("amount.scheme"),
				Value: console.Text(minor(v, p.Fees.Scheme, cur))})
	}
	add := func(key string, n int64) {
		if n != 0 {
			list = append(list, console.Fact{Name: v.T(key),
				Value: console.Strong(minor(v, n, cur))})
		}
	}
	add("amount.captured", p.CapturedMinor)
	add("amount.capturing", p.CapturingMinor)
	add("amount.refunded", p.RefundedMinor)
	add("amount.refunding", p.RefundingMinor)
	return list
}

// quoteFacts are the rate that a leg was taken at.
func quoteFacts(v *console.Visit, q fx.Quote) []console.Fact {
	return []console.Fact{
		{Name: v.T("quote.rate"), Value: console.Strong(rateText(q.Rate))},
		{Name: v.T("quote.mid"), Value: console.Text(rateText(q.Mid))},
		{Name: v.T("quote.spread"), Value: console.Text(percentOf(q.SpreadPPM))},
		{Name: v.T("quote.day"), Value: console.Text(q.Day)},
		{Name: v.T("quote.valid"), Value: console.Text(
			v.Lang.DateTime(q.From) + " – " + v.Lang.DateTime(q.Until))},
		{Name: v.T("c.id"), Value: console.Code(q.ID)},
	}
}

// rateText writes a rate so that its direction is read: "1 JPY = 0.0427 CNY".
func rateText(r money.Rate) string {
	return "1 " + string(r.Base()) + " = " + r.String() + " " + string(r.Quote())
}

// legTable lists the legs.
func legTable(v *console.Visit, s story) console.Table {
	t := console.Table{Caption: v.T("payment.legs"), Columns: []console.Column{
		{Title: v.T("c.wallet"), Main: true}, {Title: v.T("c.state")},
		{Title: v.T("amount.payto"), Number: true}, {Title: v.T("leg.their")},
		{Title: v.T("leg.next")}, {Title: v.T("leg.note")}, {Title: v.T("c.id")}},
		Empty: console.Empty{Icon: "wallet", Title: v.T("payment.nolegs"),
			Text: v.T("payment.nolegs.text")}}
	for _, l := range s.Legs {
		next := nothing()
		if !l.Next.IsZero() {
			next = v.Time(l.Next)
		}
		row := console.Row{Cells: []templ.Component{
			console.Two(s.Names[l.IssuerNo].Name, l.Connector),
			badge(v, legLooks, "leg", l.State), v.Money(l.Amount), idOrNothing(l.TheirID), next,
			orNothing(l.Note), console.Code(l.ID)}}
		if l.State == payment.LegStuck {
			row.Tone = console.Stop
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func idOrNothing(text string) templ.Component {
	if text == "" {
		return nothing()
	}
	return console.Code(text)
}

// stuck are the legs that wait for an operator.
func (s story) stuck() (list []payment.Leg) {
	for _, l := range s.Legs {
		if l.State == payment.LegStuck {
			list = append(list, l)
		}
	}
	return list
}

// refundTable lists the refunds.
func refundTable(v *console.Visit, s story) console.Table {
	t := console.Table{Caption: v.T("payment.refunds"), Columns: []console.Column{
		{Title: v.T("c.time"), Main: true}, {Title: v.T("c.amount"), Number: true},
		{Title: v.T("amount.payto"), Number: true}, {Title: v.T("c.state")},
		{Title: v.T("payment.actor")}, {Title: v.T("c.id")}}}
	for _, f := range s.Refunds {
		state := badge(v, refundLooks, "refund", f.State)
		t.Rows = append(t.Rows, console.Row{Cells: []templ.Component{v.Time(f.Created),
			v.Money(f.Order), v.Money(f.PayTo), state, console.Code(f.Actor),
			console.Code(f.ID)}})
	}
	return t
}

// captureTable lists what was taken of a promise.
func captureTable(v *console.Visit, s story) console.Table {
	t := console.Table{Caption: v.T("payment.captures"), Columns: []console.Column{
		{Title: v.T("c.time"), Main: true}, {Title: v.T("c.amount"), Number: true},
		{Title: v.T("amount.payto"), Number: true}, {Title: v.T("c.state")},
		{Title: v.T("c.id")}}}
	for _, c := range s.Captures {
		t.Rows = append(t.Rows, console.Row{Cells: []templ.Component{v.Time(c.Created),
			v.Money(c.Order), v.Money(c.PayTo), badge(v, refundLooks, "refund", c.State),
			console.Code(c.ID)}})
	}
	return t
}

// moments are what happened, with the transfers where they were booked.
func moments(v *console.Visit, s story) []console.Moment {
	var list []console.Moment
	for _, e := range s.Events {
		list = append(list, moment(v, e))
	}
	for _, t := range s.Transfers {
		list = append(list, console.Moment{At: t.At, Tone: console.Plain, Icon: "copy",
			Title: v.T("payment.booked", "cause", v.T("cause."+string(t.Cause))),
			Text:  daysText(v, t)})
	}
	slices.SortStableFunc(list, func(a, b console.Moment) int { return a.At.Compare(b.At) })
	return list
}

// daysText names the clearing days of a transfer.
func daysText(v *console.Visit, t ledger.Transfer) string {
	return v.T("transfer.days", "bank", t.AcquirerDay, "wallet", t.IssuerDay)
}

// moment is an event in words.
func moment(v *console.Visit, e event.Event) console.Moment {
	tone, icon := eventLook(e.Kind)
	return console.Moment{At: e.At, Tone: tone, Icon: icon,
		Title: eventWord(v, e.Kind), Who: e.Actor, Detail: dataBlock(string(e.Data)),
		DetailTitle: e.Kind, DetailRaw: true}
}

// eventLook is how an event is shown, by the end of its kind.
func eventLook(kind string) (tone, icon string) {
	_, end, _ := strings.Cut(kind, ".")
	switch end {
	case "captured", "succeeded", "settled", "approved":
		return console.Good, ""
	case "declined", "failed", "stuck", "disagrees", "mismatch", "quarantined", "given_up":
		return console.Stop, ""
	case "pending", "authorising", "unknown", "requested", "asked", "late_yes":
		return console.Wait, ""
	case "refunded":
		return console.Back, ""
	case "cancelled", "closed", "released", "rejected", "superseded":
		return console.Plain, "slash"
	}
	return console.Plain, "list"
}

// posted is a posting as a line of a table.
type posted struct {
	account, owner, book string
	debit, credit        string
}

// postingLines are the postings of a transfer by book and currency, with the sums that show that
// each balances.
type postingLines struct {
	book, currency string
	lines          []posted
	debits         string
	credits        string
}

// linesOf puts the postings of a transfer into tables.
func linesOf(v *console.Visit, s story, t ledger.Transfer) (tables []postingLines) {
	type pot struct {
		book int64
		cur  money.Currency
	}
	var order []pot
	sums := map[pot]*[2]int64{}
	byPot := map[pot][]posted{}
	for _, p := range t.Postings {
		at := pot{p.Account.Book, p.Account.Currency}
		if sums[at] == nil {
			sums[at] = &[2]int64{}
			order = append(order, at)
		}
		line := posted{account: word(v, "account."+string(p.Account.Kind),
			string(p.Account.Kind)), owner: ownerText(s, p.Account)}
		amount := minor(v, p.Minor, p.Account.Currency)
		if p.Side == ledger.Debit {
			line.debit = amount
			sums[at][0] += p.Minor
		} else {
			line.credit = amount
			sums[at][1] += p.Minor
		}
		byPot[at] = append(byPot[at], line)
	}
	for _, at := range order {
		book := v.T("book.network")
		if at.book != 0 {
			book = v.T("book.bank", "name", s.Names[at.book].Name)
		}
		tables = append(tables, postingLines{book: book, currency: string(at.cur),
			lines: byPot[at], debits: minor(v, sums[at][0], at.cur),
			credits: minor(v, sums[at][1], at.cur)})
	}
	return tables
}

// ownerText names whose account it is.
func ownerText(s story, a ledger.Account) string {
	switch {
	case a.Kind == ledger.MerchantPayable:
		return s.Line.Merchant.Name
	case a.Owner != 0:
		return s.Names[a.Owner].Name
	}
	return ""
}

// settleLeg asks a second person to settle a leg that is stuck.
func (p *pages) settleLeg(v *console.Visit) error {
	legID := v.R.PathValue("id")
	made, err := p.Settler.Propose(v.Ctx(), p.Desk, by(v), legID,
		payment.Found(v.Typed("as")), v.Typed("note"))
	if errors.Is(err, payment.ErrNotFound) {
		return v.NotFound()
	}
	if v.Refused(err) {
		paymentID := "pay" + strings.TrimPrefix(legID, "leg")
		s, err := p.story(v.Ctx(), paymentID[:min(len(paymentID), id.Len)])
		if err != nil {
			return err
		}
		return v.Show(http.StatusUnprocessableEntity, console.Page{Title: v.T("payment.title"),
			Tab: "payments", Wide: true, Crumbs: []console.Link{{Text: v.T("nav.payments"),
				Href: Prefix + "/payments"}}}, paymentPage(v, s))
	}
	if err != nil {
		return err
	}
	return v.SeeOther(Prefix+"/changes/"+made.ID, v.T("changes.proposed"))
}

// foundOptions are what can be found out about a leg that is stuck.
func foundOptions(v *console.Visit) (list []console.Option) {
	for _, f := range []payment.Found{payment.Taken, payment.Returned, payment.Never} {
		list = append(list, console.Option{Value: string(f), Label: v.T("found." + string(f)),
			Hint: v.T("found." + string(f) + ".hint")})
	}
	return list
}
