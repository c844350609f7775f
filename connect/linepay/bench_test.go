package linepay_test

import (
	"net/http"
	"testing"

	"watari/connect/linepay"
	"watari/connect/linepay/sign"
	"watari/pay/link"
)

const benchAnswer = `{"returnCode":"0000","returnMessage":"Success.","info":{"transactionId":` +
	`2026072212345678901,"orderId":"leg_1","transactionDate":"2026-11-22T05:06:07Z","payInfo":[` +
	`{"method":"BALANCE","amount":13.05}]}}`

// BenchmarkPayment measures one payment by a one-time key over HTTP on loopback: the message made
// and signed, sent, and its answer read.
func BenchmarkPayment(b *testing.B) {
	s := newScripted(b, linepay.OfflineV4)
	r := aSale()
	b.ReportAllocs()
	for b.Loop() {
		s.answers, s.asked, s.bodies = append(s.answers[:0], benchAnswer), s.asked[:0],
			s.bodies[:0]
		if a := s.Authorise(b.Context(), s.to, r); a.Outcome != link.Approved {
			b.Fatalf("%+v", a)
		}
	}
}

// BenchmarkCryptoFloor measures the signature of the same message alone: one nonce and one MAC.
// Answers are not signed.
func BenchmarkCryptoFloor(b *testing.B) {
	s := newScripted(b, linepay.OfflineV4)
	s.Authorise(b.Context(), s.to, aSale())
	m := sign.Message{Method: http.MethodPost, Path: "/v4/payments/oneTimeKeys/pay",
		Body: []byte(s.bodies[0])}
	b.ReportAllocs()
	for b.Loop() {
		m.Nonce = sign.Nonce()
		if sign.MAC(aChannel, m) == "" {
			b.Fatal("no signature")
		}
	}
}
