package event

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
)

const (
	// FirstLane is the lowest lane that ClaimLane gives out. Lane 0 is for what must not
	// be split over nodes.
	FirstLane = 1
	// MaxLane is the highest.
	MaxLane = 1023

	// claimFor is how long a claim lasts unless it is renewed.
	claimFor = 10 * time.Second
	// renewEvery is how often it is renewed.
	renewEvery = 3 * time.Second
)

// ErrNoLane says that all lanes are taken.
var ErrNoLane = errors.New("event: no free lane")

// ClaimLane takes the lowest free lane for this process and renews the claim in the
// background until release, which may be called more than once. A process that needs to
// commit two batches at the same time claims two. holder is for people who look at the
// table. The lane of a process that died is free after ten seconds.
//
// Losing a claim, for example to a clock that is wrong by more than that, costs waiting and
// nothing else (E4).
func ClaimLane(ctx context.Context, d *db.DB, holder string) (int, func(), error) {
	var lane int
	err := d.Update(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		lane, err = takeLane(ctx, tx, holder)
		return err
	})
	if err != nil {
		return 0, nil, err
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		renewLane(ctx, d, lane, holder)
	}()
	return lane, func() {
		cancel()
		<-ended
	}, nil
}

func takeLane(ctx context.Context, tx *db.Tx, holder string) (int, error) {
	now := clock.Now()
	num := func(r db.Row) (n int, err error) { return n, r.Scan(&n) }
	list, err := db.All(ctx, tx, num, `select lane from node_lane where until_us >= $1
		order by lane`, clock.Micros(now))
	if err != nil {
		return 0, err
	}
	taken := make(map[int]bool, len(list))
	for _, n := range list {
		taken[n] = true
	}
	for lane := FirstLane; lane <= MaxLane; lane++ {
		if taken[lane] {
			continue
		}
		// Somebody may be faster: then the condition does not hold and no row comes back.
		_, err := db.One(ctx, tx, num, `insert into node_lane (lane, holder, until_us)
			values ($1, $2, $3) on conflict (lane) do update
			set holder = excluded.holder, until_us = excluded.until_us
			where node_lane.until_us < $4 returning lane`,
			lane, holder, clock.Micros(now.Add(claimFor)), clock.Micros(now))
		if !errors.Is(err, db.ErrNoRows) {
			return lane, err
		}
	}
	return 0, ErrNoLane
}

// renewLane renews a claim until ctx ends, then gives the lane back.
func renewLane(ctx context.Context, d *db.DB, lane int, holder string) {
	tick := time.NewTicker(renewEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			if err := setLane(context.WithoutCancel(ctx), d, lane, holder, 0); err != nil {
				slog.Warn("the event lane is not given back", "lane", lane, "error", err)
			}
			return
		case <-tick.C:
		}
		until := clock.Micros(clock.Now().Add(claimFor))
		if err := setLane(ctx, d, lane, holder, until); err != nil && ctx.Err() == nil {
			slog.Warn("the event lane is not renewed", "lane", lane, "error", err)
		}
	}
}

func setLane(ctx context.Context, d *db.DB, lane int, holder string, until int64) error {
	ctx, cancel := context.WithTimeout(ctx, renewEvery)
	defer cancel()
	return d.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `update node_lane set until_us = $3
			where lane = $1 and holder = $2`, lane, holder, until)
		return err
	})
}
