package people_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"watari/kit/access"
	"watari/kit/access/people"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
)

// inviteAs makes a link by somebody.
func (o *office) inviteAs(by people.Person, email string, at people.Place) people.Link {
	o.t.Helper()
	link, err := o.Invite(o.t.Context(), by.Caller(), people.Invitation{Email: email, Place: at})
	o.do("invite "+email, err)
	return link
}

func (o *office) accept(l people.Link) (people.Step, error) {
	return o.Accept(o.t.Context(), people.Acceptance{Secret: l.Secret, Name: "M", Lang: "en",
		Password: good, From: here})
}

// Goal: a link is worth no more than the right of who made it: somebody who is dismissed has no
// way back in (P10). Method: links of somebody who ends, and of somebody who is moved to where
// they may make some of them; used by hand and by single sign-on.
func TestLinksEndWithTheRightOfTheirMaker(t *testing.T) {
	t.Parallel()
	each(t, false, func(t *testing.T, o *office) {
		ctx := t.Context()
		boss := o.join("boss@bank.example", bank1(access.Acquirer)).Person
		back := o.inviteAs(boss, "me@home.example", bank1(access.Acquirer))
		o.inviteAs(boss, "sso@home.example", bank1(access.Acquirer))
		there := o.join("clerk@bank.example", bank1(access.AcquirerClerk)).Person
		reset, err := o.ResetLink(ctx, boss.Caller(), there.ID, true)
		o.do("make a link to reset", err)
		o.do("end", o.End(ctx, admin, boss.ID))
		_, err = o.Invitation(ctx, back.Secret)
		o.refused("shown", err, people.ErrInvitation)
		_, err = o.accept(back)
		o.refused("of who has ended", err, people.ErrInvitation)
		_, err = o.accept(reset)
		o.refused("for a new password", err, people.ErrInvitation)
		_, err = o.SignInVouched(ctx, vouched("sso@home.example", "1"), here)
		o.refused("by single sign-on", err, people.ErrNotInvited)
		if open, err := o.Invitations(ctx, admin); err != nil || len(open) != 0 {
			t.Errorf("they are listed: %+v, %v", open, err)
		}

		next := o.join("next@bank.example", bank1(access.Acquirer)).Person
		wide := o.inviteAs(next, "a@bank.example", bank1(access.AcquirerViewer))
		narrow := o.inviteAs(next, "b@shop.example", shop(access.MerchantOwner))
		reset, err = o.ResetLink(ctx, next.Caller(),
			o.join("owner@shop.example", shop(access.MerchantOwner)).Person.ID, false)
		o.do("make a link to reset", err)
		o.do("move", o.SetRole(ctx, admin, next.ID, bank1(access.AcquirerClerk)))
		_, err = o.accept(wide)
		o.refused("beyond a clerk", err, people.ErrInvitation)
		_, err = o.accept(reset)
		o.refused("a clerk resets nobody", err, people.ErrInvitation)
		_, err = o.accept(narrow)
		o.do("within a clerk's right", err)
	})
}

// Goal: a link for a new password is for the person as they were: a manager who may reset a cashier
// does not reset an owner (P9, P10). Method: the cashier is promoted; a password of one's own ends
// such a link too.
func TestAResetDoesNotFollowAPromotion(t *testing.T) {
	t.Parallel()
	each(t, false, func(t *testing.T, o *office) {
		ctx := t.Context()
		step := o.join("a@shop.example", shop(access.MerchantCashier))
		manager := access.Caller{Role: access.MerchantManager, ParticipantNo: 1, MerchantNo: 5,
			Actor: "key:9", Label: "m"}
		link, err := o.ResetLink(ctx, manager, step.Person.ID, true)
		o.do("make a link", err)
		o.do("promote", o.SetRole(ctx, admin, step.Person.ID, shop(access.MerchantOwner)))
		_, err = o.accept(link)
		o.refused("after the promotion", err, people.ErrInvitation)

		link, err = o.ResetLink(ctx, admin, step.Person.ID, false)
		o.do("make another", err)
		step, err = o.signIn("a@shop.example", good)
		o.do("sign in", err)
		o.do("change", o.ChangePassword(ctx, step.Secret, good, good+" 2", here))
		_, err = o.accept(link)
		o.refused("after a password of one's own", err, people.ErrInvitation)
	})
}

// vouched is somebody for whom the provider of bank 1 answers; its domain is bank.example.
func vouched(email, subject string) people.Vouched {
	return people.Vouched{ParticipantNo: 1, Issuer: "https://login.bank.example",
		Subject: subject, Email: email, Name: "N", Domains: []string{"bank.example"},
		DefaultRole: access.AcquirerClerk}
}

// Goal: who has ended does not come back by the bank's provider alone, under the same name or the
// same address; an invitation brings them back. Method: people who came by the provider and by a
// password, ended, and try again.
func TestWhoHasEndedComesBackByInvitationOnly(t *testing.T) {
	t.Parallel()
	each(t, false, func(t *testing.T, o *office) {
		ctx := t.Context()
		in := func(email, subject string) (people.Step, error) {
			return o.SignInVouched(ctx, vouched(email, subject), here)
		}
		first, err := in("a@bank.example", "1")
		o.do("the first time", err)
		o.do("end", o.End(ctx, admin, first.Person.ID))
		_, err = in("a@bank.example", "1")
		o.refused("again", err, people.ErrNotInvited)
		_, err = in("a2@bank.example", "1")
		o.refused("with another address", err, people.ErrNotInvited)
		_, err = in("A@bank.example", "2")
		o.refused("under another name", err, people.ErrNotInvited)
		o.invite("a@bank.example", bank1(access.AcquirerViewer))
		again, err := in("a@bank.example", "1")
		if err != nil || again.Person.Role != access.AcquirerViewer ||
			again.Person.ID == first.Person.ID {
			t.Errorf("invited: %+v, %v", again, err)
		}

		old := o.join("b@bank.example", bank1(access.Acquirer)).Person
		o.do("end", o.End(ctx, admin, old.ID))
		_, err = in("b@bank.example", "3")
		o.refused("of a password", err, people.ErrNotInvited)

		gone, err := in("c@bank.example", "4")
		o.do("come", err)
		o.do("end", o.End(ctx, admin, gone.Person.ID))
		hired := o.join("c@bank.example", bank1(access.AcquirerClerk)).Person
		linked, err := in("c@bank.example", "4")
		if err != nil || linked.Person.ID != hired.ID {
			t.Errorf("hired again: %+v, %v", linked, err)
		}
		_, err = in("d@bank.example", "5")
		o.do("somebody else", err)
	})
}

// Goal: what no engine can keep is refused as unknown, not as a defect. Method: ids and a passkey's
// answer with U+0000 and with what is not UTF-8.
func TestHostileIDsAreUnknown(t *testing.T) {
	t.Parallel()
	each(t, true, func(t *testing.T, o *office) {
		ctx := t.Context()
		d := newDevice(o, origin)
		c, _ := d.enrolled("a@bank.example")
		for _, handle := range []string{"\x00", "per_\xff", strings.Repeat("x", 64)} {
			ask, err := o.BeginPasskeySignIn(ctx, here)
			o.do("begin", err)
			d.Options.UserHandle = []byte(handle)
			_, err = o.FinishPasskeySignIn(ctx, ask.Ticket, d.use(ask, c), here)
			o.refused(fmt.Sprintf("handle %q", handle), err, people.ErrPasskey)
		}
	})
}

// Goal: a passkey that is refused is in the trail, with its owner when it names one, and the
// question was asked once (P8). Method: an answer of a copied passkey, then the right one.
func TestARefusedPasskeyIsInTheTrail(t *testing.T) {
	t.Parallel()
	each(t, true, func(t *testing.T, o *office) {
		ctx := t.Context()
		d := newDevice(o, origin)
		c, out := d.enrolled("a@bank.example")
		ask, err := o.BeginPasskeySignIn(ctx, here)
		o.do("begin", err)
		stranger := newDevice(o, "http://evil.example")
		stranger.Options.UserHandle = d.Options.UserHandle
		_, err = o.FinishPasskeySignIn(ctx, ask.Ticket, stranger.use(ask, c), here)
		o.refused("of another site", err, people.ErrPasskey)
		_, err = o.FinishPasskeySignIn(ctx, ask.Ticket, d.use(ask, c), here)
		o.refused("the question again", err, people.ErrTicket)
		if !strings.HasSuffix(o.kinds(), " refused") {
			t.Errorf("events %s", o.kinds())
		}
		got := o.texts(`select subject || data from event where kind = 'person.refused'
			order by lane, seq`)
		if len(got) != 1 || !strings.HasPrefix(got[0], out.Step.Person.ID) ||
			!strings.Contains(got[0], "passkey") {
			t.Errorf("the trail says %v", got)
		}
	})
}

// Goal: who hammers on a locked account, or from a locked address, makes the database write
// nothing. Method: rows are counted.
func TestALockedDoorWritesNothing(t *testing.T) {
	t.Parallel()
	each(t, false, func(t *testing.T, o *office) {
		try := func(email string, from int) error {
			_, err := o.SignIn(t.Context(), people.Attempt{Email: email, Password: "wrong",
				From: people.From{Address: fmt.Sprintf("198.51.100.%d", from)}})
			return err
		}
		for i := range people.MostWrong {
			o.refused("wrong", try("a@x.example", i), people.ErrRefused)
		}
		for i := range people.MostWrongOrigin {
			o.refused("wrong", try(fmt.Sprintf("b%d@x.example", i), 100), people.ErrRefused)
		}
		rows := func() string {
			return strings.Join(o.texts(`select place || cast(since_us as text) ||
				cast(wrong as text) from person_wrong order by place`), " ")
		}
		before := rows()
		o.refused("a locked account", try("a@x.example", 101), people.ErrLocked)
		o.refused("a locked address", try("c@x.example", 100), people.ErrLocked)
		if rows() != before {
			t.Error("a refused attempt was written")
		}
	})
}

// Goal: an unknown address costs as much as a known one: also for it the password is hashed (P2).
// Method: while nobody can hash, both wait in vain; and an attempt that nobody looked at is not
// counted, also when somebody confirms (P3).
func TestEveryAttemptIsHashed(t *testing.T) {
	t.Parallel()
	each(t, false, func(t *testing.T, o *office) {
		secret := o.join("a@shop.example", shop(access.MerchantOwner)).Secret
		leave := o.Crowd()
		for _, email := range []string{"a@shop.example", "nobody@shop.example", "no address"} {
			_, err := o.signIn(email, good)
			o.refused(email, err, people.ErrBusy)
		}
		for range people.MostWrong + 1 {
			o.refused("confirm", o.Confirm(t.Context(), secret, good, here), people.ErrBusy)
		}
		leave()
		_, err := o.signIn("a@shop.example", good)
		o.do("afterwards", err)
	})
}

// Goal: a link, a code and a ticket work once, however many use them at the same time. Method:
// eight at once on two nodes.
func TestOneOfManyGetsIn(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets, func(t *testing.T, d *db.DB) {
		o, there := open(t, d, true), open(t, d, true)
		race := func(what string, fn func(*office) error) {
			t.Helper()
			var wg sync.WaitGroup
			var mu sync.Mutex
			won := 0
			for i := range 8 {
				wg.Go(func() {
					err := fn([]*office{o, there}[i%2])
					mu.Lock()
					defer mu.Unlock()
					if err == nil {
						won++
					}
				})
			}
			wg.Wait()
			if won != 1 {
				t.Errorf("%s: %d got in", what, won)
			}
		}
		link := o.invite("a@shop.example", shop(access.MerchantOwner))
		race("a link", func(o *office) error {
			_, err := o.accept(link)
			return err
		})
		app, out := o.enrol(o.join("b@bank.example", bank1(access.AcquirerClerk)))
		o.exec(`update person set totp_step = 0`)
		code := o.code(app, clock.Now())
		race("a code", func(o *office) error {
			step, err := o.signIn("b@bank.example", good)
			if err == nil {
				_, err = o.SecondFactor(t.Context(), step.Ticket, code, here)
			}
			return err
		})
		step, err := o.signIn("b@bank.example", good)
		o.do("sign in", err)
		var mu sync.Mutex
		next := 0
		race("a ticket", func(o *office) error {
			mu.Lock()
			next++
			own := out.Codes[next]
			mu.Unlock()
			_, err := o.SecondFactor(t.Context(), step.Ticket, own, here)
			return err
		})
	})
}
