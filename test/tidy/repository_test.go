package tidy

import (
	"encoding/json"
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strings"
)

// checkGenerated wants generated files to say so in their first line, or in info.description
// where the format has no comments.
func checkGenerated(tr *tree) (found []finding) {
	for _, f := range tr.files {
		first, _, _ := strings.Cut(string(f.text), "\n")
		says := strings.Contains(strings.ToLower(first), "generated")
		switch {
		case f.path == "api/openapi.json":
			var document struct{ Info struct{ Description string } }
			_ = json.Unmarshal(f.text, &document)
			if !strings.Contains(strings.ToLower(document.Info.Description), "generated") {
				found = append(found, f.at(0, "info.description does not say that it is generated"))
			}
		case strings.HasSuffix(f.path, "_templ.go"), strings.HasPrefix(f.path, "docs/states/"):
			if !says {
				found = append(found, f.at(1, "the first line does not say that it is generated"))
			}
		case f.ext() == ".go" && strings.Contains(string(f.text), "\n// Code generated ") &&
			!strings.Contains(f.path, "testdata/"):
			found = append(found, f.at(1, "is generated and says so too late"))
		}
	}
	return found
}

// artefacts are paths of what tools make. Patterns as in match.
var artefacts = []struct{ pattern, reason string }{
	{"bin/...", "built by make build"},
	{"data/...", "a server's own folder"},
	{"**/*.min.js", "third-party code comes by package.json"},
	{"**/*.min.css", "third-party code comes by package.json"},
	{"**/*.exe", "a binary"},
	{"**/*.so", "a binary"},
	{"**/*.db", "a database"},
	{"**/*.sqlite", "a database"},
	{"**/*.log", "a log"},
	{"vendor/...", "third-party code comes by go.mod"},
}

func checkArtefacts(tr *tree) (found []finding) {
	for _, f := range tr.files {
		if len(f.text) > fileBytes && !ofTheAPI[f.path] {
			found = append(found, f.at(0, "has %d bytes, at most %d", len(f.text), fileBytes))
		}
		for _, a := range artefacts {
			if match(a.pattern, f.path) {
				found = append(found, f.at(0, "%s", a.reason))
			}
		}
		folders := strings.Split(f.folder(), "/")
		if slices.Contains(folders, "node_modules") {
			found = append(found, f.at(0, "installed by npm ci"))
		}
		if slices.Contains(folders, "dist") && path.Base(f.path) != ".gitkeep" {
			found = append(found, f.at(0, "bundled by make assets"))
		}
	}
	return found
}

// topFolders is the first screen of the tree. What is not in it has no place yet: decide where it
// belongs and say so here and in ARCHITECTURE.md.
var topFolders = []string{".ci", "api", "app", "cmd", "connect", "docs", "insight", "kit", "pay",
	"sandbox", "scripts", "test", "ui", "visit"}

func checkFolders(tr *tree) (found []finding) {
	for _, f := range tr.files {
		top, _, below := strings.Cut(f.path, "/")
		folders := strings.Split(f.folder(), "/")
		switch {
		case below && !slices.Contains(topFolders, top):
			found = append(found, f.at(0, "the folder %s is not part of the tree", top))
		case slices.Contains(folders, "internal") || slices.Contains(folders, "pkg"):
			found = append(found, f.at(0, "stands below internal or pkg"))
		case !below && f.ext() == ".go":
			found = append(found, f.at(0, "Go code at the root"))
		}
	}
	return found
}

var (
	requireLine = regexp.MustCompile(`(?m)^(?:require)?\s+([\w./~-]+\.[\w./~-]+) v\S+`)
	npmPackage  = regexp.MustCompile(`"([@\w./-]+)": *"[\^~]?\d`)
)

// checkDependencies wants every module that our code imports, and every package of package.json,
// to be named in a document below docs/decisions.
func checkDependencies(tr *tree) (found []finding) {
	var decisions strings.Builder
	for _, f := range tr.files {
		if strings.HasPrefix(f.path, "docs/decisions/") {
			decisions.Write(f.text)
		}
	}
	decided := decisions.String()
	for _, name := range tr.directModules() {
		if !strings.Contains(decided, name) {
			found = append(found, finding{"go.mod", 0, name + " has no decision"})
		}
	}
	for _, f := range tr.files {
		if path.Base(f.path) != "package.json" {
			continue
		}
		_, list, _ := strings.Cut(string(f.text), "ependencies")
		for _, m := range npmPackage.FindAllStringSubmatch(list, -1) {
			if !strings.Contains(decided, m[1]) {
				found = append(found, f.at(0, "%s has no decision", m[1]))
			}
		}
	}
	return found
}

// directModules returns the modules of go.mod that a package of ours imports.
func (tr *tree) directModules() []string {
	mod := tr.named("go.mod")
	if mod == nil {
		return nil
	}
	var direct []string
	for _, m := range requireLine.FindAllStringSubmatch(string(mod.text), -1) {
		imported := func(f *file) bool {
			return f.ast != nil && f.err == nil && slices.ContainsFunc(f.imports(),
				func(p string) bool { return p == m[1] || strings.HasPrefix(p, m[1]+"/") })
		}
		if slices.ContainsFunc(tr.files, imported) {
			direct = append(direct, m[1])
		}
	}
	return direct
}

// checkStates wants a test that keeps a diagram current, through fsmtest.Diagram, in each package
// that declares a state table. What the sandbox simulates is not ours to document.
func checkStates(tr *tree) (found []finding) {
	for folder, files := range tr.packages() {
		if fitsAny([]string{"kit/fsm/...", "sandbox/..."}, folder) {
			continue
		}
		var tables []finding
		drawn := 0
		for _, f := range files {
			for _, d := range f.ast.Decls {
				if group, ok := d.(*ast.GenDecl); ok && group.Tok == token.VAR && !f.test() {
					tables = append(tables, tr.tablesOf(f, group)...)
				}
			}
			ast.Inspect(f.ast, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok && qualified(call.Fun) == "fsmtest.Diagram" {
					drawn++
				}
				return true
			})
		}
		if drawn < len(tables) {
			found = append(found, tables[drawn:]...)
		}
	}
	return found
}

func (tr *tree) tablesOf(f *file, group *ast.GenDecl) (found []finding) {
	for _, s := range group.Specs {
		v := s.(*ast.ValueSpec)
		for _, value := range v.Values {
			if lit, ok := value.(*ast.CompositeLit); ok && qualified(lit.Type) == "fsm.Table" {
				found = append(found, f.at(tr.line(v.Pos()), "no test calls fsmtest.Diagram for %s",
					v.Names[0].Name))
			}
		}
	}
	return found
}

// checkCrashTable wants each constant of type Point in kit/crash to stand, as code, in
// the tables of ARCHITECTURE.md.
func checkCrashTable(tr *tree) (found []finding) {
	var text string
	if f := tr.named("ARCHITECTURE.md"); f != nil {
		text = string(f.text)
	}
	for _, f := range tr.packages()["kit/crash"] {
		ast.Inspect(f.ast, func(n ast.Node) bool {
			v, ok := n.(*ast.ValueSpec)
			if !ok || qualified(v.Type) != "Point" {
				return true
			}
			for _, value := range v.Values {
				lit, ok := value.(*ast.BasicLit)
				if ok && !strings.Contains(text, "`"+strings.Trim(lit.Value, `"`)+"`") {
					found = append(found, f.at(tr.line(v.Pos()),
						"%s is not in ARCHITECTURE.md", lit.Value))
				}
			}
			return true
		})
	}
	return found
}

var makeTarget = regexp.MustCompile(`(?m)^([a-z][a-z-]*):.*$`)

// quiet are targets that others call and people do not.
var quiet = []string{"tools", "needs"}

// checkMakeHelp wants each target for people to say in its line what it does.
func checkMakeHelp(tr *tree) (found []finding) {
	f := tr.named("Makefile")
	if f == nil {
		return nil
	}
	f.lines(func(n int, line string) bool {
		m := makeTarget.FindStringSubmatch(line)
		if m != nil && !slices.Contains(quiet, m[1]) && !strings.Contains(line, "## ") {
			found = append(found, f.at(n, "%s does not say what it does: ## …", m[1]))
		}
		return true
	})
	return found
}

// ofTheAPI are the document of the API and the client that is made of it: they grow with the API.
var ofTheAPI = map[string]bool{"api/openapi.json": true, "api/client/client.gen.go": true,
	"api/client/models.gen.go": true}
