package wire_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"watari/connect/paypay/wire"
)

// The goal is that every code has a status and a message, that its answer reads as itself, and that
// another status is not sound.
func TestEveryCodeHasItsAnswer(t *testing.T) {
	t.Parallel()
	for _, code := range wire.Codes() {
		status, body := wire.EncodeReply(code, nil, false)
		r, err := wire.ParseReply(status, body)
		if err != nil || r.Code != code || !r.Sound() || !bytes.Contains(body, []byte(`"message":"`)) {
			t.Errorf("%s: %d %s, %v", code, status, body, err)
		}
		if err := r.Data(&struct{}{}); err == nil {
			t.Errorf("%s: no data are read as some", code)
		}
		if r, _ := wire.ParseReply(599, body); r.Sound() {
			t.Errorf("%s is sound with HTTP 599", code)
		}
	}
	status, body := wire.EncodeReply(wire.Success, wire.CodeData{}, true)
	if r, err := wire.ParseReply(status, body); err != nil || status != 201 || !r.Sound() {
		t.Errorf("created: %d %s, %v", status, body, err)
	}
	if !slices.IsSorted(wire.Codes()) || len(wire.States()) != 7 {
		t.Errorf("codes %v, states %v", wire.Codes(), wire.States())
	}
}

// The goal is that a refusal names the field, and whether it is missing or wrong.
func TestRefusalsNameTheField(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]wire.Refused{
		`{`: {Code: wire.InvalidRequest}, "\xff": {Code: wire.InvalidRequest},
		`{"merchantPaymentId":1}`:     {Code: wire.InvalidRequest, Field: "merchantPaymentId"},
		`{"merchantPaymentId":""}`:    {Code: wire.MissingRequest, Field: "merchantPaymentId"},
		`{"merchantPaymentId":"a b"}`: {Code: wire.InvalidRequest, Field: "merchantPaymentId"},
		`{"merchantPaymentId":"a"}`:   {Code: wire.MissingRequest, Field: "amount"},
		`{"merchantPaymentId":"a","amount":{"amount":1}}`: {Code: wire.MissingRequest,
			Field: "amount.currency"},
		`{"merchantPaymentId":"a","amount":{"amount":1,"currency":"CNY"}}`: {
			Code: wire.InvalidRequest, Field: "amount.currency"},
		`{"merchantPaymentId":"a","amount":{"amount":0,"currency":"JPY"}}`: {
			Code: wire.InvalidRequest, Field: "amount.amount"},
	} {
		var m wire.CodeRequest
		err := wire.DecodeRequest([]byte(body), &m)
		got := new(wire.Refused)
		if !errors.As(err, &got) || got.Code != want.Code || got.Field != want.Field ||
			!strings.HasPrefix(err.Error(), want.Field) {
			t.Errorf("%s: got %v, want %+v", body, err, want)
		}
	}
}

// The goal is that ids are told from other texts.
func TestIDsHaveTheirSigns(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{"leg_01jd9r2k7v-A": true, "": false, "a b": false,
		"寿": false, "a.b": false, strings.Repeat("a", 64): true, strings.Repeat("a", 65): false} {
		if wire.IsID(text) != want {
			t.Errorf("%q: got %t", text, !want)
		}
	}
	if got := wire.PathPayment("a/b?c"); got != "/v2/payments/a%2Fb%3Fc" {
		t.Errorf("got %s", got)
	}
}

// The goal is that no answer makes the reader panic, and that what is read is a code.
func FuzzReply(f *testing.F) {
	for _, code := range []wire.Code{wire.Success, wire.NoFunds, wire.Failed} {
		_, body := wire.EncodeReply(code, wire.PaymentData{Status: wire.StateCompleted}, false)
		f.Add(200, body)
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		r, err := wire.ParseReply(status, body)
		if err != nil {
			return
		}
		if r.Code == "" || strings.ContainsAny(string(r.Code), " \n<") {
			t.Errorf("the code is %q", r.Code)
		}
		var d wire.PaymentData
		_ = r.Data(&d)
	})
}

// The goal is that no request makes the reader panic, and that one which is taken is taken again
// when it is written anew.
func FuzzRequest(f *testing.F) {
	f.Add([]byte(`{"merchantPaymentId":"a","amount":{"amount":1,"currency":"JPY"},` +
		`"codeType":"ORDER_QR","orderItems":[{"name":"x"}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var m wire.CodeRequest
		if wire.DecodeRequest(body, &m) != nil || !json.Valid(body) {
			return
		}
		if err := wire.DecodeRequest(wire.Encode(m), new(wire.CodeRequest)); err != nil {
			t.Errorf("%s is taken, and %s is not: %v", body, wire.Encode(m), err)
		}
	})
}

// The goal is that no notice makes the reader panic.
func FuzzNotice(f *testing.F) {
	f.Add([]byte(`{"notification_type":"Transaction","order_amount":"1","state":"COMPLETED"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if n, err := wire.ParseNotice(body); err == nil && n.Type == "" {
			t.Errorf("%s has no type", body)
		}
	})
}
