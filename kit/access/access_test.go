package access_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"watari/kit/access"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
)

var (
	sets = []fs.FS{access.Migrations}
	bank = access.Grant{Role: access.Acquirer, ParticipantNo: 7, Label: "the bank's system"}
	till = access.Grant{Role: access.Terminal, ParticipantNo: 7, StoreNo: 3, TerminalNo: 9,
		Label: "till 1"}
	chief = access.Grant{Role: access.Operator, Label: "ops"}
	owner = access.Grant{Role: access.MerchantOwner, ParticipantNo: 7, MerchantNo: 2,
		Label: "the shop's system"}
	clerk = access.Grant{Role: access.AcquirerClerk, ParticipantNo: 7, Label: "desk"}
)

// Goal: a key is recognised as what it was made for, and only the key. Method: one of each role,
// then texts that are nearly keys.
func TestKeyIsRecognisedAsItsGrant(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		keys := access.New(d)

		for _, g := range []access.Grant{bank, till, chief, owner, clerk} {
			secret := create(t, d, keys, g)
			c, err := keys.Authenticate(ctx, secret)
			if err != nil {
				t.Fatal(err)
			}
			want := access.Caller{KeyID: c.KeyID, Role: g.Role, ParticipantNo: g.ParticipantNo,
				MerchantNo: g.MerchantNo, StoreNo: g.StoreNo, TerminalNo: g.TerminalNo, Actor: "key:" + c.KeyID,
				Label: g.Label}
			if c != want || !strings.HasPrefix(c.KeyID, "key_") {
				t.Errorf("got %+v, want %+v", c, want)
			}
		}

		secret := create(t, d, keys, bank)
		last := secret[len(secret)-1]
		other := secret[:len(secret)-1] + string(rune('0'+(last+1)%8))
		for _, text := range []string{"", "wk_", secret[3:], secret + "0", other, " " + secret,
			strings.ToUpper(secret), "wk_" + strings.Repeat("o", 52),
			"wk_" + strings.Repeat("0", 52)} {
			if text == secret {
				continue
			}
			if c, err := keys.Authenticate(ctx, text); !errors.Is(err, access.ErrUnauthenticated) {
				t.Errorf("%q: %+v, %v", text, c, err)
			}
		}
	})
}

// Goal: the database cannot give a key away (A1). Method: read the stored form and compare.
func TestDatabaseHoldsTheHashOnly(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets, func(t *testing.T, d *db.DB) {
		secret := create(t, d, access.New(d), bank)
		sum := sha256.Sum256([]byte(secret))

		got := rows(t, d, `select hash || label || id from api_key order by id`)

		if len(got) != 1 || !strings.HasPrefix(got[0], hex.EncodeToString(sum[:])) {
			t.Fatalf("stored %q", got)
		}
		if strings.Contains(got[0], secret[3:]) {
			t.Error("the key itself is stored")
		}
	})
}

// Goal: a revoked key is refused at most two seconds later, on the node that knows it from its
// cache too (A2), and a new key is good at once. Method: two handles on one database.
func TestRevokedKeyIsRefusedWithinTwoSeconds(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		here, there := access.New(d), access.New(d)
		secret := create(t, d, here, bank)
		c, err := there.Authenticate(ctx, secret)
		if err != nil {
			t.Fatal(err)
		}
		update(t, d, func(ctx context.Context, tx *db.Tx) error {
			return here.Revoke(ctx, tx, c.KeyID)
		})

		end := clock.Now().Add(2 * time.Second)
		for err == nil && clock.Now().Before(end) {
			time.Sleep(20 * time.Millisecond)
			_, err = there.Authenticate(ctx, secret)
		}

		if _, err = there.Authenticate(ctx, secret); !errors.Is(err, access.ErrUnauthenticated) {
			t.Errorf("after two seconds: %v", err)
		}
		update(t, d, func(ctx context.Context, tx *db.Tx) error {
			if err := here.Revoke(ctx, tx, "key_none"); !errors.Is(err, db.ErrNoRows) {
				t.Errorf("revoke of no key: %v", err)
			}
			return here.Revoke(ctx, tx, c.KeyID)
		})
	})
}

// Goal: the hot path reads the database once a second and writes nothing; that a key was used is
// written once a minute (A3). Method: virtual time, a minute of use on SQLite, and the table
// taken away to see who asks it.
func TestUseIsNotedOncePerMinuteOffTheHotPath(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := dbtest.New(t, db.SQLite, sets...)
		keys := access.New(d)
		secret := create(t, d, keys, bank)
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- keys.Run(ctx) }()

		for range 59 {
			authenticate(t, keys, secret)
			time.Sleep(time.Second)
		}
		if got := rows(t, d, `select coalesce(label || cast(last_used_us as text), 'never')
			from api_key order by id`); got[0] != "never" {
			t.Errorf("after 59 s: %s", got)
		}
		time.Sleep(2 * time.Second)
		used := lastUsed(t, d, keys)
		if age := clock.Now().Sub(used); age < time.Second || age > 4*time.Second {
			t.Errorf("after 61 s the last use is %v old, want about 3 s", age)
		}

		authenticate(t, keys, secret)
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if age := clock.Now().Sub(lastUsed(t, d, keys)); age > time.Second {
			t.Errorf("after Run ended the last use is %v old", age)
		}
	})
}

// Goal: many callers with one key cost one question, and one that hangs up spoils nothing for the
// others. Method: 200 at once, a tenth of them cancelled.
func TestManyCallersShareOneQuestion(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets, func(t *testing.T, d *db.DB) {
		keys := access.New(d)
		secret := create(t, d, keys, bank)
		gone, cancel := context.WithCancel(t.Context())
		cancel()

		var wg sync.WaitGroup
		for i := range 200 {
			wg.Go(func() {
				ctx := t.Context()
				if i%10 == 0 {
					ctx = gone
				}
				_, err := keys.Authenticate(ctx, secret)
				if err != nil && !(i%10 == 0 && errors.Is(err, context.Canceled)) {
					t.Errorf("caller %d: %v", i, err)
				}
			})
		}
		wg.Wait()
	})
}

// Goal: a grant that says nothing sensible is refused before and by the table (A4). Method: one
// wrong number each.
func TestGrantNeedsThePlaceOfItsRole(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets, func(t *testing.T, d *db.DB) {
		keys := access.New(d)
		for _, g := range []access.Grant{
			{Role: "", Label: "x"}, {Role: "root", Label: "x"},
			{Role: access.Operator, ParticipantNo: 1, Label: "x"},
			{Role: access.Acquirer, Label: "x"},
			{Role: access.Acquirer, ParticipantNo: 1, StoreNo: 1, Label: "x"},
			{Role: access.Terminal, ParticipantNo: 1, StoreNo: 1, Label: "x"},
			{Role: access.Operator}, {Role: access.Operator, Label: strings.Repeat("名", 101)},
			{Role: access.Operator, MerchantNo: 1, Label: "x"},
			{Role: access.AcquirerClerk, ParticipantNo: 1, MerchantNo: 1, Label: "x"},
			{Role: access.MerchantOwner, ParticipantNo: 1, Label: "x"},
			{Role: access.MerchantOwner, ParticipantNo: 1, MerchantNo: 1, StoreNo: 1, Label: "x"},
			{Role: access.MerchantCashier, MerchantNo: 1, StoreNo: 1, Label: "x"},
			{Role: access.MerchantManager, ParticipantNo: 1, MerchantNo: 1, StoreNo: -1,
				Label: "x"},
		} {
			update(t, d, func(ctx context.Context, tx *db.Tx) error {
				if secret, err := keys.Create(ctx, tx, g); err == nil || secret != "" {
					t.Errorf("%+v was accepted", g)
				}
				return nil
			})
		}
		err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `insert into api_key (id, hash, role, participant_no, store_no,
				terminal_no, label, created_at_us) values ('x', $1, 'terminal', 1, 1, 0, 'x', 1)`,
				strings.Repeat("0", 64))
			return err
		})
		if !db.IsCheck(err) {
			t.Errorf("the table took a terminal without a number: %v", err)
		}
		for _, role := range []string{"merchant-owner", "merchant-cashier", "root"} {
			err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				_, err := tx.Exec(ctx, `insert into api_key (id, hash, role, participant_no,
					store_no, terminal_no, label, created_at_us) values ('x', $1, $2, 1, 0, 0,
					'x', 1)`, strings.Repeat("0", 64), role)
				return err
			})
			if !db.IsCheck(err) {
				t.Errorf("the table took a %s without a merchant: %v", role, err)
			}
		}
	})
}

// Goal: a sandbox has the same keys after every start. Method: add one secret twice.
func TestAddKeepsTheFirst(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets, func(t *testing.T, d *db.DB) {
		keys := access.New(d)
		secret := "wk_" + strings.Repeat("7", 52)
		for range 2 {
			update(t, d, func(ctx context.Context, tx *db.Tx) error {
				return keys.Add(ctx, tx, secret, bank)
			})
		}

		update(t, d, func(ctx context.Context, tx *db.Tx) error {
			all, err := keys.List(ctx, tx, bank.ParticipantNo)
			if err != nil || len(all) != 1 || all[0].Grant != bank || !all[0].Revoked.IsZero() {
				t.Errorf("keys %+v, %v", all, err)
			}
			if err := keys.Add(ctx, tx, "wk_short", bank); err == nil {
				t.Error("a short secret was taken")
			}
			return nil
		})
		authenticate(t, keys, secret)
	})
}

// Goal: a key that is replaced works on until the time that was said (A5), and never longer than
// an end that was set before. Method: virtual time.
func TestReplacedKeyWorksUntilItsEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := dbtest.New(t, db.SQLite, sets...)
		keys := access.New(d)
		var secret string
		var key access.Key
		update(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
			secret, key, err = keys.Make(ctx, tx, owner, "person:1")
			return err
		})
		end := func(in time.Duration) {
			update(t, d, func(ctx context.Context, tx *db.Tx) error {
				return keys.RevokeAt(ctx, tx, key.ID, clock.Now().Add(in))
			})
		}
		end(time.Hour)
		end(2 * time.Hour)
		time.Sleep(59 * time.Minute)
		authenticate(t, keys, secret)
		update(t, d, func(ctx context.Context, tx *db.Tx) error {
			k, err := keys.Find(ctx, tx, key.ID)
			mine, err2 := keys.ListMerchant(ctx, tx, 7, 2)
			if err != nil || err2 != nil || k.MadeBy != "person:1" || !k.Good(clock.Now()) ||
				len(mine) != 1 || mine[0].ID != key.ID {
				t.Errorf("key %+v of %+v, %v, %v", k, mine, err, err2)
			}
			return nil
		})
		time.Sleep(time.Minute + 3*time.Second)
		if _, err := keys.Authenticate(t.Context(), secret); !errors.Is(err,
			access.ErrUnauthenticated) {
			t.Errorf("after its end: %v", err)
		}
	})
}

// Goal: the caller travels in the context and its role decides. Method: with and without one.
func TestCallerTravelsInTheContext(t *testing.T) {
	t.Parallel()
	if _, ok := access.FromContext(t.Context()); ok {
		t.Error("a caller out of nothing")
	}
	ctx := access.With(t.Context(), access.Caller{Role: access.Terminal, StoreNo: 3})

	c, ok := access.FromContext(ctx)

	if !ok || c.StoreNo != 3 {
		t.Errorf("got %+v, %v", c, ok)
	}
	if err := c.Allow(access.Operator, access.Terminal); err != nil {
		t.Error(err)
	}
	if err := c.Allow(access.Operator, access.Acquirer); !errors.Is(err, access.ErrRole) {
		t.Errorf("got %v, want ErrRole", err)
	}
}

// Goal: the key that a merchant hands to a reseller opens no operation, though its role would.
func TestResellersKeyOpensNoOperation(t *testing.T) {
	t.Parallel()
	for label, want := range map[string]bool{"reseller:tabi": false, "reseller:": false,
		"the reseller: tabi": true, "": true} {
		c := access.Caller{Role: access.MerchantOwner, Label: label}
		if err := c.Allow(access.MerchantOwner); (err == nil) != want || !want &&
			!errors.Is(err, access.ErrRole) {
			t.Errorf("%q: %v", label, err)
		}
	}
}

func BenchmarkAuthenticateCached(b *testing.B) {
	d := dbtest.New(b, db.SQLite, sets...)
	keys := access.New(d)
	secret := create(b, d, keys, bank)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			authenticate(b, keys, secret)
		}
	})
}

func create(t testing.TB, d *db.DB, keys *access.Keys, g access.Grant) (secret string) {
	t.Helper()
	update(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
		secret, err = keys.Create(ctx, tx, g)
		return err
	})
	return secret
}

func authenticate(t testing.TB, keys *access.Keys, secret string) {
	t.Helper()
	if _, err := keys.Authenticate(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
}

func lastUsed(t testing.TB, d *db.DB, keys *access.Keys) (at time.Time) {
	t.Helper()
	update(t, d, func(ctx context.Context, tx *db.Tx) error {
		all, err := keys.List(ctx, tx, bank.ParticipantNo)
		if err == nil {
			at = all[0].LastUsed
		}
		return err
	})
	return at
}

func update(t testing.TB, d *db.DB, fn func(context.Context, *db.Tx) error) {
	t.Helper()
	if err := d.Update(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func rows(t testing.TB, d *db.DB, query string) (texts []string) {
	t.Helper()
	scan := func(r db.Row) (s string, err error) { return s, r.Scan(&s) }
	err := d.View(t.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
		texts, err = db.All(ctx, tx, scan, query)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return texts
}
