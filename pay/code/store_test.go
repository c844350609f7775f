package code_test

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"time"

	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/pay/code"
)

// each runs fn on both engines.
func each(t *testing.T, fn func(t *testing.T, d *db.DB)) {
	t.Helper()
	dbtest.Each(t, []fs.FS{code.Migrations}, fn)
}

// at is when the codes of these tests are issued.
var at = time.Date(2026, 4, 13, 9, 30, 0, 123456000, time.UTC)

// Goal: an issued code is found as it was stored, others are not. Method: issue, lock.
func TestIssuedCodeIsFound(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *db.DB) {
		issued := make([]code.Issued, 7)
		keys := make([]code.Key, 0, 9)
		for i := range issued {
			text := code.Generate("251001")
			issued[i] = code.Issued{
				Key:   code.Key{IssuerNo: int64(3 - i%3), Hash: code.Hash(text)},
				Last4: code.Last4(text), Customer: "sealed:" + text[20:], Region: "JP",
				At: at, Expires: at.Add(time.Minute),
			}
			keys = append(keys, issued[i].Key)
		}
		stranger := code.Key{IssuerNo: 9, Hash: issued[0].Hash}
		keys = append(keys, stranger, issued[0].Key)
		update(t, d, func(ctx context.Context, tx *db.Tx) error {
			return code.Issue(ctx, tx, issued)
		})

		var found map[code.Key]code.Row
		update(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
			found, err = code.Lock(ctx, tx, keys)
			return err
		})

		if len(found) != len(issued) {
			t.Errorf("got %d rows, want %d", len(found), len(issued))
		}
		for _, want := range issued {
			if got := found[want.Key]; got.Issued != want || got.PaymentID != "" {
				t.Errorf("got %+v, want %+v", got, want)
			}
		}
	})
}

// Goal: a code is consumed once (K5). Method: consume, look, consume again.
func TestIssuedCodeIsConsumedOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *db.DB) {
		one, two := issue(t, d, "one"), issue(t, d, "two")
		update(t, d, func(ctx context.Context, tx *db.Tx) error {
			return code.Consume(ctx, tx, []code.Use{{Key: two, PaymentID: "pay_2"},
				{Key: one, PaymentID: "pay_1"}})
		})

		again := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			rows, err := code.Lock(ctx, tx, []code.Key{one, two})
			if err != nil {
				return err
			}
			if rows[one].PaymentID != "pay_1" || rows[two].PaymentID != "pay_2" {
				t.Errorf("got %+v", rows)
			}
			return code.Consume(ctx, tx, []code.Use{{Key: one, PaymentID: "pay_3"}})
		})

		if again == nil || !strings.Contains(again.Error(), "0 of 1") {
			t.Errorf("the second time: got %v", again)
		}
	})
}

// Goal: a code of another issuer is won by one payment, whoever asks again (K5). Method: the same
// codes twice, and beside a fresh one.
func TestForeignCodeIsWonOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *db.DB) {
		old := code.Key{IssuerNo: 2, Hash: code.Hash("134567890123456789")}
		fresh := code.Key{IssuerNo: 2, Hash: code.Hash("134567890123456780")}
		elsewhere := code.Key{IssuerNo: 1, Hash: old.Hash}
		use := func(keys ...code.Key) (won map[code.Key]bool) {
			update(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
				var uses []code.Use
				for _, k := range keys {
					uses = append(uses, code.Use{Key: k, PaymentID: "pay_1", Last4: "6789"})
				}
				won, err = code.ConsumeForeign(ctx, tx, uses)
				return err
			})
			return won
		}

		first, second := use(old), use(old, fresh, elsewhere)

		if !first[old] || second[old] || !second[fresh] || !second[elsewhere] || len(second) != 2 {
			t.Errorf("got %v, then %v", first, second)
		}
		if none := use(); len(none) != 0 {
			t.Errorf("no codes: got %v", none)
		}
	})
}

// Goal: one code on several nodes is debited once (K5). Method: eight transactions at once, each
// with the same two codes in another order.
func TestOneCodeAtOnceIsWonOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *db.DB) {
		issued := issue(t, d, "issued")
		foreign := code.Key{IssuerNo: 2, Hash: code.Hash("foreign")}
		errTaken := errors.New("taken")
		var mu sync.Mutex
		var consumed, won int

		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
					rows, err := code.Lock(ctx, tx, []code.Key{issued})
					if err != nil {
						return err
					}
					if rows[issued].PaymentID != "" {
						return errTaken
					}
					return code.Consume(ctx, tx, []code.Use{{Key: issued, PaymentID: "pay_1"}})
				})
				var mine map[code.Key]bool
				err2 := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
					mine, err = code.ConsumeForeign(ctx, tx,
						[]code.Use{{Key: foreign, PaymentID: "pay_1"}})
					return err
				})
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					consumed++
				} else if !errors.Is(err, errTaken) {
					t.Error(err)
				}
				if err2 != nil {
					t.Error(err2)
				}
				won += len(mine)
			})
		}
		wg.Wait()

		if consumed != 1 || won != 1 {
			t.Errorf("consumed %d times, won %d times, want 1 and 1", consumed, won)
		}
	})
}

// Goal: the schema refuses what no code is. Method: a wrong row each.
func TestSchemaRefusesWrongRows(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *db.DB) {
		for what, c := range map[string]code.Issued{
			"no issuer":      {Key: code.Key{Hash: code.Hash("a")}, At: at, Expires: at},
			"expired before": {Key: code.Key{IssuerNo: 1}, At: at, Expires: at.Add(-1000)},
		} {
			err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				return code.Issue(ctx, tx, []code.Issued{c})
			})
			if !db.IsCheck(err) {
				t.Errorf("%s: got %v", what, err)
			}
		}
		key := issue(t, d, "twice")
		err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			return code.Issue(ctx, tx, []code.Issued{{Key: key, At: at, Expires: at}})
		})
		if !db.IsUnique(err) {
			t.Errorf("issued twice: got %v", err)
		}
	})
}

// issue stores one code of issuer 1.
func issue(t *testing.T, d *db.DB, text string) code.Key {
	t.Helper()
	key := code.Key{IssuerNo: 1, Hash: code.Hash(text)}
	update(t, d, func(ctx context.Context, tx *db.Tx) error {
		return code.Issue(ctx, tx, []code.Issued{{Key: key, Last4: code.Last4(text), At: at,
			Expires: at.Add(time.Minute)}})
	})
	return key
}

// update runs fn in a transaction that must succeed.
func update(t *testing.T, d *db.DB, fn func(ctx context.Context, tx *db.Tx) error) {
	t.Helper()
	if err := d.Update(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}
