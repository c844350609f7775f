package party

import (
	"context"
	"errors"
	"io/fs"
	"testing"

	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/event"
)

// Goal: a change that came to nothing costs no further questions, while one that may still
// come is waited for. Method: two open changes of the same version, of which one is given up;
// then the other is seen.
func TestGivenUpChangeIsForgotten(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, []fs.FS{event.Migrations(), Migrations}, func(t *testing.T, d *db.DB) {
		dir, log := NewDirectory(d), event.NewLog(d)
		reg := NewRegistry(d, dir, log, event.FirstLane, DefaultSight())
		ref, err := dir.Reference(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		other := dir.expect(ref.Version + 1)
		enough := errors.New("enough")

		err = reg.Change(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			if err := reg.begin(ctx, tx); err != nil {
				return err
			}
			return enough
		})

		if !errors.Is(err, enough) {
			t.Fatalf("got %v", err)
		}
		if dir.highest.Load() != other || len(dir.hopes) != 1 {
			t.Errorf("%d hopes are left", len(dir.hopes))
		}
		if err := reg.Change(t.Context(), reg.begin); err != nil {
			t.Fatal(err)
		}
		if _, err := dir.Reference(t.Context()); err != nil {
			t.Fatal(err)
		}
		if dir.highest.Load() != nil || len(dir.hopes) != 0 {
			t.Errorf("%d hopes are left after the change was seen", len(dir.hopes))
		}
	})
}
