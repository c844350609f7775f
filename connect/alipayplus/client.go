package alipayplus

import (
	"context"
	"fmt"
	"strings"
	"time"

	"watari/connect/alipayplus/call"
	"watari/connect/alipayplus/wire"
	"watari/kit/check"
	"watari/kit/clock"
	"watari/pay/link"
)

// Name is what this connector is called in the directory.
const Name = "alipayplus"

// The protocol's times, see the package comment.
const (
	callMax    = 6 * time.Second // of the 8 s that an acquirer waits for us
	inquiryMax = 5 * time.Second
	deadline   = 180 * time.Second
	codeLife   = time.Minute
	refundTime = 365 * 24 * time.Hour
	idMax      = 64
)

// Paths are the addresses of a wallet below its base address.
type Paths struct{ Pay, Inquiry, Cancel, Refund string }

// StandardPaths are the addresses as the network itself has them.
func StandardPaths() Paths {
	return Paths{Pay: PathPay, Inquiry: PathInquiry, Cancel: PathCancel, Refund: PathRefund}
}

// ClientConfig is what a Client is made of. Signers and Keys are required.
type ClientConfig struct {
	Signers call.Signers
	Keys    call.Keys
	// NotifyURL is our address for notices; it is sent to wallets when it is not empty.
	NotifyURL string
	// Paths are StandardPaths when empty.
	Paths Paths
	// CallMax and InquiryMax bound one call; 0 is what the protocol says. Tests shorten them.
	CallMax, InquiryMax time.Duration
	// Deadline is how long an outcome may stay unknown before its payment is cancelled; 0 is
	// what the protocol says.
	Deadline time.Duration
	// Skew is how far an answer's time may be from ours; 0 is sign.Skew.
	Skew time.Duration
}

// Client is the connector to wallets that speak this protocol (link.Connector). It keeps nothing
// about payments and is safe for concurrent use.
type Client struct {
	caller *call.Caller
	config ClientConfig
}

// NewClient makes a Client. It panics when a required field is missing.
func NewClient(c ClientConfig) *Client {
	check.That(c.Signers != nil && c.Keys != nil, "alipayplus: a client needs signers and keys")
	if c.Paths == (Paths{}) {
		c.Paths = StandardPaths()
	}
	if c.CallMax == 0 {
		c.CallMax = callMax
	}
	if c.InquiryMax == 0 {
		c.InquiryMax = inquiryMax
	}
	if c.Deadline == 0 {
		c.Deadline = deadline
	}
	return &Client{config: c,
		caller: call.New(call.Config{Signers: c.Signers, Keys: c.Keys, Skew: c.Skew})}
}

// Close ends idle connections to wallets.
func (c *Client) Close() { c.caller.Close() }

// Name returns "alipayplus".
func (c *Client) Name() string { return Name }

// Capabilities returns the protocol's windows and times.
func (c *Client) Capabilities() link.Capabilities {
	return link.Capabilities{
		IDMax: idMax, CallMax: c.config.CallMax, InquiryMax: c.config.InquiryMax,
		Inquiries: []time.Duration{2 * time.Second, 2 * time.Second, 3 * time.Second,
			3 * time.Second, 5 * time.Second, 5 * time.Second, 10 * time.Second},
		Deadline: c.config.Deadline, CodeLife: codeLife, PartialRefund: true, ZeroRefund: false,
		RefundWindow: refundTime, Resolves: true,
		// Entry pages and checkouts hand the wallet an order code of ours, which it resolves.
		Ways: []link.Way{link.WayCode, link.WayOrder, link.WayMerchant, link.WayEntry,
			link.WayPage},
		CancelUntil: func(t time.Time) time.Time { return NextDay(t, 15) },
		WalletUntil: func(t time.Time) time.Time { return NextDay(t, 30) },
	}
}

// NextDay returns that many minutes after midnight UTC+8 of the day after t.
func NextDay(t time.Time, minutes int) time.Time {
	y, m, d := t.In(clock.CST).Date()
	return time.Date(y, m, d+1, 0, minutes, 0, 0, clock.CST).UTC()
}

// Authorise asks the wallet to debit its user.
func (c *Client) Authorise(ctx context.Context, to link.Endpoint, r link.Authorise) link.Answer {
	var res wire.WalletPayResponse
	err := c.call(ctx, to, c.config.Paths.Pay, c.config.CallMax, c.payRequest(r), &res)
	if err != nil {
		return NotKnown("", err)
	}
	a := Judge(res.Result)
	tell(&a, res.Debited)
	return ours(a, r.OurRequestID)
}

// Inquire asks the wallet how a payment stands.
func (c *Client) Inquire(ctx context.Context, to link.Endpoint, r link.Inquire) link.Answer {
	var res wire.WalletInquiryResponse
	err := c.call(ctx, to, c.config.Paths.Inquiry, c.config.InquiryMax,
		&wire.WalletInquiryRequest{AcquirerID: r.AcquirerID, PSPID: r.IssuerID,
			PaymentRequestID: r.OurRequestID}, &res)
	if err != nil {
		return NotKnown("", err)
	}
	// A6: unless the inquiry itself worked, it says nothing about the payment.
	if res.Result.Status != wire.Success || !res.Result.Consistent() {
		a := NotKnown(res.Result.Code, Said(res.Result))
		a.NoSuch = IsNoSuch(res.Result)
		return a
	}
	if res.PaymentResult == nil {
		return NotKnown(res.Result.Code, fmt.Errorf("the answer has no paymentResult"))
	}
	a := Judge(*res.PaymentResult)
	tell(&a, res.Debited)
	return ours(a, r.OurRequestID)
}

// Cancel asks the wallet to give a whole payment back. A wallet that says ORDER_IS_CLOSED has
// nothing of the user's any more, which is what was asked.
func (c *Client) Cancel(ctx context.Context, to link.Endpoint, r link.Cancel) link.Answer {
	var res wire.WalletCancelResponse
	err := c.call(ctx, to, c.config.Paths.Cancel, c.config.CallMax,
		&wire.WalletCancelRequest{AcquirerID: r.AcquirerID, PSPID: r.IssuerID,
			PaymentRequestID: r.OurRequestID}, &res)
	if err != nil {
		return NotKnown("", err)
	}
	a := Judge(res.Result)
	if a.Outcome == link.Declined && a.Reason == link.ReasonClosed {
		a.Outcome, a.Reason = link.Approved, link.ReasonNone
	}
	a.RequestID = res.PaymentRequestID
	return ours(a, r.OurRequestID)
}

// Refund asks the wallet to give part or all of a payment back.
func (c *Client) Refund(ctx context.Context, to link.Endpoint, r link.Refund) link.Answer {
	var res wire.WalletRefundResponse
	err := c.call(ctx, to, c.config.Paths.Refund, c.config.CallMax,
		&wire.WalletRefundRequest{AcquirerID: r.AcquirerID, PSPID: r.IssuerID,
			PaymentRequestID: r.OurRequestID, PaymentID: r.TheirID, RefundRequestID: r.RefundID,
			RefundAmount: wire.AmountOf(r.Order), RefundFromAmount: wire.AmountOf(r.PayTo),
			RefundReason: wire.Cut(r.Reason, 256)}, &res)
	if err != nil {
		return NotKnown("", err)
	}
	a := Judge(res.Result)
	a.RequestID, a.TheirID = res.RefundRequestID, res.RefundID
	a.Order, a.PayTo = AmountOf(res.RefundAmount), AmountOf(res.RefundFromAmount)
	a.At, _ = wire.ParseTime(res.RefundTime)
	return ours(a, r.RefundID)
}

// call sends one message within its time and reads the answer.
func (c *Client) call(
	ctx context.Context, to link.Endpoint, path string, limit time.Duration,
	req, res wire.Message,
) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	body, err := c.caller.Post(ctx, call.Target{ParticipantNo: to.IssuerNo, ClientID: to.ClientID,
		URL: to.BaseURL + path}, wire.Encode(req))
	if err != nil {
		return err
	}
	if err := wire.DecodeAnswer(body, res); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	return nil
}

// payRequest is a payment in the wallet's words.
func (c *Client) payRequest(r link.Authorise) *wire.WalletPayRequest {
	order := wire.Order{ReferenceOrderID: r.OrderRef, Description: wire.Cut(r.Description, 256),
		Amount: wire.AmountOf(r.Order), Merchant: MerchantForm(r.Shop)}
	// Both are required by the protocol and may be empty at a till.
	if order.ReferenceOrderID == "" {
		order.ReferenceOrderID = r.PaymentID
	}
	if strings.TrimSpace(order.Description) == "" {
		order.Description = order.ReferenceOrderID
	}
	if r.Shop.TerminalID != "" {
		order.Env = &wire.Env{StoreTerminalID: r.Shop.TerminalID}
	}
	m := &wire.WalletPayRequest{AcquirerID: r.AcquirerID, PSPID: r.IssuerID,
		PaymentRequestID: r.OurRequestID, Order: order, PaymentAmount: wire.AmountOf(r.Order),
		PayToAmount:   wire.AmountOf(r.PayTo),
		PaymentMethod: wire.PaymentMethod{Type: wire.ConnectWallet, ID: r.Code},
		PaymentFactor: wire.PaymentFactor{InStore: "true", Scenario: wire.ScenarioPaymentCode},
		PaymentQuote:  quoteOf(r.Quote), PaymentExpiryTime: wire.FormatTime(r.Expires),
		PaymentNotifyURL: c.config.NotifyURL}
	return m
}

// MerchantForm is a shop in the protocol's words.
func MerchantForm(s link.Shop) *wire.Merchant {
	address := &wire.Address{Region: "JP", State: wire.Cut(s.Prefecture, 8)}
	return &wire.Merchant{ReferenceMerchantID: s.MerchantID, MCC: s.MCC,
		Name: wire.Cut(s.MerchantName, 256), Address: address,
		Store: &wire.Store{ReferenceStoreID: s.StoreID, Name: wire.Cut(s.StoreName, 256),
			MCC: s.MCC, TerminalID: s.TerminalID, Address: address}}
}

// quoteOf writes a quote; one without a rate is left out.
func quoteOf(q link.Quote) *wire.Quote {
	if !q.Rate.Valid() {
		return nil
	}
	return &wire.Quote{ID: q.ID, Price: q.Rate.String(),
		CurrencyPair: string(q.Rate.Base()) + "/" + string(q.Rate.Quote()),
		StartTime:    wire.FormatTime(q.From), ExpiryTime: wire.FormatTime(q.Until)}
}
