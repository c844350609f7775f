package checkout

import (
	"context"
	"errors"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"watari/kit/fault"
	"watari/kit/i18n"
	"watari/kit/limit"
	"watari/kit/web"
	"watari/pay/payment"
)

// bodyMax is the largest form that a payer sends, in bytes.
const bodyMax = 16 << 10

// policy is the content security policy of the pages: nothing from elsewhere, no inline script or
// style. A form stays here; wallets are reached by links and by the header Refresh.
const policy = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; " +
	"frame-ancestors 'none'"

// visit is one request.
type visit struct {
	app  *app
	w    http.ResponseWriter
	r    *http.Request
	v    view
	now  time.Time
	base string // orderPath, payPath or entryPath
}

// screen answers a request. An error becomes the error page, or a problem document.
type screen func(t *visit) error

// screen sets the headers of every page, counts the request, and turns errors and panics into
// answers.
func (a *app) screen(l *limit.Limiter, next screen) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		h.Set("Vary", "Accept, Accept-Language, Cookie, User-Agent")
		r.Body = http.MaxBytesReader(w, r.Body, bodyMax)
		t := &visit{app: a, w: w, r: r, now: a.Now(), base: baseOf(r.URL.Path)}
		t.v = view{Texts: a.texts.For(i18n.Choose(w, r)), path: r.URL.Path}
		defer t.recover()
		if wait, ok := l.Allow(limit.Of(r), t.now); !ok {
			t.fail(ErrTooMany.Newf("wait a moment").Set("retry_after_s", wait))
			return
		}
		if err := next(t); err != nil {
			t.fail(err)
		}
	})
}

func (t *visit) recover() {
	p := recover()
	if p == nil {
		return
	}
	if p == http.ErrAbortHandler {
		panic(p)
	}
	t.app.Logger.Error("payer's page panicked", "pattern", t.r.Pattern, "panic", p,
		"request", web.RequestID(t.ctx()), "stack", string(debug.Stack()))
	t.fail(errors.New("a defect in the page"))
}

func (t *visit) ctx() context.Context { return t.r.Context() }

// baseOf is the part of an address before its token.
func baseOf(path string) string {
	for _, base := range []string{payPath, entryPath} {
		if strings.HasPrefix(path, base) {
			return base
		}
	}
	return orderPath
}

// machine tells who speaks JSON from a browser.
func (t *visit) machine() bool {
	accept := t.r.Header.Get("Accept")
	return strings.Contains(accept, "application/json") && !strings.Contains(accept, "text/html")
}

// order finds the order that the address names.
func (t *visit) order() (*payment.Payment, error) {
	return t.app.Payments.ByToken(t.ctx(), t.r.PathValue("token"))
}

// seeOther sends the browser on after a form.
func (t *visit) seeOther(path string) error {
	http.Redirect(t.w, t.r, path, http.StatusSeeOther)
	return nil
}

// origin is where the browser found this page: scheme and host.
func (t *visit) origin() string {
	if t.app.PublicURL != "" {
		return t.app.PublicURL
	}
	if secure(t.r) {
		return "https://" + t.r.Host
	}
	return "http://" + t.r.Host
}

// secure tells whether the browser came over TLS, here or at a proxy before this program.
func secure(r *http.Request) bool {
	return r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https"
}

// fail answers an error: a refusal in the catalogue's words, anything else by the id of the
// request alone; the log has the rest.
func (t *visit) fail(err error) {
	if t.machine() {
		web.Fail(t.w, t.r, err)
		return
	}
	v := t.v
	m := message{tone: "stop", icon: "alert", title: v.T("error.title"),
		lines: []string{v.T("error.text")}, again: t.r.Method == http.MethodGet}
	status := http.StatusInternalServerError
	var refusal *fault.Error
	switch {
	case errors.Is(err, payment.ErrNotFound), errors.Is(err, web.ErrNothing):
		status, m.icon, m.again = http.StatusNotFound, "link", false
		m.title, m.lines[0] = v.T("error.unknown.title"), v.T("error.unknown.text")
	case errors.Is(err, web.ErrCrossOrigin):
		status, m.icon, m.again = http.StatusForbidden, "stop", false
		m.title, m.lines[0] = v.T("error.foreign.title"), v.T("error.foreign.text")
	case errors.Is(err, ErrTooMany):
		status = http.StatusTooManyRequests
		t.w.Header().Set("Retry-After", "1")
		m.title, m.lines[0] = v.T("error.many.title"), v.T("error.many.text")
	case errors.Is(err, ErrBody):
		status, m.title, m.lines[0] = http.StatusBadRequest, v.T("error.form.title"),
			v.T("error.form.text")
	case errors.As(err, &refusal) && refusal.Problem.Kind != fault.Unavailable:
		status, m.icon = web.Status(refusal.Problem), "stop"
		m.title, m.lines = v.refusal(refusal), nil
	default:
		t.app.Logger.Error("payer's page", "pattern", t.r.Pattern, "request",
			web.RequestID(t.ctx()), "error", err)
		m.id = web.RequestID(t.ctx())
		if refusal != nil {
			status = http.StatusServiceUnavailable
		}
	}
	if err := t.show(status, v.message(m)); err != nil {
		t.app.Logger.Error("page not drawn", "pattern", t.r.Pattern, "error", err)
	}
}

// foreign answers a form that another site sent.
func (a *app) foreign(*visit) error {
	return web.ErrCrossOrigin.Newf("open the page here and try again")
}

// nowhere answers a path that is no page.
func (a *app) nowhere(*visit) error { return web.ErrNothing.Newf("") }
