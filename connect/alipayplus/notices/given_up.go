package notices

import (
	"context"
	"fmt"
	"time"

	"watari/kit/db"
)

// GivenUp is what an acquirer did not take.
type GivenUp struct {
	AcquirerNo int64
	Count      int64     // in the last 30 days
	Last       time.Time // when the newest was given up
	PaymentID  string    // of the newest
	Note       string    // why its last attempt did not count
}

// AllGivenUp returns what acquirers did not take, by acquirer.
func AllGivenUp(ctx context.Context, d *db.DB) (all []GivenUp, err error) {
	err = d.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		all, err = allGivenUp(ctx, tx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read notices that were given up: %w", err)
	}
	return all, nil
}
