package linepay

import (
	"context"
	"errors"
	"net/url"

	"watari/connect/linepay/wire"
	"watari/pay/link"
)

// returnPath is below Endpoint.NotifyURL: where the user's browser comes back. Its parameters are
// ours; LINE Pay adds orderId and transactionId.
const (
	returnPath   = "/return"
	paramRequest = "request"
	paramTo      = "to"
)

var errNowhere = errors.New("there is no address for the user to come back to")

// Prepare makes a payment request that a LINE user confirms: as a page, or as a code that is a
// page's address.
func (c *Client) Prepare(ctx context.Context, to link.Endpoint, r link.Prepare) (
	link.Form, link.Answer,
) {
	ctx, cancel := context.WithTimeout(ctx, c.config.CallMax)
	defer cancel()
	k, err := c.credentials(to.IssuerID)
	if err != nil {
		return link.Form{}, misconfigured(err)
	}
	redirect, err := redirects(to, r.OurRequestID, r.ReturnURL, r.CancelURL)
	if err != nil {
		return link.Form{}, misconfigured(err)
	}
	form, a := c.reserve(ctx, to, k, &wire.Request{Amount: wire.NumberOf(r.PayTo),
		Currency: string(r.PayTo.Currency()), OrderID: r.OurRequestID,
		Packages: packages(r.Authorise), Redirect: redirect, Options: options(r.Hold, "")})
	if r.Way == link.WayOrder {
		form.CodeText = form.PageURL
	}
	return form, a
}

// reserve sends a request. Its answer is never approved.
func (c *Client) reserve(
	ctx context.Context, to link.Endpoint, k Credentials, r *wire.Request,
) (link.Form, link.Answer) {
	a, err := ask[wire.Reserved](ctx, c, to, k, post(wire.PathRequest, r))
	if err != nil {
		return link.Form{}, unheard(err)
	}
	if a.Code != wire.CodeOK {
		b := judge(a.Code)
		if b.NoSuch { // of a request that was just made
			b.NoSuch = false
		}
		return link.Form{}, b
	}
	if a.Info == nil || a.Info.TransactionID == "" || !page(a.Info.URL.Web) {
		return link.Form{}, unknown(a.Code, errors.New("the answer names no transaction or page"))
	}
	b := unknown(a.Code, errors.New("the user has to confirm"))
	b.UserActing, b.TheirID = true, string(a.Info.TransactionID)
	form := link.Form{PageURL: a.Info.URL.Web}
	if app(a.Info.URL.App) {
		form.AppURL = a.Info.URL.App
	}
	return form, b
}

// redirects is where the user's browser goes: to our own return address, which asks LINE Pay how
// the payment stands and goes on to the shop, or to the shop when we cannot be reached.
func redirects(to link.Endpoint, requestID, done, gaveUp string) (*wire.Redirect, error) {
	if gaveUp == "" {
		gaveUp = done
	}
	address := func(target string) string {
		q := url.Values{paramRequest: {requestID}}
		if to.NotifyURL == "" {
			u, err := url.Parse(target)
			if err != nil {
				return ""
			}
			old := u.Query()
			old.Set(paramRequest, requestID)
			u.RawQuery = old.Encode()
			return u.String()
		}
		if target != "" {
			q.Set(paramTo, target)
		}
		return to.NotifyURL + returnPath + "?" + q.Encode()
	}
	r := &wire.Redirect{ConfirmURL: address(done), CancelURL: address(gaveUp)}
	if !page(r.ConfirmURL) || !page(r.CancelURL) {
		return nil, errNowhere
	}
	return r, nil
}

// page tells whether an address can be opened in a browser.
func page(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" &&
		u.User == nil
}

// app tells whether an address opens LINE.
func app(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "line" || page(address)
}

// Complete confirms a payment whose user has agreed: LINE Pay debits, or promises, now.
func (c *Client) Complete(ctx context.Context, to link.Endpoint, r link.About) link.Answer {
	ctx, cancel := context.WithTimeout(ctx, c.config.CallMax)
	defer cancel()
	k, err := c.credentials(to.IssuerID)
	if err != nil {
		return unheard(err)
	}
	if r.TheirID == "" {
		return c.lookAtHistory(ctx, to, k, r)
	}
	a, err := c.confirm(ctx, to, k, r.TheirID, &wire.Sum{Amount: wire.NumberOf(r.PayTo),
		Currency: string(r.PayTo.Currency())})
	switch {
	case err != nil:
		return unheard(err)
	case a.Code == wire.CodeOK:
		return paid(a, r)
	}
	// A repeat is refused too, and with codes that depend on what the first one did.
	seen, refused := c.look(ctx, to, k, r), judge(a.Code)
	ended := seen.Outcome == link.Declined && seen.Reason == link.ReasonOther
	if refused.Outcome == link.Declined && (ended || seen.Agreed) {
		return refused // the code says why
	}
	return seen
}

func (c *Client) confirm(
	ctx context.Context, to link.Endpoint, k Credentials, theirID string, s *wire.Sum,
) (wire.Answer[wire.Paid], error) {
	return ask[wire.Paid](ctx, c, to, k, post(path(wire.PathConfirm, theirID), s))
}

// Capture takes what was promised, once, up to all of it.
func (c *Client) Capture(ctx context.Context, to link.Endpoint, r link.Capture) link.Answer {
	ctx, cancel := context.WithTimeout(ctx, c.config.CallMax)
	defer cancel()
	k, err := c.credentials(to.IssuerID)
	if err != nil {
		return unheard(err)
	}
	body := &wire.Sum{Amount: wire.NumberOf(r.PayTo), Currency: string(r.PayTo.Currency())}
	one := post(path(wire.OfflineCapture, r.OurRequestID), body).offline(k)
	if r.Way != link.WayCode {
		theirID, missing := c.theirID(ctx, to, k, r.About)
		if theirID == "" {
			return missing
		}
		r.TheirID = theirID
		one = post(path(wire.PathCapture, theirID), body)
	}
	a, err := ask[wire.Paid](ctx, c, to, k, one)
	switch {
	case err != nil:
		return unheard(err)
	case a.Code == wire.CodeOK:
		about := r.About
		about.TheirID = "" // a capture may have a number of its own
		return paid(a, about)
	}
	return c.captured(ctx, to, k, r, a.Code)
}

// captured looks whether a capture that was refused is in the history: a repeat is refused.
func (c *Client) captured(
	ctx context.Context, to link.Endpoint, k Credentials, r link.Capture, code wire.Code,
) link.Answer {
	h, err := c.history(ctx, to, k, r.About)
	switch {
	case err != nil:
		return unheard(err)
	case h.detail == nil:
		return inquired(h.code)
	}
	a := h.outcome(r.About)
	switch {
	case h.detail.Status == wire.StatusAuthorised:
		return judge(code)
	case h.detail.Status != wire.StatusCaptured || a.Outcome != link.Approved:
		return a
	case a.PayTo == nil || *a.PayTo != r.PayTo:
		return link.Answer{Outcome: link.Declined, Reason: link.ReasonAmount, Code: string(code)}
	}
	return a
}

// theirID is LINE Pay's number of a payment; when it cannot be found the answer says why.
func (c *Client) theirID(
	ctx context.Context, to link.Endpoint, k Credentials, about link.About,
) (string, link.Answer) {
	if about.TheirID != "" {
		return about.TheirID, link.Answer{}
	}
	h, err := c.history(ctx, to, k, about)
	switch {
	case err != nil:
		return "", unheard(err)
	case h.detail == nil:
		return "", inquired(h.code)
	}
	return string(h.detail.TransactionID), link.Answer{}
}
