package i18n

import (
	"net/http"

	"golang.org/x/text/language"
)

// Lang is the BCP 47 tag of one of the five languages. It is what the lang attribute of HTML
// wants.
type Lang string

// The languages.
const (
	SimplifiedChinese  Lang = "zh-Hans"
	TraditionalChinese Lang = "zh-Hant"
	Japanese           Lang = "ja"
	English            Lang = "en"
	Korean             Lang = "ko"
)

// CookieName is the cookie that remembers a language that was chosen.
const CookieName = "lang"

// cookieAge is how long a choice is remembered: a year, in seconds.
const cookieAge = 365 * 24 * 60 * 60

// langs is every language in the order in which pages offer them. The first is the default.
var langs = []Lang{English, Japanese, SimplifiedChinese, TraditionalChinese, Korean}

// matcher finds the best of langs, by index, for what a browser asks for.
var matcher = language.NewMatcher(tags())

func tags() []language.Tag {
	all := make([]language.Tag, len(langs))
	for i, l := range langs {
		all[i] = language.MustParse(string(l))
	}
	return all
}

// Langs returns the languages in the order in which pages offer them.
func Langs() []Lang { return append([]Lang(nil), langs...) }

// Name returns what the language calls itself.
func (l Lang) Name() string {
	switch l {
	case SimplifiedChinese:
		return "简体中文"
	case TraditionalChinese:
		return "繁體中文"
	case Japanese:
		return "日本語"
	case Korean:
		return "한국어"
	default:
		return "English"
	}
}

// Parse returns the best language for a tag such as "zh-TW" or "en_US"; false when none fits.
func Parse(tag string) (Lang, bool) {
	if tag == "" || len(tag) > 35 {
		return English, false
	}
	want, err := language.Parse(tag)
	if err != nil {
		return English, false
	}
	return best(want)
}

// best returns the language nearest to a tag; false when none is near.
func best(tag language.Tag) (Lang, bool) {
	if base, _ := tag.Base(); base.String() == "yue" {
		return TraditionalChinese, true // Cantonese is written so, and phones in Hong Kong send it
	}
	_, i, confidence := matcher.Match(tag)
	return langs[i], confidence != language.No
}

// Match finds the language for a request: ?lang= in the address, then the cookie, then the
// header Accept-Language. English when nothing fits.
func Match(r *http.Request) Lang {
	if l, ok := asked(r); ok {
		return l
	}
	if c, err := r.Cookie(CookieName); err == nil {
		if l, ok := Parse(c.Value); ok {
			return l
		}
	}
	header := r.Header.Get("Accept-Language")
	if len(header) > 500 {
		return English
	}
	want, weights, err := language.ParseAcceptLanguage(header)
	if err != nil {
		return English
	}
	// One tag after the other: given all at once, the matcher prefers the plain "zh" of
	// "zh-TW,zh;q=0.9", which is what browsers in Taiwan send, and answers in simplified Chinese.
	for i, tag := range want {
		if l, ok := best(tag); ok && weights[i] > 0 {
			return l
		}
	}
	return English
}

// Choose is Match, and remembers in a cookie what the address asked for. It must be called before
// the body is written.
func Choose(w http.ResponseWriter, r *http.Request) Lang {
	l, ok := asked(r)
	if !ok {
		return Match(r)
	}
	http.SetCookie(w, &http.Cookie{Name: CookieName, Value: string(l), Path: "/",
		MaxAge: cookieAge, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: r.TLS != nil})
	return l
}

// asked returns the language that the address names.
func asked(r *http.Request) (Lang, bool) {
	if r.URL.RawQuery == "" {
		return English, false
	}
	return Parse(r.URL.Query().Get(CookieName))
}
