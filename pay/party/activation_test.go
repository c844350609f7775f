package party_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/pay/party"
)

func (n *node) invite(s shop, ttl time.Duration) string {
	n.t.Helper()
	var secret string
	n.write(func(ctx context.Context, tx *db.Tx) (err error) {
		secret, err = n.reg.NewActivation(ctx, tx, "test", s.terminal.No, ttl)
		return err
	})
	return secret
}

// activate returns a session on a shop's terminal.
func (n *node) activate(s shop) string {
	n.t.Helper()
	session, _, err := n.reg.Activate(n.t.Context(), n.invite(s, time.Hour))
	if err != nil {
		n.t.Fatalf("activate: %v", err)
	}
	return session
}

// Goal: an activation link works once (R10). Method: many use the same link at once.
func TestActivationLinkWorksOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		n := newNode(t, d)
		s := n.shop(n.acquirer("GIFU", false), "1")
		secret := n.invite(s, time.Hour)
		var won atomic.Int64
		var session atomic.Value
		var callers sync.WaitGroup
		for range 8 {
			callers.Go(func() {
				got, terminal, err := n.reg.Activate(t.Context(), secret)
				if err == nil {
					won.Add(1)
					session.Store(got)
					if terminal != s.terminal {
						t.Errorf("activated %+v", terminal)
					}
					return
				}
				want(t, "used link", err, party.ErrActivation)
			})
		}
		callers.Wait()

		if won.Load() != 1 {
			t.Fatalf("%d sessions from one link", won.Load())
		}
		p, err := n.dir.TerminalSession(t.Context(), session.Load().(string))
		if err != nil || p.Terminal == nil || *p.Terminal != s.terminal || p.Store != s.store {
			t.Errorf("session: %+v, %v", p, err)
		}
	})
}

// Goal: a link ends at its time. Method: time passes in a bubble.
func TestActivationLinkExpires(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := newNode(t, dbtest.New(t, db.SQLite, sets()...))
		s := n.shop(n.acquirer("GIFU", false), "1")
		early, late := n.invite(s, time.Hour), n.invite(s, time.Hour)

		time.Sleep(time.Hour - time.Microsecond)
		_, _, err := n.reg.Activate(t.Context(), early)
		want(t, "just before", err, nil)
		time.Sleep(time.Microsecond)
		_, _, err = n.reg.Activate(t.Context(), late)
		want(t, "at its time", err, party.ErrActivation)
	})
}

// Goal: a session ends when it is revoked or its terminal is closed, at once, and links that could
// open another end with it; a suspended terminal keeps it. Method: each in turn, with a session
// that was used before.
func TestSessionEndsWithItsTerminal(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		n := newNode(t, d)
		s := n.shop(n.acquirer("GIFU", false), "1")
		ctx := t.Context()
		first := n.activate(s)
		_, err := n.dir.TerminalSession(ctx, first)
		want(t, "first", err, nil)

		n.write(func(ctx context.Context, tx *db.Tx) error {
			count, err := n.reg.RevokeSessions(ctx, tx, "test", s.terminal.No)
			if count != 1 {
				t.Errorf("%d sessions revoked", count)
			}
			return err
		})
		_, err = n.dir.TerminalSession(ctx, first)
		want(t, "revoked", err, party.ErrSession)

		second := n.activate(s)
		lost, other := n.invite(s, time.Hour), n.shop(n.acquirer("HIDA", false), "2")
		theirs := n.invite(other, time.Hour)
		n.write(func(ctx context.Context, tx *db.Tx) error {
			_, err := n.reg.RevokeSessions(ctx, tx, "test", s.terminal.No)
			return err
		})
		_, err = n.dir.TerminalSession(ctx, second)
		want(t, "revoked too", err, party.ErrSession)
		_, _, err = n.reg.Activate(ctx, lost)
		want(t, "a link that nobody used yet", err, party.ErrActivation)
		_, _, err = n.reg.Activate(ctx, theirs)
		want(t, "another terminal's link", err, nil)

		second = n.activate(s)
		link := n.invite(s, time.Hour)
		n.status(party.KindTerminal, s.terminal.No, party.Suspended)
		p, err := n.dir.TerminalSession(ctx, second)
		want(t, "suspended", err, nil)
		want(t, "suspended", p.Usable(), party.ErrTerminalNotOpen)
		n.status(party.KindTerminal, s.terminal.No, party.Closed)
		_, err = n.dir.TerminalSession(ctx, second)
		want(t, "closed", err, party.ErrSession)
		_, _, err = n.reg.Activate(ctx, link)
		want(t, "link of a closed terminal", err, party.ErrActivation)

		for _, wrong := range []string{"", "x", strings.Repeat("x", 1000), "\x00\xff", second + "x"} {
			_, err := n.dir.TerminalSession(ctx, wrong)
			want(t, "wrong session", err, party.ErrSession)
			_, _, err = n.reg.Activate(ctx, wrong)
			want(t, "wrong link", err, party.ErrActivation)
		}
	})
}

// Goal: no secret stands in the database. Method: every text column of both tables.
func TestSecretsAreStoredAsHashes(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		n := newNode(t, d)
		s := n.shop(n.acquirer("GIFU", false), "1")
		link, session := n.invite(s, time.Hour), n.activate(s)

		err := d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			hashes, err := db.All(ctx, tx, func(r db.Row) (h string, err error) {
				err = r.Scan(&h)
				return h, err
			}, `select hash from terminal_activation union all
				select hash from terminal_session order by 1`)
			for _, h := range hashes {
				if len(h) != 64 || h == link || h == session {
					t.Errorf("stored %q", h)
				}
			}
			if len(hashes) != 3 {
				t.Errorf("%d rows", len(hashes))
			}
			return err
		})
		want(t, "view", err, nil)
	})
}

// Goal: a manager's PIN is known again, and only it. Method: right and wrong PINs.
func TestManagerPINIsKnownAgain(t *testing.T) {
	t.Parallel()
	hash, err := party.HashPIN("2468")
	want(t, "hash", err, nil)
	again, err := party.HashPIN("2468")
	want(t, "hash again", err, nil)
	s := party.Store{ManagerPINHash: hash, PINAboveMinor: 5000}

	if !s.CheckPIN("2468") || hash == again || strings.Contains(hash, "2468") {
		t.Errorf("the PIN is not kept as it should: %s", hash)
	}
	for _, wrong := range []string{"", "2469", "24680", strings.Repeat("1", 1000)} {
		if s.CheckPIN(wrong) || (party.Store{}).CheckPIN(wrong) {
			t.Errorf("%q was taken for the PIN", wrong)
		}
	}
	for _, bad := range []string{"123", "1234567890123", "12a4", ""} {
		_, err := party.HashPIN(bad)
		want(t, bad, err, party.ErrInvalid)
	}
	if s.PINNeeded(5000) || !s.PINNeeded(5001) || (party.Store{}).PINNeeded(5001) {
		t.Error("the PIN is asked for at the wrong amounts")
	}
}
