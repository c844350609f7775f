package linktest

import (
	"testing"

	"watari/kit/money"
	"watari/pay/link"
)

func cancelFirst(t *testing.T, c Case) {
	r := c.Sale()

	cancel := c.cancel(t, r)
	if c.NoTombstone {
		wants(t, "cancel", cancel, link.Unknown)
		if !cancel.NoSuch {
			t.Errorf("the answer does not say that the id is not known: %+v", cancel)
		}
		return
	}
	wants(t, "cancel", cancel, link.Approved)

	if a := c.authorise(t, r); a.Outcome == link.Approved {
		t.Errorf("a payment was made under an id that was cancelled: %+v", a)
	}
	c.debits(t, r, 0)
}

func cancelled(t *testing.T, c Case) {
	r := c.Sale()
	wants(t, "authorise", c.authorise(t, r), link.Approved)

	wants(t, "cancel", c.cancel(t, r), link.Approved)
	wants(t, "cancel again", c.cancel(t, r), link.Approved)

	if taken := c.Wallet.Taken(r.OurRequestID); taken != 0 {
		t.Errorf("the wallet still holds %d", taken)
	}
	a := c.inquire(t, r)
	wants(t, "inquire", a, link.Declined)
	if a.Reason != link.ReasonClosed {
		t.Errorf("got the reason %q, want %q", a.Reason, link.ReasonClosed)
	}
	if b := c.authorise(t, r); b.Outcome == link.Declined && b.Reason != link.ReasonClosed {
		t.Errorf("a repeat after the cancel: got the reason %q", b.Reason)
	}
	if n := c.Wallet.Debits(r.OurRequestID); n != 1 {
		t.Errorf("debited %d times, want once", n)
	}
}

// part is a share of a payment, one of two halves.
func part(t testing.TB, r link.Authorise, a link.Answer, n string) link.Refund {
	t.Helper()
	f := refundOf(r, a, n)
	var err error
	if f.Order, err = money.New(r.Order.Minor()/2, r.Order.Currency()); err != nil {
		t.Fatalf("half of the order: %v", err)
	}
	if f.PayTo, err = money.New(r.PayTo.Minor()/2, r.PayTo.Currency()); err != nil {
		t.Fatalf("half of the wallet's amount: %v", err)
	}
	return f
}

func refunds(t *testing.T, c Case) {
	r := c.Sale()
	paid := c.authorise(t, r)
	wants(t, "authorise", paid, link.Approved)
	if !c.Connector.Capabilities().PartialRefund {
		whole := refundOf(r, paid, "1")
		wants(t, "refund", c.refund(t, whole), link.Approved)
		wants(t, "refund again", c.refund(t, whole), link.Approved)
		if taken := c.Wallet.Taken(r.OurRequestID); taken != 0 {
			t.Errorf("the wallet still holds %d", taken)
		}
		return
	}
	first, second := part(t, r, paid, "1"), part(t, r, paid, "2")

	a, again := c.refund(t, first), c.refund(t, first)
	second.Known = []string{a.TheirID}
	b := c.refund(t, second)

	wants(t, "refund", a, link.Approved)
	wants(t, "refund again", again, link.Approved)
	wants(t, "another refund", b, link.Approved)
	if a.TheirID == "" || a.TheirID != again.TheirID || a.TheirID == b.TheirID {
		t.Errorf("the wallet's ids are %q, again %q, another %q", a.TheirID, again.TheirID,
			b.TheirID)
	}
	if n := c.Wallet.Refunds(first.RefundID); n != 1 {
		t.Errorf("refunded %d times under one id", n)
	}
	rest := r.PayTo.Minor() - 2*first.PayTo.Minor()
	if taken := c.Wallet.Taken(r.OurRequestID); taken != rest {
		t.Errorf("the wallet holds %d, want %d", taken, rest)
	}
}

func overRefund(t *testing.T, c Case) {
	r := c.Sale()
	paid := c.authorise(t, r)
	wants(t, "authorise", paid, link.Approved)
	whole := c.refund(t, refundOf(r, paid, "1"))
	wants(t, "refund", whole, link.Approved)
	more := refundOf(r, paid, "2")
	more.Known = []string{whole.TheirID}

	a := c.refund(t, more)

	wants(t, "refund of what is not left", a, link.Declined)
	if taken := c.Wallet.Taken(r.OurRequestID); taken != 0 {
		t.Errorf("the wallet holds %d, want nothing", taken)
	}
}
