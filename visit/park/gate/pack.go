package gate

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/i18n"
	"watari/visit/park"
)

// Pack is what a device takes along to decide alone. It is made for the page's script, in its JSON
// form; times are milliseconds since 1970.
type Pack struct {
	ParkID   string    `json:"park_id"`
	Park     i18n.Text `json:"park"`
	DeviceID string    `json:"device_id"`
	Label    string    `json:"label"`
	Gate     i18n.Text `json:"gate"`
	// Version is the gate's: a device whose pack has another asks for everything, because the
	// tickets that the gate takes are others.
	Version int64 `json:"version"`
	// Overrides tells that staff may let people in against a refusal.
	Overrides bool `json:"overrides"`
	// Clock is the network's time when the pack was made. It serves until Until.
	Clock int64 `json:"clock"`
	Until int64 `json:"until"`
	// Keys are the public keys in hex, by their numbers.
	Keys map[string]string `json:"keys"`
	// Days are the keys of the changing digits in hex, by day.
	Days     map[string]string      `json:"days"`
	Products map[string]PackProduct `json:"products"` // by their numbers
	// Tickets are those that are known, or with Delta those that changed.
	Tickets []PackTicket `json:"tickets"`
	Delta   bool         `json:"delta"`
	// Partial tells that there are more tickets than a pack holds: what is missing is admitted by
	// its signature.
	Partial bool `json:"partial"`
}

// PackProduct is a product in a pack.
type PackProduct struct {
	Name    i18n.Text    `json:"name"`
	Listed  bool         `json:"listed"` // the gate takes it
	Reentry park.Reentry `json:"reentry"`
}

// PackTicket is a ticket in a pack. Its JSON form is an array, in the order of the fields.
type PackTicket struct {
	Number              string
	ProductNo           int64
	Class               int64 // number of the age class
	NotBefore, NotAfter int64 // minutes since 1970
	State               int64 // 0 valid or used, 1 cancelled, 2 replaced
	Reentry             park.Reentry
	Listed              bool // the gate takes it
	Rotating            bool
	Entries             int64
	Inside              bool
	Last                int64 // of the last pass, 0 for none
	Group               int64 // the same for tickets of one purchase, product and day
	Claims              []string
}

// MarshalJSON writes an array.
func (t PackTicket) MarshalJSON() ([]byte, error) {
	bit := func(b bool) int64 {
		if b {
			return 1
		}
		return 0
	}
	rule := int64(slices.Index(reentries, t.Reentry))
	out := []any{t.Number, t.ProductNo, t.Class, t.NotBefore, t.NotAfter, t.State, max(rule, 0),
		bit(t.Listed), bit(t.Rotating), t.Entries, bit(t.Inside), t.Last, t.Group}
	if len(t.Claims) > 0 {
		out = append(out, t.Claims)
	}
	return json.Marshal(out)
}

// reentries are the rules of coming back by their numbers in a pack.
var reentries = []park.Reentry{park.Once, park.AfterExit, park.AnyTime, onceADay}

const (
	// PackFor is how long a device may decide alone.
	PackFor = 24 * time.Hour
	// packMax is how many tickets a pack holds.
	packMax = 40_000
	// packLag is how much further a difference reaches back: a change that committed late has an
	// earlier time than the pack that missed it.
	packLag = 2 * time.Minute
)

// Pack makes what a device takes along: the tickets of this park day and of the next. since is the
// Clock of the pack that it has: only what changed comes then; the zero time asks for everything,
// and so does a pack of another day, whose tickets are others. It notes what the device says of
// itself: how far its clock was behind ours, and how many scans it keeps.
func (s *Service) Pack(
	ctx context.Context, st Station, since time.Time, offset time.Duration, waiting int64,
) (p Pack, err error) {
	if offset.Abs() > offsetMax || waiting < 0 {
		return Pack{}, ErrScan.Newf("the clock or the number of scans cannot be")
	}
	sold, err := s.selling(ctx, st.Device.ParkID)
	if err != nil {
		return Pack{}, err
	}
	if err := s.ensureKeys(ctx, st.Device.ParkID); err != nil {
		return Pack{}, err
	}
	now := s.now()
	err = s.view(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		p, err = s.pack(ctx, tx, st, sold, since, now)
		return err
	})
	if err != nil {
		return Pack{}, err
	}
	return p, s.cfg.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		return seeDevice(ctx, tx, st.Device.ID, clock.Micros(now), offset.Milliseconds(), waiting)
	})
}

func (s *Service) pack(
	ctx context.Context, tx *db.Tx, st Station, sold soldOf, since, now time.Time,
) (Pack, error) {
	p := Pack{ParkID: sold.park.ID, Park: sold.park.Name, DeviceID: st.Device.ID,
		Label: st.Device.Label, Gate: st.Gate.Name, Version: st.Gate.Version,
		Overrides: st.Device.Overrides, Clock: now.UnixMilli(),
		Until: now.Add(PackFor).UnixMilli(), Keys: map[string]string{}, Days: map[string]string{},
		Products: map[string]PackProduct{}, Tickets: []PackTicket{}}
	ks, err := keysOf(ctx, tx, p.ParkID)
	if err != nil {
		return p, err
	}
	for _, k := range good(ks) {
		p.Keys[strconv.Itoa(int(k.No))] = hex.EncodeToString(k.Public)
	}
	for _, day := range []string{park.DayOf(now), park.DayOf(now.Add(PackFor))} {
		key, err := s.dayKey(ctx, tx, p.ParkID, day)
		if err != nil {
			return p, err
		}
		p.Days[day] = hex.EncodeToString(key)
	}
	for _, one := range sold.products {
		p.Products[strconv.FormatInt(one.No, 10)] = PackProduct{Name: one.Name,
			Reentry: ruleOf(one.Reentry, one.Kind.Admission() && one.Days > 1),
			Listed:  takes(st.Gate.Products, one.Code, one.Kind.Admission())}
	}
	ts, err := s.tickets(ctx, tx, &p, since, now)
	if err != nil {
		return p, err
	}
	groups := map[[4]string]int64{}
	for i := range ts {
		p.Tickets = append(p.Tickets, packed(&ts[i], st, groups))
	}
	return p, nil
}

// tickets are those of a pack: what changed since another, or all.
func (s *Service) tickets(
	ctx context.Context, tx *db.Tx, p *Pack, since, now time.Time,
) ([]Ticket, error) {
	_, end, err := span(park.DayOf(now.Add(PackFor)))
	if err != nil {
		return nil, err
	}
	end = end.Add(-time.Minute) // what begins with the day after is not in it
	if p.Delta = sameDay(since, now); p.Delta {
		ts, err := ticketsBetween(ctx, tx, p.ParkID, now, end, since.Add(-packLag), packMax+1)
		if err != nil || len(ts) <= packMax {
			return ts, err
		}
		p.Delta = false // so much changed that a part of it would be missing
	}
	ts, err := ticketsBetween(ctx, tx, p.ParkID, now, end, time.Time{}, packMax+1)
	if len(ts) > packMax {
		ts, p.Partial = ts[:packMax], true
	}
	return ts, err
}

func packed(t *Ticket, st Station, groups map[[4]string]int64) PackTicket {
	group := [4]string{t.OrderID, t.Product, t.Day, t.Slot}
	if groups[group] == 0 {
		groups[group] = groupOf(t.OrderID, t.Product, t.Day, t.Slot)
	}
	out := PackTicket{Number: t.Number, ProductNo: t.ProductNo, Class: classOf(t.Unit),
		NotBefore: t.NotBefore.Unix() / 60, NotAfter: t.NotAfter.Unix() / 60,
		Reentry: t.rule(),
		Listed:  takes(st.Gate.Products, t.Product, t.Admits), Rotating: t.Rotating,
		Entries: t.Entries, Inside: t.Inside, Group: groups[group], Claims: t.Claims}
	if t.State == Revoked {
		out.State = 1
		if t.Ended == endedReplaced {
			out.State = 2
		}
	}
	if !t.Last.IsZero() {
		out.Last = t.Last.UnixMilli()
	}
	return out
}
