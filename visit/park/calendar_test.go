package park_test

import (
	"context"
	"testing"
	"time"

	"watari/kit/db/dbtest"
	"watari/visit/park"
)

// aYear gives the park a year of days, with a quota of the gate and its allotment, and 20 slots of
// a ride on each.
func (r *rig) aYear() (from, to string) {
	r.t.Helper()
	ctx := context.Background()
	from, to = park.DayOf(r.now()), park.DayOf(r.now().Add(364*24*time.Hour))
	var slots []park.Slot
	for i := range int64(20) {
		slots = append(slots, park.Slot{Code: "s" + string(rune('a'+i)), From: 540 + 30*i,
			Until: 570 + 30*i})
	}
	p, err := r.Product(ctx, r.park.ID, "raijin")
	r.do("product", err)
	p.Slots = slots
	_, err = r.PutProduct(ctx, p, "test")
	r.do("put the product", err)
	var days []park.Day
	var qs []park.Quota
	for at := r.now(); park.DayOf(at) <= to; at = at.Add(24 * time.Hour) {
		d := park.DayOf(at)
		days = append(days, park.Day{Day: d, Type: string("ABCD"[at.Day()%4]), Open: 540,
			Close: 1200})
		qs = append(qs, park.Quota{Pool: "gate", Day: d, Size: 5000},
			park.Quota{Pool: "gate", Day: d, Channel: park.ByOCTO, Size: 500})
		for _, s := range slots {
			qs = append(qs, park.Quota{Pool: "raijin", Day: d, Slot: s.Code, Size: 100})
		}
	}
	r.do("put days", r.PutDays(ctx, r.park.ID, days, "test"))
	r.quotas(qs...)
	return from, to
}

// Goal: the calendar says the lowest price of each day for everybody who comes, by the type of the
// day, what is left, and which days are closed.
func TestCalendar(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		r.do("days", r.PutDays(ctx, r.park.ID, []park.Day{{Day: next, Type: "D", Open: 540,
			Close: 1200}}, "test"))
		r.hold(r.request(item("day", "adult", 9)))
		got, err := r.Calendar(ctx, park.CalendarQuery{ParkID: "fuji-kogen", From: day,
			To: "2026-12-26", Product: "day",
			Units: map[park.Unit]int64{park.Adult: 2, park.Infant: 1}})
		r.do("calendar", err)
		if got[0].State != park.SoldOut || got[0].Remaining != 1 || got[0].Price != -1 {
			t.Errorf("a full day: %+v", got[0])
		}
		if got[1].State != park.Few || got[1].Price != 15600 || got[1].Type != "D" {
			t.Errorf("an expensive day: %+v", got[1])
		}
		if got[2].State != park.DayClosed || got[2].Price != -1 {
			t.Errorf("a day that is not in the calendar: %+v", got[2])
		}
		got, err = r.Calendar(ctx, park.CalendarQuery{ParkID: r.park.ID, From: next, To: next})
		r.do("calendar", err)
		if got[0].Product != "night" || got[0].Price != 5000 {
			t.Errorf("the cheapest: %+v", got[0])
		}
		_, err = r.Calendar(ctx, park.CalendarQuery{ParkID: r.park.ID, From: next, To: day})
		r.refused("backwards", err, park.ErrDay)
	})
}

// BenchmarkCalendar is the calendar of a year: 365 days, 8,030 quotas. It has to stay below 50 ms.
func BenchmarkCalendar(b *testing.B) {
	for _, e := range dbtest.Engines {
		b.Run(e.String(), func(b *testing.B) {
			r := newRig(b, dbtest.New(b, e, sets()...))
			r.seed()
			from, to := r.aYear()
			for b.Loop() {
				got, err := r.Calendar(context.Background(), park.CalendarQuery{
					ParkID: r.park.ID, From: from, To: to})
				if err != nil || len(got) != 365 || got[30].Price <= 0 {
					b.Fatal(len(got), err)
				}
			}
		})
	}
}
