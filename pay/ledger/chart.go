package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"watari/kit/db"
)

// Chart is the list of accounts. Accounts are made when they are first needed and never
// removed, so what was read once stays true.
type Chart struct {
	db      *db.DB
	opening chan struct{} // has room for one: who makes accounts in this process
	mu      sync.RWMutex
	byKey   map[Key]Account
	byNo    map[int64]Account
}

// NewChart returns a chart over d. It reads accounts as they are asked for.
func NewChart(d *db.DB) *Chart {
	return &Chart{db: d, opening: make(chan struct{}, 1), byKey: map[Key]Account{},
		byNo: map[int64]Account{}}
}

// openTries is how often accounts are tried to be made when another node takes their numbers.
const openTries = 8

// Ensure returns the accounts of keys, in their order, making those that are missing in a
// transaction of its own. Call it before a transaction, never within.
func (c *Chart) Ensure(ctx context.Context, keys ...Key) ([]Account, error) {
	if out, ok := c.known(keys); ok {
		return out, nil
	}
	select {
	case c.opening <- struct{}{}:
		defer func() { <-c.opening }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if out, ok := c.known(keys); ok {
		return out, nil
	}
	for try := 1; ; try++ {
		found, err := c.open(ctx, keys)
		if err == nil {
			c.remember(found)
			return found, nil
		}
		if !db.IsUnique(err) || try == openTries || ctx.Err() != nil {
			return nil, err
		}
	}
}

// open finds the accounts, and makes those that no node has made.
func (c *Chart) open(ctx context.Context, keys []Key) (found []Account, err error) {
	missing := false
	err = c.db.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		found, missing, err = find(ctx, tx, keys)
		return err
	})
	if err != nil || !missing {
		return found, err
	}
	var made []Account
	err = c.db.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := lockChart(ctx, tx); err != nil {
			return fmt.Errorf("lock the accounts: %w", err)
		}
		made = slices.Clone(found)
		for i, k := range keys {
			if found[i].No != 0 {
				continue
			}
			a, err := insertAccount(ctx, tx, k)
			if err != nil {
				return fmt.Errorf("open account %+v: %w", k, err)
			}
			made[i] = a
		}
		return nil
	})
	return made, err
}

// find reads the accounts of keys; those that are missing have no number.
func find(ctx context.Context, tx *db.Tx, keys []Key) ([]Account, bool, error) {
	found := make([]Account, len(keys))
	missing := false
	for i, k := range keys {
		a, err := accountOf(ctx, tx, k)
		switch {
		case errors.Is(err, db.ErrNoRows):
			missing = true
		case err != nil:
			return nil, false, fmt.Errorf("find account %+v: %w", k, err)
		default:
			found[i] = a
		}
	}
	return found, missing, nil
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
