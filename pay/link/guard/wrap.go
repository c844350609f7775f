package guard

import "watari/pay/link"

// Wrap returns a connector whose calls go through g, with the optional interfaces that c has (U5).
// One guard may wrap several connectors; what it knows of a wallet is filed under its number.
func (g *Guard) Wrap(c link.Connector) link.Connector {
	w := &guarded{c, g}
	preparer, canPrepare := c.(link.Preparer)
	completer, canComplete := c.(link.Completer)
	holder, canHold := c.(link.Holder)
	agreer, canAgree := c.(link.Agreer)
	p, m := preparing{preparer, g}, completing{completer, g}
	h, a := holding{holder, g}, agreeing{agreer, g}
	switch [...]bool{canPrepare, canComplete, canHold, canAgree} {
	case [...]bool{true, false, false, false}:
		return withP{w, p}
	case [...]bool{false, true, false, false}:
		return withC{w, m}
	case [...]bool{true, true, false, false}:
		return withPC{w, p, m}
	case [...]bool{false, false, true, false}:
		return withH{w, h}
	case [...]bool{true, false, true, false}:
		return withPH{w, p, h}
	case [...]bool{false, true, true, false}:
		return withCH{w, m, h}
	case [...]bool{true, true, true, false}:
		return withPCH{w, p, m, h}
	case [...]bool{false, false, false, true}:
		return withA{w, a}
	case [...]bool{true, false, false, true}:
		return withPA{w, p, a}
	case [...]bool{false, true, false, true}:
		return withCA{w, m, a}
	case [...]bool{true, true, false, true}:
		return withPCA{w, p, m, a}
	case [...]bool{false, false, true, true}:
		return withHA{w, h, a}
	case [...]bool{true, false, true, true}:
		return withPHA{w, p, h, a}
	case [...]bool{false, true, true, true}:
		return withCHA{w, m, h, a}
	case [...]bool{true, true, true, true}:
		return withPCHA{w, p, m, h, a}
	}
	return w
}

// Every combination of what a connector can do: prepare, complete, hold, agree.
type (
	withP struct {
		*guarded
		preparing
	}
	withC struct {
		*guarded
		completing
	}
	withPC struct {
		*guarded
		preparing
		completing
	}
	withH struct {
		*guarded
		holding
	}
	withPH struct {
		*guarded
		preparing
		holding
	}
	withCH struct {
		*guarded
		completing
		holding
	}
	withPCH struct {
		*guarded
		preparing
		completing
		holding
	}
	withA struct {
		*guarded
		agreeing
	}
	withPA struct {
		*guarded
		preparing
		agreeing
	}
	withCA struct {
		*guarded
		completing
		agreeing
	}
	withPCA struct {
		*guarded
		preparing
		completing
		agreeing
	}
	withHA struct {
		*guarded
		holding
		agreeing
	}
	withPHA struct {
		*guarded
		preparing
		holding
		agreeing
	}
	withCHA struct {
		*guarded
		completing
		holding
		agreeing
	}
	withPCHA struct {
		*guarded
		preparing
		completing
		holding
		agreeing
	}
)
