package signup_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"watari/kit/clock"
	"watari/kit/event"
	"watari/kit/foureyes"
	"watari/pay/party"
	"watari/pay/party/signup"
)

// other is another account.
var other = signup.Account{BankCode: "0001", BranchCode: "002", Type: signup.Current,
	Number: "765", HolderKana: "ヒダ タロウ"}

// Goal: an account of a merchant is changed by two people, 72 hours after the second one agreed,
// and the event names whom to tell (U6). Method: a proposal, the maker's own approval, another's,
// what is in force before and after the hold.
func TestPayoutAccountWaitsForTwoPeopleAndThreeDays(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		a := o.signed(soba())
		p, err := o.ProposePayout(ctx, ann, o.bank, a.MerchantNo, other, "a new bank")
		if must(t, 0, err); p.Account.Number != "0000765" || p.Contact != "ta***@soba.example.jp" {
			t.Errorf("proposed %+v", p)
		}
		_, err = o.ApprovePayout(ctx, ann, o.bank, p.ID)
		refused(t, "own", err, foureyes.ErrOwn)
		_, err = o.ApprovePayout(ctx, ben, o.other, p.ID)
		refused(t, "another bank", err, signup.ErrPayout)
		if all := must(t, first(o.PayoutsWaiting(ctx, o.bank)), nil); len(all) != 1 {
			t.Errorf("%d wait", len(all))
		}
		p, err = o.ApprovePayout(ctx, ben, o.bank, p.ID)
		if must(t, 0, err); p.State != signup.PayoutHeld || p.Checker != ben.Name ||
			p.From.Sub(p.Decided) != signup.Hold {
			t.Errorf("approved %+v", p)
		}
		at := func(when time.Time) string {
			got, ok, err := o.InForce(ctx, a.MerchantNo, when)
			if must(t, 0, err); !ok {
				return ""
			}
			return got.Account.Number
		}
		if now, then := at(clock.Now()), at(p.From); now != "0654321" || then != "0000765" {
			t.Errorf("in force %s now, %s then", now, then)
		}
		all := must(t, first(o.Payouts(ctx, o.bank, a.MerchantNo)), nil)
		if len(all) != 2 || all[0].InForce || !all[1].InForce {
			t.Errorf("accounts %+v", all)
		}
		told := o.payoutEvents(a)
		if len(told) != 3 || told[2]["tell"] != "ta***@soba.example.jp" ||
			told[2]["from"] == "" || told[2]["account"] != "****765" {
			t.Errorf("events %v", told)
		}
	})
}

// payoutEvents are the events about a merchant's accounts.
func (o *office) payoutEvents(a signup.Application) (all []map[string]string) {
	o.t.Helper()
	evs, err := o.log.Subject(o.t.Context(), party.Subject(party.KindMerchant, a.MerchantNo))
	must(o.t, 0, err)
	evs = slices.DeleteFunc(evs, func(e event.Event) bool {
		return !strings.HasPrefix(e.Kind, "payout-account.")
	})
	for _, e := range evs {
		data := map[string]string{}
		must(o.t, 0, json.Unmarshal(e.Data, &data))
		all = append(all, data)
	}
	return all
}

// Goal: one person stops an account before it is in force, wherever it stands, and nobody after;
// what the desk rejected is rejected. Method: stop a proposal, a held one, the one in force; reject
// one at the desk.
func TestPayoutAccountIsStoppedByOne(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		a := o.signed(soba())
		propose := func() signup.Payout {
			p, err := o.ProposePayout(ctx, ann, o.bank, a.MerchantNo, other, "")
			return must(t, p, err)
		}
		p := propose()
		p, err := o.StopPayout(ctx, ann, o.bank, p.ID)
		if must(t, 0, err); p.State != signup.PayoutRejected {
			t.Errorf("stopped a proposal: %+v", p)
		}
		_, err = o.ApprovePayout(ctx, ben, o.bank, p.ID)
		refused(t, "approve what was rejected", err, signup.ErrPayoutState)
		p = propose()
		must(t, first(o.ApprovePayout(ctx, ben, o.bank, p.ID)), nil)
		p, err = o.StopPayout(ctx, ann, o.bank, p.ID)
		if must(t, 0, err); p.State != signup.PayoutStopped {
			t.Errorf("stopped a held one: %+v", p)
		}
		if _, _, err := o.InForce(ctx, a.MerchantNo, p.From); err != nil {
			t.Error(err)
		}
		got, _, err := o.InForce(ctx, a.MerchantNo, p.From.Add(time.Hour))
		if must(t, 0, err); got.Account.Number != "0654321" {
			t.Errorf("in force %+v", got)
		}
		_, err = o.StopPayout(ctx, ann, o.bank, got.ID)
		refused(t, "stop what is in force", err, signup.ErrPayoutState)
		p = propose()
		must(t, first(o.desk.Reject(ctx, p.RequestID, ben)), nil)
		if all := must(t, first(o.PayoutsWaiting(ctx, o.bank)), nil); len(all) != 0 {
			t.Errorf("waits: %+v", all)
		}
		all := must(t, first(o.Payouts(ctx, o.bank, a.MerchantNo)), nil)
		if all[0].State != signup.PayoutRejected || all[0].Checker != ben.Name {
			t.Errorf("rejected at the desk: %+v", all[0])
		}
		bad := other
		bad.Number = "x"
		_, err = o.ProposePayout(ctx, ann, o.bank, a.MerchantNo, bad, "")
		refused(t, "bad", err, signup.ErrInvalid, "/number")
		_, err = o.ProposePayout(ctx, ann, o.other, a.MerchantNo, other, "")
		refused(t, "another bank's merchant", err, party.ErrMerchantUnknown)
	})
}

// Goal: a merchant fills its form in over a link that shows nothing of the bank's, works for its
// time and until it is revoked, and cannot set what is the bank's (U2, U8). Method: the whole way
// over the link, with fields of the bank set; then an approval by a clerk who did not invite.
func TestMerchantFillsInOverALink(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		inv, secret, err := o.Invite(ctx, ann, signup.Invitation{AcquirerNo: o.bank,
			Label: "the noodle shop", Lang: "ja"})
		must(t, 0, err)
		g := must(t, first(o.Visit(ctx, secret)), nil)
		if g.Acquirer.ID != "GIFU" || g.Application.State != signup.Draft ||
			g.Application.Makers != nil || g.Invitation.Label != "the noodle shop" {
			t.Errorf("visit %+v", g)
		}
		half := signup.Form{TradeName: "Hida", Phone: "05", Bank: signup.Account{HolderKana: "飛騨"}}
		a, err := o.GuestSave(ctx, secret, g.Application.Version, half)
		must(t, 0, err)
		_, err = o.GuestSubmit(ctx, secret, a.Version)
		refused(t, "half a form", err, signup.ErrInvalid)
		f := soba()
		f.MerchantID, f.Terminal.ID = "MINE", "MINE"
		a, err = o.GuestSave(ctx, secret, a.Version, f)
		if must(t, 0, err); a.Form.MDRPPM != 0 {
			t.Errorf("shown %+v", a.Form)
		}
		for _, p := range []signup.Paper{signup.Identity, signup.Registry} {
			must(t, first(o.GuestDocument(ctx, secret, p, "a.pdf", pdf)), nil)
		}
		d := must(t, first(o.GuestDocument(ctx, secret, signup.Photo, "b.pdf", pdf)), nil)
		must(t, 0, o.GuestRemove(ctx, secret, d.ID))
		a, err = o.GuestSubmit(ctx, secret, 0)
		must(t, 0, err)
		_, err = o.GuestSave(ctx, secret, a.Version, f)
		refused(t, "after it was handed in", err, signup.ErrState)
		_, err = o.GuestDocument(ctx, secret, signup.Photo, "b.pdf", pdf)
		refused(t, "papers afterwards", err, signup.ErrState)
		full := must(t, first(o.Find(ctx, o.bank, a.ID)), nil)
		if full.Form.MerchantID != "" || full.Form.MDRPPM != 0 ||
			!slices.Equal(full.Makers, []string{ann.Name}) {
			t.Errorf("the merchant set what is the bank's: %+v", full)
		}
		must(t, first(o.Review(ctx, ann, o.bank, a.ID)), nil)
		must(t, first(o.Screen(ctx, ann, o.bank, a.ID, signup.Clear, "nothing")), nil)
		rate := int64(30_000)
		_, err = o.Approve(ctx, ben, o.bank, a.ID, 0, signup.Terms{MDRPPM: &rate, GoLive: true})
		must(t, 0, err)
		refused(t, "revoke another bank's", o.Revoke(ctx, ben, o.other, inv.ID),
			signup.ErrInvitation)
		must(t, 0, o.Revoke(ctx, ben, o.bank, inv.ID))
		_, err = o.Visit(ctx, secret)
		refused(t, "revoked", err, signup.ErrInvitation)
	})
}

// Goal: an open link gives everybody an application of their own, so many a day, and shows none of
// the others (U8). Method: two begin; the link itself; a link past its time; the limit.
func TestOpenLink(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		inv, secret, err := o.Invite(ctx, ann, signup.Invitation{AcquirerNo: o.bank, Open: true})
		must(t, 0, err)
		one, two := first(o.Begin(ctx, secret)), first(o.Begin(ctx, secret))
		a, b := first(o.Visit(ctx, one)).Application, first(o.Visit(ctx, two)).Application
		if one == two || a.ID == b.ID || a.Origin != signup.ByMerchant {
			t.Errorf("%s and %s", a.ID, b.ID)
		}
		if own := first(o.Begin(ctx, one)); own != one {
			t.Error("beginning again begins another")
		}
		if g := first(o.Visit(ctx, secret)); g.Application.ID != "" {
			t.Errorf("the open link shows %s", g.Application.ID)
		}
		_, err = o.GuestSave(ctx, secret, 0, soba())
		refused(t, "save on the open link", err, signup.ErrInvitation)
		all := must(t, first(o.Invitations(ctx, o.bank)), nil)
		if len(all) != 3 {
			t.Errorf("%d links", len(all))
		}
		o.exec(`update signup_link set begun = 200 where id = $1`, inv.ID)
		_, err = o.Begin(ctx, secret)
		refused(t, "too many", err, signup.ErrBusy)
		o.exec(`update signup_link set until_us = 1 where id = $1`, inv.ID)
		_, err = o.Begin(ctx, secret)
		if !errors.Is(err, signup.ErrInvitation) {
			t.Errorf("past its time: %v", err)
		}
		_, _, err = o.Invite(ctx, ann, signup.Invitation{AcquirerNo: o.bank, TTL: time.Minute})
		refused(t, "a minute", err, signup.ErrInvalid, "/ttl_hours")
		live := o.signed(soba())
		_, _, err = o.Invite(ctx, ann, signup.Invitation{AcquirerNo: o.bank, Application: live.ID})
		refused(t, "of what is approved", err, signup.ErrState)
	})
}
