package web

import (
	"errors"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"watari/kit/access"
	"watari/kit/clock"
	"watari/kit/limit"
)

// admit lets a request in: who calls, then whether the parameters are text, then the body. Nothing
// of the body is read for somebody who may not call.
func (o *operation) admit(ex *exchange, r *http.Request) error {
	if o.op.Public {
		if err := o.bounded(r); err != nil {
			return err
		}
	} else {
		caller, err := o.server.authenticate(r)
		if err != nil {
			return err
		}
		ex.ctx = access.With(ex.ctx, caller)
		if err := caller.Allow(o.roles...); err != nil {
			return err
		}
		if o.op.Method != http.MethodGet && !o.op.WhileSuspended {
			if err := caller.AllowChange(); err != nil {
				return err
			}
		}
	}
	if err := o.checkAddress(r); err != nil {
		return err
	}
	if o.body == nil {
		return nil
	}
	if r.ContentLength == 0 && !o.bodyRequired {
		return nil
	}
	if err := checkMediaType(r.Header); err != nil {
		return err
	}
	body, err := readBody(ex, r, o.op.MaxBody)
	if err != nil {
		return err
	}
	if err := o.body.check(body); err != nil {
		return err
	}
	ex.call.body.Reset(body)
	return nil
}

// publicAMinute is how often an address may call the operations that everybody may: a park's
// visitors may all come through one address.
const publicAMinute = 3000

// bounded counts a call of a public operation for its address.
func (o *operation) bounded(r *http.Request) error {
	from := limit.Of(r)
	for _, l := range []*limit.Limiter{o.often, o.server.public} {
		if l == nil {
			continue
		}
		if wait, ok := l.Allow(from, clock.Now()); !ok {
			return ErrTooOften.Newf("wait a moment").Set("retry_after_s", wait)
		}
	}
	return nil
}

// authenticate recognises the caller by the key in the header Authorization.
func (s *Server) authenticate(r *http.Request) (access.Caller, error) {
	header := r.Header["Authorization"]
	if len(header) == 0 {
		return access.Caller{},
			access.ErrUnauthenticated.Newf("the header Authorization is missing")
	}
	scheme, key, _ := strings.Cut(header[0], " ")
	if len(header) > 1 || !strings.EqualFold(scheme, "Bearer") || key == "" {
		return access.Caller{},
			access.ErrUnauthenticated.Newf("the header Authorization is not: Bearer <API key>")
	}
	if s.config.Keys == nil {
		return access.Caller{}, access.ErrUnauthenticated.Newf("this server knows no keys")
	}
	return s.config.Keys.Authenticate(r.Context(), strings.TrimSpace(key))
}

// checkAddress refuses parameters that are no text, unknown or there twice: who reads the first and
// who the last would not see the same request.
func (o *operation) checkAddress(r *http.Request) error {
	if !isText(r.URL.Path) {
		return fieldOf(ErrMalformed, "path", "holds the character U+0000 or invalid UTF-8")
	}
	if len(r.Header["Idempotency-Key"]) > 1 {
		return fieldOf(ErrMalformed, "header:Idempotency-Key", "comes more than once")
	}
	if r.URL.RawQuery == "" {
		return nil
	}
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return fieldOf(ErrMalformed, "query", "is not correctly escaped")
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		all := values[name]
		if !isText(name) {
			return fieldOf(ErrMalformed, "query", "holds the character U+0000 or invalid UTF-8")
		}
		if len(all) > 1 {
			return fieldOf(ErrMalformed, "query:"+shortened(name), "comes more than once")
		}
		if !isText(all[0]) {
			return fieldOf(ErrMalformed, "query:"+shortened(name),
				"holds the character U+0000 or invalid UTF-8")
		}
		if !o.query[name] {
			return fieldOf(ErrInvalid, "query:"+shortened(name), "is not known here")
		}
	}
	return nil
}

// isText tells whether both database engines take s.
func isText(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

// checkMediaType lets in plain JSON only. That also keeps out forms of other sites, which browsers
// send without asking.
func checkMediaType(h http.Header) error {
	if enc := h.Get("Content-Encoding"); enc != "" && !strings.EqualFold(enc, "identity") {
		return ErrMediaType.Newf("the body must not be compressed")
	}
	text := h.Get("Content-Type")
	if text == "application/json" {
		return nil
	}
	kind, params, err := mime.ParseMediaType(text)
	if err != nil || kind != "application/json" {
		return ErrMediaType.Newf("the header Content-Type must be application/json")
	}
	if charset, ok := params["charset"]; ok && !strings.EqualFold(charset, "utf-8") {
		return ErrMediaType.Newf("JSON is in UTF-8")
	}
	return nil
}

// readBody reads the whole body, up to a limit.
func readBody(ex *exchange, r *http.Request, limit int64) ([]byte, error) {
	if r.ContentLength > limit {
		return nil, ErrTooLarge.Newf("the body is over %d bytes", limit)
	}
	if r.ContentLength >= 0 {
		// net/http ends the body at its length, so it need not be counted again.
		body := make([]byte, r.ContentLength)
		if _, err := io.ReadFull(r.Body, body); err != nil {
			return nil, unread(err)
		}
		return body, nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(ex.w, r.Body, limit))
	if err != nil {
		return nil, unread(err)
	}
	return body, nil
}

// unread says why a body could not be read.
func unread(err error) error {
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return ErrTooLarge.Newf("the body is over %d bytes", large.Limit)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return ErrSlow.Newf("the body did not arrive in time").Because(err)
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		return ErrMalformed.Newf("the body ended before its length").Because(err)
	default:
		return ErrMalformed.Newf("the body could not be read").Because(err)
	}
}
