package start

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"net/http"

	"watari/kit/check"
	"watari/kit/i18n"
	"watari/kit/web"
	"watari/sandbox"
)

//go:embed lang/*.json
var langFiles embed.FS

// Path is where the page is.
const Path = "/sandbox"

// Config is what the page needs. Every field is needed.
type Config struct {
	// Outside tells where the counterparties are found now.
	Outside func(context.Context) (sandbox.Outside, error)
	// Open makes a fresh activation link for the till of a store and returns its address on
	// this server. Errors: seed.ErrNoTill, and that the till was closed.
	Open func(ctx context.Context, storeID string) (string, error)
	// File is the path of sandbox.json and BaseURL the address of this server, for people to
	// copy.
	File, BaseURL string
}

// Start serves the page. It is safe for concurrent use.
type Start struct {
	Config
	texts *i18n.Catalogue
	shops []shop
}

// New returns the page.
func New(c Config) *Start {
	check.That(c.Outside != nil && c.Open != nil && c.File != "" && c.BaseURL != "",
		"start: a part of the configuration is missing")
	s := &Start{Config: c, texts: i18n.MustLoad(langFiles, "lang/*.json")}
	s.shops = s.known()
	return s
}

// Register adds the routes.
func (s *Start) Register(w *web.Server) {
	w.Page("GET "+Path, s.show)
	w.Page("GET "+Path+"/{$}", func(w http.ResponseWriter, r *http.Request) error {
		http.Redirect(w, r, Path, http.StatusMovedPermanently)
		return nil
	})
	w.Page("POST "+Path+"/tills/{store}", s.open)
}

// show draws the page in full before it writes, so that what goes wrong is an error page.
func (s *Start) show(w http.ResponseWriter, r *http.Request) error {
	lang := i18n.Choose(w, r)
	found, err := s.Outside(r.Context())
	if err != nil {
		return fmt.Errorf("find the counterparties: %w", err)
	}
	v := s.view(lang, r.URL.Query().Get("q"), found)
	var b bytes.Buffer
	if err := v.page().Render(r.Context(), &b); err != nil {
		return fmt.Errorf("draw the page: %w", err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Vary", "Cookie, Accept-Language")
	_, _ = w.Write(b.Bytes())
	return nil
}

// open leads to a fresh link, which the till uses up.
func (s *Start) open(w http.ResponseWriter, r *http.Request) error {
	path, err := s.Open(r.Context(), r.PathValue("store"))
	if err != nil {
		return err
	}
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}
