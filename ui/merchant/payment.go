package merchant

import (
	"net/http"

	"github.com/a-h/templ"

	"watari/kit/money"
	"watari/pay/payment"
	"watari/pay/report"
	"watari/ui/console"
)

// receipt is one payment with everything that happened to it.
type receipt struct {
	line    report.Line
	whole   payment.Payment
	refunds []payment.Refund
}

// rest is what of a payment can still be given back.
func (r receipt) rest() int64 {
	if r.whole.State != payment.Captured {
		return 0
	}
	return r.whole.CapturedMinor - r.whole.RefundedMinor - r.whole.RefundingMinor
}

// receiptOf finds the payment that an address names (S1).
func (a *app) receiptOf(v *console.Visit) (r receipt, err error) {
	p, err := a.placeOf(v)
	if err != nil {
		return r, err
	}
	p.scope.StoreNo = v.Caller.StoreNo
	line, found, err := a.Reports.Find(v.Ctx(), p.scope, v.R.PathValue("id"))
	if err != nil {
		return r, err
	}
	if !found || isCashier(v) && line.Created.Before(midnight(v.Now)) {
		return r, v.NotFound()
	}
	whole, err := a.Payments.Find(v.Ctx(), line.AcquirerNo, payment.ChannelAPI,
		payment.Ref{PaymentID: line.ID})
	if err != nil {
		return r, err
	}
	r.line, r.whole = line, *whole
	r.refunds, err = a.Payments.Refunds(v.Ctx(), line.AcquirerNo, line.ID)
	return r, err
}

func (a *app) showPayment(v *console.Visit) error {
	r, err := a.receiptOf(v)
	if err != nil {
		return err
	}
	p := console.Page{Title: v.T("payment.title"), Tab: "payments", Crumbs: []console.Link{
		{Text: v.T("payments.title"), Href: "/merchant/payments"}}}
	return v.Show(http.StatusOK, p, paymentPage(v, r))
}

// toPayment answers who opens the address of a form that is only posted to.
func (a *app) toPayment(v *console.Visit) error {
	return v.SeeOther("/merchant/payments/"+v.R.PathValue("id"), "")
}

// waits says that something about the payment is not known yet, so that the page looks again.
func (r receipt) waits() bool {
	open := r.whole.State == payment.Authorising || r.whole.State == payment.Pending
	return open || r.whole.RefundingMinor > 0
}

// facts are what is known about a payment.
func (r receipt) facts(v *console.Visit) []console.Fact {
	l, p := r.line, r.whole
	list := []console.Fact{{Name: v.T("c.time"), Value: v.Time(l.Created)},
		{Name: v.T("c.wallet"), Value: console.Text(wallet(v, l))}}
	add := func(key string, value templ.Component) {
		list = append(list, console.Fact{Name: v.T(key), Value: value})
	}
	if paid := payerOf(p); paid.Valid() {
		add("payment.payer", v.Money(paid))
	}
	if p.Rate.Valid() && p.Order.Currency() != p.PayTo.Currency() {
		add("payment.rate", console.Text("1 "+string(p.Rate.Base())+" = "+p.Rate.String()+" "+
			string(p.Rate.Quote())))
	}
	add("c.store", console.Text(l.Store.In(string(v.Lang))))
	if l.Terminal.No != 0 {
		add("c.till", console.Text(tillName(l.Terminal)))
	}
	if l.OrderRef != "" {
		add("c.ref", console.Text(l.OrderRef))
	}
	if l.CodeLast4 != "" {
		add("payment.code", console.Text("•••• "+l.CodeLast4))
	}
	add("payment.id", console.Code(l.ID))
	return list
}

// tillName is what a till is called: its label, or its id.
func tillName(n report.Name) string {
	if n.Name != "" {
		return n.Name
	}
	return n.ID
}

// payerOf is what a payment cost its payer: what the wallet told, else what it settles; not valid
// when it is the same money, or nobody has paid.
func payerOf(p payment.Payment) money.Amount {
	paid := p.PayTo
	if p.Payer != nil {
		paid = *p.Payer
	}
	if p.IssuerNo == 0 || paid.Currency() == p.Order.Currency() {
		return money.Amount{}
	}
	return paid
}

// sums are what the shop has of a payment.
func (r receipt) sums(v *console.Visit) []console.Fact {
	l := r.line
	list := []console.Fact{{Name: v.T("figure.sold"), Value: console.Text(yen(v,
		l.CapturedMinor))}}
	if l.RefundedMinor > 0 {
		list = append(list, console.Fact{Name: v.T("figure.refunded"),
			Value: console.Text("−" + yen(v, l.RefundedMinor))})
	}
	return append(list,
		console.Fact{Name: v.T("figure.fees"), Value: console.Text(yen(v, -l.FeeMinor))},
		console.Fact{Name: v.T("figure.due"), Value: console.Strong(yen(v,
			l.CapturedMinor-l.RefundedMinor-l.FeeMinor))})
}

// moments are what happened, the newest first.
func (r receipt) moments(v *console.Visit) (list []console.Moment) {
	for i := len(r.refunds) - 1; i >= 0; i-- {
		f := r.refunds[i]
		s := refundSign(v, f.State)
		m := console.Moment{At: f.Created, Tone: s.tone, Icon: s.icon,
			Title: s.word + " · " + yen(v, f.Order.Minor()), Who: doneBy(v, f.Actor)}
		if f.State == payment.RefundFailed {
			m.Text = reason(v, f.Failure)
		} else if f.Reason != "" && f.Reason != "till" {
			m.Text = f.Reason
		}
		list = append(list, m)
	}
	p := r.whole
	if !p.Concluded.IsZero() && p.State != payment.Authorised {
		s := concluded(v, r)
		list = append(list, s)
	}
	return append(list, console.Moment{At: p.Created, Tone: console.Plain, Icon: "wallet",
		Title: v.T("payment.begun"), Who: doneBy(v, p.Actor)})
}

// concluded is how a payment ended, before what went back of it.
func concluded(v *console.Visit, r receipt) console.Moment {
	line := r.line
	line.RefundedMinor, line.RefundingMinor = 0, 0
	if line.State == payment.Refunded {
		line.State = payment.Captured
	}
	s := signOf(v, line)
	m := console.Moment{At: r.whole.Concluded, Tone: s.tone, Icon: s.icon, Title: s.word}
	if line.State == payment.Declined || line.State == payment.Cancelled && line.Reason != "" {
		m.Text = reason(v, line.Reason)
	}
	return m
}
