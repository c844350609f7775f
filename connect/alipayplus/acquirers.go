package alipayplus

import (
	"context"
	"strconv"
	"strings"

	"watari/connect/alipayplus/wire"
	"watari/kit/money"
	"watari/pay/party"
	"watari/pay/payment"
)

// pay takes a payment by the code on a user's phone.
func (s *Server) pay(ctx context.Context, x *exchange) (wire.Message, *refusal) {
	var req wire.PayRequest
	if refused := x.decode(&req); refused != nil {
		return nil, refused
	}
	sale, refused := saleOf(&req)
	if refused != nil {
		return nil, refused
	}
	sale.Origin = x.origin(req.PaymentRequestID, compared(&req)...)
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
	if refused := shape(req); refused != nil {
		return none, refused
	}
	amount, err := req.PaymentAmount.Money()
	if err != nil {
		return none, illegal("paymentAmount", "is not an amount")
	}
	m := req.Order.Merchant
	sale := payment.Sale{MerchantID: m.ReferenceMerchantID, StoreID: m.Store.ReferenceStoreID,
		TerminalID: m.Store.TerminalID, OrderRef: req.Order.ReferenceOrderID,
		Description: req.Order.Description, Amount: amount, Code: req.PaymentMethod.ID,
		NotifyURL: req.PaymentNotifyURL, Merchant: merchantOf(m)}
	if req.Order.Env != nil && req.Order.Env.StoreTerminalID != "" {
		sale.TerminalID = req.Order.Env.StoreTerminalID
	}
	if req.SettlementStrategy != nil {
		sale.SettleCurrency = money.Currency(req.SettlementStrategy.Currency)
		if _, known := sale.SettleCurrency.Digits(); sale.SettleCurrency != "" && !known {
			return none, illegal("settlementStrategy.settlementCurrency",
				"is not a currency of ISO 4217")
		}
	}
	return sale, nil
}

// shape refuses the other shapes of pay, and what is missing from this one.
func shape(req *wire.PayRequest) *refusal {
	f, m := req.PaymentFactor, req.Order.Merchant
	unsupported := func(field string) *refusal {
		return &refusal{wire.CodeBusiness, field, "only payments by a user's code are taken: " +
			"isInStorePayment true, inStorePaymentScenario PaymentCode", nil}
	}
	switch {
	case f.Cashier == "true":
		return unsupported("paymentFactor.isCashierPayment")
	case f.Agreement == "true":
		return unsupported("paymentFactor.isAgreementPayment")
	case f.Scenario == wire.ScenarioOrderCode || f.Scenario == wire.ScenarioEntryCode:
		return unsupported("paymentFactor.inStorePaymentScenario")
	case f.InStore != "true":
		return illegal("paymentFactor.isInStorePayment", "is not true")
	case f.Scenario == "":
		return illegal("paymentFactor.inStorePaymentScenario", "is missing")
	case f.Scenario != wire.ScenarioPaymentCode:
		return illegal("paymentFactor.inStorePaymentScenario", "is none of the known ones")
	case req.PaymentMethod.ID == "":
		return illegal("paymentMethod.paymentMethodId", "is missing")
	case m == nil:
		return illegal("order.merchant", "is missing")
	case m.Store == nil:
		return illegal("order.merchant.store", "is missing")
	case m.Store.ReferenceStoreID == "":
		return illegal("order.merchant.store.referenceStoreId", "is missing")
	case req.PaymentNotifyURL != "" && !isHTTP(req.PaymentNotifyURL):
		return illegal("paymentNotifyUrl", "is not an http or https address")
	}
	return nil
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
