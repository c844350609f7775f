package app

import (
	"watari/kit/web"
	"watari/pay/webhook"
)

// newHooks returns what tells acquirers and merchants what happens, at their own addresses.
func (n *node) newHooks() *webhook.Service {
	return webhook.New(webhook.Config{DB: n.db, Log: n.log, Lane: n.lane, Ring: n.ring,
		Payments: n.payments, Directory: n.directory, Local: n.local, Logger: n.logger})
}

// registerWebhooks adds the operations on webhook endpoints.
func registerWebhooks(w *web.Server, n *node) { n.hooks.Register(w) }
