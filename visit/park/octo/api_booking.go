package octo

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/visit/order"
	"watari/visit/park"
)

func (s *Service) apiBook(ctx context.Context, who seller, r *http.Request) (any, error) {
	var w wanted
	if err := read(r, &w); err != nil {
		return nil, err
	}
	b, err := s.book(ctx, who, w)
	if err != nil {
		return nil, err
	}
	return s.show(ctx, who, b)
}

// bookingsMax is how many bookings are listed at once.
const bookingsMax = 200

// apiBookings lists the newest 200 bookings of the reseller that fit.
func (s *Service) apiBookings(ctx context.Context, who seller, r *http.Request) (any, error) {
	f, err := sought(r)
	if err != nil {
		return nil, err
	}
	var found []*order.Order
	if f.supplier != "" {
		o, err := s.cfg.Orders.Find(ctx, f.supplier)
		if err == nil && who.owns(o) {
			found = append(found, o)
		} else if !errors.Is(err, order.ErrNotFound) && err != nil {
			return nil, err
		}
	} else if found, err = s.search(ctx, who, f); err != nil {
		return nil, err
	}
	records, err := s.records(ctx, who, f, found)
	if err != nil {
		return nil, err
	}
	out := []booking{}
	for _, x := range records {
		b, err := s.show(ctx, who, x)
		if err != nil {
			return nil, err
		}
		if f.fits(x, &b) && len(out) < bookingsMax {
			out = append(out, b)
		}
	}
	return out, nil
}

// records are the bookings that orders are now; those in whose place others came are left out.
// Those whose reference was changed are found by that.
func (s *Service) records(
	ctx context.Context, who seller, f seek, found []*order.Order,
) ([]*record, error) {
	var by map[string]*kept
	var named []*kept
	uuids := make([]string, len(found))
	for i, o := range found {
		uuids[i] = bookingOf(o)
	}
	slices.Sort(uuids)
	err := s.cfg.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if by, err = keptOfAll(ctx, tx, who.account, slices.Compact(uuids)); err != nil {
			return err
		}
		if f.reference != "" && f.supplier == "" {
			named, err = keptByReference(ctx, tx, who.account, f.reference, bookingsMax)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	var out []*record
	for _, o := range found {
		if k := by[bookingOf(o)]; k == nil || k.order == o.ID {
			out = append(out, &record{Order: o, uuid: bookingOf(o), kept: k})
		}
	}
	for _, k := range named {
		o, err := s.cfg.Orders.Find(ctx, k.order)
		if err != nil {
			return nil, err
		}
		if by[k.uuid] == nil && who.owns(o) {
			out = append(out, &record{Order: o, uuid: k.uuid, kept: k})
		}
	}
	return out, nil
}

// seek is what bookings are looked for by; empty is any.
type seek struct {
	reference, supplier, product, option string
	days                                 []string
}

// sought reads what bookings are looked for by: OCTO wants a reference or days.
func sought(r *http.Request) (seek, error) {
	q := r.URL.Query()
	f := seek{reference: q.Get("resellerReference"), supplier: q.Get("supplierReference"),
		product: q.Get("productId"), option: q.Get("optionId")}
	for _, x := range []struct{ name, text string }{{"resellerReference", f.reference},
		{"supplierReference", f.supplier}, {"productId", f.product}, {"optionId", f.option}} {
		if err := checkReference(x.name, x.text); err != nil {
			return f, err
		}
	}
	a := asked{Date: q.Get("localDate"), Start: q.Get("localDateStart"), End: q.Get("localDateEnd")}
	var err error
	if a.Date != "" || a.Start != "" || a.End != "" {
		f.days, err = a.days(park.Product{})
	} else if f.reference == "" && f.supplier == "" {
		err = badRequest("resellerReference, supplierReference, localDate, or localDateStart " +
			"with localDateEnd is needed")
	}
	return f, err
}

// fits says whether a booking is what is looked for, as far as its order was not found by it.
func (f *seek) fits(r *record, b *booking) bool {
	day := len(f.days) == 0
	for _, l := range standing(r.Order) {
		day = day || slices.Contains(f.days, l.Day)
	}
	return day && (f.reference == "" || r.reference() == f.reference) &&
		(f.product == "" || b.ProductID == f.product) && (f.option == "" || b.OptionID == f.option)
}

// search finds orders of the reseller, of each park the newest first.
func (s *Service) search(ctx context.Context, who seller, f seek) ([]*order.Order, error) {
	days := f.days
	if len(days) == 0 {
		days = []string{""}
	}
	var out []*order.Order
	for _, p := range who.parks {
		for _, day := range days {
			found, _, err := s.cfg.Orders.List(ctx, order.Filter{Seller: park.SellerKind,
				Place: p.ID, Account: who.account, Reference: f.reference, Day: day,
				Limit: bookingsMax})
			if err != nil {
				return nil, err
			}
			for i := range found {
				if who.owns(&found[i]) && len(out) < bookingsMax {
					out = append(out, &found[i])
				}
			}
		}
	}
	return out, nil
}

// onBooking finds the booking of an address, which must be the reseller's own (R2).
func (s *Service) onBooking(fn func(ctx context.Context, who seller, b *record,
	r *http.Request) (*record, error),
) func(ctx context.Context, who seller, r *http.Request) (any, error) {
	return func(ctx context.Context, who seller, r *http.Request) (any, error) {
		uuid := strings.ToLower(r.PathValue("uuid"))
		b, err := s.booked(ctx, who, uuid)
		if err == nil && b == nil {
			err = &problem{Code: "INVALID_BOOKING_UUID", UUID: uuid,
				Message: "The uuid was missing or invalid"}
		}
		if err != nil {
			return nil, err
		}
		if b, err = fn(ctx, who, b, r); err != nil {
			return nil, err
		}
		return s.show(ctx, who, b)
	}
}

// apiConfirm sells a booking. Units that come with it are a change of what is held.
func (s *Service) apiConfirm(
	ctx context.Context, who seller, b *record, r *http.Request,
) (*record, error) {
	var c changes
	if err := read(r, &c); err != nil {
		return nil, err
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	if b.State == order.StateHeld && c.UnitItems != nil {
		var err error
		if b, err = s.changeHeld(ctx, who, b, changes{UnitItems: c.UnitItems}); err != nil {
			return nil, err
		}
	}
	if b.State != order.StatePaid { // else it is a repeat
		reference := b.reference()
		if c.ResellerReference != nil {
			reference = *c.ResellerReference
		}
		o, err := s.cfg.Orders.Confirm(ctx, b.ID, reference, who.account)
		if err != nil {
			return nil, err
		}
		b = &record{Order: o, uuid: b.uuid, kept: b.kept}
		if b.kept != nil && b.kept.reference != reference {
			if err := s.refer(ctx, who, b, reference); err != nil {
				return nil, err
			}
		}
	}
	b.contact, b.notes = c.Contact, c.Notes
	return b, nil
}

func (s *Service) apiExtend(
	ctx context.Context, who seller, b *record, r *http.Request,
) (*record, error) {
	var body struct {
		Minutes int64 `json:"expirationMinutes"`
	}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	if err := checkMinutes(body.Minutes); err != nil {
		return nil, err
	}
	minutes := body.Minutes
	if minutes == 0 {
		minutes = holdMinutes
	}
	return s.extend(ctx, who, b, s.cfg.Now().Add(time.Duration(minutes)*time.Minute))
}

// apiCancel gives a booking back, and keeps why.
func (s *Service) apiCancel(
	ctx context.Context, who seller, b *record, r *http.Request,
) (*record, error) {
	var body struct {
		Reason *string `json:"reason"`
	}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	if err := checkNotes(body.Reason); err != nil {
		return nil, badRequest("reason has at most 500 characters")
	}
	for { // a change may have put another hold in its place meanwhile
		o, err := s.cancel(ctx, who, b.Order)
		if err != nil {
			return nil, err
		}
		next, err := s.booked(ctx, who, b.uuid)
		if err != nil {
			return nil, err
		}
		if next == nil || next.ID == o.ID {
			b = &record{Order: o, uuid: b.uuid, kept: b.kept}
			break
		}
		b = next
	}
	if body.Reason == nil || *body.Reason == "" {
		return b, nil
	}
	return b, s.update(ctx, who, b, func(ctx context.Context, tx *db.Tx) error {
		return touchKept(ctx, tx, who.account, b.uuid, *body.Reason, clock.Micros(s.cfg.Now()))
	})
}
