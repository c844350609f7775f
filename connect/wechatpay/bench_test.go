package wechatpay_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"

	"watari/connect/wechatpay"
	"watari/connect/wechatpay/wire"
	"watari/kit/clock"
	"watari/pay/link"
	front "watari/sandbox/wechatpay"
)

// BenchmarkPayment measures one payment by code over HTTP on this machine, both sides: the wallet
// verifies the request and signs its answer, and keeps no books. BenchmarkCryptoFloor is what the
// four operations with keys cost by themselves.
func BenchmarkPayment(b *testing.B) {
	r := newRig(b, front.Deal{PublicKey: true})
	s := r.sale()
	merchant := platformKey(b, r.creds.PrivateKey).PublicKey
	values := regexp.MustCompile(`(\w+)="([^"]*)"`)
	answer := wire.Encode(wire.Transaction{ID: "T1", OutTradeNo: s.OurRequestID,
		TradeState: wire.StateSuccess, Merchant: wire.Merchant{MchID: r.creds.MchID},
		Amount: &wire.PaidTotal{Total: 1980, Currency: "JPY", PayerTotal: 8474,
			PayerCurrency: "CNY"}})
	server := httptest.NewServer(http.HandlerFunc(
		func(w http.ResponseWriter, req *http.Request) {
			body, _ := io.ReadAll(req.Body)
			v := map[string]string{}
			for _, m := range values.FindAllStringSubmatch(req.Header.Get("Authorization"), -1) {
				v[m[1]] = m[2]
			}
			if !signedBy(&merchant, fmt.Sprintf("%s\n%s\n%s\n%s\n%s\n", req.Method,
				req.URL.RequestURI(), v["timestamp"], v["nonce_str"], body), v["signature"]) {
				b.Error("the request does not verify")
			}
			signHeaders(w.Header(), r.secrets.PublicKeyID, r.key, clock.Now(), answer)
			w.Write(answer)
		}))
	defer server.Close()
	c := wechatpay.NewClient(r.config())
	defer c.Close()
	to := r.endpoint()
	to.BaseURL = server.URL
	b.ReportAllocs()
	for b.Loop() {
		if a := c.Authorise(context.Background(), to, s); a.Outcome != link.Approved {
			b.Fatalf("got %+v", a)
		}
	}
}

// BenchmarkCryptoFloor is the floor of BenchmarkPayment: two signatures and two verifications.
func BenchmarkCryptoFloor(b *testing.B) {
	key := strangerKey()
	sum := sha256.Sum256([]byte("a payment"))
	b.ReportAllocs()
	for b.Loop() {
		for range 2 {
			s, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
			if err != nil {
				b.Fatal(err)
			}
			if err := rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, sum[:], s); err != nil {
				b.Fatal(err)
			}
		}
	}
}
