package access

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"time"

	"watari/kit/access/recent"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/id"
)

// Migrations holds the table of keys.
//
//go:embed sql/*.sql
var Migrations embed.FS

// The form of a key.
const (
	prefix    = "wk_"
	bodyBytes = 32
	bodyLen   = 52
)

// noteEvery is how often Run writes when keys were last used.
const noteEvery = time.Minute

// Keys makes, recognises and revokes API keys. It is safe for concurrent use.
type Keys struct {
	db    *db.DB
	cache *recent.Cache[Caller]
	stand Standings

	mu   sync.Mutex
	used map[string]int64 // key id to the time of its last use, not yet written
}

// New returns the keys of a database that has Migrations. Every place is open: see Heed.
func New(d *db.DB) *Keys {
	k := &Keys{db: d, used: map[string]int64{}}
	k.cache = recent.New(k.load)
	return k
}

// Heed lets Authenticate look how the places of keys stand (A6). It is called before the keys are
// used.
func (k *Keys) Heed(s Standings) { k.stand = s }

// Key describes an API key. The key itself is not kept.
type Key struct {
	// ID names the key in events and for Revoke.
	ID string
	Grant
	Created time.Time
	// LastUsed may be a minute behind (A3); zero when the key was never used.
	LastUsed time.Time
	// Revoked is zero while nobody has ended the key; it may be later than now (RevokeAt).
	Revoked time.Time
	// MadeBy is the actor who made it; "" when that is not known.
	MadeBy string
}

// Good tells whether the key works at a time.
func (k Key) Good(at time.Time) bool { return k.Revoked.IsZero() || k.Revoked.After(at) }

// Create makes a key and returns it, the only time that it is seen. It is good when tx commits.
//
// Errors: a grant that breaks A4 or has no label.
func (k *Keys) Create(ctx context.Context, tx *db.Tx, g Grant) (secret string, err error) {
	secret = prefix + id.Secret(bodyBytes)
	if err := k.Add(ctx, tx, secret, g); err != nil {
		return "", err
	}
	return secret, nil
}

// Add makes a key of a secret that came from elsewhere: "wk_" and 52 characters of id.Secret. A
// key that is there already stays as it is. It is for sandboxes, whose keys are the same after
// every start; others use Create.
//
// Errors: a grant that breaks A4 or has no label, a secret of another form.
func (k *Keys) Add(ctx context.Context, tx *db.Tx, secret string, g Grant) error {
	if err := g.Check(); err != nil {
		return err
	}
	if !wellFormed(secret) {
		return fmt.Errorf("access: the secret is not %s and %d characters of base 32",
			prefix, bodyLen)
	}
	sum := sha256.Sum256([]byte(secret))
	k0 := Key{ID: id.New("key", 0), Grant: g, Created: clock.Now()}
	if err := insert(ctx, tx, sum, k0); err != nil {
		return fmt.Errorf("create API key: %w", err)
	}
	return nil
}

// Make makes a key as Create does, for an actor, and returns what is known of it too.
//
// Errors: a grant that breaks A4 or has no label.
func (k *Keys) Make(ctx context.Context, tx *db.Tx, g Grant, actor string) (string, Key, error) {
	if err := g.Check(); err != nil {
		return "", Key{}, err
	}
	secret := prefix + id.Secret(bodyBytes)
	made := Key{ID: id.New("key", 0), Grant: g, MadeBy: actor,
		Created: clock.Now().UTC().Truncate(time.Microsecond)}
	if err := insert(ctx, tx, sha256.Sum256([]byte(secret)), made); err != nil {
		return "", Key{}, fmt.Errorf("make API key: %w", err)
	}
	return secret, made, nil
}

// Revoke ends a key. It is refused everywhere at most two seconds after tx commits (A2). Revoking
// twice keeps the first time.
//
// Errors: db.ErrNoRows when there is no such key.
func (k *Keys) Revoke(ctx context.Context, tx *db.Tx, keyID string) error {
	return k.RevokeAt(ctx, tx, keyID, clock.Now())
}

// RevokeAt ends a key at a time, now or later: for whoever needs the old key while the new one is
// put in its place. An earlier end stays.
//
// Errors: db.ErrNoRows when there is no such key.
func (k *Keys) RevokeAt(ctx context.Context, tx *db.Tx, keyID string, at time.Time) error {
	if err := revoke(ctx, tx, keyID, at); err != nil {
		return fmt.Errorf("revoke API key: %w", err)
	}
	return nil
}

// RevokeOf ends those keys of a participant that an actor made, that are good, and that which
// picks, and returns them, oldest first. They are refused everywhere at most two seconds after tx
// commits (A2).
func RevokeOf(
	ctx context.Context, tx *db.Tx, participantNo int64, actor string, which func(Key) bool,
) (ended []Key, err error) {
	at := clock.Now()
	made, err := listMade(ctx, tx, participantNo, actor)
	if err != nil {
		return nil, fmt.Errorf("list API keys by maker: %w", err)
	}
	for _, k := range made {
		if !k.Good(at) || !which(k) {
			continue
		}
		if err := revoke(ctx, tx, k.ID, at); err != nil {
			return nil, fmt.Errorf("revoke API key: %w", err)
		}
		ended = append(ended, k)
	}
	return ended, nil
}

// List returns the keys of a participant, its merchants' among them, 0 for the operators', oldest
// first.
func (k *Keys) List(ctx context.Context, tx *db.Tx, participantNo int64) ([]Key, error) {
	keys, err := list(ctx, tx, participantNo, 0)
	if err != nil {
		return nil, fmt.Errorf("list API keys: %w", err)
	}
	return keys, nil
}

// ListMerchant returns the keys of a merchant, oldest first.
func (k *Keys) ListMerchant(
	ctx context.Context, tx *db.Tx, participantNo, merchantNo int64,
) ([]Key, error) {
	keys, err := list(ctx, tx, participantNo, merchantNo)
	if err != nil {
		return nil, fmt.Errorf("list API keys: %w", err)
	}
	return keys, nil
}

// Find returns a key. Errors: db.ErrNoRows.
func (k *Keys) Find(ctx context.Context, tx *db.Tx, keyID string) (Key, error) {
	key, err := findKey(ctx, tx, keyID)
	if err != nil {
		return Key{}, fmt.Errorf("find API key: %w", err)
	}
	return key, nil
}

// Authenticate returns who a key belongs to. It reads the database at most about once a second
// for each key (A2) and writes nothing (A3).
//
// Errors: ErrUnauthenticated; ErrClosed when the key is good and its place is not (A6); others are
// the database's.
func (k *Keys) Authenticate(ctx context.Context, secret string) (Caller, error) {
	if !wellFormed(secret) {
		return Caller{}, ErrUnauthenticated.Newf("the API key has not the form of one")
	}
	e, err := k.cache.Get(ctx, sha256.Sum256([]byte(secret)))
	if err != nil {
		return Caller{}, fmt.Errorf("look up API key: %w", err)
	}
	if !e.Known {
		return Caller{}, ErrUnauthenticated.Newf("the API key is not known or was revoked")
	}
	if e.Value.Standing == Closed {
		return Caller{}, e.Value.closed()
	}
	if e.Noted.CompareAndSwap(false, true) {
		k.note(e.Value.KeyID)
	}
	return e.Value, nil
}

// note remembers that a key was used.
func (k *Keys) note(keyID string) {
	now := clock.Micros(clock.Now())
	k.mu.Lock()
	defer k.mu.Unlock()

	k.used[keyID] = now
}

// Run writes once a minute which keys were used, until ctx ends, and then once more.
func (k *Keys) Run(ctx context.Context) error {
	tick := time.NewTicker(noteEvery)
	defer tick.Stop()

	for {
		select {
		case <-tick.C:
			// What could not be written is tried again in a minute: a use that is shown late
			// is no reason to stop the program.
			_ = k.Flush(ctx)
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
			defer cancel()
			return k.Flush(last)
		}
	}
}

// Flush writes which keys were used since the last time. What cannot be written is kept.
func (k *Keys) Flush(ctx context.Context) error {
	k.mu.Lock()
	used := k.used
	k.used = map[string]int64{}
	k.mu.Unlock()
	if len(used) == 0 {
		return nil
	}

	err := k.db.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		return noteUsed(ctx, tx, used)
	})
	if err != nil {
		k.mu.Lock()
		defer k.mu.Unlock()
		for keyID, at := range used {
			k.used[keyID] = max(k.used[keyID], at)
		}
		return fmt.Errorf("note the use of API keys: %w", err)
	}
	return nil
}

// load asks the database who a key belongs to.
func (k *Keys) load(ctx context.Context, sum recent.Sum) (Caller, bool, error) {
	var c Caller
	var known bool
	err := k.db.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		var err error
		c, known, err = find(ctx, tx, hex.EncodeToString(sum[:]), clock.Now())
		if err == nil && known {
			c.Standing, err = k.stand.Of(ctx, tx, c)
		}
		return err
	})
	return c, known, err
}

// wellFormed tells whether a text has the form of a key, so that anything else costs no look-up.
func wellFormed(secret string) bool {
	body, ok := strings.CutPrefix(secret, prefix)
	bad := func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z' || r == 'i' || r == 'l' ||
			r == 'o' || r == 'u')
	}
	return ok && len(body) == bodyLen && !strings.ContainsFunc(body, bad)
}
