package web

import (
	"embed"
	"encoding/json"
	"html/template"
	"net/http"
	"slices"
	"strings"

	"watari/kit/fault"
)

// problemPath is where problems are explained: a problem's type is its address there.
const problemPath = "/problems/"

//go:embed pages
var pages embed.FS

// templates are the pages that this package draws itself.
var templates = template.Must(template.ParseFS(pages, "pages/*.html"))

// explained is a problem as its page shows it.
type explained struct {
	Type       string   `json:"type"`
	Title      string   `json:"title"`
	Status     int      `json:"status"`
	Phrase     string   `json:"-"`
	Meaning    string   `json:"meaning"`
	Operations []string `json:"operations"`
}

// meanings say what a caller can do about a problem, by its status.
var meanings = map[int]string{
	400: "The request cannot be read. Sending it again unchanged gives the same answer.",
	401: "The server does not know who is calling. Send a valid key.",
	403: "The caller is known and may not do this.",
	404: "There is no such thing, or not for this caller.",
	405: "The address exists and takes other methods; the header Allow names them.",
	408: "The request took too long to arrive. Send it again.",
	409: "The thing is in another state than the request needs, or its id was used for " +
		"something else. Look at its state before going on.",
	413: "The body is over the limit. Send less at a time.",
	415: "The body has another form than the operation takes.",
	422: "The request was understood and a rule refuses it. Sending it again under the same id " +
		"gives the same answer.",
	429: "Too many requests. Wait as long as the header Retry-After says.",
	500: "Something went wrong inside. The operator finds what under the id of the request. " +
		"What the request did is not known: ask for its state, or send it again under the same id.",
	503: "Something that is needed is not there just now. Wait as long as the header " +
		"Retry-After says and send the request again under the same id.",
}

// mountProblems adds the pages that explain problems.
func (s *Server) mountProblems() {
	s.Page("GET /problems", func(w http.ResponseWriter, r *http.Request) error {
		all := make([]explained, 0, 64)
		for _, p := range fault.All() {
			all = append(all, s.explain(p))
		}
		return show(w, r, "problems.html", all)
	})
	s.Page("GET "+problemPath+"{slug}", func(w http.ResponseWriter, r *http.Request) error {
		p := fault.BySlug(r.PathValue("slug"))
		if p == nil {
			return ErrNothing.Newf("no problem has this name")
		}
		return show(w, r, "problem.html", s.explain(p))
	})
	s.Page("GET "+problemPath+"style.css", func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Cache-Control", "public, max-age=3600")
		http.ServeFileFS(w, r, pages, "pages/style.css")
		return nil
	})
}

// explain gathers what a page tells of a problem.
func (s *Server) explain(p *fault.Problem) explained {
	status := Status(p)
	e := explained{
		Type: problemPath + p.Slug, Title: p.Title, Status: status,
		Phrase: http.StatusText(status), Meaning: meanings[status], Operations: []string{},
	}
	for _, o := range s.document.operations {
		if slices.Contains(o.op.Faults, p) && !o.op.Hidden {
			e.Operations = append(e.Operations, strings.ToUpper(o.op.Method)+" "+o.op.Path)
		}
	}
	return e
}

// show answers with a page to browsers and JSON to others.
func show(w http.ResponseWriter, r *http.Request, page string, v any) error {
	w.Header().Set("Vary", "Accept")
	if wantsPage(r) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		return templates.ExecuteTemplate(w, page, v)
	}
	w.Header()["Content-Type"] = jsonTypes
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// plainErrorPage is the page for a problem when the program has none of its own.
func plainErrorPage(w http.ResponseWriter, _ *http.Request, d *Document) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", DefaultPolicy)
	w.WriteHeader(d.Status)
	_ = templates.ExecuteTemplate(w, "error.html", d)
}
