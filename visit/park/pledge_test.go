package park_test

import (
	"context"
	"testing"

	"watari/kit/db"
	"watari/pay/promo"
	"watari/visit/park"
)

// Goal: a discount that a wallet bears a part of is sold while the wallet has agreed to that part
// and has something left; else nobody is promised it, and the price is the list's.
func TestWalletPriceNeedsThePledge(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		_, err := r.PutDiscount(ctx, park.Discount{ParkID: r.park.ID, Name: name("Wallet week"),
			Rule: park.Rule{ID: "wallet-10", Kind: park.ForWallet, OffPPM: 100_000,
				WalletPPM: 500_000}}, "test")
		r.do("put a discount", err)
		set := func(q string) {
			r.do("set", r.db.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
				_, err := tx.Exec(ctx, `update promo_pledge set `+q)
				return err
			}))
		}
		q := r.request(item("day", "adult", 1))
		q.IssuerID = r.wallet.ID
		looks := func(when string, price int64) {
			t.Helper()
			for _, issuer := range []string{"", r.wallet.ID} {
				offers, err := r.Offers(ctx, park.OfferQuery{ParkID: r.park.ID, Day: day,
					IssuerID: issuer})
				r.do("offers", err)
				u := offers[0].Units[0]
				if issuer == "" && (len(u.Deals) == 1) != (price < 6800) {
					t.Errorf("%s: deals %+v", when, u.Deals)
				}
				if issuer != "" && u.Price != price {
					t.Errorf("%s: offered for %d, want %d", when, u.Price, price)
				}
			}
			days, err := r.Calendar(ctx, park.CalendarQuery{ParkID: r.park.ID, From: day,
				To: day, Product: "day", IssuerID: r.wallet.ID})
			r.do("calendar", err)
			if days[0].Price != price {
				t.Errorf("%s: the calendar says %d, want %d", when, days[0].Price, price)
			}
		}
		looks("agreed", 6120)
		set(`share_ppm = 499999`)
		looks("to a smaller part", 6800)
		set(`share_ppm = 500000, until_us = from_us`)
		set(`until_us = 1`)
		looks("over", 6800)
		set(`until_us = 0, budget_minor = 340`)
		looks("340 yen", 6120)
		dear := r.request(item("day", "adult", 2))
		dear.IssuerID = r.wallet.ID
		_, err = r.orders.Hold(ctx, dear)
		r.refused("two for one", err, promo.ErrPledge)
		if n := r.taken("gate", day, ""); n != 0 {
			t.Errorf("%d are taken by who was refused", n)
		}
		if o := r.hold(q); o.Total != 6120 {
			t.Errorf("it costs %d", o.Total)
		}
		looks("used up", 6800)
		more := r.request(item("day", "adult", 1))
		more.IssuerID = r.wallet.ID
		if o := r.hold(more); o.Total != 6800 || len(o.Lines[0].Funding) != 0 {
			t.Errorf("used up, it costs %d", o.Total)
		}
		r.verify()
	})
}
