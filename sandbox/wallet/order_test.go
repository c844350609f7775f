package wallet_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"sync"
	"testing"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/money"
	"watari/sandbox/wallet"
)

// shop is a wallet with the users ann and bob, and what it told the network.
type shop struct {
	*wallet.Wallet
	t *testing.T

	mu   sync.Mutex
	told []wallet.Notice
}

// open runs fn on both engines, with terms.
func open(t *testing.T, terms wallet.Terms, fn func(t *testing.T, s *shop)) {
	t.Helper()
	dbtest.Each(t, []fs.FS{wallet.Migrations}, func(t *testing.T, d *db.DB) {
		p := profile()
		p.Terms = terms
		s := &shop{t: t, Wallet: wallet.New(d, p, quick(), slog.New(slog.DiscardHandler))}
		if err := s.AddUsers(t.Context(), wallet.User{ID: "ann"}, wallet.User{ID: "bob"}); err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { s.Run(ctx, listener{shop: s}) })
		t.Cleanup(func() {
			stop()
			running.Wait()
		})
		fn(t, s)
	})
}

// listener is a front that only listens to what is told.
type listener struct {
	wallet.Front
	shop *shop
}

func (l listener) Notify(_ context.Context, n wallet.Notice) error {
	l.shop.mu.Lock()
	defer l.shop.mu.Unlock()
	l.shop.told = append(l.shop.told, n)
	return nil
}

// heard waits for n notices and returns what they say, in their order.
func (s *shop) heard(n int) []string {
	s.t.Helper()
	for range 2400 {
		s.mu.Lock()
		said := []string{}
		for _, one := range s.told {
			said = append(said, fmt.Sprint(one.Kind, " ", one.State, " ", one.Why))
		}
		s.mu.Unlock()
		if len(said) >= n {
			return said
		}
		time.Sleep(25 * time.Millisecond)
	}
	s.t.Fatalf("the network did not hear %d notices", n)
	return nil
}

// must returns what a call said, and fails the test on an error.
func (s *shop) must(got wallet.Standing, err error) wallet.Standing {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
	return got
}

func (s *shop) is(what string, got wallet.Standing, state wallet.State, why wallet.Why) {
	s.t.Helper()
	is := wallet.State("none")
	if got.Payment != nil {
		is = got.Payment.State
	}
	if is != state || got.Why != why {
		s.t.Errorf("%s: got %s %q, want %s %q", what, is, got.Why, state, why)
	}
}

// spent fails the test unless a user has spent so much.
func (s *shop) spent(user string, fen int64) {
	s.t.Helper()
	a, err := s.Account(s.t.Context(), user)
	if err != nil {
		s.t.Fatal(err)
	}
	if got := opening - a.Balance.Minor(); got != fen {
		s.t.Errorf("%s spent %d, want %d", user, got, fen)
	}
}

func charge(id string, fen int64) wallet.Charge {
	return wallet.Charge{RequestID: id, PaymentID: "own-" + id, Ref: "ref-" + id,
		Order: money.MustNew(fen*20, "JPY"), Debit: money.MustNew(fen, "CNY"),
		Compared: fmt.Sprint(fen)}
}

// Goal: W7: an order is one user's, whoever takes it first; it is paid once and told; a repeat of
// the call is the same order. Method: the life of one order, with a second user in every step.
func TestOrderIsPaidByWhoTookIt(t *testing.T) {
	t.Parallel()
	open(t, wallet.Terms{}, func(t *testing.T, s *shop) {
		ctx := t.Context()
		s.is("open", s.must(s.Open(ctx, charge("o1", 50_00))), wallet.Opened, "")
		s.is("again", s.must(s.Open(ctx, charge("o1", 50_00))), wallet.Opened, "")
		s.is("another", s.must(s.Open(ctx, charge("o1", 51_00))), "none", wallet.WhyInconsistent)

		s.is("take", s.must(s.Take(ctx, "o1", "ann")), wallet.Asking, "")
		s.is("take again", s.must(s.Take(ctx, "o1", "ann")), wallet.Asking, "")
		s.is("bob takes", s.must(s.Take(ctx, "o1", "bob")), wallet.Asking, wallet.WhyTaken)
		if _, err := s.Confirm(ctx, "bob", "own-o1", wallet.PIN); !errors.Is(err, wallet.ErrNoQuestion) {
			t.Errorf("bob confirms: %v", err)
		}
		if _, err := s.Confirm(ctx, "ann", "own-o1", ""); err != nil {
			t.Errorf("a small order needs no PIN: %v", err)
		}
		s.is("bob is late", s.must(s.Take(ctx, "o1", "bob")), wallet.Paid, wallet.WhyState)
		s.is("no such", s.must(s.Take(ctx, "o9", "bob")), "none", wallet.WhyUnknown)
		if _, err := s.Take(ctx, "o1", "eve"); !errors.Is(err, wallet.ErrNoUser) {
			t.Errorf("eve takes: %v", err)
		}
		if p, err := s.ByRef(ctx, "ref-o1"); err != nil || p == nil || p.RequestID != "o1" {
			t.Errorf("by its second name: %+v, %v", p, err)
		}
		if p, err := s.ByID(ctx, "own-o1"); err != nil || p == nil || p.UserID != "ann" {
			t.Errorf("by its own id: %+v, %v", p, err)
		}
		s.spent("ann", 50_00)
		s.spent("bob", 0)
		if got := s.heard(1); got[0] != "payment paid " {
			t.Errorf("the network heard %q", got)
		}
	})
}

// Goal: an order ends in each way that it can, and the network hears of each. Method: one order
// for each end: refused, too many wrong PINs, over, closed, no money.
func TestOrderHasItsEnds(t *testing.T) {
	t.Parallel()
	open(t, wallet.Terms{}, func(t *testing.T, s *shop) {
		ctx := t.Context()
		for _, id := range []string{"no", "wrong", "closed", "poor"} {
			fen := int64(2_000_00)
			if id == "poor" {
				fen = opening + 1
			}
			s.is(id, s.must(s.Open(ctx, charge(id, fen))), wallet.Opened, "")
			if id != "closed" {
				s.must(s.Take(ctx, id, "ann"))
			}
		}
		short := charge("over", 1_00)
		short.Expires = clock.Now().Add(300 * time.Millisecond)
		s.must(s.Open(ctx, short))

		if _, err := s.Refuse(ctx, "ann", "own-no"); err != nil {
			t.Error(err)
		}
		for range wallet.TriesMax {
			_, _ = s.Confirm(ctx, "ann", "own-wrong", "000000")
		}
		if _, err := s.Confirm(ctx, "ann", "own-poor", wallet.PIN); err != nil {
			t.Error(err)
		}
		s.is("close", s.must(s.Close(ctx, "closed")), wallet.Cancelled, "")
		s.is("take closed", s.must(s.Take(ctx, "closed", "ann")), wallet.Cancelled,
			wallet.WhyClosed)
		s.is("close unknown", s.must(s.Close(ctx, "never")), "none", wallet.WhyUnknown)

		said := map[string]bool{}
		for _, one := range s.heard(4) {
			said[one] = true
		}
		for _, want := range []string{"payment failed user", "payment failed pin",
			"payment failed balance", "payment failed expired"} {
			if !said[want] {
				t.Errorf("the network did not hear %q of %v", want, said)
			}
		}
		s.is("take what is over", s.must(s.Take(ctx, "over", "ann")), wallet.Failed,
			wallet.WhyExpired)
		s.spent("ann", 0)
	})
}

// Goal: with two steps the user's yes debits nothing, Complete does, once. Method: complete too
// early, twice, and after a cancel.
func TestTwoStepsDebitWhenCompleted(t *testing.T) {
	t.Parallel()
	open(t, wallet.Terms{AgreedFor: time.Minute}, func(t *testing.T, s *shop) {
		ctx := t.Context()
		two := charge("two", 30_00)
		two.TwoStep = true
		gone := charge("gone", 30_00)
		gone.TwoStep = true
		for _, c := range []wallet.Charge{two, gone} {
			s.must(s.Open(ctx, c))
			s.must(s.Take(ctx, c.RequestID, "ann"))
		}
		s.is("too early", s.must(s.Complete(ctx, "two")), wallet.Asking, wallet.WhyState)
		for _, id := range []string{"own-two", "own-gone"} {
			if p, err := s.Confirm(ctx, "ann", id, ""); err != nil || p.State != wallet.Agreed {
				t.Errorf("%s: %+v, %v", id, p, err)
			}
		}
		s.spent("ann", 0)
		for range 2 {
			s.is("complete", s.must(s.Complete(ctx, "two")), wallet.Paid, "")
		}
		s.must(s.Cancel(ctx, "gone"))
		s.is("complete cancelled", s.must(s.Complete(ctx, "gone")), wallet.Cancelled,
			wallet.WhyClosed)
		s.spent("ann", 30_00)
	})
}

// Goal: a promise takes the money away, captures sum to what was captured, the rest goes back;
// refunds never exceed what was captured. Method: capture in parts that do not divide evenly.
func TestPromiseIsCapturedInParts(t *testing.T) {
	t.Parallel()
	open(t, wallet.Terms{HoldFor: 500 * time.Millisecond}, func(t *testing.T, s *shop) {
		ctx := t.Context()
		hold := func(id string) {
			c := charge(id, 1)
			c.Order, c.Debit = money.MustNew(1980, "JPY"), money.MustNew(84_64, "CNY")
			c.Hold = true
			s.must(s.Open(ctx, c))
			s.must(s.Take(ctx, id, "ann"))
			if _, err := s.Confirm(ctx, "ann", "own-"+id, ""); err != nil {
				t.Fatal(err)
			}
		}
		take := func(what string, yen int64, last bool, id string, state wallet.State, why wallet.Why) {
			t.Helper()
			s.is(what, s.must(s.Capture(ctx, wallet.CaptureAsk{CaptureID: id, RequestID: "h",
				Order: money.MustNew(yen, "JPY"), Last: last})), state, why)
		}
		hold("h")
		s.spent("ann", 84_64)
		take("a part", 660, false, "c1", wallet.Held, "")
		take("the same again", 660, false, "c1", wallet.Held, "")
		take("another under its id", 661, false, "c1", wallet.Held, wallet.WhyInconsistent)
		take("more than is left", 1321, false, "c2", wallet.Held, wallet.WhyAmount)
		take("the last", 660, true, "c3", wallet.Paid, "")
		take("after the last", 1, true, "c4", wallet.Paid, wallet.WhyState)
		s.spent("ann", 56_43)

		back := func(id string, yen int64) *wallet.Refund {
			f, why, err := s.Refund(ctx, wallet.RefundAsk{RefundRequestID: id, RequestID: "h",
				Order: money.MustNew(yen, "JPY"), Compared: fmt.Sprint(yen), Tell: true})
			if err != nil || why != "" {
				t.Fatalf("refund %s: %q %v", id, why, err)
			}
			return f
		}
		if f := back("r0", 1321); f.Succeeded || f.Why != wallet.WhyRefundOver {
			t.Errorf("refund of more than was captured: %+v", f)
		}
		back("r1", 440)
		back("r2", 440)
		back("r3", 440)
		s.spent("ann", 0)
		if all, err := s.Refunds(ctx, "h"); err != nil || len(all) != 4 {
			t.Errorf("refunds: %v, %v", all, err)
		}

		hold("dropped")
		s.spent("ann", 84_64)
		s.heard(7) // held, four refunds, held, and the end of the promise
		s.is("dropped", s.must(s.Inquire(ctx, "dropped")), wallet.Cancelled, "")
		s.spent("ann", 0)
	})
}

// Goal: a charge under a consent asks nobody, and only while the consent stands. Method: charge
// before, under and after a consent, and as somebody else.
func TestConsentLetsTheShopCharge(t *testing.T) {
	t.Parallel()
	open(t, wallet.Terms{}, func(t *testing.T, s *shop) {
		ctx := t.Context()
		c, err := s.AddConsent(ctx, wallet.Consent{ID: "k1", Token: "tok", Shop: "Bikes"})
		if err != nil || c.State != wallet.ConsentAsked {
			t.Fatalf("ask: %+v, %v", c, err)
		}
		pay := func(id, user string) wallet.Standing {
			one := charge(id, 2_000_00)
			one.Token, one.UserID = "tok", user
			return s.must(s.Pay(ctx, one))
		}
		if got := pay("p0", ""); got.Payment.Why != wallet.WhyToken {
			t.Errorf("before the consent: %+v", got.Payment)
		}
		if _, err := s.GiveConsent(ctx, "ann", "k1", "000000"); !errors.Is(err, wallet.ErrWrongPIN) {
			t.Errorf("wrong PIN: %v", err)
		}
		if _, err := s.GiveConsent(ctx, "ann", "k1", wallet.PIN); err != nil {
			t.Error(err)
		}
		if _, err := s.RefuseConsent(ctx, "bob", "k1"); !errors.Is(err, wallet.ErrNoConsent) {
			t.Errorf("bob refuses what ann gave: %v", err)
		}
		s.is("charge", pay("p1", ""), wallet.Paid, "")
		if got := pay("p2", "bob"); got.Payment.Why != wallet.WhyToken {
			t.Errorf("as bob: %+v", got.Payment)
		}
		if c, err := s.RevokeConsent(ctx, "tok"); err != nil || c.State != wallet.ConsentRevoked {
			t.Errorf("revoke: %+v, %v", c, err)
		}
		if got := pay("p3", ""); got.Payment.Why != wallet.WhyToken {
			t.Errorf("after the end: %+v", got.Payment)
		}
		s.spent("ann", 2_000_00)
		if got := s.heard(1); got[0] != "consent  " {
			t.Errorf("the network heard %q", got)
		}
	})
}

// Goal: orders meet the modes, one call each. Method: each mode on one order.
func TestOrdersMeetTheModes(t *testing.T) {
	t.Parallel()
	open(t, wallet.Terms{}, func(t *testing.T, s *shop) {
		ctx := t.Context()
		begin := func(m wallet.Mode) wallet.Standing {
			once := int64(1)
			if err := s.SetFault(ctx, m, &once); err != nil {
				t.Fatal(err)
			}
			return s.must(s.Open(ctx, charge(string(m), 10_00)))
		}
		if got := begin(wallet.ModeDecline); got.Payment.State != wallet.Failed {
			t.Errorf("decline: %+v", got)
		}
		if got := begin(wallet.ModeTimeout); got.Payment != nil || got.Mode != wallet.ModeTimeout {
			t.Errorf("timeout: %+v", got)
		}
		for _, m := range []wallet.Mode{wallet.ModePIN, wallet.ModeTwice, wallet.ModeLate} {
			s.is(string(m), begin(m), wallet.Opened, "")
			s.must(s.Take(ctx, string(m), "ann"))
		}
		if _, err := s.Confirm(ctx, "ann", "own-pin", ""); !errors.Is(err, wallet.ErrWrongPIN) {
			t.Errorf("pin: %v", err)
		}
		for _, m := range []wallet.Mode{wallet.ModeTwice, wallet.ModeLate} {
			if _, err := s.Confirm(ctx, "ann", "own-"+string(m), ""); err != nil {
				t.Errorf("%s: %v", m, err)
			}
		}
		s.must(s.Cancel(ctx, string(wallet.ModeLate)))
		s.heard(3) // two of one, and the late one
		s.is("late", s.must(s.Inquire(ctx, string(wallet.ModeLate))), wallet.Paid, "")
		s.spent("ann", 20_00)
	})
}
