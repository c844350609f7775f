package visitor

import (
	"cmp"
	"context"
	"slices"
	"time"

	"watari/kit/i18n"
	"watari/visit/order"
	"watari/visit/park"
	"watari/visit/park/queue"
)

// parkPlaces say what the first page shows of parks.
type parkPlaces struct{ *parkPages }

// Near is part of Places.
func (g parkPlaces) Near(ctx context.Context, _ i18n.Lang, now time.Time) ([]Place, error) {
	parks, err := g.Parks.Parks(ctx)
	if err != nil {
		return nil, err
	}
	var out []Place
	for i := range parks {
		p := &parks[i]
		if !p.OnSale {
			continue
		}
		day, known, err := g.hoursOf(ctx, p.ID, park.DayOf(now))
		if err != nil {
			return nil, err
		}
		at := Place{Href: ParkPath + p.Slug, Name: p.Name, Kind: "park",
			Open: openAt(day, known, now)}
		if known && !day.Closed {
			at.Opens, at.Closes = park.At(day.Day, day.Open), park.At(day.Day, day.Close)
		}
		if waits, err := g.waits(ctx, p.ID); err == nil {
			at.Shortest, at.Rides, at.Of = shortest(p.Slug, waits)
		} else {
			g.Logger.Error("waits are missing on the first page", "park", p.ID, "error", err)
		}
		out = append(out, at)
	}
	return out, nil
}

// waits are those of a park, none without queues.
func (g *parkPages) waits(ctx context.Context, parkID string) ([]queue.Wait, error) {
	if g.Queues == nil {
		return nil, nil
	}
	return g.Queues.Live(ctx, parkID)
}

// shortest finds the ride with the shortest wait that is known, and counts the rides that run.
func shortest(slug string, waits []queue.Wait) (best *Queue, run, of int64) {
	for _, w := range waits {
		if w.Place.Kind != queue.Ride {
			continue
		}
		of++
		if w.State == queue.Operating {
			run++
		}
		if w.Minutes == nil || w.TimedOnly || best != nil && *w.Minutes >= best.Minutes {
			continue
		}
		best = &Queue{Href: ParkPath + slug + "/waits/" + w.Place.Code, Name: w.Place.Name,
			Minutes: *w.Minutes, AtMost: w.AtMost, Stale: w.Fresh != queue.Fresh}
	}
	return best, run, of
}

// parkBookings are a visitor's tickets.
type parkBookings struct{ *parkPages }

// Kind is part of Bookings.
func (parkBookings) Kind() string { return "park" }

// Upcoming is part of Bookings.
func (g parkBookings) Upcoming(
	ctx context.Context, visitorID string, now time.Time,
) ([]Booking, error) {
	return g.bookings(ctx, visitorID, park.DayOf(now))
}

// booking is an order as the first page and the list of tickets show it.
func booking(o *order.Order, place i18n.Text) Booking {
	b := Booking{Href: OrdersPath + o.ID, Place: place, Title: place}
	for _, l := range o.Lines {
		if l.State == order.LineCancelled {
			continue
		}
		b.Count++
		if l.State == order.LineSold {
			b.Left++
		}
		if b.Day == "" || l.Day < b.Day {
			b.Day = l.Day
			if len(l.Label) > 0 {
				b.Title = l.Label
			}
		}
	}
	switch o.State {
	case order.StatePaid:
		b.Href = TicketsPath + "/" + o.ID
		if b.Left == 0 {
			b.Tone, b.State = Plain, "park.state.used"
		}
	default:
		b.Tone, b.State = orderTone(o.State), "park.state."+string(o.State)
	}
	return b
}

// orderTone is the tone of the state of an order.
func orderTone(s order.State) string {
	switch s {
	case order.StatePaid:
		return Good
	case order.StateHeld, order.StatePaying:
		return Wait
	case order.StateReturning, order.StateCancelled:
		return Back
	}
	return Plain
}

// parkScreen is what the page of a park shows.
type parkScreen struct {
	park       park.Park
	day        park.Day
	known      bool
	open       bool
	next       *park.Day // that it opens next
	best       *Queue
	run, of    int64
	rides      []waitRow // the shortest first
	offers     []park.Offer
	from       int64 // yen, the cheapest admission of an adult today; -1 is none
	toBuy      bool
	hasMap     bool
	ticketsFor int // orders of the visitor that are for today
}

// showPark is the page of a park: when it is open, where one waits, what one can do.
func (g *parkPages) showPark(v *Visit) error {
	p, err := g.find(v)
	if err != nil {
		return err
	}
	s := parkScreen{park: p, toBuy: p.OnSale, hasMap: g.Maps != nil}
	today := park.DayOf(v.Now)
	if s.day, s.known, err = g.hoursOf(v.Ctx(), p.ID, today); err != nil {
		return err
	}
	s.open = openAt(s.day, s.known, v.Now)
	if !s.open {
		if s.next, err = g.opensNext(v, p.ID); err != nil {
			return err
		}
	}
	waits, err := g.waits(v.Ctx(), p.ID)
	if err != nil {
		v.missed("waits", err)
	}
	s.best, s.run, s.of = shortest(p.Slug, waits)
	s.rides = g.rows(v, p.Slug, waits, queue.Ride)
	slices.SortStableFunc(s.rides, func(a, b waitRow) int {
		return cmp.Compare(a.order(), b.order())
	})
	s.rides = s.rides[:min(len(s.rides), homeRides)]
	_, name := p.Name.Best(v.Lang)
	return v.Show(statusOK, Page{Title: name, Up: Link{v.T("tab.home"), Prefix}, Bare: true,
		Keep: true, Style: parkStyle, Script: parkScript, Class: "park"}, v.parkHome(s))
}

// homeRides is how many rides the page of a park lists.
const homeRides = 4

// The files of the bundle for the pages of parks.
const (
	parkStyle  = "park-style.css"
	parkScript = "park.js"
	mapScript  = "park-map.js"
)

// opensNext is the next day on which a park opens, within two weeks; nil when none is known.
func (g *parkPages) opensNext(v *Visit, parkID string) (*park.Day, error) {
	today := park.DayOf(v.Now)
	days, err := g.Parks.Days(v.Ctx(), parkID, today, addDays(today, 14))
	if err != nil {
		return nil, err
	}
	slices.SortFunc(days, func(a, b park.Day) int { return cmp.Compare(a.Day, b.Day) })
	for i := range days {
		if d := &days[i]; !d.Closed && v.Now.Before(park.At(d.Day, d.Open)) {
			return d, nil
		}
	}
	return nil, nil
}

// addDays is the day n days after another.
func addDays(day string, n int) string {
	t := park.At(day, 12*60)
	return park.DayOf(t.AddDate(0, 0, n))
}
