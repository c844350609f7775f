package payment_test

import (
	"context"
	"fmt"
	"time"

	"watari/kit/db"
	"watari/kit/money"
	"watari/pay/link"
	"watari/pay/party"
	"watari/pay/payment"
)

// Prepare makes an order that the wallet's user pays later, see pays.
func (w *scripted) Prepare(
	_ context.Context, to link.Endpoint, q link.Prepare,
) (link.Form, link.Answer) {
	w.meet("prepare", q.OurRequestID, to)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked[q.OurRequestID]++
	switch w.mode {
	case decline:
		return link.Form{}, link.Answer{Outcome: link.Declined, Reason: link.ReasonMerchant}
	case silence:
		return link.Form{}, link.Answer{Outcome: link.Unknown, Cause: errSilent}
	}
	w.amounts[q.OurRequestID] = q.PayTo
	return link.Form{PageURL: "https://wallet.example/" + q.OurRequestID},
		link.Answer{Outcome: link.Unknown, UserActing: true, Cause: errUser,
			TheirID: "W" + q.OurRequestID}
}

// pays is the user's yes to an order.
func (w *scripted) pays(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	paid, ok := w.amounts[id]
	if !ok || w.blocked[id] {
		return
	}
	w.debits[id] = &debit{paid: paid, refunded: money.MustNew(0, paid.Currency()),
		refunds: map[string]money.Amount{}}
}

// Capture takes what was promised. In this wallet's books a promise is a debit of everything, and
// what is not captured goes back with the last capture.
func (w *scripted) Capture(_ context.Context, to link.Endpoint, q link.Capture) link.Answer {
	w.meet("capture", q.CaptureID, to)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.captured == nil {
		w.captured = map[string]money.Amount{}
	}
	switch w.mode {
	case decline:
		return link.Answer{Outcome: link.Declined, Reason: link.ReasonOther}
	case silence:
		return link.Answer{Outcome: link.Unknown, Cause: errSilent}
	}
	w.captured[q.CaptureID] = q.PayTo
	if w.mode == lost {
		return link.Answer{Outcome: link.Unknown, Cause: errSilent}
	}
	return link.Answer{Outcome: link.Approved, PayTo: &q.PayTo, RequestID: w.named}
}

// AskConsent starts a consent; agree is its user's yes.
func (w *scripted) AskConsent(
	_ context.Context, to link.Endpoint, q link.Consent,
) (link.Form, link.ConsentAnswer) {
	w.meet("consent", q.OurConsentID, to)
	w.mu.Lock()
	defer w.mu.Unlock()
	return link.Form{PageURL: "https://wallet.example/consent"}, link.ConsentAnswer{
		Answer: link.Answer{Outcome: link.Unknown, UserActing: true, Cause: errUser,
			TheirID: "C" + q.OurConsentID}}
}

// ConsentState tells how a consent stands.
func (w *scripted) ConsentState(
	_ context.Context, _ link.Endpoint, q link.Consent, _ map[string]string,
) link.ConsentAnswer {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.agreed[q.OurConsentID] {
		return link.ConsentAnswer{Answer: link.Answer{Outcome: link.Unknown, Cause: errUser}}
	}
	return link.ConsentAnswer{Token: "T" + q.OurConsentID,
		Answer: link.Answer{Outcome: link.Approved, Customer: "user-1"}}
}

// Revoke ends a consent.
func (w *scripted) Revoke(
	_ context.Context, _ link.Endpoint, q link.Consent, token string,
) link.Answer {
	w.mu.Lock()
	defer w.mu.Unlock()
	if token != "T"+q.OurConsentID {
		return link.Answer{Outcome: link.Declined, Reason: link.ReasonOther}
	}
	delete(w.agreed, q.OurConsentID)
	return link.Answer{Outcome: link.Approved}
}

func (w *scripted) agree(consent string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.agreed[consent] = true
}

// twoStep is a scripted wallet that debits only when it is told to, after its user has agreed.
type twoStep struct{ *scripted }

// Inquire says Agreed where the wallet of one step has debited.
func (w twoStep) Inquire(ctx context.Context, to link.Endpoint, q link.Inquire) link.Answer {
	w.mu.Lock()
	agreed := w.agreed[q.OurRequestID] && w.debits[q.OurRequestID] == nil &&
		!w.blocked[q.OurRequestID]
	w.mu.Unlock()
	if agreed {
		return link.Answer{Outcome: link.Unknown, Agreed: true, Cause: errUser,
			TheirID: "W" + q.OurRequestID}
	}
	return w.scripted.Inquire(ctx, to, q)
}

// Complete debits.
func (w twoStep) Complete(_ context.Context, to link.Endpoint, q link.About) link.Answer {
	w.meet("complete", q.OurRequestID, to)
	w.pays(q.OurRequestID)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.mode == lost {
		return link.Answer{Outcome: link.Unknown, Cause: errSilent}
	}
	return w.yes(q.OurRequestID)
}

// took is how much the wallet paid out by captures.
func (w *scripted) took() (sum int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, a := range w.captured {
		sum += a.Minor()
	}
	return sum
}

// ways lets the wallet be paid in every way.
func (r *rig) ways() {
	r.wallet.mu.Lock()
	defer r.wallet.mu.Unlock()
	r.wallet.caps = func(c *link.Capabilities) {
		c.Ways, c.Resolves, c.HoldLife, c.Captures = link.Ways(), true, 72*time.Hour, 5
	}
}

// other adds a second wallet, with another currency.
func (r *rig) other() party.Participant {
	r.t.Helper()
	var issuer party.Participant
	r.change(func(ctx context.Context, tx *db.Tx) (err error) {
		if issuer, err = r.reg.AddParticipant(ctx, tx, "test", party.Participant{
			ID: "PSP_OTHER", Name: "Other Wallet", ClientID: "OTHERW", Connector: "scripted",
			BaseURL: "http://127.0.0.1:1", CodeGroup: "other", OwnCodes: true}); err != nil {
			return err
		}
		_, err = r.reg.AddAgreement(ctx, tx, "test", party.Agreement{ParticipantNo: issuer.No,
			Role: party.Issuer, Currency: "THB", Zone: "Asia/Bangkok", InterchangePPM: 7_000,
			SchemePPM: 1_500})
		return err
	})
	return issuer
}

// order is a wish to be paid.
func (r *rig) order(minor int64) payment.Order {
	return payment.Order{Origin: payment.Origin{AcquirerNo: r.bank.No,
		Channel: payment.ChannelAPI, RequestID: fmt.Sprintf("ord-%d", r.n.Add(1)),
		Actor: "test", Began: r.now(), Compare: []payment.Field{{Name: "amount",
			Value: yen(minor).String()}}}, MerchantID: "M1", StoreID: "S1", TerminalID: "T1",
		OrderRef: "order", Description: "ramen", Amount: yen(minor), Way: link.WayPage}
}

// open makes an order.
func (r *rig) openOrder(o payment.Order) *payment.Payment {
	r.t.Helper()
	p, err := r.Open(context.Background(), o)
	r.do("open", err)
	return p
}

// choose picks a wallet for an order, and returns the id of the leg.
func (r *rig) choose(p *payment.Payment, issuerNo int64) string {
	r.t.Helper()
	form, err := r.Choose(context.Background(), payment.Choice{Payment: p, IssuerNo: issuerNo,
		Way: link.WayPage, Began: r.now()})
	r.do("choose", err)
	return form.PageURL[len("https://wallet.example/"):]
}

// poke makes the network look at a leg, and reads its payment again.
func (r *rig) poke(p *payment.Payment, issuerNo int64, leg string) *payment.Payment {
	r.t.Helper()
	r.forward(time.Second)
	r.do("poke", r.Poke(context.Background(), issuerNo, leg))
	return r.find(p.ID)
}
