package risk

import (
	"context"
	"fmt"

	"watari/kit/check"
	"watari/kit/db"
)

// StartCap makes the counter of a cap that is set where there was none stand at what the ledger
// says: what an issuer owes, or how far an acquirer's refunds are ahead of its payments. It takes
// part in the transaction that sets the cap. Payments that are under way at that moment hold
// nothing and are not counted (K3).
func StartCap(ctx context.Context, tx *db.Tx, k Key, minor int64) error {
	check.That(k.Kind.endless(), "risk: a cap has no counter %v", k)
	s, err := Load(ctx, tx, []Key{k})
	if err != nil {
		return err
	}
	is, base := s.Used(k)
	s.Set(k, minor, sum(base, minor-is))
	if err := s.Flush(ctx, tx); err != nil {
		return fmt.Errorf("start the counter of a cap: %w", err)
	}
	return nil
}

// Standing is an endless counter and its base, both in minor units (K9).
type Standing struct {
	Key
	Minor, Base int64
}

// Endless returns every counter that has no end, in the order of their keys.
func Endless(ctx context.Context, tx *db.Tx) ([]Standing, error) { return endless(ctx, tx) }
