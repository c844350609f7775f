package till

import (
	"net/http"
	"time"

	"watari/kit/money"
	"watari/pay/link"
	"watari/pay/payment"
)

// receiptScreen is a payment in full.
type receiptScreen struct {
	row     row
	payer   money.Amount
	why     string // of a decline
	facts   []fact
	refunds []refundLine
	actions []action
	notice  string // something that could not be done
	refused string // why there is no way to give money back from here
	backTo  string // the day's list
	live    bool   // something about it is not known yet
	url     string
}

// refundLine is one refund of a payment.
type refundLine struct {
	at            time.Time
	sign          sign
	amount, payer money.Amount
}

// showReceipt shows a payment in full, with its refunds and what may be done with it.
func (a *app) showReceipt(t *visit) error {
	p, err := t.payment()
	if err != nil {
		return err
	}
	return t.showReceiptOf(http.StatusOK, p, "")
}

func (t *visit) showReceiptOf(status int, p *payment.Payment, notice string) error {
	r, err := t.row(p)
	if err != nil {
		return err
	}
	s := receiptScreen{row: r, notice: notice, url: r.href, facts: t.facts(p, r.wallet),
		backTo: "/till/day?day=" + dayOf(p.Created)}
	if p.State == payment.Declined {
		s.why, _ = t.v.reason(p.Reason)
	} else if p.State != payment.Cancelled {
		s.payer = payer(p)
	}
	refunds, err := t.app.Payments.Refunds(t.ctx(), p.AcquirerNo, p.ID)
	if err != nil {
		return err
	}
	waits := p.State == payment.Authorising || p.State == payment.Pending
	for _, f := range refunds {
		s.refunds = append(s.refunds, refundLine{at: f.Created, sign: t.v.refundSign(f.State),
			amount: f.Order, payer: f.PayTo})
		waits = waits || f.State == payment.RefundRequested || f.State == payment.RefundUnknown
	}
	s.live = waits
	t.offer(p, &s)
	return t.app.show(t.w, t.r, status, t.v.receipt(s))
}

// offer adds what may be done with a payment: give back, cancel.
func (t *visit) offer(p *payment.Payment, s *receiptScreen) {
	v, open := t.v, isOpen(p.State)
	paid := p.State == payment.Captured || p.State == payment.Authorised
	if open {
		s.actions = append(s.actions, action{href: s.url + "/result", text: v.T("receipt.result"),
			icon: "wait"})
	}
	if paid && !t.point().Terminal.CanRefund {
		s.refused = v.T("verdict.no_permission")
		paid = false
	}
	if paid && p.State == payment.Captured && restOf(p) > 0 {
		s.actions = append(s.actions, action{href: s.url + "/refund", text: v.T("refund.button"),
			icon: "return"})
	}
	if (paid || open) && t.cancellable(p) {
		s.actions = append(s.actions, action{href: s.url + "/cancel", text: v.T("cancel.button"),
			icon: "slash", class: "quiet"})
	}
}

// cancellable tells whether a payment can still be given up as a whole.
func (t *visit) cancellable(p *payment.Payment) bool {
	return p.RefundedMinor+p.RefundingMinor == 0 && t.now.Before(p.CancelUntil)
}

func isOpen(s payment.State) bool {
	return s == payment.Authorising || s == payment.Pending
}

// restOf is what is left of a payment to give back, in minor units.
func restOf(p *payment.Payment) int64 {
	return p.CapturedMinor - p.RefundedMinor - p.RefundingMinor
}

// wayOf is how a payment was made.
func wayOf(p *payment.Payment) link.Way {
	if p.Way == "" {
		return link.WayCode
	}
	return p.Way
}

// facts are the lines of the receipt.
func (t *visit) facts(p *payment.Payment, wallet string) []fact {
	v, point := t.v, t.point()
	list := []fact{{name: v.T("fact.time"), value: v.Lang.DateTime(p.Created)},
		{name: v.T("fact.wallet"), value: wallet},
		{name: v.T("fact.way"), value: v.T("way." + string(wayOf(p)))}}
	if p.Rate.Valid() && p.Rate.Base() != p.Rate.Quote() {
		list = append(list, fact{name: v.T("fact.rate"), value: v.T("fact.rate.text",
			"base", string(p.Rate.Base()), "rate", p.Rate.String(), "quote",
			string(p.Rate.Quote()))})
	}
	if back := p.RefundedMinor; back > 0 {
		list = append(list,
			fact{name: v.T("day.refunded"), value: "−" + v.money(yenOf(back))},
			fact{name: v.T("fact.left"), value: v.money(yenOf(p.CapturedMinor - back)),
				strong: true})
	}
	list = append(list, fact{name: v.T("fact.store"), value: v.store()})
	if p.TerminalNo == point.Terminal.No {
		list = append(list, fact{name: v.T("fact.terminal"), value: point.Terminal.Label})
	}
	if p.CodeLast4 != "" {
		list = append(list, fact{name: v.T("fact.code"), value: "…" + p.CodeLast4, id: true})
	}
	list = append(list, fact{name: v.T("fact.payment"), value: p.ID, id: true})
	if p.TheirID != "" {
		list = append(list, fact{name: v.T("fact.theirs"), value: p.TheirID, id: true})
	}
	return list
}
