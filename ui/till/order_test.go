package till_test

import (
	"context"
	"image"
	"image/color"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"watari/kit/clock"
	"watari/kit/i18n"
	"watari/kit/money"
	"watari/pay/link"
	"watari/pay/payment"
)

// ordered makes an order through the form of the pad and returns its screen.
func (b *browser) ordered(amount string) *page {
	b.r.t.Helper()
	pad := b.get("/till/").is(200)
	if pad.value("[formaction='/till/orders']", "formmethod") != "post" {
		b.r.t.Fatal("the pad does not offer a QR")
	}
	return b.post("/till/orders", "amount", amount, "request",
		pad.value("input[name=request]", "value"))
}

// Goal: a customer can pay by scanning the till, and the till says so. Method: amount, QR, the
// code read by an independent reader, the wallet's yes, result, list, refund; by forms alone.
func TestOrderIsShownPaidAndRefunded(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.till(0, "en")

	p := b.ordered("1,980").is(200)

	p.has(".qrhead h1", "JPY 1,980")
	p.has("time-left", ":")
	p.has(".qrbox figcaption", "TestPay")
	if !strings.HasSuffix(p.path, "/result") || !strings.Contains(p.source, `http-equiv="refresh"`) {
		t.Errorf("the order is at %s, or a browser without scripts waits for ever", p.path)
	}
	id := p.value("main", "data-payment")
	if got, want := reads(t, p), public+"/q/"+strings.TrimPrefix(id, "pay_"); got != want {
		t.Errorf("the QR code says %q, want %q", got, want)
	}
	b.get("/till/").is(200).has("[data-waits]", "JPY 1,980")
	b.get("/till/day").is(200).has(".rows", "QR, not paid")
	b.get("/till/payments/"+id).is(200).has(".facts", "QR on the till")

	choose(r, id)
	asked := b.get(p.path).is(200)
	asked.has(".note", "TestPay was chosen")
	if asked.value("till-pending", "data-stage") == p.value("till-pending", "data-stage") {
		t.Error("the screen does not change when a wallet is chosen")
	}
	r.paysOrder()

	done := b.get(p.path).is(200)
	done.has(".verdict.good h1", "Approved")
	done.has(".verdict .payer", "TestPay CNY")
	b.get("/till/day").is(200).has(".rows", "TestPay")
	b.post("/till/payments/"+id+"/refunds", "amount", "990", "request", sale1).is(200).
		has(".verdict.good h1", "Refunded")
}

// choose is a customer who picks the wallet on the order's page.
func choose(r *rig, id string) {
	r.t.Helper()
	ctx := context.Background()
	p, err := r.Find(ctx, r.bank.No, payment.ChannelTill, payment.Ref{PaymentID: id})
	r.must(err)
	_, err = r.Choose(ctx, payment.Choice{Payment: p, IssuerNo: r.issuer.No, Way: link.WayPage,
		Began: clock.Now()})
	r.must(err)
}

// Goal: one press makes one order, and the same amount is warned of (U3). Method: the form twice,
// then another form of the same amount, then going on.
func TestOrderIsMadeOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.till(0, "en")
	fields := []string{"amount", "1980", "request", sale1}

	first, second := b.post("/till/orders", fields...), b.post("/till/orders", fields...)
	if first.path != second.path || !strings.HasSuffix(first.path, "/result") {
		t.Errorf("orders at %s and %s, want one", first.path, second.path)
	}
	warned := b.post("/till/orders", "amount", "1980", "request", sale2).is(409)
	warned.has("h1", "The same amount is still waiting")
	b.get("/till/scan?amount=1980").is(200).has("h1", "The same amount is still waiting")
	other := b.post("/till/orders", "amount", "1980", "request",
		warned.value("form input[name=request]", "value"), "sure", "1").is(200)
	if other.path == first.path {
		t.Error("another customer got the first one's order")
	}
	b.post("/till/orders", "amount", "2,000", "request", sale1).is(200).
		has(".qrhead h1", "JPY 2,000")
	b.post("/till/orders", "amount", "0", "request", sale1).is(422).
		has("#amount-mistake", "at least 1 yen")
	b.post("/till/orders", "amount", "500", "request", "x").is(200).has("h1", "JPY 500")
	list, _, err := r.List(context.Background(), payment.Filter{AcquirerNo: r.bank.No})
	r.must(err)
	if len(list) != 4 {
		t.Errorf("%d orders, want 4", len(list))
	}
	b.get("/till/orders").is(200).has("h1", "Enter the amount")
}

// Goal: the cashier can take a QR back with one press, and nothing is charged. Method: cancel on
// the order's screen.
func TestOrderIsCancelledFromItsScreen(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.till(0, "en")
	p := b.ordered("1980")
	cancel := p.value(".foot form", "action")

	done := b.post(cancel).is(200)

	done.has(".verdict.void h1", "Cancelled")
	if got := b.get(p.path).text(".verdict h1"); got != "Cancelled" {
		t.Errorf("the result says %q", got)
	}
}

// Goal: a wallet's own code is shown where it makes one, and its no leads back. Method: the
// chooser, a wallet that declines, and one that is not there.
func TestOwnCodeOfAWallet(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.till(0, "en")
	p := b.ordered("1980")
	at := p.value(".owncodes form", "action")

	own := b.post(at, "wallet", "TESTPAY").is(200)
	own.has(".qrbox figcaption", "For TestPay only")
	if got := reads(t, own); !strings.HasPrefix(got, "testpay://order/leg_") {
		t.Errorf("the QR code says %q", got)
	}
	if got := own.value("till-pending", "data-stage"); got != "" {
		t.Errorf("the code gives way to another stage: %q", got)
	}
	if again := b.post(at, "wallet", "TESTPAY").is(200); reads(t, again) != reads(t, own) {
		t.Error("the same wallet makes two orders")
	}
	b.post(at, "wallet", "NOBODY").is(200).has(".qrbox figcaption", "Scan with your wallet")

	q := b.post("/till/orders", "amount", "700", "request", sale2)
	r.wallet.set("decline")
	r.wallet.reason = link.ReasonMerchant
	no := b.post(q.value(".owncodes form", "action"), "wallet", "TESTPAY").is(422)
	no.has("h1", "No code from TestPay")
	no.has(".because h2", "This wallet does not accept payments at this store.")
	no.has(".actions a", "The code for all wallets")

	r.wallet.set("")
	r.paysOrder()
	b.post(at, "wallet", "TESTPAY").is(200).has(".verdict.good h1", "Approved")
}

// Goal: the till's first screen names the wallets that it takes. Method: the pad in five
// languages.
func TestPadNamesItsWallets(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, lang := range i18n.Langs() {
		r.till(0, string(lang)).get("/till/").is(200).has(".takes", "TestPay")
	}
}

// Goal: what a customer pays by the shop's printed code, where no till waits for it, is told to
// every till of the store. Method: the live stream while such an order is paid.
func TestPrintedCodeIsNews(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.till(0, "en")
	lines := b.stream(t.Context())
	next(t, lines, "event: hello")
	ctx := context.Background()
	p, err := r.Open(ctx, payment.Order{Origin: payment.Origin{AcquirerNo: r.bank.No,
		Channel: payment.ChannelScan, RequestID: "s-1", Actor: "payer", Began: clock.Now()},
		MerchantID: "M1", StoreID: "S1", Amount: money.MustNew(1200, "JPY"),
		Way: link.WayEntry})
	r.must(err)
	choose(r, p.ID)
	r.paysOrder()

	if line := next(t, lines, `"news":true`); !strings.Contains(line, "JPY 1,200: Paid") {
		t.Errorf("the stream says %s", line)
	}
}

var (
	viewBox = regexp.MustCompile(`viewBox="0 0 (\d+) (\d+)" role="img"`)
	box     = regexp.MustCompile(`M(\d+) (\d+)h(\d+)v(\d+)h-\d+z`)
)

// reads scans the QR code of a page with an independent reader.
func reads(t *testing.T, p *page) string {
	t.Helper()
	_, code, _ := strings.Cut(p.source, `class="square"`)
	size := viewBox.FindStringSubmatch(code)
	if size == nil {
		t.Fatalf("there is no QR code on %s", p.path)
	}
	number := func(s string) int {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	const dots = 4
	img := image.NewGray(image.Rect(0, 0, number(size[1])*dots, number(size[2])*dots))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	for _, m := range box.FindAllStringSubmatch(code, -1) {
		x, y, w, h := number(m[1]), number(m[2]), number(m[3]), number(m[4])
		for dx := range w * dots {
			for dy := range h * dots {
				img.SetGray(x*dots+dx, y*dots+dy, color.Gray{})
			}
		}
	}
	bitmap, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		t.Fatal(err)
	}
	found, err := qrcode.NewQRCodeReader().Decode(bitmap, nil)
	if err != nil {
		t.Fatalf("the QR code cannot be read: %v", err)
	}
	return found.GetText()
}
