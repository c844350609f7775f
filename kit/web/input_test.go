package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"watari/kit/access"
	"watari/kit/fault"
	"watari/kit/web"
)

// deep nests arrays.
func deep(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }

// with replaces a part of the good body.
func with(old, new string) string { return strings.Replace(goodBody, old, new, 1) }

// badBodies are bodies that are refused, each for one reason.
var badBodies = []struct{ name, body string }{
	{"empty", " "},
	{"no JSON", "amount=1980"},
	{"cut short", goodBody[:len(goodBody)-1]},
	{"more after the end", goodBody + "{}"},
	{"a list", "[]"},
	{"a text", `"x"`},
	{"null", "null"},
	{"comma at the end", `{"code":"2810",}`},
	{"comment", `{/* */"code":"2810"}`},
	{"single quotes", `{'code':'2810'}`},
	{"byte order mark", "\ufeff" + goodBody},
	{"unknown member", with(`"code"`, `"cod":"x","code"`)},
	{"unknown member inside", with(`"value"`, `"valu":1,"value"`)},
	{"other case", with(`"code"`, `"Code"`)},
	{"double member", with(`"code"`, `"code":"1111","code"`)},
	{"double member by escape", with(`"code"`, `"c\u006fde":"1111","code"`)},
	{"double unknown member", with(`"code"`, `"x":1,"x":2,"code"`)},
	{"double member in a map", with(`"code"`, `"notes":{"a":"1","a":"2"},"code"`)},
	{"double member in free form", with(`"code"`, `"extra":{"a":1,"a":1},"code"`)},
	{"missing members", "{}"},
	{"missing member inside", with(`,"value":1980`, "")},
	{"null member", with("1980", "null")},
	{"text for a number", with("1980", `"1980"`)},
	{"zero", with("1980", "0")},
	{"negative", with("1980", "-1980")},
	{"negative zero", with("1980", "-0")},
	{"fraction", with("1980", "1980.5")},
	{"fraction that is whole", with("1980", "1980.0")},
	{"exponent", with("1980", "1e3")},
	{"2^53", with("1980", "9007199254740992")},
	{"20 digits", with("1980", "99999999999999999999")},
	{"400 digits", with("1980", strings.Repeat("9", 400))},
	{"leading zero", with("1980", "01980")},
	{"plus", with("1980", "+1980")},
	{"hexadecimal", with("1980", "0x7bc")},
	{"NaN", with("1980", "NaN")},
	{"point without digits", with("1980", "1980.")},
	{"exponent without digits", with("1980", "1e")},
	{"minus alone", with("1980", "-")},
	{"unknown currency form", with("JPY", "yen")},
	{"too short", with("2810", "281")},
	{"too long", with("2810", strings.Repeat("飛", 33))},
	{"not one of the choices", with(`"code"`, `"kind":"gift","code"`)},
	{"not a time", with(`"code"`, `"at":"2026-11-22 15:04","code"`)},
	{"over the maximum", with(`"code"`, `"percent":100.01,"code"`)},
	{"beyond any number", with(`"code"`, `"percent":1e999,"code"`)},
	{"not a boolean", with(`"code"`, `"dry":1,"code"`)},
	{"too many items", with(`"code"`, `"lines":[{"currency":"JPY","value":1},
		{"currency":"JPY","value":0},{"currency":"JPY"}],"code"`)},
	{"over 32 bits", with(`"code"`, `"count":2147483648,"code"`)},
	{"NUL", with("2810", "28\x0010")},
	{"escaped NUL", with("2810", `28\u000010`)},
	{"NUL in a name", with(`"code"`, `"notes":{"a\u0000":"x"},"code"`)},
	{"invalid UTF-8", with("2810", "28\xff10")},
	{"invalid UTF-8 after an escape", with("2810", "\\u0032\xc3\x2810")},
	{"overlong UTF-8", with("2810", "28\xc0\x8010")},
	{"half a surrogate pair", with("2810", `28\ud83d10`)},
	{"wrong surrogate pair", with("2810", `28\ud83d\u004110`)},
	{"unknown escape", with("2810", `28\x10`)},
	{"short escape", with("2810", `28\u00`)},
	{"control character", with("2810", "28\n10")},
	{"no end of text", `{"code":"2810`},
	{"too deep", with(`"code"`, `"extra":`+deep(40)+`,"code"`)},
	{"very deep", deep(30_000)},
	{"secret in an unknown place", with(`"code"`, `"pin":"4711-secret","code"`)},
}

// Goal: every body that is not exactly what the operation takes is refused with the place and
// without the value (W1, W2), and the handler never runs. Method: golden problems.
func TestBadBodiesAreRefused(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	var text strings.Builder

	for _, c := range badBodies {
		w := f.send("POST", payPath, c.body)
		text.WriteString("## " + c.name + "\n" + dump(w))
		if w.Code != 400 && w.Code != 422 {
			t.Errorf("%s: %d", c.name, w.Code)
		}
		if strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%s: a value is repeated: %s", c.name, w.Body)
		}
	}

	golden(t, "bodies.txt", text.String())
	if got := f.Undeclared(); len(got) != 0 {
		t.Errorf("undeclared: %v", got)
	}
}

// Goal: the rest of a request is held to its form as well. Method: golden problems.
func TestBadRequestsAreRefused(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	till := "Bearer " + f.keys[access.Terminal]
	var text strings.Builder

	for _, c := range []struct {
		name, target string
		headers      []string
	}{
		{"no key", payPath, []string{"Authorization", ""}},
		{"other scheme", payPath, []string{"Authorization", "Basic d2s6"}},
		{"no form of a key", payPath, []string{"Authorization", "Bearer secret"}},
		{"unknown key", payPath,
			[]string{"Authorization", "Bearer wk_" + strings.Repeat("7", 52)}},
		{"other role", payPath, []string{"Authorization", till}},
		{"no idempotency key", payPath, []string{"Idempotency-Key", ""}},
		{"long idempotency key", payPath, []string{"Idempotency-Key", strings.Repeat("k", 67)}},
		{"idempotency key in kanji", payPath, []string{"Idempotency-Key", "鍵"}},
		{"no media type", payPath, []string{"Content-Type", ""}},
		{"form", payPath, []string{"Content-Type", "application/x-www-form-urlencoded"}},
		{"plain text", payPath, []string{"Content-Type", "text/plain"}},
		{"JSON of something", payPath, []string{"Content-Type", "application/geo+json"}},
		{"other charset", payPath, []string{"Content-Type", "application/json; charset=sjis"}},
		{"broken media type", payPath, []string{"Content-Type", "application/json;;"}},
		{"compressed", payPath, []string{"Content-Encoding", "gzip"}},
		{"unknown parameter", payPath + "?secret=4711", nil},
		{"parameter twice", payPath + "?limit=1&limit=2", nil},
		{"parameter not a number", payPath + "?limit=secret", nil},
		{"parameter out of range", payPath + "?limit=201", nil},
		{"parameter beyond 64 bits", payPath + "?limit=99999999999999999999", nil},
		{"NUL in a parameter", payPath + "?limit=1%00", nil},
		{"invalid UTF-8 in a parameter", payPath + "?limit=%ff", nil},
		{"broken escape in a parameter", payPath + "?limit=%zz", nil},
		{"NUL in the path", "/v1/stores/a%00b/payments", nil},
		{"invalid UTF-8 in the path", "/v1/stores/%ff/payments", nil},
		{"long part of the path", "/v1/stores/123456789/payments", nil},
	} {
		w := f.send("POST", c.target, goodBody, c.headers...)
		text.WriteString("## " + c.name + "\n" + dump(w))
		if w.Code < 400 || w.Code > 499 {
			t.Errorf("%s: %d", c.name, w.Code)
		}
		if got := w.Body.String(); strings.Contains(got, "secret=") || strings.Contains(got, "4711") {
			t.Errorf("%s: a value is repeated: %s", c.name, got)
		}
	}

	golden(t, "requests.txt", text.String())
}

// Goal: a body over the limit is refused before it is read, whether its length is told or not,
// and one just at the limit is taken. Method: bodies around the limit.
func TestBodyLimit(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	padded := func(n int) string {
		return strings.Repeat(" ", n-len(goodBody)) + goodBody
	}

	for _, c := range []struct {
		bytes int
		told  bool
		want  int
	}{
		{web.DefaultMaxBody, true, 201}, {web.DefaultMaxBody, false, 201},
		{web.DefaultMaxBody + 1, true, 413}, {web.DefaultMaxBody + 1, false, 413},
		{10 * web.DefaultMaxBody, false, 413},
	} {
		var body io.Reader = strings.NewReader(padded(c.bytes))
		if !c.told {
			body = io.MultiReader(body)
		}
		r := httptest.NewRequest("POST", payPath, body)
		r.Header.Set("Authorization", "Bearer "+f.keys[access.Acquirer])
		r.Header.Set("Idempotency-Key", "k")
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		f.ServeHTTP(w, r)
		if w.Code != c.want {
			t.Errorf("%+v: %d %s", c, w.Code, w.Body)
		}
		if c.want == 413 && w.Header().Get("Connection") != "close" {
			t.Errorf("%+v: the rest of the body would be read", c)
		}
	}
	w := f.send("POST", "/page", strings.Repeat("x", web.PageMaxBody+1))
	if w.Code != 413 {
		t.Errorf("page: %d", w.Code)
	}
}

// Goal: pages of other sites cannot change anything (W6), and ours and programs can. Method: the
// headers that browsers send.
func TestPagesOfOtherSitesAreRefused(t *testing.T) {
	t.Parallel()
	f := newFixture(t)

	for _, c := range []struct {
		method  string
		headers []string
		want    int
	}{
		{"POST", nil, 200},
		{"POST", []string{"Sec-Fetch-Site", "same-origin"}, 200},
		{"POST", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"POST", []string{"Sec-Fetch-Site", "same-site"}, 403},
		{"POST", []string{"Origin", "https://elsewhere.example"}, 403},
		{"POST", []string{"Origin", "http://test"}, 200},
	} {
		w := f.send(c.method, "/page", "x", c.headers...)
		if w.Code != c.want {
			t.Errorf("%+v: %d %s", c, w.Code, w.Body)
		}
	}
	w := f.send("GET", "/page/one", "", "Sec-Fetch-Site", "cross-site")
	if w.Code != 200 || !strings.Contains(w.Header().Get("Content-Security-Policy"),
		"frame-ancestors 'none'") || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("a link from elsewhere: %d %v", w.Code, w.Header())
	}
}

// Goal: an answer that has no JSON form, and a retry time that is none, do not become half an
// answer. Method: an operation that gives both.
func TestAnswerIsWholeOrAProblem(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	type output struct{ Body unspeakable }
	web.Register(f.Server, web.Op{ID: "unspeakable", Method: "GET", Path: "/v1/unspeakable",
		Summary: "Say nothing", Public: true}, func(_ context.Context, in *struct {
		Fail bool `query:"fail"`
	}) (*output, error) {
		if in.Fail {
			return nil, errBusy.Newf("").Set("retry_after_s", "soon\r\nX: y").Set("bad", func() {})
		}
		return &output{}, nil
	})

	w := f.send("GET", "/v1/unspeakable", "")
	if w.Code != 500 || !strings.Contains(w.Body.String(), "internal-error") ||
		strings.Contains(w.Body.String(), "error marshaling") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	w = f.send("GET", "/v1/unspeakable?fail=true", "")
	if w.Code != 429 || w.Header().Get("Retry-After") != "1" || !json.Valid(w.Body.Bytes()) {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
}

// Goal: a type that reads itself refuses with its own fault, and with a pointer where it has none;
// never with the value. Method: both, in one operation.
func TestTypesThatReadThemselvesRefuse(t *testing.T) {
	t.Parallel()
	s := web.New(web.Config{Aliases: []web.Alias{web.As[shopDay, string]()}})
	type input struct {
		Body struct {
			Day   shopDay `json:"day"`
			Small uint8   `json:"small,omitempty"`
		}
	}
	web.Register(s, web.Op{ID: "x", Method: "POST", Path: "/x", Summary: "X", Public: true,
		Faults: []*fault.Problem{errShut}},
		func(context.Context, *input) (*struct{}, error) { return nil, nil })

	for body, want := range map[string]string{
		`{"day":"secret sunday"}`:        `"/problems/test-shop-shut"`,
		`{"day":"secret else"}`:          `{"pointer":"","detail":"cannot be read`,
		`{"day":"monday","small":70000}`: `{"pointer":"/small","detail":"cannot be read`,
	} {
		r := httptest.NewRequest("POST", "/x", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		got := w.Body.String()
		if w.Code >= 500 || !strings.Contains(got, want) || strings.Contains(got, "secret") {
			t.Errorf("%s: %d %s", body, w.Code, got)
		}
	}
	if got := s.Undeclared(); len(got) != 0 {
		t.Errorf("undeclared: %v", got)
	}
}

// shopDay reads itself.
type shopDay struct{ name string }

func (d *shopDay) UnmarshalJSON(text []byte) error {
	if err := json.Unmarshal(text, &d.name); err != nil {
		return err
	}
	switch d.name {
	case "monday":
		return nil
	case "secret sunday":
		return errShut.Newf("closed on that day")
	default:
		return fmt.Errorf("no such day %q", d.name)
	}
}

// unspeakable has no JSON form.
type unspeakable struct {
	N int `json:"n"`
}

func (unspeakable) MarshalJSON() ([]byte, error) { return nil, fmt.Errorf("secret") }

// Goal: two requests that say the same have the same fingerprint. Method: two orders of members,
// and one other value.
func TestFingerprintIsOfTheMeaning(t *testing.T) {
	t.Parallel()
	read := func(s string) (in payInput) {
		if err := json.Unmarshal([]byte(s), &in.Body); err != nil {
			t.Fatal(err)
		}
		return in
	}
	one := web.Fingerprint(read(goodBody).Body)
	two := web.Fingerprint(read(`{ "code":"\u0032810",
		"amount":{"value":1980,"currency":"JPY"}}`).Body)
	three := web.Fingerprint(read(with("1980", "1981")).Body)

	if one != two || one == three || len(one) != 64 {
		t.Errorf("%s, %s, %s", one, two, three)
	}
}

// Goal: the reader of bodies takes nothing that encoding/json refuses, refuses as malformed nothing
// harmless that it takes, and no body makes the server panic. Method: whatever the fuzzer finds.
func FuzzBodiesAreReadAsTheStandardLibraryReads(f *testing.F) {
	fix := newFixture(f)
	for _, c := range badBodies {
		f.Add([]byte(c.body))
	}
	f.Add([]byte(goodBody))
	f.Fuzz(func(t *testing.T, body []byte) {
		r := httptest.NewRequest("POST", payPath, bytes.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+fix.keys[access.Acquirer])
		r.Header.Set("Idempotency-Key", "k")
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		fix.ServeHTTP(w, r)

		if w.Code >= 500 && !mayFail(body) {
			t.Fatalf("%d for %q", w.Code, body)
		}
		if w.Code == http.StatusCreated && !json.Valid(body) {
			t.Fatalf("accepted what is no JSON: %q", body)
		}
		if w.Code == http.StatusBadRequest && json.Valid(body) && harmless(body) {
			t.Fatalf("refused as no JSON: %q: %s", body, w.Body)
		}
	})
}

// mayFail tells whether the handler under test was asked to fail.
func mayFail(body []byte) bool {
	var in payInput
	_ = json.Unmarshal(body, &in.Body)
	return strings.Contains("disk panic defect", in.Body.Code)
}

// harmless tells whether a body has nothing that we refuse and the library takes: escapes, bytes
// beyond ASCII, deep nesting, or any name twice.
func harmless(body []byte) bool {
	for _, c := range body {
		if c == '\\' || c >= 0x80 || c == '[' {
			return false
		}
	}
	return bytes.Count(body, []byte(":")) <= 1 && bytes.Count(body, []byte("{")) < web.MaxDepth
}

// Goal: types without names, from several packages and with hyphens in the operation, have one
// clear name each in the document; and a body that may be missing may be missing. Method: such an
// operation, and the names of all schemas.
func TestNamesOfSchemas(t *testing.T) {
	t.Parallel()
	s := web.New(web.Config{Aliases: []web.Alias{web.As[unspeakable, amount]()}})
	type note struct {
		Text string      `json:"text"`
		Sum  unspeakable `json:"sum,omitzero"`
	}
	web.Register(s, web.Op{ID: "leave-note", Method: "POST", Path: "/note", Summary: "Leave a note",
		Public: true}, func(_ context.Context, in *struct{ Body *note }) (*struct {
		Body struct {
			Given bool `json:"given"`
		}
	}, error) {
		out := &struct {
			Body struct {
				Given bool `json:"given"`
			}
		}{}
		out.Body.Given = in.Body != nil
		return out, nil
	})

	var doc struct {
		Components struct{ Schemas map[string]any }
	}
	if err := json.Unmarshal(s.OpenAPI(), &doc); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Problem", "LeaveNoteResponse", "WebNote", "WebAmount"} {
		if doc.Components.Schemas[want] == nil {
			t.Errorf("no %s among %v", want, slices.Sorted(maps.Keys(doc.Components.Schemas)))
		}
	}
	for body, want := range map[string]string{
		"": `{"given":false}`, `{"text":"x"}`: `{"given":true}`,
	} {
		r := httptest.NewRequest("POST", "/note", strings.NewReader(body))
		if body != "" {
			r.Header.Set("Content-Type", "application/json")
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if strings.TrimSpace(w.Body.String()) != want {
			t.Errorf("body %q: %d %s", body, w.Code, w.Body)
		}
	}
}
