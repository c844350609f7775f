package gate

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/event"
	"watari/visit/park"
)

// Kept is a scan that a device decided alone.
type Kept struct {
	ScanInput
	// At is the time of the device's clock, which was Offset behind ours when they last spoke.
	At     time.Time
	Offset time.Duration
	// Admitted and Reason are what the device decided.
	Admitted bool
	Reason   Reason
}

// Upload is what a device sends when it has a network again.
type Upload struct {
	Scans   []Kept // at most UploadMax
	Waiting int64  // how many it keeps beside these
}

// UploadMax is how many scans are taken at once.
const UploadMax = 200

// offsetMax bounds how far the clock of a device may be off.
const offsetMax = 400 * 24 * time.Hour

// Conflict says what is wrong with a scan, seen from the network.
type Conflict string

// The conflicts. Beside these a scan that a device admitted may have any reason for which the
// network would have refused it, such as "late".
const (
	NoConflict Conflict = ""
	// Double: somebody had entered with the ticket, and it does not let in again.
	Double Conflict = "double"
)

// Uploaded says what became of an upload.
type Uploaded struct {
	// Taken are the nonces that the device may forget, those that were known before too.
	Taken []string
	// Conflicts is how many of them collide with something.
	Conflicts int
}

// Upload keeps what a device decided alone, each scan once for its nonce (G2), and finds double
// entries (G4). All of it or nothing is kept.
//
// Errors: ErrScan with a field for each scan that cannot be read.
func (s *Service) Upload(ctx context.Context, st Station, u Upload) (Uploaded, error) {
	if err := u.check(); err != nil {
		return Uploaded{}, err
	}
	sold, err := s.selling(ctx, st.Device.ParkID)
	if err != nil {
		return Uploaded{}, err
	}
	for {
		var out Uploaded
		err := s.update(ctx, sold.park,
			func(ctx context.Context, tx *db.Tx) (evs []event.Event, err error) {
				out, evs, err = s.upload(ctx, tx, st, u)
				return evs, err
			})
		if !errors.Is(err, errRepeat) && !db.IsMaybeCommitted(err) {
			return out, err
		}
		if ctx.Err() != nil {
			return Uploaded{}, ctx.Err()
		}
	}
}

func (u *Upload) check() error {
	if len(u.Scans) > UploadMax {
		return ErrScan.Newf("at most %d scans at once", UploadMax)
	}
	e := ErrScan.Newf("see the fields")
	for i := range u.Scans {
		k := &u.Scans[i]
		at := func(name string) string { return "/scans/" + itoa(i) + name }
		if err := k.ScanInput.check(); err != nil {
			e = e.At(at(""), "text, kind, nonce or override is not as it should be")
		}
		if !slices.Contains(Reasons(), k.Reason) || k.Admitted && k.Reason != Admitted &&
			(k.Override == "" || !k.Reason.Overridable()) || !k.Admitted && k.Reason == Admitted {
			e = e.At(at("/reason"), "does not go with what was decided")
		}
		if k.At.Year() < 2000 || k.At.Year() > 9999 || k.Offset.Abs() > offsetMax {
			e = e.At(at("/at"), "is no time")
		}
	}
	if len(e.Fields) > 0 {
		return e
	}
	return nil
}

func (s *Service) upload(
	ctx context.Context, tx *db.Tx, st Station, u Upload,
) (out Uploaded, evs []event.Event, err error) {
	now := s.now()
	looks := make([]kept, 0, len(u.Scans))
	for _, k := range u.Scans {
		looks = append(looks, kept{Kept: k, number: s.peek(k.ScanInput)})
	}
	// Tickets are locked in the order of their numbers, by everybody.
	slices.SortStableFunc(looks, func(a, b kept) int { return cmp.Compare(a.number, b.number) })
	touched := map[string]*Ticket{}
	for _, k := range looks {
		r, t, err := s.keep(ctx, tx, st, k.Kept, now)
		if err != nil {
			return out, nil, err
		}
		out.Taken = append(out.Taken, k.Nonce)
		if r == nil {
			continue
		}
		if r.Conflict != NoConflict {
			out.Conflicts++
		}
		evs = append(evs, overridden(*r)...)
		if r.Number != "" && r.Admitted {
			touched[r.Number] = t
		}
	}
	numbers := make([]string, 0, len(touched))
	for number := range touched {
		numbers = append(numbers, number)
	}
	slices.Sort(numbers)
	for _, number := range numbers {
		n, more, err := s.settle(ctx, tx, number, touched[number], now)
		if err != nil {
			return out, nil, err
		}
		out.Conflicts += n
		evs = append(evs, more...)
	}
	return out, evs, seeDevice(ctx, tx, st.Device.ID, clock.Micros(now), offsetOf(u, st),
		u.Waiting)
}

// offsetOf is the newest offset that a device tells in an upload.
func offsetOf(u Upload, st Station) int64 {
	if len(u.Scans) == 0 {
		return st.Device.Offset
	}
	newest := slices.MaxFunc(u.Scans, func(a, b Kept) int { return a.At.Compare(b.At) })
	return newest.Offset.Milliseconds()
}

type kept struct {
	Kept
	number string
}

// keep writes one scan of an upload; nil when it was known. What else is wrong with it than a
// double entry is found here.
func (s *Service) keep(
	ctx context.Context, tx *db.Tx, st Station, k Kept, now time.Time,
) (*scanRow, *Ticket, error) {
	known, err := scansOf(ctx, tx, st.Device.ID, k.Nonce)
	if err == nil && len(known) == 0 {
		// The browser may have been another device, which was withdrawn before it heard that these
		// had arrived.
		known, err = scansOfEnded(ctx, tx, st.Device.ParkID, s.peek(k.ScanInput), k.Nonce, k.Kind)
	}
	if err != nil {
		return nil, nil, err
	}
	for _, r := range known {
		// The network's answer did not reach the device, which then decided alone. One that
		// admitted as the network had is the same person; one that decided otherwise is kept too.
		if r.Offline || r.Admitted == k.Admitted {
			return nil, nil, nil
		}
	}
	at := clock.FromMicros(clock.Micros(k.At.Add(k.Offset)))
	if at.After(now) {
		at = now
	}
	l, err := s.look(ctx, tx, st, k.ScanInput, at)
	if err != nil {
		return nil, nil, err
	}
	r := l.row(st, k.ScanInput, now)
	r.Offline, r.At, r.DeviceAt = true, at, k.At
	r.Admitted, r.Reason = k.Admitted, k.Reason
	if r.Reason != Admitted {
		r.Override = k.Override
	}
	if r.Admitted {
		l.facts.entries = 0 // double entries are looked for over all scans
		// Staff who let somebody in against a refusal knew of that, but not that the price of the
		// ticket was given back.
		knew := r.Override != "" && st.Device.Overrides
		if ours := judge(l.facts); ours != Admitted && !(knew && ours.Overridable()) {
			r.Conflict = Conflict(ours)
		} else if r.Override != "" && !knew {
			r.Conflict = Conflict(r.Reason)
		}
	}
	n, err := insertScan(ctx, tx, r)
	if err == nil && n == 0 {
		err = errRepeat
	}
	return &r, l.ticket, err
}

// peek is the number in a text that may be a ticket; nothing is verified.
func (s *Service) peek(in ScanInput) string {
	if number, ok := numberOf(in.Text); in.Typed && ok {
		return number
	}
	return numberIn(in.Text)
}

// settle goes through all passes of a ticket in their order: it finds double entries, and writes
// on the ticket how it was used. t is nil when there is no such ticket.
func (s *Service) settle(
	ctx context.Context, tx *db.Tx, number string, t *Ticket, now time.Time,
) (found int, evs []event.Event, err error) {
	rows, err := passesOf(ctx, tx, number)
	if err != nil {
		return 0, nil, err
	}
	rule := park.Once
	if t != nil {
		rule = t.rule()
	}
	sum := replay(rows, rule)
	for i := range sum.rows {
		was, is := rows[i], sum.rows[i]
		if was.Conflict == is.Conflict && was.ConflictOf == is.ConflictOf && was.Again == is.Again {
			continue
		}
		if err := updateScan(ctx, tx, is); err != nil {
			return 0, nil, err
		}
		if is.Conflict == Double && was.Conflict != Double {
			found++
			evs = append(evs, event.Event{Kind: "gate.double_entry", Subject: is.ID,
				Actor: is.DeviceID, Data: said(map[string]any{"ticket": number, "gate_id": is.GateID,
					"first": is.ConflictOf})})
		}
	}
	if t == nil {
		return found, evs, nil
	}
	t.Entries, t.Exits, t.Inside = sum.entries, sum.exits, sum.inside
	t.First, t.Last = sum.first, sum.last
	if t.Entries > 0 {
		ok, err := use(ctx, tx, t)
		if err != nil {
			return 0, nil, err
		}
		if !ok {
			s.cfg.Logger.Error("somebody entered with a ticket whose order was given back",
				"ticket", t.ID, "order", t.OrderID)
		}
	}
	return found, evs, updateTicket(ctx, tx, t, clock.Micros(now))
}

// summary is what all passes of a ticket come to.
type summary struct {
	rows           []scanRow
	entries, exits int64
	inside         bool
	first, last    time.Time
}

// replay goes through the passes of a ticket, which are in their order.
func replay(rows []scanRow, rule park.Reentry) summary {
	sum := summary{rows: slices.Clone(rows)}
	var entry *scanRow // the last entry
	for i := range sum.rows {
		r := &sum.rows[i]
		today := sameDay(sum.last, r.At)
		sum.last = r.At
		if r.Kind == Exit {
			sum.exits++
			sum.inside = false
			continue
		}
		if r.Conflict == Double {
			r.Conflict, r.ConflictOf = NoConflict, ""
		}
		// Staff who let somebody in whose ticket was used knew of it; for any other reason not.
		if entry != nil && !again(rule, sum.inside, today) && r.Reason != Again {
			r.Conflict, r.ConflictOf = Double, entry.ID
		}
		r.Again = entry != nil && today
		if entry == nil {
			sum.first = r.At
		}
		sum.entries++
		sum.inside, entry = true, r
	}
	return sum
}
