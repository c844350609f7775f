package till

import (
	"errors"
	"net/http"

	"watari/kit/fault"
	"watari/pay/party"
	"watari/pay/payment"
)

// lookFor answers a sale that was made a while ago and had no answer: with what became of it, or
// that it never arrived. It is not begun now (U7): the customer may be gone, and the cashier may
// have taken the money in another way.
func (t *visit) lookFor(s scanScreen) error {
	p, err := t.app.Payments.Find(t.ctx(), t.point().Acquirer.No, payment.ChannelTill,
		payment.Ref{RequestID: t.requestID(s.request)})
	var refusal *fault.Error
	switch {
	case err == nil:
		return t.seeOther("/till/payments/" + p.ID + "/result")
	case errors.Is(err, payment.ErrNotFound):
		return t.never(s)
	case errors.As(err, &refusal) && refusal.Problem.Kind != fault.Unavailable:
		t.w.Header().Set(answered, "refusal")
		return t.refused(s.amount, refusal)
	}
	return t.unanswered(s, err)
}

// never tells that a sale did not arrive, so that nothing was charged.
func (t *visit) never(s scanScreen) error {
	t.w.Header().Set(answered, "refusal")
	screen := resultScreen{sign: sign{"stop", "cross", t.v.T("never.title")}, amount: s.amount,
		why: t.v.T("never.why"), next: t.v.T("never.next"), tab: "charge", actions: []action{
			{href: "/till/scan?amount=" + decimal(s.amount), text: t.v.T("result.scan_again"),
				icon: "scan", class: "main", fresh: true, key: true},
			{href: "/till/", text: t.v.T("result.new"), fresh: true}}}
	return t.app.show(t.w, t.r, http.StatusOK, t.v.result(screen))
}

// otherTill answers a page that was made for another terminal: its browser was activated anew
// since. A sale of that page would be another one here (U2).
func (t *visit) otherTill() error {
	v := t.app.view(t.r, party.Point{})
	t.app.showMessage(t.w, t.r, http.StatusConflict, message{tone: "stop",
		icon: "swap", title: v.T("error.till.title"), lines: []string{v.T("error.till.text")},
		actions: []action{v.home()}})
	return nil
}
