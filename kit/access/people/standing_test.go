package people_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"

	"watari/kit/access"
	"watari/kit/access/people"
	"watari/kit/db"
	"watari/kit/db/dbtest"
)

// town is an office whose merchant 5 can be suspended and closed.
type town struct {
	*office
	stands *atomic.Int32
}

func newTown(t testing.TB, d *db.DB, strict bool) town {
	t.Helper()
	w := town{open(t, d, strict), &atomic.Int32{}}
	w.renew()
	return w
}

// renew is another node: it has looked at nothing yet.
func (w town) renew() {
	c := w.People.Config
	c.Standing = func(_ context.Context, _ *db.Tx, who access.Caller) (access.Standing, error) {
		if who.MerchantNo != 5 {
			return access.Open, nil
		}
		return access.Standing(w.stands.Load()), nil
	}
	w.People = people.New(c)
}

func (w town) set(s access.Standing) {
	w.stands.Store(int32(s))
	w.renew()
}

// Goal: nobody signs in to a closed place, by whatever they have, and nobody stays; only who has
// shown the right password is told why (P13). Method: each way in, before and after.
func TestClosedPlaceLetsNobodyIn(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets, func(t *testing.T, d *db.DB) {
		w := newTown(t, d, false)
		ctx, email := t.Context(), "a@shop.example"
		secret := w.join(email, shop(access.MerchantOwner)).Secret
		clerk := w.join("c@bank.example", bank1(access.AcquirerClerk)).Secret
		h := people.Holder{Session: secret}
		app, err := w.EnrolTOTP(ctx, h)
		w.do("begin with an app", err)
		late := w.invite("b@shop.example", shop(access.MerchantCashier))

		w.set(access.Suspended)
		c, _, err := w.Session(ctx, secret)
		if err != nil || c.Standing != access.Suspended {
			t.Errorf("while suspended: %+v, %v", c, err)
		}
		_, err = w.signIn(email, good)
		w.do("sign in while suspended", err)

		w.set(access.Closed)
		_, _, err = w.Session(ctx, secret)
		w.refused("the session", err, people.ErrSignedOut)
		_, err = w.ConfirmTOTP(ctx, h, app.Secret, here)
		w.refused("a new app", err, people.ErrSignedOut)
		for range people.MostWrong + 1 {
			_, err = w.signIn(email, good)
			w.refused("the right password", err, access.ErrClosed)
		}
		_, err = w.signIn(email, "wrong wrong wrong")
		w.refused("a wrong password", err, people.ErrRefused)
		_, err = w.Accept(ctx, people.Acceptance{Secret: late.Secret, Name: "B", Lang: "ja",
			Password: good, From: here})
		w.refused("a link", err, access.ErrClosed)
		if got := w.texts(`select email from person`); len(got) != 2 {
			t.Errorf("people: %v", got)
		}
		w.who(clerk)
		if n := strings.Count(w.kinds(), "refused"); n != people.MostWrong+2 {
			t.Errorf("%d refusals are in the trail", n)
		}
	})
}

// Goal: who had the second step before them when their place closed is refused there, and by a
// passkey too (P13). Method: a ticket and a passkey from before.
func TestClosedPlaceRefusesTheSecondStep(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets, func(t *testing.T, d *db.DB) {
		w := newTown(t, d, false)
		c := w.People.Config
		c.PublicURL = origin
		w.People = people.New(c)
		ctx, email := t.Context(), "a@shop.example"
		h := people.Holder{Session: w.join(email, shop(access.MerchantOwner)).Secret}
		dev := newDevice(w.office, origin)
		ask, err := w.BeginPasskey(ctx, h)
		w.do("begin", err)
		key, answer := dev.make(ask)
		out, err := w.FinishPasskey(ctx, h, ask.Ticket, "", answer, here)
		w.do("finish", err)
		step, err := w.signIn(email, good)
		if err != nil || step.Need != people.NeedSecond {
			t.Fatalf("sign in: %+v, %v", step, err)
		}
		ask, err = w.BeginPasskeySignIn(ctx, here)
		w.do("begin by passkey", err)

		w.set(access.Closed)
		_, err = w.SecondFactor(ctx, step.Ticket, out.Codes[0], here)
		w.refused("a code", err, access.ErrClosed)
		_, err = w.FinishPasskeySignIn(ctx, ask.Ticket, dev.use(ask, key), here)
		w.refused("a passkey", err, access.ErrClosed)
		_, err = w.signIn(email, good)
		w.refused("the password", err, access.ErrClosed)
	})
}

// Goal: nobody of a closed bank comes in by the bank's own provider (P13). Method: somebody it
// vouched for before.
func TestClosedBankVouchesForNobody(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets, func(t *testing.T, d *db.DB) {
		o := open(t, d, true)
		stands := access.Open
		c := o.People.Config
		c.Standing = func(context.Context, *db.Tx, access.Caller) (access.Standing, error) {
			return stands, nil
		}
		o.People = people.New(c)
		o.invite("a@bank.example", bank1(access.AcquirerClerk))
		v := people.Vouched{ParticipantNo: 1, Issuer: "https://id.example", Subject: "7",
			Email: "a@bank.example"}
		step, err := o.SignInVouched(t.Context(), v, here)
		o.do("sign in", err)
		o.who(step.Secret)
		stands = access.Closed
		_, err = o.SignInVouched(t.Context(), v, here)
		o.refused("after the end", err, access.ErrClosed)
	})
}
