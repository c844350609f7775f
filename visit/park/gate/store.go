package gate

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
)

func scanInt(r db.Row) (n int64, err error) {
	err = r.Scan(&n)
	return n, err
}

// Keep a key, when there is none of its number.
func insertKey(
	ctx context.Context, tx *db.Tx, parkID string, no uint16, sealed, public string, nowUS int64,
) error {
	_, err := tx.Exec(ctx, `insert into gate_key (park_id, no, sealed, public, created_us)
		values ($1, $2, $3, $4, $5) on conflict (park_id, no) do nothing`, parkID, int64(no), sealed,
		public, nowUS)
	return err
}

// sealedKey is a key as it is kept.
type sealedKey struct {
	sealed string
	made   time.Time
}

// What is sealed of a key? By the primary key.
func readKey(ctx context.Context, tx *db.Tx, parkID string, no uint16) (sealedKey, error) {
	return db.One(ctx, tx, func(r db.Row) (k sealedKey, err error) {
		var made int64
		err = r.Scan(&k.sealed, &made)
		k.made = clock.FromMicros(made)
		return k, err
	}, `select sealed, created_us from gate_key where park_id = $1 and no = $2`, parkID, int64(no))
}

// Which key of a park is the newest that was not withdrawn? 0: it has none.
func newestKey(ctx context.Context, tx *db.Tx, parkID string) (uint16, error) {
	n, err := db.One(ctx, tx, scanInt, `select no from gate_key where park_id = $1 and no > 0
			and withdrawn_us = 0 order by no desc limit 1`, parkID)
	if errors.Is(err, db.ErrNoRows) {
		return 0, nil
	}
	return uint16(n), err
}

// How many keys does a park have, that of the digits included?
func countKeys(ctx context.Context, tx *db.Tx, parkID string) (int64, error) {
	return db.One(ctx, tx, scanInt, `select count(*) from gate_key
		where park_id = $1`, parkID)
}

// Which public keys does a park have, those that were withdrawn included?
func keysOf(ctx context.Context, tx *db.Tx, parkID string) ([]Key, error) {
	return db.All(ctx, tx, func(r db.Row) (k Key, err error) {
		var no, made, gone int64
		var public string
		if err = r.Scan(&no, &public, &made, &gone); err != nil {
			return k, err
		}
		raw, err := hex.DecodeString(public)
		return Key{No: uint16(no), Public: ed25519.PublicKey(raw), Made: clock.FromMicros(made),
			Withdrawn: moment(gone)}, err
	}, `select no, public, created_us, withdrawn_us from gate_key
		where park_id = $1 and no > 0 order by no`,
		parkID)
}
