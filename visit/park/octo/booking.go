package octo

import (
	"cmp"
	"context"
	"errors"
	"time"

	"watari/visit/order"
	"watari/visit/park"
	"watari/visit/park/gate"
)

// booking is an order as OCTO writes it.
type booking struct {
	ID                string        `json:"id"`
	UUID              string        `json:"uuid"`
	TestMode          bool          `json:"testMode"`
	ResellerReference *string       `json:"resellerReference"`
	SupplierReference *string       `json:"supplierReference"`
	Status            string        `json:"status"`
	Created           string        `json:"utcCreatedAt"`
	Updated           *string       `json:"utcUpdatedAt"`
	Expires           *string       `json:"utcExpiresAt"`
	Redeemed          *string       `json:"utcRedeemedAt"`
	Confirmed         *string       `json:"utcConfirmedAt"`
	ProductID         string        `json:"productId"`
	Product           *product      `json:"product"`
	OptionID          string        `json:"optionId"`
	Option            *option       `json:"option"`
	Cancellable       bool          `json:"cancellable"`
	Cancellation      *cancellation `json:"cancellation"`
	Freesale          bool          `json:"freesale"`
	AvailabilityID    string        `json:"availabilityId"`
	Availability      *availability `json:"availability"`
	Contact           person        `json:"contact"`
	Notes             *string       `json:"notes"`
	DeliveryMethods   []string      `json:"deliveryMethods"`
	Voucher           *struct{}     `json:"voucher"`
	UnitItems         []unitItem    `json:"unitItems"`
	Pricing           *pricing      `json:"pricing,omitempty"`
}

type cancellation struct {
	Refund    string  `json:"refund"`
	Reason    *string `json:"reason"`
	Cancelled string  `json:"utcCancelledAt"`
}

// person is who travels: nothing but what the request itself said, see R4.
type person struct {
	FullName     *string  `json:"fullName"`
	FirstName    *string  `json:"firstName"`
	LastName     *string  `json:"lastName"`
	EmailAddress *string  `json:"emailAddress"`
	PhoneNumber  *string  `json:"phoneNumber"`
	Locales      []string `json:"locales"`
	PostalCode   *string  `json:"postalCode"`
	Country      *string  `json:"country"`
	Notes        *string  `json:"notes"`
}

type unitItem struct {
	UUID              string    `json:"uuid"`
	ResellerReference *string   `json:"resellerReference"`
	SupplierReference *string   `json:"supplierReference"`
	UnitID            string    `json:"unitId"`
	Unit              *unit     `json:"unit"`
	Status            string    `json:"status"`
	Redeemed          *string   `json:"utcRedeemedAt"`
	Contact           person    `json:"contact"`
	Ticket            *document `json:"ticket"`
	Pricing           *pricing  `json:"pricing,omitempty"`
}

type document struct {
	RedemptionMethod string     `json:"redemptionMethod"`
	Redeemed         *string    `json:"utcRedeemedAt"`
	DeliveryOptions  []delivery `json:"deliveryOptions"`
}

type delivery struct {
	Format string `json:"deliveryFormat"`
	Value  string `json:"deliveryValue"`
}

// cancelTries is how often a booking is cancelled whose refund changes.
const cancelTries = 3

// cancel gives a booking back: at once while it is held, else by the policy of its purchase.
func (s *Service) cancel(
	ctx context.Context, who seller, o *order.Order,
) (*order.Order, error) {
	switch o.State {
	case order.StateHeld:
		if err := s.cfg.Orders.Abandon(ctx, o.ID, who.account); err != nil {
			return nil, err
		}
		return s.cfg.Orders.Find(ctx, o.ID)
	case order.StatePaid:
		cut := order.Cut{Reason: order.ByVisitor}
		for try := 1; ; try++ { // a step of the policy may begin in between
			q, err := s.cfg.Orders.QuoteCancel(ctx, o.ID, cut)
			if err != nil {
				return nil, err
			}
			was := o
			o, err = s.cfg.Orders.Cancel(ctx, was.ID, cut, q.Refund, "octo-cancel", who.account)
			if !errors.Is(err, order.ErrQuote) || try == cancelTries {
				return o, err
			}
			o = was
		}
	case order.StateExpired, order.StateCancelled:
		return o, nil
	case order.StatePaying, order.StateReturning:
	}
	return nil, unprocessable("the booking cannot be cancelled now")
}

// show writes a booking.
func (s *Service) show(ctx context.Context, who seller, r *record) (booking, error) {
	o := r.Order
	b := booking{ID: r.id(), UUID: r.uuid, SupplierReference: &o.ID,
		Status: bookingStatus(o), Created: utc(r.began()), Updated: moment(r.updated()),
		Expires: moment(o.Expires), Confirmed: moment(o.Paid), OptionID: optionID,
		DeliveryMethods: []string{"TICKET"}, Contact: nobody(), Notes: r.notes,
		UnitItems: []unitItem{}}
	if r.contact != nil {
		b.Contact = *r.contact
		b.Contact.Locales = append([]string{}, r.contact.Locales...)
	}
	var err error
	if b.Cancellable, err = s.cancellable(o); err != nil {
		return b, err
	}
	if name := r.reference(); name != "" {
		b.ResellerReference = &name
	}
	if o.State != order.StateHeld {
		b.Expires = nil
	}
	if b.Status == "CANCELLED" {
		b.Cancellation = &cancellation{Refund: refundOf(o), Cancelled: utc(o.Closed)}
		if r.kept != nil && r.kept.reason != "" {
			b.Cancellation.Reason = &r.kept.reason
		}
	}
	if err := s.describe(ctx, who, o, &b); err != nil {
		return b, err
	}
	return b, s.showItems(ctx, who, o, &b)
}

// standing are the lines that a booking is of: of one that stands not those that were given back.
func standing(o *order.Order) []order.Line {
	if live := o.Live(); len(live) > 0 {
		return live
	}
	return o.Lines
}

// showItems writes the units, with their tickets and prices.
func (s *Service) showItems(
	ctx context.Context, who seller, o *order.Order, b *booking,
) error {
	texts := map[int64]gate.Ticket{}
	if o.State == order.StatePaid {
		ts, err := s.cfg.Tickets.TicketsOf(ctx, o.ID)
		if err != nil {
			return err
		}
		for _, t := range ts {
			if t.State != gate.Revoked {
				texts[t.Line] = t
			}
		}
	}
	total := yen("", 0, 0)
	for _, l := range standing(o) {
		item := itemOf(o, &l, b.Option)
		if t, ok := texts[l.No]; ok {
			item.Redeemed = moment(t.First)
			item.Ticket = &document{RedemptionMethod: "DIGITAL", Redeemed: item.Redeemed,
				DeliveryOptions: []delivery{{"QRCODE", t.Text}}}
			if b.Status == "REDEEMED" && item.Redeemed != nil {
				b.Redeemed = item.Redeemed
			}
		}
		if who.pricing {
			price := yen("", l.List, l.Price)
			item.Pricing = &price
			total.Original, total.Net = total.Original+l.List, total.Net+l.Price
		}
		b.UnitItems = append(b.UnitItems, item)
	}
	if who.pricing {
		total.Retail = total.Original
		b.Pricing = &total
	}
	return nil
}

// cancellable says whether a booking can be given back now, by the policy of its purchase.
func (s *Service) cancellable(o *order.Order) (bool, error) {
	if o.State != order.StatePaid {
		return o.State == order.StateHeld, nil
	}
	policy, err := park.PolicyOf(o)
	if err != nil {
		return false, err
	}
	some := false
	for _, l := range o.Lines {
		if l.State == order.LineSold {
			if _, ok := policy.Keeps(s.cfg.Now(), park.VisitBegins(l.Day)); !ok {
				return false, nil
			}
			some = true
		}
	}
	return some, nil
}

// describe adds the product and the day.
func (s *Service) describe(
	ctx context.Context, who seller, o *order.Order, b *booking,
) error {
	p, ok := who.park(o.Place)
	if !ok || len(o.Lines) == 0 {
		return nil
	}
	l := standing(o)[0]
	x, err := s.cfg.Parks.Product(ctx, p.ID, l.Product)
	if err != nil {
		return err
	}
	w, err := s.write(ctx, who, p, x)
	if err != nil {
		return err
	}
	b.ProductID, b.Product, b.Option = w.ID, &w, &w.Options[0]
	b.AvailabilityID = availabilityID(x, l.Day, l.Slot)
	v := availability{ID: b.AvailabilityID, Hours: []hours{}}
	b.Availability = &v
	if slot, ok := x.Slot(l.Slot); ok {
		v.Start, v.End = local(park.At(l.Day, slot.From)), local(park.At(l.Day, slot.Until))
		return nil
	}
	from, until, err := s.hoursOf(ctx, who, p, x, l.Day)
	v.AllDay, v.Start, v.End = true, local(from), local(until)
	v.Hours = []hours{{v.Start[11:16], v.End[11:16]}}
	return err
}

// dayMinutes is the last minute of the date of a day.
const dayMinutes = 24*60 - 1

// hoursOf is from when until when a product without slots lets in on a day.
func (s *Service) hoursOf(
	ctx context.Context, who seller, p park.Park, x park.Product, day string,
) (from, until time.Time, err error) {
	k := p.ID + "/" + day
	d, known := who.days[k]
	if !known {
		all, err := s.cfg.Parks.Days(ctx, p.ID, day, day)
		if err != nil {
			return from, until, err
		}
		if len(all) > 0 {
			d = all[0]
		}
		who.days[k] = d
	}
	return park.At(day, max(x.From, d.Open)), park.At(day, cmp.Or(x.Until, d.Close, dayMinutes)),
		nil
}

func itemOf(o *order.Order, l *order.Line, of *option) unitItem {
	item := unitItem{UUID: l.Options["uuid"], UnitID: l.Unit, Contact: nobody(),
		Status: lineStatus(o, l)}
	if item.UUID == "" {
		item.UUID = lineUUID(o.ID, l.No)
	}
	if r := l.Options["reference"]; r != "" {
		item.ResellerReference = &r
	}
	if of != nil {
		for i := range of.Units {
			if of.Units[i].ID == l.Unit {
				item.Unit = &of.Units[i]
			}
		}
	}
	return item
}

func nobody() person { return person{Locales: []string{}} }

// bookingStatus is the state of an order as OCTO writes it.
func bookingStatus(o *order.Order) string {
	switch o.State {
	case order.StateHeld, order.StatePaying:
		return "ON_HOLD"
	case order.StateExpired:
		if o.NotHonoured {
			return "CANCELLED"
		}
		return "EXPIRED"
	case order.StateCancelled, order.StateReturning:
		return "CANCELLED"
	case order.StatePaid:
	}
	for _, l := range o.Live() {
		if l.State != order.LineUsed {
			return "CONFIRMED"
		}
	}
	return "REDEEMED"
}

func lineStatus(o *order.Order, l *order.Line) string {
	switch l.State {
	case order.LineUsed:
		return "REDEEMED"
	case order.LineCancelled:
		return "CANCELLED"
	case order.LineSold:
		return "CONFIRMED"
	case order.LineHeld, order.LineReleased:
	}
	return bookingStatus(o)
}

// refundOf is how much of a cancelled booking was returned.
func refundOf(o *order.Order) string {
	switch {
	case o.Paid.IsZero() || o.Refunded+o.Refunding == o.Total:
		return "FULL"
	case o.Refunded+o.Refunding == 0:
		return "NONE"
	}
	return "PARTIAL"
}

func utc(t time.Time) string { return t.UTC().Truncate(time.Second).Format(time.RFC3339) }

func moment(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	s := utc(t)
	return &s
}
