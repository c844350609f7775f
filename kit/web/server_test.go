package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"watari/kit/access"
	"watari/kit/check"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/fault"
	"watari/kit/web"
)

var update = flag.Bool("update", false, "write the golden files")

// Faults of the operations under test.
var (
	errShut  = fault.Define("test-shop-shut", fault.Conflict, "The shop is shut")
	errBusy  = fault.Define("test-queue-full", fault.TooMany, "The queue is full")
	errOther = fault.Define("test-undeclared", fault.NotFound, "Nobody declared this")
)

// amount is a part of the body under test.
type amount struct {
	Currency string `json:"currency" pattern:"^[A-Z]{3}$" patternDescription:"a currency code"`
	Value    int64  `json:"value" minimum:"1"`
}

// payInput is an operation's input with one of everything.
type payInput struct {
	web.Idempotent
	Store string `path:"store" maxLength:"8"`
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
	Body  struct {
		Amount  amount            `json:"amount"`
		Code    string            `json:"code" minLength:"4" maxLength:"32"`
		Kind    string            `json:"kind,omitempty" enum:"sale,deposit"`
		At      string            `json:"at,omitempty" format:"date-time"`
		Percent float64           `json:"percent,omitempty" minimum:"0" maximum:"100"`
		Dry     bool              `json:"dry,omitempty"`
		Lines   []amount          `json:"lines,omitempty" maxItems:"2"`
		Notes   map[string]string `json:"notes,omitempty"`
		Extra   json.RawMessage   `json:"extra,omitempty"`
		Count   *int32            `json:"count,omitempty" nullable:"true"`
	}
}

type payOutput struct {
	Location string `header:"Location"`
	Body     struct {
		ID   string `json:"id"`
		Said string `json:"said"`
	}
}

type listOutput struct{ Body web.List[amount] }

// pay answers, or fails as the code of the request says.
func pay(ctx context.Context, in *payInput) (*payOutput, error) {
	switch in.Body.Code {
	case "shut":
		return nil, errShut.Newf("opens at %s", "09:00").Set("opens", "09:00").
			Because(errors.New("private cause"))
	case "full":
		return nil, errBusy.Newf("").Set("retry_after_s", 7)
	case "other":
		return nil, errOther.Newf("")
	case "disk":
		return nil, errors.New("disk secret full")
	case "panic":
		panic("secret in a panic")
	case "defect":
		check.That(false, "the books do not balance: secret")
	}
	out := &payOutput{Location: "/v1/payments/1"}
	out.Body.ID = "pay_" + in.Store
	caller, _ := access.FromContext(ctx)
	out.Body.Said = string(caller.Role) + " " + in.Key() + " <" + in.Body.Code + ">"
	return out, nil
}

// fixture is a server with one operation of each sort, and what it logs.
type fixture struct {
	*web.Server
	log    *lockedBuffer
	keys   map[access.Role]string
	config web.Config
}

// lockedBuffer is a buffer that several requests may log into.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func newFixture(t testing.TB, change ...func(*web.Config)) *fixture {
	t.Helper()
	d := dbtest.New(t, db.SQLite, fs.FS(access.Migrations))
	f := &fixture{log: &lockedBuffer{}, keys: map[access.Role]string{}}
	keys := access.New(d)
	for _, g := range []access.Grant{
		{Role: access.Acquirer, ParticipantNo: 1, Label: "bank"},
		{Role: access.Terminal, ParticipantNo: 1, StoreNo: 2, TerminalNo: 3, Label: "till"},
	} {
		err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
			f.keys[g.Role], err = keys.Create(ctx, tx, g)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	f.config = web.Config{Title: "Test", Version: "1", Keys: keys,
		Log: slog.New(slog.NewJSONHandler(f.log, nil))}
	for _, c := range change {
		c(&f.config)
	}
	f.Server = web.New(f.config)
	web.Register(f.Server, web.Op{ID: "create-payment", Method: "POST",
		Path: "/v1/stores/{store}/payments", Summary: "Take a payment", Tags: []string{"payments"},
		Roles: []access.Role{access.Acquirer}, Status: http.StatusCreated,
		Faults: []*fault.Problem{errShut, errBusy}}, pay)
	web.Register(f.Server, web.Op{ID: "get-health", Method: "GET", Path: "/v1/health",
		Summary: "See whether it works", Public: true},
		func(ctx context.Context, in *struct{ web.Paging }) (*listOutput, error) {
			return &listOutput{web.ListOf[amount](nil, in.Cursor)}, nil
		})
	web.Register(f.Server, web.Op{ID: "close-shop", Method: "DELETE", Path: "/v1/shop",
		Summary: "Close the shop", Public: true},
		func(context.Context, *struct{}) (*struct{}, error) { return nil, nil })
	f.Page("GET /page/{what}", func(w http.ResponseWriter, r *http.Request) error {
		if r.PathValue("what") == "shut" {
			return errShut.Newf("opens at <b>09:00</b>")
		}
		_, err := io.WriteString(w, "page")
		return err
	})
	f.Page("POST /page", func(w http.ResponseWriter, r *http.Request) error {
		if _, err := io.ReadAll(r.Body); err != nil {
			return err
		}
		_, err := io.WriteString(w, "done")
		return err
	})
	return f
}

const (
	payPath  = "/v1/stores/s1/payments"
	goodBody = `{"amount":{"currency":"JPY","value":1980},"code":"2810"}`
)

// send asks the fixture directly, as the bank, with an idempotency key.
func (f *fixture) send(method, target, body string, headers ...string) *httptest.ResponseRecorder {
	var r *http.Request
	if body == "" {
		r = httptest.NewRequest(method, "http://test"+target, nil)
	} else {
		r = httptest.NewRequest(method, "http://test"+target, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
	}
	r.Header.Set("Authorization", "Bearer "+f.keys[access.Acquirer])
	r.Header.Set("Idempotency-Key", "k1")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Del(headers[i])
		if headers[i+1] != "" {
			r.Header.Set(headers[i], headers[i+1])
		}
	}
	w := httptest.NewRecorder()
	f.ServeHTTP(w, r)
	return w
}

// Goal: a good request reaches the handler and its answer the caller. Method: one call, with every
// sort of input, and the plain forms without a body.
func TestGoodRequestIsAnswered(t *testing.T) {
	t.Parallel()
	f := newFixture(t)

	w := f.send("POST", payPath+"?limit=3", `{"amount":{"value":1980,"currency":"JPY"},
		"code":"\u0032810飛騨","kind":"sale","at":"2026-11-22T15:04:05+09:00","percent":12.5,
		"dry":true,"lines":[{"currency":"JPY","value":1}],"notes":{"a":"b","":"c"},
		"extra":{"any":[1,-2.5e3,null,true,"x"]},"count":null}`,
		"Content-Type", `application/json; charset="UTF-8"`, "Idempotency-Key", `"k 1"`)

	want := `{"id":"pay_s1","said":"acquirer k1 <2810飛騨>"}` + "\n"
	if w.Code != http.StatusUnprocessableEntity { // the key may not hold a space
		t.Errorf("key with a space: %d %s", w.Code, w.Body)
	}
	w = f.send("POST", payPath, `{"amount":{"value":1980,"currency":"JPY"},"code":"2810飛騨"}`,
		"Idempotency-Key", `"k1"`)
	if w.Code != http.StatusCreated || w.Body.String() != want {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	for name, value := range map[string]string{
		"Content-Type": "application/json", "Location": "/v1/payments/1",
		"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
	} {
		if got := w.Header().Get(name); got != value {
			t.Errorf("%s is %q, want %q", name, got, value)
		}
	}
	if id := w.Header().Get("X-Request-Id"); !strings.HasPrefix(id, "req_") {
		t.Errorf("request id %q", id)
	}
	w = f.send("GET", "/v1/health?cursor=abc", "", "Authorization", "")
	if w.Code != 200 || w.Body.String() != `{"items":[],"next_cursor":"abc"}`+"\n" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w = f.send("DELETE", "/v1/shop", ""); w.Code != 204 || w.Body.Len() != 0 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if got := f.Undeclared(); len(got) != 0 {
		t.Errorf("undeclared: %v", got)
	}
}

// Goal: each fault of a handler becomes the problem that it says, and nothing else becomes known
// (W3). Method: golden documents, and the log beside them.
func TestFaultsBecomeProblems(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	var text strings.Builder

	for _, code := range []string{"shut", "full", "other", "disk", "panic", "defect"} {
		w := f.send("POST", payPath, strings.Replace(goodBody, "2810", code, 1))
		text.WriteString("## code " + code + "\n" + dump(w))
		if strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%s: the answer tells what only the log may: %s", code, w.Body)
		}
	}

	golden(t, "faults.txt", text.String())
	lines := strings.Split(strings.TrimSpace(f.log.String()), "\n")
	if len(lines) != 6 {
		t.Errorf("%d lines in the log, want one for each problem:\n%s", len(lines), f.log)
	}
	for i, want := range []string{`"cause":"test-shop-shut: opens at 09:00: private cause"`,
		`"problem":"test-queue-full"`, `"address":"create-payment"`, `"cause":"disk secret full"`,
		`"stack":"goroutine`, `"defect":"def_`} {
		if !strings.Contains(lines[i], want) || !strings.Contains(lines[i], `"caller":"key:key_`) {
			t.Errorf("line %d has no %s: %s", i, want, lines[i])
		}
	}
	if got, want := f.Undeclared(), []string{"create-payment: test-undeclared"}; !slices.Equal(got,
		want) {
		t.Errorf("undeclared: %v, want %v", got, want)
	}
}

// Goal: addresses without an operation are problems too, and the checks of health answer.
// Method: golden documents.
func TestAddressesThatAreNoOperations(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(c *web.Config) {
		c.Ready = func(context.Context) error { return errors.New("database secret gone") }
	})
	var text strings.Builder

	for _, c := range [][3]string{
		{"GET", "/nowhere", "application/json"}, {"GET", "/nowhere", "text/html,*/*"},
		{"PUT", "/v1/health", ""}, {"OPTIONS", payPath, ""}, {"GET", "/v1/health/", ""},
		{"GET", "/healthz", ""}, {"GET", "/readyz", ""}, {"GET", "/page/shut", "text/html"},
		{"GET", "/page/shut", ""}, {"GET", "/problems/test-shop-shut", ""},
		{"GET", "/problems/nothing", ""},
	} {
		w := f.send(c[0], c[1], "", "Accept", c[2])
		text.WriteString("## " + strings.Join(c[:], " ") + "\n" + dump(w))
	}

	golden(t, "addresses.txt", text.String())
}

// Goal: the log cannot be filled by bad requests, and says how many lines it left out. Method:
// more refusals than it takes in a second.
func TestLogIsBounded(t *testing.T) {
	t.Parallel()
	f := newFixture(t)

	for range 450 {
		f.send("GET", "/nowhere", "")
	}

	if n := strings.Count(f.log.String(), "\n"); n < 100 || n > 300 {
		t.Errorf("%d lines for 450 refusals within a second or two", n)
	}
}

// Goal: the document is OpenAPI 3.1 with problems, roles, security and licence, and always the
// same. Method: golden file of the operations under test, made twice.
func TestOpenAPIDocument(t *testing.T) {
	t.Parallel()
	f := newFixture(t)

	got := f.OpenAPI()

	if !bytes.Equal(got, newFixture(t).OpenAPI()) {
		t.Error("two documents of one program differ")
	}
	golden(t, "openapi.json", string(got))
	w := f.send("GET", "/openapi.json", "")
	if !bytes.Equal(w.Body.Bytes(), got) || w.Header().Get("Content-Type") !=
		"application/openapi+json" {
		t.Errorf("served another document: %.80s", w.Body)
	}
	for _, want := range []string{`"openapi": "3.1.0"`, `"identifier": "Apache-2.0"`,
		`"scheme": "bearer"`, `/problems/test-shop-shut`, `"Idempotency-Key"`} {
		if !bytes.Contains(got, []byte(want)) {
			t.Errorf("no %s in the document", want)
		}
	}
	if bytes.Contains(got, []byte("ErrorModel")) || bytes.Contains(got, []byte("$schema")) {
		t.Error("something of huma's own is in the document")
	}
}

// Goal: the documentation page loads nothing from elsewhere (W6). Method: the page, its policy,
// and the files it names.
func TestDocumentationIsInside(t *testing.T) {
	t.Parallel()
	f := newFixture(t)

	w := f.send("GET", "/docs/", "", "Accept", "text/html")

	page, policy := w.Body.String(), w.Header().Get("Content-Security-Policy")
	if w.Code != 200 || strings.Contains(page, "src=\"http") || strings.Contains(policy, "http") {
		t.Errorf("%d, policy %s", w.Code, policy)
	}
	if n := strings.Count(policy, "'sha256-"); n != strings.Count(page, "<script>") || n == 0 {
		t.Errorf("%d hashes for the scripts of the page", n)
	}
	for _, m := range regexp.MustCompile(`(?:src|href)="([^"]+)"`).FindAllStringSubmatch(page, -1) {
		if w := f.send("GET", m[1], ""); w.Code != 200 {
			t.Errorf("%s: %d", m[1], w.Code)
		}
	}
	if w := f.send("GET", "/docs", ""); w.Header().Get("Location") != "/docs/" {
		t.Errorf("/docs: %d", w.Code)
	}
}

// Goal: what the server does can be seen in figures. Method: some requests, then /metrics.
func TestMetricsCountByOperation(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.send("POST", payPath, goodBody)
	f.send("POST", payPath, goodBody)
	f.send("POST", payPath, "{}")
	f.send("GET", "/some/secret/path", "")

	w := f.send("GET", "/metrics", "")

	for _, want := range []string{
		`watari_http_requests_total{address="create-payment",status="201"} 2`,
		`watari_http_requests_total{address="create-payment",status="422"} 1`,
		`watari_http_requests_total{address="unknown",status="404"} 1`,
		`watari_http_problems_total{problem="request-invalid"} 1`,
		`watari_http_request_seconds_count{address="create-payment"} 3`,
		"watari_http_connections 0", "go_goroutines", "process_open_fds",
	} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("no %s", want)
		}
	}
	if strings.Contains(w.Body.String(), "secret") {
		t.Error("an address of a caller became a label")
	}
}

// Goal: a mistake in an operation is found when the program starts. Method: one mistake each.
func TestRegisterPanicsOnMistakes(t *testing.T) {
	t.Parallel()
	nothing := func(context.Context, *struct{}) (*struct{}, error) { return nil, nil }
	type choice struct {
		Body struct {
			N int `json:"n" multipleOf:"5"`
		}
	}
	good := web.Op{ID: "x", Method: "GET", Path: "/x", Summary: "X", Public: true}

	for name, try := range map[string]func(*web.Server){
		"no roles": func(s *web.Server) {
			op := good
			op.Public = false
			web.Register(s, op, nothing)
		},
		"roles and public": func(s *web.Server) {
			op := good
			op.Roles = []access.Role{access.Operator}
			web.Register(s, op, nothing)
		},
		"no summary": func(s *web.Server) {
			op := good
			op.Summary = ""
			web.Register(s, op, nothing)
		},
		"twice": func(s *web.Server) {
			web.Register(s, good, nothing)
			web.Register(s, good, nothing)
		},
		"a rule that is not held": func(s *web.Server) {
			web.Register(s, good, func(context.Context, *choice) (*struct{}, error) {
				return nil, nil
			})
		},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: accepted", name)
				}
			}()
			try(web.New(web.Config{}))
		}()
	}
}

// dump writes what matters of an answer, without what differs each time.
func dump(w *httptest.ResponseRecorder) string {
	ids := regexp.MustCompile(`req_[0-9a-z]+`)
	text := http.StatusText(w.Code) + "\n"
	for _, name := range []string{"Content-Type", "Allow", "Connection", "Location", "Retry-After",
		"WWW-Authenticate", "Content-Security-Policy"} {
		if v := w.Header().Get(name); v != "" {
			text += name + ": " + v + "\n"
		}
	}
	return text + ids.ReplaceAllString(w.Body.String(), "req_ID") + "\n"
}

// golden compares a text with a file under testdata.
func golden(t testing.TB, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s differs (run with -update to see):\n%s", file, firstDifference(string(want),
			got))
	}
}

func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(w), len(g)) {
		if w[i] != g[i] {
			return "want: " + w[i] + "\ngot:  " + g[i]
		}
	}
	return "one is longer"
}
