package db_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"watari/kit/db"
	"watari/kit/db/dbtest"
)

// tables are the tables of the tests in this package.
var tables = []fs.FS{fstest.MapFS{"sql/202611221000_test_tables.sql": {Data: []byte(`
-- +goose Up
create table item (
	id text primary key,
	n bigint not null default 0 constraint item_n_range check (n >= 0 and n <= 1000),
	note text,
	raw bytea,
	open boolean
) STRICT, WITHOUT ROWID;
create table part (
	item_id text not null constraint part_item references item (id),
	no bigint not null,
	primary key (item_id, no)
) STRICT, WITHOUT ROWID;
create unique index item_note on item (note) where note is not null;
`)}}}

func str(r db.Row) (s string, err error) { return s, r.Scan(&s) }

func num(r db.Row) (n int64, err error) { return n, r.Scan(&n) }

func add(t *testing.T, d *db.DB, id string, n int64) {
	t.Helper()
	err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `insert into item (id, n) values ($1, $2)`, id, n)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, d *db.DB, table string) (n int64) {
	t.Helper()
	err := d.View(t.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
		n, err = db.One(ctx, tx, num, `select count(*) from `+table)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Goal: values come back as they went in, on both engines alike. Method: every kind, NULLs,
// named types and pointers, written by Exec, read by One.
func TestValuesComeBackAsTheyWentIn(t *testing.T) {
	t.Parallel()
	type state string
	dbtest.Each(t, tables, func(t *testing.T, d *db.DB) {
		err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			note, none := "渡り ' \" $1 \\ \t\n", (*string)(nil)
			if _, err := tx.Exec(ctx, `insert into item (id, n, note, raw, open)
				values ($1, $2, $3, $4, $5), ($6, $7, $8, $9, $10)`, state("a"), int32(7), &note,
				[]byte{0, 1, 0xff}, true, "b", 0, none, []byte(nil), nil); err != nil {
				return err
			}
			got, err := db.All(ctx, tx, func(r db.Row) (string, error) {
				var id state
				var n int
				var note *string
				var raw []byte
				var open *bool
				err := r.Scan(&id, &n, &note, &raw, &open)
				s := fmt.Sprintf("%s %d %t %x %t", id, n, note != nil, raw, raw == nil)
				if note != nil {
					s += " " + *note
				}
				if open != nil {
					s += fmt.Sprint(" ", *open)
				}
				return s, err
			}, `select id, n, note, raw, open from item order by id`)
			want := []string{"a 7 true 0001ff false " + note + " true", "b 0 false  true"}
			if err == nil && fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
				t.Errorf("got  %q\nwant %q", got, want)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// Goal: booleans, sums and casts scan alike. Method: expressions of the written subset.
func TestExpressionsScanAlike(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, tables, func(t *testing.T, d *db.DB) {
		add(t, d, "a", 3)
		add(t, d, "b", 4)

		err := d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			_, err := db.One(ctx, tx, func(r db.Row) (any, error) {
				var sum, back int64
				var above bool
				var mean float64
				var text string
				var raw []byte
				err := r.Scan(&sum, &above, &mean, &back, &text, &raw)
				if sum != 7 || !above || mean != 3.5 || back != 9 || text != "x" || string(raw) != "b" {
					t.Errorf("got %d %v %v %d %q %q", sum, above, mean, back, text, raw)
				}
				return nil, err
			}, `select cast(sum(n) as bigint), count(*) > 1, cast(avg(n) as double precision),
				cast($1 as bigint), cast($2 as text), max(id) from item`, 9, "x")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// Goal: what broke a rule of the schema is told by class. Method: one violation each.
func TestErrorsHaveTheirClass(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		q  string
		is func(error) bool
	}{
		"primary key": {`insert into item (id) values ('a')`, db.IsUnique},
		"unique":      {`insert into item (id, note) values ('b', 'x')`, db.IsUnique},
		"check":       {`insert into item (id, n) values ('b', -1)`, db.IsCheck},
		"foreign key": {`insert into part (item_id, no) values ('zz', 1)`, db.IsForeign},
	} {
		t.Run(name, func(t *testing.T) {
			dbtest.Each(t, tables, func(t *testing.T, d *db.DB) {
				err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
					const first = `insert into item (id, note) values ('a', 'x')`
					if _, err := tx.Exec(ctx, first); err != nil {
						t.Fatal(err)
					}
					_, err := tx.Exec(ctx, c.q)
					return err
				})

				classes := []bool{db.IsUnique(err), db.IsCheck(err), db.IsForeign(err)}
				n := 0
				for _, yes := range classes {
					if yes {
						n++
					}
				}
				if !c.is(err) || n != 1 || db.IsRetry(err) || db.IsMaybeCommitted(err) {
					t.Errorf("%v: unique, check, foreign = %v", err, classes)
				}
				if got := count(t, d, "item"); got != 0 {
					t.Errorf("%d rows stayed", got)
				}
			})
		})
	}
}

// Goal: no row is an answer. Method: One, after which the transaction still commits.
func TestNoRowIsAnAnswerNotAFailure(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, tables, func(t *testing.T, d *db.DB) {
		err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			_, err := db.One(ctx, tx, str, `select id from item where id = $1`, "a")
			if !errors.Is(err, db.ErrNoRows) {
				t.Errorf("got %v, want ErrNoRows", err)
			}
			_, err = tx.Exec(ctx, `insert into item (id) values ('a')`)
			return err
		})
		if err != nil || count(t, d, "item") != 1 {
			t.Errorf("commit: %v", err)
		}
	})
}

// Goal: a transaction with an error is over (D2). Method: swallow a violation, go on, return
// nil; nothing may be committed and every step must have failed.
func TestBrokenTransactionRefusesWorkAndCommit(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, tables, func(t *testing.T, d *db.DB) {
		add(t, d, "a", 0)

		err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			_, _ = tx.Exec(ctx, `insert into item (id) values ('b')`)
			_, first := tx.Exec(ctx, `insert into item (id) values ('a')`)
			_, second := tx.Exec(ctx, `insert into item (id) values ('c')`)
			_, third := db.All(ctx, tx, str, `select id from item order by id`)
			if first == nil || second == nil || third == nil {
				t.Errorf("got %v, %v, %v", first, second, third)
			}
			return nil
		})

		if !db.IsUnique(err) {
			t.Errorf("commit returned %v", err)
		}
		if n := count(t, d, "item"); n != 1 {
			t.Errorf("%d rows, want 1", n)
		}
	})
}

// Goal: an error or a panic of the function undoes everything. Method: both.
func TestErrorAndPanicRollBack(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, tables, func(t *testing.T, d *db.DB) {
		mine := errors.New("mine")
		for _, end := range []func() error{func() error { return mine }, func() error { panic(mine) }} {
			var err error
			func() {
				defer func() {
					if v := recover(); v != nil {
						err = v.(error)
					}
				}()
				err = d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
					if _, err := tx.Exec(ctx, `insert into item (id) values ('a')`); err != nil {
						return err
					}
					return end()
				})
			}()
			if err != mine {
				t.Errorf("got %v", err)
			}
		}
		if n := count(t, d, "item"); n != 0 {
			t.Errorf("%d rows stayed", n)
		}
	})
}

// Goal: a View cannot write. Method: every kind of write.
func TestViewRefusesWrites(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, tables, func(t *testing.T, d *db.DB) {
		for _, q := range []string{`insert into item (id) values ('a')`, `update item set n = 1`,
			`delete from item`, `create table other (id text)`} {
			err := d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				_, err := tx.Exec(ctx, q)
				return err
			})
			if err == nil {
				t.Errorf("%s was executed in a View", q)
			}
		}
		add(t, d, "a", 1) // the connections are still good
	})
}

// Goal: all statements of a View see one state. Method: a commit between two reads.
func TestViewSeesOneState(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, tables, func(t *testing.T, d *db.DB) {
		err := d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			before, err := db.One(ctx, tx, num, `select count(*) from item`)
			if err != nil {
				return err
			}
			add(t, d, "a", 1)
			after, err := db.One(ctx, tx, num, `select count(*) from item`)
			if before != 0 || after != 0 {
				t.Errorf("saw %d, then %d rows", before, after)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := count(t, d, "item"); n != 1 {
			t.Errorf("a new View sees %d rows", n)
		}
	})
}

// Goal: transactions do not nest (D4). Method: all four combinations.
func TestNestedTransactions(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, tables, func(t *testing.T, d *db.DB) {
		nothing := func(context.Context, *db.Tx) error { return nil }
		panics := func(f func()) (yes bool) {
			defer func() { yes = recover() != nil }()
			f()
			return
		}
		err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			if !panics(func() { _ = d.Update(ctx, nothing) }) {
				t.Error("Update inside Update did not panic")
			}
			if _, err := tx.Exec(ctx, `insert into item (id) values ('a')`); err != nil {
				return err
			}
			return d.View(ctx, func(ctx context.Context, tx *db.Tx) error {
				n, err := db.One(ctx, tx, num, `select count(*) from item`)
				if n != 0 {
					t.Error("View inside Update sees what is not committed")
				}
				return err
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		err = d.View(t.Context(), func(ctx context.Context, outer *db.Tx) error {
			if !panics(func() { _ = d.Update(ctx, nothing) }) {
				t.Error("Update inside View did not panic")
			}
			return d.View(ctx, func(_ context.Context, inner *db.Tx) error {
				if inner != outer {
					t.Error("View inside View is another transaction")
				}
				return nil
			})
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// Goal: what PostgreSQL cannot store is refused before any engine sees it (D5).
// Method: as an argument, in a Bulk, in a named type.
func TestUncleanTextIsRefused(t *testing.T) {
	t.Parallel()
	type name string
	dbtest.Each(t, tables, func(t *testing.T, d *db.DB) {
		for _, bad := range []string{"a\x00b", "\xff", "\xed\xa0\x80"} {
			for how, f := range map[string]func(context.Context, *db.Tx) error{
				"exec": func(ctx context.Context, tx *db.Tx) error {
					_, err := tx.Exec(ctx, `insert into item (id) values ($1)`, bad)
					return err
				},
				"named": func(ctx context.Context, tx *db.Tx) error {
					_, err := db.All(ctx, tx, str, `select id from item where id = $1`, name(bad))
					return err
				},
				"bulk": func(ctx context.Context, tx *db.Tx) error {
					_, err := tx.Bulk(ctx, `insert into item (id) {rows}`, []db.Kind{db.Text},
						[][]any{{"x"}, {bad}}, nil)
					return err
				},
				"time": func(ctx context.Context, tx *db.Tx) error {
					_, err := tx.Exec(ctx, `insert into item (id, n) values ($1, $2)`, "x", time.Unix(0, 0))
					return err
				},
			} {
				if err := d.Update(t.Context(), f); err == nil {
					t.Errorf("%s: %q was taken", how, bad)
				}
			}
		}
		if n := count(t, d, "item"); n != 0 {
			t.Errorf("%d rows were written", n)
		}
	})
}

// Goal: the marker opens on PostgreSQL only, and claims are exact with it. Method: eight
// workers claim sixty rows; none twice.
func TestMarkerOpensOnPostgresOnly(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, tables, func(t *testing.T, d *db.DB) {
		for i := range 60 {
			add(t, d, fmt.Sprintf("i%02d", i), 0)
		}
		var mu sync.Mutex
		claimed := map[string]int{}
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for {
					var ids []string
					err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
						ids, err = db.All(ctx, tx, str, `select id from item where n = 0
							order by id limit 5 /*pg for update skip locked */`)
						for _, id := range ids {
							if _, err := tx.Exec(ctx, `update item set n = 1 where id = $1`, id); err != nil {
								return err
							}
						}
						return err
					})
					if err != nil {
						t.Error(err)
					}
					mu.Lock()
					for _, id := range ids {
						claimed[id]++
					}
					mu.Unlock()
					if len(ids) == 0 {
						return
					}
				}
			})
		}
		wg.Wait()
		for id, n := range claimed {
			if n != 1 {
				t.Errorf("%s was claimed %d times", id, n)
			}
		}
		// A worker that skips locked rows may leave at the end, so that fewer are seen.
		if len(claimed) != 60 {
			t.Errorf("%d of 60 were claimed", len(claimed))
		}
	})
}

// Goal: many concurrent Updates lose nothing and none fails. Method: sixteen goroutines
// read, add and write one row and a row of their own, reading under a lock.
func TestConcurrentUpdatesLoseNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, tables, func(t *testing.T, d *db.DB) {
		add(t, d, "sum", 0)
		var wg sync.WaitGroup
		for g := range 16 {
			wg.Go(func() {
				for i := range 10 {
					err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
						n, err := db.One(ctx, tx, num,
							`select n from item where id = 'sum' /*pg for update */`)
						if err != nil {
							return err
						}
						if _, err = tx.Exec(ctx, `update item set n = $1 where id = 'sum'`, n+1); err != nil {
							return err
						}
						_, err = tx.Exec(ctx, `insert into part (item_id, no) values ('sum', $1)`, g*100+i)
						return err
					})
					if err != nil {
						t.Errorf("goroutine %d: %v", g, err)
					}
				}
			})
		}
		wg.Wait()

		if n := count(t, d, "part"); n != 160 {
			t.Errorf("%d parts, want 160", n)
		}
		err := d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			n, err := db.One(ctx, tx, num, `select n from item where id = 'sum'`)
			if n != 160 {
				t.Errorf("sum %d, want 160", n)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
