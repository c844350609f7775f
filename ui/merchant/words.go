package merchant

import (
	"strings"

	"watari/pay/link"
	"watari/pay/payment"
	"watari/pay/report"
	"watari/ui/console"
)

// sign names a state by tone, shape and word.
type sign struct{ tone, icon, word string }

// signOf is how a payment stands.
func signOf(v *console.Visit, l report.Line) sign {
	word := func(key string) string { return v.T("state." + key) }
	switch l.State {
	case payment.Captured:
		switch {
		case l.RefundedMinor > 0:
			return sign{console.Back, "return", word("part_refunded")}
		case l.RefundingMinor > 0: // nothing has gone back yet, and all of it may
			return sign{console.Wait, "wait", v.T("refund.unknown")}
		}
		return sign{console.Good, "tick", word("captured")}
	case payment.Authorised:
		return sign{console.Good, "lock", word("authorised")}
	case payment.Declined:
		return sign{console.Stop, "cross", word("declined")}
	case payment.Cancelled:
		return sign{console.Plain, "slash", word("cancelled")}
	case payment.Refunded:
		return sign{console.Back, "return", word("refunded")}
	}
	return sign{console.Wait, "wait", word("pending")}
}

// refundSign is how a refund stands.
func refundSign(v *console.Visit, s payment.RefundState) sign {
	switch s {
	case payment.RefundSucceeded:
		return sign{console.Back, "return", v.T("refund.succeeded")}
	case payment.RefundFailed:
		return sign{console.Stop, "cross", v.T("refund.failed")}
	}
	return sign{console.Wait, "wait", v.T("refund.unknown")}
}

// reason says why a wallet declined.
func reason(v *console.Visit, r link.Reason) string {
	key := "reason." + string(r)
	if r == link.ReasonNone || v.T(key) == key {
		key = "reason." + string(link.ReasonOther)
	}
	return v.T(key)
}

// wallet is what the wallet of a payment is called; an order that nobody has paid has none.
func wallet(v *console.Visit, l report.Line) string {
	switch {
	case l.Wallet.Name != "":
		return l.Wallet.Name
	case l.Way != link.WayCode:
		return v.T("wallet.none")
	}
	return "–"
}

// ended is the end of a payment's id, which receipts show.
func ended(id string) string {
	if len(id) <= endLen {
		return id
	}
	return id[len(id)-endLen:]
}

// endLen is as long as the end that a receipt of a till shows.
const endLen = 8

// doneBy is who did something, for people: a person, a till, the bank's system.
func doneBy(v *console.Visit, actor string) string {
	kind, rest, _ := strings.Cut(actor, ":")
	switch kind {
	case "person":
		if rest == v.Person.ID {
			return v.T("by.you")
		}
		return v.T("by.person")
	case "terminal":
		return v.T("by.till")
	case "key", "aps":
		return v.T("by.system")
	}
	return v.T("by.network")
}
