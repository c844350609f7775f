package acquirer

import (
	"errors"
	"strings"

	"watari/kit/id"
	"watari/kit/money"
	"watari/kit/web"
	"watari/pay/payment"
	"watari/ui/console"
)

// requestPrefix begins the request ids of refunds that a bank's people gave.
const requestPrefix = "con_"

// newRequest is the id of the refund that a form asks for, however often it is sent.
func newRequest() string { return requestPrefix + id.Secret(12) }

// requestOK says whether a request id is one that a page has made.
func requestOK(s string) bool {
	rest, ok := strings.CutPrefix(s, requestPrefix)
	return ok && len(rest) == len(id.Secret(12)) && !strings.ContainsFunc(rest, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z')
	})
}

// refund gives money back in the bank's name: request, amount, reason.
func (a *app) refund(v *console.Visit) error {
	p, err := a.payment(v)
	if err != nil {
		return err
	}
	if p.request = v.Typed("request"); !requestOK(p.request) {
		v.Refuse(v.T("refund.again"))
		p.request = newRequest()
		return a.drawPayment(v, p)
	}
	// A repeat is answered before it is judged: the first one has taken what was left.
	for _, f := range p.whole.Refunds {
		if f.RequestID == p.request {
			return refundTold(v, p, f.State)
		}
	}
	value, reason, ok := p.asked(v)
	if !ok {
		return a.drawPayment(v, p)
	}
	f, err := a.Payments.Refund(v.Ctx(), payment.Giveback{
		Origin: payment.Origin{AcquirerNo: bank(v), Channel: payment.ChannelAPI,
			RequestID: p.request, Actor: v.Caller.Actor, Began: web.Began(v.Ctx()),
			Compare: []payment.Field{{Name: "payment", Value: p.line.ID},
				{Name: "amount", Value: value.String()}}},
		Ref: payment.Ref{PaymentID: p.line.ID}, Amount: value, Reason: reason})
	switch {
	case errors.Is(err, payment.ErrNotFound):
		return v.NotFound()
	case v.Refused(err):
		p.request = newRequest() // a refusal is kept with its request; another amount is another one
		return a.drawPayment(v, p)
	case err != nil:
		// Nobody knows yet: the same form, sent again, is the same refund.
		a.Console.Logger.Error("refund has no answer yet", "payment", p.line.ID,
			"request", web.RequestID(v.Ctx()), "error", err)
		v.Refuse(v.T("refund.unanswered"))
		return a.drawPayment(v, p)
	}
	return refundTold(v, p, f.State)
}

// asked reads how much goes back and why; what is wrong is noted beside its field.
func (p paymentPage) asked(v *console.Visit) (value money.Amount, reason string, ok bool) {
	back, whole := wholeYen(v.Typed("amount"))
	switch {
	case !whole || back == nil:
		v.Mistake("amount", v.T("refund.needed"))
	case *back > p.rest():
		v.Mistake("amount", v.T("refund.too_much"))
	}
	if reason = v.Typed("reason"); reason == "" {
		v.Mistake("reason", v.T("refund.why_needed"))
	}
	if v.Wrong() {
		return value, reason, false
	}
	return amount(*back), shorten(reason, reasonMax), true
}

// reasonMax is the longest reason of a refund, in characters.
const reasonMax = 200

// refundTold leads back to the payment and says how a refund went.
func refundTold(v *console.Visit, p paymentPage, s payment.RefundState) error {
	if s == payment.RefundRequested {
		s = payment.RefundUnknown
	}
	return v.SeeOther(link("payments", p.line.ID), v.T("refund.done."+string(s)))
}
