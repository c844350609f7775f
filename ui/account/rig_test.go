package account_test

import (
	"context"
	"html"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/hotp"

	"watari/kit/access"
	"watari/kit/access/people"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/event"
	"watari/kit/foureyes"
	"watari/kit/i18n"
	"watari/kit/seal"
	"watari/ui/account"
	"watari/ui/console"
)

// password is everybody's.
const password = "correct horse battery"

// sessions tells consoles who signed in.
type sessions struct{ *people.People }

func (s sessions) Session(ctx context.Context, secret string) (
	access.Caller, console.Person, error,
) {
	caller, who, err := s.People.Session(ctx, secret)
	return caller, console.Person{ID: who.ID, Email: who.Email, Name: who.Name}, err
}

// office is a server with the pages, and the people behind it.
type office struct {
	t      *testing.T
	people *people.People
	server *httptest.Server
	stands atomic.Int32 // access.Standing of everybody's place
}

// open makes an office. Strict asks banks' people for a second factor; otherwise it is a sandbox.
func open(t *testing.T, strict bool) *office {
	t.Helper()
	d := dbtest.New(t, db.SQLite, []fs.FS{people.Migrations, access.Migrations,
		event.Migrations(), foureyes.Migrations()}...)
	ring, err := seal.New(map[int][]byte{1: make([]byte, seal.KeyBytes)})
	if err != nil {
		t.Fatal(err)
	}
	log := event.NewLog(d)
	desk := foureyes.New(d, log, 1)
	people.Attend(desk)
	o := &office{t: t}
	p := people.New(people.Config{DB: d, Log: log, Lane: 1, Ring: ring, Desk: desk,
		PublicURL: "http://localhost", Sandbox: !strict,
		Standing: func(context.Context, *db.Tx, access.Caller) (access.Standing, error) {
			return access.Standing(o.stands.Load()), nil
		}})
	c := account.Config{Console: console.Config{Sessions: sessions{p}, Sandbox: !strict,
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil))}, People: p,
		Where: func(context.Context, access.Caller, i18n.Lang) (string, error) {
			return "Hida Bank", nil
		}}
	c.Logins = func(context.Context) ([]account.Login, error) {
		return []account.Login{{Role: access.Acquirer, Email: "play@bank.example",
			Password: password, Where: "Hida Bank"}}, nil
	}
	mux := http.NewServeMux()
	account.New(c).Mount(mux)
	o.people, o.server = p, httptest.NewServer(mux)
	t.Cleanup(o.server.Close)
	return o
}

// invite makes a link for somebody of bank 1 and returns its path.
func (o *office) invite(email string, role access.Role) string {
	o.t.Helper()
	at := people.Place{Role: role, ParticipantNo: 1}
	if role == access.MerchantOwner {
		at.MerchantNo = 5
	}
	link, err := o.people.Invite(o.t.Context(), access.Caller{Role: access.Acquirer,
		ParticipantNo: 1, Actor: "key:1", Label: "bank"},
		people.Invitation{Email: email, Place: at})
	if err != nil {
		o.t.Fatal(err)
	}
	return people.InvitationPath + link.Secret
}

// join brings somebody in, with a browser that is signed in.
func (o *office) join(email string, role access.Role) *browser {
	o.t.Helper()
	b := o.browser()
	at := o.invite(email, role)
	b.post(at, "name", "Aoi", "lang", "en", "password", password)
	b.at("/acquirer", "/merchant")
	return b
}

// browser keeps cookies and looks at pages.
type browser struct {
	t      *testing.T
	base   string
	client *http.Client

	// What the last answer was: after redirects to pages that are here.
	path   string
	status int
	body   string
}

// browser opens one.
func (o *office) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		o.t.Fatal(err)
	}
	b := &browser{t: o.t, base: o.server.URL, client: &http.Client{Jar: jar}}
	return b
}

func (b *browser) get(path string) *browser {
	b.t.Helper()
	answer, err := b.client.Get(b.base + path)
	return b.take(answer, err)
}

// post sends a form: names and values in turn.
func (b *browser) post(path string, pairs ...string) *browser {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	answer, err := b.client.PostForm(b.base+path, form)
	return b.take(answer, err)
}

func (b *browser) take(answer *http.Response, err error) *browser {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	b.path, b.status = answer.Request.URL.RequestURI(), answer.StatusCode
	b.body = string(raw)
	return b
}

// at fails the test unless the browser is at one of the paths, or below.
func (b *browser) at(paths ...string) {
	b.t.Helper()
	for _, p := range paths {
		if b.path == p || strings.HasPrefix(b.path, p+"?") {
			return
		}
	}
	b.t.Fatalf("at %s (%d), want %v: %s", b.path, b.status, paths, b.text())
}

// says fails the test unless the page has the status and the texts.
func (b *browser) says(status int, texts ...string) {
	b.t.Helper()
	if b.status != status {
		b.t.Errorf("%s: status %d, want %d", b.path, b.status, status)
	}
	for _, text := range texts {
		if !strings.Contains(b.text(), text) {
			b.t.Errorf("%s lacks %q: %s", b.path, text, b.text())
		}
	}
}

var (
	tag    = regexp.MustCompile(`<[^>]*>`)
	spaces = regexp.MustCompile(`\s+`)
	hidden = regexp.MustCompile(`name="(\w+)" value="([^"]*)"`)
	codes  = regexp.MustCompile(`<li><code>([^<]+)</code>`)
)

// text is what people read on the page.
func (b *browser) text() string {
	_, main, _ := strings.Cut(b.body, "<main")
	return spaces.ReplaceAllString(html.UnescapeString(tag.ReplaceAllString(main, " ")), " ")
}

// field is the value of a field of the page.
func (b *browser) field(name string) string {
	for _, m := range hidden.FindAllStringSubmatch(b.body, -1) {
		if m[1] == name {
			return html.UnescapeString(m[2])
		}
	}
	b.t.Fatalf("%s has no field %s: %s", b.path, name, b.body)
	return ""
}

// cookie is the value of a cookie.
func (b *browser) cookie(name, path string) string {
	at, err := url.Parse(b.base + path)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, c := range b.client.Jar.Cookies(at) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// codeOf is what an app shows steps of half a minute from now.
func codeOf(t *testing.T, secret string, steps int) string {
	t.Helper()
	at := clock.Now().Add(time.Duration(steps) * 30 * time.Second)
	code, err := hotp.GenerateCode(secret, uint64(at.Unix()/30))
	if err != nil {
		t.Fatal(err)
	}
	return code
}
