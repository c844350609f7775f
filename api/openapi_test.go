package api

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"watari/test/program"
)

// document is an OpenAPI document, as far as it is looked into.
type document struct {
	OpenAPI string
	Info    struct{ Title, Version, Description string }
	Paths   map[string]map[string]operation
	// Components are walked as plain JSON.
	Components struct {
		Schemas         map[string]any
		Responses       map[string]response
		SecuritySchemes map[string]any
	}
}

type operation struct {
	OperationID string `json:"operationId"`
	Summary     string
	Tags        []string
	Security    []map[string][]string
	Parameters  []parameter
	RequestBody *struct {
		Required bool
		Content  map[string]struct{ Schema any }
	} `json:"requestBody"`
	Responses map[string]response
}

type parameter struct {
	Name, In string
	Required bool
	Schema   any
}

type response struct {
	Ref         string `json:"$ref"`
	Description string
	Content     map[string]struct {
		Schema   map[string]any
		Examples map[string]struct {
			Value struct {
				Type   string
				Status int
			}
		}
	}
}

const (
	problemType = "application/problem+json"
	problemRef  = "#/components/schemas/Problem"
)

// served starts the program and returns its document, the text and where the server is.
func served(t *testing.T) (document, string, string) {
	t.Helper()
	s := program.Serve(t)
	text := fetch(t, s.BaseURL+"/openapi.json", "application/openapi+json")
	var d document
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		t.Fatalf("read the document: %v", err)
	}
	return d, text, s.BaseURL
}

func fetch(t *testing.T, address, kind string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatalf("ask %s: %v", address, err)
	}
	r.Header.Set("Accept", kind)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatalf("ask %s: %v", address, err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("ask %s: HTTP %d: %s (%v)", address, res.StatusCode, text, err)
	}
	if got := res.Header.Get("Content-Type"); !strings.HasPrefix(got, kind) {
		t.Errorf("%s is %q, want %q", address, got, kind)
	}
	return string(text)
}

// The goal is that a change of the API is seen in the repository. The method: compare what the
// program serves with the file; WATARI_UPDATE=1 writes the file.
func TestTheFileIsWhatTheProgramServes(t *testing.T) {
	t.Parallel()
	d, text, _ := served(t)
	text = strings.Replace(text, fmt.Sprintf(`"version": %q`, d.Info.Version),
		`"version": "dev"`, 1)
	if !strings.Contains(d.Info.Description, "Generated") {
		t.Errorf("info.description does not say that the file is generated: %q",
			d.Info.Description)
	}
	if os.Getenv("WATARI_UPDATE") != "" {
		if err := os.WriteFile("openapi.json", []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	file, err := os.ReadFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	if string(file) == text {
		return
	}
	want, got := strings.Split(string(file), "\n"), strings.Split(text, "\n")
	for i := range min(len(want), len(got)) {
		if want[i] != got[i] {
			t.Fatalf("line %d of openapi.json is\n%s\nthe program says\n%s\nrun make generate",
				i+1, want[i], got[i])
		}
	}
	t.Fatalf("openapi.json has %d lines, the program says %d; run make generate", len(want),
		len(got))
}

// open are the operations that everybody may call: what a park tells its visitors. A new one is
// added here on purpose.
var open = []string{"list-destinations", "read-entity", "list-entity-children",
	"read-entity-live", "read-entity-schedule", "read-entity-schedule-month",
	"read-entity-history", "read-entity-history-daily", "read-waits", "read-map",
	"find-way"}

// The goal is a document that tools can read: OpenAPI 3.1. The method: hold it against what the
// specification (https://spec.openapis.org/oas/v3.1.1.html) and JSON Schema 2020-12 ask of it.
func TestTheDocumentIsOpenAPI(t *testing.T) {
	t.Parallel()
	d, text, _ := served(t)
	if !strings.HasPrefix(d.OpenAPI, "3.1.") || d.Info.Title == "" || d.Info.Version == "" {
		t.Errorf("the document is %q of %q %q", d.OpenAPI, d.Info.Title, d.Info.Version)
	}
	if len(d.Paths) == 0 {
		t.Fatal("the document has no paths")
	}
	ids := map[string]string{}
	for path, operations := range d.Paths {
		for method, o := range operations {
			name := strings.ToUpper(method) + " " + path
			if other := ids[o.OperationID]; other != "" || o.OperationID == "" {
				t.Errorf("%s and %s are both %q", name, other, o.OperationID)
			}
			ids[o.OperationID] = name
			for _, mistake := range o.mistakes(path, d) {
				t.Errorf("%s: %s", name, mistake)
			}
		}
	}
	var whole any
	if err := json.Unmarshal([]byte(text), &whole); err != nil {
		t.Fatal(err)
	}
	walk(whole, "#", func(at string, m map[string]any) {
		if ref, ok := m["$ref"].(string); ok && !resolves(whole, ref) {
			t.Errorf("%s: nothing is at %s", at, ref)
		}
	})
	for name, s := range d.Components.Schemas {
		walk(s, name, func(at string, m map[string]any) {
			if mistake := schemaMistake(m); mistake != "" {
				t.Errorf("%s: %s", at, mistake)
			}
		})
	}
}

var placeholder = regexp.MustCompile(`\{(\w+)\}`)

// mistakes returns what an operation lacks.
func (o operation) mistakes(path string, d document) (found []string) {
	if !strings.HasPrefix(path, "/v1/") || o.Summary == "" || len(o.Tags) == 0 {
		found = append(found, "has a strange path, no summary or no tag")
	}
	var inPath, declared []string
	for _, m := range placeholder.FindAllStringSubmatch(path, -1) {
		inPath = append(inPath, m[1])
	}
	for _, p := range o.Parameters {
		if p.Name == "" || p.Schema == nil || !slices.Contains(
			[]string{"path", "query", "header", "cookie"}, p.In) {
			found = append(found, fmt.Sprintf("parameter %q in %q has no schema or no place",
				p.Name, p.In))
		}
		if p.In == "path" {
			declared = append(declared, p.Name)
			if !p.Required {
				found = append(found, p.Name+" stands in the path and is not required")
			}
		}
	}
	slices.Sort(inPath)
	slices.Sort(declared)
	if !slices.Equal(inPath, declared) {
		found = append(found, fmt.Sprintf("the path has %v, declared are %v", inPath, declared))
	}
	if public := slices.Contains(open, o.OperationID); public != (len(o.Security) == 0) {
		found = append(found, fmt.Sprintf("is open to everybody: %v", !public))
	}
	for _, s := range o.Security {
		for name := range s {
			if d.Components.SecuritySchemes[name] == nil {
				found = append(found, "there is no security scheme "+name)
			}
		}
	}
	if o.RequestBody != nil && o.RequestBody.Content["application/json"].Schema == nil {
		found = append(found, "the body is not JSON")
	}
	return found
}

// walk visits every object of a JSON value.
func walk(v any, at string, visit func(at string, m map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		visit(at, v)
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if key != "example" && key != "examples" && key != "default" && key != "enum" {
				walk(v[key], at+"/"+key, visit)
			}
		}
	case []any:
		for i, item := range v {
			walk(item, fmt.Sprintf("%s/%d", at, i), visit)
		}
	}
}

// resolves tells whether something is at a reference within the document.
func resolves(whole any, ref string) bool {
	path, ok := strings.CutPrefix(ref, "#/")
	if !ok {
		return false
	}
	for name := range strings.SplitSeq(path, "/") {
		m, isObject := whole.(map[string]any)
		if !isObject {
			return false
		}
		whole = m[strings.NewReplacer("~1", "/", "~0", "~").Replace(name)]
	}
	return whole != nil
}

// schemaMistake looks for what JSON Schema 2020-12 does not have or cannot mean.
func schemaMistake(m map[string]any) string {
	if m["nullable"] != nil {
		return "nullable is of OpenAPI 3.0"
	}
	for _, bound := range []string{"exclusiveMinimum", "exclusiveMaximum"} {
		if _, isBool := m[bound].(bool); isBool {
			return bound + " is a number since OpenAPI 3.1"
		}
	}
	types, _ := m["type"].([]any)
	if one, ok := m["type"].(string); ok {
		types = []any{one}
	}
	for _, is := range types {
		if !slices.Contains([]any{"object", "array", "string", "integer", "number", "boolean",
			"null"}, is) {
			return fmt.Sprintf("there is no type %v", is)
		}
	}
	properties, _ := m["properties"].(map[string]any)
	required, _ := m["required"].([]any)
	for _, name := range required {
		if properties[name.(string)] == nil {
			return fmt.Sprintf("%v is required and not described", name)
		}
	}
	if slices.Contains(types, any("array")) && m["items"] == nil {
		return "an array of nothing"
	}
	return ""
}

// The goal is that a caller finds every problem of an operation in the document, and its page on
// the server. The method: each answer from 400 on is a problem document with one example a problem,
// of the right status; what can befall every operation of its kind is listed; each page is there.
func TestEveryOperationListsItsProblems(t *testing.T) {
	t.Parallel()
	d, _, base := served(t)
	pages := map[string]bool{}
	for path, operations := range d.Paths {
		for method, o := range operations {
			name := strings.ToUpper(method) + " " + path
			for _, mistake := range o.problems(d, pages) {
				t.Errorf("%s: %s", name, mistake)
			}
		}
	}
	if len(pages) < 20 {
		t.Errorf("only %d problems are listed", len(pages))
	}
	for page := range pages {
		fetch(t, base+page, "text/html")
	}
}

// problems returns what is wrong with the problems of an operation, and adds their pages.
func (o operation) problems(d document, pages map[string]bool) (found []string) {
	listed := map[string]bool{}
	good := false
	for status, r := range o.Responses {
		if name, ok := strings.CutPrefix(r.Ref, "#/components/responses/"); ok {
			r = d.Components.Responses[name]
		}
		if r.Description == "" {
			found = append(found, status+" has no description")
		}
		if status[0] == '2' {
			good = true
			continue
		}
		c, ok := r.Content[problemType]
		if !ok || len(r.Content) != 1 || c.Schema["$ref"] != problemRef || len(c.Examples) == 0 {
			found = append(found, status+" is not a problem document with examples")
		}
		for slug, e := range c.Examples {
			listed[slug] = true
			pages[e.Value.Type] = true
			if e.Value.Type != "/problems/"+slug || fmt.Sprint(e.Value.Status) != status {
				found = append(found, fmt.Sprintf("the example of %s is %v", slug, e.Value))
			}
		}
	}
	want := []string{"internal-error"}
	if !slices.Contains(open, o.OperationID) {
		want = append(want, "unauthenticated", "role-not-allowed")
	}
	if o.RequestBody != nil || len(o.Parameters) > 0 {
		want = append(want, "request-invalid")
	}
	if o.RequestBody != nil {
		want = append(want, "request-malformed", "body-too-large", "media-type-not-supported")
	}
	for _, slug := range want {
		if !listed[slug] {
			found = append(found, slug+" is not listed")
		}
	}
	if !good {
		found = append(found, "no answer is good")
	}
	return found
}
