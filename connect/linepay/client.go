package linepay

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"watari/connect/linepay/wire"
	"watari/kit/check"
	"watari/kit/outbound"
	"watari/pay/link"
)

// Name is what this connector is called in the directory.
const Name = "linepay"

// The protocol's times, see the package comment.
const (
	callMax    = 6 * time.Second // of what a shop waits; LINE Pay itself may take 40 s
	inquiryMax = 5 * time.Second
	deadline   = 180 * time.Second
	codeLife   = 5 * time.Minute
	arrival    = codeLife + time.Minute
	refundTime = 60 * 24 * time.Hour
	holdLife   = 7 * 24 * time.Hour
	quiet      = time.Minute
	fresh      = time.Second
	skew       = 2 * time.Minute
	idMax      = 100
)

// ClientConfig is what a Client is made of. Credentials is required; a time that is 0 is the
// published one, or, where nothing is published, what the package comment says.
type ClientConfig struct {
	// Credentials are those of an issuer; it is asked at every call.
	Credentials func(issuerID string) (Credentials, error)
	// CallMax and InquiryMax bound one call of the core. Tests shorten them.
	CallMax, InquiryMax time.Duration
	// Deadline is how long an outcome may stay unknown before its payment is cancelled.
	Deadline time.Duration
	// Arrival is how long after it was asked an order that LINE Pay does not know can still
	// reach it.
	Arrival time.Duration
	// RefundWindow is how long after a payment LINE Pay takes refunds.
	RefundWindow time.Duration
	// HoldLife is how long a promise stands.
	HoldLife time.Duration
	// Quiet is how long after it was made a refund is not sent a second time.
	Quiet time.Duration
	// Zone is where the day ends in which a payment may be cancelled; nil is UTC+8, Taipei.
	Zone *time.Location
}

// Client is the connector to LINE Pay: link.Connector, Preparer, Completer, Holder and Agreer. It
// keeps nothing about payments and is safe for concurrent use.
type Client struct {
	config ClientConfig
	http   *http.Client
}

// NewClient makes a Client. It panics when a required field is missing.
func NewClient(c ClientConfig) *Client {
	check.That(c.Credentials != nil, "linepay: a client needs credentials")
	for _, t := range []struct {
		set *time.Duration
		is  time.Duration
	}{{&c.CallMax, callMax}, {&c.InquiryMax, inquiryMax}, {&c.Deadline, deadline},
		{&c.Arrival, arrival}, {&c.RefundWindow, refundTime}, {&c.HoldLife, holdLife},
		{&c.Quiet, quiet}} {
		if *t.set == 0 {
			*t.set = t.is
		}
	}
	if c.Zone == nil {
		c.Zone = time.FixedZone("UTC+8", 8*60*60)
	}
	return &Client{config: c, http: outbound.New(outbound.Options{})}
}

// Close ends idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Name returns "linepay".
func (c *Client) Name() string { return Name }

// Capabilities returns the protocol's windows and times. A payment may be cancelled until
// midnight; because a cancel is a refund in full, LINE Pay honours one that comes later, and half
// an hour is kept for orders that cannot be withdrawn and expire by themselves.
func (c *Client) Capabilities() link.Capabilities {
	return link.Capabilities{
		IDMax: idMax, CallMax: c.config.CallMax, InquiryMax: c.config.InquiryMax,
		Inquiries: []time.Duration{2 * time.Second, 2 * time.Second, 3 * time.Second,
			3 * time.Second, 5 * time.Second, 5 * time.Second, 10 * time.Second},
		Deadline: c.config.Deadline, CodeLife: codeLife, PartialRefund: true, ZeroRefund: false,
		RefundWindow: c.config.RefundWindow,
		Ways: []link.Way{link.WayCode, link.WayOrder, link.WayEntry, link.WayPage,
			link.WayAgreement},
		HoldLife: c.config.HoldLife, Captures: 1,
		CancelUntil: c.midnight,
		WalletUntil: func(t time.Time) time.Time { return c.midnight(t).Add(30 * time.Minute) },
	}
}

// midnight returns the end of the day of t.
func (c *Client) midnight(t time.Time) time.Time {
	y, m, d := t.In(c.config.Zone).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, c.config.Zone).UTC()
}

// Authorise asks LINE Pay to debit the user whose one-time key was scanned, or who has agreed to
// charges.
func (c *Client) Authorise(ctx context.Context, to link.Endpoint, r link.Authorise) link.Answer {
	ctx, cancel := context.WithTimeout(ctx, c.config.CallMax)
	defer cancel()
	k, err := c.credentials(to.IssuerID)
	if err != nil {
		return misconfigured(err)
	}
	about := link.About{OurRequestID: r.OurRequestID, IssuerID: r.IssuerID, Way: link.WayCode,
		Order: r.Order, PayTo: r.PayTo, Held: r.Hold}
	one := keyPay(r, k)
	if r.Token != "" {
		about.Way = link.WayAgreement
		one = post(path(wire.PathConsentPay, r.Token), plainPay(r, ""))
	}
	a, err := ask[wire.Paid](ctx, c, to, k, one)
	switch {
	case err != nil:
		return unheard(err)
	case a.Code == wire.CodeOK:
		return paid(a, about)
	case known(a.Code):
		// The order is there already. What became of it counts, not the answer to the repeat.
		seen := c.look(ctx, to, k, about)
		seen.NoSuch = false
		return seen
	}
	return judge(a.Code)
}

// known tells whether a code says that LINE Pay has seen an order, or this call, before.
func known(code wire.Code) bool {
	switch code {
	case wire.CodeSameTransaction, wire.CodeSameOrder, wire.CodeDuplicateCall,
		wire.CodeOtherRequest:
		return true
	}
	return false
}

// keyPay is a payment by one-time key, in the words of the offline API's version.
func keyPay(r link.Authorise, k Credentials) call {
	if k.Offline == OfflineV2 {
		return post(wire.OfflinePay, plainPay(r, r.Code)).offline(k)
	}
	return post(wire.OfflinePay, &wire.KeyPay{Amount: wire.NumberOf(r.PayTo),
		Currency: string(r.PayTo.Currency()), OrderID: r.OurRequestID, Key: r.Code,
		Packages: packages(r), Options: options(r.Hold, "")}).offline(k)
}

func plainPay(r link.Authorise, key string) *wire.PlainPay {
	p := &wire.PlainPay{ProductName: productName(r), Amount: wire.NumberOf(r.PayTo),
		Currency: string(r.PayTo.Currency()), OrderID: r.OurRequestID, Key: key}
	if r.Hold {
		p.Capture = new(bool)
	}
	return p
}

// options is nil for a plain payment.
func options(hold bool, payType string) *wire.Options {
	if !hold && payType == "" {
		return nil
	}
	p := &wire.PaymentOptions{PayType: payType}
	if hold {
		p.Capture = new(bool)
	}
	return &wire.Options{Payment: p}
}

// packages is one package of one product: the shop's receipt is not LINE Pay's.
func packages(r link.Authorise) []wire.Package {
	amount := wire.NumberOf(r.PayTo)
	return []wire.Package{{ID: "1", Amount: amount, Products: []wire.Product{{
		Name: productName(r), Quantity: "1", Price: amount}}}}
}

// nameMax is the longest name of a product, in characters.
const nameMax = 4000

// productName is what LINE Pay shows: the shop, and the price that it asked in its own currency.
func productName(r link.Authorise) string {
	name := r.Shop.StoreName
	if name == "" {
		name = r.Shop.MerchantName
	}
	if name == "" {
		name = r.PaymentID
	}
	if r.Order.Valid() {
		name = strings.TrimSpace(name + " " + r.Order.String())
	}
	return cut(name, nameMax)
}

// paid reads the answer to a payment that was made.
func paid(a wire.Answer[wire.Paid], about link.About) link.Answer {
	if a.Info == nil {
		return unknown(a.Code, errors.New("the answer does not name the payment"))
	}
	b := judge(a.Code)
	if err := tell(&b, *a.Info, about); err != nil {
		return unknown(a.Code, err)
	}
	return b
}

// tell copies what LINE Pay tells of a payment. An error means that it is not about ours.
func tell(a *link.Answer, p wire.Paid, about link.About) error {
	switch {
	case p.TransactionID == "":
		return errors.New("the answer has no transaction id")
	case p.OrderID != "" && p.OrderID != about.OurRequestID:
		return errors.New("the answer names another order")
	case about.TheirID != "" && string(p.TransactionID) != about.TheirID:
		return errors.New("the answer names another transaction")
	}
	payTo, err := sum(p.PayInfo, about.PayTo.Currency())
	if err != nil {
		return err
	}
	a.RequestID, a.TheirID, a.PayTo = p.OrderID, string(p.TransactionID), payTo
	a.At = wire.ParseTime(p.Date)
	return nil
}

// cut shortens a text that people read to what the protocol takes, in characters.
func cut(s string, max int) string {
	if len(s) <= max {
		return s
	}
	if letters := []rune(s); len(letters) > max {
		return string(letters[:max])
	}
	return s
}

// Inquire asks LINE Pay how a payment stands.
func (c *Client) Inquire(ctx context.Context, to link.Endpoint, r link.Inquire) link.Answer {
	ctx, cancel := context.WithTimeout(ctx, c.config.InquiryMax)
	defer cancel()
	k, err := c.credentials(to.IssuerID)
	if err != nil {
		return unheard(fmt.Errorf("inquire: %w", err))
	}
	return c.look(ctx, to, k, r.About)
}
