package app

import (
	"context"

	"watari/kit/access/people"
	"watari/kit/db"
	"watari/kit/web"
	"watari/pay/party"
	"watari/pay/report"
	"watari/ui/console"
	"watari/ui/merchant"
)

// registerReports adds the operations that add up what has happened.
func registerReports(w *web.Server, n *node) { report.New(n.db).Register(w) }

// registerMerchant mounts the console of shop owners and their staff.
func registerMerchant(w *web.Server, n *node, c console.Config) {
	merchant.New(merchant.Config{Console: c, Reports: report.New(n.db), Payments: n.payments,
		Directory: n.directory, Events: n.log, People: n.people, Signup: n.signup,
		Hooks: n.hooks, Stands: n.stands, Keys: people.NewKeyring(n.people, n.keys),
		Tills: shopTills{n.registry}, Park: n.runsPark, PublicURL: n.public}).Mount(w)
}

// shopTills looks after tills for the people of a shop.
type shopTills struct{ registry *party.Registry }

// Invite is part of merchant.Tills.
func (c shopTills) Invite(
	ctx context.Context, actor string, terminalNo int64,
) (path string, err error) {
	err = c.registry.Change(ctx, func(ctx context.Context, tx *db.Tx) error {
		secret, err := c.registry.NewActivation(ctx, tx, actor, terminalNo, party.LinkLife)
		path = activationPath + secret
		return err
	})
	return path, err
}

// SignOut is part of merchant.Tills.
func (c shopTills) SignOut(
	ctx context.Context, actor string, terminalNo int64,
) (ended int64, err error) {
	err = c.registry.Change(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		ended, err = c.registry.RevokeSessions(ctx, tx, actor, terminalNo)
		return err
	})
	return ended, err
}

// SetPIN is part of merchant.Tills.
func (c shopTills) SetPIN(ctx context.Context, actor string, storeNo int64, hash string) error {
	return c.registry.Change(ctx, func(ctx context.Context, tx *db.Tx) error {
		return c.registry.SetPIN(ctx, tx, actor, storeNo, hash)
	})
}
