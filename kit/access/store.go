package access

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"maps"
	"slices"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
)

// insert adds a key; one with the same hash stays as it is. Uses api_key_hash.
func insert(ctx context.Context, tx *db.Tx, sum [sha256.Size]byte, k Key) error {
	_, err := tx.Exec(ctx, `insert into api_key (id, hash, role, participant_no, merchant_no,
			store_no, terminal_no, label, created_at_us, made_by, behind)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		on conflict (hash) do nothing`,
		k.ID, hex.EncodeToString(sum[:]), string(k.Role), k.ParticipantNo, k.MerchantNo,
		k.StoreNo, k.TerminalNo, k.Label, clock.Micros(k.Created), k.MadeBy,
		k.Behind)
	return err
}

// find tells who a hash belongs to; false when it is unknown or over. Uses api_key_hash.
func find(ctx context.Context, tx *db.Tx, hash string, now time.Time) (Caller, bool, error) {
	scan := func(r db.Row) (c Caller, err error) {
		var role string
		err = r.Scan(&c.KeyID, &role, &c.ParticipantNo, &c.MerchantNo, &c.StoreNo,
			&c.TerminalNo, &c.Label, &c.Behind)
		c.Role, c.Actor = Role(role), "key:"+c.KeyID
		if c.Role == Terminal {
			c.MerchantNo = 0 // the store says it; the column is for lists of keys
		}
		return c, err
	}
	c, err := db.One(ctx, tx, scan, `select id, role, participant_no, merchant_no, store_no,
			terminal_no, label, behind
		from api_key where hash = $1 and (revoked_at_us is null or revoked_at_us > $2)`,
		hash, clock.Micros(now))
	if errors.Is(err, db.ErrNoRows) {
		return Caller{}, false, nil
	}
	return c, err == nil, err
}

const keyColumns = `id, role, participant_no, merchant_no, store_no, terminal_no, label,
	created_at_us, last_used_us, revoked_at_us, made_by, behind`

func scanKey(r db.Row) (k Key, err error) {
	var role string
	var created int64
	var used, revoked *int64
	err = r.Scan(&k.ID, &role, &k.ParticipantNo, &k.MerchantNo, &k.StoreNo, &k.TerminalNo,
		&k.Label, &created, &used, &revoked, &k.MadeBy, &k.Behind)
	k.Role, k.Created = Role(role), clock.FromMicros(created)
	if used != nil {
		k.LastUsed = clock.FromMicros(*used)
	}
	if revoked != nil {
		k.Revoked = clock.FromMicros(*revoked)
	}
	return k, err
}

// list returns the keys of a participant, of all its merchants or of one, oldest first. Uses
// api_key_place_list.
func list(ctx context.Context, tx *db.Tx, participantNo, merchantNo int64) ([]Key, error) {
	return db.All(ctx, tx, scanKey, `select `+keyColumns+`
		from api_key where participant_no = $1 and (cast($2 as bigint) = 0 or merchant_no = $2)
		order by id`, participantNo, merchantNo)
}

// listMade returns the keys of a participant and its merchants that an actor made, oldest first.
// Uses api_key_place_list.
func listMade(
	ctx context.Context, tx *db.Tx, participantNo int64, actor string,
) ([]Key, error) {
	return db.All(ctx, tx, scanKey, `select `+keyColumns+`
		from api_key where participant_no = $1 and made_by = $2 order by id`,
		participantNo, actor)
}

// findKey returns a key. Uses the primary key.
func findKey(ctx context.Context, tx *db.Tx, keyID string) (Key, error) {
	return db.One(ctx, tx, scanKey, `select `+keyColumns+` from api_key where id = $1`, keyID)
}

// revoke ends a key at a time, keeping an earlier end. Uses the primary key.
func revoke(ctx context.Context, tx *db.Tx, keyID string, at time.Time) error {
	n, err := tx.Exec(ctx, `update api_key set revoked_at_us =
			case when revoked_at_us < $2 then revoked_at_us else $2 end
		where id = $1`, keyID, clock.Micros(at))
	if err == nil && n == 0 {
		return db.ErrNoRows
	}
	return err
}

// noteUsed writes when keys were last used, never an earlier time over a later. Rows in the order
// of their ids, so that two nodes do not wait for each other in a circle.
func noteUsed(ctx context.Context, tx *db.Tx, used map[string]int64) error {
	rows := make([][]any, 0, len(used))
	for _, keyID := range slices.Sorted(maps.Keys(used)) {
		rows = append(rows, []any{keyID, used[keyID]})
	}
	_, err := tx.Bulk(ctx, `with v (id, at_us) as ({rows}) update api_key
		set last_used_us = v.at_us from v where api_key.id = v.id
			and (api_key.last_used_us is null or api_key.last_used_us < v.at_us)`,
		[]db.Kind{db.Text, db.Int}, rows, nil)
	return err
}
