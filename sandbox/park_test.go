package sandbox_test

import (
	"context"
	"sync"
	"testing"

	"watari/kit/clock"
	"watari/sandbox/park"
	drawn "watari/sandbox/park/site"
	visit "watari/visit/park"
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
	return park.Network{Directory: p.network.Directory, Parks: parks, Grounds: grounds}, grounds
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
		for _, shop := range drawn.Shops() {
			if q := m.Point(shop.Code); q == nil || q.StoreNo == 0 {
				t.Errorf("%s is no store: %+v", shop.Code, q)
			}
		}
	})
}
