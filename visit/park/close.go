package park

import (
	"context"
	"slices"
	"strings"

	"watari/kit/db"
	"watari/kit/id"
	"watari/visit/order"
)

// Close closes a day, or products on it: in one transaction nothing of it is sold any more and the
// refunds are begun. Who waits for it does not any more. See Closure.Mass for how far it is. Of
// several that close the same at once one does; one that closes something besides closes all of
// it, and each order is given back by whichever comes first.
//
// Errors: ErrInvalid, ErrUnknown, ErrDay for a day that is not in the calendar, ErrClosing when all
// of it is closed already.
func (s *Service) Close(ctx context.Context, c Closure, actor string) (Closure, error) {
	r := &refusal{problem: ErrInvalid}
	_, ok := midnight(c.Day)
	r.unless(ok, "/day", "is written 2026-11-23")
	r.text(c.Reason, noteMax, true, "/reason")
	r.unless(len(c.Products) <= order.ItemsMax, "/products", "are at most 50")
	if err := r.answer(); err != nil {
		return Closure{}, err
	}
	if s.cfg.Orders == nil {
		return Closure{}, ErrClosing.Newf("nothing is sold here")
	}
	c.ID, c.Actor, c.Created = id.New("clo", 0), actor, s.now()
	slices.Sort(c.Products)
	c.Products = slices.Compact(c.Products)
	err := s.edit(ctx, c.ParkID, "closed", actor, func(
		ctx context.Context, tx *db.Tx, p *Park,
	) (facts, error) {
		c.ParkID = p.ID
		if err := s.closeIn(ctx, tx, &c); err != nil {
			return nil, err
		}
		return facts{"closure": c.ID, "day": c.Day, "products": c.Products,
			"reason": c.Reason}, nil
	})
	return c, err
}

// closeIn closes a day in a transaction that has locked the park.
func (s *Service) closeIn(ctx context.Context, tx *db.Tx, c *Closure) error {
	k := dayKey{c.ParkID, c.Day}
	days, err := daysOf(ctx, tx, []dayKey{k}, false)
	if err != nil {
		return err
	}
	d := days[k]
	if d == nil {
		return ErrDay.Newf("%s is not in the calendar", c.Day)
	}
	if d.Closed {
		return ErrClosing.Newf("%s is closed already", c.Day)
	}
	all, err := productsIn(ctx, tx, c.ParkID)
	if err != nil {
		return err
	}
	for _, code := range c.Products {
		if !slices.ContainsFunc(all, func(p Product) bool { return p.Code == code }) {
			return ErrUnknown.Newf("there is no product %q", code)
		}
	}
	if d.closes(c.Products) {
		return ErrClosing.Newf("%s: %s closed already", c.Day, strings.Join(c.Products, ", "))
	}
	if len(c.Products) == 0 {
		d.Closed = true
	} else {
		d.Products = append(d.Products, c.Products...)
		slices.Sort(d.Products)
		d.Products = slices.Compact(d.Products)
	}
	if err := closeDay(ctx, tx, c.ParkID, d); err != nil {
		return err
	}
	if err := insertClosure(ctx, tx, c); err != nil {
		return err
	}
	products := c.Products
	if len(products) == 0 {
		products = []string{""}
	}
	for _, product := range products {
		if err := endWaits(ctx, tx, k, product); err != nil {
			return err
		}
	}
	c.Mass, err = s.cfg.Orders.CloseAll(ctx, tx, order.Mass{ID: c.ID, Seller: SellerKind,
		Place: c.ParkID, Day: c.Day, Products: c.Products, Reason: order.ByClosure,
		Actor: c.Actor})
	return err
}

// closes says whether all of some products are closed on the day; false of none.
func (d *Day) closes(products []string) bool {
	return len(products) > 0 && !slices.ContainsFunc(products, func(code string) bool {
		return !slices.Contains(d.Products, code)
	})
}

// Reopen sells a day again that was closed. What was given back stays so.
//
// Errors: ErrUnknown, ErrClosing while orders are being cut.
func (s *Service) Reopen(ctx context.Context, parkID, closureID, actor string) (Closure, error) {
	c, err := s.Closure(ctx, parkID, closureID)
	if err != nil {
		return Closure{}, err
	}
	if c.Mass.State == order.MassRunning {
		return Closure{}, ErrClosing.Newf("orders of the day are still given back")
	}
	err = s.edit(ctx, parkID, "reopened", actor, func(
		ctx context.Context, tx *db.Tx, p *Park,
	) (facts, error) {
		was, err := closureIn(ctx, tx, p.ID, closureID)
		if err != nil {
			return nil, err
		}
		if !was.Reopened.IsZero() {
			return nil, ErrClosing.Newf("it is open again already")
		}
		if err := s.reopenIn(ctx, tx, &was); err != nil {
			return nil, err
		}
		c.Reopened = was.Reopened
		return facts{"closure": was.ID, "day": was.Day}, nil
	})
	return c, err
}

// reopenIn opens what a closure closed, less what other closures of the day still do.
func (s *Service) reopenIn(ctx context.Context, tx *db.Tx, c *Closure) error {
	others, err := closuresOfDay(ctx, tx, c.ParkID, c.Day)
	if err != nil {
		return err
	}
	d := &Day{Day: c.Day}
	for _, o := range others {
		switch {
		case o.ID == c.ID:
		case len(o.Products) == 0:
			d.Closed = true
		default:
			d.Products = append(d.Products, o.Products...)
		}
	}
	slices.Sort(d.Products)
	d.Products = slices.Compact(d.Products)
	if err := closeDay(ctx, tx, c.ParkID, d); err != nil {
		return err
	}
	c.Reopened = s.now()
	return reopenClosure(ctx, tx, c.ID, c.Reopened)
}

// Closures lists the closures of a park with how far their refunds are, the newest first, at most
// 100.
//
// Errors: ErrUnknown.
func (s *Service) Closures(ctx context.Context, parkID string) ([]Closure, error) {
	var out []Closure
	err := s.view(ctx, parkID, func(ctx context.Context, tx *db.Tx, c *catalogue) (err error) {
		out, err = closuresIn(ctx, tx, c.ID)
		return err
	})
	for i := range out {
		if err == nil {
			err = s.progress(ctx, &out[i])
		}
	}
	return out, err
}

// Closure returns a closure with how far its refunds are.
//
// Errors: ErrUnknown.
func (s *Service) Closure(ctx context.Context, parkID, closureID string) (Closure, error) {
	var out Closure
	err := s.view(ctx, parkID, func(ctx context.Context, tx *db.Tx, c *catalogue) (err error) {
		out, err = closureIn(ctx, tx, c.ID, closureID)
		return err
	})
	if err == nil {
		err = s.progress(ctx, &out)
	}
	return out, err
}

func (s *Service) progress(ctx context.Context, c *Closure) (err error) {
	if s.cfg.Orders != nil {
		c.Mass, err = s.cfg.Orders.MassStatus(ctx, c.ID)
	}
	return err
}
