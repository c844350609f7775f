package app

import (
	"context"
	"fmt"

	"watari/kit/access"
	"watari/kit/db"
	"watari/sandbox"
	"watari/sandbox/park"
	"watari/sandbox/park/crowd"
)

// quietDays is how far the calendar of a park reaches that nobody comes to: enough to buy for next
// week, and written in no time.
const quietDays = 10

// plantPark puts the sandbox's park into the network, or what is missing of it.
func (n *node) plantPark(ctx context.Context, quiet bool) error {
	grower := park.Network{Directory: n.directory, Parks: n.parks, Grounds: n.grounds}
	if quiet {
		grower.Days = quietDays
	}
	err := grower.Plant(ctx)
	if err != nil {
		return fmt.Errorf("plant the sandbox's park: %w", err)
	}
	return nil
}

// letPeopleCome lets people queue in the sandbox's park, as its sensors see them, from when the
// sandbox is ready until ctx ends.
func (n *node) letPeopleCome(
	ctx context.Context, store *sandbox.Store, base string, ready <-chan struct{},
) {
	select {
	case <-ready:
	case <-ctx.Done():
		return
	}
	key, err := n.parkKey(ctx, store)
	if err != nil {
		if ctx.Err() == nil {
			n.logger.Error("sandbox: nobody comes to the park", "error", err)
		}
		return
	}
	crowd.Live(ctx, crowd.LiveConfig{Feed: crowd.Feed{Base: base, Park: park.Slug, Key: key},
		Past: 1, Log: n.logger})
}

// parkKey is the API key of the sandbox's park, made once.
func (n *node) parkKey(ctx context.Context, store *sandbox.Store) (string, error) {
	key, err := store.ParkKey(ctx)
	if err != nil {
		return "", err
	}
	p, err := n.parks.Find(ctx, park.Slug)
	if err != nil {
		return "", fmt.Errorf("find the park: %w", err)
	}
	return key, n.db.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		return n.keys.Add(ctx, tx, key, access.Grant{Role: access.MerchantOwner,
			ParticipantNo: p.AcquirerNo, MerchantNo: p.MerchantNo,
			Label: "sandbox: the park's sensors"})
	})
}
