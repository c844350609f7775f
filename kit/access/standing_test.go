package access_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"watari/kit/access"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
)

// Goal: a key is known with the standing of its place, and is refused at most two seconds after
// that closed, on a node that knows it (A6). Method: a place that changes under a key in use.
func TestKeyStandsAsItsPlace(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		var now atomic.Int32
		broken := errors.New("no directory")
		heeding := func() *access.Keys {
			keys := access.New(d)
			keys.Heed(func(_ context.Context, tx *db.Tx, c access.Caller) (
				access.Standing, error,
			) {
				if tx == nil || c.Role == access.Operator {
					t.Errorf("asked for %+v", c)
				}
				if c.MerchantNo == owner.MerchantNo {
					return access.Open, broken
				}
				return access.Standing(now.Load()), nil
			})
			return keys
		}
		keys := heeding()
		secret, root := create(t, d, keys, bank), create(t, d, keys, chief)
		for _, s := range []access.Standing{access.Open, access.Suspended} {
			now.Store(int32(s))
			c, err := heeding().Authenticate(ctx, secret)
			if err != nil || c.Standing != s || (c.AllowChange() == nil) != (s == access.Open) {
				t.Errorf("standing %d: %+v, %v", s, c, err)
			}
		}
		now.Store(int32(access.Open))
		authenticate(t, keys, secret)
		now.Store(int32(access.Closed))
		var err error
		for end := clock.Now().Add(2 * time.Second); err == nil && clock.Now().Before(end); {
			time.Sleep(20 * time.Millisecond)
			_, err = keys.Authenticate(ctx, secret)
		}
		if _, err = keys.Authenticate(ctx, secret); !errors.Is(err, access.ErrClosed) {
			t.Errorf("after two seconds: %v", err)
		}
		authenticate(t, keys, root)
		_, err = keys.Authenticate(ctx, create(t, d, keys, owner))
		if !errors.Is(err, broken) {
			t.Errorf("when the directory does not answer: %v", err)
		}
	})
}

// Goal: what somebody made at a place is ended, and nothing else. Method: keys of two makers at two
// places, one revoked before.
func TestKeysOfAMakerEnd(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets, func(t *testing.T, d *db.DB) {
		keys, elsewhere := access.New(d), bank
		elsewhere.ParticipantNo = 8
		made := map[string]string{} // id to secret
		make := func(g access.Grant, by string) (id string) {
			update(t, d, func(ctx context.Context, tx *db.Tx) error {
				secret, k, err := keys.Make(ctx, tx, g, by)
				id = k.ID
				made[id] = secret
				return err
			})
			return id
		}
		first, second := make(bank, "person:a"), make(owner, "person:a")
		gone, spared := make(clerk, "person:a"), make(till, "person:a")
		make(elsewhere, "person:a")
		make(bank, "person:b")
		var ended []access.Key
		update(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
			if err := keys.Revoke(ctx, tx, gone); err != nil {
				return err
			}
			ended, err = access.RevokeOf(ctx, tx, bank.ParticipantNo, "person:a",
				func(k access.Key) bool { return k.ID != spared })
			return err
		})
		if len(ended) != 2 || ended[0].ID != first || ended[1].ID != second {
			t.Errorf("ended %+v", ended)
		}
		good := 0
		for _, secret := range made {
			if _, err := access.New(d).Authenticate(t.Context(), secret); err == nil {
				good++
			}
		}
		if good != 3 {
			t.Errorf("%d keys are good, want 3", good)
		}
	})
}
