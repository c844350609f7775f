package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"watari/kit/fault"
)

// problemType is the media type of RFC 9457.
const problemType = "application/problem+json"

// Document is the problem document of RFC 9457: what a caller is told of a fault.
type Document struct {
	// Type is the address of the page that explains the problem, on this server.
	Type string
	// Title is the problem's own title, always the same.
	Title string
	// Status is the HTTP status.
	Status int
	// Detail says what happened this time; it may be empty.
	Detail string
	// Instance names the request: operators find it in the log. "" when there was none.
	Instance string
	// Errors are the refused parts of the request: a JSON pointer into the body, or the name of
	// a parameter after its place, such as "query:limit".
	Errors []fault.Field
	// Members are extension members. None can take the place of a standard one.
	Members map[string]any
}

// MarshalJSON writes the standard members in the order of the standard, then errors, then the
// extension members by name.
func (d *Document) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	add := func(key string, v any) error {
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		text, err := plainJSON(v)
		if err != nil {
			return err
		}
		name, err := plainJSON(key)
		if err != nil {
			return err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(text)
		return nil
	}

	err := errors.Join(add("type", d.Type), add("title", d.Title), add("status", d.Status))
	if d.Detail != "" {
		err = errors.Join(err, add("detail", d.Detail))
	}
	if d.Instance != "" {
		err = errors.Join(err, add("instance", d.Instance))
	}
	if len(d.Errors) > 0 {
		err = errors.Join(err, add("errors", d.Errors))
	}
	for _, key := range slices.Sorted(maps.Keys(d.Members)) {
		if !slices.Contains(standardMembers, key) {
			err = errors.Join(err, add(key, d.Members[key]))
		}
	}
	return append(append([]byte{'{'}, b.Bytes()...), '}'), err
}

// standardMembers are the names that extension members cannot take.
var standardMembers = []string{"type", "title", "status", "detail", "instance", "errors"}

// plainJSON is json.Marshal without the escaping of <, > and & that is made for HTML.
func plainJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

// document makes the problem document of a fault.
func document(e *fault.Error, requestID string) *Document {
	doc := &Document{
		Type:    problemPath + e.Problem.Slug,
		Title:   e.Problem.Title,
		Status:  Status(e.Problem),
		Detail:  e.Detail,
		Errors:  e.Fields,
		Members: e.Members,
	}
	if requestID != "" {
		doc.Instance = "/requests/" + requestID
	}
	return doc
}

// asFault returns what a caller may be told of an error: the fault in it, or ErrInternal without
// a word for everything else.
func asFault(err error) *fault.Error {
	var e *fault.Error
	if errors.As(err, &e) {
		return e
	}
	var p *fault.Problem
	if errors.As(err, &p) {
		return (&fault.Error{Problem: p}).Because(err)
	}
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return ErrTooLarge.Newf("the body is over %d bytes", large.Limit)
	}
	return (&fault.Error{Problem: ErrInternal}).Because(err)
}

// fail answers a request with a problem, logs it and counts it. After the first byte of another
// answer only the connection can be cut.
func (ex *exchange) fail(err error) {
	var broken *panicked
	if ex.gone && ex.wrote && !errors.As(err, &broken) {
		ex.status = statusGone // a write failed: nothing was refused, and nobody hears
		ex.server.noteGone(ex, err)
		return
	}
	if errors.Is(err, context.Canceled) && ex.r.Context().Err() != nil {
		ex.gone = true
		ex.status = statusGone
		return
	}
	e := asFault(err)
	ex.server.note(ex, e, err)
	if ex.wrote {
		panic(http.ErrAbortHandler)
	}
	doc := document(e, ex.id)
	ex.answer(doc)
}

// statusGone is what metrics call a request whose caller hung up. It is never sent.
const statusGone = 499

// answer writes a problem document: as a page to browsers that asked for one, else as JSON.
func (ex *exchange) answer(doc *Document) {
	h := ex.w.Header()
	for _, name := range []string{"Etag", "Last-Modified", "Content-Encoding", "Content-Length"} {
		h.Del(name)
	}
	h["Cache-Control"] = noStore
	switch doc.Status {
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", `Bearer realm="watari"`)
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		h.Set("Retry-After", retryAfter(doc))
	case http.StatusRequestTimeout, http.StatusRequestEntityTooLarge:
		// The rest of the body is still on its way: do not read it.
		h.Set("Connection", "close")
	}
	if ex.op == nil && wantsPage(ex.r) {
		ex.server.config.ErrorPage(ex, ex.r, doc)
		return
	}
	text, err := plainJSON(doc)
	if err != nil {
		doc.Members = nil // one of them has no JSON form: the rest must still be told
		text, _ = plainJSON(doc)
	}
	h["Content-Type"] = problemTypes
	ex.WriteHeader(doc.Status)
	ex.Write(append(text, '\n'))
}

// retryAfter is the member retry_after_s of a problem, in whole seconds, or "1".
func retryAfter(doc *Document) string {
	text, err := json.Marshal(doc.Members["retry_after_s"])
	if _, bad := strconv.ParseUint(string(text), 10, 31); err != nil || bad != nil {
		return "1"
	}
	return string(text)
}

// wantsPage tells whether a browser asks for a page: the media type comes before any JSON.
func wantsPage(r *http.Request) bool {
	accept := r.Header.Get("Accept")
	html := strings.Index(accept, "text/html")
	asJSON := strings.Index(accept, "json")
	return html >= 0 && (asJSON < 0 || html < asJSON)
}
