package paypay

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"watari/connect/paypay/wire"
	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/outbound"
	"watari/pay/link"
)

// Name is what this connector is called in the directory.
const Name = "paypay"

// The protocol's times, see the package comment.
const (
	callMax    = 6 * time.Second
	inquiryMax = 5 * time.Second
	deadline   = 3 * time.Minute
	codeLife   = time.Minute
	orderLife  = 5 * time.Minute
	holdLife   = 30 * 24 * time.Hour
	refundTime = 365 * 24 * time.Hour
)

// late is how long after a request was sent it can still be taken: the signature is refused after
// two minutes; one more for clocks that differ.
const late = 3 * time.Minute

// ClientConfig is what a Client is made of. Credentials is required; everything else is the
// protocol's when it is zero.
type ClientConfig struct {
	// Credentials gives what PayPay gave us for a wallet, by the issuer's id. It is asked for
	// every call, so that a new secret counts at once; keeping files open or read is its own.
	Credentials func(issuerID string) (Credentials, error)
	// CallMax and InquiryMax bound one call of the core, which may be several of PayPay's.
	CallMax, InquiryMax time.Duration
	// Deadline is how long an outcome may stay unknown before its payment is cancelled.
	Deadline time.Duration
	// OrderLife is how long a code can be paid after it was made. PayPay sets it and tells it
	// with each code.
	OrderLife time.Duration
	// HoldLife is how long a promise stands; it is agreed with PayPay.
	HoldLife time.Duration
	// OneRefund says that PayPay allows the merchant one refund of a payment, which is then taken
	// for all of it.
	OneRefund bool
}

// Client is the connector to PayPay (link.Connector, Preparer, Holder, Agreer). It keeps nothing
// about payments and is safe for concurrent use.
type Client struct {
	config ClientConfig
	http   *http.Client
}

// The contract that a Client fulfils.
var (
	_ link.Connector = (*Client)(nil)
	_ link.Preparer  = (*Client)(nil)
	_ link.Holder    = (*Client)(nil)
	_ link.Agreer    = (*Client)(nil)
)

// NewClient makes a Client. It panics when a required field is missing.
func NewClient(c ClientConfig) *Client {
	check.That(c.Credentials != nil, "paypay: a client needs credentials")
	for field, standard := range map[*time.Duration]time.Duration{&c.CallMax: callMax,
		&c.InquiryMax: inquiryMax, &c.Deadline: deadline, &c.OrderLife: orderLife,
		&c.HoldLife: holdLife} {
		if *field == 0 {
			*field = standard
		}
	}
	return &Client{config: c, http: outbound.New(outbound.Options{HTTP2: true})}
}

// Close ends idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Name returns "paypay".
func (c *Client) Name() string { return Name }

// Capabilities returns the protocol's windows and times.
func (c *Client) Capabilities() link.Capabilities {
	return link.Capabilities{
		IDMax: wire.IDMax, CallMax: c.config.CallMax, InquiryMax: c.config.InquiryMax,
		Inquiries: []time.Duration{2 * time.Second, 2 * time.Second, 2 * time.Second,
			3 * time.Second},
		Deadline: c.config.Deadline, CodeLife: codeLife,
		PartialRefund: !c.config.OneRefund, ZeroRefund: false, RefundWindow: refundTime,
		Ways: []link.Way{link.WayCode, link.WayOrder, link.WayEntry, link.WayPage,
			link.WayAgreement},
		HoldLife: c.config.HoldLife, Captures: 1,
		CancelUntil: cancelEnds, WalletUntil: cancelEnds,
	}
}

// cancelEnds is 00:14:59 JST of the day after a payment was made at t.
func cancelEnds(t time.Time) time.Time {
	y, m, d := t.In(clock.JST).Date()
	return time.Date(y, m, d+1, 0, 14, 59, 0, clock.JST).UTC()
}

// within bounds a call of the core.
func (c *Client) within(ctx context.Context, limit time.Duration, to link.Endpoint,
	do func(ctx context.Context, x *exchange) link.Answer,
) link.Answer {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	x, err := c.begin(to)
	if err != nil {
		return unknown("", err)
	}
	return do(ctx, x)
}

// identity returns valid credentials of a wallet.
func identity(of func(string) (Credentials, error), issuerID string) (Credentials, error) {
	c, err := of(issuerID)
	if err != nil {
		return c, fmt.Errorf("find the credentials of %s: %w", issuerID, err)
	}
	if err := c.Validate(); err != nil {
		return c, fmt.Errorf("credentials of %s: %w", issuerID, err)
	}
	return c, nil
}
