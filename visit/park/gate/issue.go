package gate

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/i18n"
	"watari/kit/id"
	"watari/visit/order"
	"watari/visit/park"
	"watari/visit/park/ticket"
)

// State is where a ticket stands.
type State string

// The states of a ticket.
const (
	Valid   State = "valid"
	Used    State = "used" // somebody entered with it; it may let in again
	Revoked State = "revoked"
)

// Why a ticket is revoked.
const (
	endedCancelled = "cancelled" // its line was given back
	endedReplaced  = "replaced"  // another took its place, for another day
)

// Ticket is a ticket as it stands.
type Ticket struct {
	ID        string // "tkt_…"
	Number    string // in its text, 16 hexadecimal digits; Code shows it
	ParkID    string
	OrderID   string
	Line      int64
	VisitorID string // "" of sales on account
	Product   string // code
	ProductNo int64
	// Admits tells that it lets into the park, and not only onto a ride.
	Admits              bool
	Unit                park.Unit
	Day, Slot           string
	NotBefore, NotAfter time.Time
	Reentry             park.Reentry
	// Rotating tells that a phone shows it with digits that change, see Secret.
	Rotating bool
	Channel  string
	Kind     park.Kind
	Place    string // code of the queue, of rides
	Label    i18n.Text
	Claims   []string // what is to be proved at the gate
	Text     string   // of the QR code
	State    State
	Ended    string // "cancelled" or "replaced", of one that is revoked
	Entries  int64
	Exits    int64
	Inside   bool
	// First is the first entry, Last the last pass; zero when there was none.
	First, Last time.Time

	changed time.Time
}

// Code is the number of a ticket as people read and type it: "9F3A-1C22-B0D4-77E1".
func (t Ticket) Code() string { return codeOf(t.Number) }

func codeOf(number string) string {
	var parts []string
	for up := strings.ToUpper(number); len(up) > 0; up = up[min(4, len(up)):] {
		parts = append(parts, up[:min(4, len(up))])
	}
	return strings.Join(parts, "-")
}

// numberOf reads a code as it was typed; false when it is none.
func numberOf(code string) (string, bool) {
	number := strings.ToLower(strings.NewReplacer("-", "", " ", "").Replace(code))
	_, err := ticket.ParseID(number)
	return number, err == nil
}

// Issue makes tickets, once for each line (G1). It is part of park.Issuer.
func (s *Service) Issue(
	ctx context.Context, tx *db.Tx, now time.Time, ts []park.NewTicket,
) error {
	rows := make([]Ticket, 0, len(ts))
	signers := map[string]func(ticket.Claim) string{}
	for _, n := range ts {
		sign := signers[n.ParkID]
		if sign == nil {
			no, key, err := s.signer(ctx, tx, n.ParkID)
			if err != nil {
				return err
			}
			if err := s.digitsKey(ctx, tx, n.ParkID); err != nil {
				return err
			}
			sign = func(c ticket.Claim) string {
				c.Key = no
				return ticket.Sign(key, c)
			}
			signers[n.ParkID] = sign
		}
		rows = append(rows, made(n, sign))
	}
	if err := insertTickets(ctx, tx, rows, clock.Micros(now)); err != nil {
		return fmt.Errorf("keep tickets: %w", err)
	}
	return nil
}

// digitsKey makes the key of a park's changing digits when it has none.
func (s *Service) digitsKey(ctx context.Context, tx *db.Tx, parkID string) error {
	s.mu.Lock()
	known := s.digits[parkID] != nil
	s.mu.Unlock()
	if known {
		return nil
	}
	return s.makeKey(ctx, tx, parkID, digitsNo)
}

// made is the ticket that is asked for.
func made(n park.NewTicket, sign func(ticket.Claim) string) Ticket {
	check.That(n.ProductNo > 0 && n.ProductNo < 1<<32 && n.SlotNo >= 0 && n.SlotNo < 1<<32,
		"gate: product %d, slot %d", n.ProductNo, n.SlotNo)
	number := ticket.NewID()
	return Ticket{ID: id.New("tkt", shard(n.ParkID)), Number: number.String(), ParkID: n.ParkID,
		OrderID: n.OrderID, Line: n.Line, VisitorID: n.VisitorID, Product: n.Product,
		ProductNo: n.ProductNo, Admits: n.Kind.Admission(), Unit: n.Unit, Day: n.Day, Slot: n.Slot,
		NotBefore: n.NotBefore, NotAfter: n.NotAfter, Reentry: cmp.Or(n.Reentry, park.Once),
		Rotating: n.Rotating, Channel: n.Channel, Kind: n.Kind, Place: n.Place, Label: n.Label,
		Claims: n.Claims, State: Valid,
		Text: sign(ticket.Claim{Ticket: number, Product: uint32(n.ProductNo),
			Slot: uint32(n.SlotNo), NotBefore: n.NotBefore.UTC(), NotAfter: n.NotAfter.UTC(),
			Changes: n.Rotating, Class: n.Class})}
}

// more is what a ticket says beside its columns.
type more struct {
	Channel string    `json:"channel,omitempty"`
	Kind    park.Kind `json:"kind,omitempty"`
	Place   string    `json:"place,omitempty"`
	Label   i18n.Text `json:"label,omitempty"`
	Claims  []string  `json:"claims,omitempty"`
}

func (t *Ticket) more() string {
	b, err := json.Marshal(more{t.Channel, t.Kind, t.Place, t.Label, t.Claims})
	check.That(err == nil, "gate: a ticket is no JSON: %v", err)
	return string(b)
}

// Revoke takes tickets of an order back. It is part of park.Issuer.
//
// Errors: order.ErrLine when one was used meanwhile.
func (s *Service) Revoke(
	ctx context.Context, tx *db.Tx, now time.Time, orderID string, lines []int64,
) error {
	return revoke(ctx, tx, orderID, lines, endedCancelled, now)
}

// Reissue replaces the tickets of lines by others. It is part of park.Issuer.
//
// Errors: order.ErrLine when one was used meanwhile.
func (s *Service) Reissue(
	ctx context.Context, tx *db.Tx, now time.Time, ts []park.NewTicket,
) error {
	byOrder := map[string][]int64{}
	var orders []string
	for _, n := range ts {
		if byOrder[n.OrderID] == nil {
			orders = append(orders, n.OrderID)
		}
		byOrder[n.OrderID] = append(byOrder[n.OrderID], n.Line)
	}
	slices.Sort(orders)
	for _, o := range orders {
		if err := revoke(ctx, tx, o, byOrder[o], endedReplaced, now); err != nil {
			return err
		}
	}
	return s.Issue(ctx, tx, now, ts)
}

func revoke(
	ctx context.Context, tx *db.Tx, orderID string, lines []int64, why string, now time.Time,
) error {
	found, err := lockLines(ctx, tx, orderID, lines)
	if err != nil {
		return fmt.Errorf("lock tickets of %s: %w", orderID, err)
	}
	for _, t := range found {
		if t.State == Used {
			return order.ErrLine.Newf("line %d was used at a gate", t.Line)
		}
	}
	if err := revokeLines(ctx, tx, orderID, lines, why, clock.Micros(now)); err != nil {
		return fmt.Errorf("revoke tickets of %s: %w", orderID, err)
	}
	return nil
}

// TicketsOf lists the tickets of an order by line, those that are revoked too.
func (s *Service) TicketsOf(ctx context.Context, orderID string) (ts []Ticket, err error) {
	err = s.view(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		ts, err = ticketsOf(ctx, tx, orderID)
		return err
	})
	return ts, err
}

// Ticket returns one ticket by its id.
//
// Errors: ErrTicketUnknown.
func (s *Service) Ticket(ctx context.Context, ticketID string) (t Ticket, err error) {
	err = s.view(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		t, err = ticketByID(ctx, tx, ticketID)
		return err
	})
	return t, err
}

// Secret is what the changing digits of a ticket are made from on a park day, 32 bytes: the phone
// shows Text and ticket.Digits(secret, now). It is worthless on any other day.
//
// Errors: ErrDay.
func (s *Service) Secret(ctx context.Context, t Ticket, day string) (secret []byte, err error) {
	if !isDay(day) {
		return nil, ErrDay.Newf("%q is none", day)
	}
	number, err := ticket.ParseID(t.Number)
	if err != nil {
		return nil, fmt.Errorf("ticket %s: %w", t.ID, err)
	}
	err = s.view(ctx, func(ctx context.Context, tx *db.Tx) error {
		key, err := s.dayKey(ctx, tx, t.ParkID, day)
		if err == nil {
			secret = ticket.Secret(key, number)
		}
		return err
	})
	return secret, err
}

// isDay says whether a text is a day, YYYY-MM-DD.
func isDay(day string) bool {
	t, err := time.Parse(time.DateOnly, day)
	return err == nil && t.Format(time.DateOnly) == day
}
