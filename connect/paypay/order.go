package paypay

import (
	"context"
	"errors"

	"watari/connect/paypay/wire"
	"watari/kit/clock"
	"watari/pay/link"
)

var errForm = errors.New("the answer names no address at which the code is paid")

// Prepare makes a code that one user pays. Its own id stands in the form, because the payment has
// another (P6).
func (c *Client) Prepare(
	ctx context.Context, to link.Endpoint, r link.Prepare,
) (link.Form, link.Answer) {
	var form link.Form
	a := c.within(ctx, c.config.CallMax, to, func(ctx context.Context, x *exchange) link.Answer {
		m, ok := x.code(r)
		if !ok {
			return misfit("not in yen")
		}
		reply, err := x.post(ctx, wire.PathCodes, m)
		if err != nil {
			return unknown("", err)
		}
		if !isDone(reply) {
			return refused(reply, nil)
		}
		var d wire.CodeData
		if err := reply.Data(&d); err != nil {
			return unknown(reply.Code, err)
		}
		var a link.Answer
		form, a = formOf(r, d)
		return a
	})
	return form, a
}

// code is an order in PayPay's words.
func (x *exchange) code(r link.Prepare) (*wire.CodeRequest, bool) {
	amount, ok := charge(r.Order, r.PayTo)
	now := clock.Now()
	m := &wire.CodeRequest{MerchantPaymentID: r.OurRequestID, Amount: amount,
		CodeType: wire.CodeTypeOrder, Description: description(r.Authorise),
		StoreInfo: cut(r.Shop.StoreName), StoreID: cut(r.Shop.StoreID),
		TerminalID: cut(r.Shop.TerminalID), RequestedAt: now.Unix(), Hold: r.Hold}
	if r.Hold {
		m.HoldUntil = now.Add(x.client.config.HoldLife).Unix()
	}
	if r.Way == link.WayOrder || r.ReturnURL == "" {
		return m, ok
	}
	m.RedirectURL, m.RedirectType = r.ReturnURL, wire.RedirectWeb
	if r.Way == link.WayEntry {
		m.RedirectType = wire.RedirectWebview
	}
	m.UserAgent, m.IPAddress = cut(r.UserAgent), shorten(r.PayerIP, wire.IDMax)
	return m, ok
}

// formOf is the way to a code, and what its making says of the payment.
func formOf(r link.Prepare, d wire.CodeData) (link.Form, link.Answer) {
	a := unknown(wire.Success, errUser)
	a.RequestID, a.Order, a.PayTo = d.MerchantPaymentID, yen(d.Amount), yen(d.Amount)
	switch {
	case d.MerchantPaymentID != r.OurRequestID:
		a.Cause = errID
		return link.Form{}, a
	case !isWeb(d.URL):
		a.Cause = errForm
		return link.Form{}, a
	}
	a.UserActing = true
	f := link.Form{Expires: moment(d.Expiry), PreparedID: d.CodeID}
	if r.Way == link.WayOrder {
		f.CodeText = d.URL
		return f, a
	}
	f.PageURL = d.URL
	if isApp(d.Deeplink) {
		f.AppURL = d.Deeplink
	}
	return f, a
}
