package paypay_test

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"testing"
	"time"

	"watari/connect/paypay/sign"
	"watari/connect/paypay/wire"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/sandbox/paypay"
	"watari/sandbox/wallet"
)

// The goal is that a request is believed only when all of it is right: each part is wrong alone,
// for a call that changes nothing and for one that does.
func TestOnlyTheMerchantIsBelieved(t *testing.T) {
	t.Parallel()
	r := newRig(t, dbtest.New(t, db.SQLite, wallet.Migrations))
	none := func(*http.Request) {}
	header := func(name, value string) func(*sign.Message) func(*http.Request) {
		return func(*sign.Message) func(*http.Request) {
			return func(q *http.Request) { q.Header.Set(name, value) }
		}
	}
	for name, f := range map[string]func(*sign.Message) func(*http.Request){
		"no header":  header("Authorization", ""),
		"a bearer":   header("Authorization", "Bearer x"),
		"merchant":   header(sign.HeaderMerchant, "1"),
		"path":       func(m *sign.Message) func(*http.Request) { m.Path += "x"; return none },
		"method":     func(m *sign.Message) func(*http.Request) { m.Method = "PUT"; return none },
		"body":       func(m *sign.Message) func(*http.Request) { m.Body = []byte("x"); return none },
		"an old one": func(m *sign.Message) func(*http.Request) { m.Epoch -= 125; return none },
		"an early one": func(m *sign.Message) func(*http.Request) {
			m.Epoch += 125
			return none
		},
		"another key": func(m *sign.Message) func(*http.Request) {
			return func(q *http.Request) {
				q.Header.Set("Authorization", sign.Sign("another", r.secrets.APISecret, *m))
			}
		},
		"another secret": func(m *sign.Message) func(*http.Request) {
			return func(q *http.Request) {
				q.Header.Set("Authorization", sign.Sign(r.secrets.APIKey, "another", *m))
			}
		},
		"another in the query": func(*sign.Message) func(*http.Request) {
			return func(q *http.Request) { q.URL.RawQuery = "assumeMerchant=1" }
		},
	} {
		for _, q := range []*http.Request{r.request("POST", "/v2/codes", codeBody("M-1"), f),
			r.request("GET", "/v2/payments/M-1", "", f)} {
			reply, h := r.send(q)
			if reply.Code != wire.Unauthorised || reply.Status != 401 ||
				h.Get("X-REQUEST-ID") == "" {
				t.Errorf("%s, %s: got %+v", name, q.Method, reply)
			}
		}
	}
}

// The goal is what else stands at the door: content types, nonces, the merchant in the query, calls
// that there are not.
func TestDoorIsStrict(t *testing.T) {
	t.Parallel()
	r := newRig(t, dbtest.New(t, db.SQLite, wallet.Migrations))
	other := r.request("POST", "/v2/codes", codeBody("M-1"),
		func(m *sign.Message) func(*http.Request) {
			return func(q *http.Request) { q.Header.Set("Content-Type", "text/json") }
		})
	if reply, _ := r.send(other); reply.Code != wire.Unauthorised {
		t.Errorf("another content type than was signed: %+v", reply)
	}
	text := r.request("POST", "/v2/codes", codeBody("M-1"),
		func(m *sign.Message) func(*http.Request) {
			m.ContentType = "text/json"
			return func(q *http.Request) { q.Header.Set("Content-Type", "text/json") }
		})
	if reply, _ := r.send(text); reply.Code != wire.InvalidRequest {
		t.Errorf("another content type: %+v", reply)
	}
	q := r.request("GET", "/v2/payments/M-1", "", nil)
	for i, want := range []wire.Code{wire.NotFound, wire.Unauthorised} {
		if reply, _ := r.send(q.Clone(t.Context())); reply.Code != want {
			t.Errorf("nonce used %d times before: %+v, want %s", i, reply, want)
		}
	}
	plain := r.request("GET", "/v2/payments/M-1?assumeMerchant="+r.secrets.MerchantID, "",
		func(*sign.Message) func(*http.Request) {
			return func(q *http.Request) { q.Header.Del(sign.HeaderMerchant) }
		})
	if reply, _ := r.send(plain); reply.Code != wire.NotFound {
		t.Errorf("the merchant in the query: %+v", reply)
	}
	if reply, _ := r.send(r.request("GET", "/v2/nothing", "", nil)); reply.Code !=
		wire.OutOfScope {
		t.Errorf("no such call: %+v", reply)
	}
}

// The goal is that bodies are read strictly: every field that is wrong, and every one that is not
// documented, with PayPay's code for it.
func TestBodiesAreReadStrictly(t *testing.T) {
	t.Parallel()
	r := newRig(t, dbtest.New(t, db.SQLite, wallet.Migrations))
	scan := `{"merchantPaymentId":"M-1","paymentCode":"900081811234567890123456",` +
		`"amount":{"amount":1,"currency":"JPY"},"requestedAt":1}`
	charge := strings.ReplaceAll(strings.ReplaceAll(scan, "paymentCode", "userAuthorizationId"),
		"900081811234567890123456", "uaid-1")
	const bad, missing = wire.InvalidRequest, wire.MissingRequest
	for _, c := range []struct {
		path, body, from, to string
		want                 wire.Code
	}{
		{"/v2/codes", codeBody("M-1"), `"M-1"`, `""`, missing},
		{"/v2/codes", codeBody("M-1"), `"M-1"`, `"M 1"`, bad},
		{"/v2/codes", codeBody("M-1"), `"M-1"`, `"寿司"`, bad},
		{"/v2/codes", codeBody("M-1"), `"M-1"`, `"` + strings.Repeat("M", 65) + `"`, bad},
		{"/v2/codes", codeBody("M-1"), `JPY`, `CNY`, bad},
		{"/v2/codes", codeBody("M-1"), `,"currency":"JPY"`, ``, missing},
		{"/v2/codes", codeBody("M-1"), `1980`, `0`, bad},
		{"/v2/codes", codeBody("M-1"), `1980`, `-1`, bad},
		{"/v2/codes", codeBody("M-1"), `1980`, `1980.5`, bad},
		{"/v2/codes", codeBody("M-1"), `1980`, `"1980"`, bad},
		{"/v2/codes", codeBody("M-1"), `1980`, `100000000000`, bad},
		{"/v2/codes", codeBody("M-1"), `"amount":{"amount":1980,"currency":"JPY"},`, ``, missing},
		{"/v2/codes", codeBody("M-1"), `ORDER_QR`, `TOPUP_QR`, bad},
		{"/v2/codes", codeBody("M-1"), `三町`, strings.Repeat("三", 256), bad},
		{"/v2/codes", codeBody("M-1"), `"storeInfo"`, `"shopInfo"`, bad},
		{"/v2/codes", codeBody("M-1"), `}`, `},"redirectType":"CARRIER_PIGEON"`, bad},
		{"/v2/codes", codeBody("M-1"), `"三町"}`, `"三町"} {}`, bad},
		{"/v2/codes", "[]", "", "", bad},
		{"/v2/codes", "", "", "", bad},
		{"/v2/payments", charge, `,"requestedAt":1`, ``, missing},
		{"/v2/payments", charge, `uaid-1`, ``, missing},
		{"/v2/payments/preauthorize", charge, `"requestedAt":1`, `"requestedAt":-1`, bad},
		{wire.PathSimulatedScan, scan, `900081811234567890123456`, ``, missing},
		{wire.PathSimulatedScan, scan, `"requestedAt":1`, `"requestedAt":1,"extra":1`, bad},
		{"/v2/payments/capture", charge, "", "", bad},
		{"/v2/payments/capture", `{"merchantPaymentId":"M-1"}`, "", "", missing},
		{"/v2/payments/preauthorize/revert", `{"paymentId":"7"}`, "", "", missing},
		{"/v2/refunds", `{"merchantRefundId":"R-1"}`, "", "", missing},
		{"/v1/qr/sessions", `{"nonce":"n"}`, "", "", missing},
	} {
		body := strings.Replace(c.body, c.from, c.to, 1)
		reply, _ := r.send(r.request("POST", c.path, body, nil))
		if reply.Code != c.want || reply.Status != 400 {
			t.Errorf("%s %s: got %+v, want %s", c.path, body, reply, c.want)
		}
	}
	for _, path := range []string{"/v2/payments/M%201", "/v2/codes/payments/%E5%AF%BF",
		"/v2/refunds/" + strings.Repeat("R", 65)} {
		r.call("GET", path, "", wire.InvalidRequest, nil)
	}
}

// The goal is the life of an order on both engines: made once, paid by whoever scans it, cancelled
// or refunded, and told as PayPay tells it; money is where it says.
func TestOrderIsMadePaidAndGivenBack(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, []fs.FS{wallet.Migrations}, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		made := r.code("M-1")
		if !strings.HasPrefix(made.URL, r.server.URL+"/qr/28180104") ||
			!strings.HasPrefix(made.CodeID, "04-") || made.MerchantPaymentID != "M-1" ||
			made.Expiry <= clock.Now().Unix() {
			t.Errorf("made %+v", made)
		}
		var open wire.PaymentData
		r.call("GET", "/v2/codes/payments/M-1", "", wire.Success, &open)
		if open.Status != "CREATED" || open.MerchantPaymentID != "" || open.Amount != nil {
			t.Errorf("an unpaid code is told as %+v", open)
		}
		r.call("POST", "/v2/codes", codeBody("M-1"), wire.DuplicateCode, nil)
		r.pay(made.URL)
		if got := r.balance(); got != 98_020 {
			t.Errorf("the user has %d", got)
		}
		paid := r.state("M-1")
		if paid.Status != "COMPLETED" || len(paid.PaymentID) != 20 || paid.Amount.Amount != 1980 {
			t.Errorf("paid: %+v", paid)
		}
		refund := func(id string, yen int, want wire.Code) {
			t.Helper()
			r.call("POST", "/v2/refunds", fmt.Sprintf(`{"merchantRefundId":%q,"paymentId":%q,`+
				`"amount":{"amount":%d,"currency":"JPY"},"requestedAt":1}`, id, paid.PaymentID,
				yen), want, nil)
		}
		refund("R-1", 980, wire.Success)
		refund("R-1", 980, wire.Success)
		refund("R-1", 981, wire.InvalidRequest)
		refund("R-2", 1001, wire.InvalidParams)
		r.call("GET", "/v2/refunds/R-2", "", wire.RefundNotFound, nil)
		r.call("GET", "/v2/refunds/R-1?paymentId=8", "", wire.RefundNotFound, nil)
		r.call("DELETE", "/v2/payments/M-1", "", wire.NotReversible, nil)
		if got := r.balance(); got != 99_000 {
			t.Errorf("after the refund the user has %d", got)
		}
		if back := r.state("M-1"); back.Status != "REFUNDED" || len(back.Refunds.Data) != 1 {
			t.Errorf("refunded: %+v", back)
		}
		r.pay(r.code("M-2").Deeplink)
		r.call("DELETE", "/v2/payments/M-2", "", wire.Accepted, nil)
		if gone := r.state("M-2"); gone.Status != "FAILED" || gone.CancelledAt == 0 {
			t.Errorf("cancelled: %+v", gone)
		}
		r.call("DELETE", "/v2/payments/M-3", "", wire.Accepted, nil)
		r.call("POST", "/v2/codes", codeBody("M-3"), wire.DuplicateCode, nil)
		if got := r.balance(); got != 99_000 {
			t.Errorf("at the end the user has %d", got)
		}
	})
}

// The goal is what a phone makes of a text: its own codes by either address, another's order, a
// closed one, pages, and nothing.
func TestPhoneReadsWhatItScans(t *testing.T) {
	t.Parallel()
	r := newRig(t, dbtest.New(t, db.SQLite, wallet.Migrations))
	made := r.code("M-1")
	scan := func(who, text string) (wallet.Scanned, error) {
		return r.wallet.Scan(t.Context(), r.front, who, text, nil)
	}
	for _, text := range []string{made.URL, made.Deeplink, " " + made.URL + "\n"} {
		if s, err := scan(user, text); err != nil || s.RequestID != "M-1" {
			t.Errorf("%q: %+v, %v", text, s, err)
		}
	}
	if s, err := scan(other, made.URL); err != nil || s.Why != wallet.WhyTaken {
		t.Errorf("another's order: %+v, %v", s, err)
	}
	closed := r.code("M-2")
	r.call("DELETE", "/v2/codes/"+closed.CodeID, "", wire.Success, nil)
	r.call("DELETE", "/v2/codes/"+closed.CodeID, "", wire.CodeNotFound, nil)
	if s, err := scan(user, closed.URL); err != nil || s.Why != wallet.WhyClosed {
		t.Errorf("a closed order: %+v, %v", s, err)
	}
	for _, page := range []string{"https://pay.example/q/abc", "http://127.0.0.1/qr/28180104xxx"} {
		if s, err := scan(user, page); err != nil || s.OpenURL != page {
			t.Errorf("%s: %+v, %v", page, s, err)
		}
	}
	for _, text := range []string{"", "hello", "900081811234567890123456", "ftp://x/y"} {
		if s, err := scan(user, text); !errors.Is(err, wallet.ErrUnreadable) {
			t.Errorf("%q: %+v, %v", text, s, err)
		}
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
	for address, want := range map[string]string{made.URL: r.server.URL + "/pay/M-1",
		r.server.URL + "/qr/28180104none": "", r.server.URL + "/qr/none": ""} {
		res, err := client.Get(address)
		r.do("open in a browser", err)
		res.Body.Close()
		if res.Header.Get("Location") != want {
			t.Errorf("%s leads to %q", address, res.Header.Get("Location"))
		}
	}
	code, err := r.front.Code(t.Context(), user)
	r.do("make a payment code", err)
	if len(code.Value) != 24 || !strings.HasPrefix(code.Value, "90008181") ||
		code.Until.Sub(code.From) != 5*time.Minute {
		t.Errorf("got %+v", code)
	}
}

// The goal is what the merchant is told without asking: payments that a user made or refused, and
// refunds, again until it is taken and no more than four times; cancels are not told.
func TestNoticesAreSentAndGivenUp(t *testing.T) {
	t.Parallel()
	r := newRig(t, dbtest.New(t, db.SQLite, wallet.Migrations))
	r.refuse.Store(2)
	r.pay(r.code("M-1").URL)
	n := r.told(1)[0]
	if n.Type != "Transaction" || n.MerchantID != r.secrets.MerchantID ||
		n.MerchantOrderID != "M-1" || n.State != "COMPLETED" || string(n.OrderAmount) != "1980" ||
		n.PaidAt == "" || len(n.OrderID) != 20 {
		t.Errorf("told %+v", n)
	}
	r.call("POST", "/v2/refunds", fmt.Sprintf(`{"merchantRefundId":"R-1","paymentId":%q,`+
		`"amount":{"amount":1,"currency":"JPY"},"requestedAt":1}`, n.OrderID), wire.Success, nil)
	if n := r.told(2)[1]; n.State != "REFUNDED" || n.MerchantOrderID != "M-1" {
		t.Errorf("told %+v", n)
	}
	s, err := r.wallet.Scan(t.Context(), r.front, user, r.code("M-2").URL, nil)
	r.do("scan", err)
	p, err := r.wallet.Payment(t.Context(), s.RequestID)
	r.do("find the payment", err)
	_, err = r.wallet.Refuse(t.Context(), user, p.PaymentID)
	r.do("refuse", err)
	if n := r.told(3)[2]; n.State != "FAILED" || n.MerchantOrderID != "M-2" {
		t.Errorf("told %+v", n)
	}
	if d := r.state("M-2"); d.Status != "FAILED" {
		t.Errorf("refused: %+v", d)
	}
	r.refuse.Store(1000)
	r.pay(r.code("M-3").URL)
	for range 3000 {
		time.Sleep(20 * time.Millisecond)
		if r.refuse.Load() <= 996 {
			break
		}
	}
	time.Sleep(200 * time.Millisecond)
	if left := r.refuse.Load(); left != 996 {
		t.Errorf("%d attempts, want 4", 1000-left)
	}
}

// The goal is that every reason of the books has a code of the protocol.
func TestEveryReasonHasACode(t *testing.T) {
	t.Parallel()
	r := newRig(t, dbtest.New(t, db.SQLite, wallet.Migrations))
	for _, why := range wallet.Whys() {
		status, known := wire.Code(r.front.Explain(why)).Status()
		if !known || status >= 500 {
			t.Errorf("%s is %s", why, r.front.Explain(why))
		}
	}
}

// The goal is that faults which are set through the control interface are met by codes.
func TestFaultsAreMet(t *testing.T) {
	t.Parallel()
	r := newRig(t, dbtest.New(t, db.SQLite, wallet.Migrations))
	once := int64(1)
	r.do("set a fault", r.wallet.SetFault(t.Context(), wallet.ModeDecline, &once))
	r.call("POST", "/v2/codes", codeBody("M-1"), wire.NoFunds, nil)
	r.do("set a fault", r.wallet.SetFault(t.Context(), wallet.ModeDrop, &once))
	if res, err := http.DefaultClient.Do(r.request("POST", "/v2/codes", codeBody("M-2"),
		nil)); err == nil {
		res.Body.Close()
		t.Errorf("a dropped answer came: HTTP %d", res.StatusCode)
	}
	var d wire.PaymentData
	r.call("GET", "/v2/codes/payments/M-2", "", wire.Success, &d)
	if d.Status != "CREATED" {
		t.Errorf("what was made before the drop: %+v", d)
	}
	r.do("set a fault", r.wallet.SetFault(t.Context(), wallet.ModeTimeout, &once))
	if res, err := http.DefaultClient.Do(r.request("POST", "/v2/codes", codeBody("M-3"),
		nil)); err == nil {
		res.Body.Close()
		t.Errorf("an answer came: HTTP %d", res.StatusCode)
	}
	r.call("GET", "/v2/codes/payments/M-3", "", wire.CodePaymentNotFound, nil)
}

// The goal is that a front is not made of half an agreement.
func TestAgreementIsWhole(t *testing.T) {
	t.Parallel()
	r := newRig(t, dbtest.New(t, db.SQLite, wallet.Migrations))
	for _, own := range []string{"", "{}", `{"api_key":"k"}`, `{"api_key":"k","api_secret":"s"}`} {
		if _, err := paypay.New(wallet.Parts{Wallet: r.wallet, Log: log(),
			Networks: nowhere, Secrets: []byte(own)}); err == nil {
			t.Errorf("%q is taken", own)
		}
	}
}
