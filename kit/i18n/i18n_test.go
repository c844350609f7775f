package i18n_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"watari/kit/i18n"
	"watari/kit/i18n/i18ntest"
)

// Goal: browsers of visitors get the language they can read. Method: Accept-Language headers as
// browsers send them, and the order of address, cookie and header.
func TestMatchFindsTheLanguageOfARequest(t *testing.T) {
	t.Parallel()

	for _, c := range []struct {
		address, cookie, header string
		want                    i18n.Lang
	}{
		{"/", "", "", i18n.English},
		{"/", "", "ja-JP,ja;q=0.9,en;q=0.8", i18n.Japanese},
		{"/", "", "zh-CN,zh;q=0.9,en;q=0.8", i18n.SimplifiedChinese},
		{"/", "", "zh", i18n.SimplifiedChinese},
		{"/", "", "zh-SG", i18n.SimplifiedChinese},
		{"/", "", "zh-Hans-HK", i18n.SimplifiedChinese},
		{"/", "", "zh-TW", i18n.TraditionalChinese},
		{"/", "", "zh-HK,zh;q=0.9", i18n.TraditionalChinese},
		{"/", "", "zh-TW,zh;q=0.9,en-US;q=0.8,en;q=0.7", i18n.TraditionalChinese},
		{"/", "", "yue-HK", i18n.TraditionalChinese},
		{"/", "", "ja;q=0,ko", i18n.Korean},
		{"/", "", "zh-MO", i18n.TraditionalChinese},
		{"/", "", "zh-Hant-TW", i18n.TraditionalChinese},
		{"/", "", "zh_TW", i18n.TraditionalChinese},
		{"/", "", "ko-KR", i18n.Korean},
		{"/", "", "en-GB,en;q=0.5", i18n.English},
		{"/", "", "th-TH,ko;q=0.5", i18n.Korean},
		{"/", "", "th-TH", i18n.English},
		{"/", "", ";;;===", i18n.English},
		{"/", "", strings.Repeat("ja,", 1000), i18n.English},
		{"/", "ko", "ja", i18n.Korean},
		{"/", "xx", "ja", i18n.Japanese},
		{"/?lang=zh-Hant", "ko", "ja", i18n.TraditionalChinese},
		{"/?lang=zh-TW", "", "", i18n.TraditionalChinese},
		{"/?lang=%00", "ko", "ja", i18n.Korean},
	} {
		r := httptest.NewRequest(http.MethodGet, c.address, nil)
		r.Header.Set("Accept-Language", c.header)
		if c.cookie != "" {
			r.AddCookie(&http.Cookie{Name: i18n.CookieName, Value: c.cookie})
		}
		if got := i18n.Match(r); got != c.want {
			t.Errorf("%+v: got %s", c, got)
		}
	}
}

// Goal: a choice in the address is remembered, anything else is not. Method: two requests, and
// the cookies of their answers.
func TestChooseRemembersWhatTheAddressAsks(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()

	got := i18n.Choose(w, httptest.NewRequest(http.MethodGet, "/till?lang=ko", nil))

	cookies := w.Result().Cookies()
	if got != i18n.Korean || len(cookies) != 1 || cookies[0].Value != "ko" || !cookies[0].HttpOnly {
		t.Errorf("%s, cookies %v", got, cookies)
	}
	w = httptest.NewRecorder()
	i18n.Choose(w, httptest.NewRequest(http.MethodGet, "/till", nil))
	if len(w.Result().Cookies()) != 0 {
		t.Error("a cookie was set though nothing was chosen")
	}
}

// Goal: texts are found, filled and fall back. Method: a small catalogue.
func TestTextsAreFilledAndFallBack(t *testing.T) {
	t.Parallel()
	c := i18n.MustLoad(fstest.MapFS{
		"lang/en.json": file(`{"paid":"{amount} paid to {shop}","only":"English","items.one":
			"one item","items.other":"{n} items"}`),
		"lang/ja.json": file(`{"paid":"{shop}に{amount}","items.one":"{n}点",
			"items.other":"{n}点"}`),
	}, "lang/*.json")
	en, ja := c.For(i18n.English), c.For(i18n.Japanese)

	for _, got := range [][2]string{
		{en.T("paid", "amount", "¥1,980", "shop", "Hida"), "¥1,980 paid to Hida"},
		{ja.T("paid", "amount", "1,980円", "shop", "飛騨"), "飛騨に1,980円"},
		{ja.T("only"), "English"},
		{ja.T("nowhere"), "nowhere"},
		{en.T("paid", "amount", 1), "1 paid to {shop}"},
		{en.N("items", 1), "one item"},
		{en.N("items", 2), "2 items"},
		{ja.N("items", 1), "1点"},
		{c.For(i18n.Korean).T("only"), "English"},
	} {
		if got[0] != got[1] {
			t.Errorf("got %q, want %q", got[0], got[1])
		}
	}
}

// Goal: a wrong file is found at the start (N1). Method: one file for each mistake.
func TestLoadRefusesWrongFiles(t *testing.T) {
	t.Parallel()

	for name, fsys := range map[string]fstest.MapFS{
		"a key twice":      {"lang/en.json": file(`{"a":"x","a":"y"}`)},
		"a number":         {"lang/en.json": file(`{"a":1}`)},
		"nested":           {"lang/en.json": file(`{"a":{"b":"c"}}`)},
		"an open brace":    {"lang/en.json": file(`{"a":"{name"}`)},
		"a closed brace":   {"lang/en.json": file(`{"a":"name}"}`)},
		"an empty name":    {"lang/en.json": file(`{"a":"{}"}`)},
		"text after":       {"lang/en.json": file(`{"a":"b"} x`)},
		"cut short":        {"lang/en.json": file(`{"a":"b"`)},
		"no English":       {"lang/ja.json": file(`{"a":"b"}`)},
		"another language": {"lang/en.json": file(`{"a":"b"}`), "lang/fr.json": file(`{}`)},
	} {
		if _, err := i18n.Load(fsys, "lang/*.json"); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// Goal: Complete sees what is missing. Method: a whole catalogue, then with one flaw each.
func TestCompleteSeesWhatIsMissing(t *testing.T) {
	t.Parallel()
	whole := func() fstest.MapFS {
		fsys := fstest.MapFS{}
		for _, l := range i18n.Langs() {
			fsys["lang/"+string(l)+".json"] = file(`{"a":"{x}","n.one":"1","n.other":"{n}"}`)
		}
		return fsys
	}

	if got := complaints(whole()); got != 0 {
		t.Errorf("a complete catalogue has %d complaints", got)
	}
	for name, flawed := range map[string]string{
		"a missing key":       `{"n.one":"1","n.other":"{n}"}`,
		"another placeholder": `{"a":"{y}","n.one":"1","n.other":"{n}"}`,
		"an empty text":       `{"a":" ","n.one":"1","n.other":"{n}"}`,
		"one key more":        `{"a":"{x}","b":"","n.one":"1","n.other":"{n}"}`,
	} {
		fsys := whole()
		fsys["lang/ko.json"] = file(flawed)
		if complaints(fsys) == 0 {
			t.Errorf("%s was not seen", name)
		}
	}
	fsys := whole()
	delete(fsys, "lang/ja.json")
	if complaints(fsys) == 0 {
		t.Error("a missing file was not seen")
	}
}

// Goal: times are Japan's, written as each language writes them. Method: an instant that is
// another day in UTC.
func TestTimesAreInJapan(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 21, 16, 4, 5, 0, time.UTC)

	for lang, want := range map[i18n.Lang][3]string{
		i18n.English:            {"22 Nov 2026, 01:04", "Sun 22 Nov", "01:04"},
		i18n.Japanese:           {"2026年11月22日 01:04", "11月22日(日)", "01:04"},
		i18n.SimplifiedChinese:  {"2026年11月22日 01:04", "11月22日 周日", "01:04"},
		i18n.TraditionalChinese: {"2026年11月22日 01:04", "11月22日 週日", "01:04"},
		i18n.Korean:             {"2026년 11월 22일 01:04", "11월 22일 (일)", "01:04"},
	} {
		got := [3]string{lang.DateTime(at), lang.Day(at), lang.Time(at)}
		if got != want {
			t.Errorf("%s: got %q, want %q", lang, got, want)
		}
	}
	if got := i18n.ISODateTime(at); got != "2026-11-22T01:04:05+09:00" {
		t.Errorf("ISO: %s", got)
	}
	if got := i18n.Duration(187 * time.Second); got != "3:07" {
		t.Errorf("duration: %s", got)
	}
}

// counter counts the complaints of a check.
type counter struct {
	testing.TB
	n int
}

func (c *counter) Helper()               {}
func (c *counter) Errorf(string, ...any) { c.n++ }
func (c *counter) Error(...any)          { c.n++ }

func complaints(fsys fstest.MapFS) int {
	c := &counter{}
	i18ntest.Complete(c, i18n.MustLoad(fsys, "lang/*.json"))
	return c.n
}

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
