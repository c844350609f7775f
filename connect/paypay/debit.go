package paypay

import (
	"context"
	"net/url"
	"unicode/utf8"

	"watari/connect/paypay/wire"
	"watari/kit/clock"
	"watari/pay/link"
)

// Authorise debits a user who has consented (Token), or whose code was scanned (Code); the call for
// scanned codes is simulated (P9).
func (c *Client) Authorise(ctx context.Context, to link.Endpoint, r link.Authorise) link.Answer {
	return c.within(ctx, c.config.CallMax, to, func(ctx context.Context, x *exchange) link.Answer {
		path, m, why := x.debit(r)
		if why != "" {
			return misfit(why)
		}
		reply, err := x.post(ctx, path, m)
		if err != nil {
			return unknown("", err)
		}
		if !isDone(reply) {
			return refused(reply, nil)
		}
		var d wire.PaymentData
		if err := reply.Data(&d); err != nil {
			return unknown(reply.Code, err)
		}
		return stands(d, r.OurRequestID, r.Hold)
	})
}

// debit is a debit in PayPay's words, or why there is none.
func (x *exchange) debit(r link.Authorise) (path string, m any, why string) {
	amount, ok := charge(r.Order, r.PayTo)
	if !ok {
		return "", nil, "not in yen"
	}
	now := clock.Now().Unix()
	if r.Token != "" {
		p := &wire.PaymentRequest{MerchantPaymentID: r.OurRequestID, ConsentID: r.Token,
			Amount: amount, RequestedAt: now, StoreID: cut(r.Shop.StoreID),
			TerminalID: cut(r.Shop.TerminalID), ReceiptNumber: cut(r.OrderRef),
			Description: description(r)}
		if !r.Hold {
			return wire.PathPayments, p, ""
		}
		p.ExpiresAt = clock.Now().Add(x.client.config.HoldLife).Unix()
		return wire.PathHold, p, ""
	}
	if x.by.ScanPath == "" {
		return "", nil, "no contract to scan codes"
	}
	s := &wire.ScanRequest{MerchantPaymentID: r.OurRequestID, PaymentCode: r.Code,
		Amount: amount, RequestedAt: now, Hold: r.Hold, StoreInfo: cut(r.Shop.StoreName),
		StoreID: cut(r.Shop.StoreID), TerminalID: cut(r.Shop.TerminalID),
		ReceiptNumber: cut(r.OrderRef), Description: description(r)}
	if !r.Expires.IsZero() {
		s.ExpiresAt = r.Expires.Unix()
	}
	return x.by.ScanPath, s, ""
}

// Inquire asks how a payment stands.
func (c *Client) Inquire(ctx context.Context, to link.Endpoint, r link.Inquire) link.Answer {
	return c.within(ctx, c.config.InquiryMax, to,
		func(ctx context.Context, x *exchange) link.Answer {
			d, a := x.state(ctx, r.About)
			if d == nil {
				return a
			}
			return stands(*d, r.OurRequestID, r.Held)
		})
}

// state asks for the state of a payment. Without one the answer says why, and is unknown: an
// inquiry that did not work says nothing about the payment.
func (x *exchange) state(ctx context.Context, r link.About) (*wire.PaymentData, link.Answer) {
	path := wire.PathPayment(r.OurRequestID)
	if isOrder(r.Way) {
		path = wire.PathCodePayment(r.OurRequestID)
	}
	reply, err := x.get(ctx, path, nil)
	if err != nil {
		return nil, unknown("", err)
	}
	if !isDone(reply) {
		a := refused(reply, nil)
		if a.Outcome == link.Declined {
			a = unknown(reply.Code, errInquiry)
		}
		return nil, a
	}
	d := &wire.PaymentData{}
	if err := reply.Data(d); err != nil {
		return nil, unknown(reply.Code, err)
	}
	return d, link.Answer{}
}

// isOrder tells whether a payment begins with a code of ours, and not with one of the user's or a
// consent.
func isOrder(w link.Way) bool {
	return w == link.WayOrder || w == link.WayEntry || w == link.WayPage
}

// description is what the user is shown; PayPay shows its own text when there is none.
func description(r link.Authorise) string {
	if r.Description != "" {
		return cut(r.Description)
	}
	return cut(r.Shop.StoreName)
}

// cut shortens a text that people read to what PayPay takes, in characters.
func cut(s string) string { return shorten(s, wire.TextMax) }

func shorten(s string, max int) string {
	if utf8.RuneCountInString(s) <= max {
		return s
	}
	return string([]rune(s)[:max])
}

// isWeb tells whether a browser may be sent to an address.
func isWeb(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" &&
		u.User == nil
}

// isApp tells whether an address opens an app, and nothing else: no script and no file.
func isApp(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == appScheme || isWeb(address))
}

// appScheme opens the app of PayPay.
const appScheme = "paypay"
