package db

import (
	"context"
	"math/rand/v2"
	"time"
)

const (
	// maxAttempts bounds how often Update runs its function.
	maxAttempts = 8
	// retryFor is the time after which an Update does not begin another run.
	retryFor = 10 * time.Second
	// updateTimeout bounds one run on PostgreSQL when the caller sets no deadline.
	updateTimeout = 30 * time.Second
	// firstPause is the longest pause before the second run; it doubles up to maxPause.
	firstPause = 4 * time.Millisecond
	maxPause   = 250 * time.Millisecond
)

// pause waits before a run: not before the first, then a random part of a bound that
// doubles, so that two transactions which met do not meet again.
func pause(ctx context.Context, attempt int) error {
	if attempt == 0 {
		return ctx.Err()
	}
	bound := min(firstPause<<(attempt-1), maxPause)
	t := time.NewTimer(bound/2 + rand.N(bound/2))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
