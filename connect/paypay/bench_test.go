package paypay_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"watari/connect/paypay/sign"
	"watari/connect/paypay/wire"
	"watari/kit/clock"
	"watari/kit/clock/clocktest"
	"watari/pay/link"
)

// benchWallet is the other side without books: it verifies a request. Answers are not signed.
type benchWallet struct {
	b      *testing.B
	answer []byte
	bare   bool // does not verify
}

func newBenchWallet(b *testing.B) *benchWallet {
	_, body := wire.EncodeReply(wire.Success, data("leg_1", wire.StateCompleted), false)
	return &benchWallet{b: b, answer: body}
}

func (w *benchWallet) ServeHTTP(rw http.ResponseWriter, q *http.Request) {
	body, err := io.ReadAll(q.Body)
	if err != nil {
		w.b.Error(err)
	}
	if !w.bare {
		w.verify(q.Header.Get("Authorization"), sign.Message{Method: q.Method,
			Path: q.URL.EscapedPath(), ContentType: q.Header.Get("Content-Type"), Body: body})
	}
	rw.WriteHeader(http.StatusCreated)
	rw.Write(w.answer)
}

func (w *benchWallet) verify(header string, m sign.Message) {
	h, err := sign.ParseHeader(header)
	if err == nil {
		err = sign.Verify(credentials().APISecret, h, m, clock.Now())
	}
	if err != nil {
		w.b.Errorf("the request does not verify: %v", err)
	}
}

// BenchmarkPayment measures one debit over HTTP on loopback, both sides.
func BenchmarkPayment(b *testing.B) {
	c, to := against(b, newBenchWallet(b))
	r := charged("leg_1")
	clocktest.Processor(b, func() {
		if a := c.Authorise(b.Context(), to, r); a.Outcome != link.Approved {
			b.Fatalf("got %+v", a)
		}
	})
}

// benchBody is the body of that debit.
func benchBody() []byte {
	r := charged("leg_1")
	return wire.Encode(wire.PaymentRequest{MerchantPaymentID: r.OurRequestID,
		ConsentID: r.Token, Amount: &wire.Money{Amount: 1980, Currency: "JPY"},
		RequestedAt: 1_795_323_540, StoreID: r.Shop.StoreID, TerminalID: r.Shop.TerminalID,
		ReceiptNumber: r.OrderRef, Description: r.Description})
}

// BenchmarkCryptoFloor is every signature and verification of BenchmarkPayment, and nothing else:
// a hash and a code by each side.
func BenchmarkCryptoFloor(b *testing.B) {
	w, by := newBenchWallet(b), credentials()
	m := sign.Message{Method: "POST", Path: "/v2/payments", ContentType: "application/json",
		Body: benchBody(), Nonce: "acd028"}
	clocktest.Processor(b, func() {
		m.Epoch = clock.Now().Unix()
		w.verify(sign.Sign(by.APIKey, by.APISecret, m), m)
	})
}

// BenchmarkExchange is one exchange of these bytes over HTTP on loopback, signed by nobody.
func BenchmarkExchange(b *testing.B) {
	w := newBenchWallet(b)
	w.bare = true
	server := httptest.NewServer(w)
	defer server.Close()
	clocktest.Exchange(b, server.URL, benchBody())
}
