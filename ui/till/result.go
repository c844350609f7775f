package till

import (
	"net/http"

	"watari/kit/id"
	"watari/kit/money"
	"watari/pay/payment"
)

// noScriptRefresh is how often a browser without scripts asks again, in seconds.
const noScriptRefresh = 3

// resultScreen tells how something ended.
type resultScreen struct {
	sign      sign
	amount    money.Amount
	payer     money.Amount // in the payer's currency; zero value when there is nothing to say
	wallet    string
	why, next string
	code      string // of a refusal, for who is asked for help
	actions   []action
	tab       string
	payment   string // id
	url       string // of this screen, read again while live
	live      bool   // the outcome is not known yet
	age       int64  // seconds since it began
	say       string // "" is the word and the amount
}

// page is what the frame needs. The window's title and what is read out name the outcome first.
func (s resultScreen) page() page {
	p := page{title: s.sign.word, tab: s.tab, class: "result", payment: s.payment, say: s.say}
	if p.say == "" {
		p.say = s.sign.word
	}
	if s.live {
		p.refresh = noScriptRefresh
	}
	return p
}

// payment finds the payment that the path names, if it is this store's (U5).
func (t *visit) payment() (*payment.Payment, error) {
	p, err := t.app.Payments.Find(t.ctx(), t.point().Acquirer.No, payment.ChannelTill,
		payment.Ref{PaymentID: t.r.PathValue("id")})
	if err != nil {
		return nil, err
	}
	if p.StoreNo != t.point().Store.No {
		return nil, payment.ErrNotFound.Newf("no payment %s", t.r.PathValue("id"))
	}
	return p, nil
}

// showResult tells how a payment ended, or that it has not.
func (a *app) showResult(t *visit) error {
	p, err := t.payment()
	if err != nil {
		return err
	}
	if t.showsCode(p) {
		return t.showOrder(p)
	}
	wallet, err := t.wallet(p)
	if err != nil {
		return err
	}
	t.w.Header().Set(answered, "payment")
	return a.show(t.w, t.r, http.StatusOK, t.v.result(t.resultOf(p, wallet)))
}

// resultOf is the screen of a payment.
func (t *visit) resultOf(p *payment.Payment, wallet string) resultScreen {
	v, self := t.v, "/till/payments/"+p.ID
	s := resultScreen{amount: p.Order, wallet: wallet, tab: "charge", payment: p.ID,
		url: self + "/result", age: t.age(p.Created)}
	next := action{href: "/till/", text: v.T("result.next"), class: "main", fresh: true, key: true}
	slip := action{href: self, text: v.T("result.receipt"), icon: "receipt", fresh: true}
	switch p.State {
	case payment.Captured, payment.Authorised, payment.Refunded:
		s.sign, s.payer = sign{"good", "tick", v.T("result.approved")}, payer(p)
		s.actions = []action{next, slip}
		if p.RefundedMinor > 0 {
			s.sign = t.v.sign(p)
		}
	case payment.Declined:
		s.sign = sign{"stop", "cross", v.T("result.declined")}
		s.why, s.next = v.reason(p.Reason)
		again := "/till/scan?amount=" + decimal(p.Order)
		s.actions = []action{{href: again, text: v.T("result.scan_again"), icon: "scan",
			class: "main", fresh: true, key: true},
			{href: "/till/", text: v.T("result.new"), fresh: true}}
	case payment.Cancelled:
		s.sign = sign{"void", "slash", v.T("result.cancelled")}
		s.why, s.next = v.T("result.cancelled.why"), v.T("result.cancelled.next")
		s.actions = []action{next, slip}
		if isOrder(p) && !p.Concluded.Before(p.Expires) {
			s.sign = sign{"void", "wait", v.T("order.expired")}
			s.next = v.T("order.expired.next")
			s.actions = []action{t.anew(p), {href: "/till/", text: v.T("result.next"), fresh: true}}
		}
	default:
		s.sign, s.live = sign{"wait", "wait", v.T("result.pending")}, true
		s.why, s.next = v.T("result.pending.why"), v.T("result.pending.next")
		s.actions = []action{{href: "/till/", text: v.T("result.leave"), fresh: true}}
		if t.now.Before(p.CancelUntil) {
			s.actions = append(s.actions, action{href: self + "/cancel", icon: "slash",
				text: v.T("cancel.button"), class: "quiet", fresh: true})
		}
	}
	s.say = s.sign.word + " " + v.money(p.Order)
	if s.why != "" && !s.live {
		s.say += ". " + s.why
	}
	return s
}

// anew shows a fresh QR code for the amount of an order that has ended.
func (t *visit) anew(p *payment.Payment) action {
	return action{href: "/till/orders", text: t.v.T("order.anew"), icon: "code", class: "main",
		post: []hidden{{"amount", decimal(p.Order)}, {"request", id.Secret(16)}}}
}

// decimal is an amount of yen in an address.
func decimal(a money.Amount) string { return a.Decimal() }
