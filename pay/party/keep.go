package party

import (
	"context"
	"fmt"

	"watari/kit/db"
)

// StoreLimits are the limits of a store, in yen; nil is no limit.
type StoreLimits struct {
	PerPaymentMaxMinor, PerDayMaxMinor, RefundDayMaxMinor *int64
	PINAboveMinor                                         int64 // see Store
}

// SetLimits changes the limits of a store and nothing else of it.
//
// Errors: ErrStoreUnknown, ErrInvalid: also for limits above those of a store that nobody has
// checked (R9).
func (r *Registry) SetLimits(
	ctx context.Context, tx *db.Tx, actor string, storeNo int64, l StoreLimits,
) error {
	return r.editStore(ctx, tx, actor, storeNo, func(s *Store) error {
		s.PerPaymentMaxMinor, s.PerDayMaxMinor = l.PerPaymentMaxMinor, l.PerDayMaxMinor
		s.RefundDayMaxMinor, s.PINAboveMinor = l.RefundDayMaxMinor, l.PINAboveMinor
		return r.sight.hold(s.Unverified, l.PerPaymentMaxMinor, l.PerDayMaxMinor)
	})
}

// StoreFace is what customers and printed codes know a store by.
type StoreFace struct{ Name, NameJA, Prefecture, City, PostalCode string }

// SetFace changes the names and the place of a store and nothing else of it.
// Errors: ErrStoreUnknown, ErrInvalid.
func (r *Registry) SetFace(
	ctx context.Context, tx *db.Tx, actor string, storeNo int64, f StoreFace,
) error {
	return r.editStore(ctx, tx, actor, storeNo, func(s *Store) error {
		s.Name, s.NameJA = f.Name, f.NameJA
		s.Prefecture, s.City, s.PostalCode = f.Prefecture, f.City, f.PostalCode
		return nil
	})
}

// SetRefunds lets a terminal give refunds, or not, and changes nothing else of it.
// Errors: ErrTerminalUnknown.
func (r *Registry) SetRefunds(
	ctx context.Context, tx *db.Tx, actor string, terminalNo int64, allowed bool,
) error {
	return r.editTerminal(ctx, tx, actor, terminalNo, func(t *Terminal) { t.CanRefund = allowed })
}

// hold refuses limits above those of a store that nobody has checked (R9).
func (r SightRules) hold(unverified bool, perPayment, perDay *int64) error {
	var f form
	for _, limit := range []struct {
		pointer string
		is      *int64
		most    int64
	}{
		{"/per_payment_max_minor", perPayment, r.PerPaymentMaxMinor},
		{"/per_day_max_minor", perDay, r.PerDayMaxMinor},
	} {
		if unverified && (limit.is == nil || *limit.is > limit.most) {
			f.bad(limit.pointer, fmt.Sprintf("must be at most %d while nobody has checked "+
				"the store", limit.most))
		}
	}
	return f.result()
}
