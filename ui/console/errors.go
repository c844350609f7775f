package console

import (
	"errors"
	"net/http"
	"runtime/debug"

	"watari/kit/access"
	"watari/kit/fault"
	"watari/kit/web"
)

// errNowhere says that there is no such page. It is shown exactly as somebody else's thing is.
var errNowhere = fault.Define("page-not-found", fault.NotFound, "There is no such page")

// errForm says that the form could not be read.
var errForm = fault.Define("form-unreadable", fault.Invalid, "The form could not be read")

// policy is the content security policy of the pages: nothing from elsewhere, no inline script
// or style.
const policy = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; " +
	"form-action 'self'; frame-ancestors 'none'"

// guarded sets the headers of every page and turns a panic into an error page.
func (k *Console) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("X-Content-Type-Options", "nosniff")
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler {
				panic(p)
			}
			k.Logger.Error("page panicked", "page", r.Pattern, "panic", p,
				"request", web.RequestID(r.Context()), "stack", string(debug.Stack()))
			k.visit(w, r).fail(errors.New("a defect in the page"))
		}()
		next.ServeHTTP(w, r)
	})
}

// foreign answers a form that another site sent.
func (k *Console) foreign(w http.ResponseWriter, r *http.Request) {
	v := k.visit(w, r)
	v.say(http.StatusForbidden, trouble{icon: "stop", title: v.frame.T("error.foreign.title"),
		text: v.frame.T("error.foreign.text")})
}

// trouble is a page about something that went wrong.
type trouble struct {
	icon, title, text string
	english           bool   // text is in English, whatever the page is
	id                string // of the request
	again             bool   // trying again may help
}

// fail writes the page of an error. The log names the page by its pattern, because an address may
// hold the secret of an invitation. A refusal is told in words; anything else by the id of the
// request alone, and the log has the rest.
func (v *Visit) fail(err error) {
	var refusal *fault.Error
	if !errors.As(err, &refusal) {
		v.console.Logger.Error("page", "page", v.R.Pattern,
			"request", web.RequestID(v.Ctx()), "error", err)
		v.say(http.StatusInternalServerError, trouble{icon: "alert", again: true,
			title: v.frame.T("error.title"), text: v.frame.T("error.text"),
			id: web.RequestID(v.Ctx())})
		return
	}
	status := web.Status(refusal.Problem)
	switch refusal.Problem.Kind {
	case fault.NotFound:
		v.say(status, trouble{icon: "search", title: v.frame.T("error.nowhere.title"),
			text: v.frame.T("error.nowhere.text")})
	case fault.Forbidden:
		if errors.Is(err, access.ErrSuspended) {
			v.told = true
			v.say(status, trouble{icon: "lock", title: v.frame.T("suspended.title"),
				text: v.frame.T("suspended.text")})
			return
		}
		v.say(status, trouble{icon: "lock", title: v.frame.T("error.role.title"),
			text: v.frame.T("error.role.text")})
	case fault.Unavailable:
		v.console.Logger.Error("page", "page", v.R.Pattern,
			"request", web.RequestID(v.Ctx()), "error", err)
		v.say(status, trouble{icon: "wait", again: true, title: v.frame.T("error.busy.title"),
			text: v.frame.T("error.busy.text"), id: web.RequestID(v.Ctx())})
	case fault.Unauthenticated:
		http.Redirect(v.W, v.R, SignInPath, http.StatusSeeOther)
	default:
		text, english := v.tell(refusal)
		v.say(status, trouble{icon: "stop", title: v.frame.T("error.refused.title"), text: text,
			english: english})
	}
}

// say shows a page about something that went wrong, with the navigation when somebody is signed
// in.
func (v *Visit) say(status int, m trouble) {
	v.status = 0
	if !v.SignedIn() {
		_, _ = v.recognise()
	}
	p := Page{Title: m.title, Bare: true, Alone: !v.SignedIn() || !v.May(v.console.app.Roles...)}
	if err := v.Show(status, p, v.trouble(m)); err != nil {
		v.console.Logger.Error("page not drawn", "page", v.R.Pattern, "error", err)
		http.Error(v.W, http.StatusText(http.StatusInternalServerError),
			http.StatusInternalServerError)
	}
}

// NotFound is the error for a thing that does not exist, or is not the caller's to see.
func (v *Visit) NotFound() error { return errNowhere.Newf("no such thing for this caller") }
