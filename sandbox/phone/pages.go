package phone

import (
	"embed"
	"time"

	"watari/kit/clock"
	"watari/kit/i18n"
	"watari/kit/money"
)

//go:embed lang/*.json
var langFiles embed.FS

// drawing is a view with its texts.
type drawing struct {
	View
	words
	now time.Time // only the whole page shows it: parts are compared with what was sent before
}

// words are the texts of a page.
type words struct {
	texts *i18n.Texts
	lang  i18n.Lang
}

// Pages returns the screens of the phone.
func Pages() Screens {
	all := i18n.MustLoad(langFiles, "lang/*.json")
	in := func(l i18n.Lang) words { return words{texts: all.For(l), lang: l} }
	draw := func(part func(drawing) Component) func(View) Component {
		return func(v View) Component {
			return part(drawing{View: v, words: in(v.Lang), now: clock.Now()})
		}
	}
	return Screens{
		Page:     draw(func(d drawing) Component { return d.whole() }),
		Code:     draw(func(d drawing) Component { return d.code() }),
		Ask:      draw(func(d drawing) Component { return d.ask() }),
		Receipts: draw(func(d drawing) Component { return d.receipts() }),
		Balance:  draw(func(d drawing) Component { return d.balance() }),
		Question: draw(func(d drawing) Component { return d.question() }),
		Scan:     func(r Reading) Component { return in(r.Lang).scan(r) },
		Visit:    func(a Arrival) Component { return in(a.Lang).visit(a) },
		Outcome:  func(e Ending) Component { return in(e.Lang).outcome(e) },
		Consent:  func(l Leave) Component { return in(l.Lang).leave(l) },
		SignIn:   func(l Leave) Component { return in(l.Lang).letIn(l) },
	}
}

func (w words) t(key string, args ...any) string { return w.texts.T(key, args...) }

func (w words) n(key string, n int) string { return w.texts.N(key, int64(n)) }

func (w words) money(a money.Amount) string { return money.FormatFor(string(w.lang), a) }

// rate writes a rate with its direction.
func (w words) rate(rate string, from, to money.Amount) string {
	return w.t("rate.text", "base", string(from.Currency()), "rate", rate,
		"quote", string(to.Currency()))
}

// abroad tells whether two amounts are in two currencies: then both are shown.
func abroad(a, b money.Amount) bool { return a.Currency() != b.Currency() }

// renewal is when a fresh code takes the place of the shown one.
func (d drawing) renewal() time.Time { return d.Code.ExpiresAt.Add(-renewAhead) }

// sign is how a receipt stands in the list: tone, shape, word.
func (w words) sign(r Receipt) (tone, icon, word string) {
	switch {
	case r.State == Failed:
		return "stop", "cross", w.t("state.failed")
	case r.State == Cancelled:
		return "void", "slash", w.t("state.cancelled")
	case r.State == Held:
		return "back", "lock", w.t("state.held")
	case r.State == Refunded:
		return "back", "return", w.t("state.refunded")
	case !r.Refunded.IsZero():
		return "back", "return", w.t("state.part")
	}
	return "good", "tick", w.t("state.paid")
}

// ending is what the sheet says of a receipt that is new.
func (w words) ending(r Receipt) (tone, icon, word string) {
	switch {
	case r.State == Failed:
		return "stop", "cross", w.t("done.failed")
	case r.State == Cancelled:
		return "void", "slash", w.t("done.cancelled")
	case r.State == Held:
		return "good", "lock", w.t("done.held")
	case r.State == Refunded || !r.Refunded.IsZero():
		return "back", "return", w.t("done.refund")
	}
	return "good", "tick", w.t("done.paid")
}

// reason says in words why a payment failed.
func (w words) reason(r Receipt) string {
	key := "reason." + string(r.Reason)
	if text := w.t(key); text != key {
		return text
	}
	return w.t("reason.other", "code", r.Code)
}

// mark changes whenever there is something new to say of a receipt.
func mark(r Receipt) string { return string(r.State) + " " + r.Refunded.Decimal() }
