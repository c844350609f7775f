package bench

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// The bare limit: the rows that the payments of this very run left behind, written again into
// an empty copy of the tables by nothing but the driver, in batches of limitBatch and with the
// two durable commits that a payment has. What the program reaches of it is its ratio.

// limitBatch is how many payments a batch of the bare limit has.
const limitBatch = 256

// limitMax is how many payments are read for the bare limit.
const limitMax = 20_000

// table is a table with the rows that a run left in it.
type table struct {
	name string
	cols []string
	text []bool // by column: text or bytea, else an integer
	rows [][]any
	key  []string // of the update that concludes a payment; nil for tables without one
	set  []string
}

// limitTables are the tables that a payment writes, in the order of the program.
func limitTables() []*table {
	return []*table{
		{name: "payment_claim"},
		{name: "wallet_code"},
		{name: "payment", key: []string{"acquirer_no", "id"}, set: []string{"state",
			"version", "payer_minor", "payer_currency", "captured_minor", "refunded_minor",
			"refunding_minor", "given_pay_to_minor", "given_mid_minor", "given_mdr_minor",
			"given_interchange_minor", "given_scheme_minor", "reason", "customer",
			"concluded_at_us", "cancel_until_us"}},
		{name: "payment_leg", key: []string{"acquirer_no", "id"}, set: []string{"their_id",
			"state", "next_at_us", "tries", "undo", "late_posted", "note"}},
		{name: "ledger_transfer"},
		{name: "event"},
	}
}

// bare is one engine as its driver offers it.
type bare interface {
	columns(ctx context.Context, d *sql.DB, t *table) error
	insert(ctx context.Context, tx *sql.Tx, t *table, rows [][]any) error
	update(ctx context.Context, tx *sql.Tx, t *table, rows [][]any) error
	balances(ctx context.Context, tx *sql.Tx, rows [][]any) error
}

// limit writes the rows of from into to until the time is over and returns payments/s.
func limit(
	ctx context.Context, engine bare, from, to *sql.DB, d time.Duration,
	since func() time.Duration,
) (float64, error) {
	tables := limitTables()
	for _, t := range tables {
		if err := engine.columns(ctx, from, t); err != nil {
			return 0, fmt.Errorf("columns of %s: %w", t.name, err)
		}
		if err := t.read(ctx, from); err != nil {
			return 0, fmt.Errorf("rows of %s: %w", t.name, err)
		}
	}
	var accounts [][]any
	rows, err := from.QueryContext(ctx, `select account_no, lane, debits_minor, credits_minor
		from ledger_balance order by account_no, lane limit 16`)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var a [4]int64
		if err := rows.Scan(&a[0], &a[1], &a[2], &a[3]); err != nil {
			return 0, err
		}
		accounts = append(accounts, []any{a[0], a[1], int64(1), int64(1)})
	}
	if err := rows.Err(); err != nil {
		return 0, err
	}
	payments := len(tables[2].rows)
	if payments < limitBatch {
		return 0, fmt.Errorf("only %d payments were made", payments)
	}
	start, done := since(), 0
	for done+limitBatch <= payments && since()-start < d {
		if err := batch(ctx, engine, to, tables, accounts, done); err != nil {
			return 0, err
		}
		done += limitBatch
	}
	return float64(done) / (since() - start).Seconds(), nil
}

// batch writes one batch of payments: begun in one commit, concluded in another.
func batch(
	ctx context.Context, engine bare, to *sql.DB, tables []*table, accounts [][]any, at int,
) error {
	claim, code, payment, leg := tables[0], tables[1], tables[2], tables[3]
	transfer, event := tables[4], tables[5]
	part := func(t *table, share int) [][]any {
		from := at * share
		return t.rows[from:min(from+limitBatch*share, len(t.rows))]
	}
	events := part(event, 2)
	half := len(events) / 2
	err := commit(ctx, to, func(tx *sql.Tx) error {
		for _, t := range []*table{claim, code, payment, leg} {
			if err := engine.insert(ctx, tx, t, part(t, 1)); err != nil {
				return err
			}
		}
		return engine.insert(ctx, tx, event, events[:half])
	})
	if err != nil {
		return err
	}
	return commit(ctx, to, func(tx *sql.Tx) error {
		for _, t := range []*table{payment, leg} {
			if err := engine.update(ctx, tx, t, part(t, 1)); err != nil {
				return err
			}
		}
		if err := engine.insert(ctx, tx, transfer, part(transfer, 1)); err != nil {
			return err
		}
		if err := engine.insert(ctx, tx, event, events[half:]); err != nil {
			return err
		}
		return engine.balances(ctx, tx, accounts)
	})
}

func commit(ctx context.Context, d *sql.DB, fn func(tx *sql.Tx) error) error {
	tx, err := d.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := fn(tx); err != nil {
		tx.Rollback()
		return err
	}
	return tx.Commit()
}

// read reads the rows that the run left, in the order of their first column's key.
func (t *table) read(ctx context.Context, d *sql.DB) error {
	n := limitMax
	if t.name == "event" {
		n *= 2
	}
	rows, err := d.QueryContext(ctx, fmt.Sprintf(`select %s from %s limit %d`,
		strings.Join(t.cols, ", "), t.name, n))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		row := make([]any, len(t.cols))
		dst := make([]any, len(t.cols))
		for i := range row {
			dst[i] = &row[i]
		}
		if err := rows.Scan(dst...); err != nil {
			return err
		}
		t.rows = append(t.rows, row)
	}
	return rows.Err()
}

// index returns where a column stands.
func (t *table) index(col string) int {
	for i, c := range t.cols {
		if c == col {
			return i
		}
	}
	return -1
}

// pick returns the values of some columns of a row.
func (t *table) pick(row []any, cols []string) []any {
	out := make([]any, len(cols))
	for i, c := range cols {
		out[i] = row[t.index(c)]
	}
	return out
}
