package octo

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/visit/order"
	"watari/visit/park"
)

// changes is the body of an update: what is not there stays as it is. A list of units is the whole
// list; who is in it by their uuid stays, or becomes somebody of another age class.
type changes struct {
	ResellerReference *string       `json:"resellerReference"`
	ProductID         *string       `json:"productId"`
	OptionID          *string       `json:"optionId"`
	AvailabilityID    *string       `json:"availabilityId"`
	ExpirationMinutes int64         `json:"expirationMinutes"`
	Notes             *string       `json:"notes"`
	Contact           *person       `json:"contact"`
	UnitItems         *[]wantedUnit `json:"unitItems"`
}

// check refuses what has not the form that it must have.
func (c *changes) check() error {
	if c.ResellerReference != nil {
		if err := checkReference("resellerReference", *c.ResellerReference); err != nil {
			return err
		}
	}
	if err := checkMinutes(c.ExpirationMinutes); err != nil {
		return err
	}
	return errors.Join(checkNotes(c.Notes), c.Contact.check())
}

// apiUpdate changes a booking that can be given back, as OCTO has it: one that was used, or whose
// day is too near, stays as it is.
func (s *Service) apiUpdate(
	ctx context.Context, who seller, r *record, q *http.Request,
) (*record, error) {
	var c changes
	if err := read(q, &c); err != nil {
		return nil, err
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	ok, err := s.cancellable(r.Order)
	if err != nil {
		return nil, err
	}
	switch {
	case !ok:
		return nil, unprocessable("the booking cannot be updated any more")
	case r.State == order.StateHeld:
		r, err = s.changeHeld(ctx, who, r, c)
	default:
		r, err = s.changeSold(ctx, who, r, c)
	}
	if err != nil {
		return nil, err
	}
	if c.ResellerReference != nil && *c.ResellerReference != r.reference() {
		if err := s.refer(ctx, who, r, *c.ResellerReference); err != nil {
			return nil, err
		}
	}
	r.contact, r.notes = c.Contact, c.Notes
	return r, nil
}

// refer keeps what the reseller calls a booking.
func (s *Service) refer(ctx context.Context, who seller, r *record, reference string) error {
	return s.update(ctx, who, r, func(ctx context.Context, tx *db.Tx) error {
		return referKept(ctx, tx, who.account, r.uuid, reference, clock.Micros(s.cfg.Now()))
	})
}

// changeHeld changes a hold: what it is of by another hold in its place, its end by itself.
func (s *Service) changeHeld(
	ctx context.Context, who seller, r *record, c changes,
) (*record, error) {
	now := s.cfg.Now()
	if !now.Before(r.Expires) {
		return nil, order.ErrExpired.Newf("the hold ended at %s", utc(r.Expires))
	}
	w, alike, err := s.merged(ctx, who, r, c)
	if err != nil {
		return nil, err
	}
	q, err := s.resolve(ctx, who, w)
	if err != nil {
		return nil, err
	}
	until := r.Expires
	if c.ExpirationMinutes > 0 {
		until = now.Add(time.Duration(c.ExpirationMinutes) * time.Minute)
	}
	if until.After(r.began().Add(order.HoldMax)) {
		return nil, unprocessable("a booking is held for a day at most")
	}
	if alike && same(r.Order, q) {
		if until.After(r.Expires) {
			return s.extend(ctx, who, r, until)
		}
		return r, nil
	}
	return s.swap(ctx, who, r, q.request(who, r.uuid, max(until.Sub(now), order.HoldMin)))
}

// extend makes a hold longer.
func (s *Service) extend(
	ctx context.Context, who seller, r *record, until time.Time,
) (*record, error) {
	if until.After(r.began().Add(order.HoldMax)) {
		return nil, unprocessable("a booking is held for a day at most")
	}
	o, err := s.cfg.Orders.Extend(ctx, r.ID, until, who.account)
	return &record{Order: o, uuid: r.uuid, kept: r.kept}, err
}

// merged is what is wanted of a hold after changes. Alike says that the units are those that it
// has.
func (s *Service) merged(ctx context.Context, who seller, r *record, c changes) (
	w wanted, alike bool, err error,
) {
	l := r.Lines[0]
	p, ok := who.park(r.Place)
	if !ok {
		return w, false, errors.New("octo: a booking of no park")
	}
	x, err := s.cfg.Parks.Product(ctx, p.ID, l.Product)
	if err != nil {
		return w, false, err
	}
	w = wanted{ProductID: productID(p, l.Product), OptionID: optionID,
		AvailabilityID: availabilityID(x, l.Day, l.Slot)}
	for _, m := range []struct{ to, by *string }{{&w.ProductID, c.ProductID},
		{&w.OptionID, c.OptionID}, {&w.AvailabilityID, c.AvailabilityID}} {
		if m.by != nil {
			*m.to = *m.by
		}
	}
	var kept []order.Line
	if w.UnitItems, kept, err = retained(r.Order, c.UnitItems); err != nil {
		return w, false, err
	}
	alike = len(kept) == len(r.Lines) && len(w.UnitItems) == len(r.Lines)
	for _, u := range w.UnitItems {
		i := slices.IndexFunc(kept, func(l order.Line) bool { return lineName(r.Order, l) == u.UUID })
		alike = alike && i >= 0 && kept[i].Unit == u.UnitID &&
			kept[i].Options["reference"] == u.ResellerReference
	}
	if len(w.UnitItems) > order.ItemsMax { // too many to name each
		for i := range w.UnitItems {
			u := &w.UnitItems[i]
			given := slices.ContainsFunc(kept, func(l order.Line) bool {
				return strings.EqualFold(l.Options["uuid"], u.UUID)
			})
			if !given && u.ResellerReference == "" {
				u.UUID = ""
			}
		}
	}
	return w, alike, nil
}

// lineName is the uuid of a line.
func lineName(o *order.Order, l order.Line) string {
	if name := l.Options["uuid"]; name != "" {
		return name
	}
	return lineUUID(o.ID, l.No)
}

// retained are the units of a booking after a change of its list, and the lines that stay. Who
// comes without a uuid is somebody of the same age class who is there, as long as there are.
func retained(o *order.Order, list *[]wantedUnit) ([]wantedUnit, []order.Line, error) {
	lines := standing(o)
	if list == nil {
		var all []wantedUnit
		for _, l := range lines {
			all = append(all, wantedUnit{UUID: lineName(o, l), UnitID: l.Unit,
				ResellerReference: l.Options["reference"]})
		}
		return all, lines, nil
	}
	if n := len(*list); n < 1 || n > order.LinesMax {
		return nil, nil, unprocessable("a booking has 1 to 200 unitItems")
	}
	units, taken := slices.Clone(*list), map[int64]order.Line{}
	take := func(u *wantedUnit, is func(order.Line) bool) {
		for _, l := range lines {
			if _, ok := taken[l.No]; !ok && is(l) {
				taken[l.No], u.UUID = l, lineName(o, l)
				if u.ResellerReference == "" {
					u.ResellerReference = l.Options["reference"]
				}
				return
			}
		}
	}
	for i := range units {
		if u := &units[i]; u.UUID != "" {
			take(u, func(l order.Line) bool { return strings.EqualFold(lineName(o, l), u.UUID) })
		}
	}
	for i := range units {
		if u := &units[i]; u.UUID == "" {
			take(u, func(l order.Line) bool { return l.Unit == u.UnitID })
		}
	}
	var stay []order.Line
	for _, l := range lines {
		if _, ok := taken[l.No]; ok {
			stay = append(stay, l)
		}
	}
	return units, stay, nil
}

// changeSold changes a booking that is confirmed: it moves to another day or slot, or some of its
// units are given back, each by the park's policy. What it is of cannot change.
func (s *Service) changeSold(
	ctx context.Context, who seller, r *record, c changes,
) (*record, error) {
	w, alike, err := s.merged(ctx, who, r, changes{ProductID: c.ProductID, OptionID: c.OptionID,
		AvailabilityID: c.AvailabilityID, UnitItems: c.UnitItems})
	if err != nil {
		return nil, err
	}
	_, x, _, _, err := s.find(ctx, who, asked{ProductID: w.ProductID, OptionID: w.OptionID})
	if err != nil {
		return nil, err
	}
	day, slot, ok := splitID(x, w.AvailabilityID)
	if !ok {
		return nil, invalidAvailability(w.AvailabilityID)
	}
	l := standing(r.Order)[0]
	moves := day != l.Day || slot != l.Slot
	switch {
	case x.Code != l.Product:
		return nil, unprocessable("the product of a booking that is confirmed cannot change")
	case slices.ContainsFunc(r.Lines, func(l order.Line) bool { return l.State == order.LineUsed }):
		return nil, unprocessable("somebody has used the booking: it cannot be updated")
	case moves && !alike && c.UnitItems != nil:
		return nil, unprocessable("change the day, or the units, one after the other")
	case moves:
		return s.move(ctx, who, r, park.Change{OrderID: r.ID, Day: day, Slot: slot})
	case c.UnitItems != nil && !alike:
		return s.shorten(ctx, who, r, w.UnitItems)
	}
	return r, nil
}

// move moves a booking to another day or slot.
func (s *Service) move(
	ctx context.Context, who seller, r *record, c park.Change,
) (*record, error) {
	return s.amended(ctx, who, r, func(request string) (*order.Order, error) {
		q, err := s.cfg.Parks.QuoteChange(ctx, c)
		if err != nil {
			return nil, err
		}
		return s.cfg.Parks.Change(ctx, c, q.Refund, request, who.account)
	})
}

// shorten gives back those who are not in a list any more.
func (s *Service) shorten(
	ctx context.Context, who seller, r *record, units []wantedUnit,
) (*record, error) {
	cut := order.Cut{Reason: order.ByVisitor}
	found := 0
	for _, l := range standing(r.Order) {
		i := slices.IndexFunc(units, func(u wantedUnit) bool { return u.UUID == lineName(r.Order, l) })
		switch {
		case i < 0:
			cut.Lines = append(cut.Lines, l.No)
		case units[i].UnitID != l.Unit || units[i].ResellerReference != l.Options["reference"]:
			return nil, unprocessable("unitItems of a booking that is confirmed cannot change")
		default:
			found++
		}
	}
	if found != len(units) {
		return nil, unprocessable("nobody can be added to a booking that is confirmed")
	}
	return s.amended(ctx, who, r, func(request string) (*order.Order, error) {
		q, err := s.cfg.Orders.QuoteCancel(ctx, r.ID, cut)
		if err != nil {
			return nil, err
		}
		return s.cfg.Orders.Cancel(ctx, r.ID, cut, q.Refund, request, who.account)
	})
}

// amended changes an order that is sold, and tries again when a step of the policy began between
// what was asked and what was done.
func (s *Service) amended(
	ctx context.Context, who seller, r *record, change func(request string) (*order.Order, error),
) (*record, error) {
	n, err := s.revise(ctx, who, r)
	if err != nil {
		return nil, err
	}
	var o *order.Order
	for range cancelTries {
		o, err = change(fmt.Sprintf("octo-change-%d", n))
		if !errors.Is(err, order.ErrQuote) {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	err = s.update(ctx, who, r, func(ctx context.Context, tx *db.Tx) error {
		return touchKept(ctx, tx, who.account, r.uuid, "", clock.Micros(s.cfg.Now()))
	})
	return &record{Order: o, uuid: r.uuid, kept: r.kept}, err
}
