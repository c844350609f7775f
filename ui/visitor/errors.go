package visitor

import (
	"errors"
	"net/http"
	"runtime/debug"
	"strconv"

	"watari/kit/fault"
	"watari/kit/i18n"
	"watari/kit/limit"
	"watari/kit/web"
)

// errNowhere says that there is no such page. It is shown exactly as somebody else's thing is.
var errNowhere = fault.Define("visitor-page-not-found", fault.NotFound, "There is no such page")

// errForm says that the form could not be read.
var errForm = fault.Define("visitor-form-unreadable", fault.Invalid, "The form cannot be read")

// errTooMany says that an address asks too often.
var errTooMany = fault.Define("visitor-too-many-requests", fault.TooMany,
	"Too many requests from this address")

// What one address may do in a minute. Visitors in one park share an address, so there is room for
// some hundreds of them.
const (
	readsAMinute  = 6000
	writesAMinute = 600
	// begunAMinute is how many sign-ins may begin: each keeps a row, and may ask a wallet.
	begunAMinute = 120
)

// policy is the content security policy of the pages: nothing from elsewhere, no inline script or
// style. A form stays here; wallets are reached by links.
const policy = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; " +
	"form-action 'self'; frame-ancestors 'none'"

// guarded sets the headers of every page and turns a panic into an error page.
func (a *App) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(self)")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler {
				panic(p)
			}
			a.Logger.Error("visitor's page panicked", "path", r.URL.Path, "panic", p,
				"request", web.RequestID(r.Context()), "stack", string(debug.Stack()))
			a.visit(w, r).fail(errors.New("a defect in the page"))
		}()
		next.ServeHTTP(w, r)
	})
}

// open counts a request, reads its form, and finds who is signed in.
func (v *Visit) open(writes bool) error {
	counter := v.app.reads
	if writes {
		counter = v.app.writes
	}
	if err := v.allowed(counter); err != nil {
		return err
	}
	if err := v.recognise(); err != nil {
		return err
	}
	v.W.Header().Set(whoHeader, v.tag())
	if v.Visitor != nil && v.Visitor.Lang != "" && v.asksNoLang() {
		v.Words = wordsIn(v.Visitor.Lang)
	}
	return v.readForm()
}

// allowed counts a request of this address.
func (v *Visit) allowed(l *limit.Limiter) error {
	if wait, ok := l.Allow(limit.Of(v.R), v.Now); !ok {
		return errTooMany.Newf("wait a moment").Set("retry_after_s", wait)
	}
	return nil
}

// asksNoLang tells whether neither the address nor this browser says what language it wants: then
// the visitor's own is right.
func (v *Visit) asksNoLang() bool {
	if _, err := v.R.Cookie(i18n.CookieName); err == nil {
		return false
	}
	return v.R.URL.Query().Get(i18n.CookieName) == ""
}

// foreign answers a form that another site sent.
func (a *App) foreign(w http.ResponseWriter, r *http.Request) {
	v := a.visit(w, r)
	v.say(http.StatusForbidden, trouble{icon: "stop", title: v.T("error.foreign.title"),
		text: v.T("error.foreign.text")})
}

// trouble is a page about something that went wrong.
type trouble struct {
	icon, title, text string
	english           bool   // text is in English, whatever the page is
	id                string // of the request
	again             bool   // trying again may help
}

// fail writes the page of an error. A refusal is told in words; anything else by the id of the
// request alone, and the log has the rest.
func (v *Visit) fail(err error) {
	var refusal *fault.Error
	if !errors.As(err, &refusal) {
		v.app.Logger.Error("visitor's page", "path", v.R.URL.Path,
			"request", web.RequestID(v.Ctx()), "error", err)
		v.say(http.StatusInternalServerError, trouble{icon: "alert", again: true,
			title: v.T("error.title"), text: v.T("error.text"), id: web.RequestID(v.Ctx())})
		return
	}
	status := web.Status(refusal.Problem)
	switch refusal.Problem.Kind {
	case fault.NotFound:
		v.say(status, trouble{icon: "search", title: v.T("error.nowhere.title"),
			text: v.T("error.nowhere.text")})
	case fault.Unavailable:
		v.app.Logger.Error("visitor's page", "path", v.R.URL.Path,
			"request", web.RequestID(v.Ctx()), "error", err)
		v.say(status, trouble{icon: "wait", again: true, title: v.T("error.busy.title"),
			text: v.T("error.busy.text"), id: web.RequestID(v.Ctx())})
	case fault.TooMany:
		if wait, ok := refusal.Members["retry_after_s"].(int64); ok {
			v.W.Header().Set("Retry-After", strconv.FormatInt(wait, 10))
		}
		v.say(status, trouble{icon: "wait", again: true, title: v.T("error.many.title"),
			text: v.T("error.many.text")})
	case fault.Unauthenticated:
		v.toSignIn()
	default:
		text, english := v.tell(refusal)
		v.say(status, trouble{icon: "stop", title: v.T("error.refused.title"), text: text,
			english: english})
	}
}

// say shows a page about something that went wrong.
func (v *Visit) say(status int, m trouble) {
	v.status = 0
	p := Page{Title: m.title, Bare: true, Say: m.title, Class: "message"}
	if err := v.Show(status, p, v.trouble(m)); err != nil {
		v.app.Logger.Error("page not drawn", "path", v.R.URL.Path, "error", err)
		http.Error(v.W, http.StatusText(http.StatusInternalServerError),
			http.StatusInternalServerError)
	}
}

// NotFound is the error for a thing that does not exist, or is not the visitor's to see.
func (v *Visit) NotFound() error { return errNowhere.Newf("no such thing for this visitor") }
