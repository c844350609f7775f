package console_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"watari/kit/access"
	"watari/kit/web"
	"watari/kit/web/webtest"
	"watari/ui/console"
)

// failing is a component that cannot be drawn.
type failing struct{ err error }

func (f failing) Render(context.Context, io.Writer) error { return f.err }

// around draws components inside another one.
func around(outer templ.Component, in ...templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return outer.Render(templ.WithChildren(ctx, templ.Join(in...)), w)
	})
}

// shop is a console with one form, whose service answers with err.
func shop(t *testing.T, err error) rig {
	t.Helper()
	show := func(v *console.Visit) error {
		return page(around(v.Form(console.Form{Action: "/bank", Submit: "Save"}),
			v.Field(console.Field{Name: "name", Label: "Name", Value: "first", Required: true}),
			v.Field(console.Field{Name: "bank.holder", Label: "Holder", Hint: "in kana"}),
			v.Field(console.Field{Name: "pin", Label: "PIN", Type: "password", Required: true}),
			v.Field(console.Field{Name: "notes", Label: "Notes", Rows: 3}),
			v.Select(console.Select{Name: "kind", Label: "Kind", Options: []console.Option{
				{Value: "a", Label: "A"}, {Value: "b", Label: "B"}}}),
			v.Choices(console.Choices{Name: "way", Label: "Way", Value: "x",
				Options: []console.Option{{Value: "x", Label: "X"}, {Value: "y", Label: "Y"}}}),
			v.Check(console.Check{Name: "sure", Label: "Sure", On: true})))(v)
	}
	return open(t, func(k *console.Console) {
		k.Handle("GET /bank", nil, show)
		k.Handle("POST /bank", nil, func(v *console.Visit) error {
			if v.Typed("name") == "" {
				v.Mistake("name", "A name is needed.")
			}
			if v.Wrong() {
				return show(v)
			}
			if v.Refused(err) {
				return show(v)
			}
			if err != nil {
				return err
			}
			return v.SeeOther("/bank", "")
		})
	})
}

// typed is what somebody filled in.
var typed = form("name", " <Sato> ", "bank.holder", "x", "pin", "735519", "notes", "two\nlines",
	"kind", "b", "way", "y")

// Goal: a form that comes back says what is wrong where, keeps what was typed, and never repeats a
// password. Method: a refusal with a field, and read the page.
func TestAFormComesBackFilledIn(t *testing.T) {
	t.Parallel()
	err := errShape.Newf("no").At("/bank/holder", "kana only").At("/name", "Too short")
	w := shop(t, err).post("/bank", access.Acquirer, typed)
	if w.Code != http.StatusUnprocessableEntity {
		t.Errorf("status %d", w.Code)
	}
	body := w.Body.String()
	holds(t, body, `value=" &lt;Sato&gt; "`, "two\nlines</textarea>", `<option value="b" selected`,
		`value="y" checked`, "In kana, please.", "Too short", `href="#f-bank.holder"`,
		`aria-describedby="f-bank.holder-hint f-bank.holder-mistake"`, `role="alert"`,
		"The form is wrong: no")
	if strings.Contains(body, "735519") {
		t.Error("the page repeats a PIN")
	}
	if strings.Contains(body, `name="sure" value="yes" checked`) {
		t.Error("a box that was left empty is ticked again")
	}
	if strings.Count(body, `aria-invalid="true"`) != 2 {
		t.Error("other fields are marked too")
	}
}

// Goal: a refusal is told in the words of the page, with its own status. Method: a conflict whose
// text is in the catalogue.
func TestARefusalHasTheWordsOfThePage(t *testing.T) {
	t.Parallel()
	w := shop(t, errTaken.Newf("by merchant 7")).post("/bank", access.Acquirer, typed)
	if w.Code != http.StatusConflict {
		t.Errorf("status %d", w.Code)
	}
	holds(t, w.Body.String(), "Somebody has that name.")
	if strings.Contains(w.Body.String(), "merchant 7") {
		t.Error("the page tells the English detail beside its own words")
	}
}

// Goal: a page's own mistakes work like a service's. Method: a missing name.
func TestAMistakeComesBackToo(t *testing.T) {
	t.Parallel()
	w := shop(t, nil).post("/bank", access.Acquirer, form("kind", "a"))
	if w.Code != http.StatusUnprocessableEntity {
		t.Errorf("status %d", w.Code)
	}
	holds(t, w.Body.String(), "A name is needed.", "One field needs another look.")
	if w := shop(t, nil).post("/bank", access.Acquirer, typed); w.Code != http.StatusSeeOther {
		t.Errorf("a good form: status %d", w.Code)
	}
}

// Goal: a form that came back can be read in another language. Method: post it to an address that
// has no page, from one that has, from elsewhere, and from nowhere.
func TestAFormComesBackInEveryLanguage(t *testing.T) {
	t.Parallel()
	r := shop(t, nil)
	for from, want := range map[string]string{
		"http://example.com/bank/new?kind=a&lang=ja": "/bank/new?kind=a&amp;lang=ko",
		"http://evil.example/bank/new":               "/acquirer?lang=ko",
		"":                                           "/acquirer?lang=ko",
	} {
		q := httptest.NewRequest(http.MethodPost, "/bank", strings.NewReader("kind=a"))
		q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		q.Header.Set("Referer", from)
		if body := r.send(q, access.Acquirer).Body.String(); !strings.Contains(body,
			`href="`+want+`"`) {
			t.Errorf("from %q: no link to %s", from, want)
		}
	}
}

// Goal: forms and files are bounded. Method: one byte less and more than fits.
func TestBodiesAreBounded(t *testing.T) {
	t.Parallel()
	var got int64
	r := open(t, func(k *console.Console) {
		k.Handle("POST /bank", nil, page(console.Text("taken")))
		k.Upload("POST /bank/files", nil, 300_000, func(v *console.Visit) error {
			got = v.R.MultipartForm.File["file"][0].Size
			return page(console.Text("taken"))(v)
		})
	})
	large := form("notes", strings.Repeat("a", console.BodyMax))
	if w := r.post("/bank", access.Acquirer, large); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("a large form: status %d", w.Code)
	}
	w := r.upload("/bank/files", access.Acquirer, strings.Repeat("a", 290_000))
	if w.Code != http.StatusOK || got != 290_000 {
		t.Errorf("a file that fits: status %d, %d bytes", w.Code, got)
	}
	w = r.upload("/bank/files", access.Acquirer, strings.Repeat("a", 300_001))
	if w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("a large file: status %d", w.Code)
	}
}

// Goal: files larger than the server takes elsewhere get through, and no larger ones. Method: the
// real server, a page for files and an ordinary page, two megabytes to each.
func TestFilesGetThroughTheServer(t *testing.T) {
	t.Parallel()
	r := open(t, func(k *console.Console) {
		k.Upload("POST /bank/files", nil, 3<<20, func(v *console.Visit) error {
			return page(console.Text(v.R.MultipartForm.File["file"][0].Filename))(v)
		})
		k.Handle("POST /bank/other", nil, page(console.Text("taken")))
	})
	s := web.New(web.Config{Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	r.Mount(s)
	client, base := http.DefaultClient, webtest.Start(t, s)
	for _, c := range []struct {
		path string
		size int
		want int
	}{{"/bank/files", 2 << 20, 200}, {"/bank/files", 3<<20 + 50_000, 413},
		{"/bank/other", 300_000, 413}} {
		body, kind := file(strings.Repeat("a", c.size))
		q, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+c.path, body)
		if err != nil {
			t.Fatal(err)
		}
		q.Header.Set("Content-Type", kind)
		q.AddCookie(&http.Cookie{Name: console.SessionCookie, Value: string(access.Acquirer)})
		answer, err := client.Do(q)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != c.want {
			t.Errorf("%d bytes to %s: status %d, want %d", c.size, c.path, answer.StatusCode,
				c.want)
		}
	}
}

// Goal: nothing of an upload stays on the disk: papers are sealed at rest, and a temporary file
// would be neither sealed nor ever removed. Method: a file that is too large for memory, through
// the real server, by a page that answers and by one that panics.
func TestNothingOfAnUploadStays(t *testing.T) {
	t.Parallel()
	var kept []string
	take := func(v *console.Visit) error {
		f, _, err := v.R.FormFile("file")
		if err != nil {
			return err
		}
		if onDisk, is := f.(*os.File); is {
			kept = append(kept, onDisk.Name())
		}
		return f.Close()
	}
	r := open(t, func(k *console.Console) {
		k.PublicUpload("POST /bank/files", 3<<20, func(v *console.Visit) error {
			return errors.Join(take(v), page(console.Text("taken"))(v))
		})
		k.PublicUpload("POST /bank/broken", 3<<20, func(v *console.Visit) error {
			panic(take(v))
		})
	})
	s := web.New(web.Config{Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	r.Mount(s)
	base := webtest.Start(t, s)
	for _, path := range []string{"/bank/files", "/bank/broken"} {
		body, kind := file(strings.Repeat("a", 2<<20))
		q, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+path, body)
		if err != nil {
			t.Fatal(err)
		}
		q.Header.Set("Content-Type", kind)
		answer, err := http.DefaultClient.Do(q)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, answer.Body)
		_ = answer.Body.Close()
	}
	if len(kept) != 2 {
		t.Fatalf("%d files were large enough", len(kept))
	}
	for _, name := range kept {
		if _, err := os.Stat(name); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is still there: %v", name, err)
			_ = os.Remove(name)
		}
	}
}

// Goal: the log names a page by its pattern, because an address may hold a secret: an invitation
// is whoever has the link. Method: pages that fail and panic under such an address.
func TestTheLogKeepsNoSecretOfAnAddress(t *testing.T) {
	t.Parallel()
	r := open(t, func(k *console.Console) {
		k.Public("GET /bank/apply/{secret}", func(*console.Visit) error {
			return errors.New("the disk is on fire")
		})
		k.Public("GET /bank/apply/{secret}/panic", func(*console.Visit) error { panic("fire") })
	})
	for _, path := range []string{"/bank/apply/hushhush", "/bank/apply/hushhush/panic"} {
		r.log.Reset()
		r.get(path, "")
		if log := r.log.String(); strings.Contains(log, "hushhush") ||
			!strings.Contains(log, "/bank/apply/{secret}") {
			t.Errorf("%s: the log has %s", path, log)
		}
	}
}
