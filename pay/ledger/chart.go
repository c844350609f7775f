package ledger

import (
	"context"
	"fmt"
	"sync"

	"watari/kit/db"
)

// Chart is the list of accounts. Accounts are made when they are first needed and never
// removed, so what was read once stays true.
type Chart struct {
	db      *db.DB
	opening sync.Mutex // held while accounts are made
	mu      sync.RWMutex
	byKey   map[Key]Account
	byNo    map[int64]Account
}

// NewChart returns a chart over d. It reads accounts as they are asked for.
func NewChart(d *db.DB) *Chart {
	return &Chart{db: d, byKey: map[Key]Account{}, byNo: map[int64]Account{}}
}

// openTries is how often accounts are tried to be made when other nodes take their numbers.
const openTries = 16

// Ensure returns the accounts of keys, in their order, making those that are missing in a
// transaction of its own. Call it before a transaction, never within.
func (c *Chart) Ensure(ctx context.Context, keys ...Key) ([]Account, error) {
	if out, ok := c.known(keys); ok {
		return out, nil
	}
	c.opening.Lock()
	defer c.opening.Unlock()
	if out, ok := c.known(keys); ok {
		return out, nil
	}
	found, err := c.open(ctx, keys)
	for try := 1; db.IsUnique(err) && try < openTries && ctx.Err() == nil; try++ {
		found, err = c.open(ctx, keys)
	}
	if err != nil {
		return nil, err
	}
	c.remember(found)
	return found, nil
}

// open finds or makes the accounts once.
func (c *Chart) open(ctx context.Context, keys []Key) (found []Account, err error) {
	err = c.db.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		found = found[:0]
		for _, k := range keys {
			a, err := ensure(ctx, tx, k)
			if err != nil {
				return fmt.Errorf("open account %+v: %w", k, err)
			}
			found = append(found, a)
		}
		return nil
	})
	return found, err
}

// ByNo returns the account with a number.
func (c *Chart) ByNo(ctx context.Context, no int64) (Account, error) {
	c.mu.RLock()
	a, ok := c.byNo[no]
	c.mu.RUnlock()
	if ok {
		return a, nil
	}
	all, err := c.All(ctx)
	if err != nil {
		return Account{}, err
	}
	for _, a := range all {
		if a.No == no {
			return a, nil
		}
	}
	return Account{}, fmt.Errorf("no ledger account %d", no)
}

// All returns every account by number.
func (c *Chart) All(ctx context.Context) ([]Account, error) {
	var all []Account
	err := c.db.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		all, err = accounts(ctx, tx)
		return err
	})
	if err == nil {
		c.remember(all)
	}
	return all, err
}

func (c *Chart) known(keys []Key) ([]Account, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	out := make([]Account, len(keys))
	for i, k := range keys {
		a, ok := c.byKey[k]
		if !ok {
			return nil, false
		}
		out[i] = a
	}
	return out, true
}

func (c *Chart) remember(as []Account) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, a := range as {
		c.byKey[a.Key], c.byNo[a.No] = a, a
	}
}
