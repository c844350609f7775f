package wechatpay_test

import (
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"testing"

	"watari/connect/wechatpay"
	"watari/connect/wechatpay/wire"
	"watari/kit/clock"
	"watari/kit/clock/clocktest"
	"watari/kit/seal"
	"watari/pay/link"
	front "watari/sandbox/wechatpay"
)

// benchWallet is the other side without books: it verifies a request and signs its answer.
type benchWallet struct {
	b        *testing.B
	merchant *rsa.PublicKey
	serial   string
	signer   seal.Signer
	answer   []byte
	bare     bool // neither verifies nor signs
}

// signedValues finds the values of the header Authorization.
var signedValues = regexp.MustCompile(`(\w+)="([^"]*)"`)

func (w *benchWallet) ServeHTTP(rw http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		w.b.Error(err)
	}
	if !w.bare {
		v := map[string]string{}
		for _, m := range signedValues.FindAllStringSubmatch(
			req.Header.Get("Authorization"), -1) {
			v[m[1]] = m[2]
		}
		if !signedBy(w.merchant, fmt.Sprintf("%s\n%s\n%s\n%s\n%s\n", req.Method,
			req.URL.RequestURI(), v["timestamp"], v["nonce_str"], body), v["signature"]) {
			w.b.Error("the request does not verify")
		}
		stamp := strconv.FormatInt(clock.Now().Unix(), 10)
		const nonce = "593BEC0C930BF1AFEB40B4A08C8FB242"
		h := rw.Header()
		h.Set("Wechatpay-Timestamp", stamp)
		h.Set("Wechatpay-Nonce", nonce)
		h.Set("Wechatpay-Serial", w.serial)
		h.Set("Wechatpay-Signature", w.sign(fmt.Sprintf("%s\n%s\n%s\n", stamp, nonce, w.answer)))
	}
	rw.Write(w.answer)
}

func (w *benchWallet) sign(text string) string {
	digest := sha256.Sum256([]byte(text))
	signature, err := w.signer.Sign(digest[:])
	if err != nil {
		w.b.Error(err)
	}
	return base64.StdEncoding.EncodeToString(signature)
}

// newBench makes such a wallet that approves one sale, and a rig for the keys.
func newBench(b *testing.B) (*rig, link.Authorise, *benchWallet) {
	b.Helper()
	r := newRig(b, front.Deal{PublicKey: true})
	s := r.sale()
	signer, err := seal.NewSigner(r.key, 1)
	r.must(err)
	return r, s, &benchWallet{b: b, signer: signer, serial: r.secrets.PublicKeyID,
		merchant: &platformKey(b, r.creds.PrivateKey).PublicKey,
		answer: wire.Encode(wire.Transaction{ID: "T1", OutTradeNo: s.OurRequestID,
			TradeState: wire.StateSuccess, Merchant: wire.Merchant{MchID: r.creds.MchID},
			Amount: &wire.PaidTotal{Total: 1980, Currency: "JPY", PayerTotal: 8474,
				PayerCurrency: "CNY"}})}
}

// BenchmarkPayment measures one payment by code over HTTP on loopback, both sides: each signs and
// verifies once.
func BenchmarkPayment(b *testing.B) {
	r, s, w := newBench(b)
	server := httptest.NewServer(w)
	defer server.Close()
	c := wechatpay.NewClient(r.config())
	defer c.Close()
	to := r.endpoint()
	to.BaseURL = server.URL
	clocktest.Processor(b, func() {
		if a := c.Authorise(b.Context(), to, s); a.Outcome != link.Approved {
			b.Fatalf("got %+v", a)
		}
	})
}

// BenchmarkCryptoFloor is every signature and verification of BenchmarkPayment, and nothing else:
// two of each.
func BenchmarkCryptoFloor(b *testing.B) {
	_, _, w := newBench(b)
	text := string(w.answer)
	clocktest.Processor(b, func() {
		for range 2 {
			if !signedBy(w.signer.Public(), text, w.sign(text)) {
				b.Fatal("the signature does not verify")
			}
		}
	})
}

// BenchmarkExchange is one exchange of such bytes over HTTP on loopback, signed by nobody.
func BenchmarkExchange(b *testing.B) {
	_, _, w := newBench(b)
	w.bare = true
	server := httptest.NewServer(w)
	defer server.Close()
	clocktest.Exchange(b, server.URL, make([]byte, 600))
}
