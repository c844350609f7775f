package alipayplus

import (
	"context"
	"fmt"
	"strings"
	"time"

	"watari/connect/alipayplus/call"
	"watari/connect/alipayplus/private"
	"watari/connect/alipayplus/wire"
	"watari/kit/money"
	"watari/pay/link"
	"watari/pay/party"
	"watari/pay/payment"
)

// askMax bounds the question to an acquirer what a code of its own means: a wallet waits 8 s for
// all of it.
const askMax = 4 * time.Second

// userInitiated tells a wallet what a code means that its user has scanned, and gives it what to
// debit. The code is idempotent with the customer: the core knows who took an order.
func (s *Server) userInitiated(ctx context.Context, x *exchange) (wire.Message, *refusal) {
	var req wire.UserInitiatedRequest
	if refused := x.decode(&req); refused != nil {
		return nil, refused
	}
	if isSuspended(x.from) {
		return nil, &refusal{wire.CodeAccessDenied, "participant status",
			"the participant is not in service", nil}
	}
	scan := payment.Scan{IssuerNo: x.from.No, Text: req.CodeValue, Customer: req.CustomerID,
		Began: x.began}
	if req.PaymentAmount != nil {
		typed, err := req.PaymentAmount.Money()
		if err != nil {
			return nil, illegal("paymentAmount", "is not an amount")
		}
		scan.Amount = &typed
	}
	owner, found, refused := s.ownerOf(ctx, req.CodeValue)
	switch {
	case refused != nil:
		return nil, refused
	case found:
		m, p, refused := s.askOwner(ctx, x, &req, owner)
		if m != nil || refused != nil {
			return m, refused
		}
		scan.Text, scan.Amount = s.payments.CodeURL(p), nil
	}
	r, err := s.payments.Resolve(ctx, scan)
	if err != nil {
		return nil, refusedBy(err)
	}
	return s.resolved(x, &r), nil
}

// resolved is what a code means, in the wallet's words.
func (s *Server) resolved(x *exchange, r *payment.Resolved) *wire.UserInitiatedResponse {
	merchant := placeOf(&r.Point)
	res := &wire.UserInitiatedResponse{Result: wire.ResultOf(wire.CodeSuccess),
		CodeType: wire.CodeTypeStore, AcquirerID: r.Point.Acquirer.ID, PSPID: x.from.ID,
		Order: &wire.Order{Merchant: merchant}, PaymentQuote: quoteOf(r.Quote)}
	if r.Static {
		return res
	}
	p := r.Payment
	res.CodeType, res.PaymentRequestID = wire.CodeTypeOrder, r.RequestID
	res.Order.ReferenceOrderID = p.OrderRef
	if res.Order.ReferenceOrderID == "" {
		res.Order.ReferenceOrderID = p.ID
	}
	res.Order.Description = wire.Cut(p.Description, 256)
	if strings.TrimSpace(res.Order.Description) == "" {
		res.Order.Description = res.Order.ReferenceOrderID
	}
	res.Order.Amount = wire.AmountOf(p.Order)
	res.Sum, res.PayToAmount = wire.SumOf(wire.AmountOf(p.Order)), wire.AmountOf(r.PayTo)
	res.PaymentFactor = factorOf(p.Way)
	res.PaymentExpiryTime = wire.FormatTime(r.Expires)
	if s.public != "" {
		res.PaymentNotifyURL = s.public + PathNotify
	}
	return res
}

// placeOf is the shop of an order in the protocol's words.
func placeOf(p *party.Point) *wire.Merchant {
	shop := link.Shop{MerchantID: p.Merchant.ID, MerchantName: p.Merchant.Name,
		StoreID: p.Store.ID, StoreName: p.Store.Name, MCC: p.Store.MCC}
	if p.Store.Prefecture != "" {
		shop.Prefecture = "JP-" + p.Store.Prefecture
	}
	if p.Terminal != nil {
		shop.TerminalID = p.Terminal.ID
	}
	return MerchantForm(shop)
}

// ownerOf finds the acquirer whose code this is. Codes of this network have none.
func (s *Server) ownerOf(ctx context.Context, text string) (private.Owner, bool, *refusal) {
	var none private.Owner
	if s.owners == nil || s.public != "" && strings.HasPrefix(text, s.public+"/") {
		return none, false, nil
	}
	o, found, err := s.owners.Owner(ctx, text)
	if err != nil {
		return none, false, &refusal{wire.CodeUnknown, "owners of codes", "", err}
	}
	return o, found, nil
}

// askOwner asks an acquirer what a code of its own means. It returns the order that this makes, or
// the answer to the wallet when there is none yet: the code stands in a shop.
func (s *Server) askOwner(
	ctx context.Context, x *exchange, req *wire.UserInitiatedRequest, owner private.Owner,
) (wire.Message, *payment.Payment, *refusal) {
	acquirer, err := s.participant(ctx, owner.AcquirerNo)
	if err != nil {
		return nil, nil, refusedBy(err)
	}
	if isSuspended(acquirer) {
		return nil, nil, &refusal{wire.CodeInvalidCode, "acquirer status",
			"the code is of an acquirer that is not in service", nil}
	}
	told, refused := s.ask(ctx, x, owner, acquirer, &wire.PrivateCodeRequest{
		AcquirerID: acquirer.ID, PSPID: x.from.ID, CodeValue: req.CodeValue,
		CustomerID: req.CustomerID, PaymentAmount: req.PaymentAmount,
		PassThrough: req.PassThrough})
	if refused != nil {
		return nil, nil, refused
	}
	if told.CodeType == wire.CodeTypeStore && told.PaymentRequestID == "" {
		if req.PaymentAmount != nil {
			return nil, nil, &refusal{wire.CodeBusiness, "acquirer's answer",
				"the acquirer makes no order of a typed amount", nil}
		}
		res := &wire.UserInitiatedResponse{Result: wire.ResultOf(wire.CodeSuccess),
			CodeType: wire.CodeTypeStore, AcquirerID: acquirer.ID, PSPID: x.from.ID,
			Order: &wire.Order{}}
		if told.Order != nil {
			res.Order.Merchant = told.Order.Merchant
		}
		return res, nil, nil
	}
	asked, refused := payOf(told)
	if refused != nil {
		return nil, nil, refused
	}
	p, refused := s.opened(ctx, payment.Origin{AcquirerNo: acquirer.No,
		Channel: payment.ChannelAlipayPlus, RequestID: asked.PaymentRequestID,
		Compare: compared(asked), Actor: "aps:" + acquirer.ID, Began: x.began}, asked,
		link.WayOrder)
	return nil, p, refused
}

// ask sends the question and believes a signed answer only.
func (s *Server) ask(
	ctx context.Context, x *exchange, owner private.Owner, acquirer party.Participant,
	q *wire.PrivateCodeRequest,
) (*wire.PrivateCodeResponse, *refusal) {
	silent := func(err error) *refusal {
		return &refusal{wire.CodeUnknown, "acquirer of the code",
			"the acquirer of the code does not answer, ask again", err}
	}
	if !call.IsHTTP(owner.AskURL) || !s.local && !strings.HasPrefix(owner.AskURL, "https://") {
		return nil, silent(fmt.Errorf("the address %q cannot be called", owner.AskURL))
	}
	ctx, cancel := context.WithDeadline(ctx, x.began.Add(askMax))
	defer cancel()
	body, err := s.asker.Post(ctx, call.Target{ParticipantNo: acquirer.No,
		ClientID: acquirer.ClientID, URL: owner.AskURL}, wire.Encode(q))
	if err != nil {
		return nil, silent(err)
	}
	var told wire.PrivateCodeResponse
	if err := wire.DecodeAnswer(body, &told); err != nil {
		return nil, silent(err)
	}
	switch {
	case told.Result.Status == wire.Success && told.Result.Consistent():
		return &told, nil
	case told.Result.Status != wire.Failure || !told.Result.Consistent():
		return nil, silent(Said(told.Result))
	}
	r := &refusal{code: wire.CodeProcessFail, part: "acquirer's answer", cause: Said(told.Result)}
	switch told.Result.Code {
	case wire.CodeInvalidCode, wire.CodeExpiredCode, wire.CodeOrderClosed:
		r.code = told.Result.Code
	}
	return nil, r
}

// payOf is the order of an acquirer's answer, as if the acquirer had sent it by itself.
func payOf(m *wire.PrivateCodeResponse) (*wire.PayRequest, *refusal) {
	missing := func(field string) *refusal {
		return &refusal{wire.CodeUnknown, "acquirer's answer, " + field,
			"the acquirer's answer is not complete, ask again", nil}
	}
	total := m.Total()
	switch {
	case m.PaymentRequestID == "":
		return nil, missing("paymentRequestId")
	case m.Order == nil:
		return nil, missing("order")
	case total == nil:
		return nil, missing("paymentAmount")
	}
	order := *m.Order
	if order.Amount == nil {
		order.Amount = total
	}
	return &wire.PayRequest{Order: order, PaymentRequestID: m.PaymentRequestID,
		PaymentAmount: total, PaymentMethod: wire.PaymentMethod{Type: wire.ConnectWallet},
		PaymentFactor:      *factorOf(link.WayOrder),
		PaymentExpiryTime:  m.PaymentExpiryTime,
		PaymentNotifyURL:   m.PaymentNotifyURL,
		PaymentRedirectURL: m.PaymentRedirectURL,
		SettlementStrategy: m.SettlementStrategy}, nil
}

// quote tells a wallet what its users' payments are converted at now. Of the two currencies one
// is the wallet's settlement currency; the rate is that of a payment in the other.
func (s *Server) quote(ctx context.Context, x *exchange) (wire.Message, *refusal) {
	var req wire.QuoteRequest
	if refused := x.decode(&req); refused != nil {
		return nil, refused
	}
	unknown := &refusal{wire.CodeCurrency, "sellCurrency, buyCurrency",
		"neither of the currencies is one that this wallet settles in", nil}
	if s.rates == nil {
		return nil, &refusal{wire.CodeBusiness, "rates", "", nil}
	}
	pairs := [][2]string{{req.BuyCurrency, req.SellCurrency}, {req.SellCurrency, req.BuyCurrency}}
	for _, pair := range pairs {
		base, own := money.Currency(pair[0]), money.Currency(pair[1])
		a, err := s.directory.Agreement(ctx, x.from.No, party.Issuer, own)
		if slugOf(err) != "" {
			continue
		}
		if err != nil {
			return nil, refusedBy(err)
		}
		q, err := s.rates.Indicative(ctx, x.from.No, base, own, a.SpreadPPM)
		if err != nil {
			return nil, refusedBy(err)
		}
		return &wire.QuoteResponse{Result: wire.ResultOf(wire.CodeSuccess),
			Quote: quoteOf(q)}, nil
	}
	return nil, unknown
}
