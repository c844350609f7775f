package till_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"watari/kit/db"
	"watari/pay/link"
	"watari/pay/party"
	"watari/pay/payment"
)

// Request ids as a page mints them.
const (
	sale1 = "0123456789abcdefghjkmnpq01"
	sale2 = "0123456789abcdefghjkmnpq02"
	sale3 = "0123456789abcdefghjkmnpq03"
)

// Goal: the basic flow works with forms alone. Method: amount, code, result, as a browser without
// scripts sends them.
func TestSaleWorksWithoutScripts(t *testing.T) {
	t.Parallel()
	b := newRig(t).till(0, "ja")

	pad := b.get("/till/").is(200)
	pad.has(".where", "平田酒造場 三町店")
	scan := b.get("/till/scan?amount=1,980").is(200)
	scan.has("h1", "1,980 円")
	form := scan.all("form[action='/till/sales']")
	if len(form) != 1 {
		t.Fatalf("%d forms for the code, want 1", len(form))
	}
	done := b.post("/till/sales", "amount", scan.value("input[name=amount]", "value"),
		"request", scan.value("input[name=request]", "value"), "code",
		inGroups(b.r.code())).is(200)

	done.has("h1", "支払い完了")
	done.has(".verdict.good .sum", "1,980 円")
	done.has(".payer", "TestPay")
	done.has(".payer", "人民元")
	if !strings.HasSuffix(done.path, "/result") {
		t.Errorf("the result is at %s, want an address of its own", done.path)
	}
}

// Goal: the same request id has the same answer (U1). Method: a sale is sent twice with the same
// id and code, and the second leads to the same payment.
func TestRepeatedSaleHasTheSameAnswer(t *testing.T) {
	t.Parallel()
	b := newRig(t).till(0, "en")
	code := b.r.code()
	fields := []string{"amount", "1980", "code", code, "request", sale1}

	first, second := b.post("/till/sales", fields...), b.post("/till/sales", fields...)

	if first.path != second.path || first.status != 200 {
		t.Errorf("answers at %s and %s, want one", first.path, second.path)
	}
	if n := len(b.r.wallet.debits); n != 1 {
		t.Errorf("the wallet took %d payments, want 1", n)
	}
}

// Goal: a refusal is told in words with what to do next, and is the same when asked again.
// Method: a code that was used, in English, twice.
func TestRefusalSaysWhatToDoNext(t *testing.T) {
	t.Parallel()
	b := newRig(t).till(0, "en")
	code := b.r.code()
	b.post("/till/sales", "amount", "500", "code", code, "request", sale1)
	for range 2 {
		p := b.post("/till/sales", "amount", "500", "code", code, "request", sale2).is(422)
		p.has("h1", "Not charged")
		p.has(".because h2", "This code was used before.")
		p.has(".because", "fresh code")
		p.has(".because code", "wallet-code-used")
		if p.header.Get("Till-Answer") != "refusal" {
			t.Errorf("Till-Answer is %q, want refusal", p.header.Get("Till-Answer"))
		}
		if p.value(".actions a", "href") != "/till/scan?amount=500" {
			t.Errorf("the first way on is %q", p.value(".actions a", "href"))
		}
	}
}

// Goal: a decline is told with the wallet's reason. Method: a wallet that says no for each reason
// that has a text of its own.
func TestDeclineSaysWhy(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.till(0, "en")
	r.wallet.set("decline")
	r.wallet.reason = link.ReasonBalance

	p := b.sell("1980", sale1).is(200)

	p.has(".verdict.stop h1", "Declined")
	p.has(".because h2", "balance is not enough")
	if p.header.Get("Till-Answer") != "payment" {
		t.Errorf("Till-Answer is %q, want payment", p.header.Get("Till-Answer"))
	}
}

// Goal: an unknown outcome is never called an error or a decline, and a browser without scripts
// looks again by itself. Method: a wallet that says nothing, then yes.
func TestPendingIsSaidAndLookedAtAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.till(0, "en")
	r.wallet.set("silence")

	p := b.sell("1980", sale1).is(200)

	p.has(".verdict.wait h1", "Waiting for the wallet")
	p.has(".because", "Do not charge again")
	if len(p.all("head noscript")) != 1 || !strings.Contains(p.source, `http-equiv="refresh"`) {
		t.Error("a browser without scripts would wait for ever")
	}
	if p.value("till-pending", "data-url") != p.path {
		t.Errorf("the page looks again at %q", p.value("till-pending", "data-url"))
	}

	r.wallet.set("")
	ctx, stop := context.WithCancel(context.Background())
	finished := make(chan struct{})
	go func() { r.Run(ctx); close(finished) }()
	t.Cleanup(func() { stop(); <-finished })
	for range 3000 {
		if p = b.get(p.path); p.text(".verdict.good h1") != "" {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("after the wallet's yes the page still says %q", p.text("h1"))
}

// Goal: the same amount on the same terminal is warned of while one waits (U3), before the code
// is asked for and again when it is sent; not on another terminal, not for the sale itself, and
// the cashier can go on. Method: a waiting payment and each of these.
func TestSameAmountIsWarnedOf(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b, other := r.till(0, "en"), r.till(1, "en")
	r.wallet.set("silence")
	code := r.code()
	waiting := b.post("/till/sales", "amount", "1980", "code", code, "request", sale1)

	warned := b.get("/till/scan?amount=1980").is(200)
	warned.has("h1", "The same amount is still waiting")
	if got := warned.value(".actions a", "href"); got != waiting.path {
		t.Errorf("the warning leads to %q, want %q", got, waiting.path)
	}
	sent := b.sell("1980", sale2).is(409)
	sent.has("h1", "The same amount is still waiting")
	if sent.header.Get("Till-Answer") != "warning" {
		t.Errorf("Till-Answer is %q, want warning", sent.header.Get("Till-Answer"))
	}
	if got := sent.value("form[data-sale] input[name=request]", "value"); got != sale2 {
		t.Errorf("going on sends the id %q, want %q", got, sale2)
	}

	b.get("/till/scan?amount=1980&sure=1").is(200).has("h1", "JPY 1,980")
	b.get("/till/scan?amount=1981").is(200).has("h1", "JPY 1,981")
	other.get("/till/scan?amount=1980").is(200).has("h1", "JPY 1,980")
	again := b.post("/till/sales", "amount", "1980", "code", code, "request", sale1)
	if again.path != waiting.path {
		t.Errorf("asking again leads to %s, want %s", again.path, waiting.path)
	}
	b.post("/till/sales", "amount", "1980", "code", r.code(), "request", sale3, "sure", "1").
		is(200).has("h1", "Waiting")
}

// Goal: each mistake of the two forms is shown at its field and nothing is asked. Method: bad
// amounts and codes.
func TestMistakesAreShownAtTheirField(t *testing.T) {
	t.Parallel()
	b := newRig(t).till(0, "en")
	for typed, want := range map[string]string{"": "Enter the amount.", "0": "at least 1 yen",
		"000": "at least 1 yen", "-5": "negative", "19.80": "no decimals", "abc": "digits only",
		"12345678901234": "At most 13 digits.", "1e3": "digits only"} {
		p := b.get("/till/scan?amount=" + typed).is(422)
		p.has("#amount-mistake", want)
		if p.value("#amount", "aria-invalid") != "true" {
			t.Errorf("%q: the field is not marked", typed)
		}
	}
	for code, want := range map[string]string{"": "Scan or enter", "a\x00b": "cannot be read",
		strings.Repeat("1", 3000): "too long", "\xff\xfe": "cannot be read"} {
		p := b.post("/till/sales", "amount", "500", "code", code, "request", sale1).is(422)
		p.has("#code-mistake", want)
		if p.header.Get("Till-Answer") != "mistake" {
			t.Errorf("%q: Till-Answer is %q, want mistake", code, p.header.Get("Till-Answer"))
		}
	}
	b.post("/till/sales", "amount", "x", "code", "1", "request", sale1).is(422).
		has("#amount-mistake", "digits only")
	if n := len(b.r.wallet.debits); n != 0 {
		t.Errorf("the wallet took %d payments, want none", n)
	}
}

// Goal: what is taken is what was typed, however it was typed. Method: wide digits and signs.
func TestAmountsAreReadAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	b := newRig(t).till(0, "ja")
	for _, typed := range []string{"1980", "1,980", "１９８０", "１，９８０円", "¥1,980", "0001980",
		"%201980%20", "JPY%201,980"} {
		b.get("/till/scan?amount="+typed).is(200).has("h1", "1,980 円")
	}
	b.get("/till/?amount=1980").is(200)
	if got := b.get("/till/?amount=1980").value("#amount", "value"); got != "1,980" {
		t.Errorf("the pad shows %q, want 1,980", got)
	}
}

// Goal: a till that is paused sells nothing and says why. Method: the terminal is suspended
// between two pages.
func TestSuspendedTillSaysSo(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.till(0, "en")
	r.must(r.db.Update(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		return r.reg.SetStatus(ctx, tx, "test", party.KindTerminal, r.terminals[0].No,
			party.Suspended)
	}))

	p := b.sell("1980", sale1)

	if p.status == 200 || len(r.wallet.debits) != 0 {
		t.Errorf("a suspended till got %d", p.status)
	}
	p.has("main", "till")
}

// Goal: a request id carries its terminal (U2). Method: two tills use the same page id; each gets
// a payment of its own.
func TestTillsDoNotShareRequestIDs(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	one, two := r.till(0, "en").sell("700", sale1), r.till(1, "en").sell("700", sale1)
	if one.path == two.path || two.status != 200 {
		t.Errorf("two tills got %s and %s", one.path, two.path)
	}
}

// Goal: the payments of this terminal without an outcome stand on the pad. Method: one waits here
// and one on the other till.
func TestWaitingPaymentsStandOnThePad(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.wallet.set("silence")
	here := r.till(0, "en")
	here.sell("1980", sale1)
	r.till(1, "en").sell("2500", sale1)

	for _, p := range []*page{here.get("/till/"), here.get("/till/waiting")} {
		if n := len(p.all("[data-waits]")); n != 1 {
			t.Errorf("%s: %d payments wait, want 1", p.path, n)
		}
		p.has("[data-waits]", "JPY 1,980")
	}
	list, _, err := r.List(context.Background(), payment.Filter{AcquirerNo: r.bank.No})
	r.must(err)
	if len(list) != 2 {
		t.Errorf("%d payments, want 2", len(list))
	}
}

// inGroups writes a code as phones show it, and its first digit as a Japanese keyboard does.
func inGroups(code string) string {
	full := string([]rune{rune(code[0]) - '0' + '０'}) + code[1:]
	return " " + full[:6] + " " + full[6:10] + "　" + full[10:] + " "
}
