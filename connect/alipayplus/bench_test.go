package alipayplus

import (
	"crypto/rand"
	"crypto/rsa"
	"testing"

	"watari/connect/alipayplus/sign"
	"watari/connect/alipayplus/wire"
	"watari/kit/seal"
)

// benchBody is a pay request of usual size.
const benchBody = `{"order":{"referenceOrderId":"TAK-1","orderDescription":"sushi","orderAmount":` +
	`{"currency":"JPY","value":"1980"},"merchant":{"referenceMerchantId":"M-2101","merchantMCC":` +
	`"5812","merchantName":"Sanmachi Sushi KK","merchantAddress":{"region":"JP","state":"JP-21"},` +
	`"store":{"referenceStoreId":"S-2101-1","storeName":"Sanmachi","storeMCC":"5812"}},"env":` +
	`{"storeTerminalId":"T-1","storeTerminalRequestTime":"2026-11-22T13:59:00+09:00"}},` +
	`"paymentRequestId":"GIFU-PR-1","paymentAmount":{"currency":"JPY","value":"1980"},` +
	`"paymentMethod":{"paymentMethodType":"CONNECT_WALLET","paymentMethodId":` +
	`"251001029876543210987654"},"paymentFactor":{"isInStorePayment":"true",` +
	`"inStorePaymentScenario":"PaymentCode"},"paymentNotifyUrl":"https://bank.example/notify"}`

// BenchmarkMessage measures what one request costs beside the core and HTTP: verify and decode it,
// encode and sign its answer.
func BenchmarkMessage(b *testing.B) {
	key, header := benchKey(b)
	b.ReportAllocs()
	for b.Loop() {
		h, err := sign.ParseHeader(header)
		if err != nil {
			b.Fatal(err)
		}
		if err := sign.Verify(key.Public(), benchMessage(), h.Value); err != nil {
			b.Fatal(err)
		}
		var req wire.PayRequest
		if err := wire.DecodeRequest([]byte(benchBody), &req); err != nil {
			b.Fatal(err)
		}
		if _, refused := saleOf(&req); refused != nil {
			b.Fatal(refused)
		}
		m := benchMessage()
		m.Body = wire.Encode(&wire.PayResponse{Result: wire.ResultOf(wire.CodeSuccess),
			Paid: wire.Paid{AcquirerID: "gifu-bank", PSPID: "alipay", PaymentID: "pay_1",
				PaymentAmount: req.PaymentAmount, PaymentTime: "2026-11-22T13:59:02+09:00",
				CustomerID: "U1", WalletBrandName: "Alipay",
				SettlementAmount: req.PaymentAmount, MPPPaymentID: "W-1"}})
		if _, err := sign.Sign(key, m); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDecode measures the reading of one pay request.
func BenchmarkDecode(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		var req wire.PayRequest
		if err := wire.DecodeRequest([]byte(benchBody), &req); err != nil {
			b.Fatal(err)
		}
	}
}

func benchMessage() sign.Message {
	return sign.Message{Method: "POST", Path: PathPay, ClientID: "BANK_1",
		At: "2026-11-22T13:59:00+09:00", Body: []byte(benchBody)}
}

func benchKey(b *testing.B) (seal.Signer, string) {
	b.Helper()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		b.Fatal(err)
	}
	key, err := seal.NewSigner(private, 1)
	if err != nil {
		b.Fatal(err)
	}
	header, err := sign.Sign(key, benchMessage())
	if err != nil {
		b.Fatal(err)
	}
	return key, header
}
