package till

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"watari/kit/check"
	"watari/pay/party"
	"watari/ui/theme"
)

// The addresses of the till as an app.
const (
	manifestPath = "/till/manifest.webmanifest"
	awayPath     = "/till/away"
)

// look is the header that names the language and the light of a page, so that the service worker
// keeps the page without a connection in the ones that are chosen now.
const look = "Till-Look"

func (a *app) look(r *http.Request) string {
	v := a.view(r, party.Point{})
	return string(v.Lang) + " " + v.themeName()
}

// till is the terminal's number, as pages and their scripts say whose sale it is.
func (v view) till() string {
	if v.point.Terminal == nil {
		return ""
	}
	return strconv.FormatInt(v.point.Terminal.No, 10)
}

// icon is one icon of an app (W3C, Web Application Manifest).
type icon struct {
	Src     string `json:"src"`
	Sizes   string `json:"sizes"`
	Type    string `json:"type"`
	Purpose string `json:"purpose"`
}

// shortcut is a screen that a launcher offers.
type shortcut struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

// manifest describes the till as an app (W3C, Web Application Manifest), named after its store.
func (a *app) manifest(w http.ResponseWriter, r *http.Request) {
	point, err := a.terminal(r)
	if err != nil {
		point = party.Point{}
	}
	v := a.view(r, point)
	name := v.T("app.short")
	if point.Terminal != nil {
		name = v.T("app.name", "store", v.store(), "till", point.Terminal.Label)
	}
	png := func(name, size, purpose string) icon {
		return icon{theme.Asset(name), size, "image/png", purpose}
	}
	raw, err := json.Marshal(map[string]any{
		"id": "/till/", "start_url": "/till/", "scope": "/till/", "display": "standalone",
		"name": name, "short_name": v.T("app.short"), "lang": string(v.Lang),
		"background_color": "#faf8f4", "theme_color": "#1b3a6b",
		"icons": []icon{png("icon-192.png", "192x192", "any"),
			png("icon-512.png", "512x512", "any"), png("icon-full.png", "512x512", "maskable")},
		"shortcuts": []shortcut{{v.T("nav.day"), "/till/day"}},
	})
	check.That(err == nil, "till: the manifest is not JSON: %v", err)
	h := w.Header()
	h.Set("Content-Type", "application/manifest+json")
	h.Set("Cache-Control", "no-cache")
	h.Set("Vary", "Cookie, Accept-Language")
	_, _ = w.Write(raw)
}

// worker is the service worker, with the names of the files that it keeps before it. A browser
// compares it byte by byte: it changes when the bundle does.
func (a *app) worker(w http.ResponseWriter, r *http.Request) {
	script := theme.Content("till-worker.js")
	if script == nil {
		http.NotFound(w, r)
		return
	}
	raw, err := json.Marshal(map[string]any{
		"name": "watari-till-" + strings.Trim(theme.Asset(""), "/"), "files": shellFiles()})
	check.That(err == nil, "till: the list of files is not JSON: %v", err)
	h := w.Header()
	h.Set("Content-Type", "text/javascript; charset=utf-8")
	h.Set("Cache-Control", "no-cache")
	_, _ = fmt.Fprintf(w, "self.watari=%s;\n%s", raw, script)
}

// shellFiles are the addresses of what a till needs before anything else.
func shellFiles() []string {
	var names []string
	err := json.Unmarshal(theme.Content("till-shell.json"), &names)
	check.That(err == nil, "till: the bundle does not say what its shell is: %v", err)
	for i, name := range names {
		names[i] = theme.Asset(name)
	}
	return names
}

// away is the page that a browser shows when it reaches nobody. It says nothing that only the
// network knows.
func (a *app) away(w http.ResponseWriter, r *http.Request) {
	v := a.view(r, party.Point{})
	if err := a.show(w, r, http.StatusOK, v.away()); err != nil {
		a.Logger.Error("page not drawn", "page", r.Pattern, "error", err)
	}
}

// askActivation asks for an activation link, by the camera or typed.
func (a *app) askActivation(w http.ResponseWriter, r *http.Request, status int, mistake string) {
	v := a.view(r, party.Point{})
	if err := a.show(w, r, status, v.activation(mistake)); err != nil {
		a.Logger.Error("page not drawn", "page", r.Pattern, "error", err)
	}
}

// activateBy leads on to the activation link that was scanned or typed: code. Only what stands
// after the path of links is taken, so that a code of another kind leads nowhere.
func (a *app) activateBy(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		a.badForm(w, r)
		return
	}
	const before = "/till/activate/"
	typed := strings.TrimSpace(r.PostForm.Get("code"))
	_, secret, found := strings.Cut(typed, before)
	secret, _, _ = strings.Cut(secret, "?")
	if !found || !secretOK(secret) {
		v := a.view(r, party.Point{})
		a.askActivation(w, r, http.StatusUnprocessableEntity, v.T("activation.bad"))
		return
	}
	http.Redirect(w, r, before+secret, http.StatusSeeOther)
}

// secretOK tells whether a text has the form of a link's secret.
func secretOK(s string) bool {
	bad := func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }
	return len(s) >= 16 && len(s) <= 128 && !strings.ContainsFunc(s, bad)
}
