package alipayplus_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"watari/connect/alipayplus"
	"watari/connect/alipayplus/sign"
	"watari/connect/alipayplus/wire"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/pay/party"
)

// tables counts the rows of every table that a request could write.
func (r *rig) tables() map[string]int64 {
	r.t.Helper()
	counts := map[string]int64{}
	r.do("count rows", r.db.View(r.t.Context(), func(ctx context.Context, tx *db.Tx) error {
		for _, table := range []string{"payment", "payment_leg", "payment_claim", "wallet_code",
			"event"} {
			n, err := db.One(ctx, tx, func(row db.Row) (n int64, err error) {
				return n, row.Scan(&n)
			}, `select count(*) from `+table)
			if err != nil {
				return err
			}
			counts[table] = n
		}
		return nil
	}))
	return counts
}

// resign signs a request anew with a key, over a content of the test's choice.
func (r *rig) resign(req *http.Request, key string, m sign.Message) {
	r.t.Helper()
	header, err := sign.Sign(keyNamed(r.t, key).signer, m)
	r.do("sign", err)
	req.Header.Set("Signature", header)
}

// refusedCase is one way to be refused: the code, what the log must say, and the change of a good
// pay that brings it about.
type refusedCase struct {
	code   wire.Code
	logged string
	change func(q *http.Request)
}

// messageOf is what the signature of a request has to be over.
func messageOf(q *http.Request, body []byte) sign.Message {
	return sign.Message{Method: "POST", Path: q.URL.Path, ClientID: q.Header.Get("Client-Id"),
		At: q.Header.Get("Request-Time"), Body: body}
}

// set changes one header.
func set(name, value string) func(q *http.Request) {
	return func(q *http.Request) { q.Header.Set(name, value) }
}

// without takes one header away.
func without(name string) func(q *http.Request) {
	return func(q *http.Request) { q.Header.Del(name) }
}

// swap changes a part of the signature header.
func swap(from, to string) func(q *http.Request) {
	return func(q *http.Request) {
		q.Header.Set("Signature", strings.Replace(q.Header.Get("Signature"), from, to, 1))
	}
}

// badRequests are refused for what they are or for who sends them.
func badRequests() map[string]refusedCase {
	return map[string]refusedCase{
		"no client":      {"INVALID_CLIENT", "Client-Id", without("Client-Id")},
		"unknown client": {"INVALID_CLIENT", "client=NOBODY", set("Client-Id", "NOBODY")},
		"two clients": {"INVALID_CLIENT", "Client-Id",
			func(q *http.Request) { q.Header.Add("Client-Id", otherClient) }},
		"client with a tab":     {"INVALID_CLIENT", "Client-Id", set("Client-Id", "A\tB")},
		"another bank's client": {"KEY_NOT_FOUND", "keyVersion", set("Client-Id", otherClient)},
		"plain text": {"MEDIA_TYPE_NOT_ACCEPTABLE", "content type",
			set("Content-Type", "text/plain")},
		"another character set": {"MEDIA_TYPE_NOT_ACCEPTABLE", "content type",
			set("Content-Type", "application/json; charset=GBK")},
		"compressed": {"MEDIA_TYPE_NOT_ACCEPTABLE", "content type",
			set("Content-Encoding", "gzip")},
		"read instead of sent": {"METHOD_NOT_SUPPORTED", "method",
			func(q *http.Request) { q.Method = "PUT" }},
		"unknown address": {"NO_INTERFACE_DEF", "path",
			func(q *http.Request) { q.URL.Path = "/aps/api/v1/payments/initiatePay" }},
		"address with a slash": {"NO_INTERFACE_DEF", "path",
			func(q *http.Request) { q.URL.Path += "/" }},
	}
}

// badSignatures are refused because nothing proves who sent them, or when.
func badSignatures(r *rig, body []byte) map[string]refusedCase {
	version := "keyVersion=" + strconv.Itoa(keyNamed(r.t, "bank").version)
	at := func(shift time.Duration) func(q *http.Request) {
		return func(q *http.Request) {
			q.Header.Set("Request-Time", wire.FormatTime(clock.Now().Add(shift)))
			r.resign(q, "bank", messageOf(q, body))
		}
	}
	over := func(key string, change func(m *sign.Message)) func(q *http.Request) {
		return func(q *http.Request) {
			m := messageOf(q, body)
			change(&m)
			r.resign(q, key, m)
			swap("keyVersion="+strconv.Itoa(keyNamed(r.t, key).version), version)(q)
		}
	}
	return map[string]refusedCase{
		"no signature":      {"INVALID_SIGNATURE", "header Signature", without("Signature")},
		"garbled signature": {"INVALID_SIGNATURE", "header Signature", set("Signature", "abc")},
		"another algorithm": {"INVALID_SIGNATURE", "header Signature", swap("RSA256", "none")},
		"no Base64": {"INVALID_SIGNATURE", "signature by",
			set("Signature", "algorithm=RSA256,"+version+",signature=%%%")},
		"no time":         {"INVALID_SIGNATURE", "Request-Time", without("Request-Time")},
		"an old time":     {"INVALID_SIGNATURE", "Request-Time", at(-6 * time.Minute)},
		"a time to come":  {"INVALID_SIGNATURE", "Request-Time", at(6 * time.Minute)},
		"no version":      {"KEY_NOT_FOUND", "Signature", swap(version, "x=1")},
		"unknown version": {"KEY_NOT_FOUND", "keyVersion 77", swap(version, "keyVersion=77")},
		"another key": {"INVALID_SIGNATURE", "explain-signature",
			over("stranger", func(*sign.Message) {})},
		"another path": {"INVALID_SIGNATURE", "explain-signature",
			over("bank", func(m *sign.Message) { m.Path = "/payments/pay" })},
		"another body": {"INVALID_SIGNATURE", "explain-signature",
			over("bank", func(m *sign.Message) { m.Body = append(bytes.Clone(body), '\n') })},
		"an operation of wallets": {"ACCESS_DENIED", "role", func(q *http.Request) {
			q.URL.Path = alipayplus.PathCodes
			r.resign(q, "bank", messageOf(q, body))
		}},
	}
}

// The goal is that nobody who is not believed reaches the core: each gets the code that the
// protocol defines, signed; nothing is written; the log has one line that names the part, and
// never the body.
func TestWhoIsNotBelievedGetsACodeAndWritesNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	pay := r.payRequest(1980)
	body := wire.Encode(pay)
	before := r.tables()
	cases := badSignatures(r, body)
	maps.Copy(cases, badRequests())
	for name, c := range cases {
		req := r.request(theBank, alipayplus.PathPay, body)
		c.change(req)

		res := answer[wire.Ack](t, r.send(req))

		wantResult(t, name, res.Result, c.code)
		lines := r.logged.take()
		if len(lines) != 1 || !strings.Contains(lines[0], string(c.code)) ||
			!strings.Contains(lines[0], c.logged) || !strings.Contains(lines[0], "path=/aps/") {
			t.Errorf("%s: the log has %q, want %q", name, lines, c.logged)
		}
		for _, secret := range []string{pay.PaymentMethod.ID, "飛騨牛", pay.PaymentRequestID} {
			if strings.Contains(strings.Join(lines, ""), secret) {
				t.Errorf("%s: the log has %q of the body", name, secret)
			}
		}
	}
	for table, n := range r.tables() {
		if n != before[table] {
			t.Errorf("%s had %d rows and has %d", table, before[table], n)
		}
	}
	r.pay(pay, wire.CodeSuccess)
}

// The goal is that a believed request which cannot be a payment is refused with the field named,
// and writes nothing either.
func TestIllegalFieldIsNamedAndWritesNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	good := string(wire.Encode(r.payRequest(1980)))
	before := r.tables()
	cases := []struct {
		name, from, to string
		code           wire.Code
		field          string
	}{
		{"fraction", `"value":"1980"},"paymentMethod"`, `"value":"19.5"},"paymentMethod"`,
			"PARAM_ILLEGAL", "paymentAmount.value"},
		{"zero", `"paymentAmount":{"currency":"JPY","value":"1980"}`,
			`"paymentAmount":{"currency":"JPY","value":0}`, "PARAM_ILLEGAL", "paymentAmount.value"},
		{"currency", `"paymentAmount":{"currency":"JPY"`, `"paymentAmount":{"currency":"XYZ"`,
			"PARAM_ILLEGAL", "paymentAmount.currency"},
		{"cut off", `"PaymentCode"}}`, `"PaymentCode"}`, "PARAM_ILLEGAL", "body"},
		{"NUL", "飛騨牛にぎり", "\\u0000", "PARAM_ILLEGAL", "body"},
		{"UTF-8", "飛騨牛にぎり", "\xff\xfe", "PARAM_ILLEGAL", "body"},
		{"twice", `"paymentRequestId"`, `"paymentRequestId":"A","paymentRequestId"`,
			"PARAM_ILLEGAL", "body"},
		{"too long", "飛騨牛にぎり", strings.Repeat("牛", 70_000), "PARAM_ILLEGAL", "body"},
		{"no store", `,"store":{"referenceStoreId":"S-2101-1"}`, ``, "PARAM_ILLEGAL",
			"order.merchant.store"},
		{"no store id", `{"referenceStoreId":"S-2101-1"}`, `{}`, "PARAM_ILLEGAL",
			"order.merchant.store.referenceStoreId"},
		{"no merchant", `"merchant":{"referenceMerchantId":"M-2101",` +
			`"store":{"referenceStoreId":"S-2101-1"}},`, ``, "PARAM_ILLEGAL", "order.merchant"},
		{"no code", `"paymentMethodId"`, `"was"`, "PARAM_ILLEGAL",
			"paymentMethod.paymentMethodId"},
		{"not in a store", `"isInStorePayment":"true"`, `"isInStorePayment":"false"`,
			"PARAM_ILLEGAL", "paymentFactor.isInStorePayment"},
		{"no scenario", `,"inStorePaymentScenario":"PaymentCode"`, ``, "PARAM_ILLEGAL",
			"paymentFactor.inStorePaymentScenario"},
		{"unknown scenario", `"PaymentCode"`, `"Telepathy"`, "PARAM_ILLEGAL",
			"paymentFactor.inStorePaymentScenario"},
		{"entry code without a browser", `"PaymentCode"`, `"EntryCode"`, "PARAM_ILLEGAL",
			"order.env.userAgent"},
		{"agreement", `"isInStorePayment":"true"`, `"isAgreementPayment":"true"`,
			"BUSINESS_NOT_SUPPORT", "paymentFactor.isAgreementPayment"},
		{"return address", `"paymentFactor":{"isInStorePayment"`, `"paymentRedirectUrl":` +
			`"file:///x","paymentFactor":{"isCashierPayment"`, "PARAM_ILLEGAL", "paymentRedirectUrl"},
		{"notify address", `"paymentRequestId"`,
			`"paymentNotifyUrl":"file:///etc/passwd","paymentRequestId"`, "PARAM_ILLEGAL",
			"paymentNotifyUrl"},
		{"settlement currency", `"paymentRequestId"`,
			`"settlementStrategy":{"settlementCurrency":"YEN"},"paymentRequestId"`,
			"PARAM_ILLEGAL", "settlementStrategy.settlementCurrency"},
		{"request id with a blank", `"paymentRequestId":"GIFU`, `"paymentRequestId":"GI FU`,
			"PARAM_ILLEGAL", "request-id-invalid"},
	}
	for _, c := range cases {
		bad := strings.Replace(good, c.from, c.to, 1)
		if bad == good {
			t.Errorf("%s: the change does not apply", c.name)
			continue
		}
		res := answer[wire.Ack](t, r.send(r.request(theBank, alipayplus.PathPay, []byte(bad))))
		wantResult(t, c.name, res.Result, c.code)
		lines := r.logged.take()
		if len(lines) != 1 || !strings.Contains(lines[0], c.field) {
			t.Errorf("%s: the log has %q, want the field %s", c.name, lines, c.field)
		}
	}
	for table, n := range r.tables() {
		if n != before[table] {
			t.Errorf("%s had %d rows and has %d", table, before[table], n)
		}
	}
}

// The goal is that what the core refuses has its documented code, and is refused the same way
// for ever, even when the reason is gone.
func TestRefusalOfTheCoreHasItsCodeForEver(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	status := func(kind party.Kind, no int64, to party.Status) {
		r.do("set status", r.db.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			return r.reg.SetStatus(ctx, tx, "test", kind, no, to)
		}))
		time.Sleep(600 * time.Millisecond) // the directory looks twice a second
	}
	refused := map[wire.Code]func(m *wire.PayRequest){
		wire.CodeInvalidCode: func(m *wire.PayRequest) {
			m.PaymentMethod.ID = "999999020123456789012345"
		},
		wire.CodeMerchantUnknown: func(m *wire.PayRequest) {
			m.Order.Merchant.ReferenceMerchantID = "M-0"
		},
		wire.CodeCurrency: func(m *wire.PayRequest) {
			m.PaymentAmount = &wire.Amount{Currency: "USD", Value: "100"}
		},
		wire.CodeContract: func(m *wire.PayRequest) {
			m.SettlementStrategy = &wire.SettlementStrategy{Currency: "CNY"}
		},
		wire.CodeMerchantKYB: func(*wire.PayRequest) {},
	}
	requests := map[wire.Code]*wire.PayRequest{}
	for code, change := range refused {
		requests[code] = r.payRequest(1980)
		change(requests[code])
		if code == wire.CodeMerchantKYB {
			status(party.KindStore, r.store.No, party.Suspended)
		}
		r.pay(requests[code], code)
		if code == wire.CodeMerchantKYB {
			status(party.KindStore, r.store.No, party.Open)
		}
	}
	for code, m := range requests {
		r.pay(m, code)
	}
	if n := len(r.wallet.payments); n != 0 {
		t.Errorf("the wallet was asked %d times", n)
	}
	asked := answer[wire.Ack](t, r.call(theBank, alipayplus.PathInquiry,
		&wire.InquiryRequest{PaymentRequestID: "never seen"}))
	wantResult(t, "inquiry of an unknown id", asked.Result, wire.CodeOrderNotExist)
}

// The goal is to be spoken to by a client that nobody here wrote: an absolute-form target, header
// names of any case, the content type twice, an empty Agent-Token, Unix milliseconds, a
// Base64url signature without padding after blanks, and bare numbers and booleans. The method is
// a raw socket.
func TestForeignClientIsUnderstood(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	body := strings.NewReplacer(`"value":"1980"`, `"value":1980`, `"isInStorePayment":"true"`,
		`"isInStorePayment":true`, `"order":{`, `"futureField":{"a":[null,1.5]},"order":{`).
		Replace(string(wire.Encode(r.payRequest(1980))))
	at := strconv.FormatInt(clock.Now().UnixMilli(), 10)
	bank := keyNamed(t, "bank")
	header, err := sign.Sign(bank.signer, sign.Message{Method: "POST", Path: alipayplus.PathPay,
		ClientID: bankClient, At: at, Body: []byte(body)})
	r.do("sign", err)
	value, err := url.PathUnescape(header[strings.Index(header, "signature=")+10:])
	r.do("unescape", err)
	value = strings.TrimRight(strings.NewReplacer("+", "-", "/", "_").Replace(value), "=")

	conn, err := net.Dial("tcp", r.server.Listener.Addr().String())
	r.do("dial", err)
	defer conn.Close()
	_, err = io.WriteString(conn, "POST https://network.example"+alipayplus.PathPay+
		" HTTP/1.1\r\nhost: network.example\r\nCLIENT-ID: "+bankClient+
		"\r\nrequest-time: "+at+"\r\nSiGnAtUrE: algorithm=RSA256, keyVersion="+
		strconv.Itoa(bank.version)+", clientId="+bankClient+", signature="+value+
		"\r\ncontent-type: application/json; charset=UTF-8\r\nContent-Type: application/json"+
		"\r\nagent-token:\r\ncontent-length: "+strconv.Itoa(len(body))+"\r\n\r\n"+body)
	r.do("write", err)
	var raw bytes.Buffer
	res, err := http.ReadResponse(bufio.NewReader(io.TeeReader(conn, &raw)), nil)
	r.do("read the answer", err)
	text, err := io.ReadAll(res.Body)
	r.do("read the answer", err)

	r.verify("POST", alipayplus.PathPay, res.Header, text)
	wantResult(t, "pay", answer[wire.PayResponse](t, text).Result, wire.CodeSuccess)
	for _, name := range []string{"\r\nclient-id: ", "\r\nresponse-time: ", "\r\nsignature: ",
		"\r\ncontent-type: application/json; charset=UTF-8\r\n"} {
		if !bytes.Contains(raw.Bytes(), []byte(name)) {
			t.Errorf("the answer has no header %q:\n%s", strings.TrimSpace(name), raw.Bytes())
		}
	}
	if bytes.Contains(raw.Bytes(), []byte("\r\nContent-Type")) {
		t.Errorf("the answer has two content types:\n%s", raw.Bytes())
	}
}
