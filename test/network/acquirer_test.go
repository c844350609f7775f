package network

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"watari/kit/clock"
)

// Paths of the network for banks.
const (
	pathPay     = "/aps/api/v1/payments/pay"
	pathInquiry = "/aps/api/v1/payments/inquiryPayment"
	pathCancel  = "/aps/api/v1/payments/cancelPayment"
	pathRefund  = "/aps/api/v1/payments/refund"
)

// answerWait is longer than the 8 s that the protocol gives an acquirer: on a crowded machine the
// test process itself may be late.
const answerWait = 20 * time.Second

// acquirer is the computer of a bank that speaks Alipay+. It is safe for concurrent use.
type acquirer struct {
	base     string
	clientID string
	private  *rsa.PrivateKey
	network  *rsa.PublicKey
	direct   *http.Client
	proxied  *http.Client // writes the request target in its absolute form
}

// newAcquirer reads keys in one-line Base64 of PKCS #8 and of SPKI.
func newAcquirer(base, clientID, privateKey, networkKey string) (*acquirer, error) {
	der, err := base64.StdEncoding.DecodeString(privateKey)
	if err != nil {
		return nil, err
	}
	private, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, err
	}
	if der, err = base64.StdEncoding.DecodeString(networkKey); err != nil {
		return nil, err
	}
	public, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, err
	}
	a := &acquirer{clientID: clientID, private: private.(*rsa.PrivateKey),
		network: public.(*rsa.PublicKey)}
	return a, a.moveTo(base)
}

// moveTo points the client at a process of the network.
func (a *acquirer) moveTo(base string) error {
	proxy, err := url.Parse(base)
	if err != nil {
		return err
	}
	a.base = base
	a.direct = &http.Client{Timeout: answerWait,
		Transport: &http.Transport{MaxIdleConnsPerHost: 128}}
	// To a proxy a client names the whole address; here the proxy is the network itself.
	a.proxied = &http.Client{Timeout: answerWait, Transport: &http.Transport{
		MaxIdleConnsPerHost: 128, Proxy: http.ProxyURL(proxy)}}
	return nil
}

// style is a way to write what the protocol's documents leave open, or what clients in the
// field do.
type style struct {
	name      string
	header    func(string) string // the case of header names
	at        func(time.Time) string
	encode    func([]byte) string // of the signature
	signature string              // form of the header: client id, then the signature
	bare      bool                // booleans and numbers without quotation marks
	chatty    bool                // members that no document has, and null for what is absent
	twice     bool                // Content-Type twice and an empty Agent-Token
	absolute  bool                // the request target is a whole URL
}

func asIs(s string) string { return s }

func iso(t time.Time) string { return t.In(clock.JST).Format("2006-01-02T15:04:05-07:00") }

func millis(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }

func compact(t time.Time) string { return t.In(clock.CST).Format("20060102150405-0700") }

func escaped(b []byte) string {
	return url.QueryEscape(base64.StdEncoding.EncodeToString(b))
}

// plain is the first version of every key in the sandbox.
const plain = "algorithm=RSA256,keyVersion=1,signature=%[2]s"

// styles are combinations, so that each variation meets another one.
func styles() []style {
	return []style{
		{name: "as documented", header: asIs, at: iso, encode: escaped, signature: plain},
		{name: "lower case, milliseconds, base64url", header: strings.ToLower, at: millis,
			encode: base64.RawURLEncoding.EncodeToString, signature: plain, bare: true},
		{name: "upper case, doubled headers, bare base64", header: strings.ToUpper, at: iso,
			encode: base64.StdEncoding.EncodeToString, signature: plain, twice: true,
			chatty: true},
		{name: "absolute target, compact time", header: asIs, at: compact,
			encode: base64.URLEncoding.EncodeToString, signature: plain, bare: true,
			absolute: true},
		{name: "blanks and a client id in the header", header: strings.ToLower, at: millis,
			encode:    escaped,
			signature: "algorithm=RSA256, keyVersion=1, clientId=%[1]s, signature=%[2]s",
			chatty:    true, twice: true, absolute: true},
	}
}

// documented is the style of those who follow the documents.
func documented() style { return styles()[0] }

// object is a message in the making.
type object = map[string]any

// flag and number are scalars: strings by the documents, bare JSON in some clients.
func (s style) flag(v bool) any {
	if s.bare {
		return v
	}
	return strconv.FormatBool(v)
}

func (s style) number(v int64) any {
	if s.bare {
		return v
	}
	return strconv.FormatInt(v, 10)
}

func (s style) yen(v int64) object { return object{"currency": "JPY", "value": s.number(v)} }

// write makes the body of a message.
func (s style) write(m object) []byte {
	if s.chatty {
		m["somethingNew"] = object{"depth": []any{1, "2", nil}}
		m["userRegion"] = nil
	}
	body, err := json.Marshal(m)
	if err != nil {
		panic(err) // the messages of this package have a JSON form
	}
	return body
}

// result is how a request, or a payment, ended.
type result struct {
	Status  string `json:"resultStatus"`
	Code    string `json:"resultCode"`
	Message string `json:"resultMessage"`
}

func (r result) String() string { return r.Status + " " + r.Code }

type apsAmount struct {
	Currency string `json:"currency"`
	Value    string `json:"value"`
}

// answer is what any of the four operations answers. Scalars are strings, by the documents, so a
// number in the place of one does not decode.
type answer struct {
	Result           result     `json:"result"`
	PaymentResult    *result    `json:"paymentResult"`
	AcquirerID       string     `json:"acquirerId"`
	PSPID            string     `json:"pspId"`
	PaymentRequestID string     `json:"paymentRequestId"`
	PaymentID        string     `json:"paymentId"`
	PaymentTime      string     `json:"paymentTime"`
	PaymentAmount    *apsAmount `json:"paymentAmount"`
	SettlementAmount *apsAmount `json:"settlementAmount"`
	CustomerID       string     `json:"customerId"`
	WalletPaymentID  string     `json:"mppPaymentId"`
	RefundID         string     `json:"refundId"`
	RefundAmount     *apsAmount `json:"refundAmount"`
	Transactions     []struct {
		Type   string `json:"transactionType"`
		Status string `json:"transactionStatus"`
	} `json:"transactions"`

	text string // the raw body
}

// call signs a message, sends it and believes the answer only when it is signed.
func (a *acquirer) call(ctx context.Context, s style, path string, m object) (answer, error) {
	r, err := a.request(ctx, s, path, s.write(m))
	if err != nil {
		return answer{}, err
	}
	return a.send(s, r)
}

// request makes a signed request. Tests of bad input change it before it is sent.
func (a *acquirer) request(ctx context.Context, s style, path string, body []byte,
) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, a.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	at := s.at(clock.Now())
	sum := sha256.Sum256(signedText(r.Method, path, a.clientID, at, body))
	raw, err := rsa.SignPKCS1v15(rand.Reader, a.private, crypto.SHA256, sum[:])
	if err != nil {
		return nil, err
	}
	set := func(name string, values ...string) { r.Header[s.header(name)] = values }
	set("Client-Id", a.clientID)
	set("Request-Time", at)
	set("Signature", fmt.Sprintf(s.signature, a.clientID, s.encode(raw)))
	set("Content-Type", "application/json; charset=UTF-8")
	if s.twice {
		set("Content-Type", "application/json; charset=UTF-8", "application/json; charset=UTF-8")
		set("Agent-Token", "")
	}
	return r, nil
}

// signedText is what both sides sign: method and path of the request, who asks, when, the raw body.
func signedText(method, path, client, at string, body []byte) []byte {
	return fmt.Appendf(nil, "%s %s\n%s.%s.%s", method, path, client, at, body)
}

// send sends a request and checks the answer: HTTP 200, whatever happened, signed by the network.
func (a *acquirer) send(s style, r *http.Request) (answer, error) {
	client := a.direct
	if s.absolute {
		client = a.proxied
	}
	res, err := client.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	switch {
	case err != nil:
		return answer{}, err
	case res.StatusCode != http.StatusOK:
		return answer{}, &statusError{res.StatusCode, string(body)}
	}
	if err := a.believe(r, res.Header, body); err != nil {
		return answer{}, fmt.Errorf("%w: %s", err, body)
	}
	got := answer{text: string(body)}
	if err := json.Unmarshal(body, &got); err != nil {
		return answer{}, fmt.Errorf("read %s: %w", body, err)
	}
	return got, nil
}

// statusError is an answer that is not of the protocol.
type statusError struct {
	status int
	body   string
}

func (e *statusError) Error() string { return fmt.Sprintf("HTTP %d: %s", e.status, e.body) }

// believe checks the signature of an answer, as the strictest of the official clients do: what
// follows "signature=" is all signature, in Base64 that was escaped for a URL.
func (a *acquirer) believe(r *http.Request, h http.Header, body []byte) error {
	if kind := h.Get("Content-Type"); kind != "application/json; charset=UTF-8" {
		return fmt.Errorf("the answer has the content type %q", kind)
	}
	head, tail, ok := strings.Cut(h.Get("Signature"), "signature=")
	if !ok || !strings.HasPrefix(head, "algorithm=RSA256,") ||
		!strings.Contains(head, "keyVersion=1") {
		return fmt.Errorf("the answer has the signature header %q", h.Get("Signature"))
	}
	text, err := url.QueryUnescape(tail)
	if err != nil {
		return err
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return err
	}
	at := h.Get("Response-Time")
	then, err := time.Parse("2006-01-02T15:04:05-07:00", at)
	if err != nil || clock.Now().Sub(then).Abs() > 5*time.Minute {
		return fmt.Errorf("the answer is of %q", at)
	}
	sum := sha256.Sum256(signedText(r.Method, r.URL.Path, h.Get("Client-Id"), at, body))
	if rsa.VerifyPKCS1v15(a.network, crypto.SHA256, sum[:], raw) != nil {
		return errors.New("the network did not sign this answer")
	}
	return nil
}
