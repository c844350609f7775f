package linepay_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"watari/connect/linepay"
	"watari/connect/linepay/sign"
	"watari/kit/clock"
	"watari/kit/money"
	"watari/pay/link"
)

// scripted is a LINE Pay that answers as it is told, and keeps what it was asked.
type scripted struct {
	*linepay.Client
	to link.Endpoint

	mu      sync.Mutex
	answers []string
	asked   []*http.Request
	bodies  []string
}

const aChannel = "linesecret"

func newScripted(t testing.TB, offline string, answers ...string) *scripted {
	t.Helper()
	s := &scripted{answers: answers}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.to = link.Endpoint{IssuerID: "wallet-1", BaseURL: server.URL,
		NotifyURL: "https://pay.example/wallets/linepay/wallet-1"}
	s.Client = linepay.NewClient(linepay.ClientConfig{
		Credentials: func(string) (linepay.Credentials, error) {
			return linepay.Credentials{ChannelID: "147", ChannelSecret: aChannel, Currency: "USD",
				Offline: offline, DeviceProfileID: "POS-1", DeviceType: "POS"}, nil
		}})
	t.Cleanup(s.Client.Close)
	return s
}

func (s *scripted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked, s.bodies = append(s.asked, r), append(s.bodies, string(body))
	answer := `{"returnCode":"9000","returnMessage":"-"}`
	if len(s.answers) > 0 {
		answer, s.answers = s.answers[0], s.answers[1:]
	}
	_, _ = io.WriteString(w, answer)
}

// aSale is a payment with everything in it.
func aSale() link.Authorise {
	return link.Authorise{OurRequestID: "leg_1", IssuerID: "wallet-1", PaymentID: "pay_1",
		Code: "380555560043157488", Order: money.MustNew(1980, "JPY"),
		PayTo: money.MustNew(13_05, "USD"), Shop: link.Shop{StoreName: "三町 <本店> & co"}}
}

// aProduct is how aSale's shop stands in JSON: as it is, because the bytes are signed.
const aProduct = `"products":[{"name":"三町 <本店> & co JPY 1980","quantity":1,"price":13.05}]`

// wireCase is a call and what it sends first.
type wireCase struct {
	offline    string
	call       func(s *scripted)
	line, body string
}

// payCases are the messages that ask for money. They hold aSale.
func payCases(ctx context.Context) map[string]wireCase {
	const packages = `"packages":[{"id":"1","amount":13.05,` + aProduct + `}]`
	const byKey = `{"amount":13.05,"currency":"USD","orderId":"leg_1","oneTimeKey":` +
		`"380555560043157488",` + packages
	const back = `"https://pay.example/wallets/linepay/wallet-1/return?request=leg_1&to=` +
		`https%3A%2F%2Fpay.example%2Fp%3Fa%3D1%26b%3D2"`
	pay := func(change func(r *link.Authorise)) func(s *scripted) {
		return func(s *scripted) {
			r := aSale()
			change(&r)
			s.Authorise(ctx, s.to, r)
		}
	}
	return map[string]wireCase{
		"key v4": {"", pay(func(*link.Authorise) {}), "POST /v4/payments/oneTimeKeys/pay",
			byKey + `}`},
		"key v4, promised": {"v4", pay(func(r *link.Authorise) { r.Hold = true }),
			"POST /v4/payments/oneTimeKeys/pay",
			byKey + `,"options":{"payment":{"capture":false}}}`},
		"key v2": {"v2", pay(func(*link.Authorise) {}), "POST /v2/payments/oneTimeKeys/pay",
			`{"productName":"三町 <本店> & co JPY 1980","amount":13.05,"currency":"USD",` +
				`"orderId":"leg_1","oneTimeKey":"380555560043157488"}`},
		"consent": {"", pay(func(r *link.Authorise) { r.Token = "RK/1" }),
			"POST /v3/payments/preapprovedPay/RK%2F1/payment",
			`{"productName":"三町 <本店> & co JPY 1980","amount":13.05,"currency":"USD",` +
				`"orderId":"leg_1"}`},
		"page": {"", func(s *scripted) {
			s.Prepare(ctx, s.to, link.Prepare{Authorise: aSale(), Way: link.WayPage,
				ReturnURL: "https://pay.example/p?a=1&b=2"})
		}, "POST /v3/payments/request", `{"amount":13.05,"currency":"USD","orderId":"leg_1",` +
			packages + `,"redirectUrls":{"confirmUrl":` + back + `,"cancelUrl":` + back + `}}`},
	}
}

// otherCases are the messages about a payment that is there.
func otherCases(ctx context.Context) map[string]wireCase {
	about := link.About{OurRequestID: "leg_1", TheirID: "2026072212345678901",
		PayTo: money.MustNew(13_05, "USD")}
	byKey := about
	byKey.Way = link.WayCode
	return map[string]wireCase{
		"confirm": {"", func(s *scripted) { s.Complete(ctx, s.to, about) },
			"POST /v3/payments/2026072212345678901/confirm",
			`{"amount":13.05,"currency":"USD"}`},
		"check": {"", func(s *scripted) { s.Inquire(ctx, s.to, link.Inquire{About: about}) },
			"GET /v3/payments/requests/2026072212345678901/check", ``},
		"check an order": {"", func(s *scripted) {
			s.Inquire(ctx, s.to, link.Inquire{About: byKey})
		}, "GET /v4/payments/orders/leg_1/check", ``},
		"details": {"", func(s *scripted) {
			s.Refund(ctx, s.to, link.Refund{About: about, RefundID: "ref_1"})
		}, "GET /v3/payments?transactionId=2026072212345678901", ``},
		"details of an order": {"v2", func(s *scripted) {
			s.Refund(ctx, s.to, link.Refund{About: byKey, RefundID: "ref_1"})
		}, "GET /v2/payments?orderId=leg_1", ``},
		"capture": {"", func(s *scripted) {
			s.Capture(ctx, s.to, link.Capture{About: about, PayTo: money.MustNew(10_00, "USD")})
		}, "POST /v3/payments/authorizations/2026072212345678901/capture",
			`{"amount":10,"currency":"USD"}`},
		"cancel": {"", func(s *scripted) { s.Cancel(ctx, s.to, link.Cancel{About: about}) },
			"POST /v3/payments/2026072212345678901/refund", `{}`},
		"revoke": {"", func(s *scripted) { s.Revoke(ctx, s.to, link.Consent{}, "RK1") },
			"POST /v3/payments/preapprovedPay/RK1/expire", `{}`},
	}
}

// The goal is that the messages do not change unseen. Method: each one whole, with its headers.
func TestMessagesOnTheWire(t *testing.T) {
	t.Parallel()
	cases := payCases(t.Context())
	maps.Copy(cases, otherCases(t.Context()))
	for name, c := range cases {
		s := newScripted(t, c.offline)
		c.call(s)
		r, body := s.asked[0], s.bodies[0]
		if got := r.Method + " " + r.URL.RequestURI(); got != c.line || body != c.body {
			t.Errorf("%s: got %s\n%s\nwant %s\n%s", name, got, body, c.line, c.body)
		}
		h := r.Header
		m := sign.Message{Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery,
			Body: []byte(body), Nonce: h.Get(sign.HeaderNonce)}
		signed := sign.Verify(aChannel, m, h.Get(sign.HeaderMAC)) && m.Nonce != "" &&
			h.Get(sign.HeaderSecret) == ""
		if strings.HasPrefix(r.URL.Path, "/v2/") {
			signed = h.Get(sign.HeaderSecret) == aChannel && h.Get(sign.HeaderMAC) == ""
		}
		if !signed || h.Get(sign.HeaderChannel) != "147" || h.Get(sign.HeaderDevice) != "POS-1" ||
			h.Get(sign.HeaderKind) != "POS" || h.Get("Content-Type") != "application/json" {
			t.Errorf("%s: the headers are %v", name, h)
		}
	}
}

// The goal is that a number of 19 digits goes through the connector whole. Method: any number, as
// LINE Pay writes it, through a payment, its inquiry and its refund.
func TestTransactionNumbersStayWhole(t *testing.T) {
	t.Parallel()
	s := newScripted(t, "")
	rapid.Check(t, func(rt *rapid.T) {
		number := rapid.Uint64Range(1_000_000_000_000_000_000, 9_999_999_999_999_999_999)
		n, back := fmt.Sprint(number.Draw(rt, "id")), fmt.Sprint(number.Draw(rt, "refund"))
		s.mu.Lock()
		s.asked = nil
		s.answers = []string{
			`{"returnCode":"0000","info":{"transactionId":` + n + `,"orderId":"leg_1",` +
				`"payInfo":[{"method":"BALANCE","amount":13.00},{"method":"POINT","amount":` +
				`0.05}]}}`,
			`{"returnCode":"0000","info":[{"transactionId":` + n + `,"orderId":"leg_1",` +
				`"transactionType":"PAYMENT","currency":"USD","payStatus":"CAPTURE","payInfo":` +
				`[{"method":"BALANCE","amount":13.05}]}]}`,
			`{"returnCode":"0000","info":{"refundTransactionId":` + back + `,` +
				`"refundTransactionDate":"2026-11-22T05:06:07Z"}}`}
		s.mu.Unlock()
		r := aSale()
		a := s.Authorise(t.Context(), s.to, r)
		if a.Outcome != link.Approved || a.TheirID != n || *a.PayTo != r.PayTo {
			rt.Fatalf("pay: %+v", a)
		}
		f := s.Refund(t.Context(), s.to, link.Refund{RefundID: "ref_1", PayTo: r.PayTo,
			About: link.About{OurRequestID: "leg_1", TheirID: a.TheirID, PayTo: r.PayTo}})
		want := time.Date(2026, 11, 22, 5, 6, 7, 0, time.UTC)
		if f.Outcome != link.Approved || f.TheirID != back || !f.At.Equal(want) {
			rt.Fatalf("refund: %+v", f)
		}
		if got := s.asked[2].URL.Path; got != "/v3/payments/"+n+"/refund" {
			rt.Fatalf("the refund was sent to %s", got)
		}
	})
}

// The goal is that an order whose answer never came ends. Method: cancel what LINE Pay does not
// know, a minute and ten minutes after it was asked.
func TestCancelOfAnUnknownOrderEnds(t *testing.T) {
	t.Parallel()
	const none = `{"returnCode":"1150","returnMessage":"-"}`
	for name, c := range map[string]struct {
		way  link.Way
		ago  time.Duration
		want link.Outcome
	}{
		"key, just now":     {link.WayCode, time.Minute, link.Unknown},
		"key, over":         {link.WayCode, 10 * time.Minute, link.Approved},
		"consent, just now": {link.WayAgreement, time.Minute, link.Unknown},
		"consent, over":     {link.WayAgreement, 10 * time.Minute, link.Approved},
		"page":              {link.WayPage, time.Second, link.Approved},
	} {
		s := newScripted(t, "", none, none, none)
		a := s.Cancel(t.Context(), s.to, link.Cancel{About: link.About{OurRequestID: "leg_1",
			Way: c.way, PayTo: money.MustNew(13_05, "USD"), At: clock.Now().Add(-c.ago)}})
		if a.Outcome != c.want || a.NoSuch != (c.want == link.Unknown) {
			t.Errorf("%s: got %+v, want %s", name, a, c.want)
		}
	}
}

// The goal is that a refund which LINE Pay refuses is a no only when it is not there after all.
// Method: a refusal, behind which the books show the refund, or do not.
func TestRefusedRefundIsLookedForAgain(t *testing.T) {
	t.Parallel()
	const paid = `{"returnCode":"0000","info":[{"transactionId":2026072212345678901,` +
		`"transactionType":"PAYMENT","currency":"USD","payStatus":"CAPTURE",` +
		`"payInfo":[{"amount":13.05}]`
	const back = `,"refundList":[{"refundTransactionId":2026072212345678999,` +
		`"refundAmount":-2.00,"transactionType":"PARTIAL_REFUND"}]`
	for name, c := range map[string]struct {
		code, after string
		want        link.Outcome
		reason      link.Reason
	}{
		"there":     {"1165", back, link.Approved, ""},
		"not there": {"1165", "", link.Declined, link.ReasonAmount},
		"too late":  {"1163", "", link.Declined, link.ReasonWindow},
		"busy":      {"1198", "", link.Unknown, ""},
		"broken":    {"9000", back, link.Approved, ""},
	} {
		s := newScripted(t, "", paid+`}]}`, `{"returnCode":"`+c.code+`"}`, paid+c.after+`}]}`)
		a := s.Refund(t.Context(), s.to, link.Refund{RefundID: "ref_1", Known: []string{},
			About: link.About{OurRequestID: "leg_1", TheirID: "2026072212345678901"},
			PayTo: money.MustNew(2_00, "USD")})
		if a.Outcome != c.want || a.Reason != c.reason {
			t.Errorf("%s: got %+v", name, a)
		}
	}
}

// The goal is that a refund of all that was paid is done when all is back, whoever gave it back: a
// cancel before it may have. Method: the books with such a refund, and a core that knows of none.
func TestWholeRefundIsDoneWhenAllIsBack(t *testing.T) {
	t.Parallel()
	s := newScripted(t, "", `{"returnCode":"0000","info":[{"transactionId":2026072212345678901,`+
		`"transactionType":"PAYMENT","currency":"USD","payInfo":[{"amount":13.05}],`+
		`"refundList":[{"refundTransactionId":2026072212345678999,"refundAmount":-13.05}]}]}`)
	about := link.About{OurRequestID: "leg_1", TheirID: "2026072212345678901"}
	a := s.Refund(t.Context(), s.to, link.Refund{RefundID: "ref_1", About: about,
		PayTo: money.MustNew(13_05, "USD")})
	wants(t, "refund", a, link.Approved, "")
	if a.TheirID != "2026072212345678999" || len(s.asked) != 1 {
		t.Errorf("%d calls, %+v", len(s.asked), a)
	}
}

// The goal is that wrong credentials are named and never shown. Method: a table, and printing.
func TestCredentialsNameTheWrongField(t *testing.T) {
	t.Parallel()
	good := linepay.Credentials{ChannelID: "147", ChannelSecret: "s3cret", Currency: "TWD"}
	if err := good.Validate(); err != nil {
		t.Errorf("good ones are refused: %v", err)
	}
	for field, spoil := range map[string]func(c *linepay.Credentials){
		"channel_id":        func(c *linepay.Credentials) { c.ChannelID = "" },
		"channel_secret":    func(c *linepay.Credentials) { c.ChannelSecret = " s3cret" },
		"currency":          func(c *linepay.Credentials) { c.Currency = "JPY" },
		"offline":           func(c *linepay.Credentials) { c.Offline = "v3" },
		"device_profile_id": func(c *linepay.Credentials) { c.DeviceProfileID = "POS\n1" },
		"device_type":       func(c *linepay.Credentials) { c.DeviceType = "端末" },
	} {
		c := good
		spoil(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), field+" ") ||
			strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: got %v", field, err)
		}
	}
	if text := fmt.Sprintf("%v %+v %#v", good, good, good); strings.Contains(text, "s3cret") {
		t.Errorf("the secret is printed: %s", text)
	}
	var read linepay.Credentials
	err := json.Unmarshal([]byte(`{"channel_id":"147","channel_secret":"s","currency":"THB"}`),
		&read)
	if err != nil || read.Validate() != nil || read.Currency != "THB" {
		t.Errorf("read %+v, %v", read, err)
	}
}

// The goal is that without credentials nothing is sent, and that money that may be out is not
// called gone. Method: a client without them.
func TestNothingIsSentWithoutCredentials(t *testing.T) {
	t.Parallel()
	c := linepay.NewClient(linepay.ClientConfig{
		Credentials: func(string) (linepay.Credentials, error) {
			return linepay.Credentials{}, errors.New("no file")
		}})
	defer c.Close()
	ctx, to, about := t.Context(), link.Endpoint{IssuerID: "x"}, link.About{OurRequestID: "leg_1"}
	_, prepared := c.Prepare(ctx, to, link.Prepare{Authorise: aSale()})
	wants(t, "authorise", c.Authorise(ctx, to, aSale()), link.Declined, link.ReasonConfiguration)
	wants(t, "prepare", prepared, link.Declined, link.ReasonConfiguration)
	for name, a := range map[string]link.Answer{
		"inquire":  c.Inquire(ctx, to, link.Inquire{About: about}),
		"cancel":   c.Cancel(ctx, to, link.Cancel{About: about}),
		"refund":   c.Refund(ctx, to, link.Refund{About: about}),
		"complete": c.Complete(ctx, to, about),
		"capture":  c.Capture(ctx, to, link.Capture{About: about}),
		"revoke":   c.Revoke(ctx, to, link.Consent{}, "RK1"),
	} {
		if a.Outcome != link.Unknown || a.Cause == nil {
			t.Errorf("%s: got %+v", name, a)
		}
	}
}

// The goal is that the key of a consent, which stands in an address, is in no error. Method: a
// host that does not answer, and one that is not a host.
func TestConsentKeysAreInNoError(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"http://127.0.0.1:1", "nowhere", "http://[::1"} {
		s := newScripted(t, "")
		s.to.BaseURL = base
		r := aSale()
		r.Token = "RKSECRET"
		a := s.Authorise(t.Context(), s.to, r)
		if a.Outcome != link.Unknown || a.Cause == nil ||
			strings.Contains(a.Cause.Error(), "RKSECRET") {
			t.Errorf("%s: got %+v", base, a)
		}
	}
}
