package party

import (
	"cmp"
	"context"
	"slices"

	"watari/kit/clock"
)

// Agreements returns every version of every agreement with a participant, by role and currency,
// the newest version first.
func (d *Directory) Agreements(ctx context.Context, participantNo int64) ([]Agreement, error) {
	ms, err := d.members(ctx)
	if err != nil {
		return nil, err
	}
	var all []Agreement
	for k, versions := range ms.versions {
		if k.participantNo == participantNo {
			all = append(all, versions...)
		}
	}
	slices.SortFunc(all, func(a, b Agreement) int {
		return cmp.Or(cmp.Compare(a.Role, b.Role), cmp.Compare(a.Currency, b.Currency),
			cmp.Compare(b.Version, a.Version))
	})
	return all, nil
}

// InForce returns the versions of agreements that are in force now, of all participants, by
// participant, role and currency.
func (d *Directory) InForce(ctx context.Context) ([]Agreement, error) {
	ms, err := d.members(ctx)
	if err != nil {
		return nil, err
	}
	var all []Agreement
	now := clock.Now()
	for _, versions := range ms.versions {
		if a, ok := inForce(versions, now); ok {
			all = append(all, a)
		}
	}
	slices.SortFunc(all, func(a, b Agreement) int {
		return cmp.Or(cmp.Compare(a.ParticipantNo, b.ParticipantNo),
			cmp.Compare(a.Role, b.Role), cmp.Compare(a.Currency, b.Currency))
	})
	return all, nil
}
