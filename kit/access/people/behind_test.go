package people_test

import (
	"context"
	"testing"
	"time"

	"watari/kit/access"
	"watari/kit/access/people"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
)

// Goal: nobody is two people by the help of keys (A7): a key counts as whoever made it, also one
// that was made by that key, and one that takes the place of somebody else's, because its maker
// knows the secret. Method: a person of a bank and an operator make keys of every such kind, and
// what they are recognised as is compared with the person.
func TestAKeyCountsAsWhoMadeIt(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets, func(t *testing.T, d *db.DB) {
		o, ctx := known(t, d), t.Context()
		store := access.New(d)
		keys := people.NewKeyring(o.People, store)
		eva := o.join("eva@bank.example", bank1(access.Acquirer)).Person.Caller()
		is := func(what, secret, want string) access.Caller {
			t.Helper()
			c, err := store.Authenticate(ctx, secret)
			o.do(what, err)
			if c.Name() != want || c.Actor != "key:"+c.KeyID {
				t.Errorf("%s counts as %q (%s), want %q", what, c.Name(), c.Actor, want)
			}
			return c
		}
		secret, _, err := keys.Make(ctx, eva, access.Grant{Role: access.Acquirer,
			ParticipantNo: 1, Label: "core banking"})
		o.do("make", err)
		first := is("a key", secret, "eva@bank.example")
		secret, second, err := keys.Make(ctx, first, access.Grant{Role: access.AcquirerClerk,
			ParticipantNo: 1, Label: "somebody else"})
		o.do("make by key", err)
		is("a key of a key", secret, "eva@bank.example")
		secret, third, err := keys.Replace(ctx, first, second.ID, time.Hour)
		o.do("replace", err)
		is("a key in place of another", secret, "eva@bank.example")
		ida := o.join("ida@bank.example", bank1(access.Acquirer)).Person.Caller()
		secret, _, err = keys.Replace(ctx, ida, third.ID, 0)
		o.do("replace what somebody else made", err)
		is("a key that somebody else put in place", secret, "ida@bank.example")

		operator := func(label string) access.Caller {
			o.do("make an operator's key", d.Update(ctx, func(ctx context.Context,
				tx *db.Tx,
			) (err error) {
				secret, _, err = store.Make(ctx, tx, access.Grant{Role: access.Operator,
					Label: label}, "command")
				return err
			}))
			return is("a key from the command line", secret, label)
		}
		ann, ben := operator("ann"), operator("ben")
		secret, _, err = keys.Replace(ctx, ann, ben.KeyID, time.Hour)
		o.do("replace another operator's", err)
		is("another operator's key", secret, "ann")
		if key := keyOf(o, d, store, ben.KeyID); key.Good(clock.Now().Add(2 * time.Hour)) {
			t.Errorf("the replaced key never ends: %+v", key)
		}
	})
}

// keyOf reads a key.
func keyOf(o *office, d *db.DB, store *access.Keys, keyID string) (key access.Key) {
	o.t.Helper()
	o.do("find a key", d.View(o.t.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
		key, err = store.Find(ctx, tx, keyID)
		return err
	}))
	return key
}
