package upstream

import (
	"context"
	"errors"
	"fmt"
	"time"

	"watari/connect/alipayplus"
	"watari/connect/alipayplus/call"
	"watari/connect/alipayplus/wire"
	"watari/kit/check"
	"watari/pay/link"
)

// Name is what this connector is called in the directory.
const Name = "alipayplus_upstream"

// The protocol's times for an acquirer, less what the way through this network takes.
const (
	callMax    = 6 * time.Second // of 8 s
	inquiryMax = 5 * time.Second
	deadline   = 180 * time.Second
	codeLife   = time.Minute
	refundTime = 365 * 24 * time.Hour
	idMax      = 64
)

// The windows after midnight UTC+8, in minutes (U5): the other network cancels until 00:15.
const (
	oursUntil   = 10
	theirsUntil = 15
)

// ClientConfig is what a Client is made of. Credentials is required.
type ClientConfig struct {
	// Credentials gives ours at a network, by its id as an issuer here. What it gives may change.
	Credentials func(issuerID string) (Credentials, error)
	// CallMax and InquiryMax bound one call; 0 is what the protocol says. Tests shorten them.
	CallMax, InquiryMax time.Duration
	// Deadline is how long an outcome may stay unknown; 0 is what the protocol says.
	Deadline time.Duration
	// Skew is how far an answer's time may be from ours; 0 is sign.Skew.
	Skew time.Duration
}

// Client is the connector to other networks (link.Connector, link.Preparer). It keeps nothing about
// payments and is safe for concurrent use.
type Client struct {
	config  ClientConfig
	callers *callers
}

// NewClient makes a Client. It panics when Credentials is missing.
func NewClient(c ClientConfig) *Client {
	check.That(c.Credentials != nil, "upstream: a client needs credentials")
	if c.CallMax == 0 {
		c.CallMax = callMax
	}
	if c.InquiryMax == 0 {
		c.InquiryMax = inquiryMax
	}
	if c.Deadline == 0 {
		c.Deadline = deadline
	}
	return &Client{config: c, callers: &callers{credentials: c.Credentials, skew: c.Skew,
		kept: map[string]*caller{}}}
}

// Close ends idle connections to other networks.
func (c *Client) Close() { c.callers.close() }

// Name returns "alipayplus_upstream".
func (c *Client) Name() string { return Name }

// Capabilities returns the protocol's windows and times for an acquirer.
func (c *Client) Capabilities() link.Capabilities {
	return link.Capabilities{
		IDMax: idMax, CallMax: c.config.CallMax, InquiryMax: c.config.InquiryMax,
		Inquiries: []time.Duration{2 * time.Second, 2 * time.Second, 3 * time.Second,
			3 * time.Second, 5 * time.Second, 5 * time.Second, 10 * time.Second},
		Deadline: c.config.Deadline, CodeLife: codeLife, PartialRefund: true, ZeroRefund: false,
		RefundWindow: refundTime,
		Ways:         []link.Way{link.WayCode, link.WayOrder, link.WayEntry, link.WayPage},
		CancelUntil:  func(t time.Time) time.Time { return alipayplus.NextDay(t, oursUntil) },
		WalletUntil:  func(t time.Time) time.Time { return alipayplus.NextDay(t, theirsUntil) },
	}
}

// Authorise asks the other network for a payment by the code on its user's phone.
func (c *Client) Authorise(ctx context.Context, to link.Endpoint, r link.Authorise) link.Answer {
	m := payRequest(to, r)
	m.PaymentMethod.ID = r.Code
	m.PaymentFactor = wire.PaymentFactor{InStore: "true", Scenario: wire.ScenarioPaymentCode}
	_, a := c.pay(ctx, to, m)
	return a
}

// pay sends a payment in any of its shapes.
func (c *Client) pay(ctx context.Context, to link.Endpoint, m *wire.PayRequest) (
	wire.PayResponse, link.Answer,
) {
	var res wire.PayResponse
	us, err := c.call(ctx, to, alipayplus.PathPay, c.config.CallMax, m, &res)
	if err != nil {
		return res, alipayplus.NotKnown("", err)
	}
	a := alipayplus.Judge(res.Result)
	tell(&a, &res.Paid)
	return res, us.ours(a, res.AcquirerID, m.PaymentRequestID)
}

// Prepare asks the other network to make an order that a user of one of its wallets pays.
func (c *Client) Prepare(ctx context.Context, to link.Endpoint, r link.Prepare) (
	link.Form, link.Answer,
) {
	m := payRequest(to, r.Authorise)
	m.PaymentFactor = factor(r)
	if m.PaymentFactor.Scenario != wire.ScenarioOrderCode {
		m.PaymentRedirectURL = r.ReturnURL
	}
	if m.Order.Env == nil {
		m.Order.Env = &wire.Env{}
	}
	m.Order.Env.UserAgent, m.Order.Env.ClientIP = wire.Cut(r.UserAgent, 1024), r.PayerIP
	if *m.Order.Env == (wire.Env{}) {
		m.Order.Env = nil
	}
	res, a := c.pay(ctx, to, m)
	form := link.Form{CodeText: res.OrderCodeForm.Text(), PageURL: res.Page(), AppURL: res.App()}
	if res.OrderCodeForm != nil {
		form.Expires, _ = wire.ParseTime(res.OrderCodeForm.ExpireTime)
	}
	bare := form.CodeText == "" && form.PageURL == "" && form.AppURL == ""
	switch {
	case a.Outcome == link.Approved:
		// An order is paid by its payer: an inquiry tells.
		a.Outcome, a.Cause = link.Unknown, errors.New("the order was paid before")
	case a.UserActing && bare:
		a.UserActing, a.Cause = false, errors.New("the answer does not say how to pay")
	}
	return form, a
}

// factor says in which shape an order is asked for. An entry code needs the payer's browser; where
// nobody knows it, the cashier does.
func factor(r link.Prepare) wire.PaymentFactor {
	switch {
	case r.Way == link.WayOrder:
		return wire.PaymentFactor{InStore: "true", Scenario: wire.ScenarioOrderCode}
	case r.Way == link.WayEntry && r.UserAgent != "":
		return wire.PaymentFactor{InStore: "true", Scenario: wire.ScenarioEntryCode}
	}
	return wire.PaymentFactor{Cashier: "true"}
}

// Inquire asks how a payment stands.
func (c *Client) Inquire(ctx context.Context, to link.Endpoint, r link.Inquire) link.Answer {
	var res wire.InquiryResponse
	us, err := c.call(ctx, to, alipayplus.PathInquiry, c.config.InquiryMax,
		&wire.InquiryRequest{PaymentRequestID: r.OurRequestID}, &res)
	if err != nil {
		return alipayplus.NotKnown("", err)
	}
	// Unless the inquiry itself worked, it says nothing about the payment.
	if res.Result.Status != wire.Success || !res.Result.Consistent() {
		a := alipayplus.NotKnown(res.Result.Code, alipayplus.Said(res.Result))
		a.NoSuch = alipayplus.IsNoSuch(res.Result)
		return us.ours(a, res.AcquirerID, r.OurRequestID)
	}
	if res.PaymentResult == nil {
		return alipayplus.NotKnown(res.Result.Code, errors.New("the answer has no paymentResult"))
	}
	a := alipayplus.Judge(*res.PaymentResult)
	tell(&a, &res.Paid)
	return us.ours(a, res.AcquirerID, r.OurRequestID)
}

// Cancel asks the other network to give a whole payment up. ORDER_IS_CLOSED is what was asked.
func (c *Client) Cancel(ctx context.Context, to link.Endpoint, r link.Cancel) link.Answer {
	var res wire.CancelResponse
	us, err := c.call(ctx, to, alipayplus.PathCancel, c.config.CallMax,
		&wire.CancelRequest{PaymentRequestID: r.OurRequestID}, &res)
	if err != nil {
		return alipayplus.NotKnown("", err)
	}
	a := alipayplus.Judge(res.Result)
	if a.Outcome == link.Declined && a.Reason == link.ReasonClosed {
		a.Outcome, a.Reason = link.Approved, link.ReasonNone
	}
	return us.ours(a, res.AcquirerID, "")
}

// Refund asks the other network to give part or all of a payment back.
func (c *Client) Refund(ctx context.Context, to link.Endpoint, r link.Refund) link.Answer {
	var res wire.RefundResponse
	us, err := c.call(ctx, to, alipayplus.PathRefund, c.config.CallMax,
		&wire.RefundRequest{PaymentRequestID: r.OurRequestID, RefundRequestID: r.RefundID,
			RefundAmount: wire.AmountOf(r.Order), RefundReason: wire.Cut(r.Reason, 256)}, &res)
	if err != nil {
		return alipayplus.NotKnown("", err)
	}
	a := alipayplus.Judge(res.Result)
	a.TheirID = res.RefundID
	a.Order, a.PayTo = alipayplus.AmountOf(res.RefundAmount),
		alipayplus.AmountOf(res.SettlementAmount)
	a.At, _ = wire.ParseTime(res.RefundTime)
	return us.ours(a, res.AcquirerID, "")
}

// call sends one message within its time and reads the answer.
func (c *Client) call(
	ctx context.Context, to link.Endpoint, path string, limit time.Duration,
	req, res wire.Message,
) (*caller, error) {
	us, err := c.callers.of(to.IssuerID)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	body, err := us.Post(ctx, call.Target{ParticipantNo: to.IssuerNo,
		ClientID: us.ClientID, URL: to.BaseURL + path}, wire.Encode(req))
	if err != nil {
		return nil, err
	}
	if err := wire.DecodeAnswer(body, res); err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	return us, nil
}

// ours makes an answer unknown that is about somebody else (U1). requestID is "" where the answer
// has none.
func (i *identity) ours(a link.Answer, acquirerID, requestID string) link.Answer {
	other := acquirerID != "" && acquirerID != i.AcquirerID
	if other || a.RequestID != "" && a.RequestID != requestID {
		return link.Answer{Outcome: link.Unknown, RequestID: a.RequestID, Code: a.Code,
			Cause: errors.New("the answer names another acquirer or request id")}
	}
	return a
}

// tell copies what the other network tells of a payment (U3, U4).
func tell(a *link.Answer, d *wire.Paid) {
	a.RequestID, a.TheirID, a.Customer = d.PaymentRequestID, d.PaymentID, d.CustomerID
	a.Order, a.PayTo = alipayplus.AmountOf(d.PaymentAmount), alipayplus.AmountOf(d.SettlementAmount)
	a.At, _ = wire.ParseTime(d.PaymentTime)
}

// payRequest is a payment in an acquirer's words, without its shape.
func payRequest(to link.Endpoint, r link.Authorise) *wire.PayRequest {
	order := wire.Order{ReferenceOrderID: r.OrderRef, Description: wire.Cut(r.Description, 256),
		Amount: wire.AmountOf(r.Order), Merchant: alipayplus.MerchantForm(r.Shop)}
	// Both are required by the protocol and may be empty at a till.
	if order.ReferenceOrderID == "" {
		order.ReferenceOrderID = r.PaymentID
	}
	if order.Description == "" {
		order.Description = order.ReferenceOrderID
	}
	if r.Shop.TerminalID != "" {
		order.Env = &wire.Env{StoreTerminalID: r.Shop.TerminalID}
	}
	return &wire.PayRequest{Order: order, PaymentRequestID: r.OurRequestID,
		PaymentAmount:      wire.AmountOf(r.Order),
		PaymentMethod:      wire.PaymentMethod{Type: wire.ConnectWallet},
		PaymentExpiryTime:  wire.FormatTime(r.Expires),
		PaymentNotifyURL:   to.NotifyURL,
		SettlementStrategy: &wire.SettlementStrategy{Currency: string(r.PayTo.Currency())}}
}
