package octo

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"watari/kit/i18n"
	"watari/visit/order"
	"watari/visit/park"
)

// wanted is the body of a new booking.
type wanted struct {
	UUID              string       `json:"uuid"`
	ProductID         string       `json:"productId"`
	OptionID          string       `json:"optionId"`
	AvailabilityID    string       `json:"availabilityId"`
	ExpirationMinutes int64        `json:"expirationMinutes"`
	Notes             *string      `json:"notes"`
	UnitItems         []wantedUnit `json:"unitItems"`
}

// wantedUnit is one of the units that are wanted.
type wantedUnit struct {
	UUID              string  `json:"uuid"`
	UnitID            string  `json:"unitId"`
	ResellerReference string  `json:"resellerReference"`
	Contact           *person `json:"contact"` // its form is looked at, see R4
}

// Limits of a booking.
const (
	holdMinutes  = 30 // when the reseller does not say
	holdMost     = 24 * 60
	referenceMax = 128 // bytes of a reseller's own number
	notesMax     = 500 // characters; also of a reason, and of what is said of who travels
)

// printable says whether a text is one line that can be shown.
func printable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

// checkReference refuses what cannot be a reseller's own number.
func checkReference(name, text string) error {
	if len(text) > referenceMax || !printable(text) {
		return badRequest(name + " has at most 128 characters that can be printed")
	}
	return nil
}

// checkNotes refuses notes that are too long.
func checkNotes(notes *string) error {
	if notes != nil && utf8.RuneCountInString(*notes) > notesMax {
		return badRequest("notes has at most 500 characters")
	}
	return nil
}

// check refuses what nobody is called like.
func (p *person) check() error {
	if p == nil {
		return nil
	}
	for _, s := range append([]*string{p.FullName, p.FirstName, p.LastName, p.EmailAddress,
		p.PhoneNumber, p.PostalCode, p.Country, p.Notes}, pointers(p.Locales)...) {
		if s != nil && utf8.RuneCountInString(*s) > notesMax {
			return badRequest("contact: each member has at most 500 characters")
		}
	}
	if len(p.Locales) > referenceMax {
		return badRequest("contact: at most 128 locales")
	}
	return nil
}

func pointers(texts []string) []*string {
	out := make([]*string, len(texts))
	for i := range texts {
		out[i] = &texts[i]
	}
	return out
}

// checkMinutes refuses how long nothing is held; 0 is not said.
func checkMinutes(minutes int64) error {
	if minutes < 0 || minutes > holdMost {
		return badRequest("expirationMinutes is 1 to 1440")
	}
	return nil
}

// wish is what is wanted, as an order is asked for.
type wish struct {
	park      park.Park
	product   park.Product
	day, slot string
	items     []order.Item
}

// resolve finds what is wanted, and refuses what cannot be.
func (s *Service) resolve(ctx context.Context, who seller, w wanted) (wish, error) {
	p, x, _, sold, err := s.find(ctx, who, asked{ProductID: w.ProductID, OptionID: w.OptionID})
	if err != nil {
		return wish{}, err
	}
	out := wish{park: p, product: x}
	var ok bool
	if out.day, out.slot, ok = splitID(x, w.AvailabilityID); !ok {
		return out, invalidAvailability(w.AvailabilityID)
	}
	if err := checkMinutes(w.ExpirationMinutes); err != nil {
		return out, err
	}
	if err := checkNotes(w.Notes); err != nil {
		return out, err
	}
	out.items, err = w.items(x.Code, out.day, out.slot, sold)
	return out, err
}

// request is what is asked of the orders.
func (w *wish) request(who seller, uuid string, hold time.Duration) order.Request {
	return order.Request{RequestID: uuid, Seller: park.SellerKind, Place: w.park.ID,
		Channel: park.ByOCTO, Account: who.account, Lang: i18n.English, Items: w.items,
		HoldFor: hold}
}

// book holds what is wanted. The uuid of a booking that exists returns that one (R1); without a
// uuid one is made up.
func (s *Service) book(ctx context.Context, who seller, w wanted) (*record, error) {
	w.UUID = strings.ToLower(w.UUID)
	if w.UUID == "" {
		w.UUID = newUUID()
	}
	if !uuidForm.MatchString(w.UUID) {
		return nil, badRequest("uuid is none")
	}
	q, err := s.resolve(ctx, who, w)
	if err != nil {
		return nil, err
	}
	was, err := s.booked(ctx, who, w.UUID)
	if err != nil || was != nil {
		if err == nil && !same(was.Order, q) {
			err = unprocessable("The uuid is that of another booking")
		}
		return was, err
	}
	o, err := s.cfg.Orders.Hold(ctx, q.request(who, w.UUID,
		time.Duration(cmp.Or(w.ExpirationMinutes, holdMinutes))*time.Minute))
	return &record{Order: o, uuid: w.UUID, notes: w.Notes}, err
}

// same says whether an order is of these items.
func same(o *order.Order, q wish) bool {
	type thing struct{ product, slot, unit string }
	left := map[thing]int64{}
	for _, it := range q.items {
		left[thing{it.Product, it.Slot, it.Unit}] += it.Count
	}
	for _, l := range o.Lines {
		if l.Day != q.day {
			return false
		}
		left[thing{l.Product, l.Slot, l.Unit}]--
	}
	for _, n := range left {
		if n != 0 {
			return false
		}
	}
	return o.Place == q.park.ID
}

// items are the units of a booking: one item of an order for each age class, or for each unit that
// has a name of the reseller's.
func (w wanted) items(product, day, slot string, sold []park.Unit) ([]order.Item, error) {
	if n := len(w.UnitItems); n < 1 || n > order.LinesMax {
		return nil, unprocessable("a booking has 1 to 200 unitItems")
	}
	var out []order.Item
	at, named := map[string]int{}, map[string]bool{}
	for _, u := range w.UnitItems {
		if err := u.check(sold); err != nil {
			return nil, err
		}
		uuid := strings.ToLower(u.UUID)
		if named[uuid] {
			return nil, badRequest("unitItems: a uuid is there twice")
		}
		it := order.Item{Product: product, Day: day, Slot: slot, Unit: u.UnitID, Count: 1}
		if uuid != "" || u.ResellerReference != "" {
			named[uuid] = uuid != ""
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

// check refuses a unit that is not sold, or named as none can be.
func (u *wantedUnit) check(sold []park.Unit) error {
	if !slices.Contains(sold, park.Unit(u.UnitID)) {
		return invalidUnit(u.UnitID)
	}
	if u.UUID != "" && !uuidForm.MatchString(u.UUID) {
		return badRequest("unitItems: a uuid is none")
	}
	if err := checkReference("unitItems: a resellerReference", u.ResellerReference); err != nil {
		return err
	}
	return u.Contact.check()
}
