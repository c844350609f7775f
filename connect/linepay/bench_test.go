package linepay_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"watari/connect/linepay"
	"watari/connect/linepay/sign"
	"watari/kit/clock/clocktest"
	"watari/pay/link"
)

const (
	benchAnswer = `{"returnCode":"0000","returnMessage":"Success.","info":{"transactionId":` +
		`2026072212345678901,"orderId":"leg_1","transactionDate":"2026-11-22T05:06:07Z",` +
		`"payInfo":[{"method":"BALANCE","amount":13.05}]}}`
	benchBody = `{"amount":13.05,"currency":"USD","orderId":"leg_1","oneTimeKey":` +
		`"380555560043157488","packages":[{"id":"1","amount":13.05,` + aProduct + `}]}`
)

// benchWallet is the other side without books: it verifies a request. Answers are not signed.
type benchWallet struct {
	b    *testing.B
	bare bool // does not verify
}

func (w benchWallet) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.b.Error(err)
	}
	if !w.bare && !sign.Verify(aChannel, sign.Message{Method: r.Method, Path: r.URL.EscapedPath(),
		Query: r.URL.RawQuery, Body: body, Nonce: r.Header.Get(sign.HeaderNonce)},
		r.Header.Get(sign.HeaderMAC)) {
		w.b.Error("the request does not verify")
	}
	io.WriteString(rw, benchAnswer)
}

// BenchmarkPayment measures one payment by a one-time key over HTTP on loopback, both sides.
func BenchmarkPayment(b *testing.B) {
	server := httptest.NewServer(benchWallet{b: b})
	defer server.Close()
	s, r := newScripted(b, linepay.OfflineV4), aSale()
	s.to.BaseURL = server.URL
	clocktest.Processor(b, func() {
		if a := s.Authorise(b.Context(), s.to, r); a.Outcome != link.Approved {
			b.Fatalf("%+v", a)
		}
	})
}

// BenchmarkCryptoFloor is every signature and verification of BenchmarkPayment, and nothing else:
// a nonce and a code by us, a code by the wallet.
func BenchmarkCryptoFloor(b *testing.B) {
	m := sign.Message{Method: http.MethodPost, Path: "/v4/payments/oneTimeKeys/pay",
		Body: []byte(benchBody)}
	clocktest.Processor(b, func() {
		m.Nonce = sign.Nonce()
		if !sign.Verify(aChannel, m, sign.MAC(aChannel, m)) {
			b.Fatal("the signature does not verify")
		}
	})
}

// BenchmarkExchange is one exchange of these bytes over HTTP on loopback, signed by nobody.
func BenchmarkExchange(b *testing.B) {
	server := httptest.NewServer(benchWallet{b: b, bare: true})
	defer server.Close()
	clocktest.Exchange(b, server.URL, []byte(benchBody))
}
