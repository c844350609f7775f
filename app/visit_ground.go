package app

import (
	"context"
	"errors"

	"watari/kit/web"
	"watari/visit/park"
	"watari/visit/park/ground"
	"watari/visit/park/queue"
)

// newGrounds returns who keeps the maps of parks.
func (n *node) newGrounds() *ground.Grounds {
	return ground.New(ground.Config{DB: n.db, Log: n.log, Lane: n.lane,
		Park: func(ctx context.Context, idOrSlug string) (ground.Park, bool, error) {
			p, err := n.parks.Find(ctx, idOrSlug)
			if errors.Is(err, park.ErrUnknown) {
				return ground.Park{}, false, nil
			}
			return ground.Park{ID: p.ID, AcquirerNo: p.AcquirerNo, MerchantNo: p.MerchantNo,
				StoreNo: p.StoreNo}, err == nil, err
		}})
}

// registerGrounds adds the operations on maps.
func registerGrounds(w *web.Server, n *node) { n.grounds.Register(w) }

// newQueues returns who keeps the queues of parks. Where they are is on the maps.
func (n *node) newQueues() *queue.Queues {
	return queue.New(queue.Config{DB: n.db, Log: n.log, Lane: n.lane,
		Parks: queueParks{n.parks}, Logger: n.logger, Located: n.located, Shut: n.shut,
		Holders: n.gates.Holders})
}

// shut tells which queues of a park are at a point that its map says is closed.
func (n *node) shut(ctx context.Context, parkID string) (map[string]bool, error) {
	m, err := n.grounds.Map(ctx, parkID)
	if err != nil {
		return nil, err
	}
	closed := map[string]bool{}
	for i := range m.Points {
		if p := &m.Points[i]; p.Closed && p.Queue != "" {
			closed[p.Queue] = true
		}
	}
	return closed, nil
}

// located tells where the queues of a park are, by their ids.
func (n *node) located(ctx context.Context, parkID string) (map[string]queue.Point, error) {
	m, err := n.grounds.Map(ctx, parkID)
	if err != nil {
		return nil, err
	}
	places, err := n.queues.Places(ctx, parkID)
	if err != nil {
		return nil, err
	}
	at := map[string]queue.Point{}
	for _, p := range places {
		if q := m.ForQueue(p.Code); q != nil {
			at[p.ID] = queue.Point{Latitude: q.At.Lat, Longitude: q.At.Lon}
		}
	}
	return at, nil
}

// registerQueues adds the operations on queues.
func registerQueues(w *web.Server, n *node) { n.queues.Register(w) }
