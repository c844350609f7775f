package app

import (
	"watari/kit/web"
	gateui "watari/ui/gate"
	"watari/visit/park/gate"
)

// newGates returns who makes tickets and lets their holders in.
func (n *node) newGates() *gate.Service {
	return gate.New(gate.Config{DB: n.db, Log: n.log, Lane: n.lane, Ring: n.ring,
		Parks: n.parks, Logger: n.logger})
}

// registerGates adds the operations on gates and the page of the staff there.
func registerGates(w *web.Server, n *node) {
	n.gates.Register(w)
	pages := gateui.New(gateui.Config{Gates: n.gates, Parks: n.parks, Logger: n.logger})
	w.Handle("/gate", pages)
	w.Handle("/gate/", pages)
}
