package web

import (
	"net/http"
)

// PageFunc answers a page. A fault that it returns is shown as an error page, or as a problem
// document to those who ask for JSON; another error as 500 with an id only.
type PageFunc func(w http.ResponseWriter, r *http.Request) error

// Page adds a page under a pattern of http.ServeMux. Pages get the headers that keep other sites
// out: a content security policy, no framing, no requests that change something from elsewhere
// (ErrCrossOrigin). Bodies are at most PageMaxBody, and nothing is cached unless the page says so.
func (s *Server) Page(pattern string, fn PageFunc) {
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		ex := w.(*exchange)
		h := w.Header()
		h["Content-Security-Policy"] = []string{s.config.ContentSecurityPolicy}
		h["X-Frame-Options"] = []string{"DENY"}
		h["Cross-Origin-Opener-Policy"] = []string{"same-origin"}
		h["Permissions-Policy"] = []string{"camera=(self), microphone=(), geolocation=(self)"}
		h["Cache-Control"] = noStore
		if err := s.origins.Check(r); err != nil {
			ex.fail(ErrCrossOrigin.Newf("open the page here and try again").Because(err))
			return
		}
		if !isText(r.URL.Path) {
			ex.fail(ErrMalformed.Newf("the address holds U+0000 or invalid UTF-8"))
			return
		}
		r.Body = http.MaxBytesReader(ex.w, r.Body, PageMaxBody)
		if err := fn(w, r); err != nil {
			ex.fail(err)
		}
	})
}

// Handle adds a handler that does everything itself, such as the server of a wallet's protocol.
// Its body is at most PageMaxBody; panics are answered and everything is counted as elsewhere.
func (s *Server) Handle(pattern string, h http.Handler) { s.HandleUpTo(pattern, PageMaxBody, h) }

// HandleUpTo is Handle for bodies of at most most bytes, such as files that people upload.
func (s *Server) HandleUpTo(pattern string, most int64, h http.Handler) {
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w.(*exchange).w, r.Body, most)
		h.ServeHTTP(w, r)
	})
}

// Fail answers a request with a problem, for handlers added by Handle.
func Fail(w http.ResponseWriter, r *http.Request, err error) {
	ex, ok := r.Context().Value(exchangeKey{}).(*exchange)
	if !ok {
		http.Error(w, http.StatusText(http.StatusInternalServerError),
			http.StatusInternalServerError)
		return
	}
	ex.fail(err)
}
