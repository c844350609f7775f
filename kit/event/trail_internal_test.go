package event

import (
	"context"
	"strings"
	"testing"

	"watari/kit/db"
	"watari/kit/db/dbtest"
)

// Goal: looking back does not read payments: SQLite, which chooses by rule, takes the indexes that
// leave them out. Method: ask for its plan. The conditions are those of readBack.
func TestLookingBackLeavesPaymentsOut(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t, db.SQLite, Migrations())
	for name, more := range map[string]string{
		"event_changes":    "",
		"event_changes_of": ` and acquirer_no = 3`,
	} {
		for _, filter := range []string{"", ` and actor = 'a'`, ` and kind >= 'p' and kind < 'q'`,
			` and at_us >= 5 and at_us < 9`} {
			var plan []string
			err := d.View(t.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
				plan, err = db.All(ctx, tx, func(r db.Row) (s string, err error) {
					var id, parent, aux int64
					return s, r.Scan(&id, &parent, &aux, &s)
				}, `explain query plan select lane, seq from event where lane = 1 and seq < 9`+
					notPayments+more+filter+` order by seq desc limit 10`)
				return err
			})
			if text := strings.Join(plan, "; "); err != nil ||
				!strings.Contains(text, "INDEX "+name+" ") {
				t.Errorf("%s%s: %s, %v", more, filter, text, err)
			}
		}
	}
}
