package visitor

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"watari/kit/check"
	"watari/ui/theme"
)

// The addresses of what a browser keeps as an app.
const (
	manifestPath = Prefix + "/manifest.webmanifest"
	workerPath   = Prefix + "/worker.js"
	awayPath     = Prefix + "/away"
	offlinePath  = Prefix + "/offline.json"
)

// Headers by which pages tell the service worker what it may keep.
const (
	// keepHeader is "yes" on a page that may be kept.
	keepHeader = "Visit-Keep"
	// whoHeader changes with the visitor: what is kept for another one is dropped.
	whoHeader = "Visit-Who"
	// stateHeader is Page.State, for the script of the page.
	stateHeader = "Visit-State"
)

// tab is one of the places at the bottom.
type tab struct{ id, path, icon string }

var tabs = []tab{{TabHome, Prefix, "home"}, {TabTickets, TicketsPath, "ticket"},
	{TabMap, MapPath, "map"}, {TabReceipts, ReceiptsPath, "receipt"}}

// tag tells visitors apart for the service worker, and says nothing else of them.
func (v *Visit) tag() string {
	if v.Visitor == nil {
		return "nobody"
	}
	sum := sha256.Sum256([]byte("visit-who " + v.Visitor.ID))
	return hex.EncodeToString(sum[:8])
}

// manifest describes the app (W3C, Web Application Manifest).
func (a *App) manifest(w http.ResponseWriter, r *http.Request) {
	v := a.visit(w, r)
	type icon struct {
		Src     string `json:"src"`
		Sizes   string `json:"sizes"`
		Type    string `json:"type"`
		Purpose string `json:"purpose"`
	}
	type shortcut struct {
		Name string `json:"name"`
		URL  string `json:"url"`
	}
	png := func(name, size, purpose string) icon {
		return icon{theme.Asset(name), size, "image/png", purpose}
	}
	raw, err := json.Marshal(map[string]any{
		"id": Prefix, "start_url": Prefix, "scope": Prefix, "display": "standalone",
		"name": v.T("app.long"), "short_name": v.T("app.name"), "lang": string(v.Lang),
		"background_color": "#faf8f4", "theme_color": "#1b3a6b",
		"icons": []icon{png("icon-192.png", "192x192", "any"),
			png("icon-512.png", "512x512", "any"), png("icon-full.png", "512x512", "maskable")},
		"shortcuts": []shortcut{{v.T("tab.tickets"), TicketsPath}, {v.T("tab.map"), MapPath}},
	})
	check.That(err == nil, "visitor: the manifest is not JSON: %v", err)
	h := w.Header()
	h.Set("Content-Type", "application/manifest+json")
	h.Set("Cache-Control", "no-cache")
	h.Set("Vary", "Cookie, Accept-Language")
	_, _ = w.Write(raw)
}

// worker is the service worker, with the names of the files that it keeps before it. A browser
// compares it byte by byte: it changes when the bundle does.
func (a *App) worker(w http.ResponseWriter, r *http.Request) {
	script := theme.Content("visitor-worker.js")
	if script == nil {
		http.NotFound(w, r)
		return
	}
	raw, err := json.Marshal(map[string]any{
		"name":  "watari-visit-" + strings.Trim(theme.Asset(""), "/"),
		"files": []string{theme.Asset(styleFile), theme.Asset(scriptFile), theme.Asset("icon.svg")},
	})
	check.That(err == nil, "visitor: the list of files is not JSON: %v", err)
	h := w.Header()
	h.Set("Content-Type", "text/javascript; charset=utf-8")
	h.Set("Cache-Control", "no-cache")
	h.Set("Service-Worker-Allowed", Prefix)
	_, _ = fmt.Fprintf(w, "self.watari=%s;\n%s", raw, script)
}

// showAway is the page that a browser shows when it reaches nobody and kept nothing. It says
// nothing of a visitor.
func (a *App) showAway(v *Visit) error {
	v.Visitor = nil
	return v.Show(http.StatusOK, Page{Title: v.T("away.title"), Bare: true, Class: "message",
		Say: v.T("away.title")}, v.away())
}

// listOffline names what a browser keeps for this visitor.
func (a *App) listOffline(v *Visit) error {
	list := []string{Prefix}
	for _, fn := range a.offline {
		more, err := fn(v)
		if err != nil {
			return err
		}
		list = append(list, more...)
	}
	raw, err := json.Marshal(map[string]any{"keep": list[:min(len(list), offlineMax)]})
	if err != nil {
		return fmt.Errorf("write the list of pages: %w", err)
	}
	v.W.Header().Set("Content-Type", "application/json")
	_, _ = v.W.Write(raw)
	return nil
}

// offlineMax is how many addresses a browser keeps.
const offlineMax = 40
