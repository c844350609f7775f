package visitor

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"watari/kit/i18n"
	"watari/visit/order"
	"watari/visit/park"
	"watari/visit/park/gate"
	"watari/visit/park/ticket"
)

// iso is a moment for a script.
func iso(t time.Time) string { return i18n.ISODateTime(t) }

// ticketsScreen is what the list of tickets shows.
type ticketsScreen struct {
	homeScreen
	parks map[string]park.Park
	waits []park.Wait
	names map[string]i18n.Text // of what is waited for, by the id of the wait
	past  []Booking
}

// showTickets lists what a visitor has: what comes next first, then waiting lists, then the past.
func (g *parkPages) showTickets(v *Visit) error {
	s := ticketsScreen{parks: map[string]park.Park{}}
	v.fill(&s.homeScreen)
	waits, err := g.Parks.Waits(v.Ctx(), v.Visitor.ID)
	if err != nil {
		return err
	}
	for _, w := range waits {
		if w.State == park.Waiting || w.State == park.Offered {
			s.waits = append(s.waits, w)
		}
	}
	if s.names, err = g.waitedFor(v.Ctx(), s.waits); err != nil {
		return err
	}
	orders, _, err := g.Orders.ByVisitor(v.Ctx(), v.Visitor.ID, "")
	if err != nil {
		return err
	}
	c := g.calendar(park.DayOf(v.Now))
	for i := range orders {
		o := &orders[i]
		if o.Seller != park.SellerKind {
			continue
		}
		if err := g.know(v.Ctx(), s.parks, o.Place); err != nil {
			return err
		}
		coming, err := c.upcoming(v.Ctx(), o)
		if err != nil {
			return err
		}
		if !coming || o.State == order.StateCancelled {
			b := booking(o, s.parks[o.Place].Name)
			b.Href = OrdersPath + o.ID
			if b.State == "" {
				b.Tone, b.State = Plain, "park.state.past"
			}
			if b.Day != "" && len(s.past) < pastMax {
				s.past = append(s.past, b)
			}
		}
	}
	for _, w := range s.waits {
		if err := g.know(v.Ctx(), s.parks, w.ParkID); err != nil {
			return err
		}
	}
	return v.Show(statusOK, Page{Title: v.T("tickets.title"), Tab: TabTickets, Keep: true,
		Style: parkStyle, Class: "park"}, v.parkTickets(s))
}

// pastMax is how much of the past is listed.
const pastMax = 20

// know reads a park into a map, once.
func (g *parkPages) know(ctx context.Context, parks map[string]park.Park, id string) error {
	if _, known := parks[id]; known {
		return nil
	}
	p, err := g.Parks.Find(ctx, id)
	if err == nil {
		parks[id] = p
	}
	return err
}

// ticketScreen is what the page of an order's tickets shows.
type ticketScreen struct {
	order   *order.Order
	park    park.Park
	tickets []shownTicket
	toEnter int64
	of      int64
	print   bool
}

// shownTicket is a ticket as a phone shows it.
type shownTicket struct {
	gate.Ticket
	code    string // what is drawn now
	secrets string // JSON by park day, for the script; "" for one that does not change
}

// secretDays is for how many days a page carries what changing digits are made from.
const secretDays = 3

// readTickets reads the tickets of an order that are not revoked.
func (g *parkPages) readTickets(v *Visit, o *order.Order) (s ticketScreen, err error) {
	s.order = o
	if s.park, err = g.Parks.Find(v.Ctx(), o.Place); err != nil {
		return s, err
	}
	all, err := g.Tickets.TicketsOf(v.Ctx(), o.ID)
	if err != nil {
		return s, err
	}
	for _, t := range all {
		if t.State == gate.Revoked {
			continue
		}
		shown, err := g.shown(v, t)
		if err != nil {
			return s, err
		}
		s.of++
		if t.Entries == 0 {
			s.toEnter++
		}
		s.tickets = append(s.tickets, shown)
	}
	// Who has still to enter comes first: that ticket is held under the camera next.
	slices.SortStableFunc(s.tickets, func(a, b shownTicket) int {
		return int(min(a.Entries, 1) - min(b.Entries, 1))
	})
	return s, nil
}

// shown is a ticket with what its digits are made from.
func (g *parkPages) shown(v *Visit, t gate.Ticket) (shownTicket, error) {
	s := shownTicket{Ticket: t, code: t.Text}
	if !t.Rotating {
		return s, nil
	}
	today := park.DayOf(v.Now)
	secrets := map[string]string{}
	for at := max(t.Day, today); at <= park.DayOf(t.NotAfter) && len(secrets) < secretDays; {
		secret, err := g.Tickets.Secret(v.Ctx(), t, at)
		if err != nil {
			return s, err
		}
		secrets[at] = hexOf(secret)
		if at == today {
			s.code = t.Text + ticket.Digits(secret, v.Now)
		}
		at = addDays(at, 1)
	}
	raw, err := json.Marshal(secrets)
	if err != nil {
		return s, fmt.Errorf("write secrets: %w", err)
	}
	s.secrets = string(raw)
	return s, nil
}

// showTicket shows the codes of an order.
func (g *parkPages) showTicket(v *Visit) error {
	o, err := g.own(v)
	if err != nil {
		return err
	}
	if o.State == order.StateHeld || o.State == order.StatePaying {
		return v.SeeOther(OrdersPath+o.ID, "")
	}
	s, err := g.readTickets(v, o)
	if err != nil {
		return err
	}
	return v.Show(statusOK, Page{Title: v.T("park.tickets"), Up: Link{v.T("tab.tickets"),
		TicketsPath}, Bare: true, Keep: true, Style: parkStyle, Script: parkScript,
		Class: "park ticketpage", Refresh: 25, State: s.stands(), Again: 15}, v.parkTicket(s))
}

// stands says how tickets stand: it changes when one is used at a gate.
func (s *ticketScreen) stands() string {
	text := ""
	for _, t := range s.tickets {
		text += fmt.Sprint(t.State, t.Entries, t.Inside, ".")
	}
	return text
}

// askPrint says what printing does to a ticket before it is done.
func (g *parkPages) askPrint(v *Visit) error {
	o, err := g.own(v)
	if err != nil {
		return err
	}
	return v.Show(statusOK, Page{Title: v.T("park.print"), Style: parkStyle,
		Up: Link{v.T("park.tickets"), TicketsPath + "/" + o.ID}}, v.parkAskPrint(o.ID))
}

// printTickets makes the tickets of an order static and shows them for paper.
func (g *parkPages) printTickets(v *Visit) error {
	o, err := g.own(v)
	if err != nil {
		return err
	}
	all, err := g.Tickets.TicketsOf(v.Ctx(), o.ID)
	if err != nil {
		return err
	}
	for _, t := range all {
		if t.State == gate.Revoked {
			continue
		}
		if _, err := g.Tickets.Print(v.Ctx(), t.ID); err != nil {
			return err
		}
	}
	s, err := g.readTickets(v, o)
	if err != nil {
		return err
	}
	s.print = true
	return v.Show(statusOK, Page{Title: v.T("park.tickets"), Bare: true, Style: parkStyle,
		Script: parkScript, Class: "park ticketpage paper", Up: Link{v.T("park.tickets"),
			TicketsPath + "/" + o.ID}}, v.parkTicket(s))
}

// claims says what is to be shown at the gate.
func (v *Visit) claims(t shownTicket) string {
	var out []string
	for _, c := range t.Claims {
		kind, _, _ := strings.Cut(c, ":")
		if key := "park.claim." + kind; v.Has(key) {
			out = append(out, v.T(key))
		}
	}
	return strings.Join(out, ", ")
}
