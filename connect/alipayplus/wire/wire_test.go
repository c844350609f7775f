package wire_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"watari/connect/alipayplus/wire"
)

// messages is every message with its golden files. answer tells how it is read.
var messages = []struct {
	files  string // names, separated by blanks
	answer bool
	empty  func() wire.Message
}{
	{"pay_request pay_request_full pay_request_order_code pay_request_entry_code " +
		"pay_request_cashier", false, func() wire.Message { return &wire.PayRequest{} }},
	{"pay_response_paid pay_response_process pay_response_order_code pay_response_redirect",
		true, func() wire.Message { return &wire.PayResponse{} }},
	{"inquiry_request", false, func() wire.Message { return &wire.InquiryRequest{} }},
	{"inquiry_response", true, func() wire.Message { return &wire.InquiryResponse{} }},
	{"cancel_request", false, func() wire.Message { return &wire.CancelRequest{} }},
	{"cancel_response", true, func() wire.Message { return &wire.CancelResponse{} }},
	{"refund_request", false, func() wire.Message { return &wire.RefundRequest{} }},
	{"refund_response", true, func() wire.Message { return &wire.RefundResponse{} }},
	{"payment_notice", false, func() wire.Message { return &wire.PaymentNotice{} }},
	{"ack", true, func() wire.Message { return &wire.Ack{} }},
	{"wallet_pay_request", false, func() wire.Message { return &wire.WalletPayRequest{} }},
	{"wallet_pay_response", true, func() wire.Message { return &wire.WalletPayResponse{} }},
	{"wallet_inquiry_request", false,
		func() wire.Message { return &wire.WalletInquiryRequest{} }},
	{"wallet_inquiry_response wallet_inquiry_closed", true,
		func() wire.Message { return &wire.WalletInquiryResponse{} }},
	{"wallet_cancel_request", false, func() wire.Message { return &wire.WalletCancelRequest{} }},
	{"wallet_cancel_response", true, func() wire.Message { return &wire.WalletCancelResponse{} }},
	{"wallet_refund_request", false, func() wire.Message { return &wire.WalletRefundRequest{} }},
	{"wallet_refund_response", true, func() wire.Message { return &wire.WalletRefundResponse{} }},
	{"wallet_notice", false, func() wire.Message { return &wire.WalletNotice{} }},
	{"payment_code_request", false, func() wire.Message { return &wire.PaymentCodeRequest{} }},
	{"payment_code_response", true, func() wire.Message { return &wire.PaymentCodeResponse{} }},
	{"user_initiated_request user_initiated_request_amount", false,
		func() wire.Message { return &wire.UserInitiatedRequest{} }},
	{"user_initiated_order user_initiated_store", true,
		func() wire.Message { return &wire.UserInitiatedResponse{} }},
	{"private_code_request", false, func() wire.Message { return &wire.PrivateCodeRequest{} }},
	{"private_code_response", true, func() wire.Message { return &wire.PrivateCodeResponse{} }},
	{"consult_request", false, func() wire.Message { return &wire.ConsultRequest{} }},
	{"consult_response", true, func() wire.Message { return &wire.ConsultResponse{} }},
	{"quote_request", false, func() wire.Message { return &wire.QuoteRequest{} }},
	{"quote_response", true, func() wire.Message { return &wire.QuoteResponse{} }},
	{"code_rules_request", false, func() wire.Message { return &wire.CodeRulesRequest{} }},
	{"code_rules_response", true, func() wire.Message { return &wire.CodeRulesResponse{} }},
	{"prepare_request", false, func() wire.Message { return &wire.PrepareRequest{} }},
	{"prepare_response", true, func() wire.Message { return &wire.PrepareResponse{} }},
	{"apply_token_code apply_token_refresh", false,
		func() wire.Message { return &wire.ApplyTokenRequest{} }},
	{"apply_token_response", true, func() wire.Message { return &wire.ApplyTokenResponse{} }},
	{"cancel_token_request", false, func() wire.Message { return &wire.CancelTokenRequest{} }},
	{"auth_notice_created auth_notice_code auth_notice_revoked", false,
		func() wire.Message { return &wire.AuthNotice{} }},
	{"unbinding_request", false, func() wire.Message { return &wire.UnbindingRequest{} }},
	{"unbinding_response", true, func() wire.Message { return &wire.UnbindingResponse{} }},
}

func decode(body []byte, m wire.Message, answer bool) error {
	if answer {
		return wire.DecodeAnswer(body, m)
	}
	return wire.DecodeRequest(body, m)
}

func golden(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	if err != nil {
		t.Fatalf("read golden file: %v", err)
	}
	return text
}

// The goal is that every field is read and written under its documented name. The method reads
// each golden file and writes it anew: the bytes must be the same.
func TestEveryMessageKeepsItsBytes(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, m := range messages {
		for name := range strings.FieldsSeq(m.files) {
			seen[name+".json"] = true
			text, got := golden(t, name), m.empty()
			if err := decode(text, got, m.answer); err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if again := wire.Encode(got); string(again) != string(text) {
				t.Errorf("%s:\ngot  %s\nwant %s", name, again, text)
			}
		}
	}
	files, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatalf("list golden files: %v", err)
	}
	for _, f := range files {
		if !f.IsDir() && !seen[f.Name()] {
			t.Errorf("no message reads testdata/%s", f.Name())
		}
	}
}

// The goal is tolerance: bare numbers and booleans, null for absent, unknown fields, blanks and
// members in any order mean the same message.
func TestTolerantReadingGivesTheSameMessage(t *testing.T) {
	t.Parallel()
	var want, got wire.PayRequest
	if err := wire.DecodeRequest(golden(t, "pay_request"), &want); err != nil {
		t.Fatalf("read: %v", err)
	}
	text := strings.NewReplacer(`"value":"1980"`, `"value" : 1980`,
		`"isInStorePayment":"true"`, `"isInStorePayment":true`, `"merchantMCC":"5812"`,
		`"merchantMCC":5812`, `"paymentRequestId"`, "\n\t\"paymentRedirectUrl\":null,"+
			`"futureField":{"deep":[1,2.5e3,false,{"a":""}]},"paymentRequestId"`).
		Replace(string(golden(t, "pay_request")))

	if err := wire.DecodeRequest([]byte(text), &got); err != nil {
		t.Fatalf("read: %v", err)
	}

	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

// badBodies are changes of the golden pay request, and the field that must be named.
var badBodies = []struct{ name, from, to, field string }{
	{"missing id", `"paymentRequestId":"GIFU-PR-0031",`, ``, "paymentRequestId"},
	{"null id", `"paymentRequestId":"GIFU-PR-0031"`, `"paymentRequestId":null`, "paymentRequestId"},
	{"empty id", `"GIFU-PR-0031"`, `""`, "paymentRequestId"},
	{"long id", `"GIFU-PR-0031"`, `"` + strings.Repeat("x", 65) + `"`, "paymentRequestId"},
	{"id with a line feed", `"GIFU-PR-0031"`, `"GIFU\nPR"`, "paymentRequestId"},
	{"id of blanks", `"GIFU-PR-0031"`, `"  "`, "paymentRequestId"},
	{"id with NUL", `"GIFU-PR-0031"`, `"GIFU\u0000"`, ""},
	{"id with half a surrogate", `"GIFU-PR-0031"`, `"GIFU\ud83d"`, ""},
	{"id an object", `"GIFU-PR-0031"`, `{}`, "paymentRequestId"},
	{"order an array", `"order":{`, `"order":[],"was":{`, "order"},
	{"no merchant id", `"referenceMerchantId":"M-2101",`, ``, "order.merchant.referenceMerchantId"},
	{"long store name", `"storeName":"Sanmachi"`, `"storeName":"` + strings.Repeat("三", 257) + `"`,
		"order.merchant.store.storeName"},
	{"empty description", `"飛騨牛にぎり 2 貫"`, `""`, "order.orderDescription"},
	{"zero", `"paymentAmount":{"currency":"JPY","value":"1980"}`,
		`"paymentAmount":{"currency":"JPY","value":"0"}`, "paymentAmount.value"},
	{"unknown method of payment", `"paymentMethodType":"CONNECT_WALLET",`, ``,
		"paymentMethod.paymentMethodType"},
	{"flag", `"isInStorePayment":"true"`, `"isInStorePayment":"yes"`,
		"paymentFactor.isInStorePayment"},
	{"long address", `"https://gifu-bank.example/notify"`,
		`"https://` + strings.Repeat("x", 2048) + `"`, "paymentNotifyUrl"},
	{"expiry without offset", `"paymentNotifyUrl"`,
		`"paymentExpiryTime":"2026-11-22T14:00:00","paymentNotifyUrl"`, "paymentExpiryTime"},
	{"regions", `"paymentNotifyUrl"`, `"allowedPspRegions":["CN",""],"paymentNotifyUrl"`,
		"allowedPspRegions[1]"},
	{"goods", `"env":{`, `"goods":[{"referenceGoodsId":"1"}],"env":{`, "order.goods[0].goodsName"},
	{"goods of strings", `"env":{`, `"goods":["x"],"env":{`, "order.goods[0]"},
	{"twice", `"paymentRequestId"`, `"paymentRequestId":"A","paymentRequestId"`, ""},
	{"twice, escaped", `"paymentRequestId"`, `"\u0070aymentRequestId":"A","paymentRequestId"`, ""},
	{"twice inside unknown", `"order":{`, `"x":{"a":1,"a":1},"order":{`, ""},
	{"cut off", `"settlementStrategy":{"settlementCurrency":"JPY"}}`, `"settle`, ""},
	{"two documents", `"settlementStrategy":{"settlementCurrency":"JPY"}}`, `"x":1}{}`, ""},
	{"too deep", `"order":{`, `"x":` + strings.Repeat("[", 20) + strings.Repeat("]", 20) +
		`,"order":{`, ""},
	{"byte order mark", `{"order"`, "\ufeff" + `{"order"`, ""},
	{"invalid UTF-8", `Sanmachi Sushi`, "Sanmachi \xff", ""},
	{"raw NUL", `Sanmachi Sushi`, "Sanmachi \x00", ""},
	{"comment", `"order":{`, `/* */"order":{`, ""},
}

// The goal is that a bad request is refused with the field that is wrong, and nothing of its
// content is repeated.
func TestBadFieldIsNamed(t *testing.T) {
	t.Parallel()
	text := string(golden(t, "pay_request"))
	for _, c := range badBodies {
		bad := strings.Replace(text, c.from, c.to, 1)
		if bad == text {
			t.Errorf("%s: the change does not apply", c.name)
			continue
		}
		err := wire.DecodeRequest([]byte(bad), &wire.PayRequest{})
		e, ok := err.(*wire.Error)
		if !ok || e.Field != c.field {
			t.Errorf("%s: got %v, want the field %q", c.name, err, c.field)
		}
		if ok && strings.Contains(e.Error(), "GIFU") {
			t.Errorf("%s: the error repeats content: %v", c.name, e)
		}
	}
	for _, body := range []string{"", " ", "[]", "1", `"x"`, "null", "{", "}", "{]", `{"a"}`,
		`{a:1}`, `{"a":1,}`, `{"a":01}`, "\xff", "nul"} {
		if err := wire.DecodeRequest([]byte(body), &wire.InquiryRequest{}); err == nil {
			t.Errorf("%q is taken for a message", body)
		}
	}
}

// The goal is the rule of amounts: a positive whole number of minor units of a known currency.
func TestAmountIsPositiveWholeAndKnown(t *testing.T) {
	t.Parallel()
	decode := func(amount string) (*wire.Amount, error) {
		var m wire.RefundRequest
		err := wire.DecodeRequest([]byte(`{"paymentId":"p","refundRequestId":"r","refundAmount":`+
			amount+`}`), &m)
		return m.RefundAmount, err
	}
	good := map[string]string{
		`{"currency":"JPY","value":"1"}`:                "JPY 1",
		`{"currency":"JPY","value":1980}`:               "JPY 1980",
		`{"value":"9007199254740991","currency":"KRW"}`: "KRW 9007199254740991",
		`{"currency":"USD","value":"1000","x":null}`:    "USD 1000",
	}
	for text, want := range good {
		got, err := decode(text)
		if err != nil || got.String() != want {
			t.Errorf("%s: got %v, %v", text, got, err)
			continue
		}
		a, err := got.Money()
		if err != nil || wire.AmountOf(a).String() != want {
			t.Errorf("%s: as money %v, %v", text, a, err)
		}
	}
	value := func(v string) string { return `{"currency":"JPY","value":` + v + `}` }
	bad := map[string]string{
		value(`"0"`): "value", value(`0`): "value", value(`"-5"`): "value", value(`-5`): "value",
		value(`"19.80"`): "value", value(`19.5`): "value", value(`1e3`): "value",
		value(`1980.0`): "value", value(`"1,980"`): "value", value(`" 1980"`): "value",
		value(`"+1980"`): "value", value(`"0x7bc"`): "value", value(`"01980"`): "value",
		value(`"９８０"`): "value", value(`"9007199254740992"`): "value",
		value(`"99999999999999999"`): "value", value(`99999999999999999999`): "value",
		value(`""`): "value", value(`null`): "value", value(`true`): "value", value(`{}`): "value",
		`{"currency":"JPY"}`:                "value",
		`{"currency":"XXY","value":"1"}`:    "currency",
		`{"currency":"jpy","value":"1"}`:    "currency",
		`{"currency":"YEN","value":"1"}`:    "currency",
		`{"currency":"JPYJPY","value":"1"}`: "currency",
		`{"value":"1"}`:                     "currency",
		`"1980"`:                            "", `1980`: "", `null`: "", `[]`: "",
	}
	for text, field := range bad {
		want := strings.TrimSuffix("refundAmount."+field, ".")
		_, err := decode(text)
		if e, ok := err.(*wire.Error); !ok || e.Field != want {
			t.Errorf("%s: got %v, want the field %s", text, err, want)
		}
	}
}

// The goal is that an answer is not lost over a cosmetic fault, and is refused over one in an
// id or an amount.
func TestAnswerIsReadLenientlyButNotItsMoney(t *testing.T) {
	t.Parallel()
	read := func(rest string) (wire.WalletPayResponse, error) {
		var m wire.WalletPayResponse
		err := wire.DecodeAnswer([]byte(`{"result":{"resultStatus":"S","resultCode":"SUCCESS",`+
			`"resultMessage":""}`+rest+`}`), &m)
		return m, err
	}
	m, err := read(`,"paymentId":"W1","paymentTime":"just now","customerId":"","more":[1]`)
	if err != nil || m.PaymentID != "W1" || m.CustomerID != "" {
		t.Errorf("got %+v, %v", m, err)
	}
	for _, rest := range []string{`,"paymentAmount":{"currency":"JPY","value":"1.5"}`,
		`,"paymentId":"` + strings.Repeat("x", 65) + `"`, `,"payToAmount":12`} {
		if m, err := read(rest); err == nil {
			t.Errorf("%s: taken as %+v", rest, m)
		}
	}
	for _, body := range []string{`{}`, `{"result":{}}`, `{"result":{"resultStatus":"Y"}}`,
		`{"result":"S"}`} {
		if err := wire.DecodeAnswer([]byte(body), &wire.Ack{}); err == nil {
			t.Errorf("%s: taken for an answer", body)
		}
	}
}
