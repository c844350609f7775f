package alipayplus_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"watari/connect/alipayplus"
	"watari/connect/alipayplus/wire"
	"watari/kit/check"
	"watari/kit/seal"
	"watari/pay/payment"
)

// broken is a core with a defect on the way to it.
type broken struct {
	*payment.Service
	sell func() error
}

func (b broken) Sell(context.Context, payment.Sale) (*payment.Payment, error) {
	return nil, b.sell()
}

// The goal is that a defect and an unknown error are answered U, never as final, with an id for
// support and none of their text.
func TestDefectIsAnsweredAsUnknown(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	req := r.payRequest(1980)
	for name, sell := range map[string]func() error{
		"an error": func() error { return errors.New("secret: disk full") },
		"a defect": func() error { check.That(false, "secret: books"); return nil },
		"a panic":  func() error { var p *payment.Payment; _ = p.ID; return nil },
		"an error of a busy network": func() error {
			return payment.ErrBusy.Newf("too many requests are waiting; try again")
		},
	} {
		server := alipayplus.NewServer(alipayplus.ServerConfig{Payments: broken{r.core, sell},
			Directory: r.dir, Signers: r.network, Seal: r.ring,
			Logger: slog.New(slog.NewTextHandler(r.logged, nil))})
		w := httptest.NewRecorder()
		server.ServeHTTP(w, r.request(theBank, alipayplus.PathPay, wire.Encode(req)))

		h := http.Header{}
		for name, values := range w.Header() {
			h[http.CanonicalHeaderKey(name)] = values
		}
		// Content-Type itself is the empty mark that keeps net/http from adding its own.
		h["Content-Type"] = w.Header()["content-type"]
		r.verify("POST", alipayplus.PathPay, h, w.Body.Bytes())
		res := answer[wire.Ack](t, w.Body.Bytes()).Result
		if res.Status != wire.Unclear || strings.Contains(res.Message, "secret") {
			t.Errorf("%s: got %+v", name, res)
		}
		if lines := r.logged.take(); len(lines) != 1 {
			t.Errorf("%s: the log has %q", name, lines)
		}
	}
}

// unable has no key that may be used.
type unable struct{}

func (unable) Current(time.Time) (seal.Signer, error) { return nil, seal.ErrNotValid }

// The goal is that nothing unsigned ever looks like an answer: without a signing key it is
// HTTP 500, and a call is not made.
func TestNothingIsSentUnsigned(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	server := alipayplus.NewServer(alipayplus.ServerConfig{Payments: r.core, Directory: r.dir,
		Signers: unable{}, Seal: r.ring, Logger: slog.New(slog.DiscardHandler)})
	w := httptest.NewRecorder()
	server.ServeHTTP(w, r.request(theBank, alipayplus.PathInquiry,
		wire.Encode(&wire.InquiryRequest{PaymentID: "p"})))
	if w.Code != 500 || strings.Contains(w.Body.String(), "{") {
		t.Errorf("got HTTP %d %s", w.Code, w.Body)
	}

	client := alipayplus.NewClient(alipayplus.ClientConfig{Signers: unable{}, Keys: r.dir})
	a := client.Authorise(t.Context(), endpoint(r.wallet), sale("leg_1"))
	if a.Cause == nil || !errors.Is(a.Cause, seal.ErrNotValid) || len(r.wallet.bodies) != 0 {
		t.Errorf("got %+v", a)
	}
}
