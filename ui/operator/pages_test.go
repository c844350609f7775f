package operator_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"watari/kit/audit"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/event"
	"watari/kit/foureyes"
	"watari/kit/i18n"
	"watari/kit/money"
	"watari/pay/link"
	"watari/pay/payment"
	"watari/pay/watch"
)

// paths are all pages that are asked for.
var paths = []string{"", "/alerts", "/alerts?state=ended", "/wallets", "/wallets?reach=7d",
	"/wallets/TESTPAY", "/wallets/TESTPAY?reach=30d", "/payments", "/participants",
	"/participants/HIDA", "/participants/TESTPAY", "/participants/TESTPAY/edit",
	"/participants/TESTPAY/agreements/issuer/CNY", "/participants/HIDA/agreements/acquirer/JPY",
	"/participants/TESTPAY/keys/new", "/participants/TESTPAY/pledges/edit",
	"/limits", "/changes", "/changes?state=decided", "/rates",
	"/ledger", "/ledger?book=HIDA", "/audit", "/audit?group=all"}

// Goal: every page is drawn, empty and with payments, in five languages, for operators and for
// nobody else. Method: every page; strangers are sent away, others are refused.
func TestEveryPageIsForOperators(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	visit := func() {
		t.Helper()
		for _, path := range paths {
			for _, lang := range i18n.Langs() {
				sep := "?"
				if strings.Contains(path, "?") {
					sep = "&"
				}
				p := r.get("ann", "/operator"+path+sep+"lang="+string(lang)).is(http.StatusOK)
				if text := p.text("main"); strings.Contains(text, "%!") ||
					p.text("h1") == "" {
					t.Errorf("%s in %s: %s", path, lang, text)
				}
			}
			r.get("clerk", "/operator"+path).is(http.StatusForbidden).hasNot("main", "TestPay")
			if p := r.get("", "/operator"+path).is(http.StatusSeeOther); !strings.HasPrefix(
				p.Header().Get("Location"), "/account/sign-in?next=") {
				t.Errorf("%s sends a stranger to %s", path, p.Header().Get("Location"))
			}
		}
	}
	visit()
	r.sell(0, 1980)
	r.wallet.set(link.Answer{Outcome: link.Declined, Reason: link.ReasonBalance})
	r.sell(1, 480)
	r.must(r.watch.Sample(t.Context()))
	r.must(r.watch.Look(t.Context()))
	visit()
	for _, path := range []string{"/nothing", "/payments/pay_x", "/payments/leg_1", "/wallets/HIDA",
		"/wallets/X", "/participants/X", "/alerts/alr_x", "/changes/chg_x", "/ledger?book=X",
		"/participants/TESTPAY/agreements/issuer/XXX"} {
		r.get("ann", "/operator"+path).is(http.StatusNotFound)
	}
}

// Goal: an operator finds a payment by its amount, by every id, by store, and reads its whole
// story: what happened, legs, and postings that balance in both currencies. Method: three payments,
// one of them refunded in part.
func TestPaymentIsFoundAndRead(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	one, other := r.sell(0, 1980), r.sell(1, 480)
	r.sell(1, 1990)
	_, err := r.Refund(t.Context(), payment.Giveback{Origin: payment.Origin{Began: clock.Now(),
		AcquirerNo: r.bank.No, Channel: payment.ChannelAPI, Actor: "key:test",
		RequestID: "back-1"}, Ref: payment.Ref{PaymentID: one.ID},
		Amount: money.MustNew(660, "JPY")})
	r.must(err)
	for _, q := range []string{"amount=1980", "amount=1%2C980",
		"amount=%EF%BC%91%EF%BC%99%EF%BC%98%EF%BC%90",
		"store=S1", "store=sanmachi", "q=sale-1", "state=captured&store=S1", "q=" + one.TheirID,
		"wallet=TESTPAY&bank=HIDA&amount=1980", "amount=1980&day=" + today()} {
		p := r.get("ann", "/operator/payments?"+q).is(http.StatusOK)
		p.has("tbody", "1,980").hasNot("tbody", "480").hasNot("tbody", "1,990")
		p.has("main", "Japan time")
	}
	r.get("ann", "/operator/payments?amount=1981").has("main", "No payment fits")
	r.get("ann", "/operator/payments?amount=x").has("main", "whole number of yen")
	r.get("ann", "/operator/payments?store=nowhere").has("main", "No store has this name")
	r.get("ann", "/operator/payments?store=hirata").has("tbody", "Sanmachi", "Station")
	r.get("ann", "/operator/payments?amount=1980&day=2020-01-01").has("main", "No payment fits")
	p := r.get("ann", "/operator/payments?day=2020-01-01&q="+one.ID).is(http.StatusSeeOther)
	if at := p.Header().Get("Location"); at != "/operator/payments/"+one.ID {
		t.Errorf("an id leads to %s", at)
	}
	p = r.get("ann", "/operator/payments/"+one.ID).is(http.StatusOK)
	p.has(".timeline", "The wallet is asked", "Paid", "A refund is asked", "Refunded",
		"Booked: Approval", "Booked: Refund")
	p.has("main", one.ID, one.TheirID, "Hirata Sake", "Partly refunded", "CNY 84.64", "sale-1")
	p.has(".op-postings", "The network · JPY", "The network · CNY", "Hida Bank · JPY")
	p.hasNot("main", "user-1")
	for _, sum := range strings.Split(p.text(".op-postings tfoot"), "Sum")[1:] {
		words := strings.Fields(sum) // JPY 1,980 JPY 1,980
		if len(words) != 4 || words[1] != words[3] || words[0] != words[2] {
			t.Errorf("a transfer does not balance: %q", sum)
		}
	}
	r.get("ann", "/operator/payments/"+other.ID).hasNot("main", one.ID)
}

// Goal: what is in an alert is told in words; one operator takes it on, another reads by whom.
// Method: a quarantined payment.
func TestAlertIsTakenOnAndEnded(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	p := r.sell(0, 1980)
	r.must(r.watch.Look(t.Context()))
	r.must(r.db.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		return r.log.Append(ctx, tx, 1, []event.Event{{Kind: "payment.quarantined",
			Subject: p.ID, AcquirerNo: r.bank.No, Actor: "system"}})
	}))
	r.must(r.watch.Look(t.Context()))
	all, err := r.watch.List(t.Context(), watch.Filter{Live: true})
	if err != nil || len(all) != 1 {
		t.Fatalf("alerts %v, %v", all, err)
	}
	at := "/operator/alerts/" + all[0].ID
	r.get("ann", "/operator").has("main", "A payment is quarantined", "1 urgent")
	r.get("ann", "/operator/payments/"+p.ID).has("main", "A payment is quarantined")
	r.get("ann", at).has("main", "Urgent", p.ID)
	r.post("ann", at+"/acknowledge", "note", strings.Repeat("x", 2000)).
		is(http.StatusUnprocessableEntity).has("main", "At most 300 characters")
	r.post("clerk", at+"/acknowledge").is(http.StatusForbidden)
	r.post("ann", at+"/acknowledge", "note", "I call the bank").is(http.StatusSeeOther)
	r.post("ben", at+"/acknowledge").is(http.StatusConflict).has("main", "looks after it")
	r.get("ben", at).has("main", "ann@watari.example", "I call the bank")
	r.post("ben", at+"/end", "end_note", "paid by hand").is(http.StatusSeeOther)
	r.get("ann", "/operator/alerts").has("main", "Nothing needs you")
	r.get("ann", "/operator/alerts?state=ended").has("main", "ben@watari.example")
	r.get("ann", "/operator/audit?group=alerts").has("tbody", "Somebody looks after an alert",
		"person:per_ann", "person:per_ben")
}

// Goal: fees, limits and caps change by two people: nothing changes before, the first cannot be the
// second, and what cannot be is said at its field. Method: the terms of the wallet.
func TestTermsChangeByTwoPeople(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	const at = "/operator/participants/TESTPAY/agreements/issuer/CNY"
	good := []string{"zone", "Asia/Shanghai", "cut_off_min", "00:00", "spread_ppm", "1.25",
		"interchange_ppm", "0.9", "scheme_ppm", "0.15", "cap_minor", "2,000,000.00",
		"per_day_max_minor", "9000000", "note", "agreed on the telephone"}
	for field, c := range map[string][2]string{"spread_ppm": {"1,5%", "percentage"},
		"cap_minor": {"12.345", "amount of CNY"}, "cut_off_min": {"25:00", "time of the day"},
		"zone": {"Mars", "time zone"}, "from": {"yesterday", "day and a time"}} {
		form := append(slices.Clone(good), field, c[0])
		r.post("ann", at, form...).is(http.StatusUnprocessableEntity).has(".mistake", c[1])
	}
	r.post("ann", at, good...).is(http.StatusSeeOther)
	open, err := r.desk.List(t.Context(), foureyes.Filter{State: foureyes.Open})
	if err != nil || len(open) != 1 {
		t.Fatalf("changes %v, %v", open, err)
	}
	change := "/operator/changes/" + open[0].ID
	r.get("ann", change).has("main", "You made this change", "agreed on the telephone")
	r.get("ben", change).has(".differs", "Spread 1 % 1.25 %", "CNY 2,000,000.00")
	r.get("ben", "/operator/changes").has("tbody", "Terms of an agreement", "TestPay")
	r.post("ann", change+"/approve").is(http.StatusUnprocessableEntity).has("main",
		"You made this change")
	w, err := r.dir.Wallet(t.Context(), r.issuer.No)
	if err != nil || w.Agreement.SpreadPPM != 10_000 {
		t.Fatalf("changed by one: %+v, %v", w, err)
	}
	r.post("clerk", change+"/approve").is(http.StatusForbidden)
	r.post("ben", change+"/approve").is(http.StatusSeeOther)
	w, err = r.dir.Wallet(t.Context(), r.issuer.No)
	if err != nil || w.Agreement.SpreadPPM != 12_500 || *w.Agreement.CapMinor != 200_000_000 ||
		*w.Agreement.PerDayMaxMinor != 9_000_000 || w.Agreement.PerPaymentMaxMinor != nil {
		t.Fatalf("changed by two: %+v, %v", w.Agreement, err)
	}
	r.post("ben", change+"/reject").is(http.StatusConflict).has("main", "decided it")
	r.get("ann", "/operator/limits").has("main", "1.25 %", "CNY 2,000,000.00")
	r.post("ann", at, good...).is(http.StatusUnprocessableEntity) // these are the terms already
}

// Goal: a participant is suspended by one operator, at once; its own terms and keys change by two.
// Method: the forms of the wallet's page.
func TestParticipantIsEdited(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	const at = "/operator/participants/TESTPAY"
	r.post("ann", at+"/status", "status", "suspended").is(http.StatusSeeOther)
	r.get("ann", at).has("main", "Suspended", "No new payment is taken")
	r.post("ann", at+"/status", "status", "nonsense").is(http.StatusNotFound)
	r.post("ann", at+"/status", "status", "open").is(http.StatusSeeOther)
	r.post("ann", at+"/edit", "name", "TestPay 2", "base_url", "ftp://x").
		is(http.StatusUnprocessableEntity).has(".mistake", "https")
	r.post("ann", at+"/edit", "name", "TestPay 2", "base_url", "https://wallet.test",
		"own_codes", "yes").is(http.StatusSeeOther)
	r.get("ann", at).has("main", "1 change waits", "TestPay").hasNot("h1", "TestPay 2")
	r.post("ann", at+"/keys/new", "version", "1", "public_key", "nonsense!").
		is(http.StatusUnprocessableEntity).has(".mistake", "PEM")
	r.post("ann", at+"/keys/9/retire").is(http.StatusNotFound)
}

// Goal: a leg that is stuck is settled by two people, from the payment's page. Method: a wallet
// that is silent to the end; its leg set aside by hand, as a wrong amount would do.
func TestStuckLegIsSettled(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.wallet.set(link.Answer{Outcome: link.Unknown, Cause: errors.New("no answer")})
	p := r.sell(0, 1980)
	r.must(r.db.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `update payment_leg set state = 'stuck', next_at_us = null,
			note = 'another amount' where payment_id = $1`, p.ID)
		if err == nil {
			_, err = tx.Exec(ctx, `update payment set state = 'cancelled' where id = $1`, p.ID)
		}
		return err
	}))
	r.must(r.watch.Look(t.Context()))
	at := "/operator/payments/" + p.ID
	r.get("ann", "/operator/alerts").has("tbody", "waits for an operator", "another amount")
	r.get("ann", at).has("main", "Settle what is stuck", "another amount")
	leg := "leg" + strings.TrimPrefix(p.ID, "pay") + "0"
	r.post("ann", "/operator/legs/"+leg+"/settle", "as", "never").
		is(http.StatusUnprocessableEntity).has("main", "note")
	r.post("ann", "/operator/legs/leg_x/settle", "as", "never", "note", "x").
		is(http.StatusNotFound)
	made := r.post("ann", "/operator/legs/"+leg+"/settle", "as", "never", "note", "line 14").
		is(http.StatusSeeOther).Header().Get("Location")
	r.get("ben", made).has("main", "It never took any", "line 14")
	r.post("ben", made+"/approve").is(http.StatusSeeOther)
	r.get("ann", at).hasNot("main", "Settle what is stuck").has(".timeline",
		"Settled by two people")
	r.must(r.watch.Look(t.Context()))
	r.get("ann", "/operator/alerts").has("main", "Nothing needs you")
}

// Goal: what is exported of the trail lets an outsider compute the chain of hashes anew, and nobody
// else gets it. Method: all of it, checked as the command does.
func TestExportedTrailHoldsTheChain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.sell(0, 1980)
	p := r.get("ann", "/operator/audit/export").is(http.StatusOK)
	if kind := p.Header().Get("Content-Type"); !strings.HasPrefix(kind, "application/jsonl") {
		t.Errorf("it is %s", kind)
	}
	whole := p.Body.String()
	if _, err := audit.Verify(strings.NewReader(whole)); err != nil {
		t.Errorf("the export does not hold: %v", err)
	}
	changed := strings.Replace(whole, "payment.captured", "payment.declined", 1)
	if _, err := audit.Verify(strings.NewReader(changed)); err == nil || changed == whole {
		t.Error("a changed export holds")
	}
	r.get("clerk", "/operator/audit/export").is(http.StatusForbidden)
}

// today is the day in Japan.
func today() string { return clock.Now().In(clock.JST).Format("2006-01-02") }
