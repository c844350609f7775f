package alipayplus_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"watari/connect/alipayplus"
	"watari/connect/alipayplus/sign"
	"watari/connect/alipayplus/wire"
	"watari/kit/clock"
	"watari/pay/link/linktest"
	"watari/pay/payment"
)

// bankServer is a bank's own server for notices: strict, signing with a key of the test's choice.
type bankServer struct {
	t       *testing.T
	r       *rig
	key     string
	answer  wire.Message
	signed  bool
	notices [][]byte
}

func (b *bankServer) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, _ := io.ReadAll(q.Body)
	h, err := sign.ParseHeader(q.Header.Get("Signature"))
	if err == nil {
		err = sign.Verify(b.r.network.public(), sign.Message{Method: q.Method, Path: q.URL.Path,
			ClientID: bankClient, At: q.Header.Get("Request-Time"), Body: body}, h.Value)
	}
	if err != nil {
		b.t.Errorf("the notice does not verify: %v", err)
	}
	b.notices = append(b.notices, body)
	text := wire.Encode(b.answer)
	at := wire.FormatTime(clock.Now())
	header, err := sign.Sign(keyNamed(b.t, b.key).signer, sign.Message{Method: q.Method,
		Path: q.URL.Path, ClientID: bankClient, At: at, Body: text})
	if err != nil {
		b.t.Errorf("sign: %v", err)
	}
	if b.signed {
		w.Header().Set("Signature", header)
	}
	w.Header().Set("Response-Time", at)
	w.Write(text)
}

func (r *rig) notifier(local bool) *alipayplus.Notifier {
	n := alipayplus.NewNotifier(alipayplus.NotifierConfig{Directory: r.dir, Signers: r.network,
		Seal: r.ring, Timeout: 2 * time.Second, Local: local})
	r.t.Cleanup(n.Close)
	return n
}

// paidPayment makes one payment and returns it as the core has it.
func (r *rig) paidPayment(notifyURL string) *payment.Payment {
	r.t.Helper()
	req := r.payRequest(1980)
	req.PaymentNotifyURL = notifyURL
	r.pay(req, wire.CodeSuccess)
	return r.core1(req.PaymentRequestID)
}

func (r *rig) core1(requestID string) *payment.Payment {
	r.t.Helper()
	p, err := r.core.Find(r.t.Context(), r.bank.No, payment.ChannelAlipayPlus,
		payment.Ref{RequestID: requestID})
	r.do("find", err)
	return p
}

// The goal is that a bank is told in the documented words, at the address it named, and that only
// a signed S counts as told.
func TestOnlyASignedAcknowledgementCounts(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	bank := &bankServer{t: t, r: r}
	server := httptest.NewServer(bank)
	t.Cleanup(server.Close)
	p := r.paidPayment(server.URL + "/notify?tenant=1")
	n := r.notifier(true)
	notice, err := n.Build(t.Context(), p)
	r.do("build", err)

	var m wire.PaymentNotice
	r.do("read the notice", wire.DecodeRequest(notice.Body, &m))
	if m.PaymentResult.Code != wire.CodeSuccess || m.PaymentRequestID != p.RequestID ||
		m.PaymentID != p.ID || m.CustomerID != "U1" || m.AcquirerID != "gifu-bank" ||
		m.PSPID != walletID || m.SettlementAmount.String() != "JPY 1980" {
		t.Errorf("the notice is %s", notice.Body)
	}
	ok := &wire.Ack{Result: wire.ResultOf(wire.CodeSuccess)}
	for _, c := range []struct {
		name   string
		bank   bankServer
		accept bool
	}{
		{"signed S", bankServer{key: "bank", answer: ok, signed: true}, true},
		{"unsigned S", bankServer{key: "bank", answer: ok}, false},
		{"S by another key", bankServer{key: "stranger", answer: ok, signed: true}, false},
		{"signed F", bankServer{key: "bank", signed: true,
			answer: &wire.Ack{Result: wire.ResultOf(wire.CodeProcessFail)}}, false},
		{"signed U", bankServer{key: "bank", signed: true,
			answer: &wire.Ack{Result: wire.ResultOf(wire.CodeUnknown)}}, false},
	} {
		bank.key, bank.answer, bank.signed = c.bank.key, c.bank.answer, c.bank.signed
		err := n.Send(t.Context(), notice)
		if (err == nil) != c.accept {
			t.Errorf("%s: got %v", c.name, err)
		}
	}
	for _, body := range bank.notices {
		if string(body) != string(notice.Body) {
			t.Errorf("two notices differ: %s", body)
		}
	}
}

// The goal is that a notice goes only where it may: over TLS into the public internet, unless
// everybody is on one machine.
func TestNoticeGoesOnlyToPublicAddresses(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	n := r.notifier(false)
	for _, url := range []string{"http://203.0.113.7/notify", "https://127.0.0.1:1/notify",
		"https://localhost:1/notify", "file:///etc/passwd", ""} {
		err := n.Send(t.Context(), alipayplus.Notice{AcquirerNo: r.bank.No, ClientID: bankClient,
			URL: url, Body: []byte(`{}`)})
		if err == nil {
			t.Errorf("%q: sent", url)
		}
		if strings.Contains(url, "127.0.0.1") && !strings.Contains(err.Error(), "public") {
			t.Errorf("%q: got %v, want the address to be refused before it is dialled", url, err)
		}
	}
}

// The goal is that only what is final is told: nothing while the user is acting, F when declined
// or closed, S when paid even if cancelled since.
func TestOnlyFinalResultsAreTold(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	n := r.notifier(true)
	told := func(id string) wire.Code {
		t.Helper()
		notice, err := n.Build(t.Context(), r.core1(id))
		r.do("build", err)
		var m wire.PaymentNotice
		r.do("read the notice", wire.DecodeRequest(notice.Body, &m))
		return m.PaymentResult.Code
	}
	r.wallet.Set(linktest.Pending)
	pending := r.payRequest(1980)
	r.pay(pending, wire.CodeInProcess)
	if _, err := n.Build(t.Context(), r.core1(pending.PaymentRequestID)); !errors.Is(err,
		alipayplus.ErrNotFinal) {
		t.Errorf("pending: got %v", err)
	}
	cancel := func(id string) {
		t.Helper()
		_, err := r.core.Cancel(context.Background(), payment.Cancellation{
			Origin: payment.Origin{AcquirerNo: r.bank.No, Channel: payment.ChannelAlipayPlus,
				Began: clock.Now()}, Ref: payment.Ref{RequestID: id}})
		r.do("cancel", err)
	}
	cancel(pending.PaymentRequestID)
	if got := told(pending.PaymentRequestID); got != wire.CodeOrderClosed {
		t.Errorf("closed while pending: told %s", got)
	}
	r.wallet.Set(linktest.Decline)
	declined := r.payRequest(1980)
	r.pay(declined, wire.CodeBalance)
	if got := told(declined.PaymentRequestID); got != wire.CodeBalance {
		t.Errorf("declined: told %s", got)
	}
	r.wallet.Set(linktest.Approve)
	paid := r.payRequest(1980)
	r.pay(paid, wire.CodeSuccess)
	cancel(paid.PaymentRequestID)
	if got := told(paid.PaymentRequestID); got != wire.CodeSuccess {
		t.Errorf("paid, then cancelled: told %s", got)
	}
}
