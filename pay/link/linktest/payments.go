package linktest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"watari/pay/link"
)

// The goal is that the core can plan with what a connector says of itself (C5).
func capabilities(t *testing.T, c Case) {
	k := c.Connector.Capabilities()
	if c.Connector.Name() == "" {
		t.Errorf("the connector has no name")
	}
	if k.IDMax < 32 {
		t.Errorf("request ids of the network have 32 characters, IDMax is %d", k.IDMax)
	}
	if k.CallMax <= 0 || k.InquiryMax <= 0 || k.Deadline <= 0 || k.CodeLife <= 0 ||
		k.RefundWindow <= 0 || len(k.Inquiries) == 0 {
		t.Errorf("a time is missing: %+v", k)
	}
	for i, pause := range k.Inquiries {
		if pause <= 0 || i > 0 && pause < k.Inquiries[i-1] {
			t.Errorf("the pauses between inquiries do not grow: %v", k.Inquiries)
		}
	}
	start := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	for minute := range 48 * 60 {
		at := start.Add(time.Duration(minute) * time.Minute)
		ours, theirs := k.CancelUntil(at), k.WalletUntil(at)
		if !ours.After(at) || ours.After(theirs) {
			t.Fatalf("made at %s: cancelled until %s, honoured until %s", at, ours, theirs)
		}
	}
}

func approval(t *testing.T, c Case) {
	r := c.Sale()

	a := c.authorise(t, r)

	wants(t, "authorise", a, link.Approved)
	if a.TheirID == "" || a.Code == "" {
		t.Errorf("the wallet's id or code is missing: %+v", a)
	}
	c.debits(t, r, 1)
	if taken := c.Wallet.Taken(r.OurRequestID); taken != r.PayTo.Minor() {
		t.Errorf("the wallet took %d, want %s", taken, r.PayTo)
	}
	b := c.inquire(t, r)
	wants(t, "inquire", b, link.Approved)
	if b.TheirID != a.TheirID || b.Customer != a.Customer {
		t.Errorf("pay and inquiry tell of two payments: %+v, %+v", a, b)
	}
	if b.Order != nil && *b.Order != r.Order || b.PayTo != nil && *b.PayTo != r.PayTo {
		t.Errorf("the inquiry names other amounts: %v, %v", b.Order, b.PayTo)
	}
}

func decline(t *testing.T, c Case) {
	r := c.Sale()
	c.Wallet.Set(Decline)

	a := c.authorise(t, r)

	wants(t, "authorise", a, link.Declined)
	if a.Reason != link.ReasonBalance || a.Code == "" {
		t.Errorf("got the reason %q, code %q, want %q", a.Reason, a.Code, link.ReasonBalance)
	}
	c.debits(t, r, 0)
	c.Wallet.Set(Approve)
	if b := c.inquire(t, r); b.Outcome == link.Approved {
		t.Errorf("the inquiry approves what was declined")
	}
}

func pending(t *testing.T, c Case) {
	r := c.Sale()
	c.Wallet.Set(Pending)

	a := c.authorise(t, r)

	wants(t, "authorise", a, link.Unknown)
	if !a.UserActing {
		t.Errorf("nobody is told that the user has to act")
	}
	b := c.inquire(t, r)
	wants(t, "inquire", b, link.Unknown)
	if b.NoSuch {
		t.Errorf("the inquiry says that there is no such payment")
	}
	c.debits(t, r, 0)
	c.Wallet.Confirm(r.OurRequestID)
	wants(t, "inquire after the user's yes", c.inquire(t, r), link.Approved)
	c.debits(t, r, 1)
}

func silence(t *testing.T, c Case) {
	r := c.Sale()
	c.Wallet.Set(Silence)

	wants(t, "authorise", c.authorise(t, r), link.Unknown)

	c.debits(t, r, 0)
	c.Wallet.Set(Approve)
	a := c.inquire(t, r)
	wants(t, "inquire when the wallet speaks again", a, link.Unknown)
	if !a.NoSuch {
		t.Errorf("the wallet does not know the id, and the answer does not say so: %+v", a)
	}
}

func deaf(t *testing.T, c Case) {
	paid, r := c.Sale(), c.Sale()
	a := c.authorise(t, paid)
	wants(t, "a payment before", a, link.Approved)
	c.Wallet.Set(Deaf)

	for name, b := range map[string]link.Answer{"authorise": c.authorise(t, r),
		"inquire": c.inquire(t, paid), "cancel": c.cancel(t, paid),
		"refund": c.refund(t, refundOf(paid, a, "1"))} {
		wants(t, name, b, link.Unknown)
	}
}

func slow(t *testing.T, c Case) {
	r := c.Sale()
	c.Wallet.Set(Slow)

	wants(t, "authorise", c.authorise(t, r), link.Approved)
	c.debits(t, r, 1)
}

func late(t *testing.T, c Case) {
	r := c.Sale()
	c.Wallet.Set(Late)

	wants(t, "authorise", c.authorise(t, r), link.Unknown)

	c.Wallet.Set(Approve)
	wants(t, "inquire", c.await(t, r), link.Approved)
	c.debits(t, r, 1)
}

func drop(t *testing.T, c Case) {
	first, r := c.Sale(), c.Sale()
	wants(t, "a payment that leaves a connection open", c.authorise(t, first), link.Approved)
	c.Wallet.Set(Drop)

	wants(t, "authorise", c.authorise(t, r), link.Unknown)

	c.debits(t, r, 1)
	c.Wallet.Set(Approve)
	wants(t, "inquire", c.inquire(t, r), link.Approved)
	c.debits(t, r, 1)
}

func duplicate(t *testing.T, c Case) {
	r := c.Sale()

	a, b := c.authorise(t, r), c.authorise(t, r)

	wants(t, "authorise", a, link.Approved)
	wants(t, "authorise again", b, link.Approved)
	if a.TheirID != b.TheirID {
		t.Errorf("two payments under one request id: %s and %s", a.TheirID, b.TheirID)
	}
	c.debits(t, r, 1)
}

func inquiryFirst(t *testing.T, c Case) {
	r := c.Sale()

	a := c.inquire(t, r)

	wants(t, "inquire", a, link.Unknown)
	if !a.NoSuch {
		t.Errorf("the answer does not say that the id is not known: %+v", a)
	}
	wants(t, "authorise", c.authorise(t, r), link.Approved)
	c.debits(t, r, 1)
}

func otherAmount(t *testing.T, c Case) {
	r := c.Sale()
	c.Wallet.Set(OtherAmount)

	for _, a := range []link.Answer{c.authorise(t, r), c.inquire(t, r)} {
		if a.Outcome == link.Unknown {
			continue
		}
		told := a.Order != nil && *a.Order != r.Order || a.PayTo != nil && *a.PayTo != r.PayTo
		if !told {
			t.Errorf("the wallet named another amount, and the answer hides it: %+v", a)
		}
	}
}

// lie checks that an answer which proves nothing changes nothing, for each of the four calls, and
// that the truth is found afterwards.
func lie(t *testing.T, c Case, mode Mode) {
	paid, r := c.Sale(), c.Sale()
	a := c.authorise(t, paid)
	wants(t, "a payment before the lies", a, link.Approved)
	c.Wallet.Set(mode)

	wants(t, "authorise", c.authorise(t, r), link.Unknown)
	wants(t, "inquire", c.inquire(t, r), link.Unknown)
	refund := refundOf(paid, a, "1")
	wants(t, "refund", c.refund(t, refund), link.Unknown)
	wants(t, "cancel", c.cancel(t, r), link.Unknown)

	c.Wallet.Set(Approve)
	// Behind each lie the wallet did what it was asked: r was debited and then cancelled.
	b := c.inquire(t, r)
	if b.Outcome == link.Approved {
		t.Errorf("a cancelled payment is approved: %+v", b)
	}
	wants(t, "refund again", c.refund(t, refund), link.Approved)
	if n := c.Wallet.Refunds(refund.RefundID); n != 1 {
		t.Errorf("refunded %d times, want once", n)
	}
}

// contextEnds checks C4.
func contextEnds(t *testing.T, c Case) {
	r := c.Sale()
	c.Wallet.Set(Silence)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan link.Answer, 1)
	go func() { done <- c.Connector.Authorise(ctx, c.Endpoint, r) }()

	cancel()

	select {
	case a := <-done:
		if a.Outcome != link.Unknown {
			t.Errorf("got %s", a.Outcome)
		}
	case <-time.After(c.Patience):
		t.Errorf("the call goes on after its context ended")
	}
}

func load(t *testing.T, c Case) {
	const many = 24
	var wg sync.WaitGroup
	ids := make([]string, many)
	for i := range many {
		r := c.Sale()
		wg.Go(func() {
			a := c.authorise(t, r)
			b := c.inquire(t, r)
			if a.Outcome != link.Approved || b.Outcome != link.Approved ||
				a.TheirID != b.TheirID || c.Wallet.Debits(r.OurRequestID) != 1 {
				t.Errorf("%s: %+v, %+v", r.OurRequestID, a, b)
			}
			ids[i] = a.TheirID
		})
	}
	wg.Wait()
	seen := map[string]bool{}
	for _, id := range ids {
		if seen[id] {
			t.Errorf("two payments have the wallet's id %s", id)
		}
		seen[id] = true
	}
}

// refundOf is a refund of a whole payment.
func refundOf(r link.Authorise, a link.Answer, n string) link.Refund {
	return link.Refund{About: aboutOf(r, a.TheirID),
		RefundID: fmt.Sprintf("%s_r%s", r.OurRequestID, n), Order: r.Order, PayTo: r.PayTo,
		Reason: "returned", Known: []string{}}
}
