package report_test

import (
	"context"
	"testing"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/pay/party"
	"watari/pay/payment"
	"watari/pay/report"
)

// names of shops, in the order of a list.
func names(list []report.Shop) (out []string) {
	for _, s := range list {
		out = append(out, s.Name)
	}
	return out
}

func same(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// Goal: a bank finds its shops, and no other bank's. Method: every filter, on three shops of two
// banks.
func TestABankFindsItsShops(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		now := clock.Now()
		r.pay(row{store: r.east, at: now, state: payment.Captured, minor: 1980})
		r.pay(row{store: r.east, at: now, state: payment.Declined, minor: 500})
		for _, c := range []struct {
			f    report.ShopFilter
			want []string
		}{
			{report.ShopFilter{}, []string{"West", "East"}},
			{report.ShopFilter{Text: "eAst"}, []string{"East"}},
			{report.ShopFilter{Text: "西店"}, []string{"West"}},
			{report.ShopFilter{Text: "soba"}, []string{"West", "East"}},
			{report.ShopFilter{Text: "そば"}, []string{"West", "East"}},
			{report.ShopFilter{Text: "s2"}, []string{"West"}},
			{report.ShopFilter{Text: "%"}, nil},
			{report.ShopFilter{Text: "E_st"}, nil},
			{report.ShopFilter{Prefecture: "21"}, []string{"East"}},
			{report.ShopFilter{Category: "5499"}, nil},
			{report.ShopFilter{Status: party.Suspended}, nil},
			{report.ShopFilter{Status: party.Open, Text: "w"}, []string{"West"}},
		} {
			c.f.AcquirerNo = r.hida.No
			got, next, err := r.Shops(t.Context(), c.f, report.Day(now))
			if err != nil || next != 0 || !same(names(got), c.want) {
				t.Errorf("%+v: %v, %d, %v, want %v", c.f, names(got), next, err, c.want)
			}
		}
		first, next, err := r.Shops(t.Context(), report.ShopFilter{AcquirerNo: r.hida.No,
			Limit: 1}, report.Day(now))
		if err != nil || next != r.west.No || len(first) != 1 {
			t.Fatalf("the first page: %v, %d, %v", names(first), next, err)
		}
		second, next, err := r.Shops(t.Context(), report.ShopFilter{AcquirerNo: r.hida.No,
			Limit: 1, Before: next}, report.Day(now))
		if err != nil || next != 0 || !same(names(second), []string{"East"}) {
			t.Fatalf("the second page: %v, %d, %v", names(second), next, err)
		}
		if s := second[0]; s.Tills != 1 || s.Takings.SoldMinor != 1980 || s.Takings.Declined != 1 ||
			!s.Seen.IsZero() || s.MerchantID != "M1" {
			t.Errorf("East is %+v", s)
		}
	})
}

// Goal: a name in Japanese with Latin letters in it is found as it stands and in small letters.
func TestAShopIsFoundInAnyCase(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.set(`update store set name_ja = 'CAFÉ 高山 ＢＡＲ' where no = $1`, r.east.No)
		for _, text := range []string{"CAFÉ 高山", "caf", "ＢＡＲ", "高山"} {
			got, _, err := r.Shops(t.Context(), report.ShopFilter{AcquirerNo: r.hida.No,
				Text: text}, report.Day(clock.Now()))
			if err != nil || !same(names(got), []string{"East"}) {
				t.Errorf("%q finds %v, %v", text, names(got), err)
			}
		}
	})
}

// Goal: shops are counted where they are. Method: three shops, one suspended, one closed.
func TestShopsAreCountedByPrefecture(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.set(`update store set status = 'suspended' where no = $1`, r.west.No)
		got, err := r.ShopCounts(t.Context(), r.hida.No)
		if err != nil || len(got) != 2 || got["21"] != (report.ShopCount{Open: 1}) ||
			got["23"] != (report.ShopCount{Suspended: 1}) {
			t.Errorf("%v, %v", got, err)
		}
		r.set(`update store set status = 'closed' where no = $1`, r.east.No)
		if got, err = r.ShopCounts(t.Context(), r.hida.No); err != nil || len(got) != 1 {
			t.Errorf("with one closed: %v, %v", got, err)
		}
	})
}

// set runs one statement.
func (r *rig) set(q string, args ...any) {
	r.t.Helper()
	r.update(func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, q, args...)
		return err
	})
}

// Goal: a till that nobody uses is found, and one that is used in any way is not. Method: the till
// of a store, old, then with a payment, then with a browser, then suspended.
func TestATillThatNobodyUsesIsFound(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		now := clock.Now()
		since := now.Add(-7 * 24 * time.Hour)
		found := func() int {
			t.Helper()
			list, all, err := r.Unseen(t.Context(), r.hida.No, since, 10)
			if err != nil || len(list) != all {
				t.Fatalf("%d of %d, %v", len(list), all, err)
			}
			return all
		}
		if n := found(); n != 0 {
			t.Errorf("a new till counts: %d", n)
		}
		r.set(`update terminal set created_at_us = $1`, clock.Micros(since.Add(-time.Hour)))
		if n := found(); n != 1 {
			t.Errorf("an old till that nobody opened: %d", n)
		}
		if list, _, err := r.Unseen(t.Context(), r.kyoto.No, since, 10); err != nil ||
			len(list) != 0 {
			t.Errorf("another bank's: %v, %v", list, err)
		}
		r.set(`insert into terminal_session (hash, terminal_no, created_at_us, last_used_us)
			values ('h', $1, $2, $2)`, r.till.No, clock.Micros(since.Add(-time.Minute)))
		list, _, err := r.Unseen(t.Context(), r.hida.No, since, 10)
		if err != nil || len(list) != 1 || list[0].Seen.IsZero() || list[0].Label != "Counter" {
			t.Errorf("last used before: %+v, %v", list, err)
		}
		r.set(`update terminal_session set last_used_us = $1`, clock.Micros(now))
		if n := found(); n != 0 {
			t.Errorf("with a browser: %d", n)
		}
		r.set(`update terminal_session set revoked_at_us = $1`, clock.Micros(now))
		if n := found(); n != 1 {
			t.Errorf("with a browser that was signed out: %d", n)
		}
		r.pay(row{store: r.east, at: now, state: payment.Declined, minor: 100,
			terminal: r.till.No})
		if n := found(); n != 0 {
			t.Errorf("with a payment: %d", n)
		}
	})
}

// Goal: what hangs and what is stuck is found, and an order that waits for its payer is neither.
// Method: three payments without an outcome, one of them with a leg that is asked, one stuck.
func TestWhatHangsIsFound(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		old := clock.Now().Add(-10 * time.Minute)
		hangs := r.pay(row{store: r.east, at: old, state: payment.Pending, minor: 100})
		order := r.pay(row{store: r.east, at: old, state: payment.Pending, minor: 200})
		stuck := r.pay(row{store: r.west, at: old, state: payment.Cancelled, minor: 300})
		r.set(`update payment set step = 'a' where id = $1`, hangs)
		r.set(`update payment set step = '' where id = $1`, order)
		r.leg(hangs, "unknown", clock.Micros(clock.Now()))
		r.leg(stuck, "stuck", nil)
		list, err := r.Hanging(t.Context(), r.hida.No, clock.Now().Add(-2*time.Minute), 10)
		if err != nil || len(list) != 1 || list[0].PaymentID != hangs || list[0].Minor != 100 {
			t.Errorf("hanging: %+v, %v", list, err)
		}
		if list, err = r.Hanging(t.Context(), r.hida.No, old.Add(-time.Minute), 10); err != nil ||
			len(list) != 0 {
			t.Errorf("hanging since before: %+v, %v", list, err)
		}
		if list, err = r.Stuck(t.Context(), r.hida.No, 10); err != nil || len(list) != 1 ||
			list[0].PaymentID != stuck || list[0].StoreName != "West" {
			t.Errorf("stuck: %+v, %v", list, err)
		}
		for _, find := range []func() ([]report.Waiting, error){
			func() ([]report.Waiting, error) {
				return r.Hanging(t.Context(), r.kyoto.No, clock.Now(), 10)
			},
			func() ([]report.Waiting, error) { return r.Stuck(t.Context(), r.kyoto.No, 10) },
			func() ([]report.Waiting, error) {
				return r.HangingRefunds(t.Context(), r.hida.No, clock.Now(), 10)
			},
		} {
			if list, err := find(); err != nil || len(list) != 0 {
				t.Errorf("nothing is %+v, %v", list, err)
			}
		}
	})
}

// leg inserts a leg of a payment. next is when it is asked about again, nil for never.
func (r *rig) leg(paymentID, state string, next any) {
	r.t.Helper()
	r.set(`insert into payment_leg (acquirer_no, id, payment_id, direction, connector, issuer_no,
			agreement, their_id, amount_minor, amount_currency, quote_id, state, next_at_us, tries,
			deadline_us, wallet_until_us, undo, late_posted, note, terms)
		values ($1, $2, $3, 'out', 'scripted', $4, 1, '', 100, 'JPY', '', $5, $6, 0, 0, 0, '',
			false, '', '')`, r.hida.No, paymentID+"a", paymentID, r.wallet.No, state, next)
}
