package party

import (
	"context"

	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/db"
)

// WhenCapped sets what AddAgreement calls, in its transaction, when a cap comes in force where
// there was none (R12): whoever counts what is owed begins with what the ledger says.
func (r *Registry) WhenCapped(fn func(ctx context.Context, tx *db.Tx, a Agreement) error) {
	check.That(r.capped == nil && fn != nil, "party: WhenCapped is set twice or to nothing")
	r.capped = fn
}

// capFirst holds R12 for the next version of an agreement; last is the version before it.
func (r *Registry) capFirst(ctx context.Context, tx *db.Tx, last, next Agreement) error {
	if next.CapMinor == nil || last.Version == 0 {
		return nil // no cap, or nothing can be owed yet
	}
	now := clock.Now()
	if next.FromUS > clock.Micros(now) {
		return capNow(last, next)
	}
	all, err := versionsOf(ctx, tx, next.ParticipantNo, next.Role, next.Currency)
	if err != nil {
		return err
	}
	if is, ok := inForce(all, now); ok && is.CapMinor != nil || r.capped == nil {
		return nil
	}
	return r.capped(ctx, tx, next)
}

// capNow refuses a later day for a cap where there was none.
func capNow(last, next Agreement) error {
	if next.CapMinor == nil || last.CapMinor != nil || next.FromUS == 0 {
		return nil
	}
	return ErrInvalid.Newf("").At("/from",
		"a cap where there was none is in force at once: leave from out")
}
