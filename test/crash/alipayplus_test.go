package crash

import (
	"bytes"
	"crypto/rsa"
	"net/http"
	"strconv"
	"testing"

	"watari/connect/alipayplus"
	"watari/connect/alipayplus/sign"
	"watari/connect/alipayplus/wire"
	"watari/kit/clock"
	"watari/kit/seal"
	"watari/test/program"
)

// signed is a bank over the Alipay+ protocol.
type signed struct {
	w       *world
	bank    program.Acquirer
	by      seal.Signer
	network *rsa.PublicKey
}

func newSigned(t *testing.T, w *world, bank program.Acquirer) signed {
	t.Helper()
	key, err := sign.ParsePrivate(bank.PrivateKey)
	if err != nil {
		t.Fatalf("read the key of %s: %v", bank.ID, err)
	}
	by, err := seal.NewSigner(key, 1)
	if err != nil {
		t.Fatalf("take the key of %s: %v", bank.ID, err)
	}
	network, err := sign.ParsePublic(bank.NetworkPublicKey)
	if err != nil {
		t.Fatalf("read the network's key: %v", err)
	}
	return signed{w, bank, by, network}
}

// call sends a message and reads the answer. It tells whether there was one that can be
// believed.
func (b signed) call(path string, ask, answer wire.Message) bool {
	body, at := wire.Encode(ask), wire.FormatTime(clock.Now())
	m := sign.Message{Method: http.MethodPost, Path: path, ClientID: b.bank.ClientID, At: at,
		Body: body}
	header, err := sign.Sign(b.by, m)
	if err != nil {
		b.w.t.Errorf("sign: %v", err)
		return false
	}
	request, err := http.NewRequestWithContext(b.w.t.Context(), http.MethodPost,
		b.w.path("%s", path), bytes.NewReader(body))
	if err != nil {
		b.w.t.Errorf("make a request: %v", err)
		return false
	}
	request.Header.Set("Content-Type", "application/json; charset=UTF-8")
	request.Header.Set(sign.HeaderClient, b.bank.ClientID)
	request.Header.Set(sign.HeaderRequestTime, at)
	request.Header.Set(sign.HeaderSignature, header)
	status, got, text := b.w.send(request)
	if status != http.StatusOK {
		return false
	}
	said, err := sign.ParseHeader(got.Get(sign.HeaderSignature))
	if err == nil {
		err = sign.Verify(b.network, sign.Message{Method: http.MethodPost, Path: path,
			ClientID: b.bank.ClientID, At: got.Get(sign.HeaderResponseTime), Body: text}, said.Value)
	}
	if err == nil {
		err = wire.DecodeAnswer(text, answer)
	}
	if err != nil {
		b.w.t.Errorf("%s answers %s: %v", path, text, err)
	}
	return err == nil
}

// understood makes an answer out of a result.
func understood(r wire.Result) heard {
	switch {
	case r.Status == wire.Success:
		return heard{paid, ""}
	case r.Status != wire.Failure:
		return heard{open, string(r.Code)}
	case r.Code == wire.CodeOrderClosed:
		return heard{closed, ""}
	}
	return heard{refused, string(r.Code)}
}

func yen(v int64) *wire.Amount {
	return &wire.Amount{Currency: "JPY", Value: strconv.FormatInt(v, 10)}
}

func (b signed) sell(s sale) heard {
	var answer wire.PayResponse
	ok := b.call(alipayplus.PathPay, &wire.PayRequest{PaymentRequestID: s.request,
		Order: wire.Order{ReferenceOrderID: s.request, Description: "souvenirs",
			Amount: yen(s.yen), Merchant: &wire.Merchant{ReferenceMerchantID: s.store.MerchantID,
				Store: &wire.Store{ReferenceStoreID: s.store.ID, TerminalID: s.store.TerminalID}}},
		PaymentAmount: yen(s.yen),
		PaymentMethod: wire.PaymentMethod{Type: wire.ConnectWallet, ID: s.code},
		PaymentFactor: wire.PaymentFactor{InStore: "true", Scenario: wire.ScenarioPaymentCode},
	}, &answer)
	if !ok {
		return heard{silence, ""}
	}
	return understood(answer.Result)
}

func (b signed) inquire(s sale) heard {
	var answer wire.InquiryResponse
	ok := b.call(alipayplus.PathInquiry, &wire.InquiryRequest{PaymentRequestID: s.request}, &answer)
	if !ok || answer.Result.Status != wire.Success {
		return heard{silence, string(answer.Result.Code)}
	}
	return understood(*answer.PaymentResult)
}

// cancel hears closed when the whole payment is given up.
func (b signed) cancel(s sale) heard {
	var answer wire.CancelResponse
	ok := b.call(alipayplus.PathCancel, &wire.CancelRequest{PaymentRequestID: s.request}, &answer)
	if !ok {
		return heard{silence, ""}
	}
	if answer.Result.Status == wire.Success {
		return heard{closed, ""}
	}
	return understood(answer.Result)
}

func (b signed) refund(s sale, g giveback) heard {
	var answer wire.RefundResponse
	ok := b.call(alipayplus.PathRefund, &wire.RefundRequest{PaymentRequestID: s.request,
		RefundRequestID: g.request, RefundAmount: yen(g.yen), RefundReason: "returned"}, &answer)
	if !ok {
		return heard{silence, ""}
	}
	return understood(answer.Result)
}
