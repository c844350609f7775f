package order_test

import (
	"context"
	"io/fs"
	"testing"

	"watari/kit/db"
	"watari/visit/order"
)

// Goal: what was sold before wallets' agreements were kept can be given back, and takes of them
// what its discounts say (B4). Method: orders that are held, paid and partly cancelled, without an
// agreement; the migration.
func TestOrdersOlderThanAgreements(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		o := r.buy(2, 1)
		_, err := r.Cancel(ctx, o.ID, lines(3), 3875, "c1", "visitor:1")
		r.do("cancel", err)
		held := r.hold(1, 0)
		r.exec(`delete from promo_pledge`)
		name := "sql/202611231620_order_pledge." + r.db.Engine().String() + ".sql"
		text, err := fs.ReadFile(order.Migrations, name)
		r.do("read the migration", err)
		for range 2 { // it may come after the first agreement
			r.do("migrate", r.db.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
				_, err := tx.Exec(ctx, string(text))
				return err
			}))
			r.verify()
		}
		r.do("abandon", r.Abandon(ctx, held.ID, "visitor:1"))
		_, err = r.Cancel(ctx, o.ID, lines(1), 5580, "c2", "visitor:1")
		r.do("cancel", err)
		r.verify()
	})
}
