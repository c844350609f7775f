package app

import (
	"watari/kit/web"
	"watari/pay/payment"
	"watari/pay/report"
	"watari/ui/console"
	"watari/ui/operator"
)

// registerOperator mounts the console of the network's operators.
func registerOperator(w *web.Server, n *node, c console.Config) {
	operator.New(operator.Config{Console: c, DB: n.db, Log: n.log, Watch: n.watcher,
		Payments: n.payments, Reports: report.New(n.db), Directory: n.directory,
		Registry: n.registry, Desk: n.desk, Pledges: n.pledges,
		Settler: payment.NewSettler(n.db, n.log, n.lane, n.directory, n.chart), Board: n.board,
		Chart: n.chart, Keys: n.keys, People: n.people}).Mount(w)
}
