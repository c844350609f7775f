package network

import (
	"context"
	"encoding/base64"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"watari/kit/clock"
	"watari/kit/id"
)

// refusal is a bad request over Alipay+ and what is expected of the network.
type refusal struct {
	name string
	// path is pathPay unless it says otherwise. One of message and body makes the text; tamper
	// changes the request after it was signed.
	path    string
	message func(m object)
	body    func() string
	style   func(*style)
	tamper  func(*http.Request)

	want string // status and code
	says string // in the message that the bank gets: what is wrong, and where
	line string // in the line that the operator gets, beside client, path and code
}

// The goal is that bad input over Alipay+ gets the result code that the protocol has for it, with
// what and where, moves no money, writes nothing but stored refusals, and leaves one line that an
// operator can act on. The method: a table of bad requests to a running network, and after it the
// wallet's balances, the events and the books as they were.
func TestBadAlipayPlusInputIsRefused(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		var sales [4]*sale
		for i, n := range []int{0, 0, 1, 0} {
			var err error
			if sales[i], err = w.sale(n); err != nil {
				t.Fatalf("obtain a code: %v", err)
			}
		}
		paid, fresh, foreign := sales[0], sales[1], sales[2]
		wants(t, "S SUCCESS")(paid.pay(documented(), nil))
		theirs := wants(t, "S SUCCESS")(foreign.pay(documented(), nil))

		still := w.unmoved(t)
		events := w.events(t, fresh.bank)
		for _, c := range unreadable(w) {
			t.Run(c.name, func(t *testing.T) { refuse(t, w, fresh, c) })
		}
		if now := w.events(t, fresh.bank); now != events {
			t.Errorf("unreadable requests left %d events", now-events)
		}
		still()
		// The id and the code of the requests that could not be read are still free.
		wants(t, "S SUCCESS")(fresh.pay(documented(), nil))

		still = w.unmoved(t)
		for _, c := range readable(paid, theirs.PaymentID) {
			one := *sales[3]
			one.id = "r-" + id.Secret(12)
			t.Run(c.name, func(t *testing.T) { refuse(t, w, &one, c) })
		}
		still()
		w.t = t
		w.agree(settleWait)
	})
}

// unmoved notes what everybody has and what is booked; the function that it returns reports what
// has changed.
func (w *world) unmoved(t *testing.T) func() {
	t.Helper()
	balances, books := w.balances(t), w.verify()
	return func() {
		t.Helper()
		if now := w.balances(t); !maps.Equal(now, balances) {
			t.Errorf("the wallet's balances were %v and are %v", balances, now)
		}
		if now := w.verify(); now.Transfers != books.Transfers {
			t.Errorf("%d transfers were booked", now.Transfers-books.Transfers)
		}
	}
}

// refuse sends a bad request and checks answer and line.
func refuse(t *testing.T, w *world, s *sale, c refusal) {
	t.Helper()
	st := documented()
	if c.style != nil {
		c.style(&st)
	}
	if c.path == "" {
		c.path = pathPay
	}
	m := s.message(st)
	if c.message != nil {
		c.message(m)
	}
	body := st.write(m)
	if c.body != nil {
		body = []byte(c.body())
	}
	r, err := s.bank.aps.request(context.Background(), st, c.path, body)
	if err != nil {
		t.Fatalf("sign: %v", err)
	}
	if c.tamper != nil {
		c.tamper(r)
	}
	before := w.server.Log()
	got := wants(t, c.want)(s.bank.aps.send(st, r))
	if !strings.Contains(got.Result.Message, c.says) {
		t.Errorf("the message is %q, want %q in it", got.Result.Message, c.says)
	}
	_, code, _ := strings.Cut(c.want, " ")
	oneLine(t, w, before, "alipay+ request refused", "code="+code, "path=", "client=", c.line)
}

// oneLine waits for the line of a refusal and wants exactly one, with these texts.
func oneLine(t *testing.T, w *world, before string, texts ...string) {
	t.Helper()
	var lines []string
	eventually(t, 10*time.Second, "the log has a line", func() error {
		lines = lines[:0]
		added, _ := strings.CutPrefix(w.server.Log(), before)
		for line := range strings.Lines(added) {
			if strings.Contains(line, "refused") {
				lines = append(lines, line)
			}
		}
		if len(lines) == 0 {
			return errNotYet
		}
		return nil
	})
	if len(lines) != 1 {
		t.Errorf("the log has %d lines, want 1: %q", len(lines), lines)
	}
	for _, text := range texts {
		if !strings.Contains(lines[0], text) {
			t.Errorf("the log says %q, want %q in it", lines[0], text)
		}
	}
}

// events counts what the bank's event feed has.
func (w *world) events(t *testing.T, b *bank) (n int) {
	t.Helper()
	for cursor := ""; ; {
		var page struct {
			Items []object `json:"items"`
			Next  string   `json:"next_cursor"`
		}
		if err := b.api.read("/v1/events?limit=500&cursor="+cursor, &page); err != nil {
			t.Fatalf("read events: %v", err)
		}
		if n += len(page.Items); len(page.Items) == 0 {
			return n
		}
		cursor = page.Next
	}
}

// unreadable are requests that nobody is known to have sent, or that cannot be read: nothing may
// be written for them.
func unreadable(w *world) []refusal {
	other := w.banks[1].aps
	return append([]refusal{
		{name: "a body that was changed on its way", tamper: func(r *http.Request) {
			text := `{"paymentRequestId":"forged"}`
			r.Body, r.ContentLength = body(text), int64(len(text))
		}, want: "F INVALID_SIGNATURE", says: "SHA-256", line: "explain-signature"},
		{name: "the key of another bank", style: func(st *style) {
			st.encode = func([]byte) string { return escaped(make([]byte, 256)) }
		}, want: "F INVALID_SIGNATURE", says: "expected: POST " + pathPay, line: "keyVersion 1"},
		{name: "another bank's name on our signature", tamper: func(r *http.Request) {
			r.Header["Client-Id"] = []string{other.clientID}
		}, want: "F INVALID_SIGNATURE", says: "expected", line: "client=" + other.clientID},
		{name: "no signature", tamper: func(r *http.Request) { r.Header.Del("Signature") },
			want: "F INVALID_SIGNATURE", says: "signature header", line: "header Signature"},
		{name: "half a signature", style: func(st *style) {
			st.encode = func(b []byte) string { return base64.StdEncoding.EncodeToString(b[:100]) }
		}, want: "F INVALID_SIGNATURE", line: "keyVersion 1"},
		{name: "an unknown client", tamper: func(r *http.Request) {
			r.Header["Client-Id"] = []string{"NOBODY"}
		}, want: "F INVALID_CLIENT", says: "client", line: "client=NOBODY"},
		{name: "no client", tamper: func(r *http.Request) { r.Header.Del("Client-Id") },
			want: "F INVALID_CLIENT", says: "Client-Id", line: "header Client-Id"},
		{name: "an unknown key version", style: func(st *style) {
			st.signature = "algorithm=RSA256,keyVersion=7,signature=%[2]s"
		}, want: "F KEY_NOT_FOUND", says: "version 7", line: "keyVersion 7"},
		{name: "no key version", style: func(st *style) {
			st.signature = "algorithm=RSA256,signature=%[2]s"
		}, want: "F KEY_NOT_FOUND", says: "keyVersion", line: "header Signature"},
		{name: "a request of an hour ago", style: func(st *style) {
			st.at = func(time.Time) string { return iso(clock.Now().Add(-time.Hour)) }
		}, want: "F INVALID_SIGNATURE", says: "time", line: "header Request-Time"},
		{name: "no time", tamper: func(r *http.Request) { r.Header.Del("Request-Time") },
			want: "F INVALID_SIGNATURE", says: "Request-Time", line: "header Request-Time"},
		{name: "a path that is none", path: "/aps/api/v1/payments/payy",
			want: "F NO_INTERFACE_DEF", line: "part=path"},
		{name: "the wallets' interface", path: "/aps/api/v1/codes/getPaymentCode",
			want: "F ACCESS_DENIED", says: "issuer", line: "part=role"},
		{name: "another method", tamper: func(r *http.Request) { r.Method = http.MethodPut },
			want: "F METHOD_NOT_SUPPORTED", says: "POST", line: "part=method"},
		{name: "another media type", tamper: func(r *http.Request) {
			r.Header["Content-Type"] = []string{"text/xml"}
		}, want: "F MEDIA_TYPE_NOT_ACCEPTABLE", says: "application/json",
			line: `part="content type"`},
	}, unreadableBodies()...)
}

// unreadableBodies are bodies that are signed well and say nothing that could be kept.
func unreadableBodies() []refusal {
	text := func(s string) func() string { return func() string { return s } }
	bad := func(name, says string, change func(m object)) refusal {
		return refusal{name: name, message: change, want: "F PARAM_ILLEGAL", says: says, line: says}
	}
	amount := func(v any) func(m object) {
		return func(m object) { m["paymentAmount"].(object)["value"] = v }
	}
	order := func(field string, v any) func(m object) {
		return func(m object) { m["order"].(object)[field] = v }
	}
	const value = "paymentAmount.value"
	return []refusal{
		{name: "no JSON", body: text("{"), want: "F PARAM_ILLEGAL", says: "the body", line: "part=body"},
		{name: "an empty body", body: text(""), want: "F PARAM_ILLEGAL", says: "empty"},
		{name: "two documents", body: text("{}{}"), want: "F PARAM_ILLEGAL", says: "after its end"},
		{name: "a list", body: text("[]"), want: "F PARAM_ILLEGAL", says: "object"},
		{name: "a member twice", body: text(`{"paymentRequestId":"a","paymentRequestId":"b"}`),
			want: "F PARAM_ILLEGAL", says: "twice"},
		{name: "a body like a well", body: text(strings.Repeat(`{"a":`, 10_000)),
			want: "F PARAM_ILLEGAL", says: "levels deep"},
		{name: "a body over the limit", body: text(`{"a":"` + strings.Repeat("x", 64<<10) + `"}`),
			want: "F PARAM_ILLEGAL", says: "over 65536 bytes", line: "part=body"},
		{name: "a NUL byte", body: text("{\"paymentRequestId\":\"a\x00b\"}"),
			want: "F PARAM_ILLEGAL", says: "NUL"},
		{name: "an escaped NUL", body: text(`{"paymentRequestId":"a\u0000b"}`),
			want: "F PARAM_ILLEGAL", says: "NUL"},
		{name: "invalid UTF-8", body: text("{\"paymentRequestId\":\"a\xff\"}"),
			want: "F PARAM_ILLEGAL", says: "UTF-8"},
		{name: "half a surrogate pair", body: text(`{"paymentRequestId":"a\ud800"}`),
			want: "F PARAM_ILLEGAL", says: "surrogate"},
		bad("no request id", "paymentRequestId", func(m object) { delete(m, "paymentRequestId") }),
		bad("an empty request id", "paymentRequestId", func(m object) { m["paymentRequestId"] = "" }),
		bad("a long request id", "paymentRequestId", func(m object) {
			m["paymentRequestId"] = strings.Repeat("x", 65)
		}),
		bad("no store", "order.merchant.store", func(m object) {
			delete(m["order"].(object)["merchant"].(object), "store")
		}),
		bad("no order", "order", func(m object) { delete(m, "order") }),
		bad("an order that is a list", "order", func(m object) { m["order"] = []any{} }),
		bad("a description that is a number of things", "order.orderDescription",
			order("orderDescription", object{"a": "b"})),
		bad("a long description", "order.orderDescription",
			order("orderDescription", strings.Repeat("長", 257))),
		bad("no amount", "paymentAmount", func(m object) { delete(m, "paymentAmount") }),
		bad("an amount without a currency", "paymentAmount", func(m object) {
			m["paymentAmount"] = "1980"
		}),
		bad("zero yen", value, amount("0")),
		bad("negative yen", value, amount("-1980")),
		bad("fractional yen", value, amount("19.8")),
		bad("yen with decimals", value, amount(1980.5)),
		bad("an amount above 2^53", value, amount("9007199254740993")),
		bad("an amount of twenty digits", value, amount("99999999999999999999")),
		bad("a currency that is none", "paymentAmount.currency", func(m object) {
			m["paymentAmount"].(object)["currency"] = "XXQ"
		}),
		bad("a notice address that is none", "paymentNotifyUrl", func(m object) {
			m["paymentNotifyUrl"] = "ftp://bank.example"
		}),
	}
}

// readable are requests that are refused for what they ask. Their refusals are kept. theirs is a
// payment of another bank.
func readable(paid *sale, theirs string) []refusal {
	method := func(code string) func(m object) {
		return func(m object) { m["paymentMethod"].(object)["paymentMethodId"] = code }
	}
	text := func(m object, more object) func() string {
		maps.Copy(m, more)
		return func() string { return string(documented().write(m)) }
	}
	about := func(s *sale, more object) func() string { return text(s.byRequest(), more) }
	named := func(more object) func() string { return text(object{"paymentId": theirs}, more) }
	yen := documented().yen
	all := []refusal{
		{name: "another currency", message: func(m object) {
			m["paymentAmount"].(object)["currency"] = "USD"
		}, want: "F CURRENCY_NOT_SUPPORT", says: "JPY", line: "currency-not-supported"},
		{name: "a code that is no code", message: method("9999"), want: "F INVALID_CODE"},
		{name: "a code of nobody", message: method("251001020000000000000000"),
			want: "F INVALID_CODE", says: "not issued here", line: "wallet-code-unknown"},
		{name: "a used code", message: method(paid.code), want: "F INVALID_CODE",
			says: "used before", line: "wallet-code-used"},
		{name: "an amount over the limit", message: func(m object) {
			m["paymentAmount"] = yen(500_001)
		}, want: "F PAYMENT_AMOUNT_EXCEED_LIMIT", line: "limit-payment"},
		{name: "a settlement that was not agreed", message: func(m object) {
			m["settlementStrategy"] = object{"settlementCurrency": "USD"}
		}, want: "F INVALID_CONTRACT", says: "JPY"},
		{name: "a payment that is not there", path: pathInquiry, body: about(&sale{id: "never"}, nil),
			want: "F ORDER_NOT_EXIST", line: "payment-not-found"},
		{name: "a refund over the rest", path: pathRefund, body: about(paid, object{
			"refundRequestId": id.Secret(10), "refundAmount": yen(paid.yen + 1)}),
			want: "F REFUND_AMOUNT_EXCEED", line: "refund-amount-exceeded"},
		{name: "a refund in dollars", path: pathRefund, body: about(paid, object{
			"refundRequestId": id.Secret(10),
			"refundAmount":    object{"currency": "USD", "value": "1"}}),
			want: "F CURRENCY_NOT_SUPPORT"},
		{name: "a refund of nothing", path: pathRefund, body: about(paid, object{
			"refundRequestId": id.Secret(10), "refundAmount": yen(0)}),
			want: "F PARAM_ILLEGAL", says: "refundAmount.value"},
		{name: "another bank's payment, asked", path: pathInquiry, body: named(nil),
			want: "F ORDER_NOT_EXIST"},
		{name: "another bank's payment, cancelled", path: pathCancel, body: named(nil),
			want: "F ORDER_NOT_EXIST"},
		{name: "another bank's payment, refunded", path: pathRefund, body: named(object{
			"refundRequestId": id.Secret(10), "refundAmount": yen(1)}), want: "F ORDER_NOT_EXIST"},
	}
	return append(all, refusal{name: "a payment by agreement", message: func(m object) {
		m["paymentFactor"] = object{"isAgreementPayment": "true"}
	}, want: "F BUSINESS_NOT_SUPPORT", says: "agreement", line: "paymentFactor"})
}
