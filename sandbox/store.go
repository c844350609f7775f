package sandbox

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/id"
	"watari/sandbox/wallet"
)

//go:embed sql/*.sql
var migrations embed.FS

// Migrations are the tables of the sandbox's own store; those of each wallet are
// wallet.Migrations.
func Migrations() []fs.FS { return []fs.FS{migrations} }

// schema is where the tables lie on PostgreSQL (B1), and schemaOf those of a wallet.
const schema = "watari_sandbox"

func schemaOf(walletID string) string { return "sandbox_" + walletID }

// Connections of one process to the sandbox's own tables, and to those of each wallet that it
// runs.
const (
	storeConns = 4
	booksConns = 8
)

// Names of settings.
const (
	setIdentity = "identity"  // random; tells one sandbox from another
	setClient   = "client_id" // as the network names itself
	setPlanted  = "planted"   // when the network had everything
)

// Names of settings of one wallet.
func setPort(walletID string) string  { return prefixPort + walletID }
func setUsers(walletID string) string { return "users:" + walletID }
func setFile(walletID string) string  { return "credentials:" + walletID }

// setParkKey is the API key of the park's sensors.
const setParkKey = "park-key"

func setApp(walletID string) string { return "sign-in:" + walletID }

// prefixPort begins the settings that say on which port a wallet is.
const prefixPort = "port:"

// Store is the sandbox's own tables, and the books of its wallets. It is safe for concurrent use.
type Store struct {
	db             *db.DB
	data, database string

	mu     sync.Mutex
	opened map[string]*db.DB // books, by wallet
}

// OpenStore opens the sandbox's own tables, making them first when they are not there. data is
// the data folder; database the network's postgres:// URL, or "" for SQLite.
func OpenStore(ctx context.Context, data, database string) (*Store, error) {
	location := database
	if location == "" {
		location = filepath.Join(data, "sandbox.db")
	}
	d, err := db.Open(ctx, location, db.Options{Schema: schema, MaxConns: storeConns})
	if err != nil {
		return nil, fmt.Errorf("open the sandbox's tables: %w", err)
	}
	if err := d.Migrate(ctx, Migrations()...); err != nil {
		return nil, errors.Join(fmt.Errorf("make the sandbox's tables: %w", err), d.Close())
	}
	s := &Store{db: d, data: data, database: database, opened: map[string]*db.DB{}}
	if _, err := s.settle(ctx, setIdentity, id.Secret(16)); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return s, nil
}

// Close closes the connections.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.db.Close()
	for _, d := range s.opened {
		err = errors.Join(err, d.Close())
	}
	return err
}

// books opens the books of a wallet, making their tables first when they are not there (B1).
func (s *Store) books(ctx context.Context, walletID string) (*db.DB, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d := s.opened[walletID]; d != nil {
		return d, nil
	}
	location := s.database
	if location == "" {
		location = filepath.Join(s.data, "sandbox-"+walletID+".db")
	}
	d, err := db.Open(ctx, location, db.Options{Schema: schemaOf(walletID),
		MaxConns: booksConns})
	if err != nil {
		return nil, fmt.Errorf("open the books of %s: %w", walletID, err)
	}
	if err := d.Migrate(ctx, wallet.Migrations); err != nil {
		return nil, errors.Join(fmt.Errorf("make the tables of %s: %w", walletID, err), d.Close())
	}
	s.opened[walletID] = d
	return d, nil
}

// settle writes a setting unless it has a value, and returns the value that it has.
func (s *Store) settle(ctx context.Context, name, value string) (string, error) {
	var is string
	err := s.db.Update(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		_, err = tx.Exec(ctx, `insert into sim_setting (name, value) values ($1, $2)
			on conflict (name) do nothing`, name, value)
		if err != nil {
			return err
		}
		is, err = db.One(ctx, tx, scanText, `select value from sim_setting where name = $1`,
			name)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("settle %s: %w", name, err)
	}
	return is, nil
}

// ParkKey is the API key that the park's sensors use, made at the first call. It is for the caller
// to make the network know it.
func (s *Store) ParkKey(ctx context.Context) (string, error) {
	return s.settle(ctx, setParkKey, "wk_"+id.Secret(32))
}

// change replaces a setting that still has the value was; it tells whether it did.
func (s *Store) change(ctx context.Context, name, was, to string) (bool, error) {
	var n int64
	err := s.db.Update(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		n, err = tx.Exec(ctx, `update sim_setting set value = $3
			where name = $1 and value = $2`, name, was, to)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("change %s: %w", name, err)
	}
	return n == 1, nil
}

// facts is what the counterparties need to know to run.
type facts struct {
	settings    map[string]string
	networkKeys map[int]*rsa.PublicKey
	stamp       string // changes with any of these but the ports and notes
}

// stampOf changes with what a wallet is run with.
func (f facts) stampOf(walletID string) string {
	return f.stamp + f.settings[setPort(walletID)]
}

// planted tells whether there is a world to run.
func (f facts) planted() bool { return f.settings[setPlanted] != "" }

// facts reads all settings and the network's keys.
func (s *Store) facts(ctx context.Context) (facts, error) {
	f := facts{settings: map[string]string{}, networkKeys: map[int]*rsa.PublicKey{}}
	err := s.db.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		err := tx.Each(ctx, func(r db.Row) error {
			var name, value string
			err := r.Scan(&name, &value)
			f.settings[name] = value
			if !strings.HasPrefix(name, prefixPort) && !strings.HasPrefix(name, prefixNote) {
				f.stamp += name + "=" + value + "\n"
			}
			return err
		}, `select name, value from sim_setting order by name`)
		if err != nil {
			return err
		}
		return tx.Each(ctx, func(r db.Row) error {
			var version int
			var text string
			if err := r.Scan(&version, &text); err != nil {
				return err
			}
			f.stamp += text + "\n"
			key, err := readPublic(text)
			f.networkKeys[version] = key
			return err
		}, `select version, public_key from sim_network_key order by version`)
	})
	if err != nil {
		return facts{}, fmt.Errorf("read what the sandbox knows: %w", err)
	}
	return f, nil
}

// secret is what only a member itself would know.
type secret struct{ private, apiKey string }

// keepSecret writes a member's secrets unless there are some, and returns those that there are.
func (s *Store) keepSecret(ctx context.Context, memberID string, fresh secret) (secret, error) {
	var is secret
	err := s.db.Update(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		_, err = tx.Exec(ctx, `insert into sim_member (id, private_key, api_key)
			values ($1, $2, $3) on conflict (id) do nothing`,
			memberID, fresh.private, fresh.apiKey)
		if err != nil {
			return err
		}
		is, err = loadSecret(ctx, tx, memberID)
		return err
	})
	return is, err
}

// secretOf returns a member's secrets. Error: db.ErrNoRows when it has none.
func (s *Store) secretOf(ctx context.Context, memberID string) (secret, error) {
	var is secret
	err := s.db.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		is, err = loadSecret(ctx, tx, memberID)
		return err
	})
	return is, err
}

func loadSecret(ctx context.Context, tx *db.Tx, memberID string) (secret, error) {
	return db.One(ctx, tx, func(r db.Row) (s secret, err error) {
		err = r.Scan(&s.private, &s.apiKey)
		return s, err
	}, `select private_key, api_key from sim_member where id = $1`, memberID)
}

// setNetwork replaces how the network names itself and its public keys.
func (s *Store) setNetwork(ctx context.Context, clientID string, keys map[int]string) error {
	return s.db.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `insert into sim_setting (name, value) values ($1, $2)
			on conflict (name) do update set value = excluded.value`, setClient, clientID)
		if err != nil {
			return err
		}
		for version, key := range keys {
			_, err = tx.Exec(ctx, `insert into sim_network_key (version, public_key)
				values ($1, $2)
				on conflict (version) do update set public_key = excluded.public_key`,
				version, key)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// lease takes or renews the right to do something alone, and tells whether holder has it.
func (s *Store) lease(ctx context.Context, name, holder string, life time.Duration) (bool, error) {
	now := clock.Now()
	mine := false
	err := s.db.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := db.One(ctx, tx, scanText, `insert into sim_lease (name, holder, until_us)
			values ($1, $2, $3)
			on conflict (name) do update set holder = excluded.holder,
				until_us = excluded.until_us
			where sim_lease.holder = excluded.holder or sim_lease.until_us < $4
			returning holder`,
			name, holder, clock.Micros(now.Add(life)), clock.Micros(now))
		mine = err == nil
		if errors.Is(err, db.ErrNoRows) {
			return nil
		}
		return err
	})
	return mine, err
}

// release gives a lease back.
func (s *Store) release(ctx context.Context, name, holder string) error {
	return s.db.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `delete from sim_lease where name = $1 and holder = $2`,
			name, holder)
		return err
	})
}

// beat notes that the network listens at base until then.
func (s *Store) beat(ctx context.Context, base string, until time.Time) error {
	return s.db.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `insert into sim_endpoint (base_url, until_us) values ($1, $2)
			on conflict (base_url) do update set until_us = excluded.until_us`,
			base, clock.Micros(until))
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `delete from sim_endpoint where until_us < $1`,
			clock.Micros(until.Add(-endpointKeep)))
		return err
	})
}

// leave notes that the network does not listen at base any more.
func (s *Store) leave(ctx context.Context, base string) error {
	return s.db.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `delete from sim_endpoint where base_url = $1`, base)
		return err
	})
}

// endpoints returns where the network listens, the latest heartbeat first; those that have
// stopped last, because a process may only be slow.
func (s *Store) endpoints(ctx context.Context) ([]string, error) {
	var list []string
	err := s.db.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		list, err = db.All(ctx, tx, scanText, `select base_url from sim_endpoint
			order by until_us desc, base_url limit $1`, endpointMax)
		return err
	})
	return list, err
}

func scanText(r db.Row) (string, error) {
	var s string
	return s, r.Scan(&s)
}

// writePrivate and writePublic write keys as one line: base64 of PKCS #8 and of SPKI.
func writePrivate(key *rsa.PrivateKey) (string, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	return base64.StdEncoding.EncodeToString(der), err
}

func writePublic(key *rsa.PublicKey) (string, error) {
	der, err := x509.MarshalPKIXPublicKey(key)
	return base64.StdEncoding.EncodeToString(der), err
}
