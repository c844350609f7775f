package dbtest

import (
	"context"
	"testing"

	"watari/kit/db"
)

// FillDisk leaves a SQLite database no more pages than it has, as a full disk does, until the
// function that it returns is called.
func FillDisk(t testing.TB, d *db.DB) (free func()) {
	t.Helper()
	set := func(q string) {
		t.Helper()
		err := d.Update(context.Background(), func(ctx context.Context, tx *db.Tx) error {
			return tx.Each(ctx, func(db.Row) error { return nil }, q)
		})
		if err != nil {
			t.Errorf("%s: %v", q, err)
		}
	}
	set("pragma max_page_count = 1") // the engine takes the present size for it
	return func() { set("pragma max_page_count = 1073741823") }
}
