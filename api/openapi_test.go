package api

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"watari/test/program"
)

// version is that of the build, in the document's info.
var version = regexp.MustCompile(`(?m)^(    "version": ")[^"]*(")`)

// The goal is a committed document that tells the truth. The method: ask the real binary.
func TestTheDocumentIsWhatTheServerSays(t *testing.T) {
	t.Parallel()
	served := version.ReplaceAll(document(t), []byte("${1}0${2}"))

	if os.Getenv("WATARI_UPDATE") == "1" {
		if err := os.WriteFile("openapi.json", served, 0o644); err != nil {
			t.Fatalf("write the document: %v", err)
		}
		return
	}
	kept, err := os.ReadFile("openapi.json")
	if err != nil {
		t.Fatalf("read the document: %v", err)
	}
	if !bytes.Equal(served, kept) {
		t.Errorf("openapi.json is not what the server says (%s): run make generate",
			difference(string(kept), string(served)))
	}
}

// The goal is a document from which a client can be made. The method: each operation has a unique
// id, a summary, a tag, and a problem document for what it refuses.
func TestEachOperationIsDescribed(t *testing.T) {
	t.Parallel()
	var d struct {
		OpenAPI string
		Paths   map[string]map[string]struct {
			OperationID string
			Summary     string
			Tags        []string
			Responses   map[string]struct{ Content map[string]any }
		}
	}
	if err := json.Unmarshal(document(t), &d); err != nil {
		t.Fatalf("read the document: %v", err)
	}
	if !strings.HasPrefix(d.OpenAPI, "3.1") || len(d.Paths) == 0 {
		t.Fatalf("version %q, %d paths", d.OpenAPI, len(d.Paths))
	}
	var ids []string
	for path, methods := range d.Paths {
		for method, o := range methods {
			if o.OperationID == "" || o.Summary == "" || len(o.Tags) == 0 {
				t.Errorf("%s %s lacks an id, a summary or a tag", method, path)
			}
			if slices.Contains(ids, o.OperationID) {
				t.Errorf("%s %s has the id %s of another operation", method, path, o.OperationID)
			}
			ids = append(ids, o.OperationID)
			problem := false
			for _, r := range o.Responses {
				_, is := r.Content["application/problem+json"]
				problem = problem || is
			}
			if !problem {
				t.Errorf("%s %s declares no problem document", method, path)
			}
		}
	}
}

// document asks a fresh server for the document.
func document(t *testing.T) []byte {
	t.Helper()
	server := program.Serve(t)
	response, err := http.Get(server.BaseURL + "/openapi.json")
	if err != nil {
		t.Fatalf("ask for the document: %v", err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("ask for the document: status %d, %v", response.StatusCode, err)
	}
	return text
}

// difference returns the first line in which two texts differ.
func difference(kept, served string) string {
	a, b := strings.Split(kept, "\n"), strings.Split(served, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return "kept " + strings.TrimSpace(a[i]) + ", served " + strings.TrimSpace(b[i])
		}
	}
	return "one ends before the other"
}
