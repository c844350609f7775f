package db_test

import (
	"context"
	"fmt"
	"io/fs"
	"testing"
	"testing/fstest"

	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/db/pgtmp"
	"watari/kit/id"
)

// payTables are like the tables of a payment: a wide row with a second index, postings,
// balances and an event.
var payTables = fstest.MapFS{"sql/202611221000_bench_tables.sql": {Data: []byte(`
-- +goose Up
create table pay (
	acquirer_no bigint not null, id text not null, state text not null, order_minor bigint not null,
	order_currency text not null, payto_minor bigint not null, payto_currency text not null,
	settle_minor bigint not null, settle_currency text not null, store_no bigint not null,
	terminal_no bigint not null, wallet_no bigint not null, quote_id text not null,
	created_at_us bigint not null, updated_at_us bigint not null, next_at_us bigint,
	their_id text, reason text, version bigint not null,
	primary key (acquirer_no, id)
) STRICT, WITHOUT ROWID;
create index pay_due on pay (next_at_us) where next_at_us is not null;
create table posting (
	acquirer_no bigint not null, transfer_id text not null, no bigint not null,
	account_id text not null, side text not null, x_minor bigint not null,
	x_currency text not null, at_us bigint not null,
	primary key (acquirer_no, transfer_id, no)
) STRICT, WITHOUT ROWID;
create table balance (
	account_id text not null, lane bigint not null, debits bigint not null,
	credits bigint not null, primary key (account_id, lane)
) STRICT, WITHOUT ROWID;
create table happened (
	lane bigint not null, seq bigint not null, at_us bigint not null, kind text not null,
	subject text not null, data text not null, hash bytea not null, primary key (lane, seq)
) STRICT, WITHOUT ROWID;
create index happened_subject on happened (subject, lane, seq);
`)}}

var payKinds = []db.Kind{db.Int, db.Text, db.Text, db.Int, db.Text, db.Int, db.Text, db.Int,
	db.Text, db.Int, db.Int, db.Int, db.Text, db.Int, db.Int, db.Int, db.Text, db.Text, db.Int}

const insertPay = `insert into pay (acquirer_no, id, state, order_minor, order_currency,
	payto_minor, payto_currency, settle_minor, settle_currency, store_no, terminal_no, wallet_no,
	quote_id, created_at_us, updated_at_us, next_at_us, their_id, reason, version) {rows}
	on conflict (acquirer_no, id) do nothing returning id`

// pay writes a batch as the hot path does: claim and insert in one transaction, conclude in
// a second one.
func pay(b testing.TB, d *db.DB, seq *int64, n int) {
	ctx := context.Background()
	ids := make([]string, n)
	rows := make([][]any, n)
	for i := range rows {
		ids[i] = id.New("pay", 1)
		rows[i] = []any{int64(1), ids[i], "authorising", int64(1980), "JPY", int64(8464), "CNY",
			int64(1980), "JPY", int64(7), int64(9), int64(2), "quo_01jd9r2k7v0100407m3q5x8t2w",
			int64(1795000000000000), int64(1795000000000000), int64(1795000010000000), nil, nil, int64(1)}
	}
	err := d.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Bulk(ctx, insertPay, payKinds, rows, func(r db.Row) error {
			_, err := str(r)
			return err
		})
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	if err := d.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		return conclude(ctx, tx, ids, seq)
	}); err != nil {
		b.Fatal(err)
	}
}

func conclude(ctx context.Context, tx *db.Tx, ids []string, seq *int64) error {
	n := len(ids)
	keys, set := make([][]any, n), make([][]any, n)
	postings, events := make([][]any, 0, 6*n), make([][]any, n)
	for i, p := range ids {
		keys[i] = []any{int64(1), p}
		set[i] = []any{int64(1), p, "captured", "their_0000000000000000"}
		for k := range 6 {
			postings = append(postings, []any{int64(1), "trf" + p[3:], int64(k), fmt.Sprint("account_", k),
				"debit", int64(1980), "JPY", int64(1795000000000000)})
		}
		*seq++
		events[i] = []any{int64(1), *seq, int64(1795000000000000), "payment.captured", p,
			`{"order":{"currency":"JPY","value":1980},"store":"takayama-1","wallet":"alipayplus"}`,
			make([]byte, 32)}
	}
	balances := make([][]any, 6)
	for k := range balances {
		balances[k] = []any{fmt.Sprint("account_", k), int64(1), int64(n * 1980), int64(0)}
	}
	text := func(r db.Row) error { _, err := str(r); return err }
	for _, s := range []struct {
		q     string
		kinds []db.Kind
		rows  [][]any
		each  func(db.Row) error
	}{
		{`with k(a, id) as ({rows}) select pay.id from k join pay
			on pay.acquirer_no = k.a and pay.id = k.id order by pay.acquirer_no, pay.id
			/*pg for update of pay */`, []db.Kind{db.Int, db.Text}, keys, text},
		{`with v(a, id, state, their) as ({rows}) update pay set state = v.state, their_id = v.their,
			next_at_us = null, version = version + 1 from v
			where pay.acquirer_no = v.a and pay.id = v.id`,
			[]db.Kind{db.Int, db.Text, db.Text, db.Text}, set, nil},
		{`insert into posting (acquirer_no, transfer_id, no, account_id, side, x_minor, x_currency,
			at_us) {rows}`, []db.Kind{db.Int, db.Text, db.Int, db.Text, db.Text, db.Int, db.Text,
			db.Int}, postings, nil},
		{`insert into happened (lane, seq, at_us, kind, subject, data, hash) {rows}`, []db.Kind{db.Int,
			db.Int, db.Int, db.Text, db.Text, db.Text, db.Bytes}, events, nil},
		{`insert into balance (account_id, lane, debits, credits) {rows} on conflict (account_id, lane)
			do update set debits = balance.debits + excluded.debits,
			credits = balance.credits + excluded.credits`,
			[]db.Kind{db.Text, db.Int, db.Int, db.Int}, balances, nil},
	} {
		if m, err := tx.Bulk(ctx, s.q, s.kinds, s.rows, s.each); err != nil || m != int64(len(s.rows)) {
			return fmt.Errorf("%d of %d rows: %w", m, len(s.rows), err)
		}
	}
	return nil
}

// BenchmarkPayments writes payments in two durable commits per batch: 1 row, then 1 row
// updated, 6 postings, 1 event, and 6 balances per batch.
func BenchmarkPayments(b *testing.B) {
	for _, e := range dbtest.Engines {
		for _, size := range []int{1, 16, 64, 256} {
			b.Run(fmt.Sprintf("%s/%d", e, size), func(b *testing.B) {
				d := benchDB(b, e, payTables)
				var seq int64
				pay(b, d, &seq, size)
				b.ReportAllocs()
				b.ResetTimer()
				for b.Loop() {
					pay(b, d, &seq, size)
				}
				b.ReportMetric(float64(b.N*size)/b.Elapsed().Seconds(), "payments/s")
			})
		}
	}
}

// benchDB returns a database that syncs as in production.
func benchDB(b *testing.B, e db.Engine, sets ...fs.FS) *db.DB {
	b.Helper()
	location := dbtest.Location(b, db.SQLite)
	if e == db.Postgres {
		location = dbtest.Cluster(b, pgtmp.Options{Fsync: true}).URL("postgres")
	}
	d := dbtest.Open(b, location, db.Options{})
	if err := d.Migrate(context.Background(), sets...); err != nil {
		b.Fatal(err)
	}
	return d
}
