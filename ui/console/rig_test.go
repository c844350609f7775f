package console_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/a-h/templ"

	"watari/kit/access"
	"watari/kit/fault"
	"watari/kit/i18n"
	"watari/ui/console"
)

// errTaken and errShape are what the services behind a page refuse with.
var (
	errTaken = fault.Define("console-test-taken", fault.Conflict, "The name is taken")
	errShape = fault.Define("console-test-shape", fault.Unprocessable, "The form is wrong")
	errGone  = fault.Define("console-test-gone", fault.NotFound, "It is gone")
)

// now is when everything happens: noon of a Sunday in Japan.
var now = time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)

// roster knows people by the secrets of their sessions: the name of a role.
type roster struct{}

func (roster) Session(_ context.Context, secret string) (access.Caller, console.Person, error) {
	for _, r := range access.Roles() {
		if secret == string(r) {
			return access.Caller{Role: r, PersonID: "per_1"},
				console.Person{ID: "per_1", Email: "a@bank.example", Name: "Aoi"}, nil
		}
	}
	if secret == string(suspended) {
		return access.Caller{Role: access.Acquirer, PersonID: "per_2",
			Standing: access.Suspended}, console.Person{ID: "per_2", Email: "b@bank.example"}, nil
	}
	if secret == "broken" {
		return access.Caller{}, console.Person{}, errors.New("the disk is on fire")
	}
	return access.Caller{}, console.Person{}, access.ErrUnauthenticated.Newf("nobody")
}

// suspended is the secret of an administrator of a suspended bank.
const suspended access.Role = "suspended"

// bankRoles are those of the console that is tested.
var bankRoles = []access.Role{access.Acquirer, access.AcquirerViewer}

const texts = `{"app": "Bank", "nav.home": "Overview", "nav.keys": "Keys",
	"nav.group.admin": "Administration", "fault.console-test-taken": "Somebody has that name.",
	"mistake.console-test-shape.bank.holder": "In kana, please."}`

// catalogue has the same words in every language.
func catalogue() fstest.MapFS {
	files := fstest.MapFS{}
	for _, l := range i18n.Langs() {
		files["lang/"+string(l)+".json"] = &fstest.MapFile{Data: []byte(texts)}
	}
	return files
}

// rig is a console with its log.
type rig struct {
	*console.Console
	log *bytes.Buffer
}

// open makes a console; add adds its pages.
func open(t *testing.T, add func(k *console.Console)) rig {
	t.Helper()
	log := &bytes.Buffer{}
	k := console.New(console.Config{Sessions: roster{}, Sandbox: true,
		Now: func() time.Time { return now }, Logger: slog.New(slog.NewTextHandler(log, nil))},
		console.App{Prefix: "/bank", Roles: bankRoles,
			Texts: i18n.MustLoad(catalogue(), "lang/*.json"),
			Nav: []console.NavItem{{ID: "home", Path: "/bank", Icon: "home", Main: true},
				{ID: "keys", Path: "/bank/keys", Icon: "key", Group: "admin",
					Roles: []access.Role{access.Acquirer}}},
			Where: func(context.Context, access.Caller, i18n.Lang) (string, error) {
				return "Hida Bank", nil
			}})
	add(k)
	return rig{k, log}
}

// page is a handler that shows some content.
func page(content templ.Component) console.Handler {
	return func(v *console.Visit) error {
		return v.Show(http.StatusOK, console.Page{Title: "A page", Tab: "home"}, content)
	}
}

// draw shows what fn draws with a visit.
func draw(t *testing.T, lang i18n.Lang, fn func(v *console.Visit) templ.Component) string {
	t.Helper()
	r := open(t, func(k *console.Console) {
		k.Handle("GET /bank", nil, func(v *console.Visit) error { return page(fn(v))(v) })
	})
	w := r.get("/bank?lang="+string(lang), access.Acquirer)
	if w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, r.log)
	}
	return w.Body.String()
}

func (r rig) get(path string, who access.Role) *httptest.ResponseRecorder {
	return r.send(httptest.NewRequest(http.MethodGet, path, nil), who)
}

func (r rig) post(path string, who access.Role, form url.Values) *httptest.ResponseRecorder {
	q := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r.send(q, who)
}

// upload posts one file.
func (r rig) upload(path string, who access.Role, content string) *httptest.ResponseRecorder {
	body, kind := file(content)
	q := httptest.NewRequest(http.MethodPost, path, body)
	q.Header.Set("Content-Type", kind)
	return r.send(q, who)
}

// file is the body of a form with one file, and its media type.
func file(content string) (body io.Reader, kind string) {
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	f, err := m.CreateFormFile("file", "a.csv")
	if err != nil {
		panic(err)
	}
	_, _ = io.WriteString(f, content)
	_ = m.Close()
	return &b, m.FormDataContentType()
}

func (r rig) send(q *http.Request, who access.Role) *httptest.ResponseRecorder {
	if who != "" {
		q.AddCookie(&http.Cookie{Name: console.SessionCookie, Value: string(who)})
	}
	w := httptest.NewRecorder()
	r.ServeHTTP(w, q)
	return w
}

// holds fails the test unless a page has all the texts.
func holds(t *testing.T, page string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(page, text) {
			_, body, _ := strings.Cut(page, "<main")
			t.Errorf("the page lacks %q:\n<main%s", text, body)
		}
	}
}
