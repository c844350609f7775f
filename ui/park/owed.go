package park

import (
	"errors"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"watari/ui/console"
	"watari/visit/order"

	parks "watari/visit/park"
)

// owedShown is how many refunds that failed are counted for the first page.
const owedShown = 200

// owedSum is what the first page says of refunds that failed.
type owedSum struct {
	count, yen int64
	more       bool // there are others
}

// owedBy selects what a park owes (R1).
func owedBy(p parks.Park, closure string) order.OwedFilter {
	return order.OwedFilter{AcquirerNo: p.AcquirerNo, MerchantNo: p.MerchantNo, StoreNo: p.StoreNo,
		Place: p.ID, MassID: closure}
}

// owedOf adds up what a park owes.
func (a *app) owedOf(v *console.Visit, p parks.Park) (s owedSum, err error) {
	f := owedBy(p, "")
	f.Limit = owedShown
	list, next, err := a.Orders.Owed(v.Ctx(), f)
	for _, r := range list {
		s.yen += r.Minor
	}
	s.count, s.more = int64(len(list)), next != ""
	return s, err
}

// title says how much is owed.
func (s owedSum) title(v *console.Visit) string {
	if s.more {
		return v.T("today.owed.many", "n", v.Number(s.count))
	}
	return v.N("today.owed", s.count, "amount", yen(v, s.yen))
}

// owedScreen is a page of refunds that failed, the newest first.
type owedScreen struct {
	closure string
	list    []order.Return
	next    string
}

func (a *app) listOwed(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	page := console.Page{Title: v.T("owed.title"), Tab: "refunds", Wide: true,
		Lead: v.T("owed.lead")}
	s := owedScreen{closure: v.R.FormValue("closure")}
	if s.closure != "" {
		c, err := a.Parks.Closure(v.Ctx(), p.ID, s.closure)
		if err != nil {
			return err
		}
		page.Crumbs = []console.Link{{Text: v.T("closures.title"), Href: "/park/closures"},
			{Text: dayName(v, c.Day), Href: "/park/closures/" + c.ID}}
	}
	f := owedBy(p, s.closure)
	f.After = v.R.FormValue("after")
	if s.list, s.next, err = a.Orders.Owed(v.Ctx(), f); err != nil {
		return err
	}
	if len(s.list) > 0 {
		page.Actions = []console.Action{{Text: v.T("owed.all"), Icon: "return",
			Dialog: "retry-all"}}
	}
	return v.Show(http.StatusOK, page, owedPage(v, s))
}

func (s owedScreen) table(v *console.Visit) console.Table {
	t := console.Table{Caption: v.T("owed.title"), Columns: []console.Column{
		{Title: v.T("owed.when"), Main: true}, {Title: v.T("owed.amount"), Number: true},
		{Title: v.T("owed.why")}, {Title: v.T("order.title"), Small: true}},
		Empty: console.Empty{Icon: "tick", Title: v.T("owed.none"), Text: v.T("owed.none.text")}}
	for _, r := range s.list {
		t.Rows = append(t.Rows, console.Row{Href: owedPath(r), Tone: console.Stop,
			Cells: []templ.Component{v.Time(r.Ended), console.Strong(yen(v, r.Minor)),
				console.Text(whyFailed(v, r.Note)), console.Code(r.OrderID)}})
	}
	return t
}

// pager leads to the next page of the list.
func (s owedScreen) pager(v *console.Visit) console.Pager {
	p := console.Pager{}
	if s.next != "" {
		p.Next = v.Here("after", s.next)
	}
	if v.R.FormValue("after") != "" {
		p.First = v.Here("after", "")
	}
	return p
}

// owedPath is the page of a refund.
func owedPath(r order.Return) string { return "/park/orders/" + r.OrderID + "/returns/" + r.ID }

// byWallet begins the note of a refund that its wallet refused.
const byWallet = "the wallet: "

// whyFailed says in words why a refund failed; what has none is said as it was noted.
func whyFailed(v *console.Visit, note string) string {
	if code, ok := strings.CutPrefix(note, byWallet); ok {
		return v.T("owed.by_wallet", "code", code)
	}
	slug, _, _ := strings.Cut(note, ":")
	if text := v.T("owed.by." + slug); text != "owed.by."+slug {
		return text
	}
	if note == "" {
		return v.T("owed.by_nothing")
	}
	return v.T("owed.by_network", "code", note)
}

// retryAll asks the wallets again for all refunds that failed, or those of one closure.
func (a *app) retryAll(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	closure, back := v.Typed("closure"), "/park/refunds"
	if closure != "" {
		back = "/park/closures/" + closure
		if _, err := a.Parks.Closure(v.Ctx(), p.ID, closure); err != nil {
			return err
		}
	}
	n, err := a.Orders.RetryAll(v.Ctx(), owedBy(p, closure), v.Caller.Actor)
	if v.Refused(err) {
		return a.listOwed(v)
	}
	if err != nil {
		return err
	}
	return v.SeeOther(back, v.N("owed.retried", int64(n)))
}

// oneOwed is one refund of an order.
type oneOwed struct {
	order.Return
	order   *order.Order
	wallets map[string]string
}

// owedOne finds the refund of an address (R1).
func (a *app) owedOne(v *console.Visit) (s oneOwed, err error) {
	p, err := a.park(v)
	if err != nil {
		return s, err
	}
	if s.order, err = a.orderOf(v, p, v.R.PathValue("id")); err != nil {
		return s, err
	}
	all, err := a.Orders.Returns(v.Ctx(), s.order.ID)
	if err != nil {
		return s, err
	}
	for _, r := range all {
		if r.ID == v.R.PathValue("return") {
			s.Return = r
			return s, nil
		}
	}
	return s, v.NotFound()
}

func (a *app) showOwed(v *console.Visit) error {
	s, err := a.owedOne(v)
	if err != nil {
		return err
	}
	if s.wallets, err = a.walletIDs(v); err != nil {
		return err
	}
	page := console.Page{Title: v.T("owed.refund", "amount", yen(v, s.Minor)), Tab: "refunds",
		Crumbs: []console.Link{{Text: v.T("owed.title"), Href: "/park/refunds"}}}
	return v.Show(http.StatusOK, page, owedOnePage(v, s))
}

// facts are what is known of a refund.
func (s oneOwed) facts(v *console.Visit) []console.Fact {
	list := []console.Fact{{Name: v.T("c.state"), Value: returnBadge(v, s.Return)},
		{Name: v.T("c.amount"), Value: console.Strong(yen(v, s.Minor))},
		{Name: v.T("return.why"), Value: console.Text(v.T("reason." + string(s.Reason)))},
		{Name: v.T("order.buyer"), Value: console.Text(buyer(v, s.order, s.wallets))},
		{Name: v.T("order.title"), Value: console.To(s.OrderID, "/park/orders/"+s.OrderID)},
		{Name: v.T("owed.asked"), Value: v.Time(s.Created)}}
	if s.PaymentID != "" {
		list = append(list, console.Fact{Name: v.T("order.payment"),
			Value: console.To(s.PaymentID, "/merchant/payments/"+s.PaymentID)})
	}
	return list
}

// retryOwed asks the wallet again for a refund that failed.
func (a *app) retryOwed(v *console.Visit) error {
	s, err := a.owedOne(v)
	if err != nil {
		return err
	}
	_, err = a.Orders.Retry(v.Ctx(), s.ID, v.Caller.Actor)
	if a.movedOn(v, err) {
		return a.showOwed(v)
	}
	if err != nil {
		return err
	}
	return v.SeeOther("/park/refunds", v.T("return.retried"))
}

// repay keeps that a refund which failed was given back otherwise.
func (a *app) repay(v *console.Visit) error {
	s, err := a.owedOne(v)
	if err != nil {
		return err
	}
	if v.Typed("sure") == "" {
		v.Mistake("sure", v.T("owed.sure.missing"))
		return a.showOwed(v)
	}
	_, err = a.Orders.Repay(v.Ctx(), s.ID, v.Typed("how"), v.Caller.Actor)
	if a.movedOn(v, err) {
		return a.showOwed(v)
	}
	if err != nil {
		return err
	}
	return v.SeeOther("/park/orders/"+s.OrderID, v.T("owed.repaid", "amount", yen(v, s.Minor)))
}

// movedOn takes a refusal into the page: somebody else was faster, or the form cannot be.
func (a *app) movedOn(v *console.Visit, err error) bool {
	if !v.Refused(err) {
		return false
	}
	if errors.Is(err, order.ErrState) {
		v.Refuse(v.T("owed.moved"))
	}
	return true
}
