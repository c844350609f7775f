package park_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"watari/kit/db"
	"watari/kit/fault"
	"watari/visit/order"
	"watari/visit/park"
)

// Goal: two adults and a child are held, sold and have tickets; the child's is given back with the
// fee of the policy; the stock and the tickets follow.
func TestBuyAndGiveBack(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		o := r.buy(item("day", "adult", 2), item("day", "child", 1))
		if o.Total != 2*6800+5000 || r.taken("gate", day, "") != 3 {
			t.Fatalf("it costs %d, %d are taken", o.Total, r.taken("gate", day, ""))
		}
		if valid, _ := r.tickets(o.ID); valid != 3 {
			t.Errorf("%d tickets", valid)
		}
		r.forward(30 * time.Hour) // the morning of the day: half of it is kept
		cut := order.Cut{Lines: []int64{3}, Reason: order.ByVisitor}
		q, err := r.orders.QuoteCancel(ctx, o.ID, cut)
		r.do("quote", err)
		if q.Refund != 5000 || q.Fee != 0 {
			t.Errorf("the evening before it returns %d, fee %d", q.Refund, q.Fee)
		}
		r.forward(8 * time.Hour)
		q, err = r.orders.QuoteCancel(ctx, o.ID, cut)
		r.do("quote", err)
		if q.Refund != 2500 || q.Fee != 2500 {
			t.Errorf("on the day it returns %d, fee %d", q.Refund, q.Fee)
		}
		o, err = r.orders.Cancel(ctx, o.ID, cut, 2500, "c1", "visitor")
		r.do("cancel", err)
		if valid, revoked := r.tickets(o.ID); valid != 2 || revoked != 1 ||
			r.taken("gate", day, "") != 2 {
			t.Errorf("%d tickets, %d revoked, %d taken", valid, revoked, r.taken("gate", day, ""))
		}
		r.forward(48 * time.Hour)
		_, err = r.orders.QuoteCancel(ctx, o.ID, order.Cut{Reason: order.ByVisitor})
		r.refused("after the day", err, park.ErrTooLate)
		r.verify()
	})
}

// Goal: what cannot be sold is refused with the reason, takes nothing, and does not stop the
// others of its batch.
func TestRefusals(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		slot := func(s string) order.Item {
			it := item("raijin", "adult", 1)
			it.Slot = s
			return it
		}
		other := item("day", "adult", 1)
		other.Day = "2026-12-30"
		past := item("day", "adult", 1)
		past.Day = "2026-12-01"
		for _, c := range []struct {
			what string
			q    order.Request
			want *fault.Problem
		}{
			{"more than there are", r.request(item("day", "adult", 11)), park.ErrSoldOut},
			{"no such product", r.request(item("moon", "adult", 1)), park.ErrNotSold},
			{"no price", r.request(item("day", "senior", 1)), park.ErrNotSold},
			{"no slot", r.request(item("raijin", "adult", 1)), park.ErrNotSold},
			{"another slot", r.request(slot("23:00")), park.ErrNotSold},
			{"not in the calendar", r.request(other), park.ErrNotSold},
			{"a day that is over", r.request(past), park.ErrNotSold},
		} {
			_, err := r.orders.Hold(context.Background(), c.q)
			r.refused(c.what, err, c.want)
		}
		o := r.hold(r.request(slot("10:00"), item("day", "infant", 1)))
		if o.Total != 7500 || r.taken("raijin", day, "10:00") != 1 ||
			r.taken("gate", day, "") != 2 {
			t.Errorf("it costs %d; %d and %d are taken", o.Total,
				r.taken("raijin", day, "10:00"), r.taken("gate", day, ""))
		}
		r.do("abandon", r.orders.Abandon(context.Background(), o.ID, "visitor"))
		if r.taken("raijin", day, "10:00") != 0 || r.taken("gate", day, "") != 0 {
			t.Error("the stock did not come back")
		}
		r.verify()
	})
}

// Goal: an allotment is kept for its channel until it ends, and no more is sold through it; the
// margin of the quota is sold beyond its size.
func TestAllotment(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		r.quotas(park.Quota{Pool: "gate", Day: day, Size: 8, Oversell: 2},
			park.Quota{Pool: "gate", Day: day, Channel: park.ByOCTO, Size: 4,
				Release: r.now().Add(time.Hour)})
		_, err := r.orders.Hold(ctx, r.request(item("day", "adult", 7)))
		r.refused("more than is not allotted", err, park.ErrSoldOut)
		r.hold(r.request(item("day", "adult", 6)))
		octo := func(n int64) order.Request {
			q := r.request(item("day", "adult", n))
			q.VisitorID, q.Channel, q.Account = "", park.ByOCTO, "reseller:tabi"
			return q
		}
		_, err = r.orders.Hold(ctx, octo(5))
		r.refused("more than the allotment", err, park.ErrSoldOut)
		r.hold(octo(3))
		r.refused("nothing left", func() error {
			_, err := r.orders.Hold(ctx, r.request(item("day", "adult", 1)))
			return err
		}(), park.ErrSoldOut)
		r.forward(2 * time.Hour)
		r.hold(r.request(item("day", "adult", 1)))
		if n := r.taken("gate", day, ""); n != 10 {
			t.Errorf("%d are taken", n)
		}
		r.refused("smaller than what is taken", r.PutQuotas(ctx, r.park.ID, []park.Quota{{
			Pool: "gate", Day: day, Size: 9}}, "test"), park.ErrQuotaTaken)
		r.verify()
	})
}

// Goal: with the wallet the price is lower, for that wallet only, and who gives it stands in the
// lines; without it the deal is shown.
func TestWalletPrice(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		_, err := r.PutDiscount(ctx, park.Discount{ParkID: r.park.ID, Name: name("Wallet week"),
			Rule: park.Rule{ID: "wallet-10", Kind: park.ForWallet, OffPPM: 100_000,
				WalletPPM: 500_000, Issuers: []string{r.wallet.ID}}}, "test")
		r.do("put a discount", err)
		_, err = r.PutDiscount(ctx, park.Discount{ParkID: r.park.ID, Name: name("No such"),
			Rule: park.Rule{ID: "none", Kind: park.ForWallet, OffPPM: 100_000,
				Issuers: []string{"NOBODY"}}}, "test")
		r.refused("an unknown wallet", err, park.ErrInvalid)
		q := r.request(item("day", "adult", 2), item("day", "child", 1))
		q.IssuerID = r.wallet.ID
		o := r.hold(q)
		if o.Total != 2*6120+4500 || !slices.Equal(o.OnlyIssuers, []string{r.wallet.ID}) {
			t.Errorf("it costs %d for %v", o.Total, o.OnlyIssuers)
		}
		want := []order.Funding{{Kind: order.FundedByWallet, IssuerNo: r.wallet.No, Minor: 250,
			Rule: "wallet-10"}, {Kind: order.FundedByPlace, Minor: 250, Rule: "wallet-10"}}
		if !slices.Equal(o.Lines[2].Funding, want) {
			t.Errorf("the child's discount is given by %+v", o.Lines[2].Funding)
		}
		offers, err := r.Offers(ctx, park.OfferQuery{ParkID: "fuji-kogen", Day: day})
		r.do("offers", err)
		u := offers[0].Units[0]
		if offers[0].Product.Code != "day" || u.List != 6800 || u.Price != 6800 ||
			len(u.Deals) != 1 || u.Deals[0].Price != 6120 || offers[0].Remaining != 7 {
			t.Errorf("offered %+v", offers[0])
		}
		offers, err = r.Offers(ctx, park.OfferQuery{ParkID: r.park.ID, Day: day,
			IssuerID: r.wallet.ID})
		r.do("offers", err)
		if u := offers[0].Units[0]; u.Price != 6120 || len(u.Given) != 2 || len(u.Deals) != 0 {
			t.Errorf("with the wallet: %+v", u)
		}
		p, err := r.Preview(ctx, park.Wish{ParkID: r.park.ID, IssuerID: r.wallet.ID,
			Items: q.Items})
		r.do("preview", err)
		if p.Total != o.Total || len(p.Given) != 2 || r.taken("gate", day, "") != 3 {
			t.Errorf("preview %+v", p)
		}
	})
}

// Goal: a visitor has no more than the limits for a day, over several orders; what is given back
// may be bought again.
func TestLimits(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		p, err := r.Find(ctx, "fuji-kogen")
		r.do("find", err)
		p.PerVisitor, p.PerOrder = 4, 3
		r.park, err = r.ChangePark(ctx, p, "test")
		r.do("change the park", err)
		buy := func(n int64) (*order.Order, error) {
			q := r.request(item("day", "adult", n))
			q.VisitorID = "vis_one"
			return r.orders.Hold(ctx, q)
		}
		_, err = buy(4)
		r.refused("more than an order has", err, park.ErrLimit)
		first, err := buy(3)
		r.do("hold", err)
		_, err = buy(2)
		r.refused("more than a visitor has", err, park.ErrLimit)
		r.do("abandon", r.orders.Abandon(ctx, first.ID, "visitor"))
		if _, err = buy(2); err != nil {
			t.Error(err)
		}
		_, err = r.ChangePark(ctx, p, "test")
		r.refused("an old version", err, park.ErrChanged)
	})
}

// Goal: a voucher gives its discount so often as it may, comes back with a hold that ends, and
// opens what is sold with vouchers only.
func TestVouchers(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		_, err := r.PutDiscount(ctx, park.Discount{ParkID: r.park.ID, Name: name("Press"),
			Rule: park.Rule{ID: "press", Kind: park.ForVoucher, OffYen: 800,
				Products: []string{"day"}}}, "test")
		r.do("put a discount", err)
		vs, err := r.MakeVouchers(ctx, r.park.ID, park.VoucherBatch{Count: 3, Label: "spring",
			Discount: "press"}, r.voucherID(), "test")
		r.do("make vouchers", err)
		with := func(code string, it order.Item) (*order.Order, error) {
			q := r.request(it)
			q.Voucher = code
			return r.orders.Hold(ctx, q)
		}
		o, err := with(vs[0].Code, item("day", "adult", 1))
		r.do("hold", err)
		if o.Total != 6000 {
			t.Errorf("it costs %d", o.Total)
		}
		_, err = with(vs[0].Code, item("day", "adult", 1))
		r.refused("used", err, park.ErrVoucher)
		r.do("abandon", r.orders.Abandon(ctx, o.ID, "visitor"))
		_, err = with(vs[0].Code, item("night", "adult", 1))
		r.refused("for another product", err, park.ErrVoucher)
		if _, err = with(vs[0].Code, item("day", "adult", 1)); err != nil {
			t.Errorf("after its hold has ended: %v", err)
		}
		r.do("revoke", r.RevokeVoucher(ctx, r.park.ID, vs[1].Code, "test"))
		_, err = with(vs[1].Code, item("day", "adult", 1))
		r.refused("revoked", err, park.ErrVoucher)
		_, err = r.MakeVouchers(ctx, r.park.ID, park.VoucherBatch{Count: 1, Code: vs[2].Code},
			r.voucherID(), "test")
		r.refused("a code twice", err, park.ErrTaken)
		list, next, err := r.Vouchers(ctx, r.park.ID, "spring", "")
		if err != nil || len(list) != 3 || next != "" {
			t.Errorf("%d vouchers, %q, %v", len(list), next, err)
		}
		r.verify()
	})
}

// Goal: an order is moved once to a day that costs the same or less, with its tickets; a dearer
// day is refused, and so is a second change.
func TestChangeOfDate(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		r.do("days", r.PutDays(ctx, r.park.ID, []park.Day{
			{Day: "2026-12-26", Type: "D", Open: 540, Close: 1200},
			{Day: "2026-12-27", Type: "A", Open: 540, Close: 1200}}, "test"))
		r.quotas(park.Quota{Pool: "gate", Day: "2026-12-26", Size: 5},
			park.Quota{Pool: "gate", Day: "2026-12-27", Size: 2})
		o := r.buy(item("day", "adult", 2), item("day", "infant", 1))
		_, err := r.QuoteChange(ctx, park.Change{OrderID: o.ID, Day: "2026-12-26"})
		r.refused("a dearer day", err, order.ErrDearer)
		_, err = r.QuoteChange(ctx, park.Change{OrderID: o.ID, Day: "2026-12-27"})
		r.refused("no room", err, park.ErrSoldOut)
		c := park.Change{OrderID: o.ID, Day: "2026-12-27", Lines: []int64{1, 2}}
		q, err := r.QuoteChange(ctx, c)
		r.do("quote", err)
		if q.Refund != 2000 || q.Left != 0 || q.Lines[0].Day != "2026-12-27" {
			t.Fatalf("quote %+v", q)
		}
		_, err = r.Change(ctx, c, 1000, "m1", "visitor")
		r.refused("another refund than was shown", err, order.ErrQuote)
		o, err = r.Change(ctx, c, 2000, "m1", "visitor")
		r.do("change", err)
		if o.Refunded != 2000 || o.Lines[0].Day != "2026-12-27" || o.Lines[2].Day != day ||
			r.taken("gate", day, "") != 1 || r.taken("gate", "2026-12-27", "") != 2 {
			t.Errorf("after the change: %+v", o)
		}
		if valid, revoked := r.tickets(o.ID); valid != 3 || revoked != 2 {
			t.Errorf("%d tickets, %d revoked", valid, revoked)
		}
		_, err = r.QuoteChange(ctx, park.Change{OrderID: o.ID, Day: next, Lines: []int64{1}})
		r.refused("a second change", err, park.ErrChanges)
		r.verify()
	})
}

// Goal: a price change reaches the next buyer and no order that stands.
func TestPricesOfThePurchase(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		_, err := r.PutDiscount(ctx, park.Discount{ParkID: r.park.ID, Name: name("Group"),
			Rule: park.Rule{ID: "group", Kind: park.ForGroups, OffPPM: 200_000, MinCount: 5}},
			"test")
		r.do("put a discount", err)
		o := r.buy(item("day", "adult", 5))
		if o.Total != 5*5440 {
			t.Fatalf("the group pays %d", o.Total)
		}
		r.do("end", r.EndDiscount(ctx, r.park.ID, "group", "test"))
		r.do("prices", r.PutPrices(ctx, r.park.ID, []park.Price{{Product: "day",
			Unit: park.Adult, Yen: 9000}}, "test"))
		if n := r.hold(r.request(item("day", "adult", 5))).Total; n != 45000 {
			t.Errorf("the next pays %d", n)
		}
		q, err := r.orders.QuoteCancel(ctx, o.ID, order.Cut{Lines: []int64{1},
			Reason: order.ByVisitor})
		r.do("quote", err)
		// Four cost 27,200 without the group's price: as much as five did.
		if q.Refund != 0 || q.Keep[0].Price != 6800 {
			t.Errorf("without one: refund %d, the others pay %d", q.Refund, q.Keep[0].Price)
		}
		if !errors.Is(r.EndDiscount(ctx, r.park.ID, "group", "test"), park.ErrUnknown) {
			t.Error("it ended twice")
		}
	})
}

// Goal: who is forgotten and comes back has bought no fewer: what counts for days that are not over
// goes on under the id that they are given, is added to what that has, and is theirs again; it ends
// with its day, and nothing of it stays under the old id (visitor, V7).
func TestLimitsOfWhoIsForgotten(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		p, err := r.Find(ctx, "fuji-kogen")
		r.do("find", err)
		p.PerVisitor = 3
		r.park, err = r.ChangePark(ctx, p, "test")
		r.do("change the park", err)
		buy := func(visitor string, n int64) (*order.Order, error) {
			q := r.request(item("day", "adult", n))
			q.VisitorID = visitor
			return r.orders.Hold(ctx, q)
		}
		pass := func(from, to string) {
			t.Helper()
			r.do("pass", r.db.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
				return r.Pass(ctx, tx, from, to)
			}))
		}
		rows := func(visitor string) (n int) {
			r.do("count", r.db.View(ctx, func(ctx context.Context, tx *db.Tx) error {
				return tx.Each(ctx, func(db.Row) error { n++; return nil },
					`select day from park_limit where visitor_id = $1`, visitor)
			}))
			return n
		}
		pass("vis_a", "gone_1") // has bought nothing yet
		o, err := buy("vis_a", 2)
		r.do("hold", err)
		r.sell(o)
		pass("vis_a", "gone_1")
		pass("gone_1", "vis_b")
		if rows("vis_a") != 0 || rows("gone_1") != 0 || rows("vis_b") != 2 {
			t.Errorf("%d, %d and %d rows", rows("vis_a"), rows("gone_1"), rows("vis_b"))
		}
		_, err = buy("vis_b", 2)
		r.refused("two more", err, park.ErrLimit)
		_, err = buy("vis_b", 1)
		r.do("one more", err)
		// What was bought before can still be given back.
		_, err = r.orders.Cancel(ctx, o.ID, order.Cut{Reason: order.BySeller, Full: true},
			2*6800, "c1", "park")
		r.do("give back", err)
		pass("vis_b", "gone_1")
		pass("vis_b", "gone_1")
		r.at(park.At(next, 5*60))
		r.do("tick", r.Tick(ctx))
		if rows("gone_1") != 0 || rows("vis_b") != 0 {
			t.Errorf("%d and %d rows after the day", rows("gone_1"), rows("vis_b"))
		}
		r.verify()
	})
}
