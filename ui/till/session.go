package till

import (
	"context"
	"errors"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"watari/kit/web"
	"watari/pay/party"
)

// sessionCookie holds the secret of a terminal's session.
const sessionCookie = "watari_till"

// bodyMax is the largest form that a till sends, in bytes.
const bodyMax = 64 << 10

// visit is one request of an activated till.
type visit struct {
	app *app
	w   http.ResponseWriter
	r   *http.Request
	v   view
	now time.Time
}

// screen answers a request of an activated till. An error becomes the error page.
type screen func(t *visit) error

// policy is the content security policy of the pages: nothing from elsewhere, no inline script
// or style. The camera's pictures never leave the browser.
const policy = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; " +
	"frame-ancestors 'none'"

// guarded sets the headers of every page, bounds the form, and turns a panic into an error page.
func (a *app) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Permissions-Policy", "camera=(self), microphone=(), geolocation=()")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("X-Content-Type-Options", "nosniff")
		r.Body = http.MaxBytesReader(w, r.Body, bodyMax)
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler {
				panic(p)
			}
			a.Logger.Error("till page panicked", "page", r.Pattern, "panic", p,
				"request", web.RequestID(r.Context()), "stack", string(debug.Stack()))
			a.fail(w, r, errors.New("a defect in the page"))
		}()
		next.ServeHTTP(w, r)
	})
}

// activated lets a request through when its cookie belongs to an open terminal.
func (a *app) activated(next screen) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		now := a.Now()
		point, err := a.terminal(r)
		if err == nil && point.Terminal == nil {
			err = party.ErrSession.Newf("the session names no terminal")
		}
		if errors.Is(err, party.ErrSession) {
			a.notActivated(w, r)
			return
		}
		if err == nil {
			if err = r.ParseForm(); err != nil {
				a.badForm(w, r)
				return
			}
			t := &visit{app: a, w: w, r: r, v: a.view(r, point), now: now}
			err = next(t)
		}
		if err != nil {
			a.fail(w, r, err)
		}
	})
}

// terminal finds whose till asks.
func (a *app) terminal(r *http.Request) (party.Point, error) {
	c, err := r.Cookie(sessionCookie)
	if err != nil || c.Value == "" || len(c.Value) > 128 {
		return party.Point{}, party.ErrSession.Newf("no session")
	}
	return a.Terminals.TerminalSession(r.Context(), c.Value)
}

// activate uses a one-time link up and leaves the cookie. A link that was used leads on when
// this browser is the one that used it.
func (a *app) activate(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodHead || isPrefetch(r) {
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusNoContent)
		return
	}
	session, _, err := a.Terminals.Activate(r.Context(), r.PathValue("secret"))
	switch {
	case errors.Is(err, party.ErrActivation):
		if _, err := a.terminal(r); err == nil {
			http.Redirect(w, r, "/till/", http.StatusSeeOther)
			return
		}
		v := a.view(r, party.Point{})
		a.showMessage(w, r, http.StatusNotFound, message{tone: "stop", icon: "link",
			title: v.T("activation.used.title"),
			lines: []string{v.T("activation.used.text"), v.T("activation.how")}})
		return
	case err != nil:
		a.fail(w, r, err)
		return
	}
	rememberSession(w, r, session)
	http.Redirect(w, r, "/till/", http.StatusSeeOther)
}

// rememberSession keeps which till this browser is, for a year from now.
func rememberSession(w http.ResponseWriter, r *http.Request, session string) {
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Value: session, Path: cookiePath,
		MaxAge: cookieAge, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: secure(r)})
}

// isPrefetch tells a browser that looks ahead from a person who opens a link.
func isPrefetch(r *http.Request) bool {
	purpose := r.Header.Get("Sec-Purpose") + r.Header.Get("Purpose") + r.Header.Get("X-Moz")
	return strings.Contains(purpose, "prefetch") || strings.Contains(purpose, "preview")
}

// secure tells whether the browser came over TLS, here or at a proxy before this program.
func secure(r *http.Request) bool {
	return r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https"
}

// notActivated asks for an activation link. An app on a phone's home screen has no cookies of the
// browser that installed it, so the link can be scanned or typed here.
func (a *app) notActivated(w http.ResponseWriter, r *http.Request) {
	a.askActivation(w, r, http.StatusUnauthorized, "")
}

func (a *app) badForm(w http.ResponseWriter, r *http.Request) {
	v := a.view(r, party.Point{})
	a.showMessage(w, r, http.StatusBadRequest, message{tone: "stop", icon: "alert",
		title: v.T("error.form.title"), lines: []string{v.T("error.form.text")},
		actions: []action{v.home()}})
}

// foreign answers a form that another site sent.
func (a *app) foreign(w http.ResponseWriter, r *http.Request) {
	v := a.view(r, party.Point{})
	a.showMessage(w, r, http.StatusForbidden, message{tone: "stop", icon: "stop",
		title: v.T("error.foreign.title"), lines: []string{v.T("error.foreign.text")},
		actions: []action{v.home()}})
}

// nowhere answers a path that is no page.
func (a *app) nowhere(t *visit) error {
	a.showMessage(t.w, t.r, http.StatusNotFound, message{tone: "plain", icon: "till",
		title: t.v.T("error.nowhere.title"), lines: []string{t.v.T("error.nowhere.text")},
		actions: []action{t.v.home()}})
	return nil
}

// point is where the till stands.
func (t *visit) point() party.Point { return t.v.point }

func (t *visit) ctx() context.Context { return t.r.Context() }

// seeOther sends the browser on after a form.
func (t *visit) seeOther(path string) error {
	http.Redirect(t.w, t.r, path, http.StatusSeeOther)
	return nil
}
