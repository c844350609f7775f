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

// units are who is asked for.
func (a asked) units() (map[park.Unit]int64, error) {
	out := map[park.Unit]int64{}
	for _, u := range a.Units {
		if !slices.Contains(park.Units(), park.Unit(u.ID)) || u.Quantity < 0 ||
			u.Quantity > 200 {
			return nil, &problem{Code: "INVALID_UNIT_ID", UnitID: u.ID,
				Message: "The unitId was missing or invalid"}
		}
		out[park.Unit(u.ID)] += u.Quantity
	}
	return out, nil
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

// find finds what is asked for.
func (s *Service) find(ctx context.Context, who seller, a asked) (park.Park, park.Product, error) {
	p, x, err := s.product(ctx, who, a.ProductID)
	if err == nil && a.OptionID != optionID {
		err = &problem{Code: "INVALID_OPTION_ID", OptionID: a.OptionID,
			Message: "The optionId was missing or invalid"}
	}
	return p, x, err
}

// calendar answers for each day of a period.
func (s *Service) calendar(ctx context.Context, who seller, a asked) ([]calendarDay, error) {
	p, x, err := s.find(ctx, who, a)
	if err != nil {
		return nil, err
	}
	units, err := a.units()
	if err != nil {
		return nil, err
	}
	q := park.CalendarQuery{ParkID: p.ID, From: a.Start, To: a.End, Product: x.Code,
		Units: units, Channel: park.ByOCTO}
	days, err := s.cfg.Parks.Calendar(ctx, q)
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
		out[i] = c
	}
	if who.pricing {
		return out, s.priceDays(ctx, q, out)
	}
	return out, nil
}

// priceDays adds what one person of each age class pays on each day.
func (s *Service) priceDays(
	ctx context.Context, q park.CalendarQuery, out []calendarDay,
) error {
	for _, u := range park.Units() {
		q.Units = map[park.Unit]int64{u: 1}
		days, err := s.cfg.Parks.Calendar(ctx, q)
		if err != nil {
			return err
		}
		for i, d := range days {
			if d.Price >= 0 {
				out[i].PricingFrom = append(out[i].PricingFrom, yen(string(u), d.List, d.Price))
			}
		}
	}
	return nil
}

// checkDays is the longest period of detailed availability.
const checkDays = 31

// check answers for each day or slot of a period, or for those that are named.
func (s *Service) check(ctx context.Context, who seller, a asked) ([]availability, error) {
	p, x, err := s.find(ctx, who, a)
	if err != nil {
		return nil, err
	}
	units, err := a.units()
	if err != nil {
		return nil, err
	}
	days, err := a.days()
	if err != nil {
		return nil, err
	}
	out := []availability{}
	for _, day := range days {
		offers, err := s.cfg.Parks.Offers(ctx, park.OfferQuery{ParkID: p.ID, Day: day,
			Channel: park.ByOCTO})
		if err != nil {
			return nil, err
		}
		for _, o := range offers {
			if o.Product.Code == x.Code {
				out = append(out, s.slots(who, p, o, units)...)
			}
		}
	}
	if len(a.AvailabilityIDs) > 0 {
		out = slices.DeleteFunc(out, func(v availability) bool {
			return !slices.Contains(a.AvailabilityIDs, v.ID)
		})
	}
	return out, nil
}

// days are the days that are asked for.
func (a asked) days() ([]string, error) {
	if len(a.AvailabilityIDs) > 0 {
		var out []string
		for _, id := range a.AvailabilityIDs {
			day, _ := splitID(id)
			if park.At(day, 0).IsZero() {
				return nil, &problem{Code: "INVALID_AVAILABILITY_ID", AvailabilityID: id,
					Message: "The availabilityId was missing or invalid"}
			}
			out = append(out, day)
		}
		slices.Sort(out)
		if out = slices.Compact(out); len(out) > checkDays {
			return nil, badRequest("at most 31 days at once")
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

// splitID reads the id of an availability: a day, and its slot after a slash.
func splitID(id string) (day, slot string) {
	day, slot, _ = strings.Cut(id, "/")
	return day, slot
}

// slots are the availabilities of an offer.
func (s *Service) slots(
	who seller, p park.Park, o park.Offer, units map[park.Unit]int64,
) []availability {
	one := func(id string, from, to time.Time, state park.Availability, left int64) availability {
		v := availability{ID: id, Start: local(from), End: local(to), Hours: []hours{},
			Cutoff: park.VisitBegins(o.Day).Add(-time.Duration(s.cutoff(p)) *
				time.Hour).Format(time.RFC3339)}
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
		v := one(o.Day, o.From, o.Until, o.State, o.Remaining)
		v.AllDay = true
		v.Hours = []hours{{local(o.From)[11:16], local(o.Until)[11:16]}}
		return []availability{v}
	}
	var out []availability
	for _, x := range o.Slots {
		out = append(out, one(o.Day+"/"+x.Code, x.Starts, x.Ends, x.State, x.Remaining))
	}
	return out
}
