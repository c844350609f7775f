package gate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/a-h/templ"

	"watari/kit/check"
	"watari/kit/fault"
	"watari/kit/i18n"
	"watari/kit/web"
	core "watari/visit/park/gate"
)

const (
	// sessionCookie holds the secret of a device's session.
	sessionCookie = "watari_gate"
	cookieAge     = 365 * 24 * 60 * 60 // seconds
	// bodyMax is the largest body that a device sends, in bytes: an upload of 200 scans.
	bodyMax = 512 << 10
)

// policy is the content security policy of the pages: nothing from elsewhere, no inline script or
// style. The camera's pictures never leave the browser.
const policy = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; " +
	"frame-ancestors 'none'"

// visit is one request of a device.
type visit struct {
	*app
	*i18n.Texts
	w       http.ResponseWriter
	r       *http.Request
	station core.Station
}

func (v *visit) ctx() context.Context { return v.r.Context() }

// guarded sets the headers of every page, bounds the body, and turns a panic into an error page.
func (a *app) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Permissions-Policy", "camera=(self), microphone=(), geolocation=()")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		r.Body = http.MaxBytesReader(w, r.Body, bodyMax)
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler {
				panic(p)
			}
			a.Logger.Error("gate page panicked", "page", r.Pattern, "panic", p,
				"request", web.RequestID(r.Context()), "stack", string(debug.Stack()))
			a.visit(w, r).fail(errors.New("a defect in the page"))
		}()
		next.ServeHTTP(w, r)
	})
}

func (a *app) visit(w http.ResponseWriter, r *http.Request) *visit {
	return &visit{app: a, Texts: a.texts.For(i18n.Choose(w, r)), w: w, r: r}
}

// known finds whose device asks.
//
// Errors: core.ErrSession.
func (v *visit) known() error {
	c, err := v.r.Cookie(sessionCookie)
	if err != nil {
		return core.ErrSession.Newf("no session")
	}
	d, g, err := v.Gates.Session(v.ctx(), c.Value)
	v.station = core.Station{Device: d, Gate: g}
	return err
}

// page answers with pages.
func (a *app) page(next func(v *visit) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := a.visit(w, r)
		err := v.known()
		if errors.Is(err, core.ErrSession) {
			v.askActivation(http.StatusUnauthorized, "")
			return
		}
		if err == nil {
			err = next(v)
		}
		if err != nil {
			v.fail(err)
		}
	})
}

// machine answers the page's script, in JSON.
func (a *app) machine(next func(v *visit) (any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := a.visit(w, r)
		err := v.known()
		var out any
		if err == nil {
			out, err = next(v)
		}
		status := http.StatusOK
		if err != nil {
			status, out = v.refused(err)
		}
		raw, err := json.Marshal(out)
		check.That(err == nil, "gate: an answer is no JSON: %v", err)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write(raw)
	})
}

// refused tells the script why there is no answer: by the name of the problem, or not at all.
func (v *visit) refused(err error) (status int, out any) {
	var refusal *fault.Error
	if errors.As(err, &refusal) {
		return web.Status(refusal.Problem), map[string]any{"problem": refusal.Problem.Slug,
			"detail": refusal.Detail, "fields": refusal.Fields}
	}
	v.Logger.Error("gate page", "page", v.r.Pattern, "request", web.RequestID(v.ctx()),
		"error", err)
	return http.StatusInternalServerError, map[string]any{"problem": "internal-error",
		"request": web.RequestID(v.ctx())}
}

// read reads the body of a request as JSON.
//
// Errors: web.ErrTooLarge, core.ErrScan.
func (v *visit) read(to any) error {
	d := json.NewDecoder(v.r.Body)
	d.DisallowUnknownFields()
	err := d.Decode(to)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return web.ErrTooLarge.Newf("at most %d bytes", bodyMax)
	case err != nil:
		return core.ErrScan.Newf("the body is not the JSON that is expected here").Because(err)
	}
	return nil
}

// draw writes a page. It is drawn in full first, so that what goes wrong in drawing is still an
// error page and not half a page.
func (v *visit) draw(status int, c templ.Component) error {
	var b bytes.Buffer
	if err := c.Render(v.ctx(), &b); err != nil {
		return fmt.Errorf("draw page: %w", err)
	}
	h := v.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Vary", "Cookie, Accept-Language")
	v.w.WriteHeader(status)
	if v.r.Method != http.MethodHead {
		_, _ = v.w.Write(b.Bytes())
	}
	return nil
}

// fail writes the page of an error: a refusal that can be told, or an id alone.
func (v *visit) fail(err error) {
	var refusal *fault.Error
	status, m := http.StatusInternalServerError, message{icon: "alert", title: v.T("error.title"),
		text: v.T("error.text"), id: web.RequestID(v.ctx()), again: true}
	if errors.As(err, &refusal) {
		status = web.Status(refusal.Problem)
		if refusal.Problem.Kind != fault.Unavailable {
			m = message{icon: "stop", title: v.T("error.refused.title"),
				text: v.T("error.refused.text"), again: true}
		}
	}
	if status >= http.StatusInternalServerError {
		v.Logger.Error("gate page", "page", v.r.Pattern, "request", web.RequestID(v.ctx()),
			"error", err)
	}
	v.say(status, m)
}

// message is a page with one thing to say.
type message struct {
	icon, title, text, id string
	again                 bool // there is a way back to the gate
}

func (v *visit) say(status int, m message) {
	if err := v.draw(status, v.message(m)); err != nil {
		v.Logger.Error("page not drawn", "page", v.r.Pattern, "error", err)
		http.Error(v.w, http.StatusText(status), status)
	}
}

// foreign answers a form that another site sent.
func (a *app) foreign(w http.ResponseWriter, r *http.Request) {
	v := a.visit(w, r)
	v.say(http.StatusForbidden, message{icon: "stop", title: v.T("error.foreign.title"),
		text: v.T("error.foreign.text"), again: true})
}

func (a *app) nowhere(v *visit) error {
	v.say(http.StatusNotFound, message{icon: "search", title: v.T("error.nowhere.title"),
		text: v.T("error.nowhere.text"), again: true})
	return nil
}

// activate uses a one-time link up and leaves the cookie. A link that was used leads on when this
// browser is the one that used it.
func (a *app) activate(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodHead || isPrefetch(r) {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	v := a.visit(w, r)
	session, _, err := a.Gates.Activate(r.Context(), r.PathValue("secret"))
	switch {
	case errors.Is(err, core.ErrLink):
		if v.known() == nil {
			http.Redirect(w, r, "/gate/", http.StatusSeeOther)
			return
		}
		v.say(http.StatusNotFound, message{icon: "link", title: v.T("activation.used.title"),
			text: v.T("activation.used.text")})
		return
	case err != nil:
		v.fail(err)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Value: session, Path: Prefix,
		MaxAge: cookieAge, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https"})
	http.Redirect(w, r, "/gate/", http.StatusSeeOther)
}

// isPrefetch tells a browser that looks ahead from a person who opens a link.
func isPrefetch(r *http.Request) bool {
	purpose := r.Header.Get("Sec-Purpose") + r.Header.Get("Purpose") + r.Header.Get("X-Moz")
	return strings.Contains(purpose, "prefetch") || strings.Contains(purpose, "preview")
}

// activateBy leads on to the link that was typed. Only what stands after the path of links is
// taken, so that a text of another kind leads nowhere.
func (a *app) activateBy(w http.ResponseWriter, r *http.Request) {
	v := a.visit(w, r)
	typed := strings.TrimSpace(r.PostFormValue("code"))
	_, secret, found := strings.Cut(typed, core.LinkPath)
	secret, _, _ = strings.Cut(secret, "?")
	bad := func(c rune) bool { return (c < 'a' || c > 'z') && (c < '0' || c > '9') }
	if !found || len(secret) < 16 || len(secret) > 128 || strings.ContainsFunc(secret, bad) {
		v.askActivation(http.StatusUnprocessableEntity, v.T("activation.bad"))
		return
	}
	http.Redirect(w, r, core.LinkPath+secret, http.StatusSeeOther)
}

func (v *visit) askActivation(status int, mistake string) {
	if err := v.draw(status, v.activation(mistake)); err != nil {
		v.fail(err)
	}
}

// hour is a time in Japan, for a verdict.
func hour(l i18n.Lang, t time.Time) string {
	parts := strings.Fields(l.DateTime(t))
	return parts[len(parts)-1]
}
