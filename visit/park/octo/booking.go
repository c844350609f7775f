package octo

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"watari/kit/i18n"
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

// person is who travels: always without anything, see R4.
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

// wanted is the body of a new booking.
type wanted struct {
	UUID              string `json:"uuid"`
	ProductID         string `json:"productId"`
	OptionID          string `json:"optionId"`
	AvailabilityID    string `json:"availabilityId"`
	ExpirationMinutes int64  `json:"expirationMinutes"`
	Notes             string `json:"notes"`
	UnitItems         []struct {
		UUID              string `json:"uuid"`
		UnitID            string `json:"unitId"`
		ResellerReference string `json:"resellerReference"`
	} `json:"unitItems"`
}

// Limits of a booking.
const (
	holdMinutes  = 30 // when the reseller does not say
	holdMost     = 24 * 60
	referenceMax = 128 // bytes of a reseller's own number
	notesMax     = 500
)

// printable says whether a text is one line that can be shown.
func printable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

// book holds what is wanted. The uuid of a booking that exists returns that one (R1); without a
// uuid one is made up.
func (s *Service) book(ctx context.Context, who seller, w wanted) (*order.Order, error) {
	w.UUID = strings.ToLower(w.UUID)
	if w.UUID == "" {
		w.UUID = newUUID()
	}
	if !uuidForm.MatchString(w.UUID) {
		return nil, badRequest("uuid is none")
	}
	p, x, _, sold, err := s.find(ctx, who, asked{ProductID: w.ProductID, OptionID: w.OptionID})
	if err != nil {
		return nil, err
	}
	day, slot, ok := splitID(w.AvailabilityID)
	if _, known := x.Slot(slot); !ok || (slot != "") != (len(x.Slots) > 0) || slot != "" && !known {
		return nil, &problem{Code: "INVALID_AVAILABILITY_ID", AvailabilityID: w.AvailabilityID,
			Message: "The availabilityId was missing or invalid"}
	}
	if w.ExpirationMinutes < 0 || w.ExpirationMinutes > holdMost {
		return nil, badRequest("expirationMinutes is 1 to 1440")
	}
	if utf8.RuneCountInString(w.Notes) > notesMax {
		return nil, badRequest("notes has at most 500 characters")
	}
	items, err := w.items(x.Code, day, slot, sold)
	if err != nil {
		return nil, err
	}
	was, err := s.booked(ctx, who, w.UUID)
	if err != nil || was != nil {
		if err == nil && !same(was, p, items) {
			err = unprocessable("The uuid is that of another booking")
		}
		return was, err
	}
	return s.cfg.Orders.Hold(ctx, order.Request{RequestID: w.UUID, Seller: park.SellerKind,
		Place: p.ID, Channel: park.ByOCTO, Account: who.account, Lang: i18n.English, Items: items,
		HoldFor: time.Duration(cmp.Or(w.ExpirationMinutes, holdMinutes)) * time.Minute})
}

// same says whether an order is of these items.
func same(o *order.Order, p park.Park, items []order.Item) bool {
	type thing struct{ product, slot, unit string }
	left := map[thing]int64{}
	for _, it := range items {
		left[thing{it.Product, it.Slot, it.Unit}] += it.Count
	}
	for _, l := range o.Lines {
		if l.Day != items[0].Day {
			return false
		}
		left[thing{l.Product, l.Slot, l.Unit}]--
	}
	for _, n := range left {
		if n != 0 {
			return false
		}
	}
	return o.Place == p.ID
}

// items are the units of a booking: one item of an order for each age class, or for each unit that
// has a name of the reseller's.
func (w wanted) items(product, day, slot string, sold []park.Unit) ([]order.Item, error) {
	if n := len(w.UnitItems); n < 1 || n > order.LinesMax {
		return nil, unprocessable("a booking has 1 to 200 unitItems")
	}
	var out []order.Item
	at := map[string]int{}
	for _, u := range w.UnitItems {
		if !slices.Contains(sold, park.Unit(u.UnitID)) {
			return nil, invalidUnit(u.UnitID)
		}
		if u.UUID != "" && !uuidForm.MatchString(u.UUID) {
			return nil, badRequest("unitItems: a uuid is none")
		}
		if len(u.ResellerReference) > referenceMax || !printable(u.ResellerReference) {
			return nil, badRequest("unitItems: a resellerReference has at most 128 characters " +
				"that can be printed")
		}
		it := order.Item{Product: product, Day: day, Slot: slot, Unit: u.UnitID, Count: 1}
		if u.UUID != "" || u.ResellerReference != "" {
			it.Options = map[string]string{"uuid": u.UUID, "reference": u.ResellerReference}
			out = append(out, it)
			continue
		}
		if i, ok := at[u.UnitID]; ok {
			out[i].Count++
			continue
		}
		at[u.UnitID] = len(out)
		out = append(out, it)
	}
	if len(out) > order.ItemsMax {
		return nil, unprocessable("at most 50 unitItems can be named by their own uuid")
	}
	return out, nil
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
func (s *Service) show(ctx context.Context, who seller, o *order.Order) (booking, error) {
	b := booking{ID: o.ID, UUID: o.RequestID, SupplierReference: &o.ID,
		Status: bookingStatus(o), Created: utc(o.Created), Expires: moment(o.Expires),
		Confirmed: moment(o.Paid), OptionID: optionID, DeliveryMethods: []string{"TICKET"},
		Contact: nobody(), UnitItems: []unitItem{}}
	var err error
	if b.Cancellable, err = s.cancellable(o); err != nil {
		return b, err
	}
	if o.Reference != "" {
		b.ResellerReference = &o.Reference
	}
	if o.State != order.StateHeld {
		b.Expires = nil
	}
	if b.Status == "CANCELLED" {
		b.Cancellation = &cancellation{Refund: refundOf(o), Cancelled: utc(o.Closed)}
	}
	if err := s.describe(ctx, who, o, &b); err != nil {
		return b, err
	}
	texts := map[int64]gate.Ticket{}
	if o.State == order.StatePaid {
		ts, err := s.cfg.Tickets.TicketsOf(ctx, o.ID)
		if err != nil {
			return b, err
		}
		for _, t := range ts {
			if t.State != gate.Revoked {
				texts[t.Line] = t
			}
		}
	}
	total := yen("", 0, 0)
	for i := range o.Lines {
		l := &o.Lines[i]
		item := itemOf(o, l, b.Option)
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
	return b, nil
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
	l := o.Lines[0]
	x, err := s.cfg.Parks.Product(ctx, p.ID, l.Product)
	if err != nil {
		return err
	}
	w, err := s.write(ctx, who, p, x)
	if err != nil {
		return err
	}
	b.ProductID, b.Product, b.Option = w.ID, &w, &w.Options[0]
	b.AvailabilityID = l.Day
	until := x.Until
	if until == 0 {
		until = dayMinutes
	}
	v := availability{ID: l.Day, AllDay: true, Start: local(park.At(l.Day, x.From)),
		End: local(park.At(l.Day, until)), Hours: []hours{}}
	if l.Slot != "" {
		b.AvailabilityID = l.Day + "/" + l.Slot
		v.ID, v.AllDay = b.AvailabilityID, false
	}
	if slot, ok := x.Slot(l.Slot); ok {
		v.Start, v.End = local(park.At(l.Day, slot.From)), local(park.At(l.Day, slot.Until))
	}
	b.Availability = &v
	return nil
}

// dayMinutes is the last minute of the date of a day.
const dayMinutes = 24*60 - 1

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
