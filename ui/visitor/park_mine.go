package visitor

import (
	"context"
	"slices"

	"watari/visit/order"
	"watari/visit/park"
	"watari/visit/park/queue"
)

// How many orders of a visitor are looked at for what is still to come: all of theirs, of anybody
// who is no machine.
const (
	currentPage = 200
	currentMax  = 1000
)

// current are a visitor's orders that are neither cancelled nor expired, the newest first. However
// many holds came to nothing since, what was bought is among them.
func (g *parkPages) current(ctx context.Context, visitorID string) (out []order.Order, err error) {
	f := order.Filter{VisitorID: visitorID, Seller: park.SellerKind, Limit: currentPage,
		States: []order.State{order.StateHeld, order.StatePaying, order.StatePaid,
			order.StateReturning}}
	for len(out) < currentMax {
		some, next, err := g.Orders.List(ctx, f)
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
		if next == "" {
			break
		}
		f.After = next
	}
	return out, nil
}

// calendar tells what can still be used. It belongs to one request.
type calendar struct {
	g     *parkPages
	today string
	spans map[[2]string]int64 // days that a product is valid, by park and product
}

func (g *parkPages) calendar(today string) *calendar {
	return &calendar{g: g, today: today, spans: map[[2]string]int64{}}
}

// upcoming tells whether something of an order is for today or later, or still valid.
func (c *calendar) upcoming(ctx context.Context, o *order.Order) (bool, error) {
	for _, l := range o.Lines {
		if l.State == order.LineCancelled || l.State == order.LineReleased {
			continue
		}
		if l.Day >= c.today {
			return true, nil
		}
		if o.State != order.StatePaid {
			continue
		}
		days, err := c.span(ctx, o.Place, l.Product)
		if err != nil {
			return false, err
		}
		if addDays(l.Day, int(days)-1) >= c.today {
			return true, nil
		}
	}
	return false, nil
}

// span is for how many days a product is valid.
func (c *calendar) span(ctx context.Context, parkID, code string) (int64, error) {
	key := [2]string{parkID, code}
	days, known := c.spans[key]
	if known {
		return days, nil
	}
	p, err := c.g.Parks.Product(ctx, parkID, code)
	if err != nil && !is(err, park.ErrUnknown) {
		return 0, err
	}
	days = max(p.Days, 1)
	c.spans[key] = days
	return days, nil
}

// bookings are what is still to come of a visitor's orders, the next first.
func (g *parkPages) bookings(
	ctx context.Context, visitorID, today string,
) (out []Booking, err error) {
	orders, err := g.current(ctx, visitorID)
	if err != nil {
		return nil, err
	}
	c, parks := g.calendar(today), map[string]park.Park{}
	for i := range orders {
		o := &orders[i]
		if is, err := c.upcoming(ctx, o); err != nil {
			return nil, err
		} else if !is {
			continue
		}
		if err := g.know(ctx, parks, o.Place); err != nil {
			return nil, err
		}
		b := booking(o, parks[o.Place].Name)
		if b.Day < today { // it is valid for longer than its first day
			b.Day = today
			if b.Left == 0 {
				b.Count, b.Tone, b.State = 0, Plain, ""
			}
		}
		out = append(out, b)
	}
	slices.SortStableFunc(out, next)
	return out, nil
}

// end gives up what a visitor has begun and not paid, their places on waiting lists and their
// numbers: nobody would come for them any more. What is paid stays.
func (g *parkPages) end(v *Visit) error {
	orders, err := g.current(v.Ctx(), v.Visitor.ID)
	if err != nil {
		return err
	}
	for i := range orders {
		if s := orders[i].State; s != order.StateHeld && s != order.StatePaying {
			continue
		}
		err := g.Orders.Abandon(v.Ctx(), orders[i].ID, v.actor())
		if err != nil && !is(err, order.ErrState) { // it was paid meanwhile
			return err
		}
	}
	waits, err := g.Parks.Waits(v.Ctx(), v.Visitor.ID)
	if err != nil {
		return err
	}
	for _, w := range waits {
		if w.State != park.Waiting && w.State != park.Offered {
			continue
		}
		err := g.Parks.LeaveWait(v.Ctx(), v.Visitor.ID, w.ID)
		if err != nil && !is(err, park.ErrWait) {
			return err
		}
	}
	return g.endLines(v)
}

// endLines gives the numbers of a visitor back.
func (g *parkPages) endLines(v *Visit) error {
	if g.Queues == nil {
		return nil
	}
	parks, err := g.Parks.Parks(v.Ctx())
	if err != nil {
		return err
	}
	for _, p := range parks {
		held, err := g.Queues.Held(v.Ctx(), p.ID, v.Visitor.ID)
		if err != nil {
			return err
		}
		if held == nil {
			continue
		}
		_, err = g.Queues.Leave(v.Ctx(), v.Visitor.ID, held.ID)
		if err != nil && !is(err, queue.ErrVirtualStep) {
			return err
		}
	}
	return nil
}
