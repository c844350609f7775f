package alipayplus_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"watari/connect/alipayplus"
	"watari/connect/alipayplus/sign"
	"watari/connect/alipayplus/upstream"
	"watari/connect/alipayplus/wire"
	"watari/kit/clock"
	"watari/kit/money"
	"watari/pay/link"
	"watari/pay/link/linktest"
	"watari/pay/payment"
)

// networkID is how the rig's network is called where it is an issuer.
const networkID = "network-a"

// front stands before the rig's network, which is the real server and core, and damages what goes
// through it as a test says. Behind it the rig's wallet declines and waits for its user.
type front struct {
	*rig
	next http.Handler
	url  string
	late time.Duration
	slow time.Duration

	mu   sync.Mutex
	mode linktest.Mode
	seen [][]byte
}

func newFront(t testing.TB) *front {
	r := newRig(t)
	f := &front{rig: r, next: r.server.Config.Handler, mode: linktest.Approve,
		slow: callMax / 5, late: callMax + callMax/2}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections)
	f.url = server.URL
	return f
}

// credentials are the rig's bank's, as if this network were that bank.
func (r *rig) credentials() upstream.Credentials {
	r.t.Helper()
	bank := keyNamed(r.t, "bank")
	private, err := x509.MarshalPKCS8PrivateKey(bank.private)
	r.do("write the bank's key", err)
	public, err := x509.MarshalPKIXPublicKey(r.network.public())
	r.do("write the network's key", err)
	return upstream.Credentials{ClientID: bankClient, AcquirerID: "gifu-bank",
		KeyVersion: bank.version, PrivateKey: private,
		NetworkKeys: map[string][]byte{fmt.Sprint(r.network.version): public}}
}

// upstreamClient is the connector to the rig's network.
func (r *rig) upstreamClient() *upstream.Client {
	r.t.Helper()
	own := r.credentials()
	c := upstream.NewClient(upstream.ClientConfig{CallMax: callMax, InquiryMax: callMax,
		Credentials: func(string) (upstream.Credentials, error) { return own, nil }})
	r.t.Cleanup(c.Close)
	return c
}

func (f *front) endpoint() link.Endpoint {
	return link.Endpoint{IssuerNo: 3, IssuerID: networkID, ClientID: "ignored", BaseURL: f.url,
		NotifyURL: "https://us.example/wallets/alipayplus_upstream/" + networkID}
}

// sale is a payment that the rig's wallet would approve.
func (f *front) sale() link.Authorise {
	f.t.Helper()
	n := f.n.Add(1)
	yen := money.MustNew(1980, "JPY")
	return link.Authorise{OurRequestID: fmt.Sprintf("leg_00000000000000000000000%d", n),
		AcquirerID: "our-bank", IssuerID: networkID, PaymentID: fmt.Sprintf("pay_%d", n),
		OrderRef: fmt.Sprintf("TAK-%d", n), Description: "飛騨牛にぎり", Code: f.freshCode(),
		Order: yen, PayTo: yen, Expires: clock.Now().Add(time.Minute),
		Shop: link.Shop{MerchantID: "M-2101", MerchantName: "Sanmachi Sushi KK",
			StoreID: "S-2101-1", StoreName: "Sanmachi", TerminalID: "T-1", MCC: "5812",
			Prefecture: "JP-21"}}
}

// Set is part of linktest.Wallet.
func (f *front) Set(m linktest.Mode) {
	behind := linktest.Approve
	if m == linktest.Decline || m == linktest.Pending {
		behind = m
	}
	f.wallet.Set(behind)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.mode = m
}

// find is the network's own payment of a request id of ours.
func (f *front) find(requestID string) *payment.Payment {
	p, err := f.core.Find(context.Background(), f.bank.No, payment.ChannelAlipayPlus,
		payment.Ref{RequestID: requestID})
	if err != nil || p.ID == "" {
		return nil
	}
	return p
}

// leg is the id under which the rig's wallet knows a payment.
func leg(p *payment.Payment) string { return "leg" + p.ID[3:] + "0" }

// Debits is part of linktest.Wallet.
func (f *front) Debits(requestID string) int {
	if p := f.find(requestID); p != nil {
		return f.wallet.Debits(leg(p))
	}
	return 0
}

// Taken is part of linktest.Wallet: what the network owes us.
func (f *front) Taken(requestID string) int64 {
	p := f.find(requestID)
	if p == nil {
		return 0
	}
	switch p.State {
	case payment.Captured, payment.Refunded:
		return p.CapturedMinor - p.RefundedMinor
	}
	return f.wallet.Taken(leg(p))
}

// Refunds is part of linktest.Wallet.
func (f *front) Refunds(refundID string) int {
	requestID, _, _ := strings.Cut(refundID, "_r")
	p := f.find(requestID)
	if p == nil {
		return 0
	}
	all, err := f.core.Refunds(context.Background(), p.AcquirerNo, p.ID)
	if err != nil {
		f.t.Errorf("read refunds: %v", err)
	}
	n := 0
	for _, r := range all {
		if r.RequestID == refundID && r.State == payment.RefundSucceeded {
			n++
		}
	}
	return n
}

// Confirm is part of linktest.Wallet: the user says yes, and the wallet tells the network.
func (f *front) Confirm(requestID string) {
	p := f.find(requestID)
	if p == nil {
		f.t.Errorf("nothing to confirm under %s", requestID)
		return
	}
	f.wallet.Confirm(leg(p))
	err := f.core.Notify(context.Background(), f.issuer.No, link.Notice{OurRequestID: leg(p),
		Answer: link.Answer{Outcome: link.Approved, Code: "SUCCESS", TheirID: "W-1"}})
	if err != nil {
		f.t.Errorf("confirm: %v", err)
	}
}

// ServeHTTP hands a request on, and spoils what the mode says.
func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	f.mu.Lock()
	mode := f.mode
	f.seen = append(f.seen, body)
	f.mu.Unlock()
	pass := func(ctx context.Context) *httptest.ResponseRecorder {
		again := r.Clone(ctx)
		again.Body = io.NopCloser(bytes.NewReader(body))
		rec := httptest.NewRecorder()
		f.next.ServeHTTP(rec, again)
		return rec
	}
	silent := mode == linktest.Deaf || mode == linktest.Silence && r.URL.Path == alipayplus.PathPay
	switch {
	case silent:
		<-r.Context().Done()
		return
	case mode == linktest.Late:
		time.AfterFunc(f.late, func() { pass(context.Background()) })
		<-r.Context().Done()
		return
	case mode == linktest.Slow:
		time.Sleep(f.slow)
	}
	rec := pass(r.Context())
	if mode == linktest.Drop {
		panic(http.ErrAbortHandler)
	}
	f.spoil(rec, r, mode)
	for name, values := range rec.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(rec.Code)
	_, _ = w.Write(rec.Body.Bytes())
}

// spoil changes an answer; where the mode is not about the signature it is signed anew.
func (f *front) spoil(rec *httptest.ResponseRecorder, r *http.Request, mode linktest.Mode) {
	key, version, now, body := f.network, f.network.version, clock.Now(), rec.Body.Bytes()
	switch mode {
	case linktest.BadSignature:
		key = keyNamed(f.t, "stranger")
	case linktest.WrongKey:
		version = 99
	case linktest.Skewed:
		now = now.Add(-6 * time.Hour)
	case linktest.ServerError:
		rec.Code = http.StatusInternalServerError
	case linktest.Redirect:
		rec.Header().Set("Location", f.url+"/elsewhere")
		rec.Code = http.StatusTemporaryRedirect
	case linktest.Garbage:
		body = []byte("<html>out of order</html>")
	case linktest.Huge:
		body = append(body[:len(body)-1:len(body)-1], []byte(`,"padding":"`+
			strings.Repeat("x", 2<<20)+`"}`)...)
	case linktest.WrongID, linktest.OtherAmount:
		body = f.rewrite(body, mode)
	case linktest.Unsigned:
	default:
		return
	}
	at := wire.FormatTime(now)
	header, err := sign.Sign(key.signer, sign.Message{Method: r.Method, Path: r.URL.Path,
		ClientID: bankClient, At: at, Body: body})
	if err != nil {
		f.t.Errorf("sign: %v", err)
	}
	header = strings.Replace(header, fmt.Sprintf("keyVersion=%d", key.version),
		fmt.Sprintf("keyVersion=%d", version), 1)
	rec.Body = bytes.NewBuffer(body)
	rec.Header()["response-time"] = []string{at}
	delete(rec.Header(), "signature")
	if mode != linktest.Unsigned {
		rec.Header()["signature"] = []string{header}
	}
}

// rewrite makes an answer that is about somebody else, or about another amount.
func (f *front) rewrite(body []byte, mode linktest.Mode) []byte {
	var m map[string]any
	if err := json.Unmarshal(body, &m); err != nil {
		f.t.Errorf("read %s: %v", body, err)
		return body
	}
	if mode == linktest.WrongID {
		m["acquirerId"] = "another-bank"
	} else {
		m["settlementAmount"] = map[string]string{"currency": "JPY", "value": "1"}
	}
	changed, err := json.Marshal(m)
	if err != nil {
		f.t.Errorf("write %v: %v", m, err)
	}
	return changed
}
