package app

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"

	"watari/connect/alipayplus/notices"
	"watari/connect/alipayplus/private"
	"watari/kit/access"
	"watari/kit/access/people"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/event"
	"watari/kit/foureyes"
	"watari/pay/code"
	"watari/pay/fx"
	"watari/pay/ledger"
	"watari/pay/party"
	"watari/pay/party/signup"
	"watari/pay/payment"
	"watari/pay/risk"
	"watari/pay/watch"
	"watari/pay/webhook"
	"watari/visit/order"
	"watari/visit/park"
	"watari/visit/park/gate"
	"watari/visit/park/ground"
	"watari/visit/park/octo"
	"watari/visit/park/queue"
	"watari/visit/visitor"
)

//go:embed sql/*.sql
var migrations embed.FS

// schema is every table of the network.
func schema() []fs.FS {
	return []fs.FS{migrations, event.Migrations(), access.Migrations, people.Migrations,
		foureyes.Migrations(), party.Migrations, signup.Migrations, code.Migrations, fx.Migrations,
		ledger.Migrations, risk.Migrations, payment.Migrations, private.Migrations,
		notices.Migrations, webhook.Migrations, watch.Migrations(), order.Migrations,
		visitor.Migrations, park.Migrations(), gate.Migrations(), ground.Migrations(),
		queue.Migrations(), octo.Migrations()}
}

// Kind is what an installation is for. It never changes.
type Kind string

// The kinds of installation.
const (
	Live    Kind = "live"
	Sandbox Kind = "sandbox"
	Bench   Kind = "bench"
)

// open opens a store, brings its tables up to date, and claims it for a kind.
func (s Store) open(ctx context.Context, k Kind) (*db.DB, error) {
	if err := os.MkdirAll(s.Data, 0o700); err != nil {
		return nil, fmt.Errorf("make data folder: %w", err)
	}
	d, err := db.Open(ctx, s.Location(), db.Options{})
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", s, err)
	}
	if err := d.Migrate(ctx, schema()...); err != nil {
		return nil, errors.Join(fmt.Errorf("migrate %s: %w", s, err), d.Close())
	}
	if err := claimKind(ctx, d, k); err != nil {
		return nil, errors.Join(fmt.Errorf("use %s: %w", s, err), d.Close())
	}
	return d, nil
}

// String names the store without its password.
func (s Store) String() string {
	if s.Database == "" {
		return s.Location()
	}
	return redact(s.Database)
}

// openExisting opens a store for reading, without changing its tables.
func (s Store) openExisting(ctx context.Context, readOnly bool) (*db.DB, error) {
	if s.Database == "" {
		if _, err := os.Stat(s.Location()); err != nil {
			return nil, fmt.Errorf("no store at %s", s.Location())
		}
	}
	d, err := db.Open(ctx, s.Location(), db.Options{ReadOnly: readOnly})
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", s, err)
	}
	return d, nil
}

// claimKind makes an empty store one of kind k, and refuses one that is of another.
func claimKind(ctx context.Context, d *db.DB, k Kind) error {
	var is Kind
	err := d.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `insert into installation (id, kind, created_at_us)
			values (1, $1, $2) on conflict (id) do nothing`,
			string(k), clock.Micros(clock.Now()))
		if err != nil {
			return err
		}
		is, err = kindOf(ctx, tx)
		return err
	})
	switch {
	case err != nil:
		return fmt.Errorf("claim: %w", err)
	case is == k:
		return nil
	case k == Sandbox:
		return fmt.Errorf("it was used without --sandbox (it is %s); a sandbox needs a store of"+
			" its own", is)
	case is == Sandbox:
		return errors.New("it is a sandbox; serve it with --sandbox, or name another --data")
	}
	return fmt.Errorf("it is a %s store, not %s", is, k)
}

func kindOf(ctx context.Context, tx *db.Tx) (Kind, error) {
	return db.One(ctx, tx, func(r db.Row) (k Kind, err error) {
		err = r.Scan((*string)(&k))
		return k, err
	}, `select kind from installation where id = 1`)
}

// redact leaves the password out of a database's address.
func redact(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "the database"
	}
	return u.Redacted()
}
