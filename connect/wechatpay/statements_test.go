package wechatpay_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"watari/connect/wechatpay"
	"watari/kit/clock"
	"watari/pay/link"
	"watari/pay/link/linktest"
	front "watari/sandbox/wechatpay"
)

// The goal is that a statement is taken when it is proved, and only then. Method: the wallet's
// own, and the same through each lie.
func TestStatementIsTakenWhenItIsProved(t *testing.T) {
	t.Parallel()
	for _, deal := range []front.Deal{{}, {Institution: true, PublicKey: true}} {
		r := newRig(t, deal)
		c, s := r.client(), r.sale()
		if _, err := c.Statement(t.Context(), r.endpoint(), clock.Now(),
			&strings.Builder{}); !errors.Is(err, wechatpay.ErrNoStatement) {
			t.Errorf("before anything was paid: got %v", err)
		}
		if a := c.Authorise(t.Context(), r.endpoint(), s); a.Outcome != link.Approved {
			t.Fatalf("got %+v", a)
		}
		var text strings.Builder

		n, err := c.Statement(t.Context(), r.endpoint(), clock.Now(), &text)

		if err != nil || n != int64(text.Len()) ||
			!strings.Contains(text.String(), s.OurRequestID+",`MICROPAY,`SUCCESS,`JPY,`1980") {
			t.Errorf("got %s, %d bytes, %v", text.String(), n, err)
		}
		for _, mode := range linktest.Lies() {
			if mode == linktest.WrongID || mode == linktest.Garbage {
				continue // any signed text is a statement
			}
			r.Set(mode)
			if _, err := c.Statement(t.Context(), r.endpoint(), clock.Now(),
				&strings.Builder{}); err == nil && mode != linktest.Huge {
				t.Errorf("%s: taken", mode)
			}
		}
	}
}

// The goal is that a statement is bounded, and that without a signature its digest decides, in
// both forms.
func TestStatementIsBoundedAndComplete(t *testing.T) {
	t.Parallel()
	r := newRig(t, front.Deal{PublicKey: true})
	var header string
	r.mux = http.NewServeMux()
	r.mux.HandleFunc("/v3/global/statements", func(w http.ResponseWriter, req *http.Request) {
		if got := req.URL.Query().Get("date"); got != "20261122" {
			t.Errorf("asked for %s", got)
		}
		w.Header().Set("Wechatpay-Statement-Sha1", header)
		w.Write([]byte("abc"))
	})
	config := r.config()
	config.StatementMax = 3
	c := wechatpay.NewClient(config)
	t.Cleanup(c.Close)
	// 23:30 in Tokyo is 22:30 of the same day in UTC+8.
	day := time.Date(2026, 11, 22, 23, 30, 0, 0, clock.JST)
	for h, good := range map[string]bool{
		"a9993e364706816aba3e25717850c26c9cd0d89d": true, // of abc, FIPS 180-1, appendix A
		"A9993E364706816ABA3E25717850C26C9CD0D89D": true,
		"qZk+NkcGgWq6PiVxeFDCbJzQ2J0=":             true,
		"a9993e364706816aba3e25717850c26c9cd0d89e": false,
		"": false,
	} {
		header = h
		_, err := c.Statement(t.Context(), r.endpoint(), day, &strings.Builder{})
		if good != (err == nil) || !good && !errors.Is(err, wechatpay.ErrStatement) {
			t.Errorf("%q: got %v", h, err)
		}
	}
	config.StatementMax = 2
	c = wechatpay.NewClient(config)
	t.Cleanup(c.Close)
	var text strings.Builder
	if _, err := c.Statement(t.Context(), r.endpoint(), day, &text); err == nil || text.Len() > 3 {
		t.Errorf("over its bound: took %d bytes, %v", text.Len(), err)
	}
}
