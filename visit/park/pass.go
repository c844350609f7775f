package park

import (
	"context"

	"watari/kit/db"
)

// goneFrom and goneTo hold the ids between which those of forgotten visitors are (visit/visitor,
// GonePrefix): nobody buys under them.
const (
	goneFrom = "gone_"
	goneTo   = "gone`"
)

// Pass hands over how many somebody has of days that are not over to another id, and forgets what
// they had of others: who is forgotten and comes back has bought no fewer (visitor, V7). Orders
// keep the id under which they were bought; what is given back of them does not count any less.
func (s *Service) Pass(ctx context.Context, tx *db.Tx, from, to string) error {
	had, err := limitsOfVisitor(ctx, tx, from)
	if err != nil || len(had) == 0 {
		return err
	}
	today := DayOf(s.now())
	passed := map[limitKey]int64{}
	for k, n := range had {
		if n > 0 && k.day >= today {
			k.visitor = to
			passed[k] = n
		}
	}
	if err := dropLimits(ctx, tx, keysOf(had)); err != nil {
		return err
	}
	if _, err := lockLimits(ctx, tx, keysOf(passed)); err != nil {
		return err
	}
	return addLimits(ctx, tx, passed)
}
