package order

import (
	"context"
	"errors"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
)

// massRow is a closure with what only this package knows.
type massRow struct {
	Mass
	quiet int64 // how often nothing was left to cut
}

const massCols = `id, seller, place, day, products, reason, actor, state, total, done, failed,
	quiet, created_at_us, ended_at_us`

func scanMass(r db.Row) (*massRow, error) {
	m := &massRow{}
	var products string
	var created, ended int64
	err := r.Scan(&m.ID, &m.Seller, &m.Place, &m.Day, &products, (*string)(&m.Reason), &m.Actor,
		(*string)(&m.State), &m.Total, &m.Done, &m.Failed, &m.quiet, &created, &ended)
	if err != nil {
		return nil, err
	}
	m.Created, m.Ended = timeOf(created), timeOf(ended)
	return m, readJSON(products, &m.Products)
}

// Keep a closure, unless it is there.
func insertMass(ctx context.Context, tx *db.Tx, m *massRow) (bool, error) {
	n, err := tx.Exec(ctx, `insert into visit_order_mass (`+massCols+`, due_at_us)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0, 0, $10, 0, $10)
		on conflict (id) do nothing`, m.ID, m.Seller, m.Place, m.Day,
		writeJSON(m.Products, len(m.Products) == 0), string(m.Reason), m.Actor, string(m.State),
		m.Total, clock.Micros(m.Created))
	return n == 1, err
}

// Which closure has this id? Errors: ErrMassUnknown.
func massByID(ctx context.Context, tx *db.Tx, id string) (*massRow, error) {
	m, err := db.One(ctx, tx, scanMass,
		`select `+massCols+` from visit_order_mass where id = $1`, id)
	if errors.Is(err, db.ErrNoRows) {
		err = ErrMassUnknown.Newf("there is no closure %q", id)
	}
	return m, err
}

// Lock a closure: what was done of it is counted by one at a time.
func lockMass(ctx context.Context, tx *db.Tx, id string) (*massRow, error) {
	return db.One(ctx, tx, scanMass, `select `+massCols+` from visit_order_mass where id = $1
		/*pg for update */`, id)
}

// Which closures has this place? The newest first.
func massesOf(ctx context.Context, tx *db.Tx, seller, place string, limit int) (
	[]*massRow, error,
) {
	return db.All(ctx, tx, scanMass, `select `+massCols+` from visit_order_mass
		where seller = $1 and place = $2 order by created_at_us desc, id desc limit $3`,
		seller, place, limit)
}

// Which closures are due? Those that another node works on are left out.
func dueMasses(ctx context.Context, tx *db.Tx, now time.Time, limit int) ([]*massRow, error) {
	return db.All(ctx, tx, scanMass, `select `+massCols+` from visit_order_mass
		where due_at_us is not null and due_at_us <= $1 order by due_at_us, id limit $2
		/*pg for update skip locked */`, clock.Micros(now), limit)
}

// Change what may change of a closure, and when it has to be looked at.
func updateMass(ctx context.Context, tx *db.Tx, m *massRow, due time.Time) error {
	n, err := tx.Exec(ctx, `update visit_order_mass set state = $2, done = $3, failed = $4,
			quiet = $5, ended_at_us = $6, due_at_us = cast($7 as bigint) where id = $1`,
		m.ID, string(m.State), m.Done, m.Failed, m.quiet, micros(m.Ended), dueColumn(due))
	return allOf(n, 1, "closures", err)
}

// toCut is an order with lines that a closure is about.
type toCut struct{ order, product string }

// Which lines does a closure still have to cut? Of orders after one id, in their order; those that
// could not be cut are left out. By the index of the days.
func linesToCut(
	ctx context.Context, tx *db.Tx, m *massRow, after string, limit int,
) ([]toCut, error) {
	return db.All(ctx, tx, func(r db.Row) (c toCut, err error) {
		return c, r.Scan(&c.order, &c.product)
	}, `select l.order_id, l.product from visit_order_line l
		where l.place = $1 and l.day = $2 and l.order_id > $3 and l.state in ('held', 'sold')
			and l.seller = $4 and not exists (select 1 from visit_order_mass_failed f
				where f.mass_id = $5 and f.order_id = l.order_id)
		order by l.order_id, l.product limit $6`, m.Place, m.Day, after, m.Seller, m.ID, limit)
}

// Keep that an order could not be cut.
func insertMassFailed(
	ctx context.Context, tx *db.Tx, massID, orderID, why string,
) (bool, error) {
	n, err := tx.Exec(ctx, `insert into visit_order_mass_failed (mass_id, order_id, why)
		values ($1, $2, $3) on conflict (mass_id, order_id) do nothing`, massID, orderID, why)
	return n == 1, err
}

// What has a closure returned, what is on its way, and what failed? By the index of closures.
func massSums(ctx context.Context, tx *db.Tx, m *Mass) error {
	rows, err := db.All(ctx, tx, func(r db.Row) (x struct {
		state     ReturnState
		n, amount int64
	}, err error) {
		return x, r.Scan((*string)(&x.state), &x.n, &x.amount)
	}, `select state, count(*), cast(coalesce(sum(minor), 0) as bigint)
		from visit_order_return where mass_id = $1 and mass_id <> '' group by state
		order by state`, m.ID)
	for _, x := range rows {
		switch x.state {
		case ReturnSucceeded:
			m.Returned += x.amount
		case ReturnFailed:
			m.Owed += x.amount
			m.Stuck += x.n
		default:
			m.Owed += x.amount
			m.Waiting += x.n
		}
	}
	return err
}

// Which orders could a closure not cut, and still stand? Those of all closures for "".
func massFailures(
	ctx context.Context, tx *db.Tx, massID string, limit int,
) ([]MassFailure, error) {
	return db.All(ctx, tx, func(r db.Row) (f MassFailure, err error) {
		return f, r.Scan(&f.OrderID, &f.Why)
	}, `select f.order_id, f.why from visit_order_mass_failed f
		join visit_order_mass m on m.id = f.mass_id
		where (f.mass_id = $1 or $1 = '') and exists (select 1 from visit_order_line l
			where l.order_id = f.order_id and l.day = m.day and l.state in ('held', 'sold'))
		order by f.mass_id, f.order_id limit $2`, massID, limit)
}
