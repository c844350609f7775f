package wechatpay

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"watari/connect/wechatpay/wire"
	"watari/kit/check"
	"watari/kit/clock"
	"watari/pay/link"
)

// Name is what this connector is called in the directory.
const Name = "wechatpay"

// The network's addresses below its base address.
const (
	pathMicropay     = "/v3/global/micropay/transactions/pay"
	pathReverse      = "/v3/global/micropay/transactions/out-trade-no/%s/reverse"
	pathOrder        = "/v3/global/transactions/"
	pathQuery        = "/v3/global/transactions/out-trade-no/%s?%s"
	pathClose        = "/v3/global/transactions/out-trade-no/%s/close"
	pathRefund       = "/v3/global/refunds"
	pathRefundQuery  = "/v3/global/refunds/out-refund-no/%s?%s"
	pathCertificates = "/v3/global/certificates"
	pathStatements   = "/v3/global/statements?date=%s&%s"
)

// The protocol's times, see the package comment.
const (
	callMax      = 6 * time.Second // of the 8 s that an acquirer waits for us
	inquiryMax   = 5 * time.Second
	deadline     = 45 * time.Second
	codeLife     = time.Minute
	refundTime   = 365 * 24 * time.Hour
	reverseAfter = 15 * time.Second
	// arrival is after when a request can arrive no more: WeChat Pay refuses one whose signature
	// is older than five minutes, and the clocks may differ by as much.
	arrival = 10 * time.Minute
	idMax   = 32
)

// ClientConfig is what a Client is made of. Credentials is required.
type ClientConfig struct {
	// Credentials returns those of a wallet. It is asked at every call and has to be quick;
	// keys are parsed anew only when what it returns changes.
	Credentials func(issuerID string) (Credentials, error)
	// CallMax and InquiryMax bound one call; 0 is what the package comment says. Tests shorten
	// them.
	CallMax, InquiryMax time.Duration
	// Deadline is how long an outcome may stay unknown before its payment is reversed; 0 is 45 s.
	Deadline time.Duration
	// ReverseAfter is how old a payment must be to be reversed; 0 is the network's 15 s, less
	// than 0 is not at all.
	ReverseAfter time.Duration
	// StatementMax is the longest statement that is taken, in bytes; 0 is 1 GiB.
	StatementMax int64
}

// Client is the connector to WeChat Pay (link.Connector, link.Preparer). It keeps nothing about
// payments and is safe for concurrent use.
type Client struct {
	caller
	config ClientConfig
}

// NewClient makes a Client. It panics when a required field is missing.
func NewClient(c ClientConfig) *Client {
	check.That(c.Credentials != nil, "wechatpay: a client needs credentials")
	set := func(d *time.Duration, standard time.Duration) {
		if *d == 0 {
			*d = standard
		}
	}
	set(&c.CallMax, callMax)
	set(&c.InquiryMax, inquiryMax)
	set(&c.Deadline, deadline)
	set(&c.ReverseAfter, reverseAfter)
	if c.StatementMax == 0 {
		c.StatementMax = statementMax
	}
	return &Client{caller: newCaller(newKeyring(c.Credentials)), config: c}
}

// Close ends idle connections to the network.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Name returns "wechatpay".
func (c *Client) Name() string { return Name }

// Capabilities returns the protocol's windows and times.
func (c *Client) Capabilities() link.Capabilities {
	return link.Capabilities{
		IDMax: idMax, CallMax: c.config.CallMax, InquiryMax: c.config.InquiryMax,
		Inquiries: []time.Duration{5 * time.Second, 10 * time.Second},
		Deadline:  c.config.Deadline, CodeLife: codeLife, PartialRefund: true, ZeroRefund: false,
		RefundWindow: refundTime,
		Ways:         []link.Way{link.WayCode, link.WayOrder, link.WayEntry, link.WayPage},
		CancelUntil:  midnight, WalletUntil: midnight,
	}
}

// midnight returns the end of the day of t in UTC+8: what was paid on a day is reversed on it.
func midnight(t time.Time) time.Time {
	y, m, d := t.In(clock.CST).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, clock.CST).UTC()
}

// Authorise debits the user whose code was scanned (micropay). Its end in r.Expires cannot be
// said in this protocol: the code itself ends after a minute.
func (c *Client) Authorise(ctx context.Context, to link.Endpoint, r link.Authorise) link.Answer {
	ctx, cancel := context.WithTimeout(ctx, c.config.CallMax)
	defer cancel()
	keys, err := c.keys.of(to.IssuerID)
	if err != nil {
		return unknown("", err)
	}
	m := orderOf(keys.account, r)
	m.TradeType, m.Payer = wire.TradeMicropay, &wire.Payer{AuthCode: r.Code}
	got, err := c.call(ctx, to, http.MethodPost, pathMicropay, m)
	if err != nil {
		return unknown("", err)
	}
	return transaction(keys.account, got, r.OurRequestID)
}

// transaction reads the answer to a payment. 202 says that the network has it and no more.
func transaction(acc *account, got reply, id string) link.Answer {
	var t wire.Transaction
	switch got.status {
	case http.StatusOK:
		if err := wire.Decode(got.body, &t); err != nil {
			return unknown("", err)
		}
		return stands(acc, &t, id)
	case http.StatusAccepted:
		v, code := failed(got, codes)
		a := unknown(code, errors.New("the wallet has the payment and no result yet"))
		a.UserActing = v.acting
		return a
	}
	v, code := failed(got, codes)
	return v.answer(got.status, code)
}

// Inquire asks how an order stands. A failure of the inquiry says nothing about the order but
// that the network does not know it.
func (c *Client) Inquire(ctx context.Context, to link.Endpoint, r link.Inquire) link.Answer {
	ctx, cancel := context.WithTimeout(ctx, c.config.InquiryMax)
	defer cancel()
	keys, err := c.keys.of(to.IssuerID)
	if err != nil {
		return unknown("", err)
	}
	got, err := c.call(ctx, to, http.MethodGet,
		fmt.Sprintf(pathQuery, url.PathEscape(r.OurRequestID), keys.query()), nil)
	if err != nil {
		return unknown("", err)
	}
	if got.status != http.StatusOK {
		return silent(got, codes)
	}
	return transaction(keys.account, got, r.OurRequestID)
}

// silent reads a failure that cannot be final.
func silent(got reply, tables ...map[string]verdict) link.Answer {
	v, code := failed(got, tables...)
	v.final = false
	return v.answer(got.status, code)
}

// Cancel gives the whole of a payment back. A payment by code is reversed, on its own day and not
// before it is 15 seconds old: until then the answer is unknown. An order is closed; when it was
// paid it is refunded under its own id.
func (c *Client) Cancel(ctx context.Context, to link.Endpoint, r link.Cancel) link.Answer {
	ctx, cancel := context.WithTimeout(ctx, c.config.CallMax)
	defer cancel()
	keys, err := c.keys.of(to.IssuerID)
	if err != nil {
		return unknown("", err)
	}
	path := pathClose
	if r.Way == link.WayCode || r.Way == "" {
		path = pathReverse
		if age := clock.Now().Sub(r.At); c.config.ReverseAfter > 0 && age < c.config.ReverseAfter {
			a := unknown("", fmt.Errorf("the payment is %s old, it can be reversed after %s",
				age, c.config.ReverseAfter))
			a.UserActing = true // the user may be typing the PIN; the network is not to blame
			return a
		}
	}
	got, err := c.call(ctx, to, http.MethodPost,
		fmt.Sprintf(path, url.PathEscape(r.OurRequestID)), keys.ending())
	if err != nil {
		return unknown("", err)
	}
	v, code := failed(got, codes)
	switch {
	case got.status == http.StatusNoContent:
		return link.Answer{Outcome: link.Approved, Code: "CLOSED", RequestID: r.OurRequestID}
	case v.final && v.reason == link.ReasonClosed:
		return link.Answer{Outcome: link.Approved, Code: code, RequestID: r.OurRequestID}
	case path == pathClose && v.noSuch && !r.At.IsZero() && clock.Now().Sub(r.At) > arrival:
		// Our process died before it asked, or the request was lost. Nobody can pay it any more.
		return link.Answer{Outcome: link.Approved, Code: code, RequestID: r.OurRequestID}
	case squeezed(code) == "REVERSEEXPIRE":
		return link.Answer{Outcome: link.Declined, Reason: link.ReasonWindow, Code: code}
	case squeezed(code) == "ORDERPAID" && path == pathClose:
		return c.refund(ctx, to, keys.account, link.Refund{About: r.About,
			RefundID: r.OurRequestID, Order: r.Order, PayTo: r.PayTo, Reason: "cancelled"})
	}
	return silent(got, codes)
}

// Refund gives part or all of a payment back. The network's answer to a refund is that it was
// accepted, so how it stands is asked at once; and a refusal counts only when the network then
// does not know the refund, because a repeat may be refused for what its first try did.
func (c *Client) Refund(ctx context.Context, to link.Endpoint, r link.Refund) link.Answer {
	ctx, cancel := context.WithTimeout(ctx, c.config.CallMax)
	defer cancel()
	keys, err := c.keys.of(to.IssuerID)
	if err != nil {
		return unknown("", err)
	}
	return c.refund(ctx, to, keys.account, r)
}

func (c *Client) refund(
	ctx context.Context, to link.Endpoint, acc *account, r link.Refund,
) link.Answer {
	got, err := c.call(ctx, to, http.MethodPost, pathRefund, refundOf(acc, to, r))
	if err != nil {
		return unknown("", err)
	}
	if got.status == http.StatusOK || got.status == http.StatusAccepted {
		return c.refundState(ctx, to, acc, r.RefundID)
	}
	v, code := failed(got, refundCodes, codes)
	refused := v.answer(got.status, code)
	if !v.final {
		refused.NoSuch, refused.UserActing = false, false
		return refused
	}
	if a := c.refundState(ctx, to, acc, r.RefundID); !a.NoSuch {
		return a
	}
	return refused
}

// refundState asks how a refund stands.
func (c *Client) refundState(
	ctx context.Context, to link.Endpoint, acc *account, refundID string,
) link.Answer {
	got, err := c.call(ctx, to, http.MethodGet,
		fmt.Sprintf(pathRefundQuery, url.PathEscape(refundID), acc.query()), nil)
	if err != nil {
		return unknown("", err)
	}
	if got.status != http.StatusOK {
		return silent(got, refundCodes, codes)
	}
	var f wire.Refund
	if err := wire.Decode(got.body, &f); err != nil {
		return unknown("", err)
	}
	return returned(acc, &f, refundID)
}
