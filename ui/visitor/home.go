package visitor

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"watari/kit/i18n"
	who "watari/visit/visitor"
)

// Places say what a service has for visitors to go to.
type Places interface {
	// Near returns the places, the nearest or most likely first.
	Near(ctx context.Context, lang i18n.Lang, now time.Time) ([]Place, error)
}

// Place is somewhere to go: a park.
type Place struct {
	Href string
	Name i18n.Text
	// Kind is "park", "bike" or "stay"; its word is "kind.<Kind>".
	Kind string
	// Open says whether it is open now. Opens and Closes are today's, zero when it is shut all
	// day or does not say.
	Open          bool
	Opens, Closes time.Time
	// Shortest is the ride with the shortest queue whose length is known; nil is none.
	Shortest *Queue
	// Rides is how many rides run now, of how many; Of 0 is unknown.
	Rides, Of int64
}

// Queue is how long somebody waits somewhere.
type Queue struct {
	Href string
	Name i18n.Text
	// Minutes is how long; AtMost says that it may be less.
	Minutes int64
	AtMost  bool
	// Stale says that nothing was heard for a while.
	Stale bool
}

// Bookings say what a visitor bought from a service and has not used up.
type Bookings interface {
	// Kind is "park", "bike" or "stay": the heading is "mine.<Kind>".
	Kind() string
	// Upcoming returns what is still to come, or going on, the next first.
	Upcoming(ctx context.Context, visitorID string, now time.Time) ([]Booking, error)
}

// Booking is something that a visitor bought: tickets, a ride, a stay.
type Booking struct {
	Href  string
	Icon  string // a name of theme.Icon; "" is "ticket"
	Title i18n.Text
	Place i18n.Text
	Day   string // "2026-11-23", in Japan
	// From is when it begins, zero for the whole day; it sorts bookings of one day.
	From time.Time
	// Left of Count can still be used, such as people who have not entered. Count 0 is unknown.
	Left, Count int64
	// Tone and State are a word for how it stands in the language of the page's texts, a key such
	// as "park.order.held"; "" is nothing to say.
	Tone, State string
}

// over is 1 for what is used up: it is next only when nothing else is.
func (b Booking) over() int {
	if b.Count > 0 && b.Left == 0 {
		return 1
	}
	return 0
}

// next sorts bookings by when they begin.
func next(a, b Booking) int {
	if a.Day != b.Day {
		if a.Day < b.Day {
			return -1
		}
		return 1
	}
	return a.From.Compare(b.From)
}

// homeScreen is what the first page shows.
type homeScreen struct {
	places   []Place
	next     *Booking
	mine     []shelf
	wallets  []who.Wallet // for strangers
	here     *who.Wallet  // whose browser this is
	signIn   string
	receipts []who.Receipt
	broken   bool // a service could not be asked
}

// shelf is what a visitor has of one service.
type shelf struct {
	kind string
	list []Booking
}

// showHome is the first page: what is near, and what is next. A service that cannot be asked is
// left out and the page says so; it never keeps the others from being shown.
func (a *App) showHome(v *Visit) error {
	s := homeScreen{signIn: SignInPath}
	for _, p := range a.Places {
		found, err := p.Near(v.Ctx(), v.Lang, v.Now)
		if err != nil {
			s.broken = v.missed("places", err)
			continue
		}
		s.places = append(s.places, found...)
	}
	if v.Visitor == nil {
		wallets, err := a.Visitors.Wallets(v.Ctx())
		if err != nil {
			s.broken = v.missed("wallets", err)
		}
		s.wallets, s.here = wallets, v.inside(wallets)
	} else {
		v.fill(&s)
	}
	return v.Show(http.StatusOK, Page{Title: v.T("app.name"), Tab: TabHome, Bare: true,
		Keep: true, Class: "home"}, v.home(s))
}

// fill adds what is the visitor's own.
func (v *Visit) fill(s *homeScreen) {
	var all []Booking
	for _, b := range v.app.Bookings {
		list, err := b.Upcoming(v.Ctx(), v.Visitor.ID, v.Now)
		if err != nil {
			s.broken = v.missed("bookings", err)
			continue
		}
		all = append(all, list...)
		s.mine = append(s.mine, shelf{b.Kind(), list})
	}
	if len(all) > 0 {
		first := slices.MinFunc(all, func(a, b Booking) int {
			return cmp.Or(a.over()-b.over(), next(a, b))
		})
		s.next = &first
	}
	if v.app.Receipts == nil {
		return
	}
	list, _, err := v.app.Receipts.Receipts(v.Ctx(), *v.Visitor, "", homeReceipts)
	if err != nil {
		s.broken = v.missed("receipts", err)
		return
	}
	s.receipts = list
}

// homeReceipts is how many receipts the first page shows.
const homeReceipts = 2

// missed notes that a part of a page could not be found.
func (v *Visit) missed(part string, err error) bool {
	v.app.Logger.Error("a part of a visitor's page is missing", "part", part,
		"path", v.R.URL.Path, "error", err)
	return true
}

// showTickets lists what a visitor bought, from all services, when no service has a page for it.
func (a *App) showTickets(v *Visit) error {
	var s homeScreen
	v.fill(&s)
	return v.Show(http.StatusOK, Page{Title: v.T("tickets.title"), Tab: TabTickets, Keep: true},
		v.shelves(s))
}

// showNoMap says that there is no map, when no service has one.
func (a *App) showNoMap(v *Visit) error {
	return v.Show(http.StatusOK, Page{Title: v.T("map.title"), Tab: TabMap},
		v.Empty(Empty{Icon: "map", Title: v.T("map.none"), Text: v.T("map.none.text")}))
}
