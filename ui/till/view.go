package till

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/a-h/templ"

	"watari/kit/fault"
	"watari/kit/i18n"
	"watari/kit/money"
	"watari/kit/web"
	"watari/pay/party"
	"watari/ui/theme"
)

// The files of the bundle that the till's pages load.
const (
	styleFile  = "till-style.css"
	scriptFile = "till.js"
)

// themeCookie remembers the light of the screen. It belongs to the till alone: other pages may
// stand on the same host.
const (
	themeCookie = "theme"
	cookiePath  = "/till"
	cookieAge   = 365 * 24 * 60 * 60 // seconds
)

// themes are the lights of the screen; auto follows the system.
var themes = []string{"auto", "light", "dark"}

// view is everything that a screen needs beside its own content.
type view struct {
	*i18n.Texts
	theme string // "", "light" or "dark"
	point party.Point
	path  string // of this request, for the links to other languages
}

// page says what the frame needs to know of a screen.
type page struct {
	title   string
	tab     string // charge, day or settings
	class   string
	say     string // read out at once when the screen is shown
	payment string // id, when the screen is about one
	refresh int    // seconds; for browsers without scripts
}

// message is a page without the frame.
type message struct {
	tone, icon string
	title      string
	lines      []string
	id         string // of the request
	actions    []action
}

// action is one way on. post makes it a form with these fields.
type action struct {
	href, text  string
	icon, class string
	post        []hidden
	sale        string // the form is a sale of this amount: a script asks until it is answered
	fresh       bool   // what was asked before is done with
	key         bool   // the Enter key takes this way
}

// hidden is a field of a form that nobody sees.
type hidden struct{ name, value string }

// fact is one line of a list of names and values.
type fact struct {
	name, value string
	id          bool // not words: an id
	strong      bool
}

func (a *app) view(r *http.Request, p party.Point) view {
	v := view{Texts: a.texts.For(i18n.Match(r)), point: p, path: r.URL.Path}
	if c, err := r.Cookie(themeCookie); err == nil && slices.Contains(themes[1:], c.Value) {
		v.theme = c.Value
	}
	return v
}

// document is what the shell needs.
func (v view) document(p page) theme.Document {
	return theme.Document{Lang: string(v.Lang), Title: p.title + " · " + v.store(),
		Theme: v.theme, Style: styleFile, Script: scriptFile, Refresh: p.refresh,
		App: manifestPath}
}

// store is the store's name in the language of the page.
func (v view) store() string {
	if v.Lang == i18n.Japanese && v.point.Store.NameJA != "" {
		return v.point.Store.NameJA
	}
	return v.point.Store.Name
}

func (v view) themeName() string {
	if v.theme == "" {
		return themes[0]
	}
	return v.theme
}

// inLang is this page in another language.
func (v view) inLang(l i18n.Lang) string { return v.path + "?lang=" + string(l) }

// money writes an amount into a sentence.
func (v view) money(a money.Amount) string { return money.FormatFor(string(v.Lang), a) }

// clockOf writes seconds as minutes and seconds.
func clockOf(seconds int64) string {
	return i18n.Duration(time.Duration(seconds) * time.Second)
}

// show writes a page. It is drawn in full first, so that what goes wrong in drawing is still an
// error page and not half a page.
func (a *app) show(w http.ResponseWriter, r *http.Request, status int, c templ.Component) error {
	var b bytes.Buffer
	if err := c.Render(r.Context(), &b); err != nil {
		return fmt.Errorf("draw page: %w", err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Vary", "Cookie, Accept-Language")
	h.Set(look, a.look(r))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(b.Bytes())
	}
	return nil
}

// showMessage writes a page without the frame, for when there is no till to frame it.
func (a *app) showMessage(w http.ResponseWriter, r *http.Request, status int, m message) {
	v := a.view(r, party.Point{})
	if err := a.show(w, r, status, v.message(m)); err != nil {
		a.Logger.Error("page not drawn", "page", r.Pattern, "error", err)
	}
}

// fail writes the page of an error. A refusal is told in the catalogue's words; anything else
// is told by the id of the request alone, and the log has the rest.
func (a *app) fail(w http.ResponseWriter, r *http.Request, err error) {
	v := a.view(r, party.Point{})
	var refusal *fault.Error
	if errors.As(err, &refusal) && refusal.Problem.Kind != fault.Unavailable {
		why, next := v.refusal(refusal)
		a.showMessage(w, r, web.Status(refusal.Problem), message{tone: "stop", icon: "stop",
			title: why, lines: []string{next}, actions: []action{v.home()}})
		return
	}
	a.Logger.Error("till page", "page", r.Pattern, "request", web.RequestID(r.Context()),
		"error", err)
	status := http.StatusInternalServerError
	if refusal != nil {
		status = http.StatusServiceUnavailable
	}
	a.showMessage(w, r, status, message{tone: "stop", icon: "alert", title: v.T("error.title"),
		lines:   []string{v.T("error.text")},
		id:      web.RequestID(r.Context()),
		actions: []action{{href: r.URL.Path, text: v.T("error.again"), class: "main"}, v.home()}})
}

func (v view) home() action {
	return action{href: "/till/", text: v.T("error.home"), fresh: true}
}
