package checkout

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/a-h/templ"

	"watari/kit/fault"
	"watari/kit/i18n"
	"watari/kit/money"
	"watari/kit/qr"
	"watari/pay/link"
	"watari/pay/party"
	"watari/ui/theme"
)

// The files of the bundle that the payer's pages load.
const (
	styleFile  = "checkout-style.css"
	scriptFile = "checkout.js"
)

// noScriptRefresh is how often a browser without scripts looks again, in seconds.
const noScriptRefresh = 4

// view is everything that a page needs beside its own content.
type view struct {
	*i18n.Texts
	path string // of this request, for the links to other languages
	shop string // its name in the language of the page; "" where there is none
}

// page says what the frame needs to know of a screen.
type page struct {
	title   string
	class   string
	stage   string // what the page is about now: another one is shown in its place
	say     string // read out at once when the screen comes by itself
	live    *live  // nil when nothing changes any more
	refresh int    // seconds; for browsers without scripts
	tongues string // address for the links to other languages; "" is this one
}

// live is where a page hears of changes.
type live struct{ events, url string }

// message is a page with one thing to say.
type message struct {
	tone, icon string
	title      string
	lines      []string
	id         string // of the request
	again      bool   // the page may be tried again
}

// fact is one line of a receipt.
type fact struct {
	name, value string
	id          bool // not words: an id
}

// sign names a state by tone, shape and word.
type sign struct{ tone, icon, word string }

func (v view) document(p page) theme.Document {
	title := p.title
	if v.shop != "" {
		title += " · " + v.shop
	}
	return theme.Document{Lang: string(v.Lang), Title: title, Style: styleFile,
		Script: scriptFile, Refresh: p.refresh}
}

// at names the shop of the page.
func (v *view) at(p party.Point) {
	v.shop = p.Store.Name
	if v.Lang == i18n.Japanese && p.Store.NameJA != "" {
		v.shop = p.Store.NameJA
	}
}

// inLang is a page in another language.
func (v view) inLang(path string, l i18n.Lang) string {
	if path == "" {
		path = v.path
	}
	return path + "?lang=" + string(l)
}

// money writes an amount into a sentence.
func (v view) money(a money.Amount) string { return money.FormatFor(string(v.Lang), a) }

// reason says why a wallet declined, in words for its user.
func (v view) reason(r link.Reason) string {
	key := "reason." + string(r)
	if r == link.ReasonNone || v.T(key) == key {
		key = "reason." + string(link.ReasonOther)
	}
	return v.T(key)
}

// refusals groups the network's refusals by what a payer can do about them.
var refusals = map[string]string{
	"wallet-not-open": "wallet", "wallet-unknown": "wallet", "wallet-not-offered": "wallet",
	"wallet-not-for-order": "wallet", "limit-exposure": "wallet",
	"fx-rate-stale": "wallet", "fx-rate-missing": "wallet",
	"currency-not-supported": "wallet", "way-not-supported": "wallet",
	"participant-unknown": "wallet", "agreement-unknown": "wallet",
	"limit-payment": "limit", "limit-day": "limit",
	"network-busy": "busy", "limit-velocity": "busy", "ledger-closed": "busy",
	"too-many-tries": "tries", "payment-closed": "closed", "expiry-invalid": "closed",
	"acquirer-not-open": "shop", "merchant-not-open": "shop", "store-not-open": "shop",
	"terminal-not-open": "shop", "merchant-unknown": "shop", "store-unknown": "shop",
	"terminal-unknown": "shop", "merchant-category-banned": "shop",
	"amount-invalid": "amount", "amount-out-of-range": "amount",
	"request-inconsistent": "again", "request-id-invalid": "again",
}

// refusal says why the network refused, in words for a payer.
func (v view) refusal(e *fault.Error) string {
	if e.Problem.Slug == "wallet-declined" {
		reason, _ := e.Members["reason"].(string)
		return v.reason(link.Reason(reason))
	}
	group := refusals[e.Problem.Slug]
	if group == "" {
		group = "other"
	}
	return v.T("refused." + group)
}

// clockOf writes a length of time as minutes and seconds.
func clockOf(seconds int64) string {
	return i18n.Duration(time.Duration(seconds) * time.Second)
}

// drawn is a text as a QR code; "" when it is too long for one.
func (v view) drawn(text string) string {
	s, err := qr.QR(text)
	if err != nil {
		return ""
	}
	return s.SVG(v.T("code.alt"))
}

// show writes a page. It is drawn in full first, so that what goes wrong in drawing is still an
// error page and not half a page.
func (t *visit) show(status int, c templ.Component) error {
	var b bytes.Buffer
	if err := c.Render(t.ctx(), &b); err != nil {
		return fmt.Errorf("draw page: %w", err)
	}
	t.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	t.w.WriteHeader(status)
	if t.r.Method != http.MethodHead {
		_, _ = t.w.Write(b.Bytes())
	}
	return nil
}

// clip shortens what somebody typed for showing it again.
func clip(s string) string {
	if len(s) > 40 {
		return ""
	}
	return strings.ToValidUTF8(s, "")
}
