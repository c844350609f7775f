package alipay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"watari/connect/alipayplus/sign"
	"watari/connect/alipayplus/wire"
	"watari/kit/clock"
	"watari/kit/money"
	"watari/sandbox/wallet"
)

const (
	// pathPayments is where the network calls the wallet.
	pathPayments = "/aps/api/v1/payments/"
	// bodyMax is the longest message that is read, in bytes.
	bodyMax = 64 << 10
)

// aps serves the wallet's side of the protocol. Every answer is HTTP 200 and signed, refusals
// too; only the modes leave a call without one.
func (f *Front) aps(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyMax))
	if err != nil {
		f.answer(w, r, refusal(wire.CodeParam, "the body cannot be read"), wallet.ModeNone)
		return
	}
	if refused := f.admit(r, body); refused != nil {
		f.answer(w, r, refused, wallet.ModeNone)
		return
	}
	calls := map[string]func(context.Context, []byte) (wire.Message, wallet.Mode, error){
		"pay": f.pay, "inquiryPayment": f.inquire, "cancelPayment": f.cancel, "refund": f.refund,
	}
	call := calls[strings.TrimPrefix(r.URL.Path, pathPayments)]
	if call == nil {
		f.answer(w, r, refusal(wire.CodeNoInterface, ""), wallet.ModeNone)
		return
	}
	answer, mode, err := call(r.Context(), body)
	if bad := new(wire.Error); errors.As(err, &bad) {
		answer = refusal(wire.CodeParam, bad.Error())
	} else if err != nil && r.Context().Err() != nil {
		panic(http.ErrAbortHandler) // nobody waits for an answer, and nothing was done
	} else if err != nil {
		f.log.Error("wallet: serve a call", "path", r.URL.Path, "error", err)
		answer = refusal(wire.CodeUnknown, "")
	}
	f.answer(w, r, answer, mode)
}

// admit checks form, sender and signature of a call; nil means that it is the network'f.
func (f *Front) admit(r *http.Request, body []byte) wire.Message {
	if r.Method != http.MethodPost {
		return refusal(wire.CodeMethod, "")
	}
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/json" {
		return refusal(wire.CodeMediaType, "")
	}
	client, at := r.Header.Get(sign.HeaderClient), r.Header.Get(sign.HeaderRequestTime)
	if client != f.me.networkClientID {
		return refusal(wire.CodeClient, "")
	}
	err = f.me.verify(r.Header.Get(sign.HeaderSignature), sign.Message{Method: r.Method,
		Path: r.URL.Path, ClientID: client, At: at, Body: body})
	if err == nil {
		err = sign.Fresh(at, clock.Now(), sign.Skew)
	}
	switch {
	case errors.Is(err, errNoKey):
		return refusal(wire.CodeKeyNotFound, "")
	case err != nil:
		return refusal(wire.CodeSignature, err.Error())
	}
	return nil
}

// refusal is an answer that holds a result and nothing else.
func refusal(c wire.Code, text string) wire.Message {
	return &wire.Ack{Result: wire.ResultOf(c).With(text)}
}

func (f *Front) pay(ctx context.Context, body []byte) (wire.Message, wallet.Mode, error) {
	var m wire.WalletPayRequest
	if err := wire.DecodeRequest(body, &m); err != nil {
		return nil, wallet.ModeNone, err
	}
	if err := f.mine(m.PSPID); err != nil {
		return nil, wallet.ModeNone, err
	}
	c, err := chargeOf(&m)
	if err != nil {
		return nil, wallet.ModeNone, err
	}
	did, err := f.wallet.Pay(ctx, c)
	if err != nil {
		return nil, wallet.ModeNone, err
	}
	result := resultOf(did)
	answer := &wire.WalletPayResponse{Result: result}
	answer.PaymentRequestID = m.PaymentRequestID
	if did.Payment != nil && result.Status != wire.Failure {
		answer.Debited = debited(did.Payment)
	}
	return answer, did.Mode, nil
}

// mine refuses a message that is meant for another wallet.
func (f *Front) mine(pspID string) error {
	if pspID != f.me.issuerID {
		return &wire.Error{Field: "pspId", Text: "is not this wallet"}
	}
	return nil
}

// chargeOf reads what a pay message asks.
func chargeOf(m *wire.WalletPayRequest) (wallet.Charge, error) {
	order, err := m.PaymentAmount.Money()
	if err != nil {
		return wallet.Charge{}, &wire.Error{Field: "paymentAmount", Text: "is not an amount"}
	}
	payTo, err := m.PayToAmount.Money()
	if err != nil {
		return wallet.Charge{}, &wire.Error{Field: "payToAmount", Text: "is not an amount"}
	}
	if m.PaymentMethod.ID == "" {
		return wallet.Charge{}, &wire.Error{Field: "paymentMethod.paymentMethodId",
			Text: "is missing"}
	}
	expires, _ := wire.ParseTime(m.PaymentExpiryTime)
	c := wallet.Charge{RequestID: m.PaymentRequestID, Code: m.PaymentMethod.ID,
		UserID: m.PaymentMethod.CustomerID, Order: order, Debit: payTo, PayTo: payTo,
		Shop: shopOf(m.Order.Merchant), OrderRef: m.Order.ReferenceOrderID, Expires: expires,
		Compared: fmt.Sprintf("%s|%s|%q|%q|%q", m.PaymentAmount, m.PayToAmount,
			m.PaymentMethod.Type, m.PaymentMethod.ID, m.PaymentMethod.CustomerID)}
	if m.PaymentQuote != nil {
		c.Rate = m.PaymentQuote.Price
	}
	return c, nil
}

// shopOf is the name that the user is shown: the store's, else the merchant's.
func shopOf(m *wire.Merchant) string {
	if m == nil {
		return ""
	}
	names := []string{m.DisplayName, m.Name, m.ReferenceMerchantID}
	if m.Store != nil {
		names = append([]string{m.Store.DisplayName, m.Store.Name}, names...)
	}
	for _, name := range names {
		if name != "" {
			return name
		}
	}
	return ""
}

func (f *Front) inquire(ctx context.Context, body []byte) (wire.Message, wallet.Mode, error) {
	var m wire.WalletInquiryRequest
	if err := wire.DecodeRequest(body, &m); err != nil {
		return nil, wallet.ModeNone, err
	}
	if err := f.mine(m.PSPID); err != nil {
		return nil, wallet.ModeNone, err
	}
	did, err := f.wallet.Inquire(ctx, m.PaymentRequestID)
	if err != nil {
		return nil, wallet.ModeNone, err
	}
	answer := &wire.WalletInquiryResponse{Result: callResult(did.Why)}
	answer.PaymentRequestID = m.PaymentRequestID
	if did.Payment != nil {
		stands := stands(did.Payment.State, did.Payment.Why)
		answer.PaymentResult = &stands
		answer.Debited = debited(did.Payment)
	}
	return answer, wallet.ModeNone, nil
}

func (f *Front) cancel(ctx context.Context, body []byte) (wire.Message, wallet.Mode, error) {
	var m wire.WalletCancelRequest
	if err := wire.DecodeRequest(body, &m); err != nil {
		return nil, wallet.ModeNone, err
	}
	if err := f.mine(m.PSPID); err != nil {
		return nil, wallet.ModeNone, err
	}
	did, err := f.wallet.Cancel(ctx, m.PaymentRequestID)
	if err != nil {
		return nil, wallet.ModeNone, err
	}
	return &wire.WalletCancelResponse{Result: callResult(did.Why),
		PaymentRequestID: m.PaymentRequestID}, wallet.ModeNone, nil
}

func (f *Front) refund(ctx context.Context, body []byte) (wire.Message, wallet.Mode, error) {
	var m wire.WalletRefundRequest
	if err := wire.DecodeRequest(body, &m); err != nil {
		return nil, wallet.ModeNone, err
	}
	if err := f.mine(m.PSPID); err != nil {
		return nil, wallet.ModeNone, err
	}
	var sums [2]money.Amount
	for i, a := range []*wire.Amount{m.RefundAmount, m.RefundFromAmount} {
		sum, err := a.Money()
		if err != nil {
			return nil, wallet.ModeNone, &wire.Error{Field: "refundAmount", Text: "is not an amount"}
		}
		sums[i] = sum
	}
	did, why, err := f.wallet.Refund(ctx, wallet.RefundAsk{RefundRequestID: m.RefundRequestID,
		RequestID: m.PaymentRequestID, PaymentID: m.PaymentID, Order: sums[0], Debit: &sums[1],
		Compared: fmt.Sprintf("%s|%s", m.RefundAmount, m.RefundFromAmount)})
	if err != nil {
		return nil, wallet.ModeNone, err
	}
	if did != nil {
		why = did.Why
	}
	answer := &wire.WalletRefundResponse{Result: callResult(why),
		RefundRequestID: m.RefundRequestID}
	if why == wallet.WhyNone {
		answer.RefundID = did.RefundID
		answer.RefundTime = wire.FormatTime(did.Time())
		answer.RefundAmount, answer.RefundFromAmount = m.RefundAmount, m.RefundFromAmount
	}
	return answer, wallet.ModeNone, nil
}

// answer writes a signed answer, or misbehaves as the mode says.
func (f *Front) answer(w http.ResponseWriter, r *http.Request, m wire.Message, mode wallet.Mode) {
	signWell := f.wallet.Behave(r.Context(), mode)
	body := wire.Encode(m)
	at := wire.FormatTime(clock.Now())
	client := r.Header.Get(sign.HeaderClient)
	signed := sign.Message{Method: r.Method, Path: r.URL.Path, ClientID: client, At: at,
		Body: body}
	if !signWell {
		signed.Body = append([]byte(" "), body...)
	}
	header, err := sign.Sign(f.me.signer, signed)
	if err != nil {
		f.log.Error("wallet: sign an answer", "error", err)
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.Header().Set(sign.HeaderClient, client)
	w.Header().Set(sign.HeaderResponseTime, at)
	w.Header().Set(sign.HeaderSignature, header)
	if _, err := w.Write(body); err != nil {
		f.log.Debug("wallet: the network went away", "error", err)
	}
}
