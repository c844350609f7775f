package watch

import (
	"context"
	"errors"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/pay/link/guard"
	"watari/pay/party"
)

// lastWrite is how long a node that ends may take to keep what it counted last.
const lastWrite = 2 * time.Second

// Run samples and looks until ctx ends, and keeps what was counted last.
func (w *Watch) Run(ctx context.Context) {
	tick := time.NewTicker(w.cfg.Every)
	defer tick.Stop()
	for {
		err := w.Sample(ctx)
		if ctx.Err() == nil {
			err = errors.Join(err, w.Look(ctx))
		}
		if err != nil && ctx.Err() == nil {
			w.cfg.Logger.Error("the network is not watched; it is tried again", "error", err)
		}
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWrite)
			defer cancel()
			if err := w.Sample(last); err != nil {
				w.cfg.Logger.Warn("health of the last seconds not kept", "error", err)
			}
			return
		case <-tick.C:
		}
	}
}

// Sample adds what the guard counted since the last sample to the rows of this minute. What
// cannot be written is part of the next sample.
func (w *Watch) Sample(ctx context.Context) error {
	wallets, err := w.cfg.Directory.Wallets(ctx)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	// What was counted belongs to the time since the last sample, not to this instant.
	minute := clock.Now().Add(-w.cfg.Every / 2).Truncate(time.Minute)
	stats := map[laneOf]guard.Stat{}
	for _, s := range w.cfg.Guard.Stats() {
		stats[laneOf{s.IssuerNo, s.Lane}] = s
	}
	var rows []Health
	for _, wa := range wallets {
		if wa.Issuer.Status != party.Closed {
			rows = append(rows, w.since(wa.Issuer.No, minute, stats))
		}
	}
	if len(rows) == 0 {
		return nil
	}
	err = w.cfg.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		return addHealth(ctx, tx, rows)
	})
	if err == nil {
		w.last = stats
	}
	return err
}

// since is what a wallet's lanes counted since the last sample.
func (w *Watch) since(no int64, minute time.Time, stats map[laneOf]guard.Stat) Health {
	asks, follows := laneOf{no, guard.Asks}, laneOf{no, guard.FollowUps}
	a, f := stats[asks], stats[follows]
	wasA, wasF := w.last[asks], w.last[follows]
	up := f.Counts.Since(wasF.Counts)
	return Health{IssuerNo: no, From: minute, Asks: a.Counts.Since(wasA.Counts),
		AskBarred:   a.Barred + a.Crowded - wasA.Barred - wasA.Crowded,
		FollowProof: up.Yes + up.No + up.Waiting, FollowSilent: up.Silent,
		FollowBarred: f.Barred + f.Crowded - wasF.Barred - wasF.Crowded,
		AskCircuit:   worst(a, wasA), FollowCircuit: worst(f, wasF)}
}

// worst is the worst that a circuit was in since the last sample.
func worst(is, was guard.Stat) guard.State {
	if is.Opened > was.Opened {
		return guard.Open
	}
	if is.State == "" {
		return guard.Closed
	}
	return is.State
}
