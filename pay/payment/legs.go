package payment

import (
	"context"
	"slices"
	"strings"

	"watari/kit/db"
)

// Legs returns the legs of a payment, the first first: one for a sale, one for each wallet that an
// order was offered to.
func (s *Service) Legs(ctx context.Context, acquirerNo int64, paymentID string) ([]Leg, error) {
	keys := make([]pk, legsMax)
	for n := range keys {
		keys[n] = pk{acquirerNo, legOf(paymentID, byte(firstLeg+n))}
	}
	var legs []Leg
	err := s.db.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		legs = nil
		return readLegs(ctx, tx, keys, func(l *Leg) { legs = append(legs, *l) })
	})
	slices.SortFunc(legs, func(a, b Leg) int { return strings.Compare(a.ID, b.ID) })
	return legs, err
}
