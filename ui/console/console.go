package console

import (
	"context"
	"embed"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"watari/kit/access"
	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/i18n"
)

//go:embed lang/*.json
var langFiles embed.FS

// Person is who is signed in, as far as the pages show it.
type Person struct {
	// ID is the person's id; Email is how they sign in; Name may be "".
	ID, Email, Name string
	// Lang is the language that they chose for all their browsers; "" is none.
	Lang string
}

// Sessions finds who signed in.
type Sessions interface {
	// Session returns the person of a session's secret. Errors: a fault of the kind
	// Unauthenticated when there is none, whatever the reason.
	Session(ctx context.Context, secret string) (access.Caller, Person, error)
}

// Config is what every console needs. Done, Logger and Now may be left out.
type Config struct {
	Sessions Sessions
	// Sandbox marks every page as one of a sandbox.
	Sandbox bool
	// Done ends live streams when it is closed, so that a server can stop.
	Done   <-chan struct{}
	Logger *slog.Logger     // nil is slog.Default
	Now    func() time.Time // nil is clock.Now
}

// App is one console: its pages below one prefix, for some roles.
type App struct {
	// Prefix is the first part of all its paths, such as "/merchant".
	Prefix string
	// Roles may open the console. Nobody's role is needed when it has public pages only.
	Roles []access.Role
	// Nav is the way through it, in the order shown.
	Nav []NavItem
	// Name is the key of the console's name; "" is "app".
	Name string
	// Stay is for pages that people have the address of and nothing else: the mark of the network
	// leads to the page itself, not to the sign-in.
	Stay bool
	// Texts must have "app", the name of the console, and "nav.<id>" for each item of Nav.
	Texts *i18n.Catalogue
	// Where names the place that the caller works at (the bank, the shop), in the language of the
	// page; nil shows none.
	Where func(ctx context.Context, c access.Caller, lang i18n.Lang) (string, error)
}

// NavItem is one entry of the navigation.
type NavItem struct {
	// ID is what Page.Tab names; its text is "nav.<ID>".
	ID string
	// Path is where it leads, in full: "/merchant/payments".
	Path string
	// Icon is a name of theme.Icon.
	Icon string
	// Roles see the entry; nil is all of the console's.
	Roles []access.Role
	// Main puts the entry into the bar at the bottom of a phone. At most four are.
	Main bool
	// Group begins a group with a heading, "nav.group.<Group>"; "" goes on with the group before.
	Group string
}

// Console serves the pages of an App. Handlers are added before it serves; after that it is safe
// for concurrent use.
type Console struct {
	Config
	app App
	mux *http.ServeMux
	// uploads are the bounds of the pages that take files, by pattern.
	uploads map[string]int64
	own     *i18n.Catalogue // texts of the frame
	serve   http.Handler
}

// New returns a console without pages.
func New(c Config, a App) *Console {
	check.That(c.Sessions != nil, "console: there are no sessions")
	check.That(strings.HasPrefix(a.Prefix, "/") && !strings.HasSuffix(a.Prefix, "/"),
		"console: the prefix %q does not begin with a slash, or ends with one", a.Prefix)
	check.That(a.Texts != nil, "console: %s has no texts", a.Prefix)
	if c.Now == nil {
		c.Now = clock.Now
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	k := &Console{Config: c, app: a, mux: http.NewServeMux(), uploads: map[string]int64{},
		own: Texts()}
	k.Public(a.Prefix+"/", func(v *Visit) error { return errNowhere.Newf("no such page") })
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(k.foreign))
	k.serve = k.guarded(guard.Handler(k.mux))
	return k
}

// ServeHTTP is part of http.Handler.
func (k *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) { k.serve.ServeHTTP(w, r) }

// Mounter is what a console is mounted on: a web.Server, or an http.ServeMux.
type Mounter interface {
	Handle(pattern string, h http.Handler)
}

// bounder bounds bodies, and can be told another bound for a pattern. web.Server is one.
type bounder interface {
	HandleUpTo(pattern string, most int64, h http.Handler)
}

// Mount adds the console's paths: its prefix, all below it, and each page that takes files with
// the bound that it asks for.
func (k *Console) Mount(m Mounter) {
	m.Handle(k.app.Prefix, k)
	m.Handle(k.app.Prefix+"/", k)
	if b, ok := m.(bounder); ok {
		for pattern, most := range k.uploads {
			b.HandleUpTo(pattern, most, k)
		}
	}
}

// Handler answers a page. The error that it returns becomes an error page.
type Handler func(v *Visit) error

// Handle adds a page for people who are signed in with one of the roles; nil is all roles of the
// console. The pattern is one of http.ServeMux with the whole path: "GET /merchant/payments/{id}".
// Forms are read before the handler runs, and bounded by BodyMax.
// While the place of somebody is suspended, only those with the method GET are for them (C7).
func (k *Console) Handle(pattern string, roles []access.Role, fn Handler) {
	k.add(pattern, k.admitting(pattern, roles, !strings.HasPrefix(pattern, "GET "),
		reading(BodyMax, fn)))
}

// HandleAlways is Handle for a form that people may send also while their place is suspended: it
// gives back, or is about nobody but themselves.
func (k *Console) HandleAlways(pattern string, roles []access.Role, fn Handler) {
	k.add(pattern, k.admitting(pattern, roles, false, reading(BodyMax, fn)))
}

// admitting lets those in who are signed in with one of the roles and, for a page that changes
// things, whose place lets them.
func (k *Console) admitting(
	pattern string, roles []access.Role, changes bool, fn Handler,
) Handler {
	if roles == nil {
		roles = k.app.Roles
	}
	check.That(len(roles) > 0, "console: %s is for no role", pattern)
	return func(v *Visit) error {
		if ok, err := v.signedIn(); !ok || err != nil {
			return err
		}
		if !slices.Contains(roles, v.Caller.Role) {
			return access.ErrRole.Newf("this page is for other people")
		}
		if changes {
			if err := v.Caller.AllowChange(); err != nil {
				return err
			}
		}
		return fn(v)
	}
}

// Upload is Handle for a form with files (multipart/form-data) of at most most bytes in all. Who
// sends it has two minutes. Of who may not send it, nothing is read.
func (k *Console) Upload(pattern string, roles []access.Role, most int64, fn Handler) {
	k.uploads[pattern] = most
	k.add(pattern, k.admitting(pattern, roles, true, reading(most, fn)))
}

// Public adds a page for everybody. Who is signed in all the same is known: see Visit.SignedIn.
func (k *Console) Public(pattern string, fn Handler) {
	k.add(pattern, recognising(reading(BodyMax, fn)))
}

// PublicUpload is Public for a form with files of at most most bytes in all.
func (k *Console) PublicUpload(pattern string, most int64, fn Handler) {
	k.uploads[pattern] = most
	k.add(pattern, recognising(reading(most, fn)))
}

// recognising finds who is signed in, if anybody is.
func recognising(fn Handler) Handler {
	return func(v *Visit) error {
		if _, err := v.recognise(); err != nil {
			return err
		}
		return fn(v)
	}
}

// reading reads the form, of at most most bytes.
func reading(most int64, fn Handler) Handler {
	return func(v *Visit) error {
		if err := v.readForm(most); err != nil {
			return err
		}
		return fn(v)
	}
}

// add adds a page that judges itself who may see it, and reads its form itself.
func (k *Console) add(pattern string, fn Handler) {
	k.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		v := k.visit(w, r)
		defer func() { forgetFiles(v.R) }()
		if !isText(r.URL.Path) {
			v.fail(errNowhere.Newf("the address is no text"))
			return
		}
		if err := fn(v); err != nil {
			v.fail(err)
		}
	})
}

// Texts are the words of the frame, for tests of pages that stand in it.
func Texts() *i18n.Catalogue { return i18n.MustLoad(langFiles, "lang/*.json") }
