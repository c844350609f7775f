package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
	"time"

	"watari/kit/clock"
	"watari/kit/id"
)

// exchange is one request and its answer. It stands between net/http and every handler as their
// ResponseWriter, and travels in the context.
type exchange struct {
	w      http.ResponseWriter
	r      *http.Request
	ctx    context.Context
	server *Server
	id     string
	began  time.Time
	op     *operation // nil for pages and protocols
	name   string     // of the operation or pattern, for metrics
	call   call       // what huma sees

	status int
	wrote  bool
	stream bool // an endless answer: its time says nothing
	gone   bool // the caller hung up before the answer
	muted  bool // ServeMux writes its own text, which is replaced
}

type exchangeKey struct{}

// open begins an exchange.
func (s *Server) open(w http.ResponseWriter, r *http.Request) *exchange {
	ex := &exchange{w: w, server: s, id: id.New("req", 0)}
	ex.began = firstByte(r)
	if ex.began.IsZero() {
		ex.began = clock.Now()
	}
	ex.ctx = context.WithValue(r.Context(), exchangeKey{}, ex)
	ex.r = r.WithContext(ex.ctx)
	ex.call.ex = ex

	h := w.Header()
	h["X-Request-Id"] = []string{ex.id}
	h["X-Content-Type-Options"] = noSniff
	h["Referrer-Policy"] = noReferrer
	return ex
}

// Header values that every answer shares; never changed.
var (
	noSniff      = []string{"nosniff"}
	noReferrer   = []string{"same-origin"}
	noStore      = []string{"no-store"}
	jsonTypes    = []string{"application/json"}
	problemTypes = []string{problemType}
)

// Began returns when the first byte of the request arrived: budgets count from it. The first
// byte is seen on connections of Serve; elsewhere, and for requests that were sent before the one
// in front of them was answered, it is when the handler began.
func Began(ctx context.Context) time.Time {
	if ex, ok := ctx.Value(exchangeKey{}).(*exchange); ok {
		return ex.began
	}
	return clock.Now()
}

// RequestID returns the id of the request, which the header X-Request-Id and problem documents
// show and the log names; "" outside a request.
func RequestID(ctx context.Context) string {
	if ex, ok := ctx.Value(exchangeKey{}).(*exchange); ok {
		return ex.id
	}
	return ""
}

// Header is part of http.ResponseWriter.
func (ex *exchange) Header() http.Header { return ex.w.Header() }

// WriteHeader is part of http.ResponseWriter. What ServeMux says by itself, that there is nothing
// here or not by this method, becomes a problem document.
func (ex *exchange) WriteHeader(status int) {
	if ex.wrote || ex.muted {
		return
	}
	if status >= http.StatusBadRequest && ex.r.Pattern == "" && ex.status == 0 {
		ex.muted = true
		ex.status = status
		return
	}
	ex.status = status
	if status >= http.StatusOK {
		ex.wrote = true
	}
	ex.w.WriteHeader(status)
}

// Write is part of http.ResponseWriter.
func (ex *exchange) Write(p []byte) (int, error) {
	if ex.muted {
		return len(p), nil
	}
	if !ex.wrote {
		ex.WriteHeader(http.StatusOK)
	}
	n, err := ex.w.Write(p)
	ex.sent(err)
	return n, err
}

// sent looks at how a write of the answer ended. One that the connection did not take means that
// the caller is gone; the two that net/http refuses itself are mistakes of a handler.
func (ex *exchange) sent(err error) {
	if err != nil && !errors.Is(err, http.ErrBodyNotAllowed) &&
		!errors.Is(err, http.ErrContentLength) {
		ex.gone = true
	}
}

// ReadFrom lets io.Copy use what net/http has for files.
func (ex *exchange) ReadFrom(src io.Reader) (int64, error) {
	if rf, ok := ex.w.(io.ReaderFrom); ok && !ex.muted {
		if !ex.wrote {
			ex.WriteHeader(http.StatusOK)
		}
		return rf.ReadFrom(src)
	}
	return io.Copy(struct{ io.Writer }{ex}, src)
}

// Unwrap is for http.ResponseController.
func (ex *exchange) Unwrap() http.ResponseWriter { return ex.w }

// Flush is part of http.Flusher.
func (ex *exchange) Flush() {
	if !ex.muted {
		_ = http.NewResponseController(ex.w).Flush()
	}
}

// serve runs a handler and turns panics and ServeMux's own answers into problems.
func (ex *exchange) serve(h http.Handler) {
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		if p == http.ErrAbortHandler {
			panic(p)
		}
		ex.muted = false
		ex.fail(&panicked{value: p, stack: debug.Stack()})
	}()

	h.ServeHTTP(ex, ex.r)
	if !ex.muted {
		return
	}
	ex.muted = false
	delete(ex.w.Header(), "Content-Type")
	switch ex.status {
	case http.StatusNotFound:
		ex.fail(ErrNothing.Newf(""))
	case http.StatusMethodNotAllowed:
		ex.fail(ErrMethod.Newf("this address takes %s", ex.w.Header().Get("Allow")))
	default:
		ex.fail(ErrMalformed.Newf("the address of the request cannot be read"))
	}
}

// panicked is a panic as an error. Its text is for the log only.
type panicked struct {
	value any
	stack []byte
}

// Error is the panic's own text.
func (p *panicked) Error() string { return fmt.Sprintf("panic: %v", p.value) }

// Unwrap returns what was panicked with when that is an error, a defect for example.
func (p *panicked) Unwrap() error {
	err, _ := p.value.(error)
	return err
}
