package park

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"watari/kit/db"
)

// quotasMax is how many quotas are written at once.
const quotasMax = 20_000

// PutQuotas writes sizes of quotas and allotments. What is taken stays counted; a quota cannot
// become smaller than that. What becomes free is offered to who waits for it. An allotment with
// size -1 is none any more.
//
// Errors: ErrInvalid, ErrUnknown, ErrQuotaTaken with the member "taken".
func (s *Service) PutQuotas(ctx context.Context, parkID string, qs []Quota, actor string) error {
	r := &refusal{problem: ErrInvalid}
	r.unless(len(qs) >= 1 && len(qs) <= quotasMax, "/quotas", "are 1 to 20000")
	if err := r.answer(); err != nil {
		return err
	}
	type row struct{ pool, day, slot, channel string }
	seen := map[row]bool{}
	for i := range qs {
		pointer := fmt.Sprintf("/quotas/%d", i)
		qs[i].check(r, pointer)
		k := row{qs[i].Pool, qs[i].Day, qs[i].Slot, qs[i].Channel}
		r.unless(!seen[k], pointer, "stands twice")
		seen[k] = true
	}
	if err := r.answer(); err != nil {
		return err
	}
	return s.edit(ctx, parkID, "quotas_changed", actor, func(
		ctx context.Context, tx *db.Tx, p *Park,
	) (facts, error) {
		if err := s.resize(ctx, tx, p, qs); err != nil {
			return nil, err
		}
		return facts{"quotas": len(qs), "first": qs[0]}, nil
	})
}

// resize writes the sizes, in the order of their keys, and offers what is free.
func (s *Service) resize(ctx context.Context, tx *db.Tx, p *Park, qs []Quota) error {
	pools, err := poolsIn(ctx, tx, p.ID)
	if err != nil {
		return err
	}
	keys := map[quotaKey]bool{}
	var days []dayKey
	for i, q := range qs {
		at := slices.IndexFunc(pools, func(x Pool) bool { return x.Code == q.Pool })
		if at < 0 {
			return ErrUnknown.Newf("there is no pool %q", q.Pool).
				At(fmt.Sprintf("/quotas/%d/pool", i), "is unknown")
		}
		if pools[at].Slotted != (q.Slot != "") {
			return ErrInvalid.Newf("see the fields").At(fmt.Sprintf("/quotas/%d/slot", i),
				"is needed in a pool that counts slots, and in no other")
		}
		keys[quotaKey{p.ID, q.Day, q.Pool, q.Slot}] = true
		days = append(days, dayKey{p.ID, q.Day})
	}
	locked, err := quotasOf(ctx, tx, keysOf(keys), true)
	if err != nil {
		return err
	}
	for _, q := range qs {
		was := locked[quotaKey{p.ID, q.Day, q.Pool, q.Slot}]
		if q.Channel != "" || was == nil || was.all == nil {
			continue
		}
		if taken := was.all.Taken; taken > q.Size+q.Oversell {
			return ErrQuotaTaken.Newf("%d of %s are taken on %s %s", taken, q.Pool, q.Day, q.Slot).
				Set("taken", taken).Set("day", q.Day).Set("pool", q.Pool).Set("slot", q.Slot)
		}
	}
	qs = slices.Clone(qs) // the caller's stay in their order
	slices.SortFunc(qs, func(a, b Quota) int {
		return strings.Compare(a.Day+"\x00"+a.Pool+"\x00"+a.Slot+"\x00"+a.Channel,
			b.Day+"\x00"+b.Pool+"\x00"+b.Slot+"\x00"+b.Channel)
	})
	if err := writeSizes(ctx, tx, p.ID, qs); err != nil {
		return err
	}
	return s.offerDays(ctx, tx, days)
}

// offerDays offers what is free on some days to who waits for it.
func (s *Service) offerDays(ctx context.Context, tx *db.Tx, days []dayKey) error {
	days = sortedDays(days)
	waited, err := waitedFor(ctx, tx, days)
	if err != nil || len(waited) == 0 {
		return err
	}
	for _, k := range days {
		if !waited[k] {
			continue
		}
		quotas, err := quotasOfDay(ctx, tx, k)
		if err != nil {
			return err
		}
		if err := s.offerTo(ctx, tx, s.now(), k, quotas); err != nil {
			return err
		}
		if err := writeTaken(ctx, tx, quotas); err != nil {
			return err
		}
	}
	return nil
}
