package paypay_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"watari/connect/paypay"
	"watari/connect/paypay/sign"
	"watari/connect/paypay/wire"
	"watari/kit/clock"
	"watari/kit/money"
	"watari/pay/link"
)

// table is what each code means for a debit; what is not in it is unknown. It is written apart from
// the connector's own.
var table = map[wire.Code]link.Reason{
	"INVALID_REQUEST_PARAMS": "configuration", "MISSING_REQUEST_PARAMS": "configuration",
	"INVALID_PARAMS": "configuration", "UNAUTHORIZED": "configuration",
	"OP_OUT_OF_SCOPE": "configuration", "OPA_CLIENT_NOT_FOUND": "configuration",
	"DYNAMIC_QR_BAD_REQUEST":                "configuration",
	"PRE_AUTH_CAPTURE_UNSUPPORTED_MERCHANT": "configuration",
	"PRE_AUTH_CAPTURE_INVALID_EXPIRY_DATE":  "configuration",
	"MERCHANT_MULTIPLE_REFUND_REJECTED":     "configuration",
	"USER_STATE_IS_NOT_ACTIVE":              "user_blocked", "CANCELED_USER": "user_unknown",
	"INVALID_USER_AUTHORIZATION_ID": "verification_failed",
	"EXPIRED_USER_AUTHORIZATION_ID": "verification_failed",
	"NO_SUFFICIENT_FUND":            "insufficient_funds", "LIMIT_EXCEEDED": "over_payment_limit",
	"HIGHER_CAPTURE_NOT_PERMITTED":        "over_payment_limit",
	"USER_DEFINED_DAILY_LIMIT_EXCEEDED":   "over_user_limit",
	"USER_DEFINED_MONTHLY_LIMIT_EXCEEDED": "over_user_limit",
	"REFUND_LIMIT_EXCEEDED":               "too_many_payments",
	"UNACCEPTABLE_OP":                     "risk", "SUSPECTED_DUPLICATE_PAYMENT": "risk",
	"PAY_METHOD_INVALIDATED": "declined", "UNSUPPORTED_PAYMENT_METHOD": "declined",
	"NO_VALID_PAYMENT_METHOD": "declined", "PAYMENT_METHOD_NOT_FOUND": "declined",
	"ORDER_EXPIRED": "order_closed", "ORDER_NOT_CAPTURABLE": "order_closed",
	"ORDER_NOT_REVERSIBLE": "order_closed", "ORDER_NOT_CANCELABLE": "order_closed",
	"TOO_CLOSE_TO_EXPIRY": "order_closed", "ORDER_NO_LONGER_AVAILABLE": "window_exceeded",
	"REFUND_WINDOW_EXCEED":           "window_exceeded",
	"SIMULATED_PAYMENT_CODE_INVALID": "code_invalid",
	"SIMULATED_PAYMENT_CODE_EXPIRED": "code_expired",
}

// charged is a debit by consent.
func charged(id string) link.Authorise {
	s := sale(id)
	s.Code, s.Token = "", "uaid-1"
	return s
}

// The goal is the meaning of every code for a debit by code and by consent, and for a code that is
// made: the table above, and unknown for all the rest. An answer whose HTTP status is not the
// documented one is unknown, whatever its code.
func TestEveryCodeHasItsOutcome(t *testing.T) {
	t.Parallel()
	for _, code := range wire.Codes() {
		if code == wire.Success {
			continue
		}
		reason, final := table[code]
		s := scripted{"POST /v2/payments": {code: code}, "POST /v2/codes": {code: code},
			"POST " + wire.PathSimulatedScan:     {code: code},
			"POST /v2/payments/preauthorize":     {code: code, status: 418},
			"GET /v2/payments/leg_1":             {code: code},
			"DELETE /v2/user/authorizations/tok": {code: code, status: 500}}
		c, to := against(t, s)
		held := charged("leg_1")
		held.Hold = true
		_, prepared := c.Prepare(t.Context(), to, link.Prepare{Authorise: sale("leg_1"),
			Way: link.WayOrder})
		for call, a := range map[string]link.Answer{"charge": c.Authorise(t.Context(), to,
			charged("leg_1")), "scan": c.Authorise(t.Context(), to, sale("leg_1")),
			"prepare": prepared} {
			want := link.Unknown
			if final {
				want = link.Declined
			}
			if a.Outcome != want || a.Reason != reason || a.Code != string(code) ||
				(a.Cause == nil) != final {
				t.Errorf("%s %s: got %+v, want %s %s", call, code, a, want, reason)
			}
			if a.UserActing != (code == wire.ConfirmationRequired) {
				t.Errorf("%s %s: user acting %t", call, code, a.UserActing)
			}
		}
		for call, a := range map[string]link.Answer{
			"a strange status": c.Authorise(t.Context(), to, held),
			"inquiry": c.Inquire(t.Context(), to, link.Inquire{
				About: about(charged("leg_1"), link.WayAgreement)}),
			"revoke": c.Revoke(t.Context(), to, link.Consent{}, "tok")} {
			if a.Outcome != link.Unknown {
				t.Errorf("%s %s: got %+v, want unknown", call, code, a)
			}
			if call == "inquiry" && a.NoSuch != (code == wire.NotFound ||
				code == wire.CodePaymentNotFound) {
				t.Errorf("%s %s: no such %t", call, code, a.NoSuch)
			}
		}
	}
}

// The goal is that no code is documented in one place and forgotten in another: the facts' list.
func TestDocumentedCodesAreKnown(t *testing.T) {
	t.Parallel()
	for _, name := range strings.Fields(`SUCCESS REQUEST_ACCEPTED USER_CONFIRMATION_REQUIRED
		INVALID_REQUEST_PARAMS MISSING_REQUEST_PARAMS INVALID_PARAMS UNAUTHORIZED OP_OUT_OF_SCOPE
		USER_STATE_IS_NOT_ACTIVE OPA_CLIENT_NOT_FOUND RESOURCE_NOT_FOUND RATE_LIMIT SERVICE_ERROR
		INTERNAL_SERVER_ERROR TRANSACTION_FAILED MAINTENANCE_MODE DUPLICATE_DYNAMIC_QR_REQUEST
		DYNAMIC_QR_BAD_REQUEST DYNAMIC_QR_PAYMENT_NOT_FOUND DYNAMIC_QR_NOT_FOUND
		ORDER_NOT_REVERSIBLE ORDER_NOT_CANCELABLE ORDER_NO_LONGER_AVAILABLE ORDER_EXPIRED
		ORDER_NOT_CAPTURABLE ALREADY_CAPTURED UNACCEPTABLE_OP CANCELED_USER NO_SUFFICIENT_FUND
		LIMIT_EXCEEDED USER_DEFINED_DAILY_LIMIT_EXCEEDED USER_DEFINED_MONTHLY_LIMIT_EXCEEDED
		SUSPECTED_DUPLICATE_PAYMENT REFUND_LIMIT_EXCEEDED REFUND_WINDOW_EXCEED
		THROTTLED_MULTIPLE_REFUND_REJECTED MERCHANT_MULTIPLE_REFUND_REJECTED
		NO_SUCH_REFUND_ORDER`) {
		if _, known := wire.Code(name).Status(); !known {
			t.Errorf("%s is not known", name)
		}
	}
}

// data is a payment that was made.
func data(id string, state wire.State) *wire.PaymentData {
	return &wire.PaymentData{PaymentID: "7000", Status: state, AcceptedAt: 1_795_323_540,
		MerchantPaymentID: id, Amount: &wire.Money{Amount: 1980, Currency: "JPY"}}
}

// The goal is the meaning of every state, for payments and for promises, and that a yes which
// says less than it must is none.
func TestEveryStateHasItsOutcome(t *testing.T) {
	t.Parallel()
	refunded := data("leg_1", wire.StateRefunded)
	refunded.Refunds = &wire.Refunds{Data: []wire.RefundData{{MerchantRefundID: "rfd_1"}}}
	ended := data("leg_1", wire.StateFailed)
	ended.CancelledAt = 1_795_323_541
	change := func(f func(*wire.PaymentData)) *wire.PaymentData {
		d := data("leg_1", wire.StateCompleted)
		f(d)
		return d
	}
	for name, c := range map[string]struct {
		d      *wire.PaymentData
		held   bool
		want   link.Outcome
		reason link.Reason
		acting bool
	}{
		"paid":              {data("leg_1", "COMPLETED"), false, "approved", "", false},
		"captured":          {data("leg_1", "COMPLETED"), true, "approved", "", false},
		"promised":          {data("leg_1", "AUTHORIZED"), true, "approved", "", false},
		"promised, unasked": {data("leg_1", "AUTHORIZED"), false, "unknown", "", false},
		"open":              {data("leg_1", "CREATED"), false, "unknown", "", true},
		"open, sparse":      {&wire.PaymentData{Status: "CREATED"}, false, "unknown", "", true},
		"failed":            {data("leg_1", "FAILED"), false, "declined", "declined", false},
		"cancelled":         {ended, false, "declined", "order_closed", false},
		"reverted":          {data("leg_1", "CANCELED"), true, "declined", "order_closed", false},
		"lapsed":            {data("leg_1", "EXPIRED"), true, "declined", "order_closed", false},
		"refunded":          {refunded, false, "approved", "", false},
		"refunded somehow":  {data("leg_1", "REFUNDED"), false, "unknown", "", false},
		"a new state":       {data("leg_1", "SLEEPING"), false, "unknown", "", false},
		"another's yes":     {data("leg_2", "COMPLETED"), false, "unknown", "", false},
		"another's no":      {data("leg_2", "FAILED"), false, "unknown", "", false},
		"nobody's":          {data("", "COMPLETED"), false, "unknown", "", false},
		"no id": {change(func(d *wire.PaymentData) { d.PaymentID = "" }), false, "unknown", "",
			false},
		"no amount": {change(func(d *wire.PaymentData) { d.Amount = nil }), false, "unknown", "",
			false},
		"no money": {change(func(d *wire.PaymentData) { d.Amount.Currency = "PTS" }), false,
			"unknown", "", false},
	} {
		s := scripted{"GET /v2/codes/payments/leg_1": {code: wire.Success, data: c.d},
			"GET /v2/payments/leg_1":         {code: wire.Success, data: c.d},
			"POST /v2/payments":              {code: wire.Success, data: c.d},
			"POST /v2/payments/preauthorize": {code: wire.Success, data: c.d}}
		client, to := against(t, s)
		r := charged("leg_1")
		r.Hold = c.held
		for call, a := range map[string]link.Answer{
			"order": client.Inquire(t.Context(), to, link.Inquire{
				About: about(r, link.WayOrder)}),
			"consent": client.Inquire(t.Context(), to, link.Inquire{
				About: about(r, link.WayAgreement)}),
			"charge": client.Authorise(t.Context(), to, r)} {
			if a.Outcome != c.want || a.Reason != c.reason || a.UserActing != c.acting ||
				(a.Outcome == link.Unknown) != (a.Cause != nil) {
				t.Errorf("%s, %s: got %+v", name, call, a)
			}
			if a.Outcome == link.Approved && (a.TheirID != "7000" || a.Order.Minor() != 1980 ||
				*a.PayTo != *a.Order || a.At.Unix() != 1_795_323_540) {
				t.Errorf("%s, %s: tells %+v", name, call, a)
			}
		}
	}
}

// The goal is that what is no envelope is unknown, whatever its status.
func TestOtherAnswersAreUnknown(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "null", "[]", "{}", "<html>", `{"resultInfo":null}`,
		`{"resultInfo":{"code":""}}`, `{"resultInfo":{"code":"no words"}}`, "\xff",
		`{"resultInfo":{"code":"` + strings.Repeat("A", 65) + `"}}`,
		`{"resultInfo":{"code":"NO_SUFFICIENT_FUND"}} {}`,
		`{"resultInfo":{"code":"SUCCESS"}}`, `{"resultInfo":{"code":"SUCCESS"},"data":null}`,
		`{"resultInfo":{"code":"SUCCESS"},"data":[]}`,
		`{"resultInfo":{"code":"SUCCESS"},"data":{"status":7}}`,
		`{"resultInfo":{"code":"A_NEW_WORD"},"data":null}`} {
		for _, status := range []int{200, 301, 400, 404, 502} {
			c, to := against(t, scripted{"POST /v2/payments": {status: status, body: body + " "}})
			a := c.Authorise(t.Context(), to, charged("leg_1"))
			if a.Outcome != link.Unknown || a.Cause == nil {
				t.Errorf("%d %q: got %+v", status, body, a)
			}
		}
	}
}

// The goal is that PayPay gets what it documents: the golden body, the signature over what is
// really sent, the merchant.
func TestPayPayGetsTheDocumentedMessage(t *testing.T) {
	t.Parallel()
	by := credentials()
	var bodies []string
	c, to := against(t, http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		h, err := sign.ParseHeader(q.Header.Get("Authorization"))
		if err == nil {
			err = sign.Verify(by.APISecret, h, sign.Message{Method: q.Method,
				Path: q.URL.EscapedPath(), ContentType: q.Header.Get("Content-Type"),
				Body: body}, clock.Now())
		}
		if err != nil || h.Key != by.APIKey || len(h.Nonce) < 8 ||
			q.Header.Get("X-ASSUME-MERCHANT") != by.MerchantID {
			t.Errorf("%s %s: %v, headers %v", q.Method, q.URL, err, q.Header)
		}
		bodies = append(bodies, q.Method+" "+q.URL.RequestURI()+" "+string(body))
		scripted{}.ServeHTTP(w, q)
	}))
	r := sale("leg_01jd9r2k7v0100407m3q5x8t2w4ya0")
	p := link.Prepare{Authorise: r, Way: link.WayPage, ReturnURL: "https://shop.example/back",
		UserAgent: "Mozilla/5.0", PayerIP: "203.0.113.7"}
	c.Prepare(t.Context(), to, p)
	c.Inquire(t.Context(), to, link.Inquire{About: about(r, link.WayPage)})
	c.Refund(t.Context(), to, link.Refund{About: link.About{OurRequestID: r.OurRequestID,
		TheirID: "7000"}, RefundID: "rfd_1", Order: r.Order, PayTo: r.PayTo, Reason: "returned"})
	want := []string{
		`POST /v2/codes {"merchantPaymentId":"leg_01jd9r2k7v0100407m3q5x8t2w4ya0","amount":` +
			`{"amount":1980,"currency":"JPY"},"codeType":"ORDER_QR","orderDescription":` +
			`"飛騨牛にぎり 2 貫","storeInfo":"三町","storeId":"S-2101-1","terminalId":"T-1",` +
			`"requestedAt":0,"redirectUrl":"https://shop.example/back","redirectType":"WEB_LINK",` +
			`"userAgent":"Mozilla/5.0","ipAddress":"203.0.113.7"}`,
		"GET /v2/codes/payments/leg_01jd9r2k7v0100407m3q5x8t2w4ya0 ",
		`POST /v2/refunds {"merchantRefundId":"rfd_1","paymentId":"7000","amount":` +
			`{"amount":1980,"currency":"JPY"},"requestedAt":0,"reason":"returned"}`,
		"GET /v2/refunds/rfd_1?paymentId=7000 ",
	}
	for i, body := range bodies {
		var at struct {
			RequestedAt int64 `json:"requestedAt"`
		}
		if _, rest, _ := strings.Cut(body, " {"); rest != "" {
			if err := json.Unmarshal([]byte("{"+rest), &at); err != nil {
				t.Fatalf("%s: %v", body, err)
			}
			if age := clock.Now().Unix() - at.RequestedAt; age < 0 || age > 60 {
				t.Errorf("requested %d s ago", age)
			}
			body = strings.Replace(body, fmt.Sprintf(`"requestedAt":%d`, at.RequestedAt),
				`"requestedAt":0`, 1)
		}
		if i >= len(want) || body != want[i] {
			t.Errorf("call %d: got %s", i, body)
		}
	}
}

// The goal is that what is not in yen, or not worth to the shop what the user pays, is declined,
// and so is a scanned code without a contract; nobody is called.
func TestMisfitsAreDeclinedWithoutACall(t *testing.T) {
	t.Parallel()
	server := http.HandlerFunc(func(_ http.ResponseWriter, q *http.Request) {
		t.Errorf("called %s", q.URL)
	})
	c, to := against(t, server)
	cny := money.MustNew(8464, "CNY")
	for _, payTo := range []money.Amount{cny, money.MustNew(1979, "JPY"), money.MustNew(0, "JPY")} {
		r := charged("leg_1")
		r.PayTo = payTo
		wants(t, payTo.String(), c.Authorise(t.Context(), to, r), link.Declined,
			link.ReasonConfiguration)
		form, a := c.Prepare(t.Context(), to, link.Prepare{Authorise: r, Way: link.WayOrder})
		wants(t, payTo.String(), a, link.Declined, link.ReasonConfiguration)
		if form.CodeText != "" {
			t.Errorf("got %+v", form)
		}
	}
	none := paypay.NewClient(paypay.ClientConfig{
		Credentials: func(string) (paypay.Credentials, error) {
			by := credentials()
			by.ScanPath = ""
			return by, nil
		}})
	t.Cleanup(none.Close)
	wants(t, "scan", none.Authorise(t.Context(), to, sale("leg_1")), link.Declined,
		link.ReasonConfiguration)
}

// The goal is that what cannot be called is unknown, with a cause that repeats no secret.
func TestUnreachableWalletIsUnknown(t *testing.T) {
	t.Parallel()
	c, _ := against(t, scripted{})
	for _, base := range []string{"http://127.0.0.1:1", "http://secret@127.0.0.1:1", "nonsense",
		"", "ftp://127.0.0.1", "http://wallet.invalid", "://"} {
		a := c.Authorise(t.Context(), link.Endpoint{IssuerID: walletID, BaseURL: base},
			charged("leg_1"))
		if a.Outcome != link.Unknown || a.Cause == nil ||
			strings.Contains(a.Cause.Error(), "secret") {
			t.Errorf("%q: got %+v", base, a)
		}
	}
}

// The goal is that credentials name the field that is wrong, and never its value.
func TestCredentialsNameTheWrongField(t *testing.T) {
	t.Parallel()
	if err := credentials().Validate(); err != nil {
		t.Errorf("good ones: %v", err)
	}
	for field, change := range map[string]func(*paypay.Credentials){
		"api_key":     func(c *paypay.Credentials) { c.APIKey = "hush:" },
		"api_secret":  func(c *paypay.Credentials) { c.APISecret = "" },
		"merchant_id": func(c *paypay.Credentials) { c.MerchantID = "hush\n" },
		"scan_path":   func(c *paypay.Credentials) { c.ScanPath = "hush?x" },
		"notices_from": func(c *paypay.Credentials) {
			c.NoticesFrom = append(c.NoticesFrom, c.NoticesFrom...)
			c.NoticesFrom = make([]netip.Prefix, 1)
		},
	} {
		c := credentials()
		change(&c)
		err := c.Validate()
		if err == nil || !strings.Contains(err.Error(), field) ||
			strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: got %v", field, err)
		}
		client := paypay.NewClient(paypay.ClientConfig{
			Credentials: func(string) (paypay.Credentials, error) { return c, nil }})
		a := client.Inquire(t.Context(), link.Endpoint{IssuerID: walletID}, link.Inquire{})
		if a.Outcome != link.Unknown || a.Cause == nil {
			t.Errorf("%s: got %+v", field, a)
		}
		client.Close()
	}
}

// The goal is the times of the protocol: a cancel until 00:14:59 JST of the next day.
func TestWindowsEndAfterMidnightInJapan(t *testing.T) {
	t.Parallel()
	c, _ := against(t, scripted{})
	k := c.Capabilities()
	jst := func(day, hour, minute, second int) time.Time {
		return time.Date(2026, 11, day, hour, minute, second, 0, clock.JST)
	}
	for _, w := range []struct{ made, until time.Time }{
		{jst(22, 12, 59, 0), jst(23, 0, 14, 59)}, {jst(22, 0, 0, 0), jst(23, 0, 14, 59)},
		{jst(22, 0, 5, 0), jst(23, 0, 14, 59)}, {jst(22, 23, 59, 59), jst(23, 0, 14, 59)},
		{jst(30, 23, 59, 0), jst(31, 0, 14, 59)}, // 1 December
		{time.Date(2026, 11, 22, 15, 30, 0, 0, time.UTC), jst(24, 0, 14, 59)},
	} {
		if got := k.CancelUntil(w.made); !got.Equal(w.until) {
			t.Errorf("made %s: cancelled until %s, want %s", w.made, got, w.until)
		}
	}
	if k.RefundWindow != 365*24*time.Hour || k.ZeroRefund || !k.PartialRefund || k.IDMax != 64 ||
		k.Captures != 1 || k.HoldLife == 0 || k.Resolves || len(k.Ways) != 5 ||
		k.Can(link.WayMerchant) || k.CallMax > 6*time.Second {
		t.Errorf("got %+v", k)
	}
}
