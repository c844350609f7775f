package queue

import (
	"context"
	"encoding/json"
	"fmt"

	"watari/kit/db"
	"watari/kit/event"
	"watari/kit/id"
)

// told is the data of events about places.
type told struct {
	Park  string `json:"park"`
	Code  string `json:"code,omitempty"`
	State State  `json:"state,omitempty"`
	Was   State  `json:"was,omitempty"`
}

// happened makes an event.
func happened(kind, subject, actor string, data any) (event.Event, error) {
	text, err := json.Marshal(data)
	if err != nil {
		return event.Event{}, fmt.Errorf("write event: %w", err)
	}
	return event.Event{Kind: kind, Subject: subject, Actor: actor, Data: text}, nil
}

// AddPlace adds a place to a park. ID, Version and Ended of p are made here.
//
// Errors: ErrUnknown for the park, ErrInvalid, ErrCodeTaken, ErrPlaces.
func (q *Queues) AddPlace(ctx context.Context, p Place, actor string) (Place, error) {
	park, err := q.park(ctx, p.ParkID)
	if err != nil {
		return Place{}, err
	}
	p.ID, p.ParkID, p.Version, p.Ended = id.New("que", int(park.AcquirerNo)), park.ID, 1, false
	if err := p.complete(); err != nil {
		return Place{}, err
	}
	err = q.update(ctx, park, func(ctx context.Context, tx *db.Tx) ([]event.Event, error) {
		all, err := placesOf(ctx, tx, park.ID)
		if err != nil {
			return nil, err
		}
		if len(all) >= PlacesMax {
			return nil, ErrPlaces.Newf("a park has at most %d queues", PlacesMax)
		}
		if err := insertPlace(ctx, tx, p, q.now()); err != nil {
			return nil, err
		}
		e, err := happened("queue.place_added", p.ID, actor, told{Park: park.ID, Code: p.Code})
		return []event.Event{e}, err
	})
	if err != nil {
		return Place{}, fmt.Errorf("add queue: %w", err)
	}
	return p, nil
}

// ChangePlace writes a place that was read at p.Version. All but ID, ParkID and Ended is taken.
//
// Errors: ErrUnknown, ErrInvalid, ErrCodeTaken, ErrChanged.
func (q *Queues) ChangePlace(ctx context.Context, p Place, actor string) (Place, error) {
	park, err := q.park(ctx, p.ParkID)
	if err != nil {
		return Place{}, err
	}
	p.ParkID = park.ID
	if err := p.complete(); err != nil {
		return Place{}, err
	}
	err = q.update(ctx, park, func(ctx context.Context, tx *db.Tx) ([]event.Event, error) {
		if _, err := placeOf(ctx, tx, park.ID, p.ID); err != nil {
			return nil, err
		}
		if other, err := codeTaken(ctx, tx, p); err != nil || other {
			if other {
				err = taken(p)
			}
			return nil, err
		}
		if err := updatePlace(ctx, tx, p); err != nil {
			return nil, err
		}
		if !p.Virtual.Offered {
			if err := q.closeLine(ctx, tx, p); err != nil {
				return nil, err
			}
		}
		e, err := happened("queue.place_changed", p.ID, actor, told{Park: park.ID, Code: p.Code})
		return []event.Event{e}, err
	})
	if err != nil {
		return Place{}, fmt.Errorf("change queue: %w", err)
	}
	p.Version++
	return p, nil
}

// EndPlace ends a place; its history stays, its code is free again, and numbers of its virtual
// queue expire.
//
// Errors: ErrUnknown.
func (q *Queues) EndPlace(ctx context.Context, parkID, placeID, actor string) error {
	park, err := q.park(ctx, parkID)
	if err != nil {
		return err
	}
	err = q.update(ctx, park, func(ctx context.Context, tx *db.Tx) ([]event.Event, error) {
		p, err := placeOf(ctx, tx, park.ID, placeID)
		if err != nil {
			return nil, err
		}
		if err := endPlace(ctx, tx, p.ID, q.now()); err != nil {
			return nil, err
		}
		if err := q.closeLine(ctx, tx, p); err != nil {
			return nil, err
		}
		e, err := happened("queue.place_ended", p.ID, actor, told{Park: park.ID, Code: p.Code})
		return []event.Event{e}, err
	})
	if err != nil {
		return fmt.Errorf("end queue: %w", err)
	}
	return nil
}

// Places lists the places of a park that have not ended, in the order in which they were added.
//
// Errors: ErrUnknown for the park.
func (q *Queues) Places(ctx context.Context, parkID string) (all []Place, err error) {
	park, err := q.park(ctx, parkID)
	if err != nil {
		return nil, err
	}
	err = q.view(ctx, func(ctx context.Context, tx *db.Tx) error {
		all, err = placesOf(ctx, tx, park.ID)
		return err
	})
	return all, err
}

// Place finds a place of a park by its id or code.
//
// Errors: ErrUnknown.
func (q *Queues) Place(ctx context.Context, parkID, idOrCode string) (p Place, err error) {
	park, err := q.park(ctx, parkID)
	if err != nil {
		return Place{}, err
	}
	err = q.view(ctx, func(ctx context.Context, tx *db.Tx) error {
		p, err = placeOf(ctx, tx, park.ID, idOrCode)
		return err
	})
	return p, err
}
