package console_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"watari/kit/access"
	"watari/kit/i18n"
	"watari/kit/i18n/i18ntest"
	"watari/ui/console"
)

// Goal: a page is for people with its roles only (C1). Method: a stranger, somebody of another
// console, somebody of this console whose role does not have the page, and somebody who may.
func TestAPageIsForItsRolesOnly(t *testing.T) {
	t.Parallel()
	r := open(t, func(k *console.Console) {
		k.Handle("GET /bank", nil, page(console.Text("takings")))
		k.Handle("GET /bank/keys", []access.Role{access.Acquirer}, page(console.Text("takings")))
		k.Handle("POST /bank/keys", []access.Role{access.Acquirer}, page(console.Text("takings")))
		k.Upload("POST /bank/files", []access.Role{access.Acquirer}, 1000,
			page(console.Text("takings")))
	})
	for _, c := range []struct {
		path   string
		who    access.Role
		status int
		nav    bool
	}{
		{"/bank", access.Acquirer, 200, true},
		{"/bank", access.AcquirerViewer, 200, true},
		{"/bank", access.MerchantOwner, 403, false},
		{"/bank", access.Operator, 403, false},
		{"/bank/keys", access.Acquirer, 200, true},
		{"/bank/keys", access.AcquirerViewer, 403, true},
	} {
		w := r.get(c.path, c.who)
		body := w.Body.String()
		if w.Code != c.status || strings.Contains(body, "takings") != (c.status == 200) {
			t.Errorf("%s as %s: status %d, want %d", c.path, c.who, w.Code, c.status)
		}
		if strings.Contains(body, `href="/bank"`) != c.nav {
			t.Errorf("%s as %s: the navigation is there: %t", c.path, c.who, !c.nav)
		}
		keys := strings.Contains(body, `href="/bank/keys"`)
		if keys != (c.who == access.Acquirer) {
			t.Errorf("%s as %s: the entry for keys is there: %t", c.path, c.who, keys)
		}
	}
	for _, c := range []struct{ method, path, to string }{
		{"GET", "/bank?day=2026-11-22", "/account/sign-in?next=%2Fbank%3Fday%3D2026-11-22"},
		{"POST", "/bank/keys", "/account/sign-in"},
	} {
		w := r.send(httptest.NewRequest(c.method, c.path, nil), "")
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != c.to {
			t.Errorf("%s %s: %d to %q", c.method, c.path, w.Code, w.Header().Get("Location"))
		}
	}
	if w := r.upload("/bank/files", access.AcquirerViewer, "x"); w.Code != http.StatusForbidden {
		t.Errorf("a file from somebody who may not: status %d", w.Code)
	}
}

// Goal: what belongs to somebody else looks exactly like what does not exist (C2). Method: the
// page of an address that nobody has, of a handler that says so, and of a service that does.
func TestSomebodyElsesThingDoesNotExist(t *testing.T) {
	t.Parallel()
	r := open(t, func(k *console.Console) {
		k.Handle("GET /bank/a", nil, func(v *console.Visit) error { return v.NotFound() })
		k.Handle("GET /bank/b", nil, func(*console.Visit) error { return errGone.Newf("not yours") })
	})
	plain := func(path string) string {
		w := r.get(path, access.Acquirer)
		if w.Code != http.StatusNotFound {
			t.Errorf("%s: status %d", path, w.Code)
		}
		return strings.ReplaceAll(w.Body.String(), path, "")
	}
	nowhere := plain("/bank/c")
	if plain("/bank/a") != nowhere || plain("/bank/b") != nowhere {
		t.Error("the pages differ")
	}
}

// Goal: a defect tells nothing but an id, and the log has the rest (C4). Method: an ordinary
// error, a panic, a page that cannot be drawn, and sessions that cannot be read.
func TestADefectTellsNothing(t *testing.T) {
	t.Parallel()
	fire := errors.New("the disk is on fire")
	r := open(t, func(k *console.Console) {
		k.Handle("GET /bank/error", nil, func(*console.Visit) error { return fire })
		k.Handle("GET /bank/panic", nil, func(*console.Visit) error { panic(fire) })
		k.Handle("GET /bank/draw", nil, page(broken(fire)))
	})
	for _, path := range []string{"/bank/error", "/bank/panic", "/bank/draw"} {
		r.log.Reset()
		w := r.get(path, access.Acquirer)
		if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "fire") {
			t.Errorf("%s: status %d, %s", path, w.Code, w.Body)
		}
		if !strings.Contains(r.log.String(), "fire") {
			t.Errorf("%s: the log says nothing: %s", path, r.log)
		}
	}
	if w := r.get("/bank/error", "broken"); w.Code != http.StatusInternalServerError {
		t.Errorf("sessions cannot be read: status %d", w.Code)
	}
}

// Goal: no other site acts or looks in (C5). Method: a form from elsewhere, and the headers.
func TestOtherSitesStayOut(t *testing.T) {
	t.Parallel()
	r := open(t, func(k *console.Console) {
		k.Handle("POST /bank", nil, page(console.Text("done")))
	})
	q := httptest.NewRequest(http.MethodPost, "/bank", nil)
	q.Header.Set("Sec-Fetch-Site", "cross-site")
	w := r.send(q, access.Acquirer)
	if w.Code != http.StatusForbidden || strings.Contains(w.Body.String(), "done") {
		t.Errorf("a form from elsewhere: status %d", w.Code)
	}
	w = r.post("/bank", access.Acquirer, nil)
	for name, want := range map[string]string{"Content-Security-Policy": "default-src 'self'",
		"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Vary": "Cookie"} {
		if got := w.Header().Get(name); !strings.Contains(got, want) {
			t.Errorf("%s: %q", name, got)
		}
	}
	holds(t, w.Body.String(), "done")
	for _, inside := range []string{"<style", " style=", "onclick"} {
		if strings.Contains(w.Body.String(), inside) {
			t.Errorf("the page has %s inside", inside)
		}
	}
}

// Goal: a public page knows who is signed in and needs nobody. Method: a stranger and a person.
func TestAPublicPageNeedsNobody(t *testing.T) {
	t.Parallel()
	r := open(t, func(k *console.Console) {
		k.Public("GET /bank/open", func(v *console.Visit) error {
			return v.Show(200, console.Page{Title: "Open", Alone: true},
				console.Text("for "+v.Person.Name))
		})
	})
	holds(t, r.get("/bank/open", "").Body.String(), "for </main>", "<h1>Open</h1>")
	w := r.get("/bank/open", access.Acquirer)
	holds(t, w.Body.String(), "for Aoi")
	if strings.Contains(w.Body.String(), `class="board`) {
		t.Error("a page that stands alone has a navigation")
	}
}

// Goal: what a form did is said once, on the next page. Method: follow the redirect twice.
func TestAFlashIsShownOnce(t *testing.T) {
	t.Parallel()
	r := open(t, func(k *console.Console) {
		k.Handle("GET /bank", nil, page(console.Text("")))
		k.Handle("POST /bank", nil, func(v *console.Visit) error {
			return v.SeeOther("/bank", "保存しました & <done>")
		})
	})
	w := r.post("/bank", access.Acquirer, nil)
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/bank" {
		t.Fatalf("%d to %q", w.Code, w.Header().Get("Location"))
	}
	q := httptest.NewRequest(http.MethodGet, "/bank", nil)
	for _, c := range w.Result().Cookies() {
		q.AddCookie(c)
	}
	w = r.send(q, access.Acquirer)
	holds(t, w.Body.String(), "保存しました &amp; &lt;done&gt;")
	gone := false
	for _, c := range w.Result().Cookies() {
		gone = gone || c.Name == "watari_flash" && c.MaxAge < 0
	}
	if !gone {
		t.Error("the flash would be shown again")
	}
}

// Goal: signing in leads to a page of this server and nowhere else. Method: addresses that try.
func TestNextIsAPathOfThisServer(t *testing.T) {
	t.Parallel()
	for next, want := range map[string]string{
		"/bank?a=1": "/bank?a=1", "": "", "//evil.example": "", "https://evil.example": "",
		`/\evil.example`: "", "bank": "", "/a\r\nSet-Cookie: x": "", "/a\tb": "",
		"/" + strings.Repeat("a", 1000): "",
	} {
		if got := console.SafeNext(next); got != want {
			t.Errorf("%q leads to %q, want %q", next, got, want)
		}
	}
}

// Goal: every role of people has a first page. Method: walk over the roles.
func TestEveryRoleHasAHome(t *testing.T) {
	t.Parallel()
	for _, role := range access.Roles() {
		home := console.Home(role)
		if role != access.Terminal && (home == console.AccountPath || home == "") {
			t.Errorf("%s goes to %q", role, home)
		}
	}
}

// Goal: pagers and filters keep what else the address says. Method: change a parameter.
func TestHereChangesOneParameter(t *testing.T) {
	t.Parallel()
	var got []string
	r := open(t, func(k *console.Console) {
		k.Handle("GET /bank", nil, func(v *console.Visit) error {
			got = []string{v.Here(), v.Here("after", "x"), v.Here("q", ""),
				v.Here("q", "", "day", "")}
			return page(console.Text(""))(v)
		})
	})
	w := r.get("/bank?q=%E5%B2%90%E9%98%9C&day=1&lang=ja", access.Acquirer)
	want := []string{"/bank?day=1&q=%E5%B2%90%E9%98%9C",
		"/bank?after=x&day=1&q=%E5%B2%90%E9%98%9C", "/bank?day=1", "/bank"}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%d: %q, want %q", i, got[i], want[i])
		}
	}
	holds(t, w.Body.String(), `href="/bank?day=1&amp;q=%E5%B2%90%E9%98%9C&amp;lang=ko"`,
		`<html lang="ja"`)
}

// Goal: the frame speaks five languages. Method: compare the catalogues.
func TestTextsAreComplete(t *testing.T) {
	t.Parallel()
	c := console.Texts()
	i18ntest.Complete(t, c)
	for _, role := range access.Roles() {
		if key := "role." + string(role); c.For(i18n.English).T(key) == key {
			t.Errorf("%s has no name", role)
		}
	}
}

// broken is a component that cannot be drawn.
func broken(err error) templ.Component { return failing{err} }

// form is a posted form.
func form(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

// Goal: somebody whose place is suspended is told so, reads, and sends only what is always allowed
// (C7). Method: pages and forms of each kind, by a person of a suspended bank.
func TestSuspendedPlacesRead(t *testing.T) {
	t.Parallel()
	r := open(t, func(k *console.Console) {
		k.Handle("GET /bank", nil, page(templ.Raw("<p>content</p>")))
		k.Handle("POST /bank/change", nil, page(templ.Raw("<p>changed</p>")))
		k.Upload("POST /bank/file", nil, 1<<20, page(templ.Raw("<p>taken</p>")))
		k.HandleAlways("POST /bank/refund", nil, page(templ.Raw("<p>given back</p>")))
	})
	w := r.get("/bank?lang=en", suspended)
	if w.Code != http.StatusOK {
		t.Fatalf("reading: %d", w.Code)
	}
	holds(t, w.Body.String(), "content", "Suspended for now")
	if w := r.get("/bank?lang=en", access.Acquirer); strings.Contains(w.Body.String(),
		"Suspended for now") {
		t.Error("somebody else is told")
	}
	for _, w := range []*httptest.ResponseRecorder{r.post("/bank/change?lang=en", suspended, nil),
		r.upload("/bank/file?lang=en", suspended, "x")} {
		if w.Code != http.StatusForbidden || strings.Contains(w.Body.String(), "<p>changed") ||
			strings.Contains(w.Body.String(), "<p>taken") ||
			strings.Count(w.Body.String(), "or your shop is suspended") != 1 {
			t.Errorf("a change: %d %s", w.Code, w.Body)
		}
	}
	w = r.post("/bank/refund", suspended, nil)
	if w.Code != http.StatusOK {
		t.Errorf("giving back: %d", w.Code)
	}
	holds(t, w.Body.String(), "given back")
}
