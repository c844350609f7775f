package fx_test

import (
	"context"
	"io/fs"
	"strings"
	"testing"

	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/pay/fx"
)

// Goal: the jumps of history hold nothing back, the jump of the newest day does, and so does
// a jump after what is stored (X4).
// Method: a file in which the yen fell by a fifth long ago; then one whose newest day is far
// off; then the right one with a jump on the day after.
func TestHistoryHoldsNothingBack(t *testing.T) {
	t.Parallel()
	const header = "Date,USD,JPY,\n"
	history := "2026-04-08,1.17,186.0,\n2026-04-07,1.17,185.0,\n2026-04-02,1.16,150.0,\n"
	dbtest.Each(t, []fs.FS{fx.Migrations}, func(t *testing.T, d *db.DB) {
		board := fx.New(d, fx.Config{RepeatLastDay: true})
		for _, step := range []struct {
			file          string
			applied, held int
		}{
			{header + "2026-04-09,1.17,0.0054,\n" + history, 6, 2},
			{header + history, 0, 0},
			{header + "2026-04-10,1.17,250.0,\n2026-04-09,1.17,187.0,\n" + history, 3, 1},
		} {
			rep, err := board.Import(context.Background(), strings.NewReader(step.file), "ann")
			if err != nil {
				t.Fatal(err)
			}
			if rep.Applied != step.applied || rep.Held != step.held {
				t.Errorf("%d applied and %d held, want %d and %d", rep.Applied, rep.Held,
					step.applied, step.held)
			}
		}
	})
}
