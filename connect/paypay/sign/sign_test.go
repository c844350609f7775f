package sign_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"watari/connect/paypay/sign"
)

const (
	key     = "sample_key"
	secret  = "sample_secret"
	compact = `{"merchantPaymentId":"M1","amount":{"amount":1280,"currency":"JPY"},` +
		`"codeType":"ORDER_QR"}`
)

// documented is the body of the example for POST, as the support page prints it.
const documented = `{
    "merchantPaymentId": "TEST_QR_Payment",
    "amount": {
        "amount":10,
        "currency": "JPY"
    },
    "codeType": "ORDER_QR",
    "isAuthorization":false,
    "redirectUrl":"https://about.paypay.ne.jp/",
    "redirectType":"WEB_LINK"
}`

// The goal is the hash of the API page, whose content type ends in a semicolon: it is signed as
// the header has it.
func TestContentTypeIsHashedByteByByte(t *testing.T) {
	t.Parallel()
	body := `{"sampleRequestBodyKey1":"sampleRequestBodyValue1",` +
		`"sampleRequestBodyKey2":"sampleRequestBodyValue2"}`
	for contentType, want := range map[string]string{
		"application/json;charset=UTF-8;": "1j0FnY4flNp5CtIKa7x9MQ==",
		"application/json":                "i3GU5qrLqFGYbYymM6gKHQ=="} {
		if got := sign.BodyHash(contentType, []byte(body)); got != want {
			t.Errorf("%s: got %s, want %s", contentType, got, want)
		}
	}
}

// The goal is that requests are signed as PayPay signs them: the vectors of the public page, and
// two of our own that its official library makes too.
func TestVectorsReproduce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		m         sign.Message
		hash, mac string
	}{
		{sign.Message{Method: "GET", Path: "/v2/payments/TEST_merchantPaymentID",
			Nonce: "a360e2", Epoch: 1743139337}, "empty",
			"JbUZwAUKeQ+WDClEjkCGwYG/juFR+Dd5RK5AfL0gK9w="},
		{sign.Message{Method: "POST", Path: "/v2/codes", ContentType: "application/json",
			Body: []byte(documented), Nonce: "fedaa4", Epoch: 1743138611},
			"T9wzkv1tUWIxzIHQUT7iDQ==", "C2a7jD7OjL1DXnZhSYQfRI2Oxfdh43htV7pG8cwgCy4="},
		{sign.Message{Method: "POST", Path: "/v2/codes", ContentType: "application/json",
			Body: []byte(compact), Nonce: "acd028", Epoch: 1579843452},
			"qSj1IrrOFgOtv090QbWNbQ==", "oO34nEpFsFxSjLRc5rBHxvm3cS+9mHF6w9yVGDV6rQw="},
		{sign.Message{Method: "GET", Path: "/v2/codes/payments/M1", Nonce: "acd028",
			Epoch: 1579843452}, "empty", "bhzVCbzGowNw+iCgSV83YlmAJZH1eBqjdrZfvir/xlA="},
	} {
		got := sign.Sign(key, secret, c.m)
		h, err := sign.ParseHeader(got)
		if err != nil || h.Key != key || h.MAC != c.mac || h.BodyHash != c.hash ||
			h.Nonce != c.m.Nonce || h.Epoch != c.m.Epoch {
			t.Errorf("%s %s: got %s (%v), want code %s, hash %s", c.m.Method, c.m.Path, got, err,
				c.mac, c.hash)
		}
		if err := sign.Verify(secret, h, c.m, time.Unix(c.m.Epoch+119, 0)); err != nil {
			t.Errorf("%s %s does not verify: %v", c.m.Method, c.m.Path, err)
		}
	}
}

// The goal is that every part of a request is covered: each is changed alone, and so are the key
// and the time.
func TestEveryPartIsCovered(t *testing.T) {
	t.Parallel()
	m := sign.Message{Method: "POST", Path: "/v2/codes", ContentType: "application/json",
		Body: []byte(compact), Nonce: "n", Epoch: 1579843452}
	h, err := sign.ParseHeader(sign.Sign(key, secret, m))
	if err != nil {
		t.Fatalf("parse: %v", err)
	}
	now := time.Unix(m.Epoch, 0)
	change := func(f func(*sign.Message)) sign.Message {
		other := m
		f(&other)
		return other
	}
	for name, c := range map[string]struct {
		h      sign.Header
		m      sign.Message
		secret string
		now    time.Time
		want   error
	}{
		"nothing": {h, m, secret, now, nil},
		"method":  {h, change(func(m *sign.Message) { m.Method = "PUT" }), secret, now, sign.ErrMAC},
		"path": {h, change(func(m *sign.Message) { m.Path = "/v2/codes?a=b" }), secret, now,
			sign.ErrMAC},
		"content type": {h, change(func(m *sign.Message) {
			m.ContentType = "application/json; charset=UTF-8"
		}), secret, now, sign.ErrBody},
		"body": {h, change(func(m *sign.Message) { m.Body = []byte("{}") }), secret, now,
			sign.ErrBody},
		"no body": {h, change(func(m *sign.Message) { m.Body = nil }), secret, now, sign.ErrBody},
		"secret":  {h, m, "sample_secreT", now, sign.ErrMAC},
		"nonce":   {header(h, func(h *sign.Header) { h.Nonce = "m" }), m, secret, now, sign.ErrMAC},
		"epoch":   {header(h, func(h *sign.Header) { h.Epoch++ }), m, secret, now, sign.ErrMAC},
		"hash": {header(h, func(h *sign.Header) { h.BodyHash = "empty" }), m, secret, now,
			sign.ErrBody},
		"code": {header(h, func(h *sign.Header) { h.MAC = "AAAA" }), m, secret, now, sign.ErrMAC},
		"no code": {header(h, func(h *sign.Header) { h.MAC = "?" }), m, secret, now,
			sign.ErrMAC},
		"early": {h, m, secret, now.Add(-sign.Window - time.Second), sign.ErrStale},
		"late":  {h, m, secret, now.Add(sign.Window + time.Second), sign.ErrStale},
	} {
		if err := sign.Verify(c.secret, c.h, c.m, c.now); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}

func header(h sign.Header, f func(*sign.Header)) sign.Header {
	f(&h)
	return h
}

// The goal is that headers of another form are refused.
func TestOtherHeadersAreRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "Bearer x", "hmac OPA-Auth:", "hmac OPA-Auth:a:b:c:1",
		"hmac OPA-Auth:a:b:c:x:e", "hmac OPA-Auth:a:b:c:1:e:f", "hmac OPA-Auth::b:c:1:e",
		"hmac OPA-Auth:a::c:1:e", "hmac OPA-Auth:a:b::1:e", "hmac OPA-Auth:a:b:c:1:",
		"hmac OPA-Auth:a:b:c:-1:e", "HMAC OPA-Auth:a:b:c:1:e",
		"hmac OPA-Auth:a:b:" + strings.Repeat("n", 65) + ":1:e"} {
		if _, err := sign.ParseHeader(text); !errors.Is(err, sign.ErrHeader) {
			t.Errorf("%q: got %v", text, err)
		}
	}
}

// The goal is that no header makes the parser panic, and that what it takes is written again in
// the same way.
func FuzzHeader(f *testing.F) {
	f.Add("hmac OPA-Auth:k:bWFj:n:1579843452:empty")
	f.Add("hmac OPA-Auth:::::")
	f.Fuzz(func(t *testing.T, text string) {
		h, err := sign.ParseHeader(text)
		if err != nil {
			return
		}
		m := sign.Message{Method: "GET", Path: "/"}
		if err := sign.Verify(secret, h, m, time.Unix(0, 0)); err == nil {
			t.Errorf("%q verifies", text)
		}
	})
}
