package till

import (
	"errors"
	"net/http"

	"watari/kit/fault"
	"watari/kit/web"
	"watari/pay/payment"
)

// reviewCancel asks before a whole payment is given up.
func (a *app) reviewCancel(t *visit) error {
	p, err := t.payment()
	if err != nil {
		return err
	}
	return t.askCancel(http.StatusOK, p, "")
}

func (t *visit) askCancel(status int, p *payment.Payment, mistake string) error {
	if p.State == payment.Cancelled {
		return t.seeOther("/till/payments/" + p.ID + "/result")
	}
	open := isOpen(p.State)
	if !open && p.State != payment.Captured && p.State != payment.Authorised ||
		!t.cancellable(p) {
		return t.showReceiptOf(http.StatusConflict, p, t.v.T("cancel.too_late"))
	}
	g, err := t.givingAll(p)
	if err != nil {
		return err
	}
	verdict := g.Judge()
	if !open && verdict != Allowed && verdict != NeedPIN && verdict != PINPaused {
		return t.showReceiptOf(http.StatusForbidden, p, t.told(verdict, g))
	}
	r, err := t.row(p)
	if err != nil {
		return err
	}
	explain := t.v.T("cancel.explain", "wallet", r.wallet)
	if open {
		explain = t.v.T("cancel.explain.open")
	}
	return t.app.show(t.w, t.r, status, t.v.refundReview(reviewScreen{row: r, amount: p.Order,
		title: t.v.T("cancel.sure"), explain: explain, action: r.href + "/cancel",
		button: t.v.T("cancel.do"), backTo: r.href, pin: !open && g.needsPIN(),
		mistake: mistake,
		pinHint: t.v.T("pin.hint", "amount", t.v.money(yenOf(g.PINAbove)))}))
}

// givingAll is giving for a whole payment, captured or not.
func (t *visit) givingAll(p *payment.Payment) (Giving, error) {
	g, err := t.giving(p, p.Order.Minor())
	g.Rest = p.Order.Minor()
	return g, err
}

// cancel gives a whole payment up. One that is not paid yet needs nothing more; one that is
// paid is money given back, and the rules of refunds hold (U4).
func (a *app) cancel(t *visit) error {
	p, err := t.payment()
	if err != nil {
		return err
	}
	if p.State == payment.Captured || p.State == payment.Authorised {
		g, err := t.givingAll(p)
		if err != nil {
			return err
		}
		switch verdict := t.judged(&g); verdict {
		case Allowed:
		case NeedPIN, WrongPIN, PINPaused:
			return t.askCancel(http.StatusUnprocessableEntity, p, t.told(verdict, g))
		default:
			return t.showReceiptOf(http.StatusForbidden, p, t.told(verdict, g))
		}
	}
	_, err = a.Payments.Cancel(t.ctx(), payment.Cancellation{
		Origin: payment.Origin{AcquirerNo: t.point().Acquirer.No, Actor: t.actor(),
			Channel: payment.ChannelTill, Began: web.Began(t.ctx())},
		Ref: payment.Ref{PaymentID: p.ID}})
	var refusal *fault.Error
	if errors.As(err, &refusal) && refusal.Problem.Kind != fault.Unavailable {
		why, next := t.v.refusal(refusal)
		return t.showReceiptOf(web.Status(refusal.Problem), p, why+" "+next)
	}
	if err != nil {
		return err
	}
	return t.seeOther("/till/payments/" + p.ID + "/result")
}
