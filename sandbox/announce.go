package sandbox

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"watari/kit/clock"
)

const (
	// endpointLife is how long a heartbeat is good for; endpointBeat how often there is one.
	endpointLife = 5 * time.Second
	endpointBeat = time.Second
	// endpointKeep is how long an address is remembered after its last heartbeat.
	endpointKeep = time.Hour
	// endpointMax is how many addresses a wallet tries for one call.
	endpointMax = 4
)

// Announce tells the wallets that this process of the network listens at baseURL (no trailing
// slash), once before it returns and then every second. stop ends that and tells the wallets
// that the process listens no more.
func Announce(ctx context.Context, s *Store, baseURL string, log *slog.Logger,
) (stop func(), err error) {
	if err := s.beat(ctx, baseURL, clock.Now().Add(endpointLife)); err != nil {
		return nil, fmt.Errorf("announce %s: %w", baseURL, err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var beating sync.WaitGroup
	beating.Go(func() {
		t := time.NewTicker(endpointBeat)
		defer t.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-t.C:
			}
			err := s.beat(ctx, baseURL, clock.Now().Add(endpointLife))
			if err != nil && ctx.Err() == nil {
				log.Error("sandbox: tell the wallets where the network is", "error", err)
			}
		}
	})
	return func() {
		cancel()
		beating.Wait()
		last, cancel := context.WithTimeout(context.Background(), endpointLife)
		defer cancel()
		if err := s.leave(last, baseURL); err != nil {
			log.Error("sandbox: tell the wallets that the network is gone", "error", err)
		}
	}, nil
}
