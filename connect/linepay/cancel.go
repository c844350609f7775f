package linepay

import (
	"context"
	"errors"

	"watari/connect/linepay/wire"
	"watari/kit/clock"
	"watari/pay/link"
)

var errStands = errors.New("the order cannot be withdrawn; it ends when it expires")

// Cancel gives back the whole of a payment: it voids a promise and refunds a payment in full. It
// acts first and looks then, so that nothing depends on what an earlier look said, and it is done
// only when LINE Pay's books say that nothing of the user's is left there.
//
// A request that its user has not confirmed cannot be withdrawn. It is left alone: without our
// confirmation LINE Pay debits nothing. Its cancel is unknown until LINE Pay says that it is gone,
// 20 minutes after it was made at the latest. An order that LINE Pay does not know is cancelled
// once it can no longer arrive, see ClientConfig.Arrival.
func (c *Client) Cancel(ctx context.Context, to link.Endpoint, r link.Cancel) link.Answer {
	ctx, cancel := context.WithTimeout(ctx, c.config.CallMax)
	defer cancel()
	k, err := c.credentials(to.IssuerID)
	if err != nil {
		return unheard(err)
	}
	about := r.About
	if about.Way != link.WayCode {
		theirID, missing := c.theirID(ctx, to, k, about)
		if theirID == "" {
			return c.never(about, missing)
		}
		about.TheirID = theirID
	}
	acts := []bool{about.Held}
	if about.Held {
		acts = append(acts, false) // it may have been captured
	}
	var last link.Answer
	for _, void := range acts {
		a, err := ask[wire.Nothing](ctx, c, to, k, giveAll(about, k, void))
		if err != nil {
			return unheard(err)
		}
		seen := c.look(ctx, to, k, about)
		if seen.Outcome != link.Approved {
			return c.undone(about, a.Code, seen)
		}
		last = judge(a.Code)
	}
	if last.Outcome == link.Approved {
		return unknown(wire.Code(last.Code), errors.New("given back, and not in the books yet"))
	}
	return last
}

// giveAll is a call that gives the whole of a payment back.
func giveAll(about link.About, k Credentials, void bool) call {
	offline := about.Way == link.WayCode
	switch {
	case offline && void:
		return post(path(wire.OfflineVoid, about.OurRequestID), &wire.Nothing{}).offline(k)
	case offline:
		return post(path(wire.OfflineRefund, about.OurRequestID), &wire.Refund{}).offline(k)
	case void:
		return post(path(wire.PathVoid, about.TheirID), &wire.Nothing{})
	}
	return post(path(wire.PathRefund, about.TheirID), &wire.Refund{})
}

// undone is the answer to a cancel, from what LINE Pay's books say after it.
func (c *Client) undone(about link.About, code wire.Code, seen link.Answer) link.Answer {
	switch {
	case seen.Outcome == link.Declined:
		return link.Answer{Outcome: link.Approved, RequestID: seen.RequestID,
			TheirID: seen.TheirID, At: seen.At, Code: string(code)}
	case seen.NoSuch:
		return c.never(about, seen)
	case seen.Agreed || seen.UserActing:
		seen.Agreed, seen.Cause = false, errStands
	}
	return seen
}

// never is the answer to the cancel of an order that LINE Pay does not know. A request without a
// number was never shown to a user, and we cannot confirm it, so nothing is taken for it.
func (c *Client) never(about link.About, seen link.Answer) link.Answer {
	if !seen.NoSuch {
		return seen
	}
	asked := about.Way != link.WayCode && about.Way != link.WayAgreement && about.TheirID == ""
	if asked || !about.At.IsZero() && clock.Now().After(about.At.Add(c.config.Arrival)) {
		return link.Answer{Outcome: link.Approved, Code: seen.Code}
	}
	return seen
}
