package alipayplus

import (
	"context"

	"watari/connect/alipayplus/call"
	"watari/connect/alipayplus/wire"
	"watari/kit/money"
	"watari/pay/link"
	"watari/pay/party"
	"watari/pay/payment"
)

// wayOf says in which of its shapes a payment comes; WayCode is a sale by a user's code.
func wayOf(f wire.PaymentFactor) (link.Way, *refusal) {
	const scenario = "paymentFactor.inStorePaymentScenario"
	switch {
	case f.Agreement == "true":
		return "", &refusal{wire.CodeBusiness, "paymentFactor.isAgreementPayment",
			"agreement payments are not taken here", nil}
	case f.Cashier == "true":
		return link.WayPage, nil
	case f.InStore != "true":
		return "", illegal("paymentFactor.isInStorePayment", "is not true")
	}
	switch f.Scenario {
	case wire.ScenarioPaymentCode:
		return link.WayCode, nil
	case wire.ScenarioOrderCode:
		return link.WayOrder, nil
	case wire.ScenarioEntryCode:
		return link.WayEntry, nil
	case "":
		return "", illegal(scenario, "is missing")
	}
	return "", illegal(scenario, "is none of the known ones")
}

// factorOf is the shape of an order as a wallet is told it.
func factorOf(way link.Way) *wire.PaymentFactor {
	switch way {
	case link.WayPage:
		return &wire.PaymentFactor{Cashier: "true"}
	case link.WayEntry:
		return &wire.PaymentFactor{InStore: "true", Scenario: wire.ScenarioEntryCode}
	}
	return &wire.PaymentFactor{InStore: "true", Scenario: wire.ScenarioOrderCode}
}

// open makes an order that a payer pays later, and says how the payer gets to it.
func (s *Server) open(
	ctx context.Context, x *exchange, req *wire.PayRequest, way link.Way,
) (wire.Message, *refusal) {
	p, refused := s.opened(ctx, x.origin(req.PaymentRequestID, compared(req)...), req, way)
	if refused != nil {
		return nil, refused
	}
	res := &wire.PayResponse{Result: first(p)}
	if res.Result.Status == wire.Failure {
		return res, nil
	}
	var err error
	if res.Paid, err = s.paid(ctx, x.from.ID, p); err != nil {
		return nil, refusedBy(err)
	}
	if res.Result.Status == wire.Success {
		return res, nil
	}
	if way == link.WayOrder {
		res.OrderCodeForm = &wire.OrderCodeForm{PaymentMethodType: wire.ConnectWallet,
			ExpireTime: wire.FormatTime(p.Expires),
			CodeDetails: []wire.CodeDetail{{ValueType: wire.CodeQR,
				Value: s.payments.CodeURL(p), DisplayType: wire.DisplayText}}}
		return res, nil
	}
	res.PaymentURL = s.payments.CheckoutURL(p)
	return res, nil
}

// opened makes the order in the core.
func (s *Server) opened(
	ctx context.Context, from payment.Origin, req *wire.PayRequest, way link.Way,
) (*payment.Payment, *refusal) {
	if s.public == "" {
		return nil, &refusal{wire.CodeBusiness, "public address",
			"orders are not taken here: this network has no public address", nil}
	}
	o, refused := orderOf(req, way)
	if refused != nil {
		return nil, refused
	}
	o.Origin = from
	p, err := s.payments.Open(ctx, o)
	if err != nil {
		return nil, refusedBy(err)
	}
	return p, nil
}

// orderOf checks what an order must have and puts it into the core's words.
//
// A cashier payment may name no store: then the store has the merchant's own reference.
func orderOf(req *wire.PayRequest, way link.Way) (payment.Order, *refusal) {
	var none payment.Order
	m := req.Order.Merchant
	if way == link.WayPage && m != nil && m.Store == nil {
		alone := *m
		alone.Store = &wire.Store{ReferenceStoreID: m.ReferenceMerchantID, Name: m.Name,
			MCC: m.MCC, Address: m.Address}
		m = &alone
	}
	if refused := placed(m); refused != nil {
		return none, refused
	}
	switch {
	case way == link.WayEntry && (req.Order.Env == nil || req.Order.Env.UserAgent == ""):
		return none, illegal("order.env.userAgent", "is missing")
	case req.PaymentNotifyURL != "" && !call.IsHTTP(req.PaymentNotifyURL):
		return none, illegal("paymentNotifyUrl", "is not an http or https address")
	case req.PaymentRedirectURL != "" && !call.IsHTTP(req.PaymentRedirectURL):
		return none, illegal("paymentRedirectUrl", "is not an http or https address")
	}
	amount, err := req.PaymentAmount.Money()
	if err != nil {
		return none, illegal("paymentAmount", "is not an amount")
	}
	settle, refused := settleIn(req.SettlementStrategy)
	if refused != nil {
		return none, refused
	}
	expires, _ := wire.ParseTime(req.PaymentExpiryTime)
	return payment.Order{MerchantID: m.ReferenceMerchantID, StoreID: m.Store.ReferenceStoreID,
		TerminalID: terminalOf(req, m), OrderRef: req.Order.ReferenceOrderID,
		Description: req.Order.Description, Amount: amount, SettleCurrency: settle,
		NotifyURL: req.PaymentNotifyURL, ReturnURL: req.PaymentRedirectURL, Expires: expires,
		Way: way, Merchant: merchantOf(m)}, nil
}

// placed refuses a message that does not say where it is paid.
func placed(m *wire.Merchant) *refusal {
	switch {
	case m == nil:
		return illegal("order.merchant", "is missing")
	case m.Store == nil:
		return illegal("order.merchant.store", "is missing")
	case m.Store.ReferenceStoreID == "":
		return illegal("order.merchant.store.referenceStoreId", "is missing")
	}
	return nil
}

// terminalOf is the till that a message names: that of its env before that of its store.
func terminalOf(req *wire.PayRequest, m *wire.Merchant) string {
	if req.Order.Env != nil && req.Order.Env.StoreTerminalID != "" {
		return req.Order.Env.StoreTerminalID
	}
	return m.Store.TerminalID
}

// settleIn reads the wished settlement currency; "" is the agreement's.
func settleIn(s *wire.SettlementStrategy) (money.Currency, *refusal) {
	if s == nil || s.Currency == "" {
		return "", nil
	}
	c := money.Currency(s.Currency)
	if _, known := c.Digits(); !known {
		return "", illegal("settlementStrategy.settlementCurrency",
			"is not a currency of ISO 4217")
	}
	return c, nil
}

// consult lists the wallets that can pay an amount. The regions of the request are not used: the
// directory knows no region of a wallet.
func (s *Server) consult(ctx context.Context, x *exchange) (wire.Message, *refusal) {
	var req wire.ConsultRequest
	if refused := x.decode(&req); refused != nil {
		return nil, refused
	}
	way := link.WayPage
	if req.PaymentFactor != nil {
		var refused *refusal
		if way, refused = wayOf(*req.PaymentFactor); refused != nil {
			return nil, refused
		}
	}
	amount, err := req.PaymentAmount.Money()
	if err != nil {
		return nil, illegal("paymentAmount", "is not an amount")
	}
	_, err = s.directory.Agreement(ctx, x.from.No, party.Acquirer, amount.Currency())
	if slugOf(err) != "" {
		return nil, &refusal{wire.CodeCurrency, "paymentAmount.currency", "", nil}
	}
	if err != nil {
		return nil, refusedBy(err)
	}
	can := map[link.Way]map[int64]bool{}
	var able []party.Wallet
	for _, w := range []link.Way{link.WayOrder, link.WayPage, way} {
		found, err := s.payments.Choices(ctx, nil, w)
		if err != nil {
			return nil, refusedBy(err)
		}
		can[w], able = map[int64]bool{}, found
		for _, wallet := range found {
			can[w][wallet.Issuer.No] = true
		}
	}
	option := wire.PaymentOption{Type: wire.ConnectWallet, Category: wire.CategoryWallet,
		Enabled: "false", DisableReason: "PAYMENT_METHOD_NOT_AVAILABLE"}
	list := &wire.ConnectWallets{}
	for _, w := range able {
		if most := w.Agreement.PerPaymentMaxMinor; most != nil && amount.Minor() > *most {
			continue
		}
		list.Wallets = append(list.Wallets, wire.Wallet{Name: w.Issuer.ID,
			BrandName: wire.Cut(w.Issuer.Name, 128), Feature: &wire.WalletFeature{
				CodeScan:    flag(can[link.WayOrder][w.Issuer.No]),
				Redirection: flag(can[link.WayPage][w.Issuer.No])}})
	}
	if len(list.Wallets) > 0 {
		option.Enabled, option.DisableReason = "true", ""
		option.Detail = &wire.PaymentOptionDetail{Type: wire.ConnectWallet, ConnectWallet: list}
	}
	return &wire.ConsultResponse{Result: wire.ResultOf(wire.CodeSuccess),
		Options: []wire.PaymentOption{option}}, nil
}

// flag writes a boolean as the protocol does.
func flag(v bool) string {
	if v {
		return "true"
	}
	return "false"
}
