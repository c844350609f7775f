package promo

import (
	"context"
	"time"

	"watari/kit/db"
	"watari/kit/fault"
)

// Given is how many yen wallets give at merchants.
type Given map[PledgeKey]int64

// Add counts more; n may be negative.
func (g Given) Add(k PledgeKey, n int64) {
	if n != 0 {
		g[k] += n
	}
}

// Take reserves what orders that are about to be held take of pledges, one after the other, and
// returns why each is refused: nil when it is not, ErrPledge when it takes more than is left. The
// pledges stay locked to the end of the transaction.
func Take(
	ctx context.Context, tx *db.Tx, now time.Time, asks []Given,
) ([]*fault.Error, error) {
	refused := make([]*fault.Error, len(asks))
	var keys []PledgeKey
	for _, g := range asks {
		for k := range g {
			keys = append(keys, k)
		}
	}
	if len(keys) == 0 {
		return refused, nil
	}
	there, err := lockPledges(ctx, tx, keys)
	if err != nil {
		return nil, err
	}
	all := Given{}
	for i, g := range asks {
		if refused[i] = room(there, all, g, now); refused[i] == nil {
			for k, n := range g {
				all.Add(k, n)
			}
		}
	}
	return refused, movePledges(ctx, tx, all)
}

// room says why pledges do not cover one order more; nil when they do.
func room(
	there map[PledgeKey]*Pledge, taken, more Given, now time.Time,
) *fault.Error {
	for k, n := range more {
		p := there[k]
		if n > 0 && (p == nil || !p.open(now) || p.Taken+taken[k]+n > p.Budget) {
			return ErrPledge.Newf("the wallet gives no discount, or no more, at this merchant")
		}
	}
	return nil
}

// Room says whether pledges cover what an order takes whose hold has ended, beside what others of
// the same transaction do. The pledges stay locked.
func Room(ctx context.Context, tx *db.Tx, now time.Time, others, g Given) (bool, error) {
	if len(g) == 0 {
		return true, nil
	}
	var keys []PledgeKey
	for k := range g {
		keys = append(keys, k)
	}
	there, err := lockPledges(ctx, tx, keys)
	return err == nil && room(there, others, g, now) == nil, err
}

// Move counts what orders take more, or less, than they did. There is no limit here: a discount
// that grows for those who stay when somebody leaves was agreed on when they bought.
func Move(ctx context.Context, tx *db.Tx, by Given) error { return movePledges(ctx, tx, by) }
