package gate

import (
	"context"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/visit/park"
)

// Holders tells which of some visitors, at most a few thousand, hold a ticket that lets them into
// a park on the park day of now: one that was not given back and whose time is not over before it
// was used, or one with which they passed a gate today. parkID is no slug.
func (s *Service) Holders(ctx context.Context, parkID string, visitorIDs []string) (
	holders map[string]bool, err error,
) {
	now := s.now()
	start, end, err := span(park.DayOf(now))
	if err != nil {
		return nil, err
	}
	err = s.view(ctx, func(ctx context.Context, tx *db.Tx) error {
		holders, err = holdersOf(ctx, tx, parkID, visitorIDs, clock.Micros(start), clock.Micros(end),
			clock.Micros(now))
		return err
	})
	return holders, err
}
