package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"mime"
	"net/http"
	"strings"
	"testing"

	"watari/kit/fault"
	"watari/kit/web"
)

// asked is the input of the operation under test.
type asked struct {
	What string `path:"what"`
}

// withFile is a fixture with an operation that answers with a file.
func withFile(t *testing.T) *fixture {
	f := newFixture(t)
	web.Register(f.Server, web.Op{ID: "print-label", Method: http.MethodGet,
		Path: "/v1/labels/{what}", Summary: "Print a label", Public: true,
		Media:  []string{"application/pdf", "image/svg+xml"},
		Faults: []*fault.Problem{errShut}},
		func(_ context.Context, in *asked) (*web.File, error) {
			if in.What == "shut" {
				return nil, errShut.Newf("no labels now")
			}
			return web.NewFile("札 "+in.What+".pdf", "application/pdf",
				[]byte("%PDF-1.4\x00\xff")), nil
		})
	return f
}

// Goal: an operation answers with bytes, as they are, under a name, and its refusals are still
// problem documents. Method: a name outside ASCII, bytes that are no text, and a fault.
func TestFileIsAnsweredAsItIs(t *testing.T) {
	t.Parallel()
	f := withFile(t)

	w := f.send("GET", "/v1/labels/7", "")

	if w.Code != http.StatusOK || !bytes.Equal(w.Body.Bytes(), []byte("%PDF-1.4\x00\xff")) {
		t.Errorf("%d %q", w.Code, w.Body)
	}
	for name, want := range map[string]string{"Content-Type": "application/pdf",
		"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"} {
		if got := w.Header()[name]; len(got) != 1 || got[0] != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	kind, all, err := mime.ParseMediaType(w.Header().Get("Content-Disposition"))
	if err != nil || kind != "attachment" || all["filename"] != "札 7.pdf" {
		t.Errorf("disposition %q: %v", w.Header().Get("Content-Disposition"), err)
	}
	w = f.send("GET", "/v1/labels/shut", "")
	if got := w.Header().Get("Content-Type"); w.Code != http.StatusUnprocessableEntity &&
		w.Code != http.StatusForbidden && w.Code != http.StatusConflict ||
		got != "application/problem+json" || w.Header().Get("Content-Disposition") != "" {
		t.Errorf("a refusal: %d %s %s", w.Code, got, w.Body)
	}
}

// Goal: the document tells what comes back. Method: the media types of the operation in it.
func TestFileIsDocumented(t *testing.T) {
	t.Parallel()
	var doc struct {
		Paths map[string]map[string]struct {
			Responses map[string]struct {
				Content map[string]struct {
					Schema struct{ Type, Format string }
				}
			}
		}
	}
	if err := json.Unmarshal(withFile(t).OpenAPI(), &doc); err != nil {
		t.Fatal(err)
	}
	content := doc.Paths["/v1/labels/{what}"]["get"].Responses["200"].Content
	for _, m := range []string{"application/pdf", "image/svg+xml"} {
		if s := content[m].Schema; s.Type != "string" || s.Format != "binary" {
			t.Errorf("%s: %+v", m, s)
		}
	}
	if len(content) != 2 {
		t.Errorf("content: %+v", content)
	}
}

// Goal: a mistake is found when the program starts. Method: each half without the other.
func TestFileNeedsItsMediaTypes(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	op := web.Op{ID: "x", Method: "GET", Path: "/v1/x", Summary: "x", Public: true}
	mistake := func(what string, register func()) {
		t.Helper()
		defer func() {
			if text, _ := recover().(string); !strings.Contains(text, "media types") {
				t.Errorf("%s: want a panic about media types, got %q", what, text)
			}
		}()
		register()
	}
	mistake("no media", func() {
		web.Register(f.Server, op,
			func(context.Context, *struct{}) (*web.File, error) { return nil, nil })
	})
	op.Media = []string{"text/plain"}
	mistake("no file", func() {
		web.Register(f.Server, op,
			func(context.Context, *struct{}) (*struct{}, error) { return nil, nil })
	})
}
