package queue

import (
	"context"
	"errors"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
)

const lineCols = `place_id, park_id, state, day, opened_us, draw_us, paused_us, paused_by_state,
	credit_ppm, reckoned_us, last_number, people, version, was_full`

func scanLine(r db.Row) (l Line, err error) {
	var opened, draw, reckoned int64
	var paused *int64
	err = r.Scan(&l.PlaceID, &l.ParkID, (*string)(&l.State), &l.Day, &opened, &draw, &paused,
		&l.pausedByState, &l.credit, &reckoned, &l.lastNumber, &l.Given, &l.version,
		&l.wasFull)
	l.OpenedAt, l.DrawAt = clock.FromMicros(opened), clock.FromMicros(draw)
	l.reckoned = clock.FromMicros(reckoned)
	if paused != nil {
		l.PausedAt = clock.FromMicros(*paused)
	}
	return l, err
}

// How does the virtual queue of a place stand? Closed when it never was opened.
func lineOf(ctx context.Context, tx *db.Tx, p Place) (Line, error) {
	l, err := db.One(ctx, tx, scanLine,
		`select `+lineCols+` from queue_line where place_id = $1`, p.ID)
	if errors.Is(err, db.ErrNoRows) {
		return Line{PlaceID: p.ID, ParkID: p.ParkID, State: LineClosed}, nil
	}
	return l, err
}

// Keep a virtual queue. The park is locked, so nobody else writes it; the version proves it.
//
// Errors: ErrChanged.
func updateLine(ctx context.Context, tx *db.Tx, l Line) error {
	if l.reckoned.IsZero() {
		l.reckoned = l.OpenedAt
	}
	n, err := tx.Exec(ctx, `insert into queue_line (place_id, park_id, state, day, opened_us,
			draw_us, paused_us, paused_by_state, credit_ppm, reckoned_us, last_number, people,
			was_full, version)
		values ($1, $2, $3, $4, $5, $6, cast($7 as bigint), $8, $9, $10, $11, $12, $14, 1)
		on conflict (place_id) do update set state = excluded.state, day = excluded.day,
			opened_us = excluded.opened_us, draw_us = excluded.draw_us,
			paused_us = excluded.paused_us, paused_by_state = excluded.paused_by_state,
			credit_ppm = excluded.credit_ppm, reckoned_us = excluded.reckoned_us,
			last_number = excluded.last_number, people = excluded.people,
			was_full = excluded.was_full, version = queue_line.version + 1
		where queue_line.version = $13`,
		l.PlaceID, l.ParkID, string(l.State), l.Day, clock.Micros(l.OpenedAt),
		clock.Micros(l.DrawAt), orNull(l.PausedAt), l.pausedByState, l.credit,
		clock.Micros(l.reckoned), l.lastNumber, l.Given, l.version,
		l.wasFull)
	if err == nil && n == 0 {
		return ErrChanged.Newf("the virtual queue was changed meanwhile")
	}
	return err
}

const ticketCols = `id, park_id, place_id, day, number, turn, visitor_id, party, code, state,
	joined_us, called_us, from_us, to_us, ended_us`

func scanTicket(r db.Row) (t Ticket, err error) {
	var joined int64
	var called, from, to, ended *int64
	err = r.Scan(&t.ID, &t.ParkID, &t.PlaceID, &t.Day, &t.Number, &t.turn, &t.VisitorID,
		&t.Party, &t.Code, (*string)(&t.State), &joined, &called, &from, &to, &ended)
	t.JoinedAt = clock.FromMicros(joined)
	for _, one := range []struct {
		us *int64
		at *time.Time
	}{{called, &t.calledAt}, {from, &t.From}, {to, &t.To}, {ended, &t.EndedAt}} {
		if one.us != nil {
			*one.at = clock.FromMicros(*one.us)
		}
	}
	return t, err
}

func insertTicket(ctx context.Context, tx *db.Tx, t Ticket) error {
	_, err := tx.Exec(ctx, `insert into queue_ticket (id, park_id, place_id, day, number, turn,
			visitor_id, party, code, state, joined_us)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`, t.ID, t.ParkID, t.PlaceID, t.Day,
		t.Number, t.turn, t.VisitorID, t.Party, t.Code, string(t.State), clock.Micros(t.JoinedAt))
	return err
}

// Write a number that was read in a state. Errors: ErrChanged.
func updateTicket(ctx context.Context, tx *db.Tx, t Ticket, was TicketState) error {
	n, err := tx.Exec(ctx, `update queue_ticket set state = $3, called_us = cast($4 as bigint),
			from_us = cast($5 as bigint), to_us = cast($6 as bigint),
			ended_us = cast($7 as bigint)
		where id = $1 and state = $2`, t.ID, string(was), string(t.State), orNull(t.calledAt),
		orNull(t.From), orNull(t.To), orNull(t.EndedAt))
	if err == nil && n == 0 {
		return ErrChanged.Newf("the number was changed meanwhile")
	}
	return err
}

// Move the windows that were open or to come when a pause began. By the index of windows.
func shiftWindows(
	ctx context.Context, tx *db.Tx, p Place, since time.Time, by time.Duration,
) error {
	_, err := tx.Exec(ctx, `update queue_ticket set from_us = from_us + $2, to_us = to_us + $2
		where place_id = $1 and state = 'called' and to_us >= $3`, p.ID, by.Microseconds(),
		clock.Micros(since.Add(-p.Virtual.Grace)))
	return err
}

// Which number does a visitor hold in a park? By the index of held numbers. ErrNoRows for none.
func heldBy(ctx context.Context, tx *db.Tx, parkID, visitorID string) (Ticket, error) {
	return db.One(ctx, tx, scanTicket, `select `+ticketCols+` from queue_ticket
		where park_id = $1 and visitor_id = $2 and state in ('joined', 'called')`, parkID,
		visitorID)
}

// How many numbers did a visitor take in a park on a day? By the index of visitors.
func takenBy(
	ctx context.Context, tx *db.Tx, parkID, visitorID, day string,
) (int64, error) {
	return db.One(ctx, tx, func(r db.Row) (n int64, err error) {
		return n, r.Scan(&n)
	}, `select count(*) from queue_ticket
		where park_id = $1 and visitor_id = $2 and day = $3`, parkID, visitorID, day)
}

// Which numbers of a place are held, in the order of calling?
func heldAt(ctx context.Context, tx *db.Tx, placeID string) ([]Ticket, error) {
	return db.All(ctx, tx, scanTicket, `select `+ticketCols+` from queue_ticket
		where place_id = $1 and state in ('joined', 'called') order by turn`, placeID)
}

// Whose turn is next? By the index of turns. ErrNoRows for nobody's.
func nextTurn(ctx context.Context, tx *db.Tx, placeID string) (Ticket, error) {
	return db.One(ctx, tx, scanTicket, `select `+ticketCols+` from queue_ticket
		where place_id = $1 and state = 'joined' order by turn limit 1`, placeID)
}

// How many people are called before a turn?
func aheadOf(ctx context.Context, tx *db.Tx, placeID string, turn int64) (int64, error) {
	return db.One(ctx, tx, func(r db.Row) (n int64, err error) {
		return n, r.Scan(&n)
	}, `select cast(coalesce(sum(party), 0) as bigint) from queue_ticket
		where place_id = $1 and state = 'joined' and turn < $2`, placeID, turn)
}

// How many people wait to be called at a place, and which number was called last on a day?
func waitingAt(
	ctx context.Context, tx *db.Tx, placeID, day string,
) (waiting, called int64, err error) {
	waiting, err = aheadOf(ctx, tx, placeID, 1<<62)
	if err != nil {
		return 0, 0, err
	}
	called, err = db.One(ctx, tx, func(r db.Row) (n int64, err error) {
		return n, r.Scan(&n)
	}, `select cast(coalesce(max(number), 0) as bigint) from queue_ticket
		where place_id = $1 and day = $2 and called_us is not null`, placeID, day)
	return waiting, called, err
}

// Which number has this id? Errors: ErrUnknown.
func ticketByID(ctx context.Context, tx *db.Tx, ticketID string) (Ticket, error) {
	t, err := db.One(ctx, tx, scanTicket,
		`select `+ticketCols+` from queue_ticket where id = $1`, ticketID)
	if errors.Is(err, db.ErrNoRows) {
		return t, noTicket(ticketID)
	}
	return t, err
}

// Which number of a park has this id, or this code today? Errors: ErrUnknown.
func ticketNamed(
	ctx context.Context, tx *db.Tx, parkID, day, name string,
) (Ticket, error) {
	t, err := db.One(ctx, tx, scanTicket, `select `+ticketCols+` from queue_ticket
		where park_id = $1 and (id = $3 or day = $2 and code = $3)`, parkID, day, name)
	if errors.Is(err, db.ErrNoRows) {
		return t, noTicket(name)
	}
	return t, err
}
