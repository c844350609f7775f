package app

import (
	"cmp"
	"log/slog"

	"watari/pay/link/guard"
)

// callsMax is how many calls of one wallet a node makes at once in each lane: at a wallet that
// answers in 200 ms, 1,280 payments a second.
const callsMax = 256

// watch returns the guard of a node's connectors, which writes into the log when it gives a wallet
// up and when that is back.
func (n *node) watch(c guard.Config) *guard.Guard {
	c.InFlight = cmp.Or(c.InFlight, callsMax)
	c.Observe = func(ch guard.Change) {
		attrs := []any{slog.String("wallet", ch.IssuerID), slog.String("lane", string(ch.Lane)),
			slog.String("was", string(ch.From))}
		switch ch.To {
		case guard.Open:
			n.logger.Warn("wallet does not answer: it is asked again in a few seconds; see "+
				"whether it is down, or the way to it", attrs...)
		case guard.Closed:
			n.logger.Info("wallet answers again", attrs...)
		case guard.HalfOpen:
		}
	}
	return guard.New(c)
}

// patient is how a sandbox watches over its wallets: they are spoiled on purpose, a call at a time
// and a thousand calls at once, and only one that never answers is given up.
func patient() guard.Config {
	return guard.Config{InFlight: 4096, Row: 200, Share: 95, Least: 400}
}
