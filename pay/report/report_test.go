package report_test

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"watari/kit/clock"
	"watari/pay/party"
	"watari/pay/payment"
	"watari/pay/report"
)

// noon is a time in the middle of a day in Japan.
var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, clock.JST)

// Goal: T1, T2, T4: sold is what was captured and not given up, a refund counts on its own day, and
// fees follow both. Method: one payment in each state, refunds on two days.
func TestDayThatIsOverIsNotChangedByLaterRefunds(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		for _, s := range []payment.State{payment.Authorising, payment.Pending,
			payment.Authorised, payment.Declined, payment.Cancelled} {
			r.pay(row{store: r.east, at: noon, state: s, minor: 9000})
		}
		paid := r.pay(row{store: r.east, at: noon, state: payment.Captured, minor: 5000})
		r.pay(row{store: r.west, at: noon.Add(time.Hour), state: payment.Refunded, minor: 1000})
		r.refund(r.east, paid, noon.Add(2*time.Hour), 500, payment.RefundSucceeded)
		r.refund(r.east, paid, noon.Add(2*time.Hour), 700, payment.RefundFailed)
		hida := report.Scope{AcquirerNo: r.hida.No}
		want := report.Takings{Sales: 2, SoldMinor: 6000, Refunds: 1, RefundedMinor: 500,
			FeesMinor: 110, Declined: 1, Cancelled: 1, Open: 2, Promised: 1}
		if got := r.total(hida, report.Day(noon)); got != want {
			t.Errorf("the day: got %+v, want %+v", got, want)
		}
		r.refund(r.east, paid, noon.AddDate(0, 0, 1), 1500, payment.RefundSucceeded)
		if got := r.total(hida, report.Day(noon)); got != want {
			t.Errorf("the day after a later refund: got %+v, want %+v", got, want)
		}
		next := r.total(hida, report.Day(noon.AddDate(0, 0, 1)))
		if next.NetMinor() != -1500 || next.DueMinor() != -1470 || next.Approved() != -1 {
			t.Errorf("a day of refunds only: got %+v", next)
		}
	})
}

// Goal: the day begins at midnight in Japan, to the microsecond, and every day of a period is
// there. Method: payments at both ends of a day.
func TestDaysAreJapans(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		day := report.Day(noon)
		r.pay(row{store: r.east, at: day.From, state: payment.Captured, minor: 1})
		r.pay(row{store: r.east, at: day.Until.Add(-time.Microsecond),
			state: payment.Captured, minor: 10})
		r.pay(row{store: r.east, at: day.Until, state: payment.Captured, minor: 100})
		r.pay(row{store: r.east, at: day.From.Add(-time.Microsecond),
			state: payment.Captured, minor: 1000})
		scope := report.Scope{MerchantNo: r.soba.No}
		days, err := r.Days(context.Background(), scope, report.Days(noon.AddDate(0, 0, 1), 4))
		if err != nil {
			t.Fatal(err)
		}
		var got []int64
		for _, d := range days {
			got = append(got, d.SoldMinor)
		}
		if len(got) != 4 || got[0] != 0 || got[1] != 1000 || got[2] != 11 || got[3] != 100 {
			t.Errorf("days: got %v, want [0 1000 11 100]", got)
		}
		hours, err := r.Hours(context.Background(), scope, noon)
		if err != nil || hours[0].SoldMinor != 1 || hours[23].SoldMinor != 10 {
			t.Errorf("hours: got %v %v", hours, err)
		}
	})
}

// Goal: T5: no scope shows another's takings or payments, also when its numbers contradict each
// other. Method: the same payment at three stores of two banks; all scopes.
func TestScopeNeverShowsAnothers(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ids := map[string]string{}
		for _, s := range []party.Store{r.east, r.west, r.gion} {
			ids[s.Name] = r.pay(row{store: s, at: noon, state: payment.Captured, minor: 1000,
				ref: "A-1"})
		}
		for _, c := range []struct {
			scope report.Scope
			want  string
		}{
			{report.Scope{}, "East Gion West"},
			{report.Scope{AcquirerNo: r.hida.No}, "East West"},
			{report.Scope{AcquirerNo: r.kyoto.No}, "Gion"},
			{report.Scope{AcquirerNo: r.hida.No, MerchantNo: r.soba.No}, "East West"},
			{report.Scope{AcquirerNo: r.hida.No, MerchantNo: r.soba.No, StoreNo: r.west.No},
				"West"},
			{report.Scope{AcquirerNo: r.hida.No, MerchantNo: r.soba.No, StoreNo: r.gion.No}, ""},
			{report.Scope{AcquirerNo: r.hida.No, MerchantNo: r.tea.No}, ""},
			{report.Scope{AcquirerNo: r.kyoto.No, StoreNo: r.east.No}, ""},
			{report.Scope{AcquirerNo: r.hida.No, TerminalNo: r.till.No}, ""},
		} {
			want := strings.Fields(c.want)
			got := r.total(c.scope, report.Day(noon))
			if got.Sales != int64(len(want)) {
				t.Errorf("%+v: %d sales, want %d", c.scope, got.Sales, len(want))
			}
			for _, text := range []string{"", "A-1"} {
				lines, _, err := r.Search(context.Background(), report.Query{Scope: c.scope,
					Period: report.Day(noon), Text: text})
				if err != nil || len(lines) != len(want) {
					t.Errorf("%+v, text %q: %d lines, want %d (%v)", c.scope, text,
						len(lines), len(want), err)
				}
			}
			for name, pid := range ids {
				_, found, err := r.Find(context.Background(), c.scope, pid)
				if err != nil || found != strings.Contains(c.want, name) {
					t.Errorf("%+v: find %s: got %v %v", c.scope, name, found, err)
				}
				lines, _, err := r.Search(context.Background(), report.Query{Scope: c.scope,
					Text: pid})
				if err != nil || (len(lines) == 1) != strings.Contains(c.want, name) {
					t.Errorf("%+v: search %s: got %d lines, %v", c.scope, name, len(lines), err)
				}
			}
		}
	})
}

// Goal: what takings are taken apart by adds up to the whole, whatever the dimension, and a promise
// pays the fees of what of it was captured.
func TestPartsAddUpToTheWhole(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		for i, s := range []party.Store{r.east, r.west, r.gion, r.east} {
			at := noon.Add(time.Duration(i) * 7 * time.Hour)
			pid := r.pay(row{store: s, at: at, state: payment.Captured, minor: 5000})
			r.refund(s, pid, at.Add(time.Hour), 1000, payment.RefundSucceeded)
		}
		half := row{store: r.east, at: noon, state: payment.Captured, minor: 8000, hold: true,
			captured: 3000}
		r.capture(half, r.pay(half), 3000, 60)
		r.pay(row{store: r.east, at: noon, state: payment.Captured, minor: 77, currency: "USD"})
		p := report.Days(noon.AddDate(0, 0, 1), 2)
		whole := r.total(report.Scope{}, p)
		if whole.SoldMinor != 23_000 || whole.RefundedMinor != 4000 || whole.FeesMinor != 380 {
			t.Fatalf("the whole: got %+v", whole)
		}
		for _, dims := range [][]report.Dimension{{report.ByDay}, {report.ByHour},
			{report.ByAcquirer}, {report.ByMerchant}, {report.ByStore}, {report.ByTerminal},
			{report.ByWallet}, {report.ByPrefecture}, {report.ByCategory},
			{report.ByDay, report.ByWallet, report.ByStore}, {report.ByMinute}} {
			rows, err := r.By(context.Background(), report.Scope{}, p, "", dims...)
			var sum report.Takings
			for _, row := range rows {
				sum = sum.Plus(row.Takings)
			}
			if err != nil || sum != whole || len(rows) == 0 {
				t.Errorf("by %v: got %+v of %d rows, want %+v (%v)", dims, sum, len(rows),
					whole, err)
			}
		}
	})
}

// Goal: a search finds by all that a receipt, a wallet or an order shows, page by page, newest
// first, and wild cards are plain text to it.
func TestSearchFindsByWhatPeopleHold(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		var ids []string
		for i := range 7 {
			s := []party.Store{r.east, r.west}[i%2]
			ids = append(ids, r.pay(row{store: s, at: noon.Add(time.Duration(i) * time.Minute),
				state: payment.Captured, minor: int64(100 * (i + 1)), ref: "%U_" + string(rune('0'+i))}))
		}
		back := r.refund(r.east, ids[2], noon.Add(time.Hour), 100, payment.RefundSucceeded)
		find := func(q report.Query) []string {
			q.AcquirerNo, q.MerchantNo = r.hida.No, r.soba.No
			lines, _, err := r.Search(context.Background(), q)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, l := range lines {
				got = append(got, l.ID)
			}
			return got
		}
		for _, text := range []string{ids[2], back, "%U_2", ids[2][len(ids[2])-6:],
			strings.ToUpper(ids[2][len(ids[2])-6:]), "req" + ids[2], " " + ids[2] + " "} {
			if got := find(report.Query{Text: text}); len(got) != 1 || got[0] != ids[2] {
				t.Errorf("%q: got %v, want %s", text, got, ids[2])
			}
		}
		// No id ends in a U: the letter is not among those of ids.
		for _, text := range []string{"%", "_", "U", "pay_", "rfd_0", "'"} {
			if got := find(report.Query{Text: text}); len(got) != 0 {
				t.Errorf("%q: got %v, want none", text, got)
			}
		}
		if got := find(report.Query{MinMinor: 300, MaxMinor: 300}); len(got) != 1 {
			t.Errorf("by amount: got %v", got)
		}
		var all []string
		for after := ""; ; {
			lines, next, err := r.Search(context.Background(), report.Query{After: after,
				Scope: report.Scope{MerchantNo: r.soba.No}, Limit: 3})
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range lines {
				all = append(all, l.ID)
			}
			if after = next; next == "" {
				break
			}
		}
		if len(all) != 7 || all[0] != ids[6] || all[6] != ids[0] {
			t.Errorf("page by page: got %v", all)
		}
	})
}

// Goal: a payment that a merchant's own system made is found by the id that it named, and shown
// under it; the same id of another merchant is another's. Method: ids as the core keeps them.
func TestRequestsOfMerchantsAreFoundByTheirOwnName(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		mine := r.pay(row{store: r.east, at: noon, state: payment.Captured, minor: 1980})
		bank := r.pay(row{store: r.west, at: noon, state: payment.Captured, minor: 1980})
		r.set(`update payment set request_id = $2 where id = $1`, mine,
			"m"+strconv.FormatInt(r.soba.No, 10)+" order-1001")
		r.set(`update payment set request_id = 'order-1002' where id = $1`, bank)
		for text, want := range map[string]string{"order-1001": mine, "order-1002": bank,
			"order-100": "", "m1 order-1002": ""} {
			found, _, err := r.Search(t.Context(), report.Query{Text: text,
				Scope: report.Scope{AcquirerNo: r.hida.No}})
			if err != nil || len(found) > 1 || (want == "") != (len(found) == 0) {
				t.Fatalf("%s finds %d, %v", text, len(found), err)
			}
			if want != "" && (found[0].ID != want || found[0].RequestID != text) {
				t.Errorf("%s finds %s, as %q", text, found[0].ID, found[0].RequestID)
			}
		}
	})
}
