package payment_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"watari/pay/link"
	"watari/pay/payment"
)

// consent asks the payer and lets them agree.
func (r *rig) consent() *payment.Consent {
	r.t.Helper()
	ctx := context.Background()
	c, err := r.AskConsent(ctx, payment.NewConsent{Origin: payment.Origin{AcquirerNo: r.bank.No,
		Channel: payment.ChannelAPI, RequestID: fmt.Sprintf("con-%d", r.n.Add(1)),
		Actor: "test", Began: r.now()}, MerchantID: "M1", StoreID: "S1", WalletID: "PSP_TEST",
		Description: "bikes", ReturnURL: "https://shop.example"})
	r.do("ask", err)
	if c.State != payment.ConsentAsked || c.Form == nil {
		r.t.Fatalf("a new consent is %s with the form %v", c.State, c.Form)
	}
	if c, err = r.Consent(ctx, r.bank.No, c.ID, nil); err != nil ||
		c.State != payment.ConsentAsked {
		r.t.Fatalf("before the payer agreed: %v, %v", c, err)
	}
	r.wallet.agree(c.ID)
	c, err = r.Consent(ctx, r.bank.No, c.ID, nil)
	r.do("read", err)
	if c.State != payment.ConsentActive {
		r.t.Fatalf("after the payer agreed it is %s", c.State)
	}
	return c
}

// charge is a sale by a consent.
func (r *rig) charge(c *payment.Consent, minor int64) payment.Sale {
	s := payment.Sale{Origin: payment.Origin{AcquirerNo: r.bank.No,
		Channel: payment.ChannelAPI, RequestID: fmt.Sprintf("req-%d", r.n.Add(1)),
		Actor: "test", Began: r.now()}, MerchantID: "M1", StoreID: "S1", OrderRef: "ride",
		Amount: yen(minor), ConsentID: c.ID}
	return compared(s)
}

// Goal: a consent is charged again and again without a code, a charge is a payment like any other,
// and nothing is charged after the consent was revoked. Method: two charges, a repeat, a refund,
// a cancel, a revocation.
func TestConsentIsChargedUntilItIsRevoked(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.ways()
		ctx := context.Background()
		c := r.consent()
		first := r.charge(c, 150)
		p, err := r.Sell(ctx, first)
		r.do("charge", err)
		if p.State != payment.Captured || p.Way != link.WayAgreement {
			t.Errorf("a charge is %s, %s", p.State, p.Way)
		}
		again, err := r.Sell(ctx, first)
		if err != nil || again.ID != p.ID || r.wallet.asked[leg(p)] != 1 {
			t.Errorf("a repeat: %v, %v, asked %d times", again, err, r.wallet.asked[leg(p)])
		}
		q, err := r.Sell(ctx, r.charge(c, 300))
		r.do("charge again", err)
		_, err = r.refund(q, 100)
		r.do("refund", err)
		_, err = r.cancel(p)
		r.do("cancel", err)
		r.verify()

		o := payment.Origin{AcquirerNo: r.bank.No, Actor: "test", Began: r.now()}
		for range 2 {
			c, err = r.RevokeConsent(ctx, o, c.ID)
			if err != nil && c == nil {
				break // the wallet knows it no more
			}
		}
		if _, err := r.Sell(ctx, r.charge(&payment.Consent{ID: first.ConsentID}, 150)); !errors.Is(err,
			payment.ErrConsent) {
			t.Errorf("a charge after it was revoked: %v", err)
		}
		if _, err := r.Sell(ctx, r.charge(&payment.Consent{ID: "con_nothing"}, 150)); !errors.Is(
			err, payment.ErrConsentUnknown) {
			t.Errorf("a charge by no consent: %v", err)
		}
		r.verify()
	})
}

// Goal: a wallet that debits only when it is told to is told once its user has agreed, and never
// after the order was closed. Method: a user who agrees; one who agrees after the shop cancelled;
// a lost answer to the last step.
func TestTwoStepWalletIsCompletedOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.ways()
		r.exec(`update participant set connector = $1 where no = $2`, "two_step", r.issuer.No)
		r.exec(`update reference set version = version + 1 where id = $1`, 1)
		time.Sleep(600 * time.Millisecond) // the directory looks for changes twice a second
		p := r.openOrder(r.order(1980))
		id := r.choose(p, r.issuer.No)
		r.wallet.agree(id)
		if q := r.poke(p, r.issuer.No, id); q.State != payment.Captured {
			t.Errorf("it is %s", q.State)
		}
		closed := r.openOrder(r.order(500))
		id = r.choose(closed, r.issuer.No)
		_, err := r.cancel(closed)
		r.do("cancel", err)
		r.wallet.agree(id)
		r.poke(closed, r.issuer.No, id)
		if r.wallet.debits[id] != nil {
			t.Error("a closed order was completed")
		}
		r.wallet.set(lost)
		dropped := r.openOrder(r.order(700))
		id = r.choose(dropped, r.issuer.No)
		r.wallet.agree(id)
		if q := r.poke(dropped, r.issuer.No, id); q.State != payment.Pending {
			t.Errorf("without an answer it is %s", q.State)
		}
		r.wallet.set(approve)
		if q := r.poke(dropped, r.issuer.No, id); q.State != payment.Captured {
			t.Errorf("asked again it is %s", q.State)
		}
		r.verify()
	})
}
