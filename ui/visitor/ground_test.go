package visitor_test

import (
	"context"
	"errors"

	"watari/kit/event"
	"watari/visit/park"
	"watari/visit/park/ground"
)

// grounds keeps a map with an entrance and the ride, and a way between them.
func (f *fair) grounds() *ground.Grounds {
	f.t.Helper()
	at := func(lon, lat string) ground.Position {
		p, ok := ground.ParsePosition(lon, lat)
		if !ok {
			f.t.Fatalf("%s, %s is nowhere", lon, lat)
		}
		return p
	}
	g := ground.New(ground.Config{DB: f.db, Log: f.log, Lane: event.FirstLane,
		Park: func(ctx context.Context, name string) (ground.Park, bool, error) {
			p, err := f.parks.Find(ctx, name)
			if errors.Is(err, park.ErrUnknown) {
				return ground.Park{}, false, nil
			}
			return ground.Park{ID: p.ID, AcquirerNo: p.AcquirerNo, MerchantNo: p.MerchantNo,
				StoreNo: p.StoreNo}, err == nil, err
		}, Now: f.now})
	for _, q := range []ground.Point{{Code: "east", Kind: ground.Gate, Name: called("East gate"),
		At: at("138.780", "35.487")}, {Code: "horses", Kind: ground.Ride,
		Name: called("Carousel"), Queue: "carousel", HeightMin: 100,
		At: at("138.782", "35.488")}} {
		_, err := g.AddPoint(f.t.Context(), f.park.ID, q, "test")
		do(f.t, err)
	}
	return g
}
