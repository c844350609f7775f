package payment

import (
	"context"

	"watari/kit/db"
)

// stuckMax is how many stuck legs are listed.
const stuckMax = 1000

// Which legs wait for an operator? By the partial index on them.
func stuckLegs(ctx context.Context, tx *db.Tx) ([]*Leg, error) {
	return db.All(ctx, tx, scanLeg, `select `+legCols+` from payment_leg where state = 'stuck'
		order by acquirer_no, id limit $1`, stuckMax)
}
