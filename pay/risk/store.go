package risk

import (
	"context"
	"embed"
	"time"

	"watari/kit/db"
)

// Migrations are this package's table.
//
//go:embed sql/*.sql
var Migrations embed.FS

func keyRows(keys []Key) [][]any {
	rows := make([][]any, len(keys))
	for i, k := range keys {
		rows[i] = []any{string(k.Kind), k.Subject, k.Day}
	}
	return rows
}

func keyKinds() []db.Kind { return []db.Kind{db.Text, db.Int, db.Text} }

// Make the counters that do not exist, at zero. Those of another transaction that is not
// committed yet are waited for.
func insertMissing(ctx context.Context, tx *db.Tx, keys []Key) error {
	rows := make([][]any, len(keys))
	for i, k := range keys {
		rows[i] = []any{string(k.Kind), k.Subject, k.Day, int64(0), int64(0)}
	}
	_, err := tx.Bulk(ctx, `insert into risk_counter (kind, subject, day, used_minor, used_count)
		{rows} on conflict (kind, subject, day) do nothing`,
		[]db.Kind{db.Text, db.Int, db.Text, db.Int, db.Int}, rows, nil)
	return err
}

func each(put func(k Key, minor, count int64)) func(db.Row) error {
	return func(r db.Row) error {
		var k Key
		var minor, count int64
		if err := r.Scan(&k.Kind, &k.Subject, &k.Day, &minor, &count); err != nil {
			return err
		}
		put(k, minor, count)
		return nil
	}
}

// What do these counters stand at? Locked in the order of the primary key, by which they are
// found.
func lockAndRead(
	ctx context.Context, tx *db.Tx, keys []Key, put func(k Key, minor, count int64),
) error {
	_, err := tx.Bulk(ctx, `with k(kind, subject, day) as ({rows})
		select c.kind, c.subject, c.day, c.used_minor, c.used_count
		from k join risk_counter c
			on c.kind = k.kind and c.subject = k.subject and c.day = k.day
		order by c.kind, c.subject, c.day /*pg for update of c */`,
		keyKinds(), keyRows(keys), each(put))
	return err
}

// What do these counters stand at, as of now? By the primary key.
func readOnly(
	ctx context.Context, tx *db.Tx, keys []Key, put func(k Key, minor, count int64),
) error {
	_, err := tx.Bulk(ctx, `with k(kind, subject, day) as ({rows})
		select c.kind, c.subject, c.day, c.used_minor, c.used_count
		from k join risk_counter c
			on c.kind = k.kind and c.subject = k.subject and c.day = k.day
		order by c.kind, c.subject, c.day`,
		keyKinds(), keyRows(keys), each(put))
	return err
}

// Write what these counters stand at; their rows are locked.
func update(
	ctx context.Context, tx *db.Tx, keys []Key, lines map[Key]*line,
) (int64, error) {
	rows := make([][]any, len(keys))
	for i, k := range keys {
		l := lines[k]
		rows[i] = []any{string(k.Kind), k.Subject, k.Day, l.minor, l.count}
	}
	return tx.Bulk(ctx, `with v(kind, subject, day, minor, n) as ({rows})
		update risk_counter set used_minor = v.minor, used_count = v.n from v
		where risk_counter.kind = v.kind and risk_counter.subject = v.subject
			and risk_counter.day = v.day`,
		[]db.Kind{db.Text, db.Int, db.Text, db.Int, db.Int}, rows, nil)
}

// Add to these counters, whatever they stand at.
func add(ctx context.Context, tx *db.Tx, keys []Key, lines map[Key]*line) error {
	rows := make([][]any, len(keys))
	for i, k := range keys {
		l := lines[k]
		rows[i] = []any{string(k.Kind), k.Subject, k.Day, l.minor - l.readMinor,
			l.count - l.readCount}
	}
	_, err := tx.Bulk(ctx, `insert into risk_counter (kind, subject, day, used_minor, used_count)
		{rows} on conflict (kind, subject, day) do update set
			used_minor = risk_counter.used_minor + excluded.used_minor,
			used_count = risk_counter.used_count + excluded.used_count`,
		[]db.Kind{db.Text, db.Int, db.Text, db.Int, db.Int}, rows, nil)
	return err
}

// What do the counters that have no end stand at? All of them: a few for each participant.
func endless(ctx context.Context, tx *db.Tx) ([]Standing, error) {
	return db.All(ctx, tx, func(r db.Row) (c Standing, err error) {
		err = r.Scan((*string)(&c.Kind), &c.Subject, &c.Day, &c.Minor, &c.Base)
		return c, err
	}, `select kind, subject, day, used_minor, used_count from risk_counter
		where kind in ('issuer_owed', 'acquirer_net') order by kind, subject, day`)
}

const (
	// keptDays is how long counters of a day are kept: a late answer gives back to the day
	// of its payment.
	keptDays = 40
	// keptMinutes is how long failures are kept, for an operator who looks.
	keptMinutes = 24 * 60
	// purgedMost is how many rows one call of Purge deletes, so that no payment waits long.
	purgedMost = 500
)

// Purge deletes up to 500 counters that nothing asks for any more and returns how many. The
// application calls it once a day until it returns 0.
func Purge(ctx context.Context, tx *db.Tx, now time.Time) (int64, error) {
	day := Day(now.AddDate(0, 0, -keptDays))
	return tx.Exec(ctx, `delete from risk_counter where (kind, subject, day) in (
		select kind, subject, day from risk_counter
		where kind in ('store_day', 'issuer_day', 'terminal_pin', 'terminal_refund_day',
				'store_refund_day') and day < $1
			or kind = 'terminal_fail' and day < $2
		order by kind, subject, day limit $3)`,
		day, minute(now.Add(-keptMinutes*time.Minute)), purgedMost)
}
