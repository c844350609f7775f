package gate

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/visit/park"
)

const ticketCols = `id, number, park_id, order_id, line, visitor_id, product, product_no, admits,
	unit, day, slot, not_before_us, not_after_us, reentry, rotating, data, text, state, ended,
	entries, exits, inside, first_us, last_us, changed_us`

func scanTicket(r db.Row) (t Ticket, err error) {
	var before, after, first, last, changed int64
	var data string
	if err = r.Scan(&t.ID, &t.Number, &t.ParkID, &t.OrderID, &t.Line, &t.VisitorID, &t.Product,
		&t.ProductNo, &t.Admits, (*string)(&t.Unit), &t.Day, &t.Slot, &before, &after,
		(*string)(&t.Reentry), &t.Rotating, &data, &t.Text, (*string)(&t.State), &t.Ended,
		&t.Entries, &t.Exits, &t.Inside, &first, &last, &changed); err != nil {
		return t, err
	}
	var m more
	if err := json.Unmarshal([]byte(data), &m); err != nil {
		return t, err
	}
	t.Channel, t.Kind, t.Place, t.Label, t.Claims = m.Channel, m.Kind, m.Place, m.Label, m.Claims
	t.NotBefore, t.NotAfter = clock.FromMicros(before), clock.FromMicros(after)
	t.First, t.Last, t.changed = moment(first), moment(last), clock.FromMicros(changed)
	return t, nil
}

// moment is a time that may not have come: 0 is the zero time.
func moment(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return clock.FromMicros(us)
}

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return clock.Micros(t)
}

// Keep new tickets. A line that has one keeps that.
func insertTickets(ctx context.Context, tx *db.Tx, ts []Ticket, nowUS int64) error {
	rows := make([][]any, len(ts))
	for i := range ts {
		t := &ts[i]
		rows[i] = []any{t.ID, t.Number, t.ParkID, t.OrderID, t.Line, t.VisitorID, t.Product,
			t.ProductNo, t.Admits, string(t.Unit), t.Day, t.Slot, clock.Micros(t.NotBefore),
			clock.Micros(t.NotAfter), string(t.Reentry), t.Rotating, t.more(), t.Text,
			string(t.State), "", 0, 0, false, 0, 0, nowUS, nowUS}
	}
	_, err := tx.Bulk(ctx, `insert into park_ticket (id, number, park_id, order_id, line, visitor_id,
			product, product_no, admits, unit, day, slot, not_before_us, not_after_us, reentry,
			rotating, data, text, state, ended, entries, exits, inside, first_us, last_us,
			created_us, changed_us) {rows}
		on conflict (order_id, line) where state <> 'revoked' do nothing`,
		[]db.Kind{db.Text, db.Text, db.Text, db.Text, db.Int, db.Text, db.Text, db.Int, db.Bool,
			db.Text, db.Text, db.Text, db.Int, db.Int, db.Text, db.Bool, db.Text, db.Text, db.Text,
			db.Text, db.Int, db.Int, db.Bool, db.Int, db.Int, db.Int, db.Int}, rows, nil)
	return err
}

// Lock the tickets of lines that are not revoked, in the order of lines.
func lockLines(
	ctx context.Context, tx *db.Tx, orderID string, lines []int64,
) (ts []Ticket, err error) {
	all, err := db.All(ctx, tx, scanTicket, `select `+ticketCols+` from park_ticket
		where order_id = $1 and state <> 'revoked' order by line, id /*pg for update */`, orderID)
	if err != nil {
		return nil, err
	}
	wanted := map[int64]bool{}
	for _, no := range lines {
		wanted[no] = true
	}
	for _, t := range all {
		if wanted[t.Line] {
			ts = append(ts, t)
		}
	}
	return ts, nil
}

// Revoke the tickets of lines that are valid.
func revokeLines(
	ctx context.Context, tx *db.Tx, orderID string, lines []int64, why string, nowUS int64,
) error {
	rows := make([][]any, len(lines))
	for i, no := range lines {
		rows[i] = []any{orderID, no, why, nowUS}
	}
	_, err := tx.Bulk(ctx, `with v(o, line, why, now_us) as ({rows}) update park_ticket
		set state = 'revoked', ended = v.why, changed_us = v.now_us from v
		where park_ticket.order_id = v.o and park_ticket.line = v.line
			and park_ticket.state = 'valid'`,
		[]db.Kind{db.Text, db.Int, db.Text, db.Int}, rows, nil)
	return err
}

// Which tickets does an order have?
func ticketsOf(ctx context.Context, tx *db.Tx, orderID string) ([]Ticket, error) {
	return db.All(ctx, tx, scanTicket, `select `+ticketCols+` from park_ticket
		where order_id = $1 order by line, id`, orderID)
}

// Which ticket has this id? Errors: ErrTicketUnknown.
func ticketByID(ctx context.Context, tx *db.Tx, ticketID string) (Ticket, error) {
	t, err := db.One(ctx, tx, scanTicket, `select `+ticketCols+` from park_ticket
		where id = $1`, ticketID)
	if errors.Is(err, db.ErrNoRows) {
		return t, ErrTicketUnknown.Newf("there is no ticket %q", ticketID)
	}
	return t, err
}

// Lock the ticket of a number of a park; nil when there is none.
func lockTicket(ctx context.Context, tx *db.Tx, parkID, number string) (*Ticket, error) {
	t, err := db.One(ctx, tx, scanTicket, `select `+ticketCols+` from park_ticket
		where number = $1 and park_id = $2 /*pg for update */`, number, parkID)
	if errors.Is(err, db.ErrNoRows) {
		return nil, nil
	}
	return &t, err
}

// Write how often a ticket was used.
func updateTicket(ctx context.Context, tx *db.Tx, t *Ticket, nowUS int64) error {
	_, err := tx.Exec(ctx, `update park_ticket set state = $2, entries = $3, exits = $4, inside = $5,
			first_us = $6, last_us = $7, changed_us = $8 where id = $1`, t.ID, string(t.State),
		t.Entries, t.Exits, t.Inside, micros(t.First), micros(t.Last), nowUS)
	return err
}

// party is how many of those who came together have entered.
type party struct{ of, in int64 }

// How many tickets of the same purchase, product and day are there, and how many were used?
func partyOf(ctx context.Context, tx *db.Tx, t *Ticket) (party, error) {
	return db.One(ctx, tx, func(r db.Row) (p party, err error) {
		err = r.Scan(&p.of, &p.in)
		return p, err
	}, `select count(*), cast(coalesce(sum(case when entries > 0 then 1 else 0 end), 0) as bigint)
		from park_ticket where order_id = $1 and product = $2 and day = $3 and slot = $4
			and state <> 'revoked'`, t.OrderID, t.Product, t.Day, t.Slot)
}

// Which tickets does a device take along: those that are valid in a span, and were changed since?
// At most max; those that are revoked come first, then those that end first.
func ticketsBetween(
	ctx context.Context, tx *db.Tx, parkID string, from, until, since time.Time, max int,
) ([]Ticket, error) {
	if !since.IsZero() {
		return db.All(ctx, tx, scanTicket, `select `+ticketCols+` from park_ticket
			where park_id = $1 and changed_us >= $2 and not_after_us >= $3 and not_before_us <= $4
			order by changed_us, number limit $5`, parkID, clock.Micros(since), clock.Micros(from),
			clock.Micros(until), max)
	}
	return db.All(ctx, tx, scanTicket, `select `+ticketCols+` from park_ticket
		where park_id = $1 and not_after_us >= $2 and not_before_us <= $3
		order by case when state = 'revoked' then 0 else 1 end, not_after_us, number
		limit $4`, parkID, clock.Micros(from), clock.Micros(until), max)
}

// Which of these visitors hold a ticket into the park in a span, or passed a gate in it? By the
// index on visitors.
func holdersOf(
	ctx context.Context, tx *db.Tx, parkID string, visitorIDs []string, fromUS, untilUS, nowUS int64,
) (map[string]bool, error) {
	var rows [][]any
	seen := map[string]bool{"": true} // tickets that nobody signed in for are nobody's
	for _, v := range visitorIDs {
		if !seen[v] {
			seen[v] = true
			rows = append(rows, []any{v, parkID, fromUS, untilUS, nowUS})
		}
	}
	holders := map[string]bool{}
	_, err := tx.Bulk(ctx, `with v(id, park, from_us, until_us, now_us) as ({rows})
		select distinct v.id from v join park_ticket t on t.visitor_id = v.id and t.park_id = v.park
		where t.visitor_id <> '' and t.admits and t.state <> 'revoked'
			and t.not_before_us < v.until_us
			and (t.not_after_us >= v.now_us or t.last_us >= v.from_us)
		order by v.id`, []db.Kind{db.Text, db.Text, db.Int, db.Int, db.Int}, rows,
		func(r db.Row) error {
			var id string
			err := r.Scan(&id)
			holders[id] = true
			return err
		})
	return holders, err
}

// classOf is the number of an age class in the text of a ticket.
func classOf(u park.Unit) int64 { return int64(u.Class()) }

// groupOf is a number for those who came together: the same in every pack, and no two by accident
// in one park on one day but once in millions of years.
func groupOf(parts ...string) int64 {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return int64(binary.BigEndian.Uint64(h.Sum(nil)) >> 11)
}
