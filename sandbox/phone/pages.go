package phone

import (
	"embed"
	"strings"
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
	texts *i18n.Texts
	now   time.Time // only the whole page shows it: parts are compared with what was sent before
}

// Pages returns the screens of the phone.
func Pages() Screens {
	texts := i18n.MustLoad(langFiles, "lang/*.json")
	draw := func(part func(drawing) Component) func(View) Component {
		return func(v View) Component {
			return part(drawing{View: v, texts: texts.For(v.Lang), now: clock.Now()})
		}
	}
	return Screens{
		Page:     draw(func(d drawing) Component { return d.whole() }),
		Code:     draw(func(d drawing) Component { return d.code() }),
		Ask:      draw(func(d drawing) Component { return d.ask() }),
		Receipts: draw(func(d drawing) Component { return d.receipts() }),
		Balance:  draw(func(d drawing) Component { return d.balance() }),
	}
}

func (d drawing) t(key string, args ...any) string { return d.texts.T(key, args...) }

func (d drawing) n(key string, n int) string { return d.texts.N(key, int64(n)) }

func (d drawing) money(a money.Amount) string { return money.FormatFor(string(d.Lang), a) }

// rate writes a rate with its direction.
func (d drawing) rate(rate string, from, to money.Amount) string {
	return d.t("rate.text", "base", string(from.Currency()), "rate", rate,
		"quote", string(to.Currency()))
}

// renewal is when a fresh code takes the place of the shown one.
func (d drawing) renewal() time.Time { return d.Code.ExpiresAt.Add(-renewAhead) }

// sign is how a receipt stands in the list: tone, shape, word.
func (d drawing) sign(r Receipt) (tone, icon, word string) {
	switch {
	case r.State == Failed:
		return "stop", "cross", d.t("state.failed")
	case r.State == Cancelled:
		return "void", "slash", d.t("state.cancelled")
	case r.State == Refunded:
		return "back", "return", d.t("state.refunded")
	case !r.Refunded.IsZero():
		return "back", "return", d.t("state.part")
	}
	return "good", "tick", d.t("state.paid")
}

// ending is what the sheet says of a receipt that is new.
func (d drawing) ending(r Receipt) (tone, icon, word string) {
	switch {
	case r.State == Failed:
		return "stop", "cross", d.t("done.failed")
	case r.State == Cancelled:
		return "void", "slash", d.t("done.cancelled")
	case r.State == Refunded || !r.Refunded.IsZero():
		return "back", "return", d.t("done.refund")
	}
	return "good", "tick", d.t("done.paid")
}

// reason says in words why a payment failed.
func (d drawing) reason(r Receipt) string {
	key := "reason." + strings.ToLower(r.Reason)
	if text := d.t(key); text != key {
		return text
	}
	return d.t("reason.other", "code", r.Reason)
}

// mark changes whenever there is something new to say of a receipt.
func mark(r Receipt) string { return string(r.State) + " " + r.Refunded.Decimal() }
