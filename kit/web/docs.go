package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"

	"github.com/swaggest/swgui/v5emb"
)

// docsPath is where the OpenAPI document can be read and tried.
const docsPath = "/docs/"

// inlineScript finds the scripts inside a page.
var inlineScript = regexp.MustCompile(`(?s)<script>(.*?)</script>`)

// mountDocs adds Swagger UI, whose files are inside the program. Its page has scripts inside; they
// are always the same, so the policy names them by their hashes.
func (s *Server) mountDocs() {
	ui := v5emb.New(s.config.Title, "/openapi.json", docsPath)
	index := httptest.NewRecorder()
	ui.ServeHTTP(index, httptest.NewRequest(http.MethodGet, docsPath, nil))
	page := index.Body.Bytes()
	hashes := ""
	for _, script := range inlineScript.FindAllSubmatch(page, -1) {
		sum := sha256.Sum256(script[1])
		hashes += " 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	policy := "default-src 'self'; script-src 'self'" + hashes + "; style-src 'self' " +
		"'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; " +
		"form-action 'none'; frame-ancestors 'none'"

	s.Page("GET "+docsPath, func(w http.ResponseWriter, r *http.Request) error {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		if r.URL.Path != docsPath {
			// The files change with the program only.
			h.Set("Cache-Control", "public, max-age=3600")
			ui.ServeHTTP(w, r)
			return nil
		}
		h.Set("Content-Type", "text/html; charset=utf-8")
		_, err := bytes.NewReader(page).WriteTo(w)
		return err
	})
	s.Handle("GET "+strings.TrimSuffix(docsPath, "/"),
		http.RedirectHandler(docsPath, http.StatusMovedPermanently))
}
