package gate

import (
	"context"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/visit/park"
)

// Occupancy is how many people are in a park.
type Occupancy struct {
	Now int64 // entered since the day began, less those who left
	// ByUnit is the same by age class.
	ByUnit map[park.Unit]int64
	// Entered is how many tickets were used to enter since then; Exits how many exits were
	// scanned: 0 means that nobody scans them, and Now is Entered.
	Entered, Exits int64
	At             time.Time
}

// Hour is how many passed in one hour, into or out of the park.
type Hour struct {
	From     time.Time
	GateID   string
	Unit     park.Unit
	First    int64 // tickets that entered for the first time
	Again    int64 // tickets that came back
	Exits    int64
	Offline  int64 // of all of these, decided by devices alone
	Override int64 // of all of these, let in by staff against the network
}

// Clash is a scan that was admitted and should not have been.
type Clash struct {
	ScanID   string
	Conflict Conflict
	Ticket   Ticket // only Number when it is not known
	This     Pass
	// First is the entry that a double one repeats; nil otherwise.
	First *Pass
}

// Look is one scan, as a list of the last ones shows it.
type Look struct {
	Pass
	Admitted bool
	Reason   Reason
	Override string
	Typed    bool
	Number   string // "" when it was no ticket
	Product  string
	Unit     park.Unit
	Conflict Conflict
	Received time.Time
}

// listMax is how many rows a list has at most.
const listMax = 1000

// span is the time of a park day.
//
// Errors: ErrDay.
func span(day string) (from, until time.Time, err error) {
	if !isDay(day) {
		return from, until, ErrDay.Newf("%q is none", day)
	}
	from = park.At(day, 5*60)
	return from, from.Add(24 * time.Hour), nil
}

// Occupancy counts who is in a park now.
//
// Errors: park.ErrUnknown.
func (s *Service) Occupancy(ctx context.Context, parkID string) (o Occupancy, err error) {
	p, err := s.cfg.Parks.Find(ctx, parkID)
	if err != nil {
		return o, err
	}
	now := s.now()
	from, until, err := span(park.DayOf(now))
	if err != nil {
		return o, err
	}
	err = s.view(ctx, func(ctx context.Context, tx *db.Tx) error {
		if o, err = insideNow(ctx, tx, p.ID, clock.Micros(from)); err != nil {
			return err
		}
		o.Entered, o.Exits, err = passedBetween(ctx, tx, p.ID, clock.Micros(from),
			clock.Micros(until))
		return err
	})
	o.At = now
	return o, err
}

// Hours counts by hour, gate and age class who passed on a park day.
//
// Errors: park.ErrUnknown, ErrDay.
func (s *Service) Hours(ctx context.Context, parkID, day string) (hs []Hour, err error) {
	p, err := s.cfg.Parks.Find(ctx, parkID)
	if err != nil {
		return nil, err
	}
	from, until, err := span(day)
	if err != nil {
		return nil, err
	}
	err = s.view(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		hs, err = hoursBetween(ctx, tx, p.ID, clock.Micros(from), clock.Micros(until))
		return err
	})
	return hs, err
}

// Clashes lists what was admitted on a park day and should not have been: double entries, and
// tickets that the network would have refused. At most 1,000, the newest first.
//
// Errors: park.ErrUnknown, ErrDay.
func (s *Service) Clashes(ctx context.Context, parkID, day string) (cs []Clash, err error) {
	p, err := s.cfg.Parks.Find(ctx, parkID)
	if err != nil {
		return nil, err
	}
	from, until, err := span(day)
	if err != nil {
		return nil, err
	}
	err = s.view(ctx, func(ctx context.Context, tx *db.Tx) error {
		rows, err := clashesBetween(ctx, tx, p.ID, clock.Micros(from), clock.Micros(until), listMax)
		if err != nil {
			return err
		}
		firsts, err := scansByID(ctx, tx, rows)
		if err != nil {
			return err
		}
		tickets, err := ticketsByNumber(ctx, tx, rows)
		if err != nil {
			return err
		}
		cs = cs[:0]
		for _, r := range rows {
			c := Clash{ScanID: r.ID, Conflict: r.Conflict, Ticket: Ticket{Number: r.Number},
				This: *r.passed()}
			if t, ok := tickets[r.Number]; ok {
				c.Ticket = t
			}
			if f, ok := firsts[r.ConflictOf]; ok {
				c.First = f.passed()
			}
			cs = append(cs, c)
		}
		return nil
	})
	return cs, err
}

// Looks lists the scans of a park day, the newest first, at most 1,000. A gate or "" for all.
//
// Errors: park.ErrUnknown, ErrDay.
func (s *Service) Looks(
	ctx context.Context, parkID, gateID, day string,
) (ls []Look, err error) {
	p, err := s.cfg.Parks.Find(ctx, parkID)
	if err != nil {
		return nil, err
	}
	from, until, err := span(day)
	if err != nil {
		return nil, err
	}
	err = s.view(ctx, func(ctx context.Context, tx *db.Tx) error {
		rows, err := looksBetween(ctx, tx, p.ID, gateID, clock.Micros(from), clock.Micros(until),
			listMax)
		ls = ls[:0]
		for _, r := range rows {
			ls = append(ls, r.look())
		}
		return err
	})
	return ls, err
}

// look is a scan as lists show it.
func (r *scanRow) look() Look {
	return Look{Pass: *r.passed(), Admitted: r.Admitted, Reason: r.Reason, Override: r.Override,
		Typed: r.Typed, Number: r.Number, Product: r.Product, Unit: park.Unit(r.Unit),
		Conflict: r.Conflict, Received: r.Received}
}

// Override is somebody whom staff let in against a refusal.
type Override struct {
	// Look says where and when, why it was refused (Reason), and why they were let in (Override).
	Look
	// Ticket is what they showed; only Number when it is not known.
	Ticket Ticket
}

// Overrides lists who was let in against a refusal on a park day, the newest first, at most 1,000.
//
// Errors: park.ErrUnknown, ErrDay.
func (s *Service) Overrides(
	ctx context.Context, parkID, day string,
) (os []Override, err error) {
	p, err := s.cfg.Parks.Find(ctx, parkID)
	if err != nil {
		return nil, err
	}
	from, until, err := span(day)
	if err != nil {
		return nil, err
	}
	err = s.view(ctx, func(ctx context.Context, tx *db.Tx) error {
		rows, err := overridesBetween(ctx, tx, p.ID, clock.Micros(from), clock.Micros(until),
			listMax)
		if err != nil {
			return err
		}
		tickets, err := ticketsByNumber(ctx, tx, rows)
		os = os[:0]
		for _, r := range rows {
			o := Override{Look: r.look(), Ticket: Ticket{Number: r.Number}}
			if t, ok := tickets[r.Number]; ok {
				o.Ticket = t
			}
			os = append(os, o)
		}
		return err
	})
	return os, err
}
