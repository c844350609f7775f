package wallet

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
)

const (
	// pathPayments is where the network calls the wallet.
	pathPayments = "/aps/api/v1/payments/"
	// bodyMax is the longest message that is read, in bytes.
	bodyMax = 64 << 10
)

// aps serves the wallet's side of the protocol. Every answer is HTTP 200 and signed, refusals
// too; only the modes leave a call without one.
func (s *Server) aps(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyMax))
	if err != nil {
		s.answer(w, r, refusal(wire.CodeParam, "the body cannot be read"), ModeNone)
		return
	}
	if refused := s.admit(r, body); refused != nil {
		s.answer(w, r, refused, ModeNone)
		return
	}
	calls := map[string]func(context.Context, []byte) (wire.Message, Mode, error){
		"pay": s.pay, "inquiryPayment": s.inquire, "cancelPayment": s.cancel, "refund": s.refund,
	}
	call := calls[strings.TrimPrefix(r.URL.Path, pathPayments)]
	if call == nil {
		s.answer(w, r, refusal(wire.CodeNoInterface, ""), ModeNone)
		return
	}
	answer, mode, err := call(r.Context(), body)
	if bad := new(wire.Error); errors.As(err, &bad) {
		answer = refusal(wire.CodeParam, bad.Error())
	} else if err != nil && r.Context().Err() != nil {
		panic(http.ErrAbortHandler) // nobody waits for an answer, and nothing was done
	} else if err != nil {
		s.log.Error("wallet: serve a call", "path", r.URL.Path, "error", err)
		answer = refusal(wire.CodeUnknown, "")
	}
	s.answer(w, r, answer, mode)
}

// admit checks form, sender and signature of a call; nil means that it is the network's.
func (s *Server) admit(r *http.Request, body []byte) wire.Message {
	if r.Method != http.MethodPost {
		return refusal(wire.CodeMethod, "")
	}
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/json" {
		return refusal(wire.CodeMediaType, "")
	}
	client, at := r.Header.Get(sign.HeaderClient), r.Header.Get(sign.HeaderRequestTime)
	if client != s.me.NetworkClientID {
		return refusal(wire.CodeClient, "")
	}
	err = s.me.verify(r.Header.Get(sign.HeaderSignature), sign.Message{Method: r.Method,
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

func (s *Server) pay(ctx context.Context, body []byte) (wire.Message, Mode, error) {
	var m wire.WalletPayRequest
	if err := wire.DecodeRequest(body, &m); err != nil {
		return nil, ModeNone, err
	}
	if err := s.mine(m.PSPID); err != nil {
		return nil, ModeNone, err
	}
	c, err := chargeOf(&m)
	if err != nil {
		return nil, ModeNone, err
	}
	did, err := s.wallet.Pay(ctx, c)
	if err != nil {
		return nil, ModeNone, err
	}
	answer := &wire.WalletPayResponse{Result: did.Result}
	answer.PaymentRequestID = m.PaymentRequestID
	if did.Payment != nil && did.Result.Status != wire.Failure {
		answer.Debited = debited(did.Payment)
	}
	return answer, did.Mode, nil
}

// mine refuses a message that is meant for another wallet.
func (s *Server) mine(pspID string) error {
	if pspID != s.me.IssuerID {
		return &wire.Error{Field: "pspId", Text: "is not this wallet"}
	}
	return nil
}

// chargeOf reads what a pay message asks.
func chargeOf(m *wire.WalletPayRequest) (Charge, error) {
	order, err := m.PaymentAmount.Money()
	if err != nil {
		return Charge{}, &wire.Error{Field: "paymentAmount", Text: "is not an amount"}
	}
	payTo, err := m.PayToAmount.Money()
	if err != nil {
		return Charge{}, &wire.Error{Field: "payToAmount", Text: "is not an amount"}
	}
	if m.PaymentMethod.ID == "" {
		return Charge{}, &wire.Error{Field: "paymentMethod.paymentMethodId", Text: "is missing"}
	}
	expires, _ := wire.ParseTime(m.PaymentExpiryTime)
	c := Charge{RequestID: m.PaymentRequestID, AcquirerID: m.AcquirerID,
		Code: m.PaymentMethod.ID, Customer: m.PaymentMethod.CustomerID,
		Order: order, PayTo: payTo, Shop: shopOf(m.Order.Merchant),
		OrderRef: m.Order.ReferenceOrderID, Expires: expires,
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

func (s *Server) inquire(ctx context.Context, body []byte) (wire.Message, Mode, error) {
	var m wire.WalletInquiryRequest
	if err := wire.DecodeRequest(body, &m); err != nil {
		return nil, ModeNone, err
	}
	if err := s.mine(m.PSPID); err != nil {
		return nil, ModeNone, err
	}
	did, err := s.wallet.Inquire(ctx, m.PaymentRequestID)
	if err != nil {
		return nil, ModeNone, err
	}
	answer := &wire.WalletInquiryResponse{Result: did.Result}
	answer.PaymentRequestID = m.PaymentRequestID
	if did.Payment != nil {
		stands := did.Payment.Result()
		answer.PaymentResult = &stands
		answer.Debited = debited(did.Payment)
	}
	return answer, ModeNone, nil
}

func (s *Server) cancel(ctx context.Context, body []byte) (wire.Message, Mode, error) {
	var m wire.WalletCancelRequest
	if err := wire.DecodeRequest(body, &m); err != nil {
		return nil, ModeNone, err
	}
	if err := s.mine(m.PSPID); err != nil {
		return nil, ModeNone, err
	}
	did, err := s.wallet.Cancel(ctx, m.PaymentRequestID, m.AcquirerID)
	if err != nil {
		return nil, ModeNone, err
	}
	return &wire.WalletCancelResponse{Result: did.Result,
		PaymentRequestID: m.PaymentRequestID}, ModeNone, nil
}

func (s *Server) refund(ctx context.Context, body []byte) (wire.Message, Mode, error) {
	var m wire.WalletRefundRequest
	if err := wire.DecodeRequest(body, &m); err != nil {
		return nil, ModeNone, err
	}
	if err := s.mine(m.PSPID); err != nil {
		return nil, ModeNone, err
	}
	var sums [2]money.Amount
	for i, a := range []*wire.Amount{m.RefundAmount, m.RefundFromAmount} {
		sum, err := a.Money()
		if err != nil {
			return nil, ModeNone, &wire.Error{Field: "refundAmount", Text: "is not an amount"}
		}
		sums[i] = sum
	}
	did, result, err := s.wallet.Refund(ctx, Reversal{RefundRequestID: m.RefundRequestID,
		RequestID: m.PaymentRequestID, PaymentID: m.PaymentID, Order: sums[0], From: sums[1],
		Compared: fmt.Sprintf("%s|%s|%q", m.RefundAmount, m.RefundFromAmount,
			m.PaymentRequestID)})
	if err != nil {
		return nil, ModeNone, err
	}
	answer := &wire.WalletRefundResponse{Result: result, RefundRequestID: m.RefundRequestID}
	if did != nil && did.Succeeded {
		answer.RefundID = did.RefundID
		answer.RefundTime = wire.FormatTime(clock.FromMicros(did.AtUS))
		answer.RefundAmount, answer.RefundFromAmount = m.RefundAmount, m.RefundFromAmount
	}
	return answer, ModeNone, nil
}

// answer writes a signed answer, or misbehaves as the mode says.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, m wire.Message, mode Mode) {
	switch mode {
	case ModeTimeout, ModeLate:
		pause(r.Context(), s.timing.Silence)
		panic(http.ErrAbortHandler)
	case ModeDrop:
		panic(http.ErrAbortHandler)
	case ModeSlow:
		pause(r.Context(), s.timing.Slow)
	}
	body := wire.Encode(m)
	at := wire.FormatTime(clock.Now())
	client := r.Header.Get(sign.HeaderClient)
	signed := sign.Message{Method: r.Method, Path: r.URL.Path, ClientID: client, At: at,
		Body: body}
	if mode == ModeBadlySig {
		signed.Body = append([]byte(" "), body...)
	}
	header, err := sign.Sign(s.me.Signer, signed)
	if err != nil {
		s.log.Error("wallet: sign an answer", "error", err)
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.Header().Set(sign.HeaderClient, client)
	w.Header().Set(sign.HeaderResponseTime, at)
	w.Header().Set(sign.HeaderSignature, header)
	if _, err := w.Write(body); err != nil {
		s.log.Debug("wallet: the network went away", "error", err)
	}
}
