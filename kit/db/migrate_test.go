package db_test

import (
	"context"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5"

	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/db/pgtmp"
)

func set(files ...string) fs.FS {
	m := fstest.MapFS{}
	for i := 0; i < len(files); i += 2 {
		m["sql/"+files[i]] = &fstest.MapFile{Data: []byte("-- +goose Up\n" + files[i+1])}
	}
	return m
}

const tableA = "create table a (id text primary key) STRICT;"

// Goal: migrating again does nothing, and later files of any domain are added. Method: the
// same sets twice, then one more that sorts before, then in another handle.
func TestMigrateTwiceDoesNothing(t *testing.T) {
	t.Parallel()
	for _, e := range dbtest.Engines {
		t.Run(e.String(), func(t *testing.T) {
			t.Parallel()
			location := dbtest.Location(t, e)
			d := dbtest.Open(t, location, db.Options{})
			first := set("202611221000_b_one.sql", tableA+"\ninsert into a (id) values ('x');")
			earlier := set("202611221000_a_one.sql", "create table b (id text primary key) STRICT;")

			for _, sets := range [][]fs.FS{{first}, {first}, {first, earlier}, {first, earlier}} {
				if err := d.Migrate(t.Context(), sets...); err != nil {
					t.Fatal(err)
				}
			}
			if err := dbtest.Open(t, location, db.Options{}).Migrate(t.Context(), first); err != nil {
				t.Fatal(err)
			}

			if n := count(t, d, "a"); n != 1 {
				t.Errorf("%d rows in a", n)
			}
			if n := count(t, d, "schema_file"); n != 2 {
				t.Errorf("%d files recorded", n)
			}
		})
	}
}

// Goal: an edited migration is noticed at start. Method: run it, change a comment, run it.
func TestEditedMigrationIsNoticed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, nil, func(t *testing.T, d *db.DB) {
		if err := d.Migrate(t.Context(), set("202611221000_a_one.sql", tableA)); err != nil {
			t.Fatal(err)
		}
		err := d.Migrate(t.Context(), set("202611221000_a_one.sql", tableA+" -- better"))
		if err == nil || !strings.Contains(err.Error(), "202611221000_a_one was edited") {
			t.Errorf("got %v", err)
		}
	})
}

// Goal: a file runs as a whole or not at all. Method: a second statement that fails; then
// the corrected file runs.
func TestFailingMigrationLeavesNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, nil, func(t *testing.T, d *db.DB) {
		bad := set("202611221000_a_one.sql", tableA+"\ncreate table a (id text) STRICT;")
		if err := d.Migrate(t.Context(), bad); err == nil {
			t.Fatal("a table was created twice")
		}
		if err := d.Migrate(t.Context(), set("202611221000_a_one.sql", tableA)); err != nil {
			t.Error(err)
		}
	})
}

// Goal: names that would mislead are refused. Method: each.
func TestWrongMigrationFilesAreRefused(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t, db.SQLite)
	for name, s := range map[string]fs.FS{
		"short number": set("2026_a.sql", tableA),
		"alike":        set("202611221000_party_a.sql", tableA, "202611221000_party_b.sql", tableA),
		"with down":    set("202611221000_a_b.sql", tableA+"\n-- +goose Down\ndrop table a;"),
		"without up":   fstest.MapFS{"sql/202611221000_a_b.sql": {Data: []byte(tableA)}},
	} {
		if err := d.Migrate(t.Context(), s); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	if err := d.Migrate(t.Context()); err != nil {
		t.Errorf("no sets: %v", err)
	}
}

// Goal: nodes that start together migrate once. Method: six handles at the same time.
func TestConcurrentMigrateRunsOnce(t *testing.T) {
	t.Parallel()
	for _, e := range dbtest.Engines {
		t.Run(e.String(), func(t *testing.T) {
			t.Parallel()
			location := dbtest.Location(t, e)
			s := set("202611221000_a_one.sql", tableA, "202611221001_a_two.sql",
				"insert into a (id) values ('x');")
			var wg sync.WaitGroup
			for range 6 {
				d := dbtest.Open(t, location, db.Options{Schema: "shared"})
				wg.Go(func() {
					if err := d.Migrate(t.Context(), s); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if n := count(t, dbtest.Open(t, location, db.Options{Schema: "shared"}), "a"); n != 1 {
				t.Errorf("%d rows", n)
			}
		})
	}
}

// Goal: twins run on their engine only. Method: a pair that fills one table differently.
func TestTwinFilesRunOnTheirEngine(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, nil, func(t *testing.T, d *db.DB) {
		err := d.Migrate(t.Context(), set("202611221000_a_one.sql", tableA,
			"202611221001_a_two.sqlite.sql", "insert into a (id) values ('sqlite');",
			"202611221001_a_two.postgres.sql", "insert into a (id) values ('postgres');"))
		if err != nil {
			t.Fatal(err)
		}
		err = d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			got, err := db.All(ctx, tx, str, `select id from a order by id`)
			if !slices.Equal(got, []string{d.Engine().String()}) {
				t.Errorf("got %v", got)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// Goal: both engines refuse a wrong type in a column. Method: text into bigint and boolean.
func TestColumnsAreStrict(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, tables, func(t *testing.T, d *db.DB) {
		for _, q := range []string{`insert into item (id, n) values ('a', 'xyz')`,
			`insert into item (id, open) values ('a', 'xyz')`} {
			err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				_, err := tx.Exec(ctx, q)
				return err
			})
			if err == nil {
				t.Errorf("%s was executed", q)
			}
		}
	})
}

// Goal: text is ordered and compared by bytes on any cluster (D6). Method: databases with
// the locale C, with an ICU locale (as en_US.UTF-8 sorts) and with the encoding SQL_ASCII;
// order, comparison, minimum, keyset and a join with the rows of a Bulk.
func TestTextIsOrderedByBytesOnAnyCluster(t *testing.T) {
	t.Parallel()
	check := func(t *testing.T, d *db.DB) {
		t.Helper()
		if err := d.Migrate(t.Context(), tables...); err != nil {
			t.Fatal(err)
		}
		ids := []string{"pay_B", "pay_a", "pay-c", "Z", "ä", "z", "渡", "_"}
		rows := make([][]any, len(ids))
		for i, id := range ids {
			rows[i] = []any{id, int64(i)}
		}
		slices.Sort(ids)
		err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			kinds := []db.Kind{db.Text, db.Int}
			if _, err := tx.Bulk(ctx, `insert into item (id, n) {rows}`, kinds, rows, nil); err != nil {
				return err
			}
			got, err := db.All(ctx, tx, str, `select id from item order by id`)
			if !slices.Equal(got, ids) {
				t.Errorf("order %q, want %q", got, ids)
			}
			if err != nil {
				return err
			}
			n, err := tx.Bulk(ctx, `with k(id, n) as ({rows}) select item.id
				from k join item on item.id = k.id where item.id >= k.id order by k.id`, kinds, rows,
				func(db.Row) error { return nil })
			if err != nil || n != int64(len(ids)) {
				t.Errorf("joined %d rows, %v", n, err)
			}
			got, err = db.All(ctx, tx, str, `select id from item where id > $1
				union all select max(id) from item order by 1`, "Z")
			if want := append(slices.Clone(ids[1:]), ids[len(ids)-1]); !slices.Equal(got, want) {
				t.Errorf("behind Z: %q, want %q", got, want)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
	t.Run("sqlite", func(t *testing.T) { check(t, dbtest.New(t, db.SQLite)) })
	c := dbtest.Cluster(t, pgtmp.Options{})
	for name, how := range map[string]string{
		"c":         `locale 'C'`,
		"icu":       `locale_provider icu icu_locale 'en-US' locale 'C.UTF-8'`,
		"sql_ascii": `locale 'C' encoding 'SQL_ASCII'`,
	} {
		t.Run(name, func(t *testing.T) {
			create(t, c, name, how)
			check(t, dbtest.Open(t, c.URL(name), db.Options{}))
		})
	}
	create(t, c, "latin1", `locale 'C' encoding 'LATIN1'`)
	if d, err := db.Open(t.Context(), c.URL("latin1"), db.Options{}); err == nil {
		d.Close()
		t.Error("a LATIN1 database was opened")
	}
}

func create(t *testing.T, c *pgtmp.Cluster, name, how string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), c.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	_, err = conn.Exec(t.Context(), `create database `+name+` template template0 `+how)
	if err != nil {
		t.Fatal(err)
	}
}

// Goal: a set may bring the tables that it stands on: a file that several bring is run once, and
// two texts under one name are refused. Method: a union beside one of its parts; then another text.
func TestSetsMayOverlap(t *testing.T) {
	t.Parallel()
	for _, e := range dbtest.Engines {
		t.Run(e.String(), func(t *testing.T) {
			t.Parallel()
			d := dbtest.Open(t, dbtest.Location(t, e), db.Options{})
			base := set("202611221000_a_one.sql", tableA)
			upper := db.Sets(base, set("202611221100_b_one.sql",
				"create table b (id text primary key references a) STRICT;"))
			for range 2 {
				if err := d.Migrate(t.Context(), base, upper); err != nil {
					t.Fatal(err)
				}
			}
			if n := count(t, d, "schema_file"); n != 2 {
				t.Errorf("%d files recorded", n)
			}
			other := set("202611221000_a_one.sql", tableA+" -- other")
			if err := d.Migrate(t.Context(), base, other); err == nil {
				t.Error("two texts under one name: want an error")
			}
		})
	}
}
