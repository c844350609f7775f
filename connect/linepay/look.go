package linepay

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"watari/connect/linepay/wire"
	"watari/kit/money"
	"watari/pay/link"
)

// look asks how a payment stands, in the way in which it was asked for.
func (c *Client) look(
	ctx context.Context, to link.Endpoint, k Credentials, about link.About,
) link.Answer {
	switch {
	case about.Way == link.WayCode:
		return c.lookAtOrder(ctx, to, k, about)
	case about.Way == link.WayAgreement || about.TheirID == "":
		return c.lookAtHistory(ctx, to, k, about)
	}
	return c.lookAtRequest(ctx, to, k, about)
}

// lookAtRequest asks how a request stands that a user confirms. The history knows it only after
// we have confirmed it, and the check may know it no more after a while.
func (c *Client) lookAtRequest(
	ctx context.Context, to link.Endpoint, k Credentials, about link.About,
) link.Answer {
	a, err := ask[wire.Nothing](ctx, c, to, k, get(path(wire.PathCheck, about.TheirID), ""))
	if err != nil {
		return unheard(err)
	}
	b := requestState(a.Code)
	if a.Code == wire.CodeCompleted || b.NoSuch {
		return c.lookAtHistory(ctx, to, k, about)
	}
	b.TheirID = about.TheirID
	return b
}

// lookAtOrder asks how an order of the offline API stands.
func (c *Client) lookAtOrder(
	ctx context.Context, to link.Endpoint, k Credentials, about link.About,
) link.Answer {
	a, err := ask[wire.Paid](ctx, c, to, k,
		get(path(wire.OfflineCheck, about.OurRequestID), "").offline(k))
	switch {
	case err != nil:
		return unheard(err)
	case a.Code != wire.CodeOK:
		return inquired(a.Code)
	case a.Info == nil:
		return unknown(a.Code, errors.New("the answer does not name the order"))
	case a.Info.Status == wire.OrderRefunded:
		return c.lookAtHistory(ctx, to, k, about)
	}
	b := orderState(a.Info.Status)
	if b.Outcome == link.Approved {
		if err := tell(&b, *a.Info, about); err != nil {
			return unknown(a.Code, err)
		}
		return b
	}
	if id := a.Info.OrderID; id != "" && id != about.OurRequestID {
		return unknown(a.Code, errors.New("the answer names another order"))
	}
	return b
}

// inquired is the code of an inquiry that did not work: it says nothing of the payment.
func inquired(code wire.Code) link.Answer {
	a := unknown(code, said(code))
	a.NoSuch = code == wire.CodeNoRecord || code == wire.CodeNoRequest
	return a
}

// lookAtHistory asks for what was taken and given back.
func (c *Client) lookAtHistory(
	ctx context.Context, to link.Endpoint, k Credentials, about link.About,
) link.Answer {
	h, err := c.history(ctx, to, k, about)
	switch {
	case err != nil:
		return unheard(err)
	case h.detail == nil:
		return inquired(h.code)
	}
	return h.outcome(about)
}

// history is what LINE Pay has of one payment. detail is nil when it gave none, and code says why.
type history struct {
	code   wire.Code
	detail *wire.Detail
}

// history asks for a payment that was confirmed. An error means that nothing is known.
func (c *Client) history(
	ctx context.Context, to link.Endpoint, k Credentials, about link.About,
) (history, error) {
	one := get(wire.PathDetails, url.Values{"orderId": {about.OurRequestID}}.Encode())
	switch {
	case about.Way == link.WayCode:
		one.path = wire.OfflineDetails
		one = one.offline(k)
	case about.TheirID != "":
		one.query = url.Values{"transactionId": {about.TheirID}}.Encode()
	}
	a, err := ask[[]wire.Detail](ctx, c, to, k, one)
	if err != nil {
		return history{}, err
	}
	if a.Code != wire.CodeOK {
		return history{code: a.Code}, nil
	}
	if a.Info == nil {
		return history{}, errors.New("the answer has no history")
	}
	var found *wire.Detail
	for i, d := range *a.Info {
		if d.Kind != wire.KindPayment && d.Kind != "" {
			continue
		}
		if found != nil {
			return history{}, errors.New("the answer has two payments")
		}
		found = &(*a.Info)[i]
	}
	switch {
	case found == nil:
		return history{code: wire.CodeNoRecord}, nil
	case found.OrderID != "" && found.OrderID != about.OurRequestID:
		return history{}, errors.New("the answer names another order")
	case found.TransactionID == "" ||
		about.TheirID != "" && string(found.TransactionID) != about.TheirID:
		return history{}, errors.New("the answer names another transaction")
	}
	return history{a.Code, found}, nil
}

// outcome judges a payment in the history.
func (h history) outcome(about link.About) link.Answer {
	d := h.detail
	code := d.Status
	if code == "" {
		code = d.Kind
	}
	total, returned, err := h.sums()
	if err != nil {
		return unknown(wire.Code(code), err)
	}
	a := link.Answer{RequestID: d.OrderID, TheirID: string(d.TransactionID), PayTo: total,
		At: wire.ParseTime(d.Date), Code: code}
	switch d.Status {
	case wire.StatusVoided, wire.StatusExpired:
		a.Outcome, a.Reason = link.Declined, link.ReasonClosed
	case wire.StatusAuthorised:
		a.Outcome = link.Approved
		if !about.Held {
			a.Outcome, a.Cause = link.Unknown, errors.New("promised, and not a promise of ours")
		}
	case wire.StatusCaptured, "":
		a.Outcome = link.Approved
		if total != nil && !total.IsZero() && returned.Cmp(*total) >= 0 {
			a.Outcome, a.Reason = link.Declined, link.ReasonClosed
		}
	default:
		a.Outcome, a.Cause = link.Unknown, fmt.Errorf("the payment's state is %.30q", d.Status)
	}
	return a
}

// sums returns what was paid, nil when LINE Pay did not say, and what was given back.
func (h history) sums() (total *money.Amount, returned money.Amount, err error) {
	c, err := money.ParseCurrency(h.detail.Currency)
	if err != nil {
		return nil, returned, fmt.Errorf("read the currency: %w", err)
	}
	if total, err = sum(h.detail.PayInfo, c); err != nil {
		return nil, returned, err
	}
	parts := make([]wire.PayInfo, 0, len(h.detail.Refunds))
	for _, r := range h.detail.Refunds {
		parts = append(parts, wire.PayInfo{Amount: r.Amount})
	}
	back, err := sum(parts, c)
	if err != nil || back == nil {
		return total, money.MustNew(0, c), err
	}
	return total, *back, nil
}
