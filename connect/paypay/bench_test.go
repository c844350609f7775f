package paypay_test

import (
	"testing"

	"watari/connect/paypay/sign"
	"watari/connect/paypay/wire"
	"watari/kit/clock"
	"watari/pay/link"
)

// BenchmarkPayment measures one debit over loopback HTTP, with a wallet that only answers.
// BenchmarkCryptoFloor is what its signature alone costs.
func BenchmarkPayment(b *testing.B) {
	c, to := against(b, scripted{"POST /v2/payments": {code: wire.Success,
		data: data("leg_1", wire.StateCompleted)}})
	r := charged("leg_1")
	b.ReportAllocs()
	for b.Loop() {
		if a := c.Authorise(b.Context(), to, r); a.Outcome != link.Approved {
			b.Fatalf("got %+v", a)
		}
	}
}

// BenchmarkCryptoFloor measures one hash and one code over a debit of usual size.
func BenchmarkCryptoFloor(b *testing.B) {
	by := credentials()
	r := charged("leg_1")
	body := wire.Encode(wire.PaymentRequest{MerchantPaymentID: r.OurRequestID,
		ConsentID: r.Token, Amount: &wire.Money{Amount: 1980, Currency: "JPY"},
		RequestedAt: 1_795_323_540, StoreID: r.Shop.StoreID, TerminalID: r.Shop.TerminalID,
		ReceiptNumber: r.OrderRef, Description: r.Description})
	m := sign.Message{Method: "POST", Path: "/v2/payments", ContentType: "application/json",
		Body: body, Nonce: "acd028", Epoch: clock.Now().Unix()}
	b.ReportAllocs()
	for b.Loop() {
		if sign.Sign(by.APIKey, by.APISecret, m) == "" {
			b.Fatal("no signature")
		}
	}
}
