package app

import (
	"context"
	"time"

	"watari/kit/access/people"
	"watari/kit/db"
	"watari/kit/web"
	"watari/pay/party"
	"watari/pay/report"
	"watari/ui/acquirer"
	"watari/ui/console"
)

// registerAcquirer mounts the console of banks, and the form by which merchants apply.
func registerAcquirer(w *web.Server, n *node, c console.Config) {
	acquirer.New(acquirer.Config{Console: c, Signup: n.signup, Places: n.directory,
		Keeping: shopkeeping{n}, Reports: report.New(n.db), Payments: n.payments,
		Stands: n.stands, Staff: n.people,
		Keys:  people.NewKeyring(n.people, n.keys),
		Hooks: n.hooks, Events: n.log, PublicURL: n.public}).Mount(w)
}

// shopkeeping changes the directory for a bank's pages, which have looked whose it is.
type shopkeeping struct{ n *node }

// change runs one change of the directory in a transaction of its own.
func (k shopkeeping) change(
	ctx context.Context, fn func(ctx context.Context, tx *db.Tx, r *party.Registry) error,
) error {
	return k.n.registry.Change(ctx, func(ctx context.Context, tx *db.Tx) error {
		return fn(ctx, tx, k.n.registry)
	})
}

// SetStoreStatus is part of acquirer.Keeping.
func (k shopkeeping) SetStoreStatus(
	ctx context.Context, actor string, storeNo int64, to party.Status,
) error {
	return k.change(ctx, func(ctx context.Context, tx *db.Tx, r *party.Registry) error {
		return r.SetStatus(ctx, tx, actor, party.KindStore, storeNo, to)
	})
}

// SetTerminalStatus is part of acquirer.Keeping.
func (k shopkeeping) SetTerminalStatus(
	ctx context.Context, actor string, terminalNo int64, to party.Status,
) error {
	return k.change(ctx, func(ctx context.Context, tx *db.Tx, r *party.Registry) error {
		return r.SetStatus(ctx, tx, actor, party.KindTerminal, terminalNo, to)
	})
}

// SetRefunds is part of acquirer.Keeping.
func (k shopkeeping) SetRefunds(
	ctx context.Context, actor string, terminalNo int64, allowed bool,
) error {
	return k.change(ctx, func(ctx context.Context, tx *db.Tx, r *party.Registry) error {
		return r.SetRefunds(ctx, tx, actor, terminalNo, allowed)
	})
}

// SetLimits is part of acquirer.Keeping.
func (k shopkeeping) SetLimits(
	ctx context.Context, actor string, storeNo int64, l party.StoreLimits,
) error {
	return k.change(ctx, func(ctx context.Context, tx *db.Tx, r *party.Registry) error {
		return r.SetLimits(ctx, tx, actor, storeNo, l)
	})
}

// SetFace is part of acquirer.Keeping.
func (k shopkeeping) SetFace(
	ctx context.Context, actor string, storeNo int64, f party.StoreFace,
) error {
	return k.change(ctx, func(ctx context.Context, tx *db.Tx, r *party.Registry) error {
		return r.SetFace(ctx, tx, actor, storeNo, f)
	})
}

// SetPIN is part of acquirer.Keeping.
func (k shopkeeping) SetPIN(
	ctx context.Context, actor string, storeNo int64, hash string,
) error {
	return k.change(ctx, func(ctx context.Context, tx *db.Tx, r *party.Registry) error {
		return r.SetPIN(ctx, tx, actor, storeNo, hash)
	})
}

// AddTill is part of acquirer.Keeping.
func (k shopkeeping) AddTill(
	ctx context.Context, actor string, t party.Terminal,
) (made party.Terminal, err error) {
	err = k.change(ctx, func(ctx context.Context, tx *db.Tx, r *party.Registry) (err error) {
		made, err = r.AddTerminal(ctx, tx, actor, t)
		return err
	})
	return made, err
}

// ActivationURL is part of acquirer.Keeping.
func (k shopkeeping) ActivationURL(
	ctx context.Context, actor string, terminalNo int64, life time.Duration,
) (string, error) {
	var secret string
	err := k.change(ctx, func(ctx context.Context, tx *db.Tx, r *party.Registry) (err error) {
		secret, err = r.NewActivation(ctx, tx, actor, terminalNo, life)
		return err
	})
	return k.n.public + activationPath + secret, err
}

// SignOutTill is part of acquirer.Keeping.
func (k shopkeeping) SignOutTill(ctx context.Context, actor string, terminalNo int64) error {
	return k.change(ctx, func(ctx context.Context, tx *db.Tx, r *party.Registry) error {
		_, err := r.RevokeSessions(ctx, tx, actor, terminalNo)
		return err
	})
}

// AddSigningKey is part of acquirer.Keeping.
func (k shopkeeping) AddSigningKey(ctx context.Context, actor string, key party.Key) error {
	return k.change(ctx, func(ctx context.Context, tx *db.Tx, r *party.Registry) error {
		return r.AddKey(ctx, tx, actor, key)
	})
}

// RetireSigningKey is part of acquirer.Keeping.
func (k shopkeeping) RetireSigningKey(
	ctx context.Context, actor string, participantNo int64, version int,
) error {
	return k.change(ctx, func(ctx context.Context, tx *db.Tx, r *party.Registry) error {
		return r.RetireKey(ctx, tx, actor, participantNo, version)
	})
}
