package visitor

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"watari/kit/clock"
	"watari/visit/park"
)

// dayCell is a day of the month; Day "" is outside of it.
type dayCell struct {
	park.DayOffer
	number string
	href   string
	chosen bool
	past   bool
}

// aheadMonths is how many months after this one can be turned to.
const aheadMonths = 12

// fillMonth asks what every day of the month costs. Weeks begin on Sunday, as in Japan; those that
// are over are left out.
func (g *parkPages) fillMonth(v *Visit, s *buyScreen, today string) error {
	first, _ := time.ParseInLocation(time.DateOnly, s.month+"-01", clock.JST)
	now, _ := time.ParseInLocation(time.DateOnly, today[:7]+"-01", clock.JST)
	if first.Before(now) || first.After(now.AddDate(0, aheadMonths, 0)) {
		first = now
	}
	s.month = first.Format("2006-01")
	last := first.AddDate(0, 1, -1)
	if first.After(now) {
		s.before = first.AddDate(0, -1, 0).Format("2006-01")
	}
	if next := first.AddDate(0, 1, 0); !next.After(now.AddDate(0, aheadMonths, 0)) {
		s.after = next.Format("2006-01")
	}
	offers, err := g.monthOffers(v, s, first.Format(time.DateOnly), last.Format(time.DateOnly))
	if err != nil {
		return err
	}
	week := make([]dayCell, int(first.Weekday()), 7)
	for at := first; !at.After(last); at = at.AddDate(0, 0, 1) {
		cell := dayCell{number: strconv.Itoa(at.Day())}
		cell.Day = at.Format(time.DateOnly)
		cell.State, cell.Price = park.DayClosed, -1
		if o, known := offers[cell.Day]; known {
			cell.DayOffer = o
		}
		cell.chosen, cell.past = cell.Day == s.day, cell.Day < today
		cell.href = s.at("day", cell.Day) + "#day"
		if cell.chosen {
			s.head = cell.DayOffer
		}
		week = append(week, cell)
		if len(week) == 7 || at.Equal(last) {
			if cell.Day >= today {
				s.weeks = append(s.weeks, append(week, make([]dayCell, 7-len(week))...))
			}
			week = nil
		}
	}
	return nil
}

// monthOffers are the days of a month with the price of the park's main ticket, so that days can
// be compared; where it is not to be had, with that of the cheapest.
func (g *parkPages) monthOffers(
	v *Visit, s *buyScreen, from, to string,
) (map[string]park.DayOffer, error) {
	q := park.CalendarQuery{ParkID: s.park.ID, From: from, To: to, IssuerID: v.buyer()}
	list, err := g.Parks.Calendar(v.Ctx(), q)
	if err != nil {
		return nil, err
	}
	out := map[string]park.DayOffer{}
	for _, o := range list {
		out[o.Day] = o
	}
	if s.main, err = g.mainTicket(v.Ctx(), s.park.ID); err != nil || s.main == nil {
		return out, err
	}
	q.Product = s.main.Code
	if list, err = g.Parks.Calendar(v.Ctx(), q); err != nil {
		return nil, err
	}
	for _, o := range list {
		if o.State == park.Available || o.State == park.Few {
			out[o.Day] = o
		}
	}
	return out, nil
}

// mainTicket is the ticket for a day that a park lists first; nil when it sells none.
func (g *parkPages) mainTicket(ctx context.Context, parkID string) (*park.Product, error) {
	all, err := g.Parks.Products(ctx, parkID)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(p park.Product) bool {
		return p.Kind != park.DayTicket || p.Ended || p.VoucherOnly
	})
	if len(all) == 0 {
		return nil, nil
	}
	first := slices.MinFunc(all, func(a, b park.Product) int { return cmp.Compare(a.Sort, b.Sort) })
	return &first, nil
}
