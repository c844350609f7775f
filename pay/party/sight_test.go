package party_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/pay/party"
)

func (n *node) bring(s party.Sight) (party.Point, error) {
	var p party.Point
	err := n.try(func(ctx context.Context, tx *db.Tx) (err error) {
		p, err = n.reg.BringOnSight(ctx, tx, "aps:GIFU", s)
		return err
	})
	return p, err
}

func ramen(acquirerNo int64) party.Sight {
	return party.Sight{AcquirerNo: acquirerNo, MerchantID: "M9", StoreID: "S9", TerminalID: "T9",
		Name: "飛騨らーめん", MCC: "5812", StoreName: "Takayama", Prefecture: "JP-21"}
}

// Goal: an acquirer that may bring merchants on sight brings them unverified and with low
// limits (R9). Method: bring one, then find it the usual way.
func TestBroughtOnSightIsUnverifiedAndLimited(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		n := newNode(t, d)
		a := n.acquirer("GIFU", true)

		brought, err := n.bring(ramen(a.No))
		want(t, "bring", err, nil)
		p, err := n.dir.Point(t.Context(), a.No, "M9", "S9", "T9")
		want(t, "find", err, nil)

		rules := party.DefaultSight()
		if !p.Merchant.Unverified || !p.Store.Unverified || p.Store.Prefecture != "21" ||
			p.Merchant.NameJA != "飛騨らーめん" || p.Store.NameJA != "" || p.Store.MCC != "5812" {
			t.Errorf("got %+v", p)
		}
		if *p.Store.PerPaymentMaxMinor != rules.PerPaymentMaxMinor ||
			*p.Store.PerDayMaxMinor != rules.PerDayMaxMinor || p.Terminal.CanRefund {
			t.Errorf("limits: %+v, terminal %+v", p.Store, p.Terminal)
		}
		if p.Store.No != brought.Store.No || p.Usable() != nil {
			t.Errorf("brought %d, found %d, %v", brought.Store.No, p.Store.No, p.Usable())
		}
	})
}

// Goal: a known merchant keeps what it is; only what is missing is added, and always
// unverified. Method: a new store and a new terminal at a checked merchant, then all again.
func TestBringOnSightAddsOnlyWhatIsMissing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		n := newNode(t, d)
		s := n.shop(n.acquirer("GIFU", true), "1")
		sight := ramen(s.acquirer.No)
		sight.MerchantID, sight.MCC, sight.Prefecture = "M1", "", ""

		store, err := n.bring(sight)
		want(t, "new store", err, nil)
		again, err := n.bring(sight)
		want(t, "again", err, nil)
		sight.StoreID = "S1"
		terminal, err := n.bring(sight)
		want(t, "new terminal", err, nil)

		if store.Merchant != s.merchant || !store.Store.Unverified || store.Store.MCC != "5812" ||
			store.Store.Prefecture != "" {
			t.Errorf("new store: %+v", store)
		}
		if again.Store.No != store.Store.No || again.Terminal.No != store.Terminal.No {
			t.Errorf("again: %+v, first %+v", again, store)
		}
		if terminal.Store != s.store || terminal.Terminal.ID != "T9" {
			t.Errorf("new terminal: %+v", terminal)
		}
	})
}

// Goal: what may not be brought is refused and leaves nothing. Method: a table of refusals,
// then the merchant must still be unknown.
func TestBringOnSightRefuses(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		n := newNode(t, d)
		strict, a := n.acquirer("STRICT", false), n.acquirer("GIFU", true)
		closed := n.shop(a, "1")
		n.status(party.KindMerchant, closed.merchant.No, party.Suspended)
		gone := n.acquirer("GONE", true)
		n.status(party.KindParticipant, gone.No, party.Suspended)
		before, err := n.dir.Reference(t.Context())
		want(t, "reference", err, nil)

		for what, c := range map[string]struct {
			change func(*party.Sight)
			want   error
		}{
			"not allowed":  {func(s *party.Sight) { s.AcquirerNo = strict.No }, party.ErrMerchantUnknown},
			"not open":     {func(s *party.Sight) { s.AcquirerNo = gone.No }, party.ErrAcquirerNotOpen},
			"no category":  {func(s *party.Sight) { s.MCC = "" }, party.ErrMerchantUnknown},
			"gambling":     {func(s *party.Sight) { s.MCC = "7995" }, party.ErrCategory},
			"tobacco":      {func(s *party.Sight) { s.StoreMCC = "5993" }, party.ErrCategory},
			"bad name":     {func(s *party.Sight) { s.Name = "a\u202eb" }, party.ErrInvalid},
			"bad id":       {func(s *party.Sight) { s.MerchantID = "a\x00" }, party.ErrMerchantUnknown},
			"no store":     {func(s *party.Sight) { s.StoreID = "" }, party.ErrStoreUnknown},
			"bad terminal": {func(s *party.Sight) { s.TerminalID = "\xff" }, party.ErrTerminalUnknown},
			"suspended":    {func(s *party.Sight) { s.MerchantID = "M1" }, party.ErrMerchantNotOpen},
		} {
			sight := ramen(a.No)
			c.change(&sight)
			if _, err := n.bring(sight); !errors.Is(err, c.want) {
				t.Errorf("%s: got %v, want %v", what, err, c.want)
			}
		}
		_, err = n.dir.Point(t.Context(), a.No, "M9", "S9", "")
		want(t, "afterwards", err, party.ErrMerchantUnknown)
		after, err := n.dir.Reference(t.Context())
		if err != nil || after != before {
			t.Errorf("refusals changed the version: %+v, %+v, %v", before, after, err)
		}
	})
}

// Goal: an acquirer cannot fill the directory. Method: a limit of two unverified merchants;
// one that is checked makes room.
func TestUnverifiedMerchantsAreBounded(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		n := newNode(t, d)
		rules := party.DefaultSight()
		rules.MerchantsMax = 2
		n.reg = party.NewRegistry(d, n.dir, n.log, 1, rules)
		a := n.acquirer("GIFU", true)
		bring := func(id string) (party.Point, error) {
			s := ramen(a.No)
			s.MerchantID = id
			return n.bring(s)
		}

		first, err := bring("A")
		want(t, "first", err, nil)
		_, err = bring("B")
		want(t, "second", err, nil)
		_, err = bring("C")
		want(t, "third", err, party.ErrMerchantUnknown)
		n.write(func(ctx context.Context, tx *db.Tx) error {
			return n.reg.SetMerchant(ctx, tx, "test", first.Merchant.No, party.MerchantTerms{
				Name: first.Merchant.Name, MCC: first.Merchant.MCC, MDRPPM: 19_800})
		})
		_, err = bring("C")
		want(t, "after a check", err, nil)
	})
}

// Goal: one unknown merchant named by many payments at once, on two nodes, is brought once.
// Method: all bring the same place at the same time.
func TestBroughtOnceByManyAtOnce(t *testing.T) {
	t.Parallel()
	for _, e := range dbtest.Engines {
		t.Run(e.String(), func(t *testing.T) {
			t.Parallel()
			location := dbtest.Migrated(t, e, sets()...)
			nodes := []*node{newNode(t, dbtest.Open(t, location, db.Options{})),
				newNode(t, dbtest.Open(t, location, db.Options{}))}
			a := nodes[0].acquirer("GIFU", true)
			var mu sync.Mutex
			seen := map[int64]int{}
			var callers sync.WaitGroup
			for i := range 16 {
				callers.Go(func() {
					p, err := nodes[i%2].bring(ramen(a.No))
					if err != nil {
						t.Errorf("bring: %v", err)
						return
					}
					mu.Lock()
					seen[p.Terminal.No]++
					mu.Unlock()
				})
			}
			callers.Wait()

			if len(seen) != 1 || seen[1] != 16 {
				t.Errorf("terminals: %v", seen)
			}
		})
	}
}
