package party_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"testing"
	"testing/synctest"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/pay/party"
)

// Goal: several versions of a key are valid at once, and a retired one at once no more.
// Method: versions 0 and 1, then version 0 is retired.
func TestKeyVersionsOverlapAndRetire(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		n := newNode(t, d)
		a := n.acquirer("GIFU", false)
		n.write(func(ctx context.Context, tx *db.Tx) error {
			for version, der := range rsaKeys() {
				if err := n.reg.AddKey(ctx, tx, "test", party.Key{ParticipantNo: a.No,
					Version: version, PublicDER: der}); err != nil {
					return err
				}
			}
			return nil
		})
		for version, der := range rsaKeys() {
			k, public, err := n.dir.Keys(t.Context(), a.No, version)
			if err != nil || string(k.PublicDER) != string(der) || public.N.BitLen() != 2048 {
				t.Errorf("version %d: %+v, %v", version, k, err)
			}
		}

		n.write(func(ctx context.Context, tx *db.Tx) error {
			if err := n.reg.RetireKey(ctx, tx, "test", a.No, 0); err != nil {
				return err
			}
			return n.reg.RetireKey(ctx, tx, "test", a.No, 0)
		})

		_, _, err := n.dir.Keys(t.Context(), a.No, 0)
		want(t, "retired", err, party.ErrKeyUnknown)
		_, _, err = n.dir.Keys(t.Context(), a.No, 1)
		want(t, "the other", err, nil)
		_, _, err = n.dir.Keys(t.Context(), a.No, 2)
		want(t, "never added", err, party.ErrKeyUnknown)
		all, err := n.dir.KeysOf(t.Context(), a.No)
		if err != nil || len(all) != 2 || all[0].Retired.IsZero() || !all[1].Retired.IsZero() {
			t.Errorf("all keys: %+v, %v", all, err)
		}
		err = n.try(func(ctx context.Context, tx *db.Tx) error {
			return n.reg.AddKey(ctx, tx, "test", party.Key{ParticipantNo: a.No, Version: 0,
				PublicDER: rsaKeys()[1]})
		})
		want(t, "a retired version again", err, party.ErrTaken)
	})
}

// Goal: a key is valid from its first to before its last instant, also while it is remembered.
// Method: days pass in a bubble.
func TestKeyKeepsItsDates(t *testing.T) {
	t.Parallel()
	der := rsaKeys()[0]
	synctest.Test(t, func(t *testing.T) {
		n := newNode(t, dbtest.New(t, db.SQLite, sets()...))
		a := n.acquirer("GIFU", false)
		from := clock.Now().Add(24 * time.Hour)
		n.write(func(ctx context.Context, tx *db.Tx) error {
			return n.reg.AddKey(ctx, tx, "test", party.Key{ParticipantNo: a.No, Version: 1,
				PublicDER: der, From: from, Until: from.Add(24 * time.Hour)})
		})
		valid := func() bool {
			_, _, err := n.dir.Keys(t.Context(), a.No, 1)
			return err == nil
		}

		var got []bool
		got = append(got, valid())
		time.Sleep(24*time.Hour - time.Microsecond)
		got = append(got, valid())
		time.Sleep(time.Microsecond)
		got = append(got, valid())
		time.Sleep(24*time.Hour - time.Microsecond)
		got = append(got, valid())
		time.Sleep(time.Microsecond)
		got = append(got, valid())

		for i, w := range []bool{false, false, true, true, false} {
			if got[i] != w {
				t.Errorf("step %d: valid %v, want %v", i, got[i], w)
			}
		}
	})
}

// Goal: only RSA of 2048 bits with a sound exponent is admitted. Method: other kinds of keys.
func TestOnlySoundKeysAreAdmitted(t *testing.T) {
	t.Parallel()
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	good, err := party.ParseKey(rsaKeys()[0])
	want(t, "2048 bits", err, nil)

	for what, key := range map[string]any{
		"1024 bits": &small.PublicKey, "a curve": &curve.PublicKey,
		"exponent 3": &rsa.PublicKey{N: good.N, E: 3},
	} {
		der, err := x509.MarshalPKIXPublicKey(key)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := party.ParseKey(der); err == nil {
			t.Errorf("%s was admitted", what)
		}
	}
	if _, err := party.ParseKey(append(rsaKeys()[0], 0)); err == nil {
		t.Error("bytes after the key were admitted")
	}
}

// Goal: the last use of a key and of a session is known to the minute and written at most once
// a minute. Method: uses in a bubble, with a record after each.
func TestLastUseIsWrittenOnceAMinute(t *testing.T) {
	t.Parallel()
	der := rsaKeys()[0]
	synctest.Test(t, func(t *testing.T) {
		n := newNode(t, dbtest.New(t, db.SQLite, sets()...))
		s := n.shop(n.acquirer("GIFU", false), "1")
		n.write(func(ctx context.Context, tx *db.Tx) error {
			return n.reg.AddKey(ctx, tx, "test", party.Key{ParticipantNo: s.acquirer.No,
				Version: 1, PublicDER: der})
		})
		session := n.activate(s)
		used := func() time.Time {
			all, err := n.dir.KeysOf(t.Context(), s.acquirer.No)
			want(t, "keys", err, nil)
			return all[0].LastUsed
		}
		useAndRecord := func() time.Time {
			_, _, err := n.dir.Keys(t.Context(), s.acquirer.No, 1)
			want(t, "use key", err, nil)
			_, err = n.dir.TerminalSession(t.Context(), session)
			want(t, "use session", err, nil)
			now := clock.Now()
			want(t, "record", n.dir.RecordUse(t.Context()), nil)
			return now
		}

		if !used().IsZero() {
			t.Errorf("used before it was used: %v", used())
		}
		first := useAndRecord()
		if !used().Equal(first.Truncate(time.Microsecond)) {
			t.Errorf("first use: %v, want %v", used(), first)
		}
		time.Sleep(59 * time.Second)
		useAndRecord()
		if !used().Equal(first.Truncate(time.Microsecond)) {
			t.Errorf("written again within a minute: %v", used())
		}
		time.Sleep(time.Second)
		last := useAndRecord()
		if !used().Equal(last.Truncate(time.Microsecond)) {
			t.Errorf("a minute later: %v, want %v", used(), last)
		}
	})
}
