package theme_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"watari/kit/i18n"
	"watari/kit/money"
	"watari/ui/theme"
)

func draw(t *testing.T, a money.Amount, lang i18n.Lang) string {
	t.Helper()
	var b bytes.Buffer
	if err := theme.Money(string(lang), a).Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Goal: a drawn amount reads as money.FormatFor writes it, number and currency apart. Method: the
// text of the element without its tags, for five languages and currencies with 0, 2 and 3 digits.
func TestMoneyReadsAsItIsFormatted(t *testing.T) {
	t.Parallel()
	for _, lang := range i18n.Langs() {
		for _, a := range []money.Amount{money.MustNew(1980, "JPY"), money.MustNew(8464, "CNY"),
			money.MustNew(0, "JPY"), money.MustNew(1234567, "KWD")} {
			text := draw(t, a, lang)
			plain := ""
			for rest, open := text, true; open; {
				var inner string
				inner, rest, open = strings.Cut(rest, "<")
				_, rest, _ = strings.Cut(rest, ">")
				plain += inner
			}
			squeezed := func(s string) string { return strings.ReplaceAll(s, " ", "") }
			if want := money.FormatFor(string(lang), a); squeezed(plain) != squeezed(want) {
				t.Errorf("%s: reads %q, want %q", lang, plain, want)
			}
			if !strings.Contains(text, `class="number"`) {
				t.Errorf("%s: %s has no number", lang, text)
			}
		}
		before, after := theme.Unit(string(lang), "JPY")
		if before+after == "" {
			t.Errorf("%s: a field for yen names no currency", lang)
		}
	}
}

// ask gets an address from the handler.
func ask(path, encoding string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Accept-Encoding", encoding)
	w := httptest.NewRecorder()
	theme.Handler().ServeHTTP(w, r)
	return w
}

// Goal: a page is whole without the bundle. Method: the shell, which names styles and scripts only
// when they are there; every address it names answers.
func TestShellNamesOnlyWhatIsThere(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	d := theme.Document{Lang: "ja", Title: "題", Style: "till-style.css", Script: "till.js",
		Refresh: 3}
	if err := theme.Shell(d).Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	if strings.Contains(page, "<script") != theme.Built() {
		t.Errorf("the bundle is there: %t, the page is %s", theme.Built(), page)
	}
	for _, name := range []string{d.Style, d.Script, "icon.svg"} {
		if !theme.Built() {
			break
		}
		if !strings.Contains(page, theme.Asset(name)) {
			t.Errorf("the page does not name %s", theme.Asset(name))
		}
		if w := ask(theme.Asset(name), ""); w.Code != http.StatusOK || w.Body.Len() == 0 {
			t.Errorf("%s: status %d", theme.Asset(name), w.Code)
		}
	}
	if !strings.Contains(page, `<noscript><meta http-equiv="refresh" content="3">`) {
		t.Error("the page does not look again without scripts")
	}
}

// Goal: the bundle is sent small, kept for ever under an address that changes with it, and nothing
// else is served. Method: the answers of the handler.
func TestBundleIsServedCompressedAndForEver(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/assets/", "/assets/x/till.js", theme.Asset("nothing.js"),
		theme.Asset("till.js.gz"), theme.Asset("../theme.go"), "/assets//.gitkeep"} {
		if w := ask(path, "gzip"); w.Code != http.StatusNotFound {
			t.Errorf("%s: status %d, want 404", path, w.Code)
		}
	}
	if !theme.Built() {
		t.Log("the bundle is not built: make assets")
		return
	}
	plain, small := ask(theme.Asset("till.js"), ""), ask(theme.Asset("till.js"), "br, gzip")
	if got := small.Header().Get("Content-Encoding"); got != "gzip" {
		t.Fatalf("Content-Encoding is %q, want gzip", got)
	}
	if got := small.Header().Get("Cache-Control"); !strings.Contains(got, "immutable") {
		t.Errorf("Cache-Control is %q", got)
	}
	unpacked, err := gzip.NewReader(small.Body)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(unpacked)
	if err != nil || !bytes.Equal(text, plain.Body.Bytes()) {
		t.Errorf("the small answer is not the same: %v", err)
	}
	if w := ask(theme.Asset("till.js"), "gzip;q=0"); w.Header().Get("Content-Encoding") != "" {
		t.Error("gzip is sent to who refuses it")
	}
}

// Goal: the first load of the till stays under 60 KB. Method: the compressed sizes of what every
// page loads; the scanner comes later, with the camera.
func TestFirstLoadIsSmall(t *testing.T) {
	t.Parallel()
	if !theme.Built() {
		t.Log("the bundle is not built: make assets")
		return
	}
	sum := 0
	for _, name := range []string{"till.js", "till-style.css", "icon.svg"} {
		sum += ask(theme.Asset(name), "gzip").Body.Len()
	}
	const most = 52 << 10 // the page itself takes the rest
	if sum > most {
		t.Errorf("%d bytes, want at most %d", sum, most)
	}
}
