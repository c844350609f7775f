package sandbox_test

import (
	"context"
	"sync"
	"testing"

	"watari/kit/clock"
	"watari/kit/event"
	"watari/kit/foureyes"
	"watari/kit/seal"
	"watari/pay/promo"
	"watari/sandbox/park"
	drawn "watari/sandbox/park/site"
	visit "watari/visit/park"
	"watari/visit/park/gate"
	"watari/visit/park/ground"
)

// grower is a process that can plant the park.
func (p process) grower() (park.Network, *ground.Grounds) {
	parks := visit.New(visit.Config{DB: p.network.DB, Log: p.network.Log,
		Directory: p.network.Directory})
	grounds := ground.New(ground.Config{DB: p.network.DB, Log: p.network.Log,
		Park: func(ctx context.Context, idOrSlug string) (ground.Park, bool, error) {
			is, err := parks.Find(ctx, idOrSlug)
			return ground.Park{ID: is.ID, AcquirerNo: is.AcquirerNo}, err == nil, err
		}})
	ring, err := seal.New(map[int][]byte{1: make([]byte, seal.KeyBytes)})
	if err != nil {
		panic(err)
	}
	gates := gate.New(gate.Config{DB: p.network.DB, Log: p.network.Log, Ring: ring,
		Parks: parks})
	return park.Network{Directory: p.network.Directory, Parks: parks, Grounds: grounds,
		Gates: gates, Pledges: promo.NewPledges(promo.PledgesConfig{DB: p.network.DB,
			Log: p.network.Log, Lane: event.FirstLane, Directory: p.network.Directory,
			Desk: foureyes.New(p.network.DB, p.network.Log, event.FirstLane)})}, grounds
}

// Goal: the park is there once, whichever processes start at once: it sells something for
// today, and its map has its shops. Method: two processes, twice each.
func TestParkIsPlantedOnce(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, s *site) {
		ctx := t.Context()
		p := s.seeded()
		one, grounds := p.grower()
		two, _ := p.grower()
		for range 2 {
			var both sync.WaitGroup
			for _, n := range []park.Network{one, two} {
				both.Go(func() {
					if err := n.Plant(ctx); err != nil {
						t.Error(err)
					}
				})
			}
			both.Wait()
		}
		all, err := one.Parks.Parks(ctx)
		if err != nil || len(all) != 1 || all[0].Slug != park.Slug {
			t.Fatalf("%d parks, %v", len(all), err)
		}
		today := visit.DayOf(clock.Now())
		offers, err := one.Parks.Offers(ctx, visit.OfferQuery{ParkID: park.Slug, Day: today,
			Channel: visit.ByVisitor, IssuerID: "weilai"})
		if err != nil || len(offers) == 0 {
			t.Fatalf("%d offers for %s, %v", len(offers), today, err)
		}
		m, err := grounds.Map(ctx, park.Slug)
		if err != nil {
			t.Fatal(err)
		}
		gates, err := one.Gates.Gates(ctx, park.Slug)
		if err != nil || len(gates) != 4 {
			t.Errorf("%d gates, %v", len(gates), err)
		}
		devices, err := one.Gates.Devices(ctx, park.Slug)
		if err != nil || len(devices) != 8 {
			t.Errorf("%d devices, %v", len(devices), err)
		}
		link, err := one.OpenGate(ctx, gates[0].ID)
		if _, d, errUse := one.Gates.Activate(ctx, link); err != nil || errUse != nil ||
			d.Label != park.TryLabel {
			t.Errorf("the link of a gate makes %+v: %v, %v", d, err, errUse)
		}
		again, err := one.OpenGate(ctx, gates[0].ID)
		if _, d, errUse := one.Gates.Activate(ctx, again); err != nil || errUse != nil ||
			again == link || d.Label != park.TryLabel {
			t.Errorf("the next link makes %+v: %v, %v", d, err, errUse)
		}
		for _, shop := range drawn.Shops() {
			if q := m.Point(shop.Code); q == nil || q.StoreNo == 0 {
				t.Errorf("%s is no store: %+v", shop.Code, q)
			}
		}
	})
}
