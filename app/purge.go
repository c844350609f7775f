package app

import (
	"context"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/pay/risk"
	"watari/visit/park/queue"
)

// Times of the daily clearing up.
const (
	purgeFirst = time.Minute // after the start, when the first payments have had their way
	purgeEvery = 24 * time.Hour
	purgePause = 100 * time.Millisecond // between two bites, so that no payment waits long
)

// purge deletes once a day what nobody asks for any more. Several nodes may do it at once.
func (n *node) purge(ctx context.Context) {
	wait := purgeFirst
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		switch gone, err := n.purgeSome(ctx); {
		case err != nil && ctx.Err() == nil:
			n.logger.Error("old counters not deleted; it is tried again tomorrow", "error", err)
			wait = purgeEvery
		case gone > 0:
			wait = purgePause
		default:
			wait = purgeEvery
		}
	}
}

// purgeSome deletes a few hundred rows that nobody asks for and returns how many.
func (n *node) purgeSome(ctx context.Context) (gone int64, err error) {
	err = n.db.Update(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if gone, err = risk.Purge(ctx, tx, clock.Now()); err != nil {
			return err
		}
		old, err := n.purgeWatch(ctx, tx)
		if err != nil {
			return err
		}
		minutes, err := queue.Purge(ctx, tx, clock.Now())
		gone += old + minutes
		return err
	})
	return gone, err
}
