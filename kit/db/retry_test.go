package db_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
)

const addOne = `update item set n = n + 1 where id = $1`

// Goal: two transactions that lock in opposite order both go through (D3). Method: both
// take their first row, meet, then take the other's: a deadlock on PostgreSQL.
func TestDeadlockIsRetried(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, tables, func(t *testing.T, d *db.DB) {
		add(t, d, "a", 0)
		add(t, d, "b", 0)
		var wg sync.WaitGroup
		for _, order := range [][]string{{"a", "b"}, {"b", "a"}} {
			wg.Go(func() {
				err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
					for _, id := range order {
						if _, err := tx.Exec(ctx, addOne, id); err != nil {
							return err
						}
						time.Sleep(30 * time.Millisecond)
					}
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		err := d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			n, err := db.One(ctx, tx, num, `select cast(sum(n) as bigint) from item`)
			if n != 4 {
				t.Errorf("sum %d, want 4", n)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// Goal: waiting for a lock is bounded and the Update tries again (D3). Method: one holds the
// row longer than the lock timeout of PostgreSQL.
func TestLockTimeoutIsRetried(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, tables, func(t *testing.T, d *db.DB) {
		add(t, d, "a", 0)
		held := make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() {
			err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				_, err := tx.Exec(ctx, addOne, "a")
				close(held)
				time.Sleep(400 * time.Millisecond)
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
		<-held
		runs := 0
		err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			runs++
			_, err := tx.Exec(ctx, addOne, "a")
			return err
		})
		wg.Wait()
		if err != nil || d.Engine() == db.Postgres && runs < 2 {
			t.Errorf("%d runs, %v", runs, err)
		}
	})
}

// Goal: an Update gives up after eight runs and says that it may be tried again. Method: a
// second handle on the same file or database holds the lock all the time; on SQLite the
// waits are virtual.
func TestUpdateGivesUpAfterEightRuns(t *testing.T) {
	t.Parallel()
	body := func(t *testing.T, e db.Engine) {
		location := dbtest.Migrated(t, e, tables...)
		holder, d := dbtest.Open(t, location, db.Options{}), dbtest.Open(t, location, db.Options{})
		add(t, d, "a", 0)
		held, free := make(chan struct{}), make(chan struct{})
		done := make(chan error)
		go func() {
			done <- holder.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				_, err := tx.Exec(ctx, addOne, "a")
				close(held)
				<-free
				return err
			})
		}()
		<-held
		runs := 0
		err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			runs++
			_, err := tx.Exec(ctx, addOne, "a")
			return err
		})
		if !db.IsRetry(err) || db.IsMaybeCommitted(err) || db.IsOutage(err) {
			t.Errorf("got %v", err)
		}
		if e == db.Postgres && runs != 8 {
			t.Errorf("%d runs", runs)
		}
		close(free)
		if err := <-done; err != nil {
			t.Error(err)
		}
		add(t, d, "b", 0)
	}
	t.Run("sqlite", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { body(t, db.SQLite) })
	})
	t.Run("postgres", func(t *testing.T) { body(t, db.Postgres) })
}

// Goal: other errors are not retried. Method: an error of the function, and a violation.
func TestOtherErrorsAreNotRetried(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, tables, func(t *testing.T, d *db.DB) {
		runs := 0
		_ = d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			runs++
			return errors.New("mine")
		})
		_ = d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			runs++
			_, err := tx.Exec(ctx, `insert into item (id, n) values ('a', -1)`)
			return err
		})
		if runs != 2 {
			t.Errorf("%d runs", runs)
		}
	})
}

// Goal: a connection that dies before the commit costs a second run and nothing else.
// Method: the server ends the session in the middle of the first run.
func TestConnectionLostBeforeCommitIsRetried(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t, db.Postgres, tables...)
	runs := 0
	err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		runs++
		if _, err := tx.Exec(ctx, `insert into item (id) values ('a')`); err != nil {
			return err
		}
		if runs == 1 {
			_, err := db.One(ctx, tx, num, `select 1 from (select pg_terminate_backend(pg_backend_pid())) x`)
			return err
		}
		return nil
	})
	if err != nil || runs != 2 || count(t, d, "item") != 1 {
		t.Errorf("%d runs, %v", runs, err)
	}
}

// Goal: pooled connections that died unused are replaced without anybody noticing. Method:
// the server ends all sessions between uses, for Update and for View, which runs once.
func TestDeadPooledConnectionIsReplaced(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t, db.Postgres, tables...)
	add(t, d, "a", 0)
	count(t, d, "item")
	err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `select pg_terminate_backend(pid) from pg_stat_activity
			where datname = current_database() and pid <> pg_backend_pid()`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	runs := 0
	err = d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		runs++
		_, err := db.One(ctx, tx, num, `select count(*) from item`)
		return err
	})
	if err != nil || runs != 1 {
		t.Errorf("%d runs, %v", runs, err)
	}
}

// Goal: a connection lost at COMMIT is reported as in doubt and never retried (D8). Method:
// once the server dies before it commits, once its answer is lost after it committed.
func TestConnectionLostAtCommitIsInDoubt(t *testing.T) {
	t.Parallel()
	location := dbtest.Migrated(t, db.Postgres, tables...)
	p := dbtest.NewProxy(t, location)
	d := dbtest.Open(t, p.Location(), db.Options{})
	insert := func(id string) (runs int, err error) {
		err = d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			runs++
			_, err := tx.Exec(ctx, `insert into item (id) values ($1)`, id)
			return err
		})
		return runs, err
	}

	p.CutNextCommit()
	if runs, err := insert("a"); runs != 1 || !db.IsMaybeCommitted(err) || !db.IsOutage(err) ||
		db.IsRetry(err) {
		t.Errorf("answer lost: %d runs, %v", runs, err)
	}
	if n := count(t, d, "item"); n != 1 {
		t.Errorf("%d rows, the server had committed", n)
	}

	err := d.Migrate(t.Context(), set("202611221100_test_trigger.postgres.sql", `
		create function die() returns trigger language plpgsql as
			$$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$;
		create constraint trigger die after insert on item deferrable initially deferred
			for each row execute function die();`))
	if err != nil {
		t.Fatal(err)
	}
	if runs, err := insert("b"); runs != 1 || !db.IsMaybeCommitted(err) || db.IsRetry(err) {
		t.Errorf("server died: %d runs, %v", runs, err)
	}
	if n := count(t, d, "item"); n != 1 {
		t.Errorf("%d rows, the server had not committed", n)
	}
}

// Goal: a caller's deadline ends waiting and reading, and leaves the database usable.
// Method: an endless query in a View; an Update that waits for another one.
func TestDeadlineEndsWaitingAndReading(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, tables, func(t *testing.T, d *db.DB) {
		add(t, d, "a", 0)
		short := func() context.Context {
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			t.Cleanup(cancel)
			return ctx
		}
		before := clock.Now()
		err := d.View(short(), func(ctx context.Context, tx *db.Tx) error {
			_, err := db.One(ctx, tx, num, `with recursive l(n) as (select 1 union all
				select (n + 1) % 1000 from l) select count(*) from l`)
			return err
		})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("View: %v", err)
		}
		err = d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			if _, err := tx.Exec(ctx, addOne, "a"); err != nil {
				return err
			}
			err := d.Update(short(), func(ctx context.Context, tx *db.Tx) error {
				_, err := tx.Exec(ctx, addOne, "a")
				return err
			})
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("waiting Update: %v", err)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		if took := clock.Now().Sub(before); took > 3*time.Second {
			t.Errorf("took %v", took)
		}
		add(t, d, "b", 0)
		for i := range 20 { // every connection of the pool is usable
			if n := count(t, d, "item"); n != 2 {
				t.Errorf("%d: %d rows", i, n)
			}
		}
	})
}

// Goal: sessions are set up as documented. Method: ask the server, in Update and in View.
func TestSessionSettings(t *testing.T) {
	t.Parallel()
	location := dbtest.Location(t, db.Postgres)
	d := dbtest.Open(t, location, db.Options{Schema: "Of 'mine'"})
	ask := func(ctx context.Context, tx *db.Tx) (string, error) {
		return db.One(ctx, tx, str, `select concat_ws(' ', current_setting('lock_timeout'),
			current_setting('transaction_isolation'), current_setting('transaction_read_only'),
			current_setting('application_name'), current_setting('synchronous_commit'),
			current_schema())`)
	}
	var update, view string
	err1 := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
		update, err = ask(ctx, tx)
		return err
	})
	err2 := d.View(t.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
		view, err = ask(ctx, tx)
		return err
	})
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	if want := "250ms read committed off watari on Of 'mine'"; update != want {
		t.Errorf("Update: %s", update)
	}
	if want := "250ms repeatable read on watari on Of 'mine'"; view != want {
		t.Errorf("View: %s", view)
	}
}

// Goal: more texts than the cache of prepared statements holds do no harm. Method: 600
// different ones, then the first ones again.
func TestManyStatementsAreEvicted(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, tables, func(t *testing.T, d *db.DB) {
		for _, texts := range []int{600, 50} {
			err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				for i := range texts {
					n, err := db.One(ctx, tx, num, fmt.Sprintf(`select cast(%d as bigint)`, i))
					if err != nil || n != int64(i) {
						return fmt.Errorf("%d: got %d, %w", i, n, err)
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}
