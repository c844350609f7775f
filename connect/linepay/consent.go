package linepay

import (
	"context"
	"errors"
	"fmt"

	"watari/connect/linepay/wire"
	"watari/kit/money"
	"watari/pay/link"
)

// AskConsent asks a LINE user to let us charge later without asking (PREAPPROVED). Nothing is
// charged for it: the request's amount is zero.
func (c *Client) AskConsent(ctx context.Context, to link.Endpoint, r link.Consent) (
	link.Form, link.ConsentAnswer,
) {
	ctx, cancel := context.WithTimeout(ctx, c.config.CallMax)
	defer cancel()
	k, err := c.credentials(to.IssuerID)
	if err != nil {
		return link.Form{}, link.ConsentAnswer{Answer: misconfigured(err)}
	}
	redirect, err := redirects(to, r.OurConsentID, r.ReturnURL, "")
	if err != nil {
		return link.Form{}, link.ConsentAnswer{Answer: misconfigured(err)}
	}
	none := nothing(k)
	packages := packages(link.Authorise{PaymentID: r.OurConsentID, Shop: r.Shop, PayTo: none})
	if r.Description != "" {
		packages[0].Products[0].Name = cut(r.Description, nameMax)
	}
	form, a := c.reserve(ctx, to, k, &wire.Request{Amount: wire.NumberOf(none),
		Currency: string(k.Currency), OrderID: r.OurConsentID, Packages: packages,
		Redirect: redirect, Options: options(false, wire.PayTypePreapproved)})
	return form, link.ConsentAnswer{Answer: a}
}

// nothing is the amount of a consent.
func nothing(k Credentials) money.Amount { return money.MustNew(0, k.Currency) }

// ConsentState asks how a consent stands, and takes its key when the user has agreed: LINE Pay
// tells the key once, in answer to the confirmation. What the browser brought back is not needed.
func (c *Client) ConsentState(
	ctx context.Context, to link.Endpoint, r link.Consent, returned map[string]string,
) link.ConsentAnswer {
	ctx, cancel := context.WithTimeout(ctx, c.config.CallMax)
	defer cancel()
	k, err := c.credentials(to.IssuerID)
	if err != nil {
		return link.ConsentAnswer{Answer: unheard(err)}
	}
	if r.TheirID == "" {
		a := unheard(errors.New("LINE Pay has not named the request"))
		a.NoSuch = true
		return link.ConsentAnswer{Answer: a}
	}
	state, err := ask[wire.Nothing](ctx, c, to, k, get(path(wire.PathCheck, r.TheirID), ""))
	switch {
	case err != nil:
		return link.ConsentAnswer{Answer: unheard(err)}
	case state.Code == wire.CodeCompleted:
		return link.ConsentAnswer{Answer: unknown(state.Code,
			errors.New("the consent's key was told before and cannot be asked for again"))}
	case state.Code != wire.CodeAgreed:
		a := requestState(state.Code)
		a.TheirID = r.TheirID
		return link.ConsentAnswer{Answer: a}
	}
	a, err := c.confirm(ctx, to, k, r.TheirID, &wire.Sum{Amount: wire.NumberOf(nothing(k)),
		Currency: string(k.Currency)})
	if err != nil {
		return link.ConsentAnswer{Answer: unheard(err)}
	}
	return agreed(a, r)
}

// agreed reads the answer to the confirmation of a consent.
func agreed(a wire.Answer[wire.Paid], r link.Consent) link.ConsentAnswer {
	if a.Code != wire.CodeOK {
		return link.ConsentAnswer{Answer: judge(a.Code)}
	}
	if a.Info == nil || a.Info.RegKey == "" || string(a.Info.TransactionID) != r.TheirID ||
		a.Info.OrderID != "" && a.Info.OrderID != r.OurConsentID {
		return link.ConsentAnswer{Answer: unknown(a.Code,
			errors.New("the answer is about another consent, or has no key"))}
	}
	return link.ConsentAnswer{Answer: link.Answer{Outcome: link.Approved, Code: string(a.Code),
		RequestID: a.Info.OrderID, TheirID: r.TheirID}, Token: a.Info.RegKey}
}

// Revoke ends a consent. When LINE Pay's answer does not say so, the consent's check may.
func (c *Client) Revoke(
	ctx context.Context, to link.Endpoint, r link.Consent, token string,
) link.Answer {
	ctx, cancel := context.WithTimeout(ctx, c.config.CallMax)
	defer cancel()
	k, err := c.credentials(to.IssuerID)
	if err != nil {
		return unheard(err)
	}
	a, err := ask[wire.Nothing](ctx, c, to, k,
		post(path(wire.PathConsentExpire, token), &wire.Nothing{}))
	switch {
	case err != nil:
		return unheard(err)
	case a.Code == wire.CodeOK || over(a.Code):
		return link.Answer{Outcome: link.Approved, Code: string(a.Code)}
	}
	state, err := ask[wire.Nothing](ctx, c, to, k, get(path(wire.PathConsentCheck, token), ""))
	switch {
	case err != nil:
		return unknown(a.Code, fmt.Errorf("check the consent: %w", err))
	case over(state.Code):
		return link.Answer{Outcome: link.Approved, Code: string(state.Code)}
	}
	return judge(a.Code)
}

// over tells whether a code says that a consent stands no more.
func over(code wire.Code) bool {
	return code == wire.CodeNoConsent || code == wire.CodeConsentOver
}
