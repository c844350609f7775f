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
	// Park is what there is to try at the park.
	Park Park
	// File is the path of sandbox.json and BaseURL the address of this server, for people to
	// copy.
	File, BaseURL string
}

// Park is the park of the sandbox. Every field is needed.
type Park struct {
	// Gates lists where people are let in.
	Gates func(context.Context) ([]Gate, error)
	// OpenGate makes a fresh link to the device of a gate and returns its address on this server.
	// Errors: that there is no such gate.
	OpenGate func(ctx context.Context, gateID string) (string, error)
	// Filled is how many steps of how many are done of the people who were there before the first
	// start; 0 of 0 when that does not go on.
	Filled func() (done, total int)
}

// Gate is a gate of the park.
type Gate struct {
	ID   string
	Name i18n.Text
}

// Start serves the page. It is safe for concurrent use.
type Start struct {
	Config
	texts *i18n.Catalogue
	shops []shop
}

// New returns the page.
func New(c Config) *Start {
	check.That(c.Outside != nil && c.Open != nil && c.File != "" && c.BaseURL != "" &&
		c.Park.Gates != nil && c.Park.OpenGate != nil && c.Park.Filled != nil,
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
	w.Page("POST "+Path+"/gates/{gate}", s.openGate)
}

// show draws the page in full before it writes, so that what goes wrong is an error page.
func (s *Start) show(w http.ResponseWriter, r *http.Request) error {
	lang := i18n.Choose(w, r)
	found, err := s.Outside(r.Context())
	if err != nil {
		return fmt.Errorf("find the counterparties: %w", err)
	}
	v := s.view(lang, r.URL.Query().Get("q"), found)
	if v.gates, err = s.Park.Gates(r.Context()); err != nil {
		return fmt.Errorf("find the gates: %w", err)
	}
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

// openGate leads to a fresh link, which the device uses up.
func (s *Start) openGate(w http.ResponseWriter, r *http.Request) error {
	path, err := s.Park.OpenGate(r.Context(), r.PathValue("gate"))
	if err != nil {
		return err
	}
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}
