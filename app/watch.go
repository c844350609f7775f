package app

import (
	"context"

	"watari/connect/alipayplus/notices"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/web"
	"watari/pay/payment"
	"watari/pay/watch"
)

// newWatch returns what looks after the network on this node.
func (n *node) newWatch() *watch.Watch {
	settler := payment.NewSettler(n.db, n.log, n.lane, n.directory, n.chart)
	return watch.New(watch.Config{DB: n.db, Log: n.log, Lane: n.lane, Directory: n.directory,
		Guard: n.guard, Logger: n.logger, Checks: []watch.Check{
			watch.Ledger(n.directory), watch.StuckLegs(settler, n.directory),
			watch.Caps(n.db, n.directory), watch.Rates(n.board, n.directory),
			watch.Keys(n.directory), watch.Changes(n.desk), n.noticesGivenUp(),
			n.returnsOwed(),
		}})
}

// registerWatch adds the operations of health and alerts.
func registerWatch(w *web.Server, n *node) { n.watcher.Register(w) }

// noticeFacts is the data of an alert about notices that a bank did not take.
type noticeFacts struct {
	Bank    string `json:"bank"`
	Count   int64  `json:"count"`
	Payment string `json:"payment"`
	Because string `json:"because"`
}

// noticesGivenUp looks for notices that a bank did not take in all their tries.
func (n *node) noticesGivenUp() watch.Check {
	return watch.Check{Kinds: []watch.Kind{watch.NoticeGivenUp},
		Look: func(ctx context.Context) ([]watch.Condition, error) {
			all, err := notices.AllGivenUp(ctx, n.db)
			if err != nil {
				return nil, err
			}
			found := make([]watch.Condition, len(all))
			for i, g := range all {
				bank, err := n.directory.Participant(ctx, g.AcquirerNo)
				if err != nil {
					return nil, err
				}
				found[i] = watch.Condition{Kind: watch.NoticeGivenUp, Subject: bank.ID,
					Severity: watch.Warning, At: g.Last, Times: g.Count,
					Data: noticeFacts{bank.ID, g.Count, g.PaymentID, g.Note}}
			}
			return found, nil
		}}
}

// purgeWatch deletes a few hundred rows of what was watched long ago.
func (n *node) purgeWatch(ctx context.Context, tx *db.Tx) (int64, error) {
	return watch.Purge(ctx, tx, clock.Now())
}
