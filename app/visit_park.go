package app

import (
	"context"
	"errors"

	"watari/kit/web"
	"watari/visit/park"
	"watari/visit/park/octo"
	"watari/visit/park/queue"
)

// newParks returns what sells for parks, known to the orders as a seller. Who makes its tickets is
// handed over with Use.
func (n *node) newParks() *park.Service {
	s := park.New(park.Config{DB: n.db, Log: n.log, Lane: n.lane, Directory: n.directory,
		Orders: n.orders, Logger: n.logger})
	n.orders.Add(s)
	return s
}

// registerParks adds the operations on parks and what they sell, and what resellers speak.
func registerParks(w *web.Server, n *node) {
	n.parks.Register(w)
	octo.New(octo.Config{DB: n.db, Parks: n.parks, Orders: n.orders, Tickets: n.gates, Keys: n.keys,
		Public: n.public, Logger: n.logger}).Register(w)
}

// queueParks tells queues of parks.
type queueParks struct{ parks *park.Service }

// Park is part of queue.Parks.
func (q queueParks) Park(ctx context.Context, idOrSlug string) (queue.Park, bool, error) {
	p, err := q.parks.Find(ctx, idOrSlug)
	if errors.Is(err, park.ErrUnknown) {
		return queue.Park{}, false, nil
	}
	return queuePark(p), err == nil, err
}

// Parks is part of queue.Parks.
func (q queueParks) Parks(ctx context.Context) ([]queue.Park, error) {
	all, err := q.parks.Parks(ctx)
	out := make([]queue.Park, len(all))
	for i, p := range all {
		out[i] = queuePark(p)
	}
	return out, err
}

// Hours is part of queue.Parks.
func (q queueParks) Hours(ctx context.Context, parkID, from, to string) ([]queue.Hours, error) {
	days, err := q.parks.Days(ctx, parkID, from, to)
	out := make([]queue.Hours, len(days))
	for i, d := range days {
		out[i] = queue.Hours{Day: d.Day, Open: park.At(d.Day, d.Open),
			Close: park.At(d.Day, d.Close), Closed: d.Closed}
	}
	return out, err
}

// queuePark is a park as queues know it.
func queuePark(p park.Park) queue.Park {
	return queue.Park{ID: p.ID, Slug: p.Slug, AcquirerNo: p.AcquirerNo, MerchantNo: p.MerchantNo,
		StoreNo: p.StoreNo, Name: p.Name}.At(p.Latitude, p.Longitude)
}
