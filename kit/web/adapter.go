package web

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/queryparam"

	"watari/kit/fault"
)

// Adapter is part of huma.API: the operation mounts itself.
func (o *operation) Adapter() huma.Adapter { return o }

// ServeHTTP is part of huma.Adapter.
func (o *operation) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.server.ServeHTTP(w, r)
}

// Handle is part of huma.Adapter: it mounts the operation, behind its door.
func (o *operation) Handle(described *huma.Operation, handler func(huma.Context)) {
	o.compile(described)
	for _, p := range described.Parameters {
		if p.In == "query" {
			o.query[p.Name] = true
		}
	}
	pattern := strings.ToUpper(o.op.Method) + " " + o.op.Path
	o.server.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		ex := w.(*exchange)
		ex.op = o
		ex.call.described = described
		if err := o.admit(ex, r); err != nil {
			ex.fail(err)
			return
		}
		w.Header()["Cache-Control"] = noStore
		handler(&ex.call)
		ex.call.finish()
	})
}

// Negotiate is part of huma.API: there is one form, JSON, whatever the caller would rather have.
func (o *operation) Negotiate(string) (string, error) { return "application/json", nil }

// Transform is part of huma.API. It sees every body before it is written, and here the two kinds
// of refusal are answered: huma's own, whose values are left out, and the handler's.
func (o *operation) Transform(ctx huma.Context, _ string, v any) (any, error) {
	ex := ctx.(*call).ex
	switch e := v.(type) {
	case refusal:
		ex.fail(e.err)
	case *huma.ErrorModel:
		ex.fail(fromHuma(e))
	default:
		return v, nil
	}
	ex.call.over = true
	return nil, nil
}

// Marshal is part of huma.API. The body is made whole before the first byte of the answer goes
// out, so one that has no JSON form becomes a problem and not half an answer.
func (o *operation) Marshal(w io.Writer, _ string, v any) error {
	c := w.(*call)
	if c.over {
		return nil
	}
	b := o.server.buffers.Get().(*bytes.Buffer)
	defer o.server.putBuffer(b)
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		c.over = true
		return err // huma panics with it
	}
	c.ex.w.Header()["Content-Type"] = jsonTypes
	c.ex.WriteHeader(c.status)
	_, err := c.ex.w.Write(b.Bytes())
	c.over = true
	if err != nil {
		c.ex.gone = true // the caller hung up: nobody to tell
	}
	return nil
}

// Unmarshal is part of huma.API. The body was checked at the door and fits; what is refused here
// is refused by a type that reads itself. huma keeps only the text of the error, so the text is
// the encoded fault, if it is one, else the pointer.
func (o *operation) Unmarshal(_ string, data []byte, v any) error {
	if err := json.Unmarshal(data, v); err != nil {
		return told(err)
	}
	return nil
}

// told is the error of a type that reads itself, in the form that fromHuma reads.
func told(err error) error {
	var e *fault.Error
	if errors.As(err, &e) {
		return errors.New(fault.Encode(e))
	}
	var typed *json.UnmarshalTypeError
	if errors.As(err, &typed) && typed.Field != "" {
		return errors.New("/" + strings.ReplaceAll(typed.Field, ".", "/"))
	}
	return errors.New("/")
}

// fromHuma makes a fault of what huma found wrong with parameters. The values that it keeps, a PIN
// perhaps, are dropped, and so is the part of its texts that may quote them.
func fromHuma(e *huma.ErrorModel) error {
	var fields []fault.Field
	for _, d := range e.Errors {
		if d == nil {
			continue
		}
		if d.Location == "body" {
			if own, err := fault.Decode(d.Message); err == nil {
				return own
			}
			fields = append(fields, fault.Field{Pointer: strings.TrimSuffix(d.Message, "/"),
				Detail: "cannot be read as what belongs here"})
			continue
		}
		place, name, _ := strings.Cut(d.Location, ".")
		text, _, _ := strings.Cut(d.Message, ": ")
		fields = append(fields, fault.Field{Pointer: place + ":" + shortened(name), Detail: text})
	}
	slices.SortStableFunc(fields, func(a, b fault.Field) int {
		return strings.Compare(a.Pointer, b.Pointer)
	})
	return pointed(ErrInvalid, fields)
}

// call is what huma sees of an exchange: its huma.Context.
type call struct {
	ex        *exchange
	described *huma.Operation
	body      bytes.Reader
	status    int
	over      bool // the answer is out, or cannot be
}

// finish writes the head of an answer that has no body.
func (c *call) finish() {
	if c.over || c.ex.wrote || c.ex.gone {
		return
	}
	c.ex.WriteHeader(c.status)
}

// Operation and the methods after it are huma.Context.
func (c *call) Operation() *huma.Operation { return c.described }

// Context carries the caller, the request id and the time of the first byte.
func (c *call) Context() context.Context { return c.ex.ctx }

// TLS is part of huma.Context.
func (c *call) TLS() *tls.ConnectionState { return c.ex.r.TLS }

// Version is part of huma.Context.
func (c *call) Version() huma.ProtoVersion {
	r := c.ex.r
	return huma.ProtoVersion{Proto: r.Proto, ProtoMajor: r.ProtoMajor, ProtoMinor: r.ProtoMinor}
}

// Method is part of huma.Context.
func (c *call) Method() string { return c.ex.r.Method }

// Host is part of huma.Context.
func (c *call) Host() string { return c.ex.r.Host }

// RemoteAddr is part of huma.Context.
func (c *call) RemoteAddr() string { return c.ex.r.RemoteAddr }

// URL is part of huma.Context.
func (c *call) URL() url.URL { return *c.ex.r.URL }

// Param is part of huma.Context.
func (c *call) Param(name string) string { return c.ex.r.PathValue(name) }

// Query is part of huma.Context.
func (c *call) Query(name string) string { return queryparam.Get(c.ex.r.URL.RawQuery, name) }

// Header is part of huma.Context.
func (c *call) Header(name string) string { return c.ex.r.Header.Get(name) }

// EachHeader is part of huma.Context.
func (c *call) EachHeader(see func(name, value string)) {
	for name, values := range c.ex.r.Header {
		for _, value := range values {
			see(name, value)
		}
	}
}

// BodyReader returns the body that was read and checked at the door.
func (c *call) BodyReader() io.Reader { return &c.body }

// GetMultipartForm is part of huma.Context. No operation takes forms.
func (c *call) GetMultipartForm() (*multipart.Form, error) {
	return nil, http.ErrNotMultipart
}

// SetReadDeadline is part of huma.Context. The body is here already.
func (c *call) SetReadDeadline(time.Time) error { return nil }

// SetStatus keeps the status until the body is ready.
func (c *call) SetStatus(code int) { c.status = code }

// Status is part of huma.Context.
func (c *call) Status() int { return c.status }

// SetHeader is part of huma.Context.
func (c *call) SetHeader(name, value string) { c.ex.w.Header().Set(name, value) }

// AppendHeader is part of huma.Context.
func (c *call) AppendHeader(name, value string) { c.ex.w.Header().Add(name, value) }

// BodyWriter returns c itself, by which Marshal knows the exchange.
func (c *call) BodyWriter() io.Writer { return c }

// Write drops what huma says when a body cannot be made: its panic is answered instead.
func (c *call) Write(p []byte) (int, error) {
	if c.over {
		return len(p), nil
	}
	if !c.ex.wrote {
		c.ex.WriteHeader(c.status)
	}
	return c.ex.w.Write(p)
}

// fieldOf points a refusal at a place.
func fieldOf(p *fault.Problem, pointer, text string) *fault.Error {
	return pointed(p, []fault.Field{{Pointer: pointer, Detail: text}})
}

// pointed is a refusal of some fields. Its detail is the first, for those who show no more.
func pointed(p *fault.Problem, fields []fault.Field) *fault.Error {
	e := &fault.Error{Problem: p, Fields: fields}
	if len(fields) > 0 {
		where := fields[0].Pointer
		if where == "" {
			where = "the body"
		}
		e.Detail = where + ": " + fields[0].Detail
	}
	return e
}
