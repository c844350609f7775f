package gate

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"watari/kit/check"
	"watari/kit/i18n"
	"watari/ui/theme"
	core "watari/visit/park/gate"
)

// The files of the bundle.
const (
	styleFile    = "gate-style.css"
	scriptFile   = "gate.js"
	manifestPath = "/gate/manifest.webmanifest"
)

// deskPage is the page of a gate.
type deskPage struct {
	park, gate, label string
	texts             string // JSON, for the script
	verdict           *verdictBody
	said              said // of the verdict
}

// said is a verdict in words.
type said struct{ tone, icon, word, unit, party, why string }

// show draws the page of the gate.
func (a *app) show(v *visit) error { return v.desk(http.StatusOK, nil) }

func (v *visit) desk(status int, got *verdictBody) error {
	p, err := v.Parks.Find(v.ctx(), v.station.Device.ParkID)
	if err != nil {
		return err
	}
	d := deskPage{park: p.Name.In(v.Lang), gate: v.station.Gate.Name.In(v.Lang),
		label: v.station.Device.Label, texts: v.script(), verdict: got}
	if got != nil {
		d.said = v.words(got)
	}
	return v.draw(status, v.page(d))
}

// words says what a verdict is, as the script does.
func (v *visit) words(got *verdictBody) said {
	s := said{tone: "stop", icon: "stop", word: v.T("verdict." + string(got.Reason))}
	switch {
	case got.Admitted && (got.Override != "" || len(got.Claims) > 0):
		s.tone, s.icon = "good wait", "eye"
	case got.Admitted:
		s.tone, s.icon = "good", "tick"
	case got.Reason == core.Again && got.Last != nil:
		s.why = v.T("since", "time", hour(v.Lang, time.UnixMilli(got.Last.At))) + " · " +
			got.Last.Gate
	default:
		s.why = v.T("because." + string(got.Reason))
	}
	if got.Admitted {
		s.word = v.T("verdict." + string(got.Kind))
	}
	if got.Override != "" {
		s.why = v.T("overridden", "why", got.Override)
	}
	if got.Unit != "" {
		s.unit = v.T("unit." + got.Unit)
	}
	if got.Of > 1 {
		s.party = v.T("party", "in", got.In, "of", got.Of)
	}
	return s
}

// scripted are the beginnings of the keys whose texts the script needs.
var scripted = []string{"verdict.", "because.", "unit.", "camera.", "claim.", "line.", "kept.",
	"packed", "count", "party", "some", "since", "alone", "overridden"}

// script is the texts of the script, as JSON from key to text with its placeholders.
func (v *visit) script() string {
	out := map[string]string{}
	for _, key := range v.texts.Keys(i18n.English) {
		for _, begin := range scripted {
			if strings.HasPrefix(key, begin) {
				out[key] = v.raw(key)
			}
		}
	}
	b, err := json.Marshal(out)
	check.That(err == nil, "gate: texts are no JSON: %v", err)
	return string(b)
}

// raw is a text whose placeholders the script fills.
func (v *visit) raw(key string) string {
	var args []any
	for _, name := range v.texts.Names(i18n.English, key) {
		args = append(args, name, "{"+name+"}")
	}
	return v.T(key, args...)
}

// whys are the reasons that staff choose from when they let somebody in all the same.
var whys = []string{"battery", "checked", "leader", "mistake"}

// kinds are the directions.
var kinds = []core.Kind{core.Entry, core.Exit}

// icon is one icon of an app (W3C, Web Application Manifest).
type icon struct {
	Src     string `json:"src"`
	Sizes   string `json:"sizes"`
	Type    string `json:"type"`
	Purpose string `json:"purpose"`
}

// manifest describes the page as an app (W3C, Web Application Manifest).
func (a *app) manifest(w http.ResponseWriter, r *http.Request) {
	v := a.visit(w, r)
	name := v.T("app.short")
	if v.known() == nil {
		name = v.station.Gate.Name.In(v.Lang) + " · " + v.station.Device.Label
	}
	png := func(name, size, purpose string) icon {
		return icon{theme.Asset(name), size, "image/png", purpose}
	}
	raw, err := json.Marshal(map[string]any{
		"id": "/gate/", "start_url": "/gate/", "scope": "/gate/", "display": "standalone",
		"name": name, "short_name": v.T("app.short"), "lang": string(v.Lang),
		"background_color": "#faf8f4", "theme_color": "#1b3a6b",
		"icons": []icon{png("icon-192.png", "192x192", "any"),
			png("icon-512.png", "512x512", "any"), png("icon-full.png", "512x512", "maskable")},
	})
	check.That(err == nil, "gate: the manifest is not JSON: %v", err)
	w.Header().Set("Content-Type", "application/manifest+json")
	w.Header().Set("Vary", "Cookie, Accept-Language")
	_, _ = w.Write(raw)
}

// worker is the service worker, with the names of the files that it keeps before it. A browser
// compares it byte by byte: it changes when the bundle does.
func (a *app) worker(w http.ResponseWriter, r *http.Request) {
	script := theme.Content("gate-worker.js")
	if script == nil {
		http.NotFound(w, r)
		return
	}
	var names []string
	err := json.Unmarshal(theme.Content("gate-shell.json"), &names)
	check.That(err == nil, "gate: the bundle does not say what its shell is: %v", err)
	for i, name := range names {
		names[i] = theme.Asset(name)
	}
	raw, err := json.Marshal(map[string]any{
		"name": "watari-gate-" + strings.Trim(theme.Asset(""), "/"), "files": names})
	check.That(err == nil, "gate: the list of files is not JSON: %v", err)
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = fmt.Fprintf(w, "self.watari=%s;\n%s", raw, script)
}

// inLang is this page in another language.
func (v *visit) inLang(l i18n.Lang) string { return "?lang=" + string(l) }
