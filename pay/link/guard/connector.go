package guard

import (
	"context"

	"watari/pay/link"
)

// guarded is a connector whose calls go through a guard. What it can optionally do is added by
// the parts below.
type guarded struct {
	link.Connector
	g *Guard
}

// Authorise is part of link.Connector.
func (w *guarded) Authorise(
	ctx context.Context, to link.Endpoint, r link.Authorise,
) link.Answer {
	return w.g.ask(ctx, to, func() link.Answer { return w.Connector.Authorise(ctx, to, r) })
}

// Inquire is part of link.Connector.
func (w *guarded) Inquire(ctx context.Context, to link.Endpoint, r link.Inquire) link.Answer {
	return w.g.followUp(ctx, to, func() link.Answer { return w.Connector.Inquire(ctx, to, r) })
}

// Cancel is part of link.Connector.
func (w *guarded) Cancel(ctx context.Context, to link.Endpoint, r link.Cancel) link.Answer {
	return w.g.followUp(ctx, to, func() link.Answer { return w.Connector.Cancel(ctx, to, r) })
}

// Refund is part of link.Connector.
func (w *guarded) Refund(ctx context.Context, to link.Endpoint, r link.Refund) link.Answer {
	return w.g.followUp(ctx, to, func() link.Answer { return w.Connector.Refund(ctx, to, r) })
}

// preparing is the guarded form of link.Preparer.
type preparing struct {
	inner link.Preparer
	guard *Guard
}

// Prepare is part of link.Preparer.
func (p preparing) Prepare(
	ctx context.Context, to link.Endpoint, r link.Prepare,
) (form link.Form, a link.Answer) {
	a = p.guard.ask(ctx, to, func() (a link.Answer) {
		form, a = p.inner.Prepare(ctx, to, r)
		return a
	})
	return form, a
}

// completing is the guarded form of link.Completer.
type completing struct {
	inner link.Completer
	guard *Guard
}

// Complete is part of link.Completer.
func (c completing) Complete(
	ctx context.Context, to link.Endpoint, r link.About,
) link.Answer {
	return c.guard.followUp(ctx, to, func() link.Answer { return c.inner.Complete(ctx, to, r) })
}

// holding is the guarded form of link.Holder.
type holding struct {
	inner link.Holder
	guard *Guard
}

// Capture is part of link.Holder.
func (h holding) Capture(ctx context.Context, to link.Endpoint, r link.Capture) link.Answer {
	return h.guard.followUp(ctx, to, func() link.Answer { return h.inner.Capture(ctx, to, r) })
}

// agreeing is the guarded form of link.Agreer.
type agreeing struct {
	inner link.Agreer
	guard *Guard
}

// AskConsent is part of link.Agreer.
func (c agreeing) AskConsent(
	ctx context.Context, to link.Endpoint, r link.Consent,
) (form link.Form, full link.ConsentAnswer) {
	full.Answer = c.guard.ask(ctx, to, func() link.Answer {
		form, full = c.inner.AskConsent(ctx, to, r)
		return full.Answer
	})
	return form, full
}

// ConsentState is part of link.Agreer.
func (c agreeing) ConsentState(
	ctx context.Context, to link.Endpoint, r link.Consent, returned map[string]string,
) (full link.ConsentAnswer) {
	full.Answer = c.guard.followUp(ctx, to, func() link.Answer {
		full = c.inner.ConsentState(ctx, to, r, returned)
		return full.Answer
	})
	return full
}

// Revoke is part of link.Agreer.
func (c agreeing) Revoke(
	ctx context.Context, to link.Endpoint, r link.Consent, token string,
) link.Answer {
	return c.guard.followUp(ctx, to, func() link.Answer {
		return c.inner.Revoke(ctx, to, r, token)
	})
}
