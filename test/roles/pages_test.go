package roles

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"watari/test/program"
)

// browser is somebody who signed in, as a browser without scripts.
type browser struct {
	w     *world
	login program.Login
	http  *http.Client
}

// pagesMax bounds how many pages one person opens.
const pagesMax = 250

// signIn signs in with a login of the sandbox; the zero login stays outside.
func (w *world) signIn(l program.Login) *browser {
	w.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	b := &browser{w, l, &http.Client{Jar: jar,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		}}}
	if l.Email == "" {
		return b
	}
	p := b.post("/account/sign-in", url.Values{"email": {l.Email}, "password": {l.Password}})
	if p.status != http.StatusSeeOther || strings.Contains(p.to, "sign-in") {
		w.t.Fatalf("%s cannot sign in: status %d, sent to %q: %s", l.Email, p.status, p.to, p.text)
	}
	return b
}

// page is what a browser got.
type page struct {
	status int
	to     string // where it is sent
	text   []byte
	root   *html.Node // nil when it is not HTML
}

// shut tells whether the page shows nothing: it refuses, or asks to sign in first.
func (p page) shut() bool {
	return p.status >= 400 || p.status == http.StatusSeeOther &&
		strings.HasPrefix(p.to, "/account/sign-in")
}

func (b *browser) get(path string) page { return b.send(http.MethodGet, path, nil) }

func (b *browser) post(path string, form url.Values) page {
	return b.send(http.MethodPost, path, strings.NewReader(form.Encode()))
}

func (b *browser) send(method, path string, form io.Reader) page {
	b.w.t.Helper()
	r, err := http.NewRequestWithContext(b.w.t.Context(), method, b.w.base+path, form)
	if err != nil {
		b.w.t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	response, err := b.http.Do(r)
	if err != nil {
		b.w.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer func() { _ = response.Body.Close() }()
	p := page{status: response.StatusCode, to: response.Header.Get("Location")}
	if strings.HasPrefix(response.Header.Get("Content-Type"), "text/event-stream") {
		return p // it never ends
	}
	if p.text, err = io.ReadAll(io.LimitReader(response.Body, 4<<20)); err != nil {
		b.w.t.Fatalf("%s %s: %v", method, path, err)
	}
	if strings.HasPrefix(response.Header.Get("Content-Type"), "text/html") {
		if p.root, err = html.Parse(bytes.NewReader(p.text)); err != nil {
			b.w.t.Fatalf("%s %s: %v", method, path, err)
		}
	}
	return p
}

// action is a form that changes something.
type action struct {
	path string
	form url.Values
}

// crawl follows every link inside the consoles, and returns the pages and the forms.
func (b *browser) crawl(start string) (found map[string]page, forms map[string]action) {
	b.w.t.Helper()
	found, forms = map[string]page{}, map[string]action{}
	alike := map[string]int{} // by address without ids and parameters
	queue := []string{start}
	for len(queue) > 0 && len(found) < pagesMax {
		path := queue[0]
		queue = queue[1:]
		if _, known := found[path]; known {
			continue
		}
		p := b.get(path)
		found[path] = p
		if p.status >= 500 {
			b.w.t.Errorf("%s: %s: status %d", b.login.Email, path, p.status)
		}
		if strings.HasPrefix(p.to, "/") {
			queue = append(queue, p.to)
		}
		if p.root == nil {
			continue
		}
		for n := range p.root.Descendants() {
			switch {
			case n.Type != html.ElementNode:
			case n.Data == "a":
				if to := inside(path, attr(n, "href")); to != "" && alike[shape(to)] < 4 {
					alike[shape(to)]++
					queue = append(queue, to)
				}
			case n.Data == "form" && strings.EqualFold(attr(n, "method"), "post"):
				if a := formOf(n, path); a.path != "" {
					forms[a.path] = a
				}
			}
		}
	}
	return found, forms
}

// ids are what differs between addresses of the same kind.
var ids = regexp.MustCompile(`[a-z]{3}_[0-9a-z]{20,}|[0-9]+`)

// shape is what addresses of one kind have in common: the path, and the names of parameters.
func shape(to string) string {
	u, err := url.Parse(to)
	if err != nil {
		return to
	}
	return ids.ReplaceAllString(u.Path, "#") + "?" +
		strings.Join(slices.Sorted(maps.Keys(u.Query())), "&")
}

// inside resolves a link; "" when it leaves the consoles or changes the language.
func inside(from, href string) string {
	base, err := url.Parse(from)
	if err != nil || href == "" {
		return ""
	}
	to, err := base.Parse(href)
	if err != nil || to.Host != "" || to.Query().Has("lang") {
		return ""
	}
	for _, console := range []string{"/merchant", "/park", "/acquirer", "/operator",
		"/account"} {
		if to.Path == console || strings.HasPrefix(to.Path, console+"/") {
			to.Fragment = ""
			return to.String()
		}
	}
	return ""
}

// formOf reads a form as it would be sent unchanged.
func formOf(n *html.Node, from string) action {
	to := inside(from, attr(n, "action"))
	if attr(n, "action") == "" {
		to = from
	}
	a := action{path: to, form: url.Values{}}
	for m := range n.Descendants() {
		if name := attr(m, "name"); name != "" {
			value := attr(m, "value")
			if value == "" {
				value = "1"
			}
			a.form.Add(name, value)
		}
	}
	return a
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// starts is where each console begins.
var starts = map[string]string{"operator": "/operator", "acquirer": "/acquirer",
	"merchant": "/merchant"}

func consoleOf(role string) string {
	kind, _, _ := strings.Cut(role, "-")
	return starts[kind]
}

// Goal: nobody sees or changes another party's data through any page, whatever their role.
// Method: every login of the sandbox follows every link of its own console; then every other
// login, and somebody who did not sign in, opens the pages and sends the forms that the people of
// one bank and of one of its merchants found. What belongs to the two is compared.
func TestNoRoleReachesAnotherPartyThroughThePages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.furnish()
	ops, _ := w.operations()
	before := w.everything(ops)

	homes := map[string]*browser{} // by role, of those who have something to lose
	var strangers []*browser
	for _, l := range append(w.about.Logins, program.Login{}) {
		b := w.signIn(l)
		if strings.HasSuffix(l.Email, "@"+w.shop.AcquirerID+".example") ||
			strings.HasSuffix(l.Email, "@iroriya.example") {
			homes[l.Role] = b
		} else if l.Role != "operator" {
			strangers = append(strangers, b)
		}
	}
	strangers = append(strangers, homes["merchant-owner"], homes["merchant-cashier"])
	seen := 0
	for _, role := range []string{"acquirer", "merchant-owner"} {
		found, forms := homes[role].crawl(consoleOf(role))
		if len(found) < 15 || len(forms) < 5 {
			t.Errorf("%s finds only %d pages and %d forms", role, len(found), len(forms))
		}
		secrets := w.bankSecrets
		if role == "merchant-owner" {
			secrets = w.shopSecrets
		}
		for _, b := range strangers {
			if role == "merchant-owner" && strings.HasSuffix(b.login.Email, "@iroriya.example") {
				continue
			}
			seen += b.trespass(found, forms, secrets)
		}
	}
	seen += w.trespassParks(homes["merchant-owner"])
	w.unchanged(before, ops)
	for _, l := range w.about.Logins {
		found, _ := w.signIn(l).crawl(consoleOf(l.Role))
		for path, p := range found {
			if p.status >= 400 {
				t.Errorf("%s: the link to %s leads nowhere: status %d", l.Email, path, p.status)
			}
		}
		t.Logf("%s opened %d pages", l.Email, len(found))
	}
	if seen < 200 {
		t.Errorf("only %d pages and forms were tried", seen)
	}
}

// parkThings are ids of what belongs to a park: queues, points of the map, gates, closures.
var parkThings = regexp.MustCompile(`(?:que|poi|gat|gdv|clo)_[0-9a-z]{20,}`)

// trespassParks tries, as the owner of another merchant and as nobody, what the owner of the
// sandbox's park finds in its console, and returns how much. The other may have a park too: they
// see that, and nothing of this one.
func (w *world) trespassParks(stranger *browser) (tried int) {
	w.t.Helper()
	for _, l := range w.about.Logins {
		if !strings.HasPrefix(l.Email, "owner@kogen-park.") {
			continue
		}
		found, forms := w.signIn(l).crawl("/park")
		if len(found) < 15 || len(forms) < 5 {
			w.t.Errorf("%s finds only %d pages and %d forms", l.Email, len(found), len(forms))
		}
		for _, b := range []*browser{stranger, w.signIn(program.Login{})} {
			tried += b.trespassPark(found, forms)
		}
	}
	return tried
}

// trespassPark tries the pages and forms of a park that is not the browser's.
func (b *browser) trespassPark(found map[string]page, forms map[string]action) (tried int) {
	b.w.t.Helper()
	things := map[string]bool{}
	for _, p := range found {
		for _, one := range parkThings.FindAllString(string(p.text), -1) {
			things[one] = true
		}
	}
	theirs := func(path string) bool {
		return strings.HasPrefix(path, "/park") &&
			(b.login.Email == "" || parkThings.MatchString(path))
	}
	for path := range found {
		p := b.get(path)
		tried++
		if theirs(path) && !p.shut() {
			b.w.t.Errorf("%q opens %s", b.login.Email, path)
		}
		for _, one := range parkThings.FindAllString(string(p.text), -1) {
			if things[one] && !strings.Contains(path, one) {
				b.w.t.Errorf("%q reads %s on %s", b.login.Email, one, path)
			}
		}
	}
	for path, form := range forms {
		if !theirs(path) {
			continue
		}
		tried++
		if !b.post(path, form.form).shut() {
			b.w.t.Errorf("%q sends %s", b.login.Email, path)
		}
	}
	return tried
}

// trespass opens pages and sends forms that somebody else found, and returns how many.
func (b *browser) trespass(
	found map[string]page, forms map[string]action, secrets []string,
) (tried int) {
	b.w.t.Helper()
	holds := func(text string) string {
		for _, s := range secrets {
			if strings.Contains(text, s) {
				return s
			}
		}
		return ""
	}
	who := b.login.Email
	if who == "" {
		who = "nobody"
	}
	for _, path := range slices.Sorted(maps.Keys(found)) {
		if strings.HasPrefix(path, "/account") {
			continue // everybody's own
		}
		p := b.get(path)
		tried++
		address, _, _ := strings.Cut(path, "?")
		if holds(address) != "" {
			if !p.shut() {
				b.w.t.Errorf("%s opens %s: status %d, to %q", who, path, p.status, p.to)
			}
		} else if s := holds(string(p.text)); s != "" && !strings.Contains(path, s) {
			b.w.t.Errorf("%s reads %s on %s", who, s, path)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(forms)) {
		own := strings.HasPrefix(path, "/park") && !parkThings.MatchString(path)
		if strings.HasPrefix(path, "/account") || own && b.login.Email != "" {
			continue // what it names is the sender's own
		}
		p := b.post(path, forms[path].form)
		tried++
		switch s := holds(path + forms[path].form.Encode()); {
		case p.status >= 500:
			b.w.t.Errorf("%s sends %s: status %d", who, path, p.status)
		case s != "" && !p.shut():
			b.w.t.Errorf("%s sends %s with %s: status %d, to %q", who, path, s, p.status, p.to)
		}
	}
	return tried
}
