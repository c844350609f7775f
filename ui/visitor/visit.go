package visitor

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"

	"watari/kit/fault"
	"watari/kit/i18n"
	"watari/ui/theme"
	who "watari/visit/visitor"
)

// Visit is one request for a page, and what its templates draw with: the components of this
// package are its methods. It belongs to one goroutine.
type Visit struct {
	// W and R are the request itself.
	W http.ResponseWriter
	R *http.Request
	// Visitor is who is signed in; nil for strangers.
	Visitor *who.Visitor
	// Words are the texts in the language of the page: v.T, v.N, v.Lang.
	Words
	// Now is when the request came.
	Now time.Time
	// Mistakes are what is wrong with the fields of a form that came back, by name.
	Mistakes map[string]string

	app     *App
	refusal string // what is wrong with the form as a whole
	status  int    // of the page that is shown after a refusal
	flash   string
	page    Page
	wallet  who.Wallet // that the visitor signed in with, once it was asked for
}

// Page says what the frame needs to know of a page.
type Page struct {
	// Title is the name of the window and the heading.
	Title string
	// Tab is TabHome, TabTickets, TabMap, TabReceipts, or "" for pages beside the tabs.
	Tab string
	// Up is the page above this one: its text stands beside the arrow. Pages of a tab have none.
	Up Link
	// Lead is a sentence under the heading.
	Lead string
	// Bare draws no heading: the page has its own h1.
	Bare bool
	// Wide uses the whole screen without margins, for maps.
	Wide bool
	// Say is read out at once when the page is shown.
	Say string
	// Class is added to the page's main element, for its own styles.
	Class string
	// Keep lets the browser keep the page and show it, marked as of when, without a connection.
	// A page of a visitor is dropped when they sign out.
	Keep bool
	// Style and Script are more files of the bundle, "" for none, for a page that needs more than
	// the frame brings.
	Style, Script string
	// Refresh is after how many seconds a browser without scripts asks again; 0 is never.
	Refresh int
	// State stands for what the page shows of something that changes elsewhere, such as a payment.
	// Every Again seconds the script asks for it, and draws the page anew when it is another; 0 is
	// never.
	State string
	Again int
}

// The tabs of the app.
const (
	TabHome     = "home"
	TabTickets  = "tickets"
	TabMap      = "map"
	TabReceipts = "receipts"
)

// Link is a way to a page.
type Link struct{ Text, Href string }

// The files of the bundle that every page loads.
const (
	styleFile  = "visitor-style.css"
	scriptFile = "visitor.js"
)

// Cookies of the app.
const (
	// SessionCookie holds the secret of a visitor's session.
	SessionCookie = "watari_visitor"
	tripCookie    = "watari_visitor_trip"
	flashCookie   = "watari_visitor_flash"
	flashAge      = 30 // seconds: as long as a redirect takes
	langAge       = 365 * 24 * 60 * 60
)

// visit begins a request.
func (a *App) visit(w http.ResponseWriter, r *http.Request) *Visit {
	lang := i18n.Match(r)
	if r.Method == http.MethodGet {
		lang = i18n.Choose(w, r)
	}
	return &Visit{W: w, R: r, Words: wordsIn(lang), Now: a.Now(), app: a}
}

// Ctx is the request's context.
func (v *Visit) Ctx() context.Context { return v.R.Context() }

// recognise finds who is signed in.
func (v *Visit) recognise() error {
	c, err := v.R.Cookie(SessionCookie)
	if err != nil || c.Value == "" || len(c.Value) > 256 {
		return nil
	}
	found, err := v.app.Visitors.Session(v.Ctx(), c.Value)
	var refusal *fault.Error
	if errors.As(err, &refusal) && refusal.Problem.Kind == fault.Unauthenticated {
		return nil
	}
	if err != nil {
		return fmt.Errorf("find the session: %w", err)
	}
	v.Visitor = &found
	return nil
}

// toSignIn sends the browser to sign in. Pages come back; a form comes back to the page that it was
// on, to be sent again.
func (v *Visit) toSignIn() {
	next := v.cameFrom()
	if v.R.Method == http.MethodGet || v.R.Method == http.MethodHead {
		next = v.R.URL.RequestURI()
	}
	to := SignInPath
	if next != "" {
		to += "?next=" + url.QueryEscape(next)
	}
	http.Redirect(v.W, v.R, to, http.StatusSeeOther)
}

// cameFrom is the page of this site that a form was on, "" when the browser does not say.
func (v *Visit) cameFrom() string {
	u, err := url.Parse(v.R.Referer())
	if err != nil || u.Host == "" || u.Host != v.R.Host {
		return ""
	}
	return u.RequestURI()
}

// Show writes a page: what it has to say, framed. It is drawn in full first, so that what goes
// wrong in drawing is an error page and not half a page. After Refused, the status is that of the
// refusal and not the one given.
func (v *Visit) Show(status int, p Page, content templ.Component) error {
	if v.status != 0 {
		status = v.status
	}
	v.page = p
	v.takeFlash()
	var b bytes.Buffer
	if err := v.document().Render(templ.WithChildren(v.Ctx(), content), &b); err != nil {
		return fmt.Errorf("draw page: %w", err)
	}
	h := v.W.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Vary", "Cookie, Accept-Language")
	// What is said once is not shown again without a connection.
	if p.Keep && status == http.StatusOK && v.flash == "" {
		h.Set(keepHeader, "yes")
	}
	if p.State != "" {
		h.Set(stateHeader, p.State)
	}
	v.W.WriteHeader(status)
	if v.R.Method != http.MethodHead {
		_, _ = v.W.Write(b.Bytes())
	}
	return nil
}

// shell is what the document around the page needs.
func (v *Visit) shell() theme.Document {
	title := v.page.Title
	if title != v.T("app.name") {
		title += " · " + v.T("app.name")
	}
	return theme.Document{Lang: string(v.Lang), Title: title, Style: styleFile,
		Script: scriptFile, Refresh: v.page.Refresh, Class: "visitor", App: manifestPath}
}

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

// Here is the address of this page with some parameters of its query changed: names and values in
// turn, "" takes a parameter away.
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

// origin is where the browser found this page: scheme and host.
func (v *Visit) origin() string {
	if v.app.PublicURL != "" {
		return v.app.PublicURL
	}
	if secure(v.R) {
		return "https://" + v.R.Host
	}
	return "http://" + v.R.Host
}

// secure tells whether the browser came over TLS, here or at a proxy before this program.
func secure(r *http.Request) bool {
	return r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https"
}

// setCookie fills in what all cookies of the app have in common.
func (v *Visit) setCookie(c *http.Cookie) {
	if c.Path == "" {
		c.Path = "/"
	}
	c.HttpOnly, c.SameSite = true, http.SameSiteLaxMode
	// A proxy that ends TLS may not say so; where it stands is known.
	c.Secure = secure(v.R) || v.app.PublicURL == "https://"+v.R.Host
	http.SetCookie(v.W, c)
}

// cookie is the value of a cookie, "" when there is none or it is too long to be ours.
func (v *Visit) cookie(name string) string {
	c, err := v.R.Cookie(name)
	if err != nil || len(c.Value) > 256 {
		return ""
	}
	return c.Value
}
