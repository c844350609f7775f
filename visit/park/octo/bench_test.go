package octo_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"watari/kit/db/dbtest"
	"watari/visit/park"
)

// aYear gives the park a year of days of four types, with quotas of the gate and of 20 slots of a
// ride on each, and allotments for resellers in all of them: 15,330 quotas.
func (r *rig) aYear() (from, to string) {
	r.t.Helper()
	ctx := context.Background()
	from, to = park.DayOf(r.now()), park.DayOf(r.now().Add(364*24*time.Hour))
	p, err := r.parks.Product(ctx, r.park.ID, "raijin")
	r.do("product", err)
	p.Slots = nil
	for i := range int64(20) {
		p.Slots = append(p.Slots, park.Slot{Code: fmt.Sprintf("s%02d", i), From: 540 + 30*i,
			Until: 570 + 30*i})
	}
	_, err = r.parks.PutProduct(ctx, p, "test")
	r.do("put the product", err)
	var days []park.Day
	var qs []park.Quota
	for at := r.now(); park.DayOf(at) <= to; at = at.Add(24 * time.Hour) {
		d := park.DayOf(at)
		days = append(days, park.Day{Day: d, Type: string("ABCD"[at.Day()%4]), Open: 540,
			Close: 1200})
		qs = append(qs, park.Quota{Pool: "gate", Day: d, Size: 5000},
			park.Quota{Pool: "gate", Day: d, Channel: park.ByOCTO, Size: 500})
		for _, s := range p.Slots {
			qs = append(qs, park.Quota{Pool: "raijin", Day: d, Slot: s.Code, Size: 100},
				park.Quota{Pool: "raijin", Day: d, Slot: s.Code, Channel: park.ByOCTO, Size: 20})
		}
	}
	r.do("put days", r.parks.PutDays(ctx, r.park.ID, days, "test"))
	r.quotas(r.park, qs...)
	return from, to
}

// BenchmarkCalendar is the availability calendar of a year over HTTP: of a product with a quota a
// day, and of one with 20 slots a day that are allotted; with prices. It has to stay below 50 ms.
func BenchmarkCalendar(b *testing.B) {
	for _, e := range dbtest.Engines {
		r := newRig(b, dbtest.New(b, e, sets()...))
		from, to := r.aYear()
		c := r.reseller(r.park, "reseller:tabi").with("Octo-Capabilities", "octo/pricing")
		for _, product := range []string{"day", "raijin"} {
			b.Run(e.String()+"/"+product, func(b *testing.B) {
				ask := j{"productId": "fuji-kogen." + product, "optionId": "DEFAULT",
					"localDateStart": from, "localDateEnd": to}
				for b.Loop() {
					status, text, _ := c.ask("POST", "/octo/availability/calendar", ask)
					if status != 200 || len(text) < 100_000 {
						b.Fatal(status, len(text))
					}
				}
			})
		}
	}
}

// BenchmarkAvailability is the detailed availability of a month, of 20 slots a day.
func BenchmarkAvailability(b *testing.B) {
	for _, e := range dbtest.Engines {
		r := newRig(b, dbtest.New(b, e, sets()...))
		from, _ := r.aYear()
		to := park.DayOf(r.now().Add(30 * 24 * time.Hour))
		c := r.reseller(r.park, "reseller:tabi")
		b.Run(e.String(), func(b *testing.B) {
			ask := j{"productId": "fuji-kogen.raijin", "optionId": "DEFAULT",
				"localDateStart": from, "localDateEnd": to}
			for b.Loop() {
				status, text, _ := c.ask("POST", "/octo/availability", ask)
				if status != 200 || len(text) < 100_000 {
					b.Fatal(status, len(text))
				}
			}
		})
	}
}
