package visitor_test

import (
	"context"
	"errors"
	"net/url"
	"sync"
	"testing"
	"time"

	"watari/visit/visitor"
)

// Goal: a browser that loads its way back from a wallet several times, at once or one after the
// other, on any nodes, is signed in once: each load is given the same session, the wallet is asked
// once, and it counts as one session (V2). Method: eight loads at once on two nodes and one after
// them; one that was broken off; for all wallets.
func TestTheWayBackLoadedTwice(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		other := r.node()
		for _, protocol := range protocols {
			id := r.issuers[protocol].ID
			s := r.begin(protocol, "/visit/tickets")
			q := r.answer(s.URL, users(protocol)[0], "give").Query()
			got, errs := make([]visitor.Entry, 8), make([]error, 8)
			var all sync.WaitGroup
			for i := range got {
				node := []*visitor.Service{r.Service, other}[i%2]
				all.Go(func() { got[i], errs[i] = node.Finish(t.Context(), s.Cookie, id, q) })
			}
			all.Wait()
			calls := r.calls[protocol].Load()
			last, err := other.Finish(t.Context(), s.Cookie, id, q)
			got, errs = append(got, last), append(errs, err)
			first := 0
			for i, e := range got {
				if errs[i] != nil || e.Secret != got[0].Secret || e.Next != "/visit/tickets" ||
					e.Visitor.ID != got[0].Visitor.ID || e.Visitor.IssuerID != id ||
					!e.Until.Equal(got[0].Until) {
					t.Errorf("%s, load %d: %+v, %v", protocol, i, e, errs[i])
				}
				if e.First {
					first++
				}
			}
			if first != 1 || r.calls[protocol].Load() != calls {
				t.Errorf("%s: %d first loads, %d calls more", protocol, first,
					r.calls[protocol].Load()-calls)
			}
			if who, err := other.Session(t.Context(), last.Secret); err != nil ||
				who.ID != last.Visitor.ID {
				t.Errorf("%s: the session: %+v, %v", protocol, who, err)
			}
		}
	})
}

// Goal: what is given once more is given to nobody else: not without the cookie, not for another
// answer, not at another wallet's address, not after a refusal, not after signing out (V2).
func TestTheWayBackIsNobodyElses(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := t.Context()
		for _, protocol := range protocols {
			id := r.issuers[protocol].ID
			var answer url.Values
			over := func(what, cookie, issuer string, change func(url.Values)) {
				t.Helper()
				back := clone(answer)
				change(back)
				calls := r.calls[protocol].Load()
				e, err := r.Finish(ctx, cookie, issuer, back)
				if !errors.Is(err, visitor.ErrTrip) || e.Secret != "" ||
					r.calls[protocol].Load() != calls {
					t.Errorf("%s, %s: %+v, %v", protocol, what, e, err)
				}
			}
			nothing := func(url.Values) {}
			s := r.begin(protocol, "/visit")
			answer = r.answer(s.URL, users(protocol)[0], "give").Query()
			e, err := r.Finish(ctx, s.Cookie, id, answer)
			r.do(err)
			theirs := r.begin(protocol, "/visit")
			over("in another browser", theirs.Cookie, id, nothing)
			over("without a cookie", "", id, nothing)
			over("at another wallet", s.Cookie, r.issuers[protocols[(indexOf(protocol)+1)%
				len(protocols)]].ID, nothing)
			over("with more", s.Cookie, id, func(q url.Values) { q.Set("x", "1") })
			over("with another state", s.Cookie, id, func(q url.Values) {
				q.Set("state", "1")
			})
			r.do(r.SignOut(ctx, e.Secret))
			over("after signing out", s.Cookie, id, nothing)
			// A no stays one.
			s = r.begin(protocol, "/visit")
			answer = r.answer(s.URL, users(protocol)[0], "refuse").Query()
			if _, err := r.Finish(ctx, s.Cookie, id, answer); !errors.Is(err,
				visitor.ErrDenied) {
				t.Errorf("%s: a no: %v", protocol, err)
			}
			over("after a no", s.Cookie, id, nothing)
		}
	})
}

// Goal: a load that the browser breaks off while the wallet is asked is finished all the same, so
// that the next one is signed in.
func TestALoadThatIsBrokenOff(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		for _, protocol := range protocols {
			id := r.issuers[protocol].ID
			s := r.begin(protocol, "/visit")
			q := r.answer(s.URL, users(protocol)[0], "give").Query()
			ctx, cancel := context.WithCancel(t.Context())
			before := r.calls[protocol].Load()
			done := make(chan struct{})
			go func() {
				defer close(done)
				_, _ = r.Finish(ctx, s.Cookie, id, q)
			}()
			for asked := false; !asked; {
				select {
				case <-done:
					asked = true
				case <-time.After(time.Millisecond):
					asked = r.calls[protocol].Load() != before
				}
			}
			cancel()
			e, err := r.Finish(t.Context(), s.Cookie, id, q)
			<-done
			if err != nil || e.Secret == "" {
				t.Errorf("%s: %+v, %v", protocol, e, err)
			}
		}
	})
}
