package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"watari/kit/web"
)

// paged and Paged are embedded by the inputs under test.
type (
	paged struct {
		Cursor string `query:"cursor"`
	}
	// Paged is an exported one.
	Paged struct {
		Cursor string `query:"cursor"`
	}
)

// own reads itself, whatever its fields are.
type own struct{ paged }

func (own) MarshalJSON() ([]byte, error)  { return []byte(`""`), nil }
func (*own) UnmarshalJSON(b []byte) error { return json.Unmarshal(b, new(string)) }

// register adds an operation with these forms and tells whether it panicked.
func register[I, O any]() (refused bool) {
	defer func() { refused = recover() != nil }()
	web.Register(web.New(web.Config{}), web.Op{ID: "x", Method: "POST", Path: "/x",
		Summary: "X", Public: true}, func(context.Context, *I) (*O, error) { return nil, nil })
	return false
}

// Goal: a struct that huma would pass over is found when the program starts. Method: embedded
// structs of exported and unexported types, in parameters, deep in bodies, and in a type that reads
// itself.
func TestHiddenFormsAreRefused(t *testing.T) {
	t.Parallel()
	type line struct {
		paged
		N int `json:"n"`
	}
	type none struct{}
	type deep struct {
		Body struct {
			Lines []*line `json:"lines"`
		}
	}
	for name, c := range map[string]struct{ got, want bool }{
		"exported":          {register[struct{ Paged }, none](), false},
		"parameters":        {register[struct{ paged }, none](), true},
		"deep in a body":    {register[deep, none](), true},
		"deep in an answer": {register[none, deep](), true},
		"reads itself": {register[struct {
			Body struct {
				Own own `json:"own"`
			}
		}, none](), false},
	} {
		if c.got != c.want {
			t.Errorf("%s: refused %v, want %v", name, c.got, c.want)
		}
	}
}

// hungUp is a connection whose other end is gone.
type hungUp struct{ *httptest.ResponseRecorder }

var errPipe = errors.New("write: broken pipe")

func (hungUp) Write([]byte) (int, error) { return 0, errPipe }

// Goal: an answer that cannot be written is not a request that was refused, a failure of our own
// is none either, and neither hides a panic. Method: a page whose caller hangs up; one that fails;
// one that panics after its caller hung up.
func TestUnwritableAnswerIsNoRefusal(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	page := func(w http.ResponseWriter, _ *http.Request) error {
		_, err := io.WriteString(w, "hello")
		return err
	}
	f.Page("GET /page", page)
	f.Page("GET /broken", func(http.ResponseWriter, *http.Request) error {
		return errors.New("the disk is full")
	})
	f.Page("GET /panics", func(w http.ResponseWriter, r *http.Request) error {
		_ = page(w, r)
		panic("a defect")
	})
	get := func(path string) (lines string) {
		before := len(f.log.String())
		func() {
			defer func() { _ = recover() }() // http.ErrAbortHandler
			f.ServeHTTP(hungUp{httptest.NewRecorder()}, httptest.NewRequest("GET", path, nil))
		}()
		return f.log.String()[before:]
	}
	if got := get("/page"); !strings.Contains(got, "answer not delivered") ||
		!strings.Contains(got, errPipe.Error()) || strings.Contains(got, "refused") {
		t.Errorf("a caller that hung up: %s", got)
	}
	for _, path := range []string{"/broken", "/panics"} {
		if got := get(path); !strings.Contains(got, "request failed") ||
			strings.Contains(got, "refused") {
			t.Errorf("%s: %s", path, got)
		}
	}
}
