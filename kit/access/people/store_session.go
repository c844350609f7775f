package people

import (
	"context"
	"encoding/hex"
	"errors"
	"maps"
	"slices"
	"time"

	"watari/kit/access"
	"watari/kit/access/recent"
	"watari/kit/clock"
	"watari/kit/db"
)

// seat is a session with its person.
type seat struct {
	account
	hash      string
	sessionID string
	method    Method
	seen      time.Time
	confirmed time.Time
	until     time.Time
	standing  access.Standing
}

// caller is the person with what their place allows.
func (s seat) caller() access.Caller {
	c := s.Caller()
	c.Standing = s.standing
	return c
}

// load asks the database who a session belongs to.
func (p *People) load(ctx context.Context, sum recent.Sum) (s seat, known bool, err error) {
	err = p.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		s, known, err = p.findSeat(ctx, tx, hex.EncodeToString(sum[:]))
		return err
	})
	return s, known, err
}

// findSeat returns a session that is not over, of somebody whose place is not closed.
func (p *People) findSeat(
	ctx context.Context, tx *db.Tx, hash string,
) (s seat, known bool, err error) {
	if s, known, err = findSeat(ctx, tx, hash); err != nil || !known {
		return s, false, err
	}
	if s.standing, err = p.Standing.Of(ctx, tx, s.Caller()); err != nil ||
		s.standing == access.Closed {
		return seat{}, false, err
	}
	return s, true, nil
}

// findSeat returns a session that is not over with its person, who has not ended. Uses
// person_session_pk and person_pk.
func findSeat(ctx context.Context, tx *db.Tx, hash string) (seat, bool, error) {
	at := now()
	scan := func(r db.Row) (s seat, err error) {
		var row accountRow
		var seen, confirmed, until int64
		err = r.Scan(append([]any{&s.hash, &s.sessionID, (*string)(&s.method), &seen, &confirmed,
			&until}, row.targets()...)...)
		s.account = row.finish(at)
		s.seen, s.confirmed = clock.FromMicros(seen), clock.FromMicros(confirmed)
		s.until = clock.FromMicros(until)
		return s, err
	}
	s, err := db.One(ctx, tx, scan, `select person_session.hash, person_session.id,
			person_session.method, person_session.seen_at_us, person_session.confirmed_at_us,
			person_session.until_us, `+accountColumns+`
		from person_session join person on person.id = person_session.person_id
		where person_session.hash = $1 and person_session.until_us > $2
			and person.ended_at_us is null`, hash, clock.Micros(at))
	if errors.Is(err, db.ErrNoRows) {
		return seat{}, false, nil
	}
	return s, err == nil, err
}

// addSession keeps a session and ends those that are too many. Uses person_session_list.
func addSession(
	ctx context.Context, tx *db.Tx, hash, personID string, s Session,
) error {
	_, err := tx.Exec(ctx, `insert into person_session (hash, id, person_id, method, address,
			agent, made_at_us, seen_at_us, confirmed_at_us, until_us)
		values ($1, $2, $3, $4, $5, $6, $7, $7, $7, $8)`, hash, s.ID, personID,
		string(s.Method), s.Address, s.Agent, clock.Micros(s.Made), clock.Micros(s.Until))
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `delete from person_session where hash in (
			select hash from person_session where person_id = $1
			order by made_at_us desc, hash limit 100 offset $2)`, personID, MostSessions)
	return err
}

// sessionsOf returns the sessions of a person that are not over, the newest first. Uses
// person_session_list.
func sessionsOf(ctx context.Context, tx *db.Tx, personID string) ([]Session, error) {
	scan := func(r db.Row) (s Session, err error) {
		var made, seen, until int64
		err = r.Scan(&s.ID, (*string)(&s.Method), &s.Address, &s.Agent, &made, &seen, &until)
		s.Made, s.Seen = clock.FromMicros(made), clock.FromMicros(seen)
		s.Until = clock.FromMicros(until)
		return s, err
	}
	return db.All(ctx, tx, scan, `select id, method, address, agent, made_at_us, seen_at_us,
			until_us
		from person_session where person_id = $1 and until_us > $2
		order by made_at_us desc, id`, personID, clock.Micros(now()))
}

// endSession ends a session by its hash. Uses person_session_pk.
func endSession(ctx context.Context, tx *db.Tx, hash string) (int64, error) {
	return tx.Exec(ctx, `delete from person_session where hash = $1`, hash)
}

// endSessionByID ends one of a person's sessions. Uses person_session_id.
func endSessionByID(ctx context.Context, tx *db.Tx, personID, sessionID string) (int64, error) {
	return tx.Exec(ctx, `delete from person_session where id = $2 and person_id = $1`,
		personID, sessionID)
}

// endSessions ends all sessions of a person but one; "" spares none. What the person has begun
// elsewhere ends too. Uses person_session_list and person_ticket_person.
func endSessions(ctx context.Context, tx *db.Tx, personID, spare string) (int64, error) {
	_, err := tx.Exec(ctx, `delete from person_ticket where person_id = $1`, personID)
	if err != nil {
		return 0, err
	}
	return tx.Exec(ctx, `delete from person_session where person_id = $1 and hash <> $2`,
		personID, spare)
}

// confirmSession keeps that a person proved who they are. Uses person_session_pk.
func confirmSession(ctx context.Context, tx *db.Tx, hash string, at time.Time) error {
	_, err := tx.Exec(ctx, `update person_session set confirmed_at_us = $2 where hash = $1`,
		hash, clock.Micros(at))
	return err
}

// noteSeen writes when sessions and people were last seen, never an earlier time over a later.
// Rows in one order, so that two nodes do not wait for each other in a circle.
func noteSeen(ctx context.Context, tx *db.Tx, seen map[string]sight) error {
	var rows [][]any
	last := map[string]int64{}
	for _, hash := range slices.Sorted(maps.Keys(seen)) {
		s := seen[hash]
		rows = append(rows, []any{hash, s.atUS})
		last[s.personID] = max(last[s.personID], s.atUS)
	}
	_, err := tx.Bulk(ctx, `with v (hash, at_us) as ({rows}) update person_session
		set seen_at_us = v.at_us from v where person_session.hash = v.hash
			and person_session.seen_at_us < v.at_us`,
		[]db.Kind{db.Text, db.Int}, rows, nil)
	if err != nil {
		return err
	}
	rows = nil
	for _, personID := range slices.Sorted(maps.Keys(last)) {
		rows = append(rows, []any{personID, last[personID]})
	}
	_, err = tx.Bulk(ctx, `with v (id, at_us) as ({rows}) update person
		set seen_at_us = v.at_us from v where person.id = v.id
			and (person.seen_at_us is null or person.seen_at_us < v.at_us)`,
		[]db.Kind{db.Text, db.Int}, rows, nil)
	return err
}

// ticket is what a browser brings back.
type ticket struct {
	hash     string
	purpose  string
	personID string
	data     string // sealed
	until    time.Time
}

// addTicket keeps a ticket. Uses person_ticket_pk.
func addTicket(ctx context.Context, tx *db.Tx, t ticket) error {
	_, err := tx.Exec(ctx, `insert into person_ticket (hash, purpose, person_id, data, until_us)
		values ($1, $2, $3, $4, $5)`, t.hash, t.purpose, t.personID, t.data,
		clock.Micros(t.until))
	return err
}

// findTicket returns a ticket that is not over. Uses person_ticket_pk.
//
// Errors: ErrTicket.
func findTicket(ctx context.Context, tx *db.Tx, hash, purpose string) (ticket, error) {
	scan := func(r db.Row) (t ticket, err error) {
		var until int64
		err = r.Scan(&t.hash, &t.purpose, &t.personID, &t.data, &until)
		t.until = clock.FromMicros(until)
		return t, err
	}
	t, err := db.One(ctx, tx, scan, `select hash, purpose, person_id, data, until_us
		from person_ticket where hash = $1 and purpose = $2 and until_us > $3`,
		hash, purpose, clock.Micros(now()))
	return t, unknown(err, errTicketOver())
}

// useTicket ends a ticket; false when somebody else was first. Uses person_ticket_pk.
func useTicket(ctx context.Context, tx *db.Tx, hash string) (bool, error) {
	n, err := tx.Exec(ctx, `delete from person_ticket where hash = $1`, hash)
	return n == 1, err
}

// countTickets returns how many tickets of nobody there are. Uses person_ticket_person.
func countTickets(ctx context.Context, tx *db.Tx) (int, error) {
	return db.One(ctx, tx, scanInt, `select count(*) from person_ticket where person_id = ''`)
}

// endOldTickets leaves a person so many tickets, those that last longest. Uses
// person_ticket_person.
func endOldTickets(ctx context.Context, tx *db.Tx, personID string, most int) error {
	_, err := tx.Exec(ctx, `delete from person_ticket where hash in (
			select hash from person_ticket where person_id = $1
			order by until_us desc, hash limit 100 offset $2)`, personID, most)
	return err
}
