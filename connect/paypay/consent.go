package paypay

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/url"

	"watari/connect/paypay/sign"
	"watari/connect/paypay/wire"
	"watari/kit/clock"
	"watari/pay/link"
)

var (
	errConsent = errors.New("the user has not consented yet")
	errReturn  = errors.New("what the browser brought back is not an answer to this question")
)

// AskConsent asks for a page on which a user allows later charges.
func (c *Client) AskConsent(
	ctx context.Context, to link.Endpoint, r link.Consent,
) (link.Form, link.ConsentAnswer) {
	var form link.Form
	a := c.within(ctx, c.config.CallMax, to, func(ctx context.Context, x *exchange) link.Answer {
		reply, err := x.post(ctx, wire.PathSessions, &wire.SessionRequest{Scopes: x.by.scopes(),
			Nonce: x.nonce(r.OurConsentID), RedirectType: wire.RedirectWeb,
			RedirectURL: r.ReturnURL, ReferenceID: r.OurConsentID, UserAgent: cut(r.UserAgent)})
		if err != nil {
			return unknown("", err)
		}
		if !isDone(reply) {
			return refused(reply, nil)
		}
		var d wire.SessionData
		if err := reply.Data(&d); err != nil {
			return unknown(reply.Code, err)
		}
		if !isWeb(d.LinkURL) {
			return unknown(reply.Code, errForm)
		}
		form = link.Form{CodeText: d.LinkURL, PageURL: d.LinkURL}
		a := unknown(reply.Code, errConsent)
		a.UserActing = true
		return a
	})
	return form, link.ConsentAnswer{Answer: a}
}

// nonce is a word that nobody else can know and that needs no place to be kept: it makes a returned
// token the answer to one question.
func (x *exchange) nonce(consentID string) string {
	h := hmac.New(sha256.New, []byte(x.by.APISecret))
	h.Write([]byte("watari consent nonce\n" + consentID))
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// ConsentState reads what the browser brought back, and asks how the consent stands. PayPay tells
// the name of a consent there and nowhere else that can be believed, so without it nothing is
// known.
func (c *Client) ConsentState(
	ctx context.Context, to link.Endpoint, r link.Consent, returned map[string]string,
) link.ConsentAnswer {
	var out link.ConsentAnswer
	out.Answer = c.within(ctx, c.config.InquiryMax, to,
		func(ctx context.Context, x *exchange) link.Answer {
			token := returned[wire.ReturnedToken]
			if token == "" {
				a := unknown("", errConsent)
				a.UserActing = true
				return a
			}
			said, err := sign.ParseToken(x.by.APISecret, token, clock.Now())
			if err != nil {
				return unknown("", err)
			}
			if said.Reference != r.OurConsentID || said.Nonce != x.nonce(r.OurConsentID) {
				return unknown("", errReturn)
			}
			a := link.Answer{Code: said.Result, RequestID: said.Reference}
			if said.Result != sign.ResultSucceeded || said.Consent == "" {
				a.Outcome, a.Reason = link.Declined, link.ReasonVerification
				return a
			}
			a.Outcome, out.Token = link.Approved, said.Consent
			x.consent(ctx, said.Consent, &a, &out)
			return a
		})
	if out.Outcome != link.Approved {
		out.Token = ""
	}
	return out
}

// consent asks how a consent stands that its user gave. Unless PayPay says that it has ended, the
// user's yes stands.
func (x *exchange) consent(
	ctx context.Context, token string, a *link.Answer, out *link.ConsentAnswer,
) {
	reply, err := x.get(ctx, wire.PathConsents, url.Values{wire.QueryConsentID: {token}})
	if err != nil {
		return
	}
	var d wire.ConsentData
	ended := reply.Sound() && (reply.Code == wire.ConsentInvalid ||
		reply.Code == wire.ConsentExpired)
	if isDone(reply) && reply.Data(&d) == nil && d.ConsentID == token {
		out.Expires, ended = moment(d.ExpireAt), d.Status != wire.ConsentActive
	}
	if ended {
		a.Outcome, a.Reason, a.Code = link.Declined, link.ReasonClosed, string(reply.Code)
	}
}

// Revoke ends a consent.
func (c *Client) Revoke(
	ctx context.Context, to link.Endpoint, _ link.Consent, token string,
) link.Answer {
	return c.within(ctx, c.config.CallMax, to, func(ctx context.Context, x *exchange) link.Answer {
		reply, err := x.del(ctx, wire.PathConsent(token))
		switch {
		case err != nil:
			return unknown("", err)
		case isDone(reply), reply.Sound() && (reply.Code == wire.ConsentInvalid ||
			reply.Code == wire.ConsentExpired || reply.Code == wire.NotFound):
			return closed(reply.Code)
		}
		return refused(reply, nil)
	})
}
