package linepay

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"watari/connect/linepay/wire"
	"watari/kit/clock"
	"watari/kit/id"
	"watari/kit/money"
	"watari/pay/link"
)

var (
	errUnclear = errors.New("LINE Pay has refunds of this amount, and which is ours is not known")
	errSoon    = errors.New("sent before and not in the books; it is sent again a while later")
)

// Refund gives part of a payment back.
//
// LINE Pay takes no refund id of ours, so a refund that is sent twice is made twice. Its books are
// therefore read first: see R5 in the package comment.
func (c *Client) Refund(ctx context.Context, to link.Endpoint, r link.Refund) link.Answer {
	ctx, cancel := context.WithTimeout(ctx, c.config.CallMax)
	defer cancel()
	k, err := c.credentials(to.IssuerID)
	if err != nil {
		return unheard(err)
	}
	h, err := c.history(ctx, to, k, r.About)
	switch {
	case err != nil:
		return unheard(err)
	case h.detail == nil:
		return inquired(h.code)
	}
	made, timed := id.Time(r.RefundID)
	age := clock.Now().Sub(made)
	if first := timed && age <= fresh; !first {
		if a, done := h.refunded(r); done {
			return a
		}
		if timed && age < c.config.Quiet {
			return unheard(errSoon)
		}
	}
	a, err := ask[wire.Refunded](ctx, c, to, k, giveSome(r, h.detail, k))
	switch {
	case err != nil:
		return unheard(err)
	case a.Code == wire.CodeOK && (a.Info == nil || a.Info.ID == ""):
		return unknown(a.Code, errors.New("the answer does not name the refund"))
	case a.Code == wire.CodeOK:
		return link.Answer{Outcome: link.Approved, TheirID: string(a.Info.ID),
			At: wire.ParseTime(a.Info.Date), Code: string(a.Code)}
	}
	return c.refused(ctx, to, k, r, a.Code)
}

// giveSome is the call that refunds.
func giveSome(r link.Refund, d *wire.Detail, k Credentials) call {
	body := &wire.Refund{Amount: wire.NumberOf(r.PayTo)}
	if r.Way == link.WayCode {
		return post(path(wire.OfflineRefund, r.OurRequestID), body).offline(k)
	}
	return post(path(wire.PathRefund, string(d.TransactionID)), body)
}

// refused looks once more when LINE Pay refuses: what it refuses may be the repeat of a refund
// that arrived between the first look and now.
func (c *Client) refused(
	ctx context.Context, to link.Endpoint, k Credentials, r link.Refund, code wire.Code,
) link.Answer {
	h, err := c.history(ctx, to, k, r.About)
	switch {
	case err != nil:
		return unknown(code, err)
	case h.detail == nil:
		return inquired(h.code)
	}
	if a, done := h.refunded(r); done {
		return a
	}
	return judge(code)
}

// refunded finds a refund in the books. done is false when it is not there.
func (h history) refunded(r link.Refund) (a link.Answer, done bool) {
	c, err := money.ParseCurrency(h.detail.Currency)
	if err != nil {
		return unheard(fmt.Errorf("read the currency: %w", err)), true
	}
	made, timed := id.Time(r.RefundID)
	var found *wire.Returned
	for i, one := range h.detail.Refunds {
		amount, err := one.Amount.Money(c)
		if err != nil {
			return unheard(fmt.Errorf("read a refund's amount: %w", err)), true
		}
		at := wire.ParseTime(one.Date)
		older := timed && !at.IsZero() && at.Before(made.Add(-skew).Truncate(time.Second))
		if amount != r.PayTo || older || slices.Contains(r.Known, string(one.ID)) {
			continue
		}
		if found == nil {
			found = &h.detail.Refunds[i]
		}
	}
	switch {
	case found == nil:
		return link.Answer{}, false
	case found.ID == "" || r.Known == nil && !h.whole(r.PayTo):
		return unheard(errUnclear), true
	}
	amount := r.PayTo
	return link.Answer{Outcome: link.Approved, TheirID: string(found.ID), PayTo: &amount,
		At: wire.ParseTime(found.Date), Code: found.Kind}, true
}

// whole tells whether an amount is all that was paid: there is no second refund of that.
func (h history) whole(amount money.Amount) bool {
	total, _, err := h.sums()
	return err == nil && total != nil && *total == amount
}
