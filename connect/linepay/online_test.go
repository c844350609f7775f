package linepay_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"watari/kit/clock"
	"watari/kit/id"
	"watari/kit/money"
	"watari/pay/link"
	"watari/pay/link/linktest"
	"watari/sandbox/wallet"
)

// page is an order that a user pays on a page.
type page struct {
	*rig
	link.Prepare
	form  link.Form
	about link.About
}

// prepared makes an order at the wallet.
func (r *rig) prepared(hold bool) *page {
	r.t.Helper()
	p := &page{rig: r, Prepare: link.Prepare{Authorise: r.order(), Way: link.WayPage,
		ReturnURL: "https://pay.example/pay/abc", UserAgent: "Line/14.0"}}
	p.Hold = hold
	form, a := r.Client.Prepare(r.t.Context(), r.to, p.Prepare)
	wants(r.t, "prepare", a, link.Unknown, "")
	if !a.UserActing || a.TheirID == "" || a.Cause == nil {
		r.t.Fatalf("the order does not wait for its user: %+v", a)
	}
	p.form = form
	p.about = link.About{OurRequestID: p.OurRequestID, IssuerID: issuerID, TheirID: a.TheirID,
		Way: link.WayPage, Order: p.Order, PayTo: p.PayTo, At: clock.Now(), Held: hold}
	return p
}

// agree is the user who opens the page and says yes.
func (p *page) agree() *page {
	p.t.Helper()
	got, err := p.books.Scan(p.t.Context(), p.front, user, p.form.PageURL, nil)
	if err != nil || got.RequestID != p.OurRequestID {
		p.t.Fatalf("open the page: %+v, %v", got, err)
	}
	p.Confirm(p.OurRequestID)
	return p
}

func (p *page) state() link.Answer {
	return p.Inquire(p.t.Context(), p.to, link.Inquire{About: p.about})
}

func (p *page) complete() link.Answer { return p.Complete(p.t.Context(), p.to, p.about) }

func (p *page) cancel() link.Answer {
	return p.Client.Cancel(p.t.Context(), p.to, link.Cancel{About: p.about})
}

func (p *page) part(name string, cents int64, known ...string) link.Refund {
	f := link.Refund{About: p.about, RefundID: name, Order: money.MustNew(cents, "JPY"),
		PayTo: money.MustNew(cents, "USD"), Known: append([]string{}, known...)}
	return f
}

// The goal is the whole of a payment by a page: nothing is debited before we confirm, and then
// once. Method: the user's and our steps in turn, looking at the wallet's books after each.
func TestPageIsDebitedByOurConfirmation(t *testing.T) {
	t.Parallel()
	p := newRig(t).prepared(false)

	a := p.state()
	wants(t, "before the user", a, link.Unknown, "")
	if !a.UserActing || a.NoSuch {
		t.Errorf("nobody is told that the user acts: %+v", a)
	}
	wants(t, "completing before the user", p.complete(), link.Unknown, "")
	p.agree()
	if a := p.state(); a.Outcome != link.Unknown || !a.Agreed || a.UserActing {
		t.Errorf("after the user: %+v", a)
	}
	if n := p.Debits(p.OurRequestID); n != 0 {
		t.Fatalf("debited %d times before we confirmed", n)
	}
	done := p.complete()
	wants(t, "complete", done, link.Approved, "")
	if done.TheirID != p.about.TheirID || done.PayTo == nil || *done.PayTo != p.PayTo ||
		done.RequestID != p.OurRequestID || done.At.IsZero() {
		t.Errorf("the answer lacks something: %+v", done)
	}
	again := p.complete()
	wants(t, "complete again", again, link.Approved, "")
	a = p.state()
	wants(t, "inquire", a, link.Approved, "")
	if a.TheirID != done.TheirID || *a.PayTo != p.PayTo || again.TheirID != done.TheirID {
		t.Errorf("three answers tell of several payments: %+v, %+v, %+v", done, again, a)
	}
	if p.Debits(p.OurRequestID) != 1 || p.Taken(p.OurRequestID) != 13_05 {
		t.Errorf("the books hold %+v", p.payment(p.OurRequestID))
	}
	// USD 13.05 at 32.15 is TWD 419.5575, which is what the user paid.
	if got := p.payment(p.OurRequestID).DebitedMinor; got != 419_56 {
		t.Errorf("the user was debited %d", got)
	}
}

// The goal is that LINE Pay gets back to us, whichever way the page was reached. Method: the
// addresses of the request, as the wallet keeps them.
func TestFormsAndReturnAddresses(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	p := r.prepared(false)
	back, err := url.Parse(r.payment(p.OurRequestID).ReturnURL)
	if err != nil {
		t.Fatal(err)
	}
	q := back.Query()
	if back.Host != "pay.example" || back.Path != "/wallets/linepay/midori/return" ||
		q.Get("request") != p.OurRequestID || q.Get("orderId") != p.OurRequestID ||
		q.Get("transactionId") != p.about.TheirID || q.Get("to") != p.ReturnURL {
		t.Errorf("the user comes back to %s", back)
	}
	if p.form.CodeText != "" || !strings.HasPrefix(p.form.PageURL, r.server.URL) {
		t.Errorf("the form is %+v", p.form)
	}

	// An order code has nowhere to return to, and is the page as a text.
	o := link.Prepare{Authorise: r.order(), Way: link.WayOrder}
	form, a := r.Client.Prepare(t.Context(), r.to, o)
	wants(t, "prepare a code", a, link.Unknown, "")
	if form.CodeText == "" || form.CodeText != form.PageURL {
		t.Errorf("the form is %+v", form)
	}
	// Without a return address of our own the user goes to the shop's.
	alone := r.to
	alone.NotifyURL = ""
	_, a = r.Client.Prepare(t.Context(), alone, o)
	wants(t, "nowhere to return to", a, link.Declined, link.ReasonConfiguration)
	o.OurRequestID, o.ReturnURL = r.order().OurRequestID, "https://shop.example/done?x=1"
	_, a = r.Client.Prepare(t.Context(), alone, o)
	wants(t, "return to the shop", a, link.Unknown, "")
	back, err = url.Parse(r.payment(o.OurRequestID).ReturnURL)
	if err != nil || back.Host != "shop.example" || back.Query().Get("x") != "1" ||
		back.Query().Get("request") != o.OurRequestID {
		t.Errorf("the user comes back to %s, %v", back, err)
	}
}

// The goal is that an order is made once. Method: the same request again, and an inquiry without
// LINE Pay's number, as after an answer that was lost.
func TestPrepareIsNeverASecondOrder(t *testing.T) {
	t.Parallel()
	p := newRig(t).prepared(false)
	form, a := p.Client.Prepare(t.Context(), p.to, p.Prepare)
	wants(t, "prepare again", a, link.Unknown, "")
	if a.UserActing || a.NoSuch || form.PageURL != "" {
		t.Errorf("a second order: %+v, %+v", form, a)
	}
	lost := *p
	lost.about.TheirID = ""
	if a := lost.state(); a.Outcome != link.Unknown || !a.NoSuch {
		t.Errorf("an order without a number is known: %+v", a)
	}
	wants(t, "cancel what cannot be confirmed", lost.cancel(), link.Approved, "")
	p.agree()
	wants(t, "complete", p.complete(), link.Approved, "")
	a = lost.state()
	wants(t, "inquire by our id", a, link.Approved, "")
	if a.TheirID != p.about.TheirID {
		t.Errorf("another payment: %+v", a)
	}
	wants(t, "cancel by our id", lost.cancel(), link.Approved, "")
	if taken := p.Taken(p.OurRequestID); taken != 0 {
		t.Errorf("the wallet holds %d", taken)
	}
}

// The goal is that a cancel says that it is done only when nothing can be taken any more. Method:
// cancel in every state of an order.
func TestCancelOfAPageWaitsForItsEnd(t *testing.T) {
	t.Parallel()
	r := newRig(t)

	p := r.prepared(false)
	for _, when := range []string{"before the user", "after the user agreed"} {
		a := p.cancel()
		wants(t, when, a, link.Unknown, "")
		if a.Agreed || a.NoSuch || a.Cause == nil {
			t.Errorf("%s: %+v", when, a)
		}
		if when == "before the user" {
			p.agree()
		}
	}
	// A confirmation that was under way may still win.
	wants(t, "complete", p.complete(), link.Approved, "")
	wants(t, "cancel what was taken", p.cancel(), link.Approved, "")
	wants(t, "cancel again", p.cancel(), link.Approved, "")
	wants(t, "inquire", p.state(), link.Declined, link.ReasonClosed)
	wants(t, "complete after the cancel", p.complete(), link.Declined, link.ReasonClosed)
	if taken := r.Taken(p.OurRequestID); taken != 0 {
		t.Errorf("the wallet holds %d", taken)
	}

	gaveUp := r.prepared(false)
	if _, err := r.books.Take(t.Context(), gaveUp.OurRequestID, user); err != nil {
		t.Fatal(err)
	}
	if _, err := r.books.Refuse(t.Context(), user,
		r.payment(gaveUp.OurRequestID).PaymentID); err != nil {
		t.Fatal(err)
	}
	wants(t, "the user said no", gaveUp.state(), link.Declined, link.ReasonClosed)
	wants(t, "cancel what is gone", gaveUp.cancel(), link.Approved, "")
}

// The goal is that a confirmation whose answer is lost or refused ends in the truth. Method: the
// wallet's modes, then an inquiry, then the confirmation again.
func TestConfirmationIsFoundAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, c := range []struct {
		mode linktest.Mode
		then link.Outcome
	}{{linktest.Drop, link.Approved}, {linktest.ServerError, link.Approved},
		{linktest.Garbage, link.Approved}, {linktest.WrongID, link.Approved},
		{linktest.Silence, link.Unknown}} {
		p := r.prepared(false).agree()
		r.Set(c.mode)
		wants(t, string(c.mode), p.complete(), link.Unknown, "")
		r.Set(linktest.Approve)
		a := p.state()
		wants(t, string(c.mode)+", inquired", a, c.then, "")
		if c.then == link.Unknown && !a.Agreed {
			t.Errorf("%s: it need not be confirmed: %+v", c.mode, a)
		}
		wants(t, string(c.mode)+", again", p.complete(), link.Approved, "")
		if taken := r.Taken(p.OurRequestID); taken != 13_05 {
			t.Errorf("%s: the wallet took %d", c.mode, taken)
		}
	}
	p := r.prepared(false).agree()
	r.Set(linktest.Decline)
	wants(t, "too poor", p.complete(), link.Declined, link.ReasonBalance)
	r.Set(linktest.Approve)
	wants(t, "too poor, inquired", p.state(), link.Declined, link.ReasonOther)
	wants(t, "too poor, again", p.complete(), link.Declined, link.ReasonBalance)
}

// The goal is a promise: captured once, in whole or part, and voided when it was not. Method: each
// end of a promise, repeated, by page and by key.
func TestPromiseIsCapturedOnceOrVoided(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	take := func(a link.About, cents int64) link.Answer {
		return r.Capture(t.Context(), r.to, link.Capture{About: a, CaptureID: "cap_1",
			PayTo: money.MustNew(cents, "USD"), Last: true})
	}
	byPage := func() link.About {
		p := r.prepared(true).agree()
		wants(t, "promise", p.complete(), link.Approved, "")
		return p.about
	}
	byKey := func() link.About {
		s := r.sale()
		s.Hold = true
		a := r.Authorise(t.Context(), r.to, s)
		wants(t, "promise", a, link.Approved, "")
		return link.About{OurRequestID: s.OurRequestID, IssuerID: issuerID, TheirID: a.TheirID,
			Way: link.WayCode, Order: s.Order, PayTo: s.PayTo, At: clock.Now(), Held: true}
	}
	for name, promise := range map[string]func() link.About{"page": byPage, "key": byKey} {
		cancel := func(a link.About) link.Answer {
			return r.Client.Cancel(t.Context(), r.to, link.Cancel{About: a})
		}
		inquire := func(a link.About) link.Answer {
			return r.Inquire(t.Context(), r.to, link.Inquire{About: a})
		}
		part := promise()
		wants(t, name+": inquire a promise", inquire(part), link.Approved, "")
		a := take(part, 10_00)
		wants(t, name+": capture", a, link.Approved, "")
		if a.PayTo == nil || a.PayTo.Minor() != 10_00 {
			t.Errorf("%s: captured %v", name, a.PayTo)
		}
		wants(t, name+": capture again", take(part, 10_00), link.Approved, "")
		wants(t, name+": capture more", take(part, 3_05), link.Declined, link.ReasonAmount)
		if p := r.payment(part.OurRequestID); p.TakenOrderMinor != 10_00 || p.HeldMinor != 0 {
			t.Errorf("%s: the books hold %+v", name, p)
		}
		wants(t, name+": cancel what was captured", cancel(part), link.Approved, "")
		if taken := r.Taken(part.OurRequestID); taken != 0 {
			t.Errorf("%s: the wallet holds %d", name, taken)
		}

		whole := promise()
		wants(t, name+": capture too much", take(whole, 13_06), link.Declined,
			link.ReasonAmount)
		wants(t, name+": void", cancel(whole), link.Approved, "")
		wants(t, name+": void again", cancel(whole), link.Approved, "")
		wants(t, name+": inquire what was voided", inquire(whole), link.Declined,
			link.ReasonClosed)
		wants(t, name+": capture what was voided", take(whole, 1), link.Declined,
			link.ReasonClosed)
		if p := r.payment(whole.OurRequestID); p.HeldMinor != 0 || p.State != wallet.Cancelled {
			t.Errorf("%s: the books hold %+v", name, p)
		}
	}
}

// The goal is that nothing is returned twice though LINE Pay keeps no refund ids of ours. Method:
// equal refunds, one after the other, repeated, and with and without what the core knows.
func TestEqualRefundsAreToldApart(t *testing.T) {
	t.Parallel()
	p := newRig(t).prepared(false).agree()
	wants(t, "complete", p.complete(), link.Approved, "")
	give := func(f link.Refund) link.Answer { return p.Refund(t.Context(), p.to, f) }

	first := give(p.part("first", 2_00))
	wants(t, "first", first, link.Approved, "")
	again := give(p.part("first", 2_00))
	wants(t, "first again", again, link.Approved, "")
	second := give(p.part("second", 2_00, first.TheirID))
	wants(t, "second", second, link.Approved, "")
	if again.TheirID != first.TheirID || second.TheirID == first.TheirID {
		t.Errorf("refunds %s, again %s, %s", first.TheirID, again.TheirID, second.TheirID)
	}
	wants(t, "second again", give(p.part("second", 2_00, first.TheirID)), link.Approved, "")
	if taken := p.Taken(p.OurRequestID); taken != 9_05 {
		t.Fatalf("the wallet holds %d", taken)
	}
	// Somebody who does not say what else was refunded leaves it open.
	blind := p.part("third", 2_00)
	blind.Known = nil
	a := give(blind)
	wants(t, "an equal refund, nothing known", a, link.Unknown, "")
	if p.Taken(p.OurRequestID) != 9_05 || a.Cause == nil {
		t.Errorf("something was returned on a guess: %+v", a)
	}
	blind.PayTo = money.MustNew(3_00, "USD")
	wants(t, "another amount, nothing known", give(blind), link.Approved, "")
	if taken := p.Taken(p.OurRequestID); taken != 6_05 {
		t.Errorf("the wallet holds %d", taken)
	}
	wants(t, "too much", give(p.part("rest", 6_06)), link.Declined, link.ReasonAmount)
}

// The goal is that a refund whose first sending may be under way is not sent again at once. Method:
// refund ids with the time of their making in them.
func TestResentRefundWaits(t *testing.T) {
	t.Parallel()
	p := newRig(t).prepared(false).agree()
	wants(t, "complete", p.complete(), link.Approved, "")
	at := func(ago time.Duration, cents int64) link.Answer {
		name := id.Floor("ref", clock.Now().Add(-ago))
		if made, ok := id.Time(name); !ok || clock.Now().Sub(made) < ago {
			t.Fatalf("%s is made at %s", name, made)
		}
		return p.Refund(t.Context(), p.to, p.part(name, cents))
	}
	wants(t, "at once", at(0, 1_00), link.Approved, "")
	wants(t, "another of the same amount, at once", at(0, 1_00), link.Approved, "")
	wants(t, "after a while", at(10*time.Second, 2_00), link.Unknown, "")
	wants(t, "after a while, and it is there", at(10*time.Second, 1_00), link.Approved, "")
	wants(t, "when it cannot be under way", at(2*time.Minute, 3_00), link.Approved, "")
	if taken := p.Taken(p.OurRequestID); taken != 8_05 {
		t.Errorf("the wallet holds %d", taken)
	}
}

// The goal is a standing consent: asked, given, charged, ended. Method: all of it, with a loss of
// the answer to a charge.
func TestConsentIsChargedUntilItEnds(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	ask := link.Consent{OurConsentID: "con_1", IssuerID: issuerID, Description: "自行車",
		ReturnURL: "https://pay.example/consent", Shop: link.Shop{StoreName: "三町本店"}}
	form, a := r.AskConsent(t.Context(), r.to, ask)
	if a.Outcome != link.Unknown || !a.UserActing || a.TheirID == "" || form.PageURL == "" {
		t.Fatalf("ask: %+v, %+v", form, a)
	}
	ask.TheirID = a.TheirID
	state := func() link.ConsentAnswer { return r.ConsentState(t.Context(), r.to, ask, nil) }
	if a := state(); a.Outcome != link.Unknown || !a.UserActing || a.Token != "" {
		t.Errorf("before the user: %+v", a)
	}
	if _, err := r.books.GiveConsent(t.Context(), user, "con_1", wallet.PIN); err != nil {
		t.Fatal(err)
	}
	given := state()
	wants(t, "given", given.Answer, link.Approved, "")
	if given.Token == "" {
		t.Fatalf("there is no key: %+v", given)
	}
	wants(t, "the key is told once", state().Answer, link.Unknown, "")

	charge := func(s link.Authorise) link.Answer { return r.Authorise(t.Context(), r.to, s) }
	s := r.order()
	s.Token = given.Token
	paid := charge(s)
	wants(t, "charge", paid, link.Approved, "")
	again := charge(s)
	wants(t, "charge again", again, link.Approved, "")
	about := link.About{OurRequestID: s.OurRequestID, IssuerID: issuerID, Way: link.WayAgreement,
		Order: s.Order, PayTo: s.PayTo, At: clock.Now()}
	seen := r.Inquire(t.Context(), r.to, link.Inquire{About: about})
	wants(t, "inquire a charge", seen, link.Approved, "")
	if again.TheirID != paid.TheirID || seen.TheirID != paid.TheirID || *seen.PayTo != s.PayTo ||
		r.Taken(s.OurRequestID) != 13_05 {
		t.Errorf("%+v, %+v, %+v", paid, again, seen)
	}
	wants(t, "cancel a charge", r.Client.Cancel(t.Context(), r.to, link.Cancel{About: about}),
		link.Approved, "")
	if taken := r.Taken(s.OurRequestID); taken != 0 {
		t.Errorf("the wallet holds %d", taken)
	}

	end := func() link.Answer { return r.Revoke(t.Context(), r.to, ask, given.Token) }
	wants(t, "revoke", end(), link.Approved, "")
	wants(t, "revoke again", end(), link.Approved, "")
	s.OurRequestID = r.order().OurRequestID
	wants(t, "charge after the end", charge(s), link.Declined, link.ReasonConfiguration)
}
