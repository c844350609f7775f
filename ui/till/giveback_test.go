package till_test

import (
	"context"
	"strings"
	"testing"

	"watari/pay/payment"
)

// Request ids of refunds as a page mints them.
const (
	refund1 = "0123456789abcdefghjkmnpr01"
	refund2 = "0123456789abcdefghjkmnpr02"
)

// paid takes a payment and returns its address.
func (b *browser) paid(amount, request string) string {
	b.r.t.Helper()
	return strings.TrimSuffix(b.sell(amount, request).is(200).path, "/result")
}

// Goal: a part and then the rest of a payment go back, each after a last look. Method: the forms
// as they are on the pages.
func TestRefundInParts(t *testing.T) {
	t.Parallel()
	b := newRig(t).till(0, "en")
	at := b.paid("1980", sale1)

	form := b.get(at + "/refund").is(200)
	form.has(".choice .end", "JPY 1,980")
	review := b.post(at+"/refund", "part", "some", "amount", "660").is(200)
	review.has(".review .sum", "JPY 660")
	review.has("form button", "Refund JPY 660")
	done := b.post(review.value("main form", "action"), "amount", "660",
		"request", review.value("input[name=request]", "value")).is(200)
	done.has(".verdict.good h1", "Refunded")
	done.has(".payer", "CNY 28.")

	slip := b.get(at).is(200)
	slip.has(".slip .badge", "Partly refunded")
	slip.has(".refunds", "JPY 660")
	slip.has(".facts", "JPY 1,320")
	rest := b.post(at+"/refund", "part", "all").is(200)
	rest.has(".review .sum", "JPY 1,320")
	b.post(at+"/refunds", "amount", "1320", "request", refund2).is(200).has("h1", "Refunded")
	b.get(at).has(".slip .badge", "Refunded")
	b.get(at+"/refund").is(409).has(".note", "Nothing is left")
}

// Goal: a repeated refund is not given twice and not judged again: the first one fills the cap
// (U4). Method: a refund up to the cap, sent twice.
func TestRepeatedRefundIsAnsweredNotJudged(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.till(0, "en")
	at := b.paid("20000", sale1)
	fields := []string{"amount", "20000", "request", refund1, "pin", pin}

	first, second := b.post(at+"/refunds", fields...), b.post(at+"/refunds", fields...)

	if first.status != 200 || second.status != 200 || first.path != second.path {
		t.Errorf("answers %d at %s and %d at %s, want the same", first.status, first.path,
			second.status, second.path)
	}
	id := strings.TrimPrefix(at, "/till/payments/")
	list, err := r.Refunds(context.Background(), r.bank.No, id)
	r.must(err)
	if len(list) != 1 {
		t.Errorf("%d refunds, want 1", len(list))
	}
}

// Goal: every refusal of the rules is told at its field or on the receipt, and nothing goes back.
// Method: amounts over the rest, over the caps, without permission, with a wrong PIN.
func TestRefundRulesAreTold(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b, clerk := r.till(0, "en"), r.till(1, "en")
	at, big := b.paid("1980", sale1), b.paid("30000", sale2)

	b.post(at+"/refund", "part", "some", "amount", "1981").is(422).
		has("#amount-mistake", "Only JPY 1,980 is left")
	b.post(at+"/refund", "part", "some", "amount", "").is(422).
		has("#amount-mistake", "Enter the amount")
	b.post(big+"/refund", "part", "all").is(422).
		has("#amount-mistake", "daily limit for refunds: JPY 20,000 is left")
	b.post(big+"/refunds", "amount", "20001", "request", refund1, "pin", pin).is(422).
		has(".note", "daily limit")
	clerk.get(at+"/refund").is(403).has(".note", "not allowed to give money back")
	clerk.post(at+"/refunds", "amount", "100", "request", refund1).is(422).
		has("main", "not allowed")
	b.post(at+"/refunds", "amount", "100", "request", "short").is(422)

	for _, path := range []string{at, big} {
		list, err := r.Refunds(context.Background(), r.bank.No,
			strings.TrimPrefix(path, "/till/payments/"))
		r.must(err)
		if len(list) != 0 {
			t.Errorf("%s: %d refunds, want none", path, len(list))
		}
	}
}

// Goal: above the store's limit the manager's PIN is needed, a wrong one is told at its field,
// and after five wrong ones nobody may try for a while. Method: the form with and without.
func TestRefundNeedsTheManagersPIN(t *testing.T) {
	t.Parallel()
	b := newRig(t).till(0, "en")
	at := b.paid("12000", sale1)

	small := b.post(at+"/refund", "part", "some", "amount", "5000").is(200)
	if len(small.all("#pin")) != 0 {
		t.Error("a refund at the limit asks for the PIN")
	}
	review := b.post(at+"/refund", "part", "some", "amount", "5001").is(200)
	if len(review.all("#pin")) != 1 {
		t.Fatal("a refund above the limit does not ask for the PIN")
	}
	b.post(at+"/refunds", "amount", "5001", "request", refund1).is(422).
		has("#pin-mistake", "Enter the manager’s PIN")
	for range 5 {
		b.post(at+"/refunds", "amount", "5001", "request", refund1, "pin", "0000").is(422)
	}
	p := b.post(at+"/refunds", "amount", "5001", "request", refund1, "pin", pin).is(422)
	p.has("#pin-mistake", "Too many wrong PINs")
}

// Goal: the right PIN lets the refund through, also after a wrong one. Method: one wrong, then
// right, under the same request id.
func TestRightPINAfterAWrongOne(t *testing.T) {
	t.Parallel()
	b := newRig(t).till(0, "ja")
	at := b.paid("12000", sale1)

	p := b.post(at+"/refunds", "amount", "12000", "request", refund1, "pin", "1111").is(422)
	p.has("#pin-mistake", "暗証番号が違います")
	if got := p.value("main input[name=request]", "value"); got != refund1 {
		t.Errorf("the next try has the id %q, want %q", got, refund1)
	}
	b.post(at+"/refunds", "amount", "12000", "request", refund1, "pin", pin).is(200).
		has(".verdict.good h1", "返金完了")
}

// Goal: a refund whose outcome is not known is shown as in process, with its money reserved.
// Method: a wallet that says nothing to the refund.
func TestRefundInProcessIsShown(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.till(0, "en")
	at := b.paid("1980", sale1)
	r.wallet.refunds = "silence"

	p := b.post(at+"/refunds", "amount", "1000", "request", refund1).is(200)

	p.has(".verdict.wait h1", "Refund in process")
	p.has(".because", "Do not refund again")
	if p.value("till-pending", "data-url") != p.path {
		t.Error("the page does not look again")
	}
	b.get(at).has(".refunds .badge", "In process")
	b.post(at+"/refund", "part", "some", "amount", "981").is(422).
		has("#amount-mistake", "Only JPY 980 is left")
}

// Goal: a payment can be cancelled while its window is open and nothing went back; a paid one by
// the rules of refunds, one without an outcome by anybody. Method: each case.
func TestCancelFollowsTheRules(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b, clerk := r.till(0, "en"), r.till(1, "en")
	at, given := b.paid("1980", sale1), b.paid("3000", sale2)

	clerk.get(at+"/cancel").is(403).has(".note", "not allowed")
	clerk.post(at + "/cancel").is(403)
	ask := b.get(at + "/cancel").is(200)
	ask.has("h1", "Cancel this payment?")
	b.post(at+"/cancel").is(200).has(".verdict.void h1", "Cancelled")
	b.get(at).has(".slip .badge", "Cancelled")
	if n := len(b.get(at).all("a[href$='/cancel'], a[href$='/refund']")); n != 0 {
		t.Error("a cancelled payment offers to give money back")
	}

	b.post(given+"/refunds", "amount", "100", "request", refund1).is(200)
	if n := len(b.get(given).all("a[href$='/cancel']")); n != 0 {
		t.Error("a payment with a refund offers to be cancelled")
	}
	b.post(given+"/cancel").is(409).has("main", "changed")

	big := b.paid("6000", sale3)
	b.post(big+"/cancel").is(422).has("#pin-mistake", "Enter the manager’s PIN")
	b.post(big+"/cancel", "pin", pin).is(200).has("h1", "Cancelled")

	r.wallet.set("silence")
	open := clerk.paid("900", sale1)
	clerk.get(open+"/cancel").is(200).has(".review", "has not answered yet")
	clerk.post(open+"/cancel").is(200).has("h1", "Cancelled")
}

// Goal: a till sees no other store's payments (U5). Method: a payment of a second store is asked
// for on every page that shows one.
func TestOtherStoresPaymentsAreNotFound(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	at := r.till(0, "en").paid("1980", sale1)
	elsewhere := r.elsewhere()

	for _, path := range []string{at, at + "/result", at + "/refund", at + "/cancel",
		at + "/refunds/" + refund1} {
		elsewhere.get(path).is(404).has("h1", "no such payment in this store")
	}
	elsewhere.post(at+"/refunds", "amount", "100", "request", refund1).is(404)
	elsewhere.post(at + "/cancel").is(404)
	p, err := r.Find(context.Background(), r.bank.No, payment.ChannelTill,
		payment.Ref{PaymentID: strings.TrimPrefix(at, "/till/payments/")})
	r.must(err)
	if p.State != payment.Captured || p.RefundedMinor != 0 {
		t.Errorf("the payment is %s with %d refunded", p.State, p.RefundedMinor)
	}
}

// Goal: the caps count what was given back today through each till. Method: two refunds that
// together exceed the terminal's cap.
func TestDailyCapCountsEarlierRefunds(t *testing.T) {
	t.Parallel()
	b := newRig(t).till(0, "en")
	one, two := b.paid("15000", sale1), b.paid("15000", sale2)
	b.post(one+"/refunds", "amount", "15000", "request", refund1, "pin", pin).is(200)

	b.get(two+"/refund").is(200).has("main", "Your daily limit leaves JPY 5,000")
	b.post(two+"/refund", "part", "some", "amount", "5001").is(422).
		has("#amount-mistake", "JPY 5,000 is left today")
	b.post(two+"/refunds", "amount", "5000", "request", refund2).is(200)
}

// day is the sales page of now, in Japan.
func (b *browser) day(query string) *page { return b.get("/till/day" + query).is(200) }

// Goal: the day's list adds up: sold, refunded, net, the number of payments, each with time,
// amount, wallet and state in words. Method: one of each outcome.
func TestDayAddsUp(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b, other := r.till(0, "en"), r.till(1, "en")
	b.day("").has(".empty", "No payments yet today")

	given := b.paid("1980", sale1)
	b.post(given+"/refunds", "amount", "480", "request", refund1).is(200)
	b.post(b.paid("700", sale2) + "/cancel").is(200)
	other.paid("2500", sale1)
	r.wallet.set("decline")
	b.sell("9999", sale3)

	p := b.day("")
	p.has(".net .sum", "JPY 4,000")
	p.has(".totals dl", "JPY 4,480")
	p.has(".totals dl", "JPY 480")
	p.has(".net .hint", "2 payments")
	if n := len(p.all(".row")); n != 4 {
		t.Errorf("%d rows, want 4", n)
	}
	var words []string
	for _, n := range p.all(".row .badge") {
		words = append(words, textOf(n))
	}
	if got := strings.Join(words, " "); got != "Declined Paid Cancelled Partly refunded" {
		t.Errorf("the states read %q", got)
	}
	p.has(".row .wallet", "TestPay")
	p.has(".hours .unseen", "JPY 4,480;")
	mine := b.day("?till=1")
	mine.has(".net .sum", "JPY 1,500")
	if n := len(mine.all(".row")); n != 3 {
		t.Errorf("%d rows of this till, want 3", n)
	}
	b.day("?day=2020-01-01").has(".empty", "No payments on this day")
	b.day("?day=nonsense").has("h1", "Today")
}
