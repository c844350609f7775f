package db_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"watari/kit/db"
	"watari/kit/db/dbtest"
)

// sizes are numbers of rows around the chunks and their powers of two.
var sizes = []int{0, 1, 3, 63, 64, 255, 256, 1000}

var itemKinds = []db.Kind{db.Text, db.Int, db.Text, db.Bytes, db.Bool}

// itemRows makes rows for item: every third note, every second raw and open is NULL.
func itemRows(n int) [][]any {
	rows := make([][]any, n)
	for i := range rows {
		rows[i] = []any{fmt.Sprintf("i%04d", i), i % 7, nil, nil, nil}
		if i%3 == 0 {
			rows[i][2] = fmt.Sprint("渡り ", i)
		}
		if i%2 == 0 {
			rows[i][3], rows[i][4] = []byte{byte(i)}, i%4 == 0
		}
	}
	return rows
}

const insertItems = `insert into item (id, n, note, raw, open) {rows}`

// Goal: rows of any number arrive as they are, NULLs included. Method: every size, read
// back and compared with what was sent.
func TestBulkInsertsRowsOfAnyNumber(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, tables, func(t *testing.T, d *db.DB) {
		for _, size := range sizes {
			rows := itemRows(size)
			err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				if _, err := tx.Exec(ctx, `delete from item`); err != nil {
					return err
				}
				n, err := tx.Bulk(ctx, insertItems, itemKinds, rows, nil)
				if n != int64(size) {
					t.Errorf("%d rows: wrote %d", size, n)
				}
				if err != nil {
					return err
				}
				at := 0
				return tx.Each(ctx, func(r db.Row) error {
					var id string
					var n int
					var note *string
					var raw []byte
					var open *bool
					err := r.Scan(&id, &n, &note, &raw, &open)
					want := rows[at]
					at++
					ok := id == want[0] && n == want[1] && (note == nil) == (want[2] == nil) &&
						(raw == nil) == (want[3] == nil) && (open == nil) == (want[4] == nil)
					if ok && note != nil {
						ok = *note == want[2]
					}
					if ok && open != nil {
						ok = *open == want[4] && slices.Equal(raw, want[3].([]byte))
					}
					if !ok {
						t.Errorf("%v came back as %s %d %v %v %v", want, id, n, note, raw, open)
					}
					return err
				}, `select id, n, note, raw, open from item order by id`)
			})
			if err != nil {
				t.Fatalf("%d rows: %v", size, err)
			}
		}
	})
}

// Goal: conflicts are found by the returned ids. Method: half of the rows are there; do
// nothing returns the new ones only, whatever the size.
func TestBulkReturnsWhatWasNew(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, tables, func(t *testing.T, d *db.DB) {
		for _, size := range sizes {
			all := itemRows(size)
			var half [][]any
			for i := 0; i < size; i += 2 {
				half = append(half, all[i])
			}
			err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				if _, err := tx.Exec(ctx, `delete from item`); err != nil {
					return err
				}
				if _, err := tx.Bulk(ctx, insertItems, itemKinds, half, nil); err != nil {
					return err
				}
				var got []string
				n, err := tx.Bulk(ctx, insertItems+` on conflict (id) do nothing returning id`,
					itemKinds, all, func(r db.Row) error {
						id, err := str(r)
						got = append(got, id)
						return err
					})
				slices.Sort(got)
				if n != int64(size/2) || len(got) != size/2 {
					t.Errorf("%d rows: %d new, returned %d", size, n, len(got))
				}
				for i, id := range got {
					if id != all[2*i+1][0] {
						t.Errorf("%d rows: %s was not new", size, id)
					}
				}
				return err
			})
			if err != nil {
				t.Fatalf("%d rows: %v", size, err)
			}
		}
	})
}

// Goal: an update by many keys reaches exactly those rows and counts them; an upsert adds;
// a select joins. Method: all three on the same rows, one key absent.
func TestBulkUpdatesUpsertsAndSelectsByKey(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, tables, func(t *testing.T, d *db.DB) {
		for _, size := range sizes {
			if size == 0 {
				continue
			}
			keys := make([][]any, size+1)
			for i := range keys {
				keys[i] = []any{fmt.Sprintf("i%04d", i), int64(i % 5)}
			}
			kinds := []db.Kind{db.Text, db.Int}
			err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				if _, err := tx.Exec(ctx, `delete from item`); err != nil {
					return err
				}
				if _, err := tx.Bulk(ctx, insertItems, itemKinds, itemRows(size), nil); err != nil {
					return err
				}
				n, err := tx.Bulk(ctx, `with v(id, n) as ({rows})
					update item set n = v.n, note = null from v where item.id = v.id`, kinds, keys, nil)
				if err != nil || n != int64(size) {
					t.Errorf("%d rows: updated %d, %v", size, n, err)
				}
				m, err := tx.Bulk(ctx, `insert into item (id, n) {rows}
					on conflict (id) do update set n = item.n + excluded.n`, kinds, keys, nil)
				if err != nil || m != int64(size+1) {
					t.Errorf("%d rows: upserted %d, %v", size, m, err)
				}
				sum := int64(0)
				k, err := tx.Bulk(ctx, `with k(id, n) as ({rows})
					select item.n - 2 * k.n from k join item on item.id = k.id`, kinds, keys[:size],
					func(r db.Row) error {
						v, err := num(r)
						sum += v
						return err
					})
				if err != nil || k != int64(size) || sum != 0 {
					t.Errorf("%d rows: selected %d with difference %d, %v", size, k, sum, err)
				}
				return err
			})
			if err != nil {
				t.Fatalf("%d rows: %v", size, err)
			}
		}
	})
}

// Goal: wrong rows are refused and break the transaction. Method: each kind of wrong.
func TestBulkRefusesWrongRows(t *testing.T) {
	t.Parallel()
	two := []db.Kind{db.Text, db.Int}
	dbtest.Each(t, tables, func(t *testing.T, d *db.DB) {
		for name, c := range map[string]struct {
			q     string
			kinds []db.Kind
			rows  [][]any
		}{
			"too few values": {`insert into item (id, n) {rows}`, two, [][]any{{"a", 1}, {"b"}}},
			"text in int":    {`insert into item (id, n) {rows}`, two, [][]any{{"a", "1"}}},
			"int in text":    {`insert into item (id, n) {rows}`, two, [][]any{{1, 1}}},
			"no mark":        {`insert into item (id, n) values (1, 2)`, two, [][]any{{"a", 1}}},
			"no kind":        {`insert into item (id, n) {rows}`, nil, [][]any{{}}},
			"repeated key":   {`insert into item (id, n) {rows}`, two, [][]any{{"a", 1}, {"a", 2}}},
		} {
			err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				if _, err := tx.Bulk(ctx, c.q, c.kinds, c.rows, nil); err == nil {
					t.Errorf("%s was taken", name)
				}
				return nil
			})
			if err == nil {
				t.Errorf("%s: the transaction was committed", name)
			}
		}
	})
}

// Goal: SQLite looks the rows up by key and does not scan the table for them. Method: the
// plan of an update and a select by many keys.
func TestBulkSearchesByKeyOnSQLite(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t, db.SQLite, tables...)
	for _, q := range []string{
		`explain query plan with v(id, n) as ({rows})
			update item set n = v.n from v where item.id = v.id`,
		`explain query plan with k(id, n) as ({rows})
			select item.note from k join item on item.id = k.id`,
	} {
		err := d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			var plan []string
			_, err := tx.Bulk(ctx, q, []db.Kind{db.Text, db.Int}, [][]any{{"a", 1}, {"b", 2}},
				func(r db.Row) error {
					var id, parent, unused int
					var line string
					err := r.Scan(&id, &parent, &unused, &line)
					plan = append(plan, line)
					return err
				})
			if !slices.Contains(plan, "SEARCH item USING PRIMARY KEY (id=?)") {
				t.Errorf("%s\n%q", q, plan)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
