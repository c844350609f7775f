package signup_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"watari/kit/access"
	"watari/kit/db"
	"watari/kit/foureyes"
	"watari/pay/party"
	"watari/pay/party/signup"
)

// Goal: an invitation is no way to be the applicant and the one who approves: whoever made the link
// knows its secret (U2). Method: a form that comes over a link of its own and over one that an open
// link gave out; the maker of the links tries, then a second person.
func TestWhoMadeTheLinkDoesNotApprove(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		for _, open := range []bool{false, true} {
			_, secret, err := o.Invite(ctx, ben, signup.Invitation{AcquirerNo: o.bank, Open: open})
			must(t, 0, err)
			own := must(t, first(o.Begin(ctx, secret)), nil)
			a, err := o.GuestSave(ctx, own, 0, soba())
			must(t, 0, err)
			for _, p := range []signup.Paper{signup.Identity, signup.Registry} {
				must(t, first(o.GuestDocument(ctx, own, p, "a.pdf", pdf)), nil)
			}
			must(t, first(o.GuestSubmit(ctx, own, 0)), nil)
			a = o.screened(a)
			rate := int64(30_000)
			terms := signup.Terms{MDRPPM: &rate}
			_, err = o.Approve(ctx, ben, o.bank, a.ID, a.Version, terms)
			refused(t, fmt.Sprintf("its own link, open %t", open), err, signup.ErrOwn)
			must(t, first(o.Approve(ctx, ann, o.bank, a.ID, a.Version, terms)), nil)
		}
	})
}

// Goal: a key is no second person beside whoever made it (U2, U6). Method: an application and an
// account that a person makes at the pages, and a key of theirs over /v1.
func TestAKeyIsNoSecondPerson(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		key := signup.PersonOf(access.Caller{KeyID: "key_1", Label: "core banking",
			Behind: ann.Name, Actor: "key:key_1"})
		if key.Actor != "key:key_1" {
			t.Errorf("events name %q", key.Actor)
		}
		a := o.screened(o.handedIn(soba()))
		_, err := o.Approve(ctx, key, o.bank, a.ID, a.Version, signup.Terms{})
		refused(t, "one's own, with a key", err, signup.ErrOwn)
		a, err = o.Approve(ctx, ben, o.bank, a.ID, a.Version, signup.Terms{})
		must(t, 0, err)
		p := must(t, first(o.ProposePayout(ctx, key, o.bank, a.MerchantNo, other, "")), nil)
		_, err = o.ApprovePayout(ctx, ann, o.bank, p.ID)
		refused(t, "one's own, made with a key", err, foureyes.ErrOwn)
		must(t, first(o.ApprovePayout(ctx, ben, o.bank, p.ID)), nil)
	})
}

// metOnce runs fn while somebody holds a table for longer than a transaction waits for a lock, but
// not for as long as it is tried: it is run again then. SQLite has one writer, which meets nobody.
func (o *office) metOnce(table string, fn func()) {
	o.t.Helper()
	if o.d.Engine() != db.Postgres {
		fn()
		return
	}
	held, done := make(chan struct{}), make(chan error)
	go func() {
		done <- o.d.Update(o.t.Context(), func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `lock table `+table+` in share mode`)
			close(held)
			time.Sleep(400 * time.Millisecond)
			return err
		})
	}()
	<-held
	fn()
	must(o.t, 0, <-done)
}

// Goal: a transaction that has to be run again makes what it would have made at once. Method: an
// invitation and a registration by protocol whose first run fails when much of it is done.
func TestWhatIsRunAgainIsTheSame(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		var inv signup.Invitation
		var err error
		o.metOnce("signup_link", func() {
			inv, _, err = o.Invite(ctx, ann, signup.Invitation{AcquirerNo: o.bank})
		})
		must(t, 0, err)
		if _, err := o.Find(ctx, o.bank, inv.Application); err != nil {
			t.Errorf("the link shows %s: %v", inv.Application, err)
		}
		var a signup.Application
		o.metOnce("signup_application", func() { a, err = o.Enrol(ctx, o.registration("M-1")) })
		must(t, 0, err)
		var m party.Merchant
		err = o.d.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
			m, err = o.reg.MerchantByNo(ctx, tx, a.MerchantNo)
			return err
		})
		if err != nil || m.ID != "M-1" || a.State != signup.Live {
			t.Errorf("registered as %s, merchant %d: %+v, %v", a.State, a.MerchantNo, m, err)
		}
	})
}

func (o *office) registration(merchantID string) signup.Registration {
	return signup.Registration{Actor: "aps:GIFU", RequestID: "R-" + merchantID,
		AcquirerNo: o.bank, MerchantID: merchantID, Name: "Soba", MCC: "5812",
		Address: signup.Address{Prefecture: "21"}}
}

// Goal: a registration is found by its merchant among many that are called nearly so, and one that
// waits is seen. Method: 250 merchants whose ids begin with that of another, which was registered
// before, and one whose category needs a licence.
func TestRegistrationIsFoundAmongMany(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		must(t, first(o.Enrol(ctx, o.registration("M-000"))), nil)
		liquor := o.registration("M-00")
		liquor.MCC, liquor.StoreID = "5921", "S-0"
		must(t, first(o.Enrol(ctx, liquor)), nil)
		if job := o.imported(shopsFile(250, nil), false); job.State != signup.ImportDone {
			t.Fatalf("imported %+v", job)
		}
		a, err := o.Registered(ctx, o.bank, "", "M-000", "")
		if must(t, 0, err); a.RequestID != "R-M-000" {
			t.Errorf("found %+v", a)
		}
		if a, err = o.Registered(ctx, o.bank, "", "M-00", "S-0"); err != nil ||
			a.RequestID != "R-M-00" {
			t.Errorf("by its store: %+v, %v", a, err)
		}
		_, err = o.Registered(ctx, o.bank, "", "m-000", "")
		refused(t, "in another case", err, signup.ErrRegistration)
		for i := range 210 {
			r := o.registration(fmt.Sprintf("M-00-%d", i))
			r.MCC = "5921"
			must(t, first(o.Enrol(ctx, r)), nil)
		}
		liquor.RequestID = "again"
		_, err = o.Enrol(ctx, liquor)
		refused(t, "while the first waits", err, signup.ErrUnderReview)
	})
}

// Goal: nobody can bury a bank under accounts that wait, and the longest note is taken. Method: an
// owner asks again and again; one is stopped and the next asked.
func TestAccountsThatWaitAreFew(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		a := o.signed(soba())
		note := strings.Repeat("𠮷", 300)
		var last signup.Payout
		for i := range signup.PayoutsMax {
			p, err := o.ProposePayout(ctx, ann, o.bank, a.MerchantNo, other, note)
			if last = p; err != nil {
				t.Fatalf("%d: %v", i, err)
			}
		}
		_, err := o.ProposePayout(ctx, ann, o.bank, a.MerchantNo, other, note)
		refused(t, "one too many", err, signup.ErrPayouts)
		must(t, first(o.StopPayout(ctx, ann, o.bank, last.ID)), nil)
		p, err := o.ProposePayout(ctx, ann, o.bank, a.MerchantNo, other, note)
		must(t, 0, err)
		for range 100 { // a page of those that the desk rejected hides none that waits
			_, err = o.desk.Reject(ctx, p.RequestID, ben)
			must(t, 0, err)
			p, err = o.ProposePayout(ctx, ann, o.bank, a.MerchantNo, other, note)
			must(t, 0, err)
		}
		all := must(t, first(o.PayoutsWaiting(ctx, o.bank)), nil)
		if len(all) != signup.PayoutsMax || all[len(all)-1].ID != p.ID {
			t.Errorf("%d wait", len(all))
		}
	})
}

// Goal: the contact from before is told although a registration by protocol, which names none, came
// after it (U6). Method: a merchant with an e-mail address that its bank's system then registers.
func TestTheContactFromBeforeStays(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		f := soba()
		f.MerchantID = "M-1"
		a := o.signed(f)
		r, err := o.Enrol(ctx, o.registration("M-1"))
		if must(t, 0, err); r.MerchantNo != a.MerchantNo {
			t.Fatalf("registered as merchant %d", r.MerchantNo)
		}
		p, err := o.ProposePayout(ctx, ann, o.bank, a.MerchantNo, other, "")
		if must(t, 0, err); p.Contact != "ta***@soba.example.jp" {
			t.Errorf("whom to tell: %q", p.Contact)
		}
	})
}
