package visitor_test

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"watari/kit/db"
	"watari/visit/visitor"
)

var protocols = []string{"alipayplus", "wechatpay", "linepay", "paypay"}

// Goal: whoever has a wallet is let in with it, and is the same visitor whenever and wherever they
// come again; two users, and two wallets, are never one (V1). Method: two users of each of the four
// wallets, twice, by real requests to the simulated wallets, on two nodes.
func TestAWalletsUserIsOneVisitor(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ids := map[string]string{}
		for _, protocol := range protocols {
			for _, user := range users(protocol) {
				first := r.enter(protocol, user)
				if !first.First || first.Next != "/visit/tickets" ||
					first.Visitor.IssuerID != r.issuers[protocol].ID ||
					first.Visitor.Lang != "zh-Hans" {
					t.Errorf("%s: %+v", user, first)
				}
				again := r.enter(protocol, user)
				if again.First || again.Visitor.ID != first.Visitor.ID ||
					again.Secret == first.Secret {
					t.Errorf("%s came again: %+v, was %+v", user, again, first)
				}
				if is := ids[first.Visitor.ID]; is != "" {
					t.Errorf("%s is taken for %s", user, is)
				}
				ids[first.Visitor.ID] = user
				who, err := r.node().Session(t.Context(), again.Secret)
				if err != nil || who.ID != first.Visitor.ID {
					t.Errorf("%s on another node: %+v, %v", user, who, err)
				}
			}
		}
	})
}

// Goal: somebody who signs in for the first time with two phones at once is one visitor, and both
// are let in (V1). Method: six answers of one user, brought back at the same time, to two nodes.
func TestFirstSignInsAtOnceAreOneVisitor(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		other := r.node()
		for _, protocol := range protocols {
			id := r.issuers[protocol].ID
			type answer struct {
				cookie string
				query  url.Values
				got    visitor.Entry
				err    error
			}
			all := make([]answer, 6)
			for i := range all {
				s := r.begin(protocol, "/visit")
				all[i] = answer{cookie: s.Cookie,
					query: r.answer(s.URL, users(protocol)[0], "give").Query()}
			}
			var wait sync.WaitGroup
			for i := range all {
				node, a := []*visitor.Service{r.Service, other}[i%2], &all[i]
				wait.Go(func() { a.got, a.err = node.Finish(t.Context(), a.cookie, id, a.query) })
			}
			wait.Wait()
			first := 0
			for _, a := range all {
				if a.err != nil || a.got.Visitor.ID != all[0].got.Visitor.ID {
					t.Errorf("%s: %s, %v", protocol, a.got.Visitor.ID, a.err)
				}
				if a.got.First {
					first++
				}
			}
			if first != 1 {
				t.Errorf("%s: %d were the first", protocol, first)
			}
		}
	})
}

// Goal: the tables alone name nobody (V1). Method: everything that is kept of a user, searched for
// the id that their wallet has of them.
func TestTablesNameNobody(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		for _, protocol := range protocols {
			r.enter(protocol, users(protocol)[0])
		}
		var all strings.Builder
		r.do(r.db.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			for _, q := range []string{
				`select id || subject_hash || subject || customer_hash || name from visitor`,
				`select hash || visitor_id from visitor_session`, `select secret from visitor_key`,
				`select data from event`,
			} {
				err := tx.Each(ctx, func(row db.Row) error {
					var s string
					err := row.Scan(&s)
					all.WriteString(s + "\n")
					return err
				}, q+` order by 1`)
				if err != nil {
					return err
				}
			}
			return nil
		}))
		for _, protocol := range protocols {
			if strings.Contains(all.String(), protocol+"-ann") {
				t.Errorf("the id of a user of %s is readable", protocol)
			}
		}
		if !strings.Contains(all.String(), "v1.") {
			t.Error("nothing is sealed")
		}
	})
}

// Goal: an answer is good for one browser, one question, one wallet, ten minutes and one time (V2).
// Method: for each wallet the answer of a user who said yes, brought back wrongly in each way; the
// wallet's server counts its calls, because a wrong answer is not even asked about.
func TestAnAnswerIsGoodOnceForWhoAsked(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := t.Context()
		for _, protocol := range protocols {
			id := r.issuers[protocol].ID
			other := r.issuers[protocols[(indexOf(protocol)+1)%len(protocols)]].ID
			mine := func() (visitor.Start, url.Values) {
				s := r.begin(protocol, "/visit")
				return s, r.answer(s.URL, users(protocol)[0], "give").Query()
			}
			wrong := func(what string, err, want error, calls int64) {
				t.Helper()
				if !errors.Is(err, want) {
					t.Errorf("%s, %s: got %v, want %v", protocol, what, err, want)
				}
				if calls != r.calls[protocol].Load() {
					t.Errorf("%s, %s: the wallet was asked", protocol, what)
				}
			}
			// The browser of somebody else, with an answer that an attacker sent it.
			s, q := mine()
			theirs := r.begin(protocol, "/visit")
			calls := r.calls[protocol].Load()
			_, err := r.Finish(ctx, theirs.Cookie, id, q)
			wrong("in another browser", err, visitor.ErrTrip, calls)
			_, err = r.Finish(ctx, "", id, q)
			wrong("without a cookie", err, visitor.ErrTrip, calls)
			_, err = r.Finish(ctx, "wg_"+strings.Repeat("0", 52), id, q)
			wrong("with an invented cookie", err, visitor.ErrTrip, calls)
			// Right in everything but one thing, which uses the trip up.
			_, err = r.Finish(ctx, s.Cookie, other, q)
			wrong("at another wallet's address", err, visitor.ErrTrip, calls)
			_, err = r.Finish(ctx, s.Cookie, id, q)
			wrong("after a wrong try", err, visitor.ErrTrip, calls)
			s, q = mine()
			calls = r.calls[protocol].Load()
			changed := clone(q)
			changed.Set("state", strings.ToUpper(q.Get("state")))
			_, err = r.Finish(ctx, s.Cookie, id, changed)
			wrong("with another state", err, visitor.ErrTrip, calls)
			s, q = mine()
			calls = r.calls[protocol].Load()
			twice := clone(q)
			twice.Add("state", "x")
			_, err = r.Finish(ctx, s.Cookie, id, twice)
			wrong("with two states", err, visitor.ErrTrip, calls)
			s, q = mine()
			r.shift.Add(int64(visitor.TripTime))
			calls = r.calls[protocol].Load()
			_, err = r.Finish(ctx, s.Cookie, id, q)
			wrong("ten minutes later", err, visitor.ErrTrip, calls)
			r.shift.Store(0)
			// Once, and no more when its minute is over.
			s, q = mine()
			if _, err = r.Finish(ctx, s.Cookie, id, q); err != nil {
				t.Errorf("%s: %v", protocol, err)
			}
			calls = r.calls[protocol].Load()
			r.shift.Add(int64(visitor.RepeatTime))
			_, err = r.Finish(ctx, s.Cookie, id, q)
			wrong("a second time", err, visitor.ErrTrip, calls)
			r.shift.Store(0)
		}
	})
}

func indexOf(protocol string) int {
	for i, p := range protocols {
		if p == protocol {
			return i
		}
	}
	return -1
}

func clone(q url.Values) url.Values {
	c := url.Values{}
	for k, v := range q {
		c[k] = append([]string(nil), v...)
	}
	return c
}

// Goal: a code that was stolen on the way is worthless where the protocol can bind it to a trip
// (LINE by PKCE and nonce, PayPay by the nonce of the session), and works once where it cannot.
// Method: the answer of one user, with the state of the thief's own trip; then again in the
// browser that it was meant for.
func TestAStolenCodeIsWorthLittle(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		for _, protocol := range protocols {
			id := r.issuers[protocol].ID
			ann := r.begin(protocol, "/visit")
			stolen := r.answer(ann.URL, users(protocol)[0], "give").Query()
			thief := r.begin(protocol, "/visit")
			own := r.answer(thief.URL, users(protocol)[1], "give").Query()
			mixed := clone(stolen)
			mixed.Set("state", own.Get("state"))
			e, err := r.Finish(t.Context(), thief.Cookie, id, mixed)
			switch {
			case protocol == "linepay" || protocol == "paypay":
				// The proof is bound to the trip: by PKCE, and by the nonce of the session.
				if !errors.Is(err, visitor.ErrDenied) {
					t.Errorf("%s: a stolen code: %+v, %v", protocol, e.Visitor, err)
				}
			case err != nil:
				t.Errorf("%s has no way to notice, and did: %v", protocol, err)
			}
			if _, err = r.Finish(t.Context(), ann.Cookie, id, stolen); err == nil &&
				protocol != "paypay" {
				t.Errorf("%s: the code works a second time", protocol)
			}
		}
	})
}

// Goal: who says no is not let in, and nothing is left of the try. Method: a no on each wallet's
// page, and an answer without a code.
func TestANoIsANo(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		for _, protocol := range protocols {
			s := r.begin(protocol, "/visit")
			back := r.answer(s.URL, users(protocol)[0], "refuse")
			e, err := r.Finish(t.Context(), s.Cookie, r.issuers[protocol].ID, back.Query())
			if !errors.Is(err, visitor.ErrDenied) || e.Next != "/visit" || e.Secret != "" {
				t.Errorf("%s refused: %+v, %v", protocol, e, err)
			}
			s = r.begin(protocol, "/visit")
			u, err := url.Parse(r.answer(s.URL, users(protocol)[0], "give").String())
			r.do(err)
			_, err = r.Finish(t.Context(), s.Cookie, r.issuers[protocol].ID,
				url.Values{"state": u.Query()["state"]})
			if !errors.Is(err, visitor.ErrDenied) {
				t.Errorf("%s without a code: %v", protocol, err)
			}
		}
	})
}

// Goal: nobody is sent to another site, however the address is written (V4). Method: addresses
// that browsers read in ways of their own, with those that are right.
func TestNobodyIsSentElsewhere(t *testing.T) {
	t.Parallel()
	for _, next := range []string{"", "https://evil.example/", "//evil.example/visit",
		"/\\evil.example", "\\/evil.example", "/visit\\..\\..", "/visit/../account", "javascript:x",
		"/visit\n/x", "/visit/\tx", "http:/visit", "/account", "/visitors", "/visit//evil.example",
		"//visit", "/visit/sign-in?next=/visit", "/visit/%2e%2e/account", "visit",
		"/visit/x y", "https:///visit", "/visit@evil.example",
		"/visit/" + strings.Repeat("x", 2000)} {
		if got := visitor.OwnPath(next); got != "/visit" {
			t.Errorf("%q leads to %q", next, got)
		}
	}
	for _, next := range []string{"/visit", "/visit/tickets", "/visit?x=1",
		"/visit/park/fuji-kogen?day=2026-11-23#top"} {
		if got := visitor.OwnPath(next); got != next {
			t.Errorf("%q leads to %q", next, got)
		}
	}
}

// Goal: a session ends when it should, everywhere (V3). Method: signing out, thirty days, too many
// browsers; on the node that did it at once, on another within two seconds.
func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx, other := t.Context(), r.node()
		signedOut := func(what string, s *visitor.Service, secret string) {
			t.Helper()
			if _, err := s.Session(ctx, secret); !errors.Is(err, visitor.ErrSignedOut) {
				t.Errorf("%s: %v", what, err)
			}
		}
		for _, secret := range []string{"", "wv_", "wv_" + strings.Repeat("0", 52),
			"ws_" + strings.Repeat("0", 52)} {
			signedOut("an invented secret", r.Service, secret)
		}
		e := r.enter("linepay", "linepay-ann")
		if _, err := other.Session(ctx, e.Secret); err != nil {
			t.Fatal(err)
		}
		r.do(r.SignOut(ctx, e.Secret))
		signedOut("after signing out", r.Service, e.Secret)
		r.do(r.SignOut(ctx, e.Secret))
		old := r.enter("linepay", "linepay-ann")
		r.shift.Add(int64(visitor.SessionTime))
		signedOut("after thirty days", r.Service, old.Secret)
		r.shift.Store(0)
		for range visitor.SessionsMax {
			r.shift.Add(int64(time.Second))
			r.enter("linepay", "linepay-ann")
		}
		signedOut("when there are too many", r.node(), old.Secret)
		signedOut("on another node", r.node(), e.Secret)
	})
}

// Goal: who is forgotten is unknown, and comes back as somebody new (V6). Method: every table of
// the package before and after.
func TestForgottenIsForgotten(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := t.Context()
		ann, bob := r.enter("wechatpay", "wechatpay-ann"), r.enter("wechatpay", "wechatpay-bob")
		r.do(r.SetLang(ctx, ann.Visitor.ID, "ko"))
		if v, err := r.Find(ctx, ann.Visitor.ID); err != nil || v.Lang != "ko" {
			t.Errorf("language: %+v, %v", v, err)
		}
		r.do(r.Forget(ctx, ann.Visitor.ID))
		r.do(r.Forget(ctx, ann.Visitor.ID))
		if _, err := r.Session(ctx, ann.Secret); !errors.Is(err, visitor.ErrSignedOut) {
			t.Errorf("session: %v", err)
		}
		for _, q := range []string{`select id from visitor where id = $1`,
			`select hash from visitor_session where visitor_id = $1`,
			`select payment_id from visitor_payment where visitor_id = $1`} {
			left := 0
			r.do(r.db.View(ctx, func(ctx context.Context, tx *db.Tx) error {
				return tx.Each(ctx, func(db.Row) error { left++; return nil }, q, ann.Visitor.ID)
			}))
			if left != 0 {
				t.Errorf("%s: %d rows are left", q, left)
			}
		}
		if _, err := r.Find(ctx, ann.Visitor.ID); !errors.Is(err, visitor.ErrUnknown) {
			t.Errorf("visitor: %v", err)
		}
		if _, err := r.Session(ctx, bob.Secret); err != nil {
			t.Errorf("somebody else: %v", err)
		}
		again := r.enter("wechatpay", "wechatpay-ann")
		if !again.First || again.Visitor.ID == ann.Visitor.ID {
			t.Errorf("came back as %+v", again)
		}
		if err := r.SetLang(ctx, ann.Visitor.ID, "ja"); !errors.Is(err, visitor.ErrUnknown) {
			t.Errorf("language of nobody: %v", err)
		}
	})
}

// Goal: a wallet that is closed, unknown or out of order is told apart, and lets nobody in. Method:
// an id of nobody, a bank, a wallet whose server is gone.
func TestWalletsThatCannot(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := t.Context()
		for _, id := range []string{"", "nobody", r.bank.ID} {
			_, err := r.Begin(ctx, visitor.Beginning{IssuerID: id, ReturnURL: here})
			if !errors.Is(err, visitor.ErrWalletUnknown) {
				t.Errorf("%q: %v", id, err)
			}
		}
		list, err := r.Wallets(ctx)
		if err != nil || len(list) != len(protocols) {
			t.Errorf("wallets: %+v, %v", list, err)
		}
		s := r.begin("linepay", "/visit")
		q := r.answer(s.URL, "linepay-ann", "give").Query()
		gone, cancel := context.WithCancel(ctx)
		cancel()
		if _, err := r.Finish(gone, s.Cookie, r.issuers["linepay"].ID, q); err == nil {
			t.Error("somebody was let in without an answer")
		}
	})
}

// passes notes who hands over to whom what is counted.
type passes struct{ seen [][2]string }

// Pass implements visitor.Counts.
func (p *passes) Pass(_ context.Context, _ *db.Tx, from, to string) error {
	p.seen = append(p.seen, [2]string{from, to})
	return nil
}

// Goal: what is counted for somebody goes on when they are forgotten, under an id that stands in no
// table of the package, and is handed to who comes back with the same wallet, once; others get
// nothing of it (V7).
func TestCountsOutliveBeingForgotten(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx, p := t.Context(), &passes{}
		r.counts = p
		r.Service = r.node()
		ann := r.enter("linepay", "linepay-ann")
		r.do(r.Forget(ctx, ann.Visitor.ID))
		r.do(r.Forget(ctx, ann.Visitor.ID))
		bob := r.enter("linepay", "linepay-bob")
		again := r.enter("linepay", "linepay-ann")
		r.enter("linepay", "linepay-ann")
		if len(p.seen) != 4 {
			t.Fatalf("handed over: %v", p.seen)
		}
		gone := p.seen[1][1]
		if !strings.HasPrefix(gone, visitor.GonePrefix) || strings.Contains(gone,
			ann.Visitor.SubjectHash) || p.seen[0][0] != gone {
			t.Errorf("nobody is %s", gone)
		}
		want := [][2]string{{gone, ann.Visitor.ID}, {ann.Visitor.ID, gone},
			{p.seen[2][0], bob.Visitor.ID}, {gone, again.Visitor.ID}}
		if !slices.Equal(p.seen, want) || p.seen[2][0] == gone {
			t.Errorf("handed over: %v, want %v", p.seen, want)
		}
	})
}
