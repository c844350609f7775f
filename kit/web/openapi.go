package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"path"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"github.com/danielgtaylor/huma/v2"

	"watari/kit/check"
	"watari/kit/fault"
)

// document31 is the OpenAPI document in the making, in version 3.1.
type document31 struct {
	api        huma.API
	registry   huma.Registry
	operations []*operation
	// packageOf is the package whose operation is being registered: it names the types that
	// have no name of their own.
	packageOf string

	once sync.Once
	text []byte
}

// securityName is the name of the one way to authenticate.
const securityName = "bearer"

// newDocument begins the document of a server.
func newDocument(s *Server) *document31 {
	d := &document31{}
	d.registry = huma.NewMapRegistry("#/components/schemas/", d.nameOf)
	for _, a := range s.config.Aliases {
		d.registry.RegisterTypeAlias(a.of, a.as)
	}
	c := s.config
	open := &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{
			Title: c.Title, Version: c.Version,
			Description: strings.TrimSpace(c.Description +
				"\n\nGenerated from the program's own types; not edited by hand."),
			License: &huma.License{Name: "Apache License 2.0", Identifier: "Apache-2.0"},
		},
		Servers: []*huma.Server{{URL: "/"}},
		Components: &huma.Components{
			Schemas: d.registry, Responses: map[string]*huma.Response{},
			SecuritySchemes: map[string]*huma.SecurityScheme{securityName: {
				Type: "http", Scheme: "bearer", BearerFormat: "API key",
				Description: "An API key: `Authorization: Bearer wk_…`.",
			}},
		},
	}
	// Of huma's own addresses none is wanted: they load scripts from elsewhere, name schemas
	// after the header Host, or offer older versions.
	d.api = huma.NewAPI(huma.Config{OpenAPI: open}, nil)
	d.registry.Map()["Problem"] = problemSchema()
	return d
}

// nameOf names a type in the document: after its package, unless it says that itself, so that two
// packages may each have a View. Types without a name are called after where they stand.
func (d *document31) nameOf(t reflect.Type, hint string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	name := t.Name()
	if name == "" {
		return joinName(d.packageOf, hint)
	}
	base, args, _ := strings.Cut(strings.TrimSuffix(name, "]"), "[")
	pkg := path.Base(t.PkgPath())
	if pkg == "web" || pkg == "." {
		pkg = ""
	}
	whole := ""
	for arg := range strings.SplitSeq(args, ",") {
		if arg != "" {
			p, n, _ := strings.Cut(path.Base(arg), ".")
			whole += joinName(p, n)
		}
	}
	return whole + joinName(pkg, base)
}

// joinName puts a package before a name in CamelCase, once.
func joinName(pkg, name string) string {
	pkg, name = upper(strings.TrimSuffix(pkg, "_test")), upper(name)
	if strings.HasPrefix(name, pkg) {
		return name
	}
	return pkg + name
}

// upper writes words joined by hyphens or other signs in CamelCase.
func upper(s string) string {
	var b strings.Builder
	first := true
	for _, r := range s {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			first = true
			continue
		case first:
			r = unicode.ToUpper(r)
		}
		first = false
		b.WriteRune(r)
	}
	return b.String()
}

// describe writes into an operation's description who may call it and what can go wrong.
func (o *operation) describe(d *huma.Operation, hasBody, hasInput bool) {
	possible := slices.Concat(o.op.Faults, everywhere)
	if !o.op.Public {
		d.Security = []map[string][]string{{securityName: {}}}
		roles := make([]string, len(o.roles))
		for i, r := range o.roles {
			roles[i] = string(r)
		}
		d.Description = strings.TrimSpace(d.Description + "\n\nFor the roles: " +
			strings.Join(roles, ", ") + ".")
		d.Extensions = map[string]any{"x-roles": roles} // the same, for programs
		possible = append(possible, withKey...)
	}
	if hasInput || hasBody {
		possible = append(possible, withInput...)
	}
	if hasBody {
		possible = append(possible, withBody...)
	}

	byStatus := map[int][]*fault.Problem{}
	for _, p := range possible {
		status := Status(p)
		if !slices.Contains(byStatus[status], p) {
			byStatus[status] = append(byStatus[status], p)
		}
	}
	for status, problems := range byStatus {
		d.Responses[strconv.Itoa(status)] = o.server.document.response(status, problems)
	}
}

// response describes the problems of one status of an operation. What every operation can answer
// stands once in the document.
func (d *document31) response(status int, problems []*fault.Problem) *huma.Response {
	common := slices.Concat(everywhere, withKey, withInput, withBody)
	for _, p := range problems {
		if !slices.Contains(common, p) {
			return problemResponse(status, problems)
		}
	}
	name := strings.ReplaceAll(http.StatusText(status), " ", "")
	shared := d.api.OpenAPI().Components.Responses
	if shared[name] == nil {
		shared[name] = problemResponse(status, problems)
	}
	check.That(len(shared[name].Content[problemType].Examples) == len(problems),
		"web: status %d has two common forms", status)
	return &huma.Response{Ref: "#/components/responses/" + name}
}

// problemResponse describes the problems of one status.
func problemResponse(status int, problems []*fault.Problem) *huma.Response {
	slices.SortFunc(problems, func(a, b *fault.Problem) int {
		return strings.Compare(a.Slug, b.Slug)
	})
	var lines []string
	examples := map[string]*huma.Example{}
	for _, p := range problems {
		lines = append(lines, fmt.Sprintf("- `%s%s`: %s", problemPath, p.Slug, p.Title))
		examples[p.Slug] = &huma.Example{Value: map[string]any{
			"type": problemPath + p.Slug, "title": p.Title, "status": status,
			"instance": "/requests/req_01m7z6bqt0100004q3v9x1k8d2h5"}}
	}
	return &huma.Response{
		Description: http.StatusText(status) + "\n\n" + strings.Join(lines, "\n"),
		Content: map[string]*huma.MediaType{problemType: {
			Schema: &huma.Schema{Ref: "#/components/schemas/Problem"}, Examples: examples,
		}},
	}
}

// problemSchema describes the problem document.
func problemSchema() *huma.Schema {
	word := func(doc string) *huma.Schema {
		return &huma.Schema{Type: huma.TypeString, Description: doc}
	}
	return &huma.Schema{
		Type:                 huma.TypeObject,
		Description:          "What went wrong: RFC 9457. Problems may have more members.",
		AdditionalProperties: true,
		Required:             []string{"type", "title", "status"},
		Properties: map[string]*huma.Schema{
			"type":     word("The page that explains the problem, on this server."),
			"title":    word("The problem in one phrase, always the same."),
			"status":   {Type: huma.TypeInteger, Description: "The HTTP status."},
			"detail":   word("What happened this time."),
			"instance": word("The request; name it when you ask the operator."),
			"errors": {
				Type: huma.TypeArray, Description: "The parts of the request that were refused.",
				Items: &huma.Schema{
					Type: huma.TypeObject, Required: []string{"pointer", "detail"},
					Properties: map[string]*huma.Schema{
						"pointer": word("A JSON pointer into the body, or query:name, " +
							"path:name, header:name."),
						"detail": word("What is wrong there."),
					}},
			},
		},
	}
}

// OpenAPI returns the OpenAPI 3.1 document as indented JSON: the same bytes for the same program.
// All operations must be registered before the first call.
func (s *Server) OpenAPI() []byte {
	d := s.document
	d.once.Do(func() {
		// huma adds its own form of a problem, which is never sent.
		delete(d.registry.Map(), d.nameOf(reflect.TypeFor[huma.ErrorModel](), ""))
		delete(d.registry.Map(), d.nameOf(reflect.TypeFor[huma.ErrorDetail](), ""))
		raw, err := json.Marshal(d.api.OpenAPI())
		if err != nil {
			panic(fmt.Sprintf("web: OpenAPI document: %v", err))
		}
		var b bytes.Buffer
		if err := json.Indent(&b, raw, "", "  "); err != nil {
			panic(fmt.Sprintf("web: OpenAPI document: %v", err))
		}
		d.text = append(b.Bytes(), '\n')
	})
	return bytes.Clone(d.text)
}

// serveOpenAPI shows the document.
func (s *Server) serveOpenAPI(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "application/openapi+json")
	_, err := w.Write(s.OpenAPI())
	return err
}
