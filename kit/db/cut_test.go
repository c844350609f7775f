package db_test

import (
	"context"
	"testing"
	"time"

	"watari/kit/db"
	"watari/kit/db/dbtest"
)

// Goal: a context that ends while a transaction is begun costs the next one nothing: it has its
// connection to itself. Method: contexts that end at every moment of a begin, and after each a
// transaction that nobody ends.
func TestBeginThatIsCutOffHindersNobody(t *testing.T) {
	t.Parallel()
	nothing := func(context.Context, *db.Tx) error { return nil }
	dbtest.Each(t, nil, func(t *testing.T, d *db.DB) {
		for i := range 800 {
			ctx, stop := context.WithTimeout(context.Background(),
				time.Duration(i%200)*100*time.Nanosecond)
			_ = d.Update(ctx, nothing)
			_ = d.View(ctx, nothing)
			stop()
			ctx, stop = context.WithCancel(context.Background())
			go stop()
			_ = d.Update(ctx, nothing)
			_ = d.View(ctx, nothing)
			stop()
			if err := d.Update(context.Background(), nothing); err != nil {
				t.Fatalf("%d: a write after one that was cut off: %v", i, err)
			}
			if err := d.View(context.Background(), nothing); err != nil {
				t.Fatalf("%d: a read after one that was cut off: %v", i, err)
			}
		}
	})
}
