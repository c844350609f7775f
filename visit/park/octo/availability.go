package octo

import (
	"context"
	"slices"
	"strings"
	"time"

	"watari/visit/park"
)

// availability is a day, or a slot of it, as OCTO writes it.
type availability struct {
	ID          string    `json:"id"`
	Start       string    `json:"localDateTimeStart"`
	End         string    `json:"localDateTimeEnd"`
	AllDay      bool      `json:"allDay"`
	Available   bool      `json:"available"`
	Status      string    `json:"status"`
	Vacancies   *int64    `json:"vacancies"`
	Capacity    *int64    `json:"capacity"`
	MaxUnits    *int64    `json:"maxUnits"`
	Cutoff      string    `json:"utcCutoffAt"`
	Hours       []hours   `json:"openingHours"`
	UnitPricing []pricing `json:"unitPricing,omitempty"`
	Pricing     *pricing  `json:"pricing,omitempty"`
}

type hours struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// calendarDay is a day of the calendar as OCTO writes it.
type calendarDay struct {
	Date        string    `json:"localDate"`
	Available   bool      `json:"available"`
	Status      string    `json:"status"`
	Vacancies   *int64    `json:"vacancies"`
	Capacity    *int64    `json:"capacity"`
	Hours       []hours   `json:"openingHours"`
	PricingFrom []pricing `json:"unitPricingFrom,omitempty"`
}

// asked is the body of both questions about availability.
type asked struct {
	ProductID       string   `json:"productId"`
	OptionID        string   `json:"optionId"`
	Start           string   `json:"localDateStart"`
	End             string   `json:"localDateEnd"`
	Date            string   `json:"localDate"`
	AvailabilityIDs []string `json:"availabilityIds"`
	Units           []struct {
		ID       string `json:"id"`
		Quantity int64  `json:"quantity"`
	} `json:"units"`
}

// unitsMax is how many units are asked for at once.
const unitsMax = 200

// units are who is asked for, of those for whom a product is sold.
func (a asked) units(sold []park.Unit) (map[park.Unit]int64, error) {
	out, total := map[park.Unit]int64{}, int64(0)
	for _, u := range a.Units {
		if !slices.Contains(sold, park.Unit(u.ID)) {
			return nil, invalidUnit(u.ID)
		}
		if u.Quantity < 0 || u.Quantity > unitsMax {
			return nil, badRequest("units: the quantity of " + u.ID + " is 0 to 200")
		}
		out[park.Unit(u.ID)] += u.Quantity
		total += u.Quantity
	}
	if total > unitsMax {
		return nil, badRequest("units: at most 200 together")
	}
	return out, nil
}

func invalidUnit(id string) *problem {
	return &problem{Code: "INVALID_UNIT_ID", UnitID: id,
		Message: "The unitId was missing or invalid"}
}

// statusOf is a state as OCTO writes it.
func statusOf(a park.Availability) (status string, available bool) {
	switch a {
	case park.Available:
		return "AVAILABLE", true
	case park.Few:
		return "LIMITED", true
	case park.SoldOut:
		return "SOLD_OUT", false
	case park.DayClosed, park.NotYet, park.SaleOver, park.NotForSale:
	}
	return "CLOSED", false
}

// vacancies is what is left; nothing where there is no limit, and where nothing is sold.
func vacancies(left int64, status string) *int64 {
	if left < 0 || status == "CLOSED" {
		return nil
	}
	return &left
}

// find finds what is asked for, and for whom.
func (s *Service) find(ctx context.Context, who seller, a asked) (
	p park.Park, x park.Product, units map[park.Unit]int64, sold []park.Unit, err error,
) {
	if p, x, err = s.product(ctx, who, a.ProductID); err != nil {
		return p, x, nil, nil, err
	}
	if a.OptionID != optionID {
		return p, x, nil, nil, &problem{Code: "INVALID_OPTION_ID", OptionID: a.OptionID,
			Message: "The optionId was missing or invalid"}
	}
	if sold, err = s.sold(ctx, who, p, x); err != nil {
		return p, x, nil, nil, err
	}
	units, err = a.units(sold)
	return p, x, units, sold, err
}

// calendar answers for each day of a period.
func (s *Service) calendar(ctx context.Context, who seller, a asked) ([]calendarDay, error) {
	p, x, units, sold, err := s.find(ctx, who, a)
	if err != nil {
		return nil, err
	}
	if park.At(a.Start, 0).IsZero() || park.At(a.End, 0).IsZero() {
		return nil, badRequest("localDateStart and localDateEnd are days, written 2026-11-23")
	}
	if len(a.Units) == 0 && len(sold) > 0 { // as few as can be bought
		units = map[park.Unit]int64{sold[0]: max(x.MinCount, 1)}
	}
	days, err := s.cfg.Parks.Calendar(ctx, park.CalendarQuery{ParkID: p.ID, From: a.Start,
		To: a.End, Product: x.Code, Units: units, Channel: park.ByOCTO, Each: who.pricing})
	if err != nil {
		return nil, err
	}
	out := make([]calendarDay, len(days))
	for i, d := range days {
		c := calendarDay{Date: d.Day, Hours: []hours{}}
		c.Status, c.Available = statusOf(d.State)
		c.Vacancies = vacancies(d.Remaining, c.Status)
		if !d.Open.IsZero() {
			c.Hours = []hours{{local(d.Open)[11:16], local(d.Close)[11:16]}}
		}
		for _, u := range d.Units {
			c.PricingFrom = append(c.PricingFrom, yen(string(u.Unit), u.List, u.Price))
		}
		out[i] = c
	}
	return out, nil
}

// checkDays is the longest period of detailed availability.
const checkDays = 31

// check answers for each day or slot of a period, or for those that are named.
func (s *Service) check(ctx context.Context, who seller, a asked) ([]availability, error) {
	p, x, units, _, err := s.find(ctx, who, a)
	if err != nil {
		return nil, err
	}
	days, err := a.days(x)
	if err != nil {
		return nil, err
	}
	for i, id := range a.AvailabilityIDs {
		day, slot, _ := splitID(x, id)
		a.AvailabilityIDs[i] = availabilityID(x, day, slot)
	}
	out := []availability{}
	for _, day := range days {
		offers, err := s.cfg.Parks.Offers(ctx, park.OfferQuery{ParkID: p.ID, Day: day,
			Channel: park.ByOCTO, Product: x.Code})
		if err != nil {
			return nil, err
		}
		for _, o := range offers {
			out = append(out, s.slots(who, o, units)...)
		}
	}
	if len(a.AvailabilityIDs) > 0 {
		out = slices.DeleteFunc(out, func(v availability) bool {
			return !slices.Contains(a.AvailabilityIDs, v.ID)
		})
	}
	return out, nil
}

// days are the days that are asked for, of a product.
func (a asked) days(x park.Product) ([]string, error) {
	if len(a.AvailabilityIDs) > 0 {
		var out []string
		for _, id := range a.AvailabilityIDs {
			day, _, ok := splitID(x, id)
			if !ok {
				return nil, invalidAvailability(id)
			}
			out = append(out, day)
		}
		slices.Sort(out)
		if out = slices.Compact(out); len(out) > checkDays {
			return nil, badRequest("availabilityIds: of at most 31 days at once")
		}
		return out, nil
	}
	if a.Date != "" {
		a.Start, a.End = a.Date, a.Date
	}
	from, to := park.At(a.Start, 0), park.At(a.End, 0)
	if from.IsZero() || to.IsZero() || to.Before(from) || to.Sub(from) >= checkDays*24*time.Hour {
		return nil, badRequest("localDateStart and localDateEnd are days, at most 31 of them")
	}
	var out []string
	for t := from; !t.After(to); t = t.Add(24 * time.Hour) {
		out = append(out, local(t)[:10])
	}
	return out, nil
}

// availabilityID names a day, or a slot of it, by the moment of local time at which it begins, as
// OCTO has it: "2026-12-24T10:00:00+09:00"; midnight for a whole day.
func availabilityID(x park.Product, day, slot string) string {
	at, _ := x.Slot(slot)
	return local(park.At(day, at.From))
}

// splitID reads the id of an availability of a product; false for what is none. A day, with its
// slot after a slash, is one, too: so they were written before.
func splitID(x park.Product, id string) (day, slot string, ok bool) {
	at, err := time.Parse(time.RFC3339, id)
	if err != nil {
		day, slot, _ = strings.Cut(id, "/")
		_, known := x.Slot(slot)
		return day, slot, !park.At(day, 0).IsZero() && known == (len(x.Slots) > 0) &&
			(known || id == day)
	}
	date := local(at)[:10]
	minute := int64(at.Sub(park.At(date, 0)) / time.Minute)
	if !park.At(date, minute).Equal(at) {
		return "", "", false
	}
	if len(x.Slots) == 0 {
		return date, "", minute == 0
	}
	before := local(park.At(date, -dayMinutes))[:10]
	for _, s := range x.Slots {
		switch s.From {
		case minute:
			return date, s.Code, true
		case minute + dayMinutes + 1: // after midnight, of the day before
			day, slot = before, s.Code
		}
	}
	return day, slot, slot != ""
}

func invalidAvailability(id string) *problem {
	return &problem{Code: "INVALID_AVAILABILITY_ID", AvailabilityID: id,
		Message: "The availabilityId was missing or invalid"}
}

// slots are the availabilities of an offer.
func (s *Service) slots(
	who seller, o park.Offer, units map[park.Unit]int64,
) []availability {
	one := func(slot string, from, to time.Time, state park.Availability, left int64) availability {
		v := availability{ID: availabilityID(o.Product, o.Day, slot), Start: local(from),
			End: local(to), Hours: []hours{}, Cutoff: utc(saleEnds(o, to))}
		v.Status, v.Available = statusOf(state)
		v.Vacancies = vacancies(left, v.Status)
		total := int64(0)
		for _, n := range units {
			total += n
		}
		if v.Available && left >= 0 && left < total {
			v.Status, v.Available = "SOLD_OUT", false
		}
		if who.pricing {
			sum := yen("", 0, 0)
			for _, u := range o.Units {
				v.UnitPricing = append(v.UnitPricing, yen(string(u.Unit), u.List, u.Price))
				sum.Original += u.List * units[u.Unit]
				sum.Net += u.Price * units[u.Unit]
			}
			sum.Retail = sum.Original
			v.Pricing = &sum
		}
		return v
	}
	if len(o.Slots) == 0 {
		v := one("", o.From, o.Until, o.State, o.Remaining)
		v.AllDay = true
		v.Hours = []hours{{local(o.From)[11:16], local(o.Until)[11:16]}}
		return []availability{v}
	}
	var out []availability
	for _, x := range o.Slots {
		out = append(out, one(x.Code, x.Starts, x.Ends, x.State, x.Remaining))
	}
	return out
}

// saleEnds is until when an offer, or a slot of it that ends so, can be bought.
func saleEnds(o park.Offer, ends time.Time) time.Time {
	if o.Until.Before(ends) {
		ends = o.Until
	}
	if last := park.At(o.Day, o.Product.LastSale); o.Product.LastSale != 0 && last.Before(ends) {
		ends = last
	}
	return ends
}
