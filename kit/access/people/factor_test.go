package people_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"watari/kit/access"
	"watari/kit/access/people"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
)

// Goal: operators and the people of banks do not get in without a second factor; merchants do, and
// so does everybody in a sandbox (P7). Method: each role, strict and not.
func TestRolesThatNeedASecondFactorMustEnrol(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets, func(t *testing.T, d *db.DB) {
		o := open(t, d, true)
		for i, at := range []people.Place{{Role: access.Operator}, bank1(access.Acquirer),
			bank1(access.AcquirerClerk), bank1(access.AcquirerViewer),
			shop(access.MerchantOwner), shop(access.MerchantManager),
			shop(access.MerchantCashier)} {
			email := string(at.Role) + "@x.example"
			step := o.join(email, at)
			if want := i < 4; want != (step.Need == people.NeedEnrol) ||
				want != (step.Secret == "") {
				t.Errorf("%s: %+v", at.Role, step)
			}
			again, err := open(t, d, false).signIn(email, good)
			if err != nil || again.Need != people.Nothing {
				t.Errorf("%s in a sandbox: %+v, %v", at.Role, again, err)
			}
		}
	})
}

// Goal: a code is right for its time, once (P7); a recovery code works once; ten wrong codes lock.
// Method: virtual time.
func TestCodesWorkOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		o := open(t, dbtest.New(t, db.SQLite, sets...), true)
		app, out := o.enrol(o.join("a@bank.example", bank1(access.Acquirer)))
		if who := o.who(out.Step.Secret); !who.Factors.TOTP || who.Factors.Recovery != 10 ||
			len(out.Codes) != people.RecoveryCodeCount {
			t.Fatalf("enrolled %+v", out)
		}
		ticket := func() string {
			t.Helper()
			step, err := o.signIn("a@bank.example", good)
			o.do("sign in", err)
			if step.Need != people.NeedSecond || step.Secret != "" {
				t.Fatalf("got %+v", step)
			}
			return step.Ticket
		}
		second := func(ticket, code string) error {
			_, err := o.SecondFactor(ctx, ticket, code, here)
			return err
		}
		now := clock.Now
		o.refused("the code of the enrolment", second(ticket(), o.code(app, now())),
			people.ErrCode)
		time.Sleep(30 * time.Second)
		first := ticket()
		o.do("the next code, with a blank", second(first, o.code(app, now())[:3]+" "+
			o.code(app, now())[3:]))
		o.refused("the ticket again", second(first, o.code(app, now())), people.ErrTicket)
		o.refused("the code again", second(ticket(), o.code(app, now())), people.ErrCode)
		o.refused("a code before it", second(ticket(), o.code(app, now().Add(-30*time.Second))),
			people.ErrCode)
		o.do("half a minute ahead", second(ticket(), o.code(app, now().Add(30*time.Second))))
		time.Sleep(2 * time.Minute)
		o.refused("a minute ago", second(ticket(), o.code(app, now().Add(-time.Minute))),
			people.ErrCode)
		o.do("a recovery code", second(ticket(), strings.ToUpper(out.Codes[3])))
		o.refused("again", second(ticket(), out.Codes[3]), people.ErrCode)
		o.do("with the password", func() error {
			step, err := o.SignIn(ctx, people.Attempt{Email: "a@bank.example", Password: good,
				Code: o.code(app, now()), From: here})
			if step.Need != people.Nothing {
				t.Errorf("got %+v", step)
			}
			return err
		}())
		old := ticket()
		time.Sleep(people.TicketTime + time.Second)
		o.refused("an old ticket", second(old, o.code(app, now())), people.ErrTicket)
		for range people.MostWrongCodes {
			o.refused("a guess", second(ticket(), "000000"), people.ErrCode)
		}
		o.refused("locked", second(ticket(), o.code(app, now())), people.ErrLocked)
		if n := strings.Count(o.kinds(), "locked"); n != 1 {
			t.Errorf("events %s", o.kinds())
		}
		time.Sleep(people.CodeLockTime + time.Second)
		o.do("after an hour", second(ticket(), o.code(app, now())))
	})
}

// Goal: a ticket to enrol is worth nothing once somebody has enrolled with it or another (P7).
// Method: two people know the password; the second comes late.
func TestOnlyTheFirstMayEnrol(t *testing.T) {
	t.Parallel()
	each(t, true, func(t *testing.T, o *office) {
		ctx := t.Context()
		mine := o.join("a@bank.example", bank1(access.AcquirerClerk))
		theirs, err := o.signIn("a@bank.example", good)
		o.do("sign in", err)
		h := people.Holder{Ticket: theirs.Ticket}
		late, err := o.EnrolTOTP(ctx, h)
		o.do("begin", err)
		o.enrol(mine)
		_, err = o.ConfirmTOTP(ctx, h, o.code(late.Secret, clock.Now()), here)
		o.refused("the late one", err, people.ErrTicket)
		_, err = o.EnrolTOTP(ctx, h)
		o.refused("begin again", err, people.ErrTicket)
		_, err = o.SecondFactor(ctx, theirs.Ticket, "000000", here)
		o.refused("as a second step", err, people.ErrTicket)
		_, err = o.BeginPasskey(ctx, people.Holder{})
		o.refused("with nothing", err, people.ErrTicket)
	})
}

// Goal: the last second factor of a role that needs one cannot be removed; recovery codes can be
// made anew, and go with the last factor (P7). Method: a clerk and an owner.
func TestLastFactorStays(t *testing.T) {
	t.Parallel()
	each(t, true, func(t *testing.T, o *office) {
		ctx := t.Context()
		_, clerk := o.enrol(o.join("a@bank.example", bank1(access.AcquirerClerk)))
		o.refused("a clerk's", o.RemoveTOTP(ctx, clerk.Step.Secret), people.ErrLastFactor)
		codes, err := o.RecoveryCodes(ctx, clerk.Step.Secret)
		if err != nil || len(codes) != 10 || codes[0] == clerk.Codes[0] {
			t.Errorf("new codes %v, %v", codes, err)
		}
		_, err = o.EnrolTOTP(ctx, people.Holder{Session: clerk.Step.Secret})
		o.refused("a second app", err, people.ErrHasTOTP)

		owner := o.join("b@shop.example", shop(access.MerchantOwner)).Secret
		_, err = o.RecoveryCodes(ctx, owner)
		o.refused("codes for no factor", err, people.ErrNoFactor)
		h := people.Holder{Session: owner}
		app, err := o.EnrolTOTP(ctx, h)
		o.do("begin", err)
		_, err = o.ConfirmTOTP(ctx, h, "000000", here)
		o.refused("a wrong code", err, people.ErrCode)
		out, err := o.ConfirmTOTP(ctx, h, o.code(app.Secret, clock.Now()), here)
		if err != nil || len(out.Codes) != 10 || out.Step.Secret != "" {
			t.Errorf("got %+v, %v", out, err)
		}
		o.do("remove", o.RemoveTOTP(ctx, owner))
		if who := o.who(owner); who.Factors != (people.Factors{}) {
			t.Errorf("left %+v", who.Factors)
		}
		step, err := o.signIn("b@shop.example", good)
		if err != nil || step.Need != people.Nothing {
			t.Errorf("without: %+v, %v", step, err)
		}
	})
}

// Goal: what is sealed for one person is of no use to another: who can write to the table cannot
// give somebody a second factor that they hold (P1). Method: a column is copied.
func TestSealedSecretBelongsToItsPerson(t *testing.T) {
	t.Parallel()
	each(t, true, func(t *testing.T, o *office) {
		app, out := o.enrol(o.join("a@bank.example", bank1(access.AcquirerClerk)))
		o.enrol(o.join("b@bank.example", bank1(access.AcquirerClerk)))
		o.exec(`update person set totp_step = 0, totp = (select totp from person
			where email = 'a@bank.example') where email = 'b@bank.example'`)
		step, err := o.signIn("b@bank.example", good)
		o.do("sign in", err)
		_, err = o.SecondFactor(t.Context(), step.Ticket, o.code(app, clock.Now()), here)
		if err == nil || !strings.Contains(err.Error(), "sealed for something else") {
			t.Errorf("got %v", err)
		}
		_, err = o.SecondFactor(t.Context(), step.Ticket, out.Codes[0], here)
		o.refused("another's recovery code", err, people.ErrCode)
	})
}
