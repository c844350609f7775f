package visitor

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/limit"
	who "watari/visit/visitor"
)

// Prefix is the first part of all paths of the app.
const Prefix = "/visit"

// Visitors knows who is signed in and lets people in. visitor.Service is one.
type Visitors interface {
	// Session returns whose session a secret is. Errors: a fault of the kind Unauthenticated when
	// there is none, whatever the reason.
	Session(ctx context.Context, secret string) (who.Visitor, error)
	// Wallets are those that people can sign in with, by name.
	Wallets(ctx context.Context) ([]who.Wallet, error)
	// Begin starts a sign-in with a wallet.
	Begin(ctx context.Context, b who.Beginning) (who.Start, error)
	// Finish takes what a wallet sent the browser back with, to the address of that wallet.
	Finish(ctx context.Context, cookie, issuerID string, back url.Values) (who.Entry, error)
	// SignOut ends a session; an unknown one is no error.
	SignOut(ctx context.Context, secret string) error
	// SetLang keeps the language that a visitor chose.
	SetLang(ctx context.Context, visitorID, lang string) error
	// Forget erases what is known of a visitor.
	Forget(ctx context.Context, visitorID string) error
}

// Config is what the app is made of. Visitors is needed; what is nil is left out of the pages.
type Config struct {
	Visitors Visitors
	// Places say what is near, Bookings what a visitor has bought: one of each for every service.
	Places   []Places
	Bookings []Bookings
	// Receipts are what a visitor paid. OrderPath begins the address of the page of what was
	// bought by an order, whose id follows; "" is no page.
	Receipts  Receipts
	OrderPath string
	// Rates say what an amount is in the visitor's own money, about.
	Rates Rates
	// PublicURL is where wallets send browsers back to, without a trailing slash. "" is the host
	// that the browser names.
	PublicURL string
	// Sandbox marks every page as one of a sandbox.
	Sandbox bool
	// Done ends live streams when it is closed, so that a server can stop.
	Done   <-chan struct{}
	Logger *slog.Logger     // nil is slog.Default
	Now    func() time.Time // nil is clock.Now
}

// Need is who may see a page.
type Need int

// The needs of pages.
const (
	// Anyone sees the page; Visit.Visitor is nil for who is not signed in.
	Anyone Need = iota
	// Known people only: others are sent to sign in, and come back.
	Known
)

// Handler answers a request. The error that it returns becomes an error page.
type Handler func(v *Visit) error

// App is the visitor's app. Pages are added before it serves; after that it is safe for concurrent
// use.
type App struct {
	Config
	mux     *http.ServeMux
	added   map[string]bool // patterns
	offline []func(v *Visit) ([]string, error)
	endings []func(v *Visit) error
	serve   http.Handler
	reads   *limit.Limiter
	writes  *limit.Limiter
	begins  *limit.Limiter
}

// New returns the app with its own pages: home, sign-in, receipts, settings.
func New(c Config) *App {
	check.That(c.Visitors != nil, "visitor: nobody knows who is signed in")
	if c.Now == nil {
		c.Now = clock.Now
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	a := &App{Config: c, mux: http.NewServeMux(), added: map[string]bool{},
		reads: limit.New(readsAMinute), writes: limit.New(writesAMinute),
		begins: limit.New(begunAMinute)}
	a.own()
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(a.foreign))
	a.serve = a.guarded(guard.Handler(a.mux))
	return a
}

// own adds the pages of the frame.
func (a *App) own() {
	a.Handle("GET "+Prefix, Anyone, a.showHome)
	a.Handle("GET "+Prefix+"/{$}", Anyone, func(v *Visit) error { return v.SeeOther(Prefix, "") })
	a.Handle("GET "+SignInPath, Anyone, a.showSignIn)
	a.Handle("GET "+SignInPath+"/with/{wallet}", Anyone, a.begin)
	a.Handle("GET "+backPath+"{wallet}", Anyone, a.comeBack)
	a.Handle("POST "+Prefix+"/sign-out", Anyone, a.signOut)
	a.Handle("GET "+Prefix+"/receipts", Known, a.showReceipts)
	a.Handle("GET "+Prefix+"/settings", Anyone, a.showSettings)
	a.Handle("POST "+Prefix+"/settings/language", Anyone, a.setLanguage)
	a.Handle("GET "+Prefix+"/settings/forget", Known, a.askForget)
	a.Handle("POST "+Prefix+"/settings/forget", Known, a.forget)
	a.Handle("GET "+awayPath, Anyone, a.showAway)
	a.Handle("GET "+offlinePath, Anyone, a.listOffline)
	a.mux.HandleFunc("GET "+manifestPath, a.manifest)
	a.mux.HandleFunc("GET "+workerPath, a.worker)
	a.Handle("/", Anyone, func(v *Visit) error { return v.NotFound() })
}

// ServeHTTP is part of http.Handler.
func (a *App) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.serve.ServeHTTP(w, r) }

// Mounter is what the app is mounted on: a web.Server, or an http.ServeMux.
type Mounter interface {
	Handle(pattern string, h http.Handler)
}

// Mount adds the app's paths. Tabs that no service has a page for get one that says so.
func (a *App) Mount(m Mounter) {
	if pattern := "GET " + TicketsPath; !a.added[pattern] {
		a.Handle(pattern, Known, a.showTickets)
	}
	if pattern := "GET " + MapPath; !a.added[pattern] {
		a.Handle(pattern, Anyone, a.showNoMap)
	}
	a.leadBack()
	m.Handle(Prefix, a)
	m.Handle(Prefix+"/", a)
}

// Handle adds a page. The pattern is one of http.ServeMux with the whole path:
// "GET /visit/park/{slug}". Forms are read before the handler runs, and bounded by BodyMax; what
// changes something is a POST, which other sites cannot send.
func (a *App) Handle(pattern string, need Need, fn Handler) {
	a.added[pattern] = true
	writes := strings.HasPrefix(pattern, http.MethodPost+" ")
	a.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		v := a.visit(w, r)
		if err := v.open(writes); err != nil {
			v.fail(err)
			return
		}
		if need == Known && v.Visitor == nil {
			v.toSignIn()
			return
		}
		if err := fn(v); err != nil {
			v.fail(err)
		}
	})
}

// leadBack gives the addresses of forms that have no page of their own one that leads to what they
// are a part of: a page that answered a form may be loaded again by its address.
func (a *App) leadBack() {
	for _, pattern := range slices.Sorted(maps.Keys(a.added)) {
		at, form := strings.CutPrefix(pattern, http.MethodPost+" ")
		if page := http.MethodGet + " " + at; form && !a.added[page] {
			a.Handle(page, Anyone, func(v *Visit) error {
				return v.SeeOther(path.Dir(v.R.URL.EscapedPath()), "")
			})
		}
	}
}

// Ending adds what is ended when a visitor is forgotten, before they are: what is begun and not
// paid, places that are kept for them. An error keeps the visitor, who can try again.
func (a *App) Ending(fn func(v *Visit) error) { a.endings = append(a.endings, fn) }

// Offline adds addresses that a browser keeps for a visitor after the first load, so that they
// open without a connection: pages that are shown with Page.Keep, and files of the bundle that
// they need. The list is asked for now and then, never while the first page loads.
func (a *App) Offline(fn func(v *Visit) ([]string, error)) { a.offline = append(a.offline, fn) }

// Paths of the tabs, and of the sign-in.
const (
	TicketsPath  = Prefix + "/tickets"
	MapPath      = Prefix + "/map"
	ReceiptsPath = Prefix + "/receipts"
	SettingsPath = Prefix + "/settings"
	SignInPath   = Prefix + "/sign-in"
)
