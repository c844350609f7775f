package party

import (
	"cmp"
	"context"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
)

const (
	// keyBits is the size of the keys that sign messages, as Alipay+ asks for.
	keyBits = 2048
	// exponentMin is the smallest public exponent; smaller ones have a history of attacks
	// (FIPS 186-5, section 5.4).
	exponentMin = 65537
	// KeyVersionMax is the highest key version.
	KeyVersionMax = 999_999
	// usedEvery is how often a last use is written, at most.
	usedEvery = time.Minute
)

// keyName names one version of a participant's key.
type keyName struct {
	participantNo int64
	version       int
}

// parsedKey is a key that was read and parsed once for a version of the directory.
type parsedKey struct {
	Key
	public *rsa.PublicKey
	use    *use
}

// ParseKey reads a public key: RSA of 2048 bits as SubjectPublicKeyInfo in DER.
func ParseKey(der []byte) (*rsa.PublicKey, error) {
	parsed, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, err
	}
	key, ok := parsed.(*rsa.PublicKey)
	if !ok {
		return nil, errors.New("not an RSA key")
	}
	if key.N.BitLen() != keyBits {
		return nil, errors.New("not a key of 2048 bits")
	}
	if key.E < exponentMin || key.E > math.MaxInt32 || key.E%2 == 0 {
		return nil, errors.New("the public exponent is not admitted")
	}
	return key, nil
}

// Fingerprint is the SHA-256 of the key's DER in hexadecimal: what two people compare.
func (k Key) Fingerprint() string {
	sum := sha256.Sum256(k.PublicDER)
	return hex.EncodeToString(sum[:])
}

// Keys returns the key of that version for verifying a message that came now. It notes the
// use, which RecordUse writes later.
//
// Errors: ErrKeyUnknown, also when the key is retired or outside its dates.
func (d *Directory) Keys(
	ctx context.Context, participantNo int64, version int,
) (*Key, *rsa.PublicKey, error) {
	m, err := d.current(ctx)
	if err != nil {
		return nil, nil, err
	}
	name := keyName{participantNo, version}
	m.mu.RLock()
	k := m.keys[name]
	m.mu.RUnlock()
	if k == nil {
		if k, err = d.readKey(ctx, name); err != nil {
			return nil, nil, err
		}
	}

	now := clock.Now()
	if !k.valid(now) {
		return nil, nil, ErrKeyUnknown.Newf("key version %d is not valid now", version)
	}
	k.use.at.Store(clock.Micros(now))
	return &k.Key, k.public, nil
}

func (d *Directory) readKey(ctx context.Context, name keyName) (*parsedKey, error) {
	var k parsedKey
	err := d.read(ctx, func(ctx context.Context, tx *db.Tx, m *memory) (err error) {
		if k.Key, err = keyByVersion(ctx, tx, name.participantNo, name.version); err != nil {
			return err
		}
		if k.public, err = ParseKey(k.PublicDER); err != nil {
			return err
		}
		k.use = d.uses.key(name)
		m.mu.Lock()
		defer m.mu.Unlock()
		m.keys[name] = &k
		return nil
	})
	return &k, err
}

// KeysOf returns all keys of a participant by version, retired ones included.
func (d *Directory) KeysOf(ctx context.Context, participantNo int64) ([]Key, error) {
	var all []Key
	err := d.db.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		all, err = keysOf(ctx, tx, participantNo)
		return err
	})
	return all, err
}

// use is when something was last used, and when that was last written; microseconds.
type use struct{ at, written atomic.Int64 }

// due returns the time to write, and whether it is due.
func (u *use) due() (int64, bool) {
	at, written := u.at.Load(), u.written.Load()
	return at, at > written && (written == 0 || at-written >= usedEvery.Microseconds())
}

// usesMax bounds the sessions whose use is remembered; beyond, all are forgotten, which loses
// at most a minute of last uses.
const usesMax = 100_000

// uses are the last uses of keys and sessions. They outlive versions of the directory.
type uses struct {
	mu       sync.Mutex
	keys     map[keyName]*use
	sessions map[string]*use
}

func (u *uses) key(name keyName) *use {
	u.mu.Lock()
	defer u.mu.Unlock()
	return noted(&u.keys, name)
}

func (u *uses) session(hash string) *use {
	u.mu.Lock()
	defer u.mu.Unlock()
	return noted(&u.sessions, hash)
}

func noted[K comparable](m *map[K]*use, k K) *use {
	if *m == nil || len(*m) >= usesMax {
		*m = map[K]*use{}
	}
	one := (*m)[k]
	if one == nil {
		one = &use{}
		(*m)[k] = one
	}
	return one
}

// RecordUse writes the last uses of keys and terminal sessions that are more than a minute
// newer than what was written before. The application calls it about once a minute, off the
// payment path.
func (d *Directory) RecordUse(ctx context.Context) error {
	keys, sessions := d.uses.pending()
	if len(keys)+len(sessions) == 0 {
		return nil
	}
	err := d.db.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := touchKeys(ctx, tx, keys); err != nil {
			return err
		}
		return touchSessions(ctx, tx, sessions)
	})
	if err != nil {
		return err
	}
	for i := range keys {
		keys[i].use.written.Store(keys[i].at)
	}
	for i := range sessions {
		sessions[i].use.written.Store(sessions[i].at)
	}
	return nil
}

type keyUse struct {
	keyName
	use *use
	at  int64
}

type sessionUse struct {
	hash string
	use  *use
	at   int64
}

// pending lists the uses that are due, in the order of their tables' keys.
func (u *uses) pending() (keys []keyUse, sessions []sessionUse) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for name, one := range u.keys {
		if at, due := one.due(); due {
			keys = append(keys, keyUse{name, one, at})
		}
	}
	for hash, one := range u.sessions {
		if at, due := one.due(); due {
			sessions = append(sessions, sessionUse{hash, one, at})
		}
	}
	slices.SortFunc(keys, func(a, b keyUse) int {
		return cmp.Or(cmp.Compare(a.participantNo, b.participantNo),
			cmp.Compare(a.version, b.version))
	})
	slices.SortFunc(sessions, func(a, b sessionUse) int { return cmp.Compare(a.hash, b.hash) })
	return keys, sessions
}
