package console

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"watari/kit/access"
	"watari/kit/fault"
	"watari/kit/i18n"
	"watari/ui/theme"
)

// Visit is one request for a page, and what its templates draw with: the components of this
// package are its methods. It belongs to one goroutine.
type Visit struct {
	// W and R are the request itself.
	W http.ResponseWriter
	R *http.Request
	// Caller and Person are who is signed in; zero on public pages for strangers.
	Caller access.Caller
	Person Person
	// Texts are those of the App in the language of the page: v.T, v.N, v.Lang.
	*i18n.Texts
	// Theme is "", "light" or "dark".
	Theme string
	// Now is when the request came.
	Now time.Time
	// Mistakes are what is wrong with the fields of a form that came back, by name.
	Mistakes map[string]string

	refusal string // what is wrong with the form as a whole
	status  int    // of the page that is shown after a refusal
	flash   string
	told    bool // the page itself says that the place is suspended
	where   string
	page    Page
	frame   *i18n.Texts
	console *Console
}

// Page says what the frame needs to know of a page.
type Page struct {
	// Title is the name of the window and the heading.
	Title string
	// Tab is the ID of the entry of the navigation that the page belongs to.
	Tab string
	// Lead is a sentence under the heading.
	Lead string
	// Say is read out at once when the page is shown.
	Say string
	// Crumbs are the pages above this one, the highest first.
	Crumbs []Link
	// Actions stand beside the heading.
	Actions []Action
	// Wide uses the whole width, for tables; otherwise lines stay readable.
	Wide bool
	// Bare draws no heading: the page has its own h1.
	Bare bool
	// Alone draws no navigation, for pages of people who are not signed in.
	Alone bool
	// Refresh is after how many seconds a browser without scripts asks again; 0 is never.
	Refresh int
}

// Link is a way to a page.
type Link struct{ Text, Href string }

// Action is a link or a button that stands out.
type Action struct {
	Text, Href string
	// Icon is a name of theme.Icon; "" is none.
	Icon string
	// Main marks the one action that matters.
	Main bool
	// Post makes it a form with a button that posts these fields to Href; nil is a link.
	Post map[string]string
	// Dialog is the id of a Dialog that it opens instead.
	Dialog string
	// Download tells browsers to keep what comes.
	Download bool
}

// The files of the bundle that consoles load.
const (
	styleFile  = "console-style.css"
	scriptFile = "console.js"
)

// visit begins a request.
func (k *Console) visit(w http.ResponseWriter, r *http.Request) *Visit {
	lang := i18n.Match(r)
	if r.Method == http.MethodGet {
		lang = i18n.Choose(w, r)
	}
	v := &Visit{W: w, R: r, Texts: k.app.Texts.For(lang), frame: k.own.For(lang), Now: k.Now(),
		console: k}
	if c, err := r.Cookie(themeCookie); err == nil && slices.Contains(themes[1:], c.Value) {
		v.Theme = c.Value
	}
	return v
}

// Ctx is the request's context, with the caller in it.
func (v *Visit) Ctx() context.Context { return v.R.Context() }

// SignedIn tells whether somebody is signed in.
func (v *Visit) SignedIn() bool { return v.Person.ID != "" }

// May tells whether the caller has one of the roles.
func (v *Visit) May(roles ...access.Role) bool { return slices.Contains(roles, v.Caller.Role) }

// recognise finds who is signed in; false when nobody is.
func (v *Visit) recognise() (bool, error) {
	c, err := v.R.Cookie(SessionCookie)
	if err != nil || c.Value == "" || len(c.Value) > 256 {
		return false, nil
	}
	caller, person, err := v.console.Sessions.Session(v.Ctx(), c.Value)
	var refusal *fault.Error
	if errors.As(err, &refusal) && refusal.Problem.Kind == fault.Unauthenticated {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("find the session: %w", err)
	}
	v.Caller, v.Person = caller, person
	v.R = v.R.WithContext(access.With(v.R.Context(), caller))
	return true, nil
}

// signedIn finds who is signed in, or sends the browser to the page for that.
func (v *Visit) signedIn() (bool, error) {
	ok, err := v.recognise()
	if ok || err != nil {
		return ok, err
	}
	to := SignInPath
	if v.R.Method == http.MethodGet {
		to += "?next=" + url.QueryEscape(v.R.URL.RequestURI())
	}
	http.Redirect(v.W, v.R, to, http.StatusSeeOther)
	return false, nil
}

// Show writes a page: what it has to say, framed. It is drawn in full first, so that what goes
// wrong in drawing is an error page and not half a page. After Refused, the status is that of
// the refusal and not the one given.
func (v *Visit) Show(status int, p Page, content templ.Component) error {
	if v.status != 0 {
		status = v.status
	}
	v.page = p
	v.takeFlash()
	if v.SignedIn() && v.console.app.Where != nil && !p.Alone {
		where, err := v.console.app.Where(v.Ctx(), v.Caller, v.Lang)
		if err != nil {
			return fmt.Errorf("find the place: %w", err)
		}
		v.where = where
	}
	var b bytes.Buffer
	ctx := templ.WithChildren(v.Ctx(), content)
	if err := v.document().Render(ctx, &b); err != nil {
		return fmt.Errorf("draw page: %w", err)
	}
	h := v.W.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Vary", "Cookie, Accept-Language")
	v.W.WriteHeader(status)
	if v.R.Method != http.MethodHead {
		_, _ = v.W.Write(b.Bytes())
	}
	return nil
}

// shell is what the document around the page needs.
func (v *Visit) shell() theme.Document {
	title := v.page.Title
	if name := v.T("app"); name != "app" && !v.page.Alone {
		title += " · " + name
	}
	class := "console"
	if v.page.Alone {
		class = "console solitary"
	}
	return theme.Document{Lang: string(v.Lang), Title: title, Theme: v.Theme, Style: styleFile,
		Script: scriptFile, Refresh: v.page.Refresh, Class: class}
}

// flashCookie carries one sentence over a redirect. It lives as long as a redirect takes.
const (
	flashCookie = "watari_flash"
	flashAge    = 30 // seconds
)

// SeeOther sends the browser on after a form. The next page shows flash once, when it is not "".
func (v *Visit) SeeOther(path, flash string) error {
	if flash != "" {
		v.setCookie(&http.Cookie{Name: flashCookie, MaxAge: flashAge,
			Value: base64.RawURLEncoding.EncodeToString([]byte(flash))})
	}
	http.Redirect(v.W, v.R, path, http.StatusSeeOther)
	return nil
}

// takeFlash reads what the page before left to say.
func (v *Visit) takeFlash() {
	c, err := v.R.Cookie(flashCookie)
	if err != nil || c.Value == "" {
		return
	}
	text, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err == nil && len(text) < 1000 {
		v.flash = strings.ToValidUTF8(string(text), "")
	}
	v.setCookie(&http.Cookie{Name: flashCookie, MaxAge: -1})
}

// Here is the address of this page with some parameters of its query changed: names and values
// in turn, "" takes a parameter away. Pagers and filters are made of it.
func (v *Visit) Here(change ...string) string {
	q := v.R.URL.Query()
	q.Del(i18n.CookieName)
	for i := 0; i+1 < len(change); i += 2 {
		if change[i+1] == "" {
			q.Del(change[i])
		} else {
			q.Set(change[i], change[i+1])
		}
	}
	if len(q) == 0 {
		return v.R.URL.Path
	}
	return v.R.URL.Path + "?" + q.Encode()
}
