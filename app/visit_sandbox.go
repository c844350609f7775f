package app

import (
	"context"
	"fmt"
	"time"

	"watari/kit/access"
	"watari/kit/db"
	"watari/sandbox"
	"watari/sandbox/park"
	"watari/sandbox/park/crowd"
	"watari/sandbox/seed"
	"watari/sandbox/start"
	"watari/visit/order"
	"watari/visit/park/gate"

	parks "watari/visit/park"
)

// quietDays is how far the calendar of a park reaches that nobody comes to: enough to buy for next
// week, and written in no time.
const quietDays = 10

// grower plants the sandbox's park.
func (n *node) grower() park.Network {
	return park.Network{Directory: n.directory, Parks: n.parks, Grounds: n.grounds,
		Gates: n.gates, Pledges: n.pledges}
}

// plantPark puts the sandbox's park into the network, or what is missing of it, and the keys with
// which its sensors and a reseller call.
func (n *node) plantPark(ctx context.Context, store *sandbox.Store, quiet bool) error {
	g := n.grower()
	if quiet {
		g.Days = quietDays
	} else {
		g.Past = park.PastDays
	}
	if err := g.Plant(ctx); err != nil {
		return fmt.Errorf("plant the sandbox's park: %w", err)
	}
	key, err := store.ResellerKey(ctx)
	if err == nil {
		err = n.addParkKey(ctx, key, park.Reseller)
	}
	if err != nil {
		return fmt.Errorf("plant the key of the park's reseller: %w", err)
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
	key, err := store.ParkKey(ctx)
	if err == nil {
		err = n.addParkKey(ctx, key, "sandbox: the park's sensors")
	}
	if err != nil {
		if ctx.Err() == nil {
			n.logger.Error("sandbox: nobody comes to the park", "error", err)
		}
		return
	}
	crowd.Live(ctx, crowd.LiveConfig{Feed: crowd.Feed{Base: base, Park: park.Slug, Key: key},
		Past: 1, Log: n.logger})
}

// addParkKey makes an API key of the sandbox's park known, once.
func (n *node) addParkKey(ctx context.Context, key, label string) error {
	p, err := n.parks.Find(ctx, park.Slug)
	if err != nil {
		return fmt.Errorf("find the park: %w", err)
	}
	return n.db.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		return n.keys.Add(ctx, tx, key, access.Grant{Role: access.MerchantOwner,
			ParticipantNo: p.AcquirerNo, MerchantNo: p.MerchantNo, Label: label})
	})
}

// letPeopleBuy lets people buy tickets for the sandbox's park, come, and spend money there, from
// when the sandbox is ready until ctx ends.
func (n *node) letPeopleBuy(
	ctx context.Context, store *sandbox.Store, base string, ready <-chan struct{},
) {
	select {
	case <-ready:
	case <-ctx.Done():
		return
	}
	park.Live(ctx, park.Trade{At: n.deskAt, Visitors: n.visitors, Payments: n.payments,
		Directory: n.directory, Base: base, Memory: store, Progress: &n.filling, Log: n.logger,
		Wallets: func(ctx context.Context) ([]park.Wallet, error) {
			return payers(ctx, store)
		}})
}

// deskAt is what sells the park's tickets and lets people in, with another clock: what happened
// before the sandbox was started happened then.
func (n *node) deskAt(now func() time.Time) (park.Desk, func()) {
	orders := order.New(order.Config{DB: n.db, Log: n.log, Lane: n.lane, Payments: n.payments,
		Directory: n.directory, Chart: n.chart, Logger: n.logger, Now: now})
	sells := parks.New(parks.Config{DB: n.db, Log: n.log, Lane: n.lane, Directory: n.directory,
		Orders: orders, Logger: n.logger, Now: now})
	gates := gate.New(gate.Config{DB: n.db, Log: n.log, Lane: n.lane, Ring: n.ring, Parks: sells,
		Logger: n.logger, Now: now})
	orders.Add(sells)
	sells.Use(nil, gates)
	return park.Desk{Parks: sells, Orders: orders, Gates: gates}, orders.Close
}

// payers are the wallets with their users. They keep three fifths of their money for whoever tries
// the sandbox.
func payers(ctx context.Context, store *sandbox.Store) ([]park.Wallet, error) {
	found, err := store.Outside(ctx, "")
	if err != nil {
		return nil, err
	}
	opening := map[string]int64{}
	for _, w := range seed.Wallets() {
		opening[w.ID] = w.Profile.Opening
	}
	var out []park.Wallet
	for _, w := range found.Wallets {
		one := park.Wallet{ID: w.ID, ControlURL: w.ControlURL, Least: opening[w.ID] * 3 / 5}
		for _, p := range w.Phones {
			one.Users = append(one.Users, p.ID)
		}
		out = append(out, one)
	}
	return out, nil
}

// startPark is what the sandbox's first page shows of the park.
func (n *node) startPark() start.Park {
	return start.Park{Filled: n.filling.Share,
		Gates: func(ctx context.Context) ([]start.Gate, error) {
			all, err := n.gates.Gates(ctx, park.Slug)
			out := make([]start.Gate, len(all))
			for i, g := range all {
				out[i] = start.Gate{ID: g.ID, Name: g.Name}
			}
			return out, err
		},
		OpenGate: func(ctx context.Context, gateID string) (string, error) {
			secret, err := n.grower().OpenGate(ctx, gateID)
			return gate.LinkPath + secret, err
		}}
}
