package tidy

import (
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strings"
)

// word is a pattern that is not written, and what to do instead.
type word struct{ pattern, instead string }

// emptyNames are names of packages, folders and files that say nothing of what is inside.
var emptyNames = []string{"util", "utils", "helper", "helpers", "common", "types", "models",
	"manager", "managers", "misc", "base", "shared", "lib", "stuff"}

// badNames are patterns that no declared Go name fits.
var badNames = []word{
	{`(?i)authoriz`, "authorise is the issuer's promise to pay; permissions are access"},
	{`(?i)cancel(ed|ing)`, "British: cancelled, cancelling"},
	{`^Get[A-Z]`, "the noun alone says it: Amount, not GetAmount"},
}

// badTypes are patterns that no declared type's name fits.
var badTypes = []word{
	{`.(Manager|Helper|Impl|Utils?)$`, "name what it is or does"},
}

// badWords are patterns that neither comments nor documents contain.
var badWords = []word{
	{`\b(TODO|FIXME)\b`, "finish it, or write it down where work is planned"},
	{`\bauthoriz(e|ed|es|ing|ation|ations)\b`, "British: authorise; Authorization is the header"},
	{`\b[Cc]ancel(ed|ing)\b`, "British: cancelled, cancelling"},
	{`\bused to (be|do|have|live|return|call)\b`, "say what is; the history is in git"},
	{`\b([Ww]e|was|were|been) (renamed|refactored|rewritten)\b`, "say what is; git has the history"},
	{`\b[Ii]n (an )?earlier versions?\b`, "say what is; the history is in git"},
	{`\bfor historical reasons\b`, "say the reason"},
	{`\b[Ii]ssue #?\d+|\bPR #?\d+`, "say it here; the reader has no such list"},
	{`(^|[\s"'(=])/(work|home|root|Users)/`, "no paths of one person's machine"},
	{`\b(rules|design|models|facts|stack|contract) \d+(\.\d+)*\b`,
		"say it here, or cite the public standard by name and section"},
	{`\b(in|during) this session\b|\bthe (brief|coordinator|workplace|assistant)\b`,
		"the text is about the program, not about how it was written"},
	{`\b[Oo]bviously\b|\b[Jj]ust works\b`, "if it were, nobody would read this"},
}

func checkPackageName(tr *tree) (found []finding) {
	for _, f := range tr.goFiles() {
		name := f.ast.Name.Name
		stem := strings.TrimSuffix(strings.TrimSuffix(path.Base(f.path), ".go"), "_test")
		switch {
		case slices.Contains(emptyNames, strings.TrimSuffix(name, "_test")):
			found = append(found, f.at(tr.line(f.ast.Name.Pos()), "package %s says nothing", name))
		case slices.Contains(emptyNames, stem):
			found = append(found, f.at(0, "the file's name says nothing"))
		}
	}
	return found
}

// checkNames looks at each name where it is declared, so names of other modules are free. A field
// that stands for the HTTP header Authorization may be called so.
func checkNames(tr *tree) (found []finding) {
	patterns, typePatterns := compile(badNames), compile(badTypes)
	for _, f := range tr.goFiles() {
		for _, name := range declaredTypes(f.ast) {
			for i, p := range typePatterns {
				if p.MatchString(name.Name) {
					found = append(found, f.at(tr.line(name.Pos()), "%s: %s", name.Name,
						badTypes[i].instead))
				}
			}
		}
		for _, name := range declared(f.ast) {
			for i, p := range patterns {
				if p.MatchString(name.Name) && !inConnector(f, badNames[i]) {
					found = append(found, f.at(tr.line(name.Pos()), "%s: %s", name.Name,
						badNames[i].instead))
				}
			}
		}
	}
	return found
}

// inConnector frees protocol messages, whose operations have their own names (getPaymentCode).
func inConnector(f *file, w word) bool {
	return strings.HasPrefix(w.pattern, "^Get") && strings.HasPrefix(f.path, "connect/")
}

// declared returns every name that a file declares: functions, types, values, fields, labels and
// short variables.
func declared(parsed *ast.File) (names []*ast.Ident) {
	ast.Inspect(parsed, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			names = append(names, n.Name)
		case *ast.TypeSpec:
			names = append(names, n.Name)
		case *ast.ValueSpec:
			names = append(names, n.Names...)
		case *ast.Field:
			if n.Tag == nil || !strings.Contains(n.Tag.Value, `header:"Authorization"`) {
				names = append(names, n.Names...)
			}
		case *ast.AssignStmt:
			for _, left := range n.Lhs {
				if id, ok := left.(*ast.Ident); ok && n.Tok == token.DEFINE {
					names = append(names, id)
				}
			}
		}
		return true
	})
	return names
}

// declaredTypes returns the names of the types that a file declares.
func declaredTypes(parsed *ast.File) (names []*ast.Ident) {
	ast.Inspect(parsed, func(n ast.Node) bool {
		if spec, ok := n.(*ast.TypeSpec); ok {
			names = append(names, spec.Name)
		}
		return true
	})
	return names
}

// checkWords reads comments of code and the whole of documents.
func checkWords(tr *tree) (found []finding) {
	patterns := compile(badWords)
	for _, f := range tr.files {
		tr.prose(f, func(line int, text string) {
			for i, p := range patterns {
				if hit := p.FindString(text); hit != "" {
					found = append(found, f.at(line, "%q: %s", strings.TrimSpace(hit),
						badWords[i].instead))
				}
			}
		})
	}
	return found
}

// prose yields what a file says to people, line by line: Go comments, and the whole text of
// documents, SQL, scripts, pages and styles.
func (tr *tree) prose(f *file, yield func(line int, text string)) {
	if f.ast != nil {
		if f.err != nil || f.generated() {
			return
		}
		for _, group := range f.ast.Comments {
			for _, c := range group.List {
				first := tr.line(c.Pos())
				for i, text := range strings.Split(c.Text, "\n") {
					yield(first+i, text)
				}
			}
		}
		return
	}
	base := path.Base(f.path)
	if f.written(".md", ".sql", ".templ", ".sh", ".js", ".mjs", ".ts", ".css", ".txtar") ||
		base == "Makefile" || base == ".gitignore" || f.path == ".ci/run" {
		f.lines(func(n int, text string) bool {
			yield(n, text)
			return true
		})
	}
}

// reference is a Markdown file that a text names, and link the target of a Markdown link.
var (
	reference = regexp.MustCompile(`[\w./-]*\w\.md\b`)
	link      = regexp.MustCompile(`\]\(([^)#\s]+)`)
	webPage   = regexp.MustCompile(`https?://\S+`)
)

// checkReferences wants every document that a text names, and every file that a document links
// to, to be in the tree. A document is found from the root, from the text's own folder, or below
// docs.
func checkReferences(tr *tree) (found []finding) {
	for _, f := range tr.files {
		tr.prose(f, func(line int, text string) {
			text = webPage.ReplaceAllString(text, "")
			var targets []string
			if f.ext() == ".md" {
				for _, m := range link.FindAllStringSubmatch(text, -1) {
					targets = append(targets, m[1])
				}
				text = link.ReplaceAllString(text, "]")
			}
			targets = append(targets, reference.FindAllString(text, -1)...)
			for _, target := range targets {
				if !tr.reachable(f, target) {
					found = append(found, f.at(line, "there is no %s", target))
				}
			}
		})
	}
	return found
}

func (tr *tree) reachable(from *file, target string) bool {
	for _, folder := range []string{"", from.folder(), "docs"} {
		full := path.Join(folder, target)
		if slices.ContainsFunc(tr.files, func(f *file) bool {
			return f.path == full || strings.HasPrefix(f.path, full+"/")
		}) {
			return true
		}
	}
	return false
}

// errorText finds beginnings that are noise in a chain of wrapped errors.
var errorText = regexp.MustCompile("(?i)^[\"`](failed to|unable to|could not|error )\\b")

func checkErrorText(tr *tree) (found []finding) {
	for _, f := range tr.goFiles() {
		ast.Inspect(f.ast, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) == 0 {
				return true
			}
			name := qualified(call.Fun)
			text, isText := call.Args[0].(*ast.BasicLit)
			if (name == "fmt.Errorf" || name == "errors.New") && isText &&
				errorText.MatchString(text.Value) {
				found = append(found, f.at(tr.line(text.Pos()),
					"%s: say what was tried (\"lock quote: …\")", text.Value))
			}
			return true
		})
	}
	return found
}

// qualified returns "pkg.Name" for a selector on a plain name, "Name" for a name, else "".
func qualified(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.SelectorExpr:
		if x, ok := e.X.(*ast.Ident); ok {
			return x.Name + "." + e.Sel.Name
		}
	case *ast.Ident:
		return e.Name
	case *ast.IndexExpr:
		return qualified(e.X)
	case *ast.IndexListExpr:
		return qualified(e.X)
	}
	return ""
}

func compile(words []word) []*regexp.Regexp {
	var patterns []*regexp.Regexp
	for _, w := range words {
		patterns = append(patterns, regexp.MustCompile(w.pattern))
	}
	return patterns
}
