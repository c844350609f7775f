package sandbox_test

import (
	"context"
	"errors"
	"testing"

	"watari/kit/db"
	"watari/pay/party"
	"watari/sandbox/seed"
)

// Goal: the till of a shop can be opened as often as somebody asks, and only while there is one.
// Method: two links for one shop, then the till is closed; a shop that is not there.
func TestTillIsInvitedAsOftenAsAsked(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, s *site) {
		p := s.seeded()
		shop := seed.Shops()[0]
		var till party.Terminal
		for range 2 {
			secret, err := p.network.InviteOne(t.Context(), shop.StoreID)
			if err != nil {
				t.Fatal(err)
			}
			_, till, err = p.network.Registry.Activate(t.Context(), secret)
			if err != nil || till.ID != shop.TerminalID {
				t.Errorf("activated %+v, %v", till, err)
			}
		}
		if _, err := p.network.InviteOne(t.Context(), "S9999"); !errors.Is(err, seed.ErrNoTill) {
			t.Errorf("no such shop: %v", err)
		}

		err := p.network.Registry.Change(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			return p.network.Registry.SetStatus(ctx, tx, "test", party.KindTerminal, till.No,
				party.Closed)
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = p.network.InviteOne(t.Context(), shop.StoreID)
		if !errors.Is(err, party.ErrTerminalNotOpen) {
			t.Errorf("a closed till: %v", err)
		}
	})
}

// Goal: the first page and sandbox.json name the same phones and the same wallet. Method: compare.
func TestOutsideIsWhatTheFileTells(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, s *site) {
		p := s.seeded()
		c := s.write(p)

		o, err := p.store.Outside(t.Context(), "")

		if err != nil || len(o.Wallets) != len(c.Wallets) {
			t.Fatalf("got %+v, %v", o, err)
		}
		n := 0
		for i, w := range o.Wallets {
			if listed := c.Wallets[i]; w.ControlURL != listed.ControlURL || w.ID != listed.ID {
				t.Errorf("wallet %+v, listed %+v", w, listed)
			}
			for _, phone := range w.Phones {
				u := c.Users[n]
				n++
				if phone.URL != u.PhoneURL || phone.ID != u.ID || w.ID != u.Wallet ||
					phone.Name+" "+phone.NameEN != u.Name {
					t.Errorf("phone %+v, user %+v", phone, u)
				}
			}
		}
		far, err := p.store.Outside(t.Context(), "192.0.2.7")
		if one, two := far.Wallets[0], o.Wallets[0]; err != nil || n != len(c.Users) ||
			one.ControlURL != two.ControlURL || one.Phones[0].URL == two.Phones[0].URL {
			t.Errorf("from afar: %+v, %v; %d phones", far, err, n)
		}
	})
}
