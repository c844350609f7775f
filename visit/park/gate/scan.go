package gate

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/event"
	"watari/kit/id"
	"watari/visit/order"
	"watari/visit/park"
	"watari/visit/park/ticket"
)

// Station is a device with its gate.
type Station struct {
	Device Device
	Gate   Gate
}

// ScanInput is one look at a ticket.
type ScanInput struct {
	Text  string // what the camera read, or the code that was typed; at most 200 characters
	Typed bool
	Kind  Kind
	Nonce string // the device's own id of the scan, 1 to 64 printable characters; a repeat is the same
	// Override is why staff let somebody in whom the network refused, at most 200 characters. Some
	// refusals cannot be overridden, see Reason.Overridable, and some devices may not, see
	// Device.Overrides: then it changes nothing.
	Override string
}

// Limits of a scan.
const (
	textMax     = 200
	nonceMax    = 64
	overrideMax = 200
)

// Verdict is the answer to a scan.
type Verdict struct {
	ScanID   string
	Admitted bool
	Reason   Reason
	Override string // why it was admitted all the same
	Kind     Kind
	At       time.Time
	Ticket   *Ticket // nil when it is none that is known
	// Of and In are how many tickets of the same purchase and product there are, and how many of
	// them have entered, with this one.
	Of, In int64
	// Last is the last pass before a refusal; nil when there was none.
	Last *Pass
	// Repeated tells that the scan was answered before.
	Repeated bool
}

// Pass is somebody who went through a gate.
type Pass struct {
	ScanID, GateID, DeviceID string
	Kind                     Kind
	At                       time.Time
	Offline                  bool
}

// errRepeat says that the same scan is being answered elsewhere.
var errRepeat = errors.New("the scan is being answered elsewhere")

// check refuses a scan that cannot be read.
//
// Errors: ErrScan.
func (in *ScanInput) check() error {
	e := ErrScan.Newf("see the fields")
	if in.Text == "" || utf8.RuneCountInString(in.Text) > textMax {
		e = e.At("/text", "has 1 to 200 characters")
	}
	if in.Kind != Entry && in.Kind != Exit {
		e = e.At("/kind", "is entry or exit")
	}
	if !word(in.Nonce, nonceMax) {
		e = e.At("/nonce", "has 1 to 64 characters in one line")
	}
	if in.Override != "" && !word(in.Override, overrideMax) {
		e = e.At("/override", "has at most 200 characters in one line")
	}
	if len(e.Fields) > 0 {
		return e
	}
	return nil
}

// Scan decides now. A repeat of a nonce is answered as it was.
//
// Errors: ErrScan.
func (s *Service) Scan(ctx context.Context, st Station, in ScanInput) (Verdict, error) {
	if err := in.check(); err != nil {
		return Verdict{}, err
	}
	sold, err := s.selling(ctx, st.Device.ParkID)
	if err != nil {
		return Verdict{}, err
	}
	for {
		var v Verdict
		err := s.update(ctx, sold.park,
			func(ctx context.Context, tx *db.Tx) (evs []event.Event, err error) {
				v, evs, err = s.scan(ctx, tx, st, in)
				return evs, err
			})
		if !errors.Is(err, errRepeat) && !db.IsMaybeCommitted(err) {
			return v, err
		}
		if ctx.Err() != nil {
			return Verdict{}, ctx.Err()
		}
	}
}

func (s *Service) scan(
	ctx context.Context, tx *db.Tx, st Station, in ScanInput,
) (Verdict, []event.Event, error) {
	now := s.now()
	before, err := scanOf(ctx, tx, st.Device.ID, in.Nonce, false)
	if err != nil {
		return Verdict{}, nil, err
	}
	if before != nil {
		v, err := s.repeated(ctx, tx, before)
		return v, nil, err
	}
	l, err := s.look(ctx, tx, st, in, now)
	if err != nil {
		return Verdict{}, nil, err
	}
	r := l.row(st, in, now)
	r.Reason = judge(l.facts)
	r.Admitted = r.Reason == Admitted
	if in.Override != "" && r.Reason.Overridable() && st.Device.Overrides {
		r.Admitted, r.Override = true, in.Override
	}
	var last *scanRow
	if !r.Admitted {
		if last, err = lastPass(ctx, tx, l.number); err != nil {
			return Verdict{}, nil, err
		}
	}
	if r.Admitted && l.ticket != nil {
		if err := s.pass(ctx, tx, l.ticket, &r, now); err != nil {
			return Verdict{}, nil, err
		}
	}
	n, err := insertScan(ctx, tx, r)
	if err == nil && n == 0 {
		err = errRepeat
	}
	if err != nil {
		return Verdict{}, nil, err
	}
	v := verdictOf(r, l.ticket, last)
	if l.ticket != nil {
		p, err := partyOf(ctx, tx, l.ticket)
		if err != nil {
			return Verdict{}, nil, err
		}
		v.Of, v.In = p.of, p.in
	}
	return v, overridden(r), nil
}

// overridden tells of a scan that staff decided against the network.
func overridden(r scanRow) []event.Event {
	if !r.Admitted || r.Override == "" || r.Reason == Admitted {
		return nil
	}
	return []event.Event{{Kind: "gate.override", Subject: r.ID, Actor: r.DeviceID,
		Data: said(map[string]any{"gate_id": r.GateID, "reason": string(r.Reason),
			"override": r.Override, "ticket": r.Number, "offline": r.Offline})}}
}

// looked is what a text turned out to be.
type looked struct {
	number string
	ticket *Ticket
	facts  facts
}

// look reads a text, finds and locks its ticket, and gathers what a decision depends on.
func (s *Service) look(
	ctx context.Context, tx *db.Tx, st Station, in ScanInput, at time.Time,
) (looked, error) {
	parkID := st.Device.ParkID
	l := looked{facts: facts{form: Admitted, kind: in.Kind, at: at, digits: true}}
	var claim ticket.Claim
	digits := ""
	if number, ok := numberOf(in.Text); in.Typed && ok {
		l.number = number
	} else {
		_, _, err := ticket.Parse(in.Text)
		if err != nil {
			l.facts.form = Invalid
			return l, nil
		}
		keys, err := s.verifiers(ctx, tx, parkID)
		if err != nil {
			return l, err
		}
		claim, digits, err = ticket.Verify(keys, in.Text)
		switch {
		case errors.Is(err, ticket.ErrKey):
			return s.lookAtOld(ctx, tx, st, in, at)
		case err != nil:
			l.facts.form = Forged
			return l, nil
		}
		l.number = claim.Ticket.String()
	}
	t, err := lockTicket(ctx, tx, parkID, l.number)
	if err != nil {
		return l, fmt.Errorf("find ticket: %w", err)
	}
	if t == nil {
		return l, nil
	}
	l.ticket = t
	return l, s.know(ctx, tx, st, &l, claim.Changes || in.Typed && t.Rotating, digits)
}

// know fills in what is known of a ticket.
func (s *Service) know(
	ctx context.Context, tx *db.Tx, st Station, l *looked, changes bool, digits string,
) error {
	t, f := l.ticket, &l.facts
	f.known, f.notBefore, f.notAfter = true, t.NotBefore, t.NotAfter
	f.listed = takes(st.Gate.Products, t.Product, t.Admits)
	f.entries, f.inside, f.reentry = t.Entries, t.Inside, t.rule()
	f.today = sameDay(t.Last, f.at)
	if t.State == Revoked {
		f.revoked = Cancelled
		if t.Ended == endedReplaced {
			f.revoked = Replaced
		}
	}
	if !changes {
		return nil
	}
	key, err := s.dayKey(ctx, tx, t.ParkID, park.DayOf(f.at))
	if err != nil {
		return err
	}
	number, err := ticket.ParseID(l.number)
	if err != nil {
		return err
	}
	f.digits = ticket.CheckDigits(ticket.Secret(key, number), digits, f.at) == nil
	return nil
}

// row is the scan as it is kept, not decided yet. Of what is no ticket nothing is kept (G6).
func (l *looked) row(st Station, in ScanInput, now time.Time) scanRow {
	r := scanRow{ID: id.New("gsc", shard(st.Device.ParkID)), ParkID: st.Device.ParkID,
		GateID: st.Gate.ID, DeviceID: st.Device.ID, Nonce: in.Nonce, Number: l.number,
		Kind: in.Kind, At: now, DeviceAt: now, Received: now, Typed: in.Typed}
	if t := l.ticket; t != nil {
		r.Product, r.Unit, r.Admits = t.Product, string(t.Unit), t.Admits
	}
	return r
}

// pass counts an admitted scan on its ticket. The first entry uses the line of the order up; when
// that was given back meanwhile, the scan is refused after all (G5).
func (s *Service) pass(
	ctx context.Context, tx *db.Tx, t *Ticket, r *scanRow, now time.Time,
) error {
	if r.Kind == Entry {
		ok, err := use(ctx, tx, t)
		if err != nil {
			return err
		}
		if !ok {
			r.Admitted, r.Override, r.Reason = false, "", Cancelled
			return nil
		}
		r.Again = t.Entries > 0 && sameDay(t.Last, r.At)
		t.Entries++
		if t.First.IsZero() {
			t.First = r.At
		}
	} else {
		t.Exits++
	}
	t.Inside, t.Last = r.Kind == Entry, r.At
	return updateTicket(ctx, tx, t, clock.Micros(now))
}

// use uses the line of a valid ticket up; false when it was given back.
func use(ctx context.Context, tx *db.Tx, t *Ticket) (bool, error) {
	if t.State != Valid {
		return true, nil
	}
	n, err := order.Use(ctx, tx, t.OrderID, []int64{t.Line})
	if err != nil {
		return false, fmt.Errorf("use line %d of order %s: %w", t.Line, t.OrderID, err)
	}
	if n == 0 {
		return false, nil
	}
	t.State = Used
	return true, nil
}

func verdictOf(r scanRow, t *Ticket, last *scanRow) Verdict {
	v := Verdict{ScanID: r.ID, Admitted: r.Admitted, Reason: r.Reason, Override: r.Override,
		Kind: r.Kind, At: r.At, Ticket: t}
	if last != nil {
		v.Last = last.passed()
	}
	return v
}

// repeated is the answer that a scan was given.
func (s *Service) repeated(ctx context.Context, tx *db.Tx, r *scanRow) (Verdict, error) {
	v := verdictOf(*r, nil, nil)
	v.Repeated = true
	if r.Number == "" {
		return v, nil
	}
	t, err := lockTicket(ctx, tx, r.ParkID, r.Number)
	if err != nil || t == nil {
		return v, err
	}
	p, err := partyOf(ctx, tx, t)
	v.Ticket, v.Of, v.In = t, p.of, p.in
	return v, err
}

// Print returns the text of a ticket for paper: it does not change, so who copies it has it too. A
// ticket that was shown changing is static from now on, everywhere.
//
// Errors: ErrTicketUnknown.
func (s *Service) Print(ctx context.Context, ticketID string) (t Ticket, err error) {
	err = s.cfg.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		if t, err = ticketByID(ctx, tx, ticketID); err != nil || !t.Rotating {
			return err
		}
		c, _, err := ticket.Parse(t.Text)
		if err != nil {
			return fmt.Errorf("text of ticket %s: %w", t.ID, err)
		}
		no, key, err := s.signer(ctx, tx, t.ParkID)
		if err != nil {
			return err
		}
		c.Key, c.Changes = no, false
		t.Text, t.Rotating = ticket.Sign(key, c), false
		return rewriteTicket(ctx, tx, t, clock.Micros(s.now()))
	})
	return t, err
}
