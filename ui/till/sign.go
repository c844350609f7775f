package till

import (
	"errors"
	"time"

	"watari/kit/fault"
	"watari/kit/money"
	"watari/pay/link"
	"watari/pay/payment"
)

// sign names a state by tone, shape and word.
type sign struct{ tone, icon, word string }

// sign is how a payment stands, for the badge of a list.
func (v view) sign(p *payment.Payment) sign {
	word := func(key string) string { return v.T("state." + key) }
	switch p.State {
	case payment.Captured:
		if p.RefundedMinor+p.RefundingMinor > 0 {
			return sign{"back", "return", word("part_refunded")}
		}
		return sign{"good", "tick", word("captured")}
	case payment.Authorised:
		return sign{"good", "tick", word("authorised")}
	case payment.Declined:
		return sign{"stop", "cross", word("declined")}
	case payment.Cancelled:
		return sign{"void", "slash", word("cancelled")}
	case payment.Refunded:
		return sign{"back", "return", word("refunded")}
	}
	return sign{"wait", "wait", word("pending")}
}

// refundSign is how a refund stands.
func (v view) refundSign(s payment.RefundState) sign {
	switch s {
	case payment.RefundSucceeded:
		return sign{"back", "return", v.T("refund.state.succeeded")}
	case payment.RefundFailed:
		return sign{"stop", "cross", v.T("refund.state.failed")}
	}
	return sign{"wait", "wait", v.T("refund.state.unknown")}
}

// reason says why a wallet declined and what a cashier does next.
func (v view) reason(r link.Reason) (why, next string) {
	key := "reason." + string(r)
	if r == link.ReasonNone || v.T(key) == key {
		key = "reason." + string(link.ReasonOther)
	}
	return v.T(key), v.T(key + ".next")
}

// refusal says why the network refused and what a cashier does next. A slug that the catalogue
// does not know is told in general words.
func (v view) refusal(e *fault.Error) (why, next string) {
	key := "fault." + e.Problem.Slug
	if v.T(key) == key {
		key = "fault.other"
	}
	return v.T(key), v.T(key + ".next")
}

// cause says why there is no answer yet: the network's own words, or that nobody knows.
func (v view) cause(err error) string {
	var refusal *fault.Error
	if !errors.As(err, &refusal) {
		return v.T("unanswered.why")
	}
	why, _ := v.refusal(refusal)
	return why
}

// row is a payment as a list shows it.
type row struct {
	id, href string
	at       time.Time
	age      int64 // seconds since it began
	amount   money.Amount
	given    money.Amount // back so far, refunds in process included
	wallet   string
	sign     sign
	void     bool // no money moved in the end
}

func (t *visit) row(p *payment.Payment) (row, error) {
	wallet, err := t.wallet(p)
	if err != nil {
		return row{}, err
	}
	void := p.State == payment.Declined || p.State == payment.Cancelled
	return row{id: p.ID, href: "/till/payments/" + p.ID, at: p.Created, age: t.age(p.Created),
		amount: p.Order, given: yenOf(p.RefundedMinor + p.RefundingMinor), wallet: wallet,
		sign: t.v.sign(p), void: void}, nil
}

// age is how many whole seconds ago something began.
func (t *visit) age(began time.Time) int64 {
	return max(0, int64(t.now.Sub(began)/time.Second))
}

// wallet is the name of the payment's wallet; a payment whose wallet was not found has none, and
// an order that nobody has paid is named by what it is.
func (t *visit) wallet(p *payment.Payment) (string, error) {
	if p.IssuerNo == 0 {
		if isOrder(p) {
			return t.v.T("order.row"), nil
		}
		return "", nil
	}
	w, err := t.app.Wallets.Wallet(t.ctx(), p.IssuerNo)
	if err != nil {
		return "", err
	}
	return w.Issuer.Name, nil
}

// payer is what the payment cost its payer: what the wallet told, else what it settles. The zero
// value says that there is nothing to tell: the same yen, or nobody has paid.
func payer(p *payment.Payment) money.Amount {
	paid := p.PayTo
	if p.Payer != nil {
		paid = *p.Payer
	}
	if p.IssuerNo == 0 || paid.Currency() == p.Order.Currency() {
		return money.Amount{}
	}
	return paid
}
