package alipayplus

import (
	"context"
	"strconv"
	"strings"

	"watari/connect/alipayplus/call"
	"watari/connect/alipayplus/wire"
	"watari/pay/link"
	"watari/pay/party"
	"watari/pay/payment"
)

// pay takes a payment in any of its shapes: by the code on a user's phone, which is debited now, or
// as an order that a payer comes to.
func (s *Server) pay(ctx context.Context, x *exchange) (wire.Message, *refusal) {
	var req wire.PayRequest
	if refused := x.decode(&req); refused != nil {
		return nil, refused
	}
	way, refused := wayOf(req.PaymentFactor)
	switch {
	case refused != nil:
		return nil, refused
	case way != link.WayCode:
		return s.open(ctx, x, &req, way)
	}
	return s.sell(ctx, x, &req)
}

// sell takes a payment by the code on a user's phone.
func (s *Server) sell(
	ctx context.Context, x *exchange, req *wire.PayRequest,
) (wire.Message, *refusal) {
	sale, refused := saleOf(req)
	if refused != nil {
		return nil, refused
	}
	sale.Origin = x.origin(req.PaymentRequestID, compared(req)...)
	p, err := s.payments.Sell(ctx, sale)
	if err != nil {
		return nil, refusedBy(err)
	}
	res := &wire.PayResponse{Result: first(p)}
	if res.Result.Status == wire.Failure {
		return res, nil
	}
	if res.Paid, err = s.paid(ctx, x.from.ID, p); err != nil {
		return nil, refusedBy(err)
	}
	return res, nil
}

// compared are the fields that a repeat of pay must have the same, as the protocol lists them.
// The code is not among them: a repeat is about the first one.
func compared(req *wire.PayRequest) []payment.Field {
	settle := ""
	if req.SettlementStrategy != nil {
		settle = req.SettlementStrategy.Currency
	}
	f := req.PaymentFactor
	return []payment.Field{
		{Name: "paymentAmount", Value: req.PaymentAmount.String()},
		{Name: "paymentMethod.paymentMethodType", Value: req.PaymentMethod.Type},
		{Name: "order.orderAmount", Value: req.Order.Amount.String()},
		{Name: "paymentFactor", Value: strings.Join([]string{f.InStore, f.Cashier, f.Agreement,
			f.Scenario}, "/")},
		{Name: "settlementStrategy.settlementCurrency", Value: settle},
	}
}

// saleOf checks what a payment by a user's code must have and puts it into the core's words.
func saleOf(req *wire.PayRequest) (payment.Sale, *refusal) {
	var none payment.Sale
	m := req.Order.Merchant
	if req.PaymentMethod.ID == "" {
		return none, illegal("paymentMethod.paymentMethodId", "is missing")
	}
	if refused := placed(m); refused != nil {
		return none, refused
	}
	if req.PaymentNotifyURL != "" && !call.IsHTTP(req.PaymentNotifyURL) {
		return none, illegal("paymentNotifyUrl", "is not an http or https address")
	}
	amount, err := req.PaymentAmount.Money()
	if err != nil {
		return none, illegal("paymentAmount", "is not an amount")
	}
	settle, refused := settleIn(req.SettlementStrategy)
	if refused != nil {
		return none, refused
	}
	return payment.Sale{MerchantID: m.ReferenceMerchantID, StoreID: m.Store.ReferenceStoreID,
		TerminalID: terminalOf(req, m), OrderRef: req.Order.ReferenceOrderID,
		Description: req.Order.Description, Amount: amount, Code: req.PaymentMethod.ID,
		SettleCurrency: settle, NotifyURL: req.PaymentNotifyURL, Merchant: merchantOf(m)}, nil
}

// merchantOf is what a message says of a merchant that may not be known yet.
func merchantOf(m *wire.Merchant) *payment.NewMerchant {
	n := &payment.NewMerchant{Name: m.Name, MCC: m.MCC, StoreName: m.Store.Name,
		StoreMCC: m.Store.MCC}
	if n.Name == "" {
		n.Name = m.DisplayName
	}
	if n.StoreName == "" {
		n.StoreName = m.Store.DisplayName
	}
	for _, a := range []*wire.Address{m.Store.Address, m.Address} {
		if n.Prefecture == "" {
			n.Prefecture = prefectureOf(a)
		}
	}
	return n
}

// prefectures is how many Japan has.
const prefectures = 47

// prefectureOf reads the two digits of a Japanese prefecture, as ISO 3166-2 or bare.
func prefectureOf(a *wire.Address) string {
	if a == nil || a.Region != "JP" {
		return ""
	}
	digits := strings.TrimPrefix(a.State, "JP-")
	n, err := strconv.ParseUint(digits, 10, 8)
	if err != nil || len(digits) != 2 || n < 1 || n > prefectures {
		return ""
	}
	return digits
}

// inquire tells how a payment stands.
func (s *Server) inquire(ctx context.Context, x *exchange) (wire.Message, *refusal) {
	var req wire.InquiryRequest
	if refused := x.decode(&req); refused != nil {
		return nil, refused
	}
	p, err := s.payments.Find(ctx, x.from.No, payment.ChannelAlipayPlus,
		payment.Ref{PaymentID: req.PaymentID, RequestID: req.PaymentRequestID})
	if err != nil {
		return nil, refusedBy(err)
	}
	result := current(p)
	res := &wire.InquiryResponse{Result: wire.ResultOf(wire.CodeSuccess), PaymentResult: &result}
	if res.Paid, err = s.paid(ctx, x.from.ID, p); err != nil {
		return nil, refusedBy(err)
	}
	res.PaymentRequestID = printable(p.RequestID)
	var refunds []payment.Refund
	if isPaid(p) {
		if refunds, err = s.payments.Refunds(ctx, p.AcquirerNo, p.ID); err != nil {
			return nil, refusedBy(err)
		}
	}
	res.Transactions = transactions(p, refunds)
	return res, nil
}

// cancel gives a whole payment up.
func (s *Server) cancel(ctx context.Context, x *exchange) (wire.Message, *refusal) {
	var req wire.CancelRequest
	if refused := x.decode(&req); refused != nil {
		return nil, refused
	}
	p, err := s.payments.Cancel(ctx, payment.Cancellation{Origin: x.origin(""),
		Ref: payment.Ref{PaymentID: req.PaymentID, RequestID: req.PaymentRequestID}})
	if err != nil {
		return nil, refusedBy(err)
	}
	res := &wire.CancelResponse{Result: wire.ResultOf(wire.CodeSuccess), AcquirerID: x.from.ID}
	switch p.State {
	case payment.Cancelled, payment.Declined: // a declined payment took nothing
	default:
		res.Result = wire.ResultOf(wire.CodeUnknown)
	}
	if p.IssuerNo != 0 {
		wallet, err := s.participant(ctx, p.IssuerNo)
		if err != nil {
			return nil, refusedBy(err)
		}
		res.PSPID = wallet.ID
	}
	return res, nil
}

// refund gives part or all of a payment back.
func (s *Server) refund(ctx context.Context, x *exchange) (wire.Message, *refusal) {
	var req wire.RefundRequest
	if refused := x.decode(&req); refused != nil {
		return nil, refused
	}
	amount, err := req.RefundAmount.Money()
	if err != nil {
		return nil, illegal("refundAmount", "is not an amount")
	}
	r, err := s.payments.Refund(ctx, payment.Giveback{
		Origin: x.origin(req.RefundRequestID,
			payment.Field{Name: "refundAmount", Value: req.RefundAmount.String()},
			payment.Field{Name: "paymentRequestId", Value: req.PaymentRequestID},
			payment.Field{Name: "paymentId", Value: req.PaymentID}),
		Ref:    payment.Ref{PaymentID: req.PaymentID, RequestID: req.PaymentRequestID},
		Amount: amount, Reason: req.RefundReason, Of: payment.ChannelAlipayPlus})
	if err != nil {
		return nil, refusedBy(err)
	}
	res := &wire.RefundResponse{Result: refundResult(r), AcquirerID: x.from.ID, RefundID: r.ID}
	if r.State != payment.RefundSucceeded {
		return res, nil
	}
	p, err := s.payments.Find(ctx, x.from.No, payment.ChannelAlipayPlus,
		payment.Ref{PaymentID: r.PaymentID})
	if err != nil {
		return nil, refusedBy(err)
	}
	wallet, err := s.participant(ctx, p.IssuerNo)
	if err != nil {
		return nil, refusedBy(err)
	}
	res.PSPID, res.RefundTime = wallet.ID, wire.FormatTime(r.Concluded)
	res.RefundAmount = wire.AmountOf(r.Order)
	if p.Settle.Currency() == r.Order.Currency() {
		res.SettlementAmount = wire.AmountOf(r.Order)
	}
	return res, nil
}

// isSuspended tells whether a participant is out of service for something new.
func isSuspended(p party.Participant) bool { return p.Status != party.Open }
