package visitor

import (
	"context"
	"fmt"

	"watari/kit/db"
)

// Counts are limits on what one visitor may have, counted by their id (V7).
type Counts interface {
	// Pass hands over what counts under one id, of days that are not over, to another, in the
	// caller's transaction. Nothing stays under the first. An id that nothing is counted under is
	// no error.
	Pass(ctx context.Context, tx *db.Tx, from, to string) error
}

// GonePrefix begins the ids under which Counts go on for who was forgotten.
const GonePrefix = "gone_"

// pass hands over what counts for a visitor: to the id of nobody when they are forgotten, and back
// when the same user of the same wallet comes again. The id of nobody is a keyed hash of nothing
// but the wallet's id of its user, and stands nowhere else.
func (s *Service) pass(
	ctx context.Context, tx *db.Tx, key []byte, v *Visitor, forgotten bool,
) error {
	if s.Counts == nil {
		return nil
	}
	from := GonePrefix + keyed(key, "count", v.IssuerNo, v.SubjectHash)
	to := v.ID
	if forgotten {
		from, to = to, from
	}
	if err := s.Counts.Pass(ctx, tx, from, to); err != nil {
		return fmt.Errorf("hand over what counts for a visitor: %w", err)
	}
	return nil
}
