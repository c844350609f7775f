package checkout

import (
	"watari/kit/money"
	"watari/pay/payment"
)

// endScreen tells how an order ended.
type endScreen struct {
	sight  sight
	sign   sign
	amount money.Amount
	payer  money.Amount // zero value when there is nothing to say
	wallet string
	why    string
	next   string
	facts  []fact
	back   string // the shop's page
	away   bool   // it is gone to by itself
}

// endOf is the screen of an order that takes no payment any more.
func (t *visit) endOf(s sight) endScreen {
	v, p := t.v, s.p
	e := endScreen{sight: s, amount: p.Order, back: returnTo(p.ReturnURL, p.ID)}
	word := func(key string) string { return v.T("end." + key) }
	switch s.stage {
	case stagePaid, stageReserved:
		e.sign = sign{"good", "tick", word(string(s.stage))}
		if s.stage == stageReserved {
			e.why = word("reserved.why")
		}
		if s.mine == "" {
			e.sign.word, e.why = word("already"), word("already.why")
		}
		e.away = t.base == payPath && s.mine != ""
	case stageRefunded:
		e.sign = sign{"back", "return", word("refunded")}
	case stageDeclined:
		e.sign, e.why = sign{"stop", "cross", word("declined")}, v.reason(s.reason)
		e.next = word("ask_shop")
	case stageExpired, stageOpen, stageWaiting:
		e.sign = sign{"void", "wait", word("expired")}
		e.why, e.next = word("nothing"), word("ask_shop")
	case stageCancel:
		e.sign = sign{"void", "slash", word("cancelled")}
		e.why, e.next = word("cancelled.why"), word("ask_shop")
	}
	if s.mine != "" && p.IssuerNo != 0 {
		e.wallet, e.payer = s.wallet, payerAmount(p)
	}
	if !isOpen(p) && (s.stage == stagePaid || s.stage == stageReserved ||
		s.stage == stageRefunded) {
		e.facts = t.facts(s, e.payer.Valid())
	}
	return e
}

// live is where the page hears of changes.
func (e endScreen) live() *live { return e.sight.live() }

// facts are the lines of the receipt; mine says that it is the payer who looks (V4).
func (t *visit) facts(s sight, rate bool) []fact {
	v, p := t.v, s.p
	list := []fact{{name: v.T("fact.shop"), value: v.shop},
		{name: v.T("fact.time"), value: v.Lang.DateTime(p.Concluded)}}
	if p.Description != "" && p.Description != v.shop && s.mine != "" {
		list = append(list, fact{name: v.T("fact.for"), value: p.Description})
	}
	if s.mine != "" {
		list = append(list, fact{name: v.T("fact.wallet"), value: s.wallet})
	}
	if rate && p.Rate.Valid() && p.Rate.Base() != p.Rate.Quote() {
		list = append(list, fact{name: v.T("fact.rate"), value: v.T("fact.rate.text", "base",
			string(p.Rate.Base()), "rate", p.Rate.String(), "quote", string(p.Rate.Quote()))})
	}
	if p.RefundedMinor > 0 && p.State != payment.Refunded {
		back, err := money.New(p.RefundedMinor, p.Order.Currency())
		if err == nil {
			list = append(list, fact{name: v.T("fact.refunded"), value: "−" + v.money(back)})
		}
	}
	if s.mine == "" {
		return list
	}
	if p.OrderRef != "" && p.OrderRef != p.RequestID {
		list = append(list, fact{name: v.T("fact.order"), value: p.OrderRef, id: true})
	}
	list = append(list, fact{name: v.T("fact.payment"), value: p.ID, id: true})
	if p.TheirID != "" {
		list = append(list, fact{name: v.T("fact.theirs"), value: p.TheirID, id: true})
	}
	return list
}
