package party_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/pay/party"
)

// Goal: one look-up tells everything the payment path asks. Method: a shop found by its
// acquirer's ids, by store number, by terminal number, and by store id alone.
func TestPointIsTheWholePlace(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		n := newNode(t, d)
		s := n.shop(n.acquirer("GIFU", false), "1")
		ctx := t.Context()

		byID, err := n.find(s)
		want(t, "by ids", err, nil)
		byTerminal, err := n.dir.Terminal(ctx, s.terminal.No)
		want(t, "by terminal", err, nil)
		byStore, err := n.dir.Store(ctx, s.store.No)
		want(t, "by store", err, nil)
		alone, err := n.dir.StoreByID(ctx, s.acquirer.No, s.store.ID)
		want(t, "by store id", err, nil)

		for what, p := range map[string]party.Point{
			"by ids": byID, "by terminal": byTerminal, "by store": byStore, "alone": alone,
		} {
			if p.Acquirer != s.acquirer || p.Merchant != s.merchant || p.Store != s.store ||
				p.Agreement.Currency != "JPY" || p.Agreement.Version != 1 {
				t.Errorf("%s: got %+v", what, p)
			}
			if p.Usable() != nil {
				t.Errorf("%s: not usable: %v", what, p.Usable())
			}
		}
		if byID.Terminal == nil || *byID.Terminal != s.terminal || byStore.Terminal != nil {
			t.Errorf("terminals: %+v, %+v", byID.Terminal, byStore.Terminal)
		}
	})
}

// Goal: what is not known, or cannot be an id, is unknown and no error of the database.
// Method: a table of names, two of which PostgreSQL would not take as text.
func TestUnknownNamesAreUnknown(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		n := newNode(t, d)
		s := n.shop(n.acquirer("GIFU", false), "1")
		other := n.acquirer("KYOTO", false)
		ctx := t.Context()

		for _, c := range []struct {
			acquirer                  int64
			merchant, store, terminal string
			want                      error
		}{
			{s.acquirer.No, "M2", "S1", "", party.ErrMerchantUnknown},
			{s.acquirer.No, "m1", "S1", "", party.ErrMerchantUnknown},
			{s.acquirer.No, "M1\x00", "S1", "", party.ErrMerchantUnknown},
			{s.acquirer.No, "\xff", "S1", "", party.ErrMerchantUnknown},
			{s.acquirer.No, "M1 ", "S1", "", party.ErrMerchantUnknown},
			{s.acquirer.No, "M1", "S2", "", party.ErrStoreUnknown},
			{s.acquirer.No, "M1", "", "", party.ErrStoreUnknown},
			{s.acquirer.No, "", "S2", "", party.ErrStoreUnknown},
			{s.acquirer.No, "M1", "S1", "T2", party.ErrTerminalUnknown},
			{s.acquirer.No, "M1", "S1", "T\n", party.ErrTerminalUnknown},
			{other.No, "M1", "S1", "T1", party.ErrMerchantUnknown},
			{99, "M1", "S1", "T1", party.ErrParticipantUnknown},
		} {
			_, err := n.dir.Point(ctx, c.acquirer, c.merchant, c.store, c.terminal)
			if !errors.Is(err, c.want) {
				t.Errorf("%+v: got %v", c, err)
			}
		}
		_, err := n.dir.Terminal(ctx, 0)
		want(t, "terminal 0", err, party.ErrTerminalUnknown)
		_, err = n.dir.Store(ctx, -1)
		want(t, "store -1", err, party.ErrStoreUnknown)
		_, err = n.dir.ByClient(ctx, "CLIENT_NOBODY")
		want(t, "client", err, party.ErrParticipantUnknown)
		_, err = n.dir.WalletByGroup(ctx, "alipay")
		want(t, "group", err, party.ErrWalletUnknown)
		_, err = n.dir.Wallet(ctx, s.acquirer.No)
		want(t, "an acquirer as wallet", err, party.ErrWalletUnknown)
	})
}

// Goal: two merchants may call a store alike, and a message that does not name the merchant is
// then refused, never guessed. Method: the same store id twice.
func TestStoreIDAloneMustBeUnique(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		n := newNode(t, d)
		a := n.acquirer("GIFU", false)
		first := n.shop(a, "1")
		_, err := n.dir.Point(t.Context(), a.No, "", "S1", "")
		want(t, "only one", err, nil)

		second := n.shop(a, "2")
		n.write(func(ctx context.Context, tx *db.Tx) error {
			_, err := n.reg.AddStore(ctx, tx, "test", party.Store{MerchantNo: second.merchant.No,
				ID: "S1", Name: "Gero", Prefecture: "21", MCC: "5812"})
			return err
		})

		_, err = n.dir.Point(t.Context(), a.No, "", "S1", "")
		want(t, "two", err, party.ErrStoreUnknown)
		p, err := n.dir.Point(t.Context(), a.No, "M2", "S1", "")
		if err != nil || p.Store.Name != "Gero" || p.Store.No == first.store.No {
			t.Errorf("named: %+v, %v", p.Store, err)
		}
	})
}

// Goal: a suspended store is refused by every payment that begins after the commit, on the
// same node at once (R3). Method: callers look up without pause while the status flips; each
// knows which status was committed before it began.
func TestSuspensionIsObeyedAtOnceOnItsNode(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		n := newNode(t, d)
		s := n.shop(n.acquirer("GIFU", false), "1")
		// committed counts flips that are committed; begun counts those that were begun. An
		// odd number is suspended.
		var begun, committed atomic.Int64
		done := make(chan struct{})
		var looks sync.WaitGroup
		for range 4 {
			looks.Go(func() {
				for {
					select {
					case <-done:
						return
					default:
					}
					before := committed.Load()
					err := n.usable(s)
					after := begun.Load()
					if before != after {
						continue // it changed meanwhile: both answers are right
					}
					if suspended := before%2 == 1; suspended != errors.Is(err, party.ErrStoreNotOpen) {
						t.Errorf("after %d flips: %v", before, err)
						return
					}
				}
			})
		}

		for i := range 40 {
			to := party.Suspended
			if i%2 == 1 {
				to = party.Open
			}
			begun.Add(1)
			n.status(party.KindStore, s.store.No, to)
			committed.Add(1)
			time.Sleep(2 * time.Millisecond)
		}
		close(done)
		looks.Wait()
	})
}

// Goal: another node obeys within 500 ms (R3). Method: two handles on one database; every
// look-up that begins half a second after the commit must refuse, and the cache must have been
// warm before.
func TestSuspensionIsObeyedElsewhereWithinHalfASecond(t *testing.T) {
	t.Parallel()
	for _, e := range dbtest.Engines {
		t.Run(e.String(), func(t *testing.T) {
			t.Parallel()
			location := dbtest.Migrated(t, e, sets()...)
			here := newNode(t, dbtest.Open(t, location, db.Options{}))
			there := newNode(t, dbtest.Open(t, location, db.Options{}))
			s := here.shop(here.acquirer("GIFU", false), "1")
			want(t, "warm", there.usable(s), nil)

			here.status(party.KindStore, s.store.No, party.Suspended)
			committed := clock.Now()

			for {
				began := clock.Now()
				err := there.usable(s)
				if errors.Is(err, party.ErrStoreNotOpen) {
					break
				}
				if err != nil || began.Sub(committed) >= 500*time.Millisecond {
					t.Fatalf("%v after the commit: %v", began.Sub(committed), err)
				}
				time.Sleep(5 * time.Millisecond)
			}
		})
	}
}

// Goal: a payment batch refuses by everything that was committed when its transaction read the
// version, on any node, and its node's directory follows. Method: a point that was read before
// the change goes through a Reading after it; the other node has not asked meanwhile.
func TestBatchSeesEveryCommittedChange(t *testing.T) {
	t.Parallel()
	for _, e := range dbtest.Engines {
		t.Run(e.String(), func(t *testing.T) {
			t.Parallel()
			location := dbtest.Migrated(t, e, sets()...)
			here := newNode(t, dbtest.Open(t, location, db.Options{}))
			there := newNode(t, dbtest.Open(t, location, db.Options{}))
			s := here.shop(here.acquirer("GIFU", false), "1")
			issuer := here.issuer("ALI", "alipay")
			ctx := t.Context()
			p, err := there.find(s)
			want(t, "point", err, nil)
			w, err := there.dir.Wallet(ctx, issuer.No)
			want(t, "wallet", err, nil)

			here.status(party.KindTerminal, s.terminal.No, party.Suspended)
			here.status(party.KindParticipant, issuer.No, party.Suspended)

			there.write(func(ctx context.Context, tx *db.Tx) error {
				now, err := there.dir.Read(ctx, tx)
				if err != nil {
					return err
				}
				q, err := now.Point(ctx, p)
				want(t, "reading", err, nil)
				want(t, "terminal", q.Usable(), party.ErrTerminalNotOpen)
				v, err := now.Wallet(ctx, w)
				want(t, "reading wallet", err, nil)
				if v.InService() || !w.InService() {
					t.Errorf("in service: %v, before %v", v.InService(), w.InService())
				}
				same, err := now.Point(ctx, q)
				if err != nil || same != q {
					t.Errorf("a current point was changed: %+v, %v", same, err)
				}
				return nil
			})
			want(t, "directory after the batch", there.usable(s), party.ErrTerminalNotOpen)
		})
	}
}

// Goal: nothing that was not committed is ever seen (R4). Method: a suspension is looked at
// from outside while it is open, then rolled back; later a real change is obeyed.
func TestRolledBackChangeIsNeverSeen(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		n := newNode(t, d)
		s := n.shop(n.acquirer("GIFU", false), "1")
		other := n.shop(s.acquirer, "2")
		enough := errors.New("enough")

		err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			if err := n.reg.SetStatus(ctx, tx, "test", party.KindStore, s.store.No,
				party.Suspended); err != nil {
				return err
			}
			now, err := n.dir.Read(ctx, tx)
			if err != nil {
				return err
			}
			inside, err := now.Find(ctx, s.acquirer.No, s.merchant.ID, s.store.ID, "")
			want(t, "inside", err, nil)
			want(t, "inside", inside.Usable(), party.ErrStoreNotOpen)
			want(t, "outside", n.usable(s), nil)
			return enough
		})

		if !errors.Is(err, enough) {
			t.Fatalf("got %v", err)
		}
		want(t, "after the rollback", n.usable(s), nil)
		n.status(party.KindStore, other.store.No, party.Suspended)
		want(t, "the other", n.usable(other), party.ErrStoreNotOpen)
		want(t, "the first", n.usable(s), nil)
	})
}

// Goal: an agreement that is made for the future takes over at its instant, and one that ends
// stops then, without anybody bumping the version (R6). Method: days pass in a bubble.
func TestAgreementTakesOverAtItsInstant(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := newNode(t, dbtest.New(t, db.SQLite, sets()...))
		issuer := n.issuer("ALI", "alipay")
		noon := clock.Now().Add(36 * time.Hour)
		n.write(func(ctx context.Context, tx *db.Tx) error {
			_, err := n.reg.AddAgreement(ctx, tx, "test", party.Agreement{
				ParticipantNo: issuer.No, Role: party.Issuer, Currency: "CNY",
				Zone: "Asia/Shanghai", SpreadPPM: 7000, FromUS: clock.Micros(noon),
				UntilUS: clock.Micros(noon.Add(time.Hour))})
			return err
		})
		spread := func() int64 {
			w, err := n.dir.Wallet(t.Context(), issuer.No)
			want(t, "wallet", err, nil)
			a, err := n.dir.Agreement(t.Context(), issuer.No, party.Issuer, "CNY")
			if err != nil || a.Version != w.Agreement.Version {
				t.Errorf("agreement %d, %v, wallet has %d", a.Version, err, w.Agreement.Version)
			}
			return w.Agreement.SpreadPPM
		}

		before := spread()
		time.Sleep(noon.Sub(clock.Now()) - time.Microsecond)
		last := spread()
		time.Sleep(time.Microsecond)
		after := spread()
		time.Sleep(time.Hour)
		again := spread()

		if before != 5000 || last != 5000 || after != 7000 || again != 5000 {
			t.Errorf("got %d, %d, %d, %d", before, last, after, again)
		}
		old, err := n.dir.AgreementVersion(t.Context(), issuer.No, party.Issuer, "CNY", 2)
		if err != nil || old.SpreadPPM != 7000 {
			t.Errorf("version 2: %+v, %v", old, err)
		}
	})
}

// Goal: the clearing day ends at the cut-off in the agreement's own zone. Method: a table of
// instants around a cut-off and around midnight.
func TestClearingDayEndsAtTheCutOff(t *testing.T) {
	t.Parallel()
	at := func(s string) time.Time {
		when, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	for _, c := range []struct {
		zone   string
		cutOff int
		at     string
		want   string
	}{
		{"Asia/Tokyo", 0, "2026-11-22T14:59:59Z", "2026-11-22"},
		{"Asia/Tokyo", 0, "2026-11-22T15:00:00Z", "2026-11-23"},
		{"Asia/Shanghai", 0, "2026-11-22T15:30:00Z", "2026-11-22"},
		{"Asia/Tokyo", 900, "2026-11-22T05:59:59Z", "2026-11-22"},
		{"Asia/Tokyo", 900, "2026-11-22T06:00:00Z", "2026-11-23"},
		{"Asia/Tokyo", 900, "2026-12-31T06:00:00Z", "2027-01-01"},
		{"Europe/Berlin", 60, "2026-03-29T00:30:00Z", "2026-03-30"},
	} {
		a := party.Agreement{Zone: c.zone, CutOffMin: c.cutOff}

		if got := a.ClearingDay(at(c.at)); got != c.want {
			t.Errorf("%s, cut-off %d, %s: got %s, want %s", c.zone, c.cutOff, c.at, got, c.want)
		}
	}
}

// BenchmarkPoint measures a warm look-up.
func BenchmarkPoint(b *testing.B) {
	n := newNode(b, dbtest.New(b, db.SQLite, sets()...))
	s := n.shop(n.acquirer("GIFU", false), "1")
	for b.Loop() {
		if _, err := n.find(s); err != nil {
			b.Fatal(err)
		}
	}
}
