package wire_test

import (
	"testing"

	"watari/connect/alipayplus/wire"
)

// The goal is that an amount is read under either of its names, sent under both, and never
// guessed when the two differ.
func TestAnAmountHasTwoNamesAndOneValue(t *testing.T) {
	t.Parallel()
	read := func(fields string) (wire.PrivateCodeResponse, error) {
		var m wire.PrivateCodeResponse
		err := wire.DecodeAnswer([]byte(`{"result":{"resultStatus":"S","resultCode":"SUCCESS"}`+
			fields+`}`), &m)
		return m, err
	}
	const documented = `,"paymentAmount":{"currency":"JPY","value":"1980"}`
	const ofTheClient = `,"amount":{"currency":"JPY","value":1980}`
	for _, fields := range []string{documented, ofTheClient, documented + ofTheClient} {
		m, err := read(fields)
		if err != nil || m.Total() == nil || m.Total().String() != "JPY 1980" {
			t.Errorf("%s: got %+v, %v", fields, m.Sum, err)
		}
	}
	if m, err := read(""); err != nil || m.Total() != nil {
		t.Errorf("no amount: got %+v, %v", m.Sum, err)
	}
	_, err := read(documented + `,"amount":{"currency":"JPY","value":"1981"}`)
	if e, ok := err.(*wire.Error); !ok || e.Field != "amount" {
		t.Errorf("two amounts: got %v", err)
	}
	sent := wire.SumOf(&wire.Amount{Currency: "JPY", Value: "1980"})
	if sent.PaymentAmount == nil || sent.Amount == nil {
		t.Errorf("sent is %+v", sent)
	}
}

// The goal is that the answer about a code that stands in a shop can be read: its order has no
// number and no amount, which a payment must have.
func TestOrderIsWholeInRequestsOnly(t *testing.T) {
	t.Parallel()
	bare := `"order":{"merchant":{"referenceMerchantId":"M-1"}}`
	var m wire.UserInitiatedResponse
	err := wire.DecodeAnswer([]byte(`{"result":{"resultStatus":"S","resultCode":"SUCCESS"},`+
		`"codeType":"STORE_CODE",`+bare+`}`), &m)
	if err != nil || m.Order == nil || m.Order.Amount != nil || m.PaymentRequestID != "" {
		t.Errorf("got %+v, %v", m, err)
	}
	err = wire.DecodeRequest([]byte(`{`+bare+`}`), &wire.PayRequest{})
	if e, ok := err.(*wire.Error); !ok || e.Field != "order.referenceOrderId" {
		t.Errorf("a payment without an order number: got %v", err)
	}
}

// The goal is that a code for the payer is found among pictures and bar codes of it, and that a
// page and an app are told apart.
func TestPayerIsSentToTextPageOrApp(t *testing.T) {
	t.Parallel()
	form := &wire.OrderCodeForm{CodeDetails: []wire.CodeDetail{
		{ValueType: wire.CodeQR, DisplayType: "BIGIMAGE", Value: "https://x.example/a.png"},
		{ValueType: wire.CodeBarcode, DisplayType: wire.DisplayText, Value: "2810020400"},
		{ValueType: wire.CodeQR, DisplayType: wire.DisplayText, Value: "https://x.example/q/1"}}}
	if got := form.Text(); got != "https://x.example/q/1" {
		t.Errorf("the text is %q", got)
	}
	if got := (*wire.OrderCodeForm)(nil).Text(); got != "" {
		t.Errorf("no form has the text %q", got)
	}
	r := wire.Redirect{SchemeURL: "wallet://1", NormalURL: "https://x.example/1"}
	if r.Page() != "https://x.example/1" || r.App() != "wallet://1" {
		t.Errorf("page %q, app %q", r.Page(), r.App())
	}
	r.PaymentURL, r.ApplinkURL = "https://x.example/2", "https://x.example/app"
	if r.Page() != "https://x.example/2" || r.App() != "https://x.example/app" {
		t.Errorf("page %q, app %q", r.Page(), r.App())
	}
}

// The goal is that what a consent needs is there: which field depends on what is asked or told.
func TestConsentMessagesNameWhatTheyNeed(t *testing.T) {
	t.Parallel()
	cases := []struct {
		body  string
		m     wire.Message
		field string
	}{
		{`{"authClientId":"M","grantType":"AUTHORIZATION_CODE"}`, &wire.ApplyTokenRequest{},
			"authCode"},
		{`{"authClientId":"M","grantType":"REFRESH_TOKEN","authCode":"c"}`,
			&wire.ApplyTokenRequest{}, "refreshToken"},
		{`{"authClientId":"M","grantType":"PASSWORD"}`, &wire.ApplyTokenRequest{}, "grantType"},
		{`{"authClientId":"M","authorizationNotifyType":"TOKEN_CREATED"}`, &wire.AuthNotice{},
			"accessToken"},
		{`{"authClientId":"M","authorizationNotifyType":"AUTHCODE_CREATED"}`,
			&wire.AuthNotice{}, "authCode"},
		{`{"authClientId":"M","authorizationNotifyType":"ELSE"}`, &wire.AuthNotice{},
			"authorizationNotifyType"},
		{`{"acquirerId":"A","pspId":"P","authClientId":"M"}`, &wire.UnbindingRequest{},
			"accessToken"},
		{`{"authClientId":"M"}`, &wire.CancelTokenRequest{}, "accessToken"},
		{`{"authClientId":"M","authClientName":"N"}`, &wire.PrepareRequest{}, "authRedirectUrl"},
	}
	for _, c := range cases {
		err := wire.DecodeRequest([]byte(c.body), c.m)
		if e, ok := err.(*wire.Error); !ok || e.Field != c.field {
			t.Errorf("%s: got %v, want the field %s", c.body, err, c.field)
		}
	}
}
