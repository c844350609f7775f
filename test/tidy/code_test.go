package tidy

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

func checkInit(tr *tree) (found []finding) {
	for _, f := range tr.goFiles() {
		for _, d := range f.ast.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Name.Name == "init" && fn.Recv == nil {
				found = append(found, f.at(tr.line(fn.Pos()), "an init function"))
			}
		}
	}
	return found
}

// growing are types whose package variables hold state that changes.
var growing = []string{"sync.Mutex", "sync.RWMutex", "sync.Map", "sync.Once", "sync.Pool",
	"sync.WaitGroup", "atomic.Int32", "atomic.Int64", "atomic.Uint64", "atomic.Bool",
	"atomic.Value", "atomic.Pointer"}

// checkGlobals lets package variables be constants in all but name: faults, tables, patterns,
// embedded files, lazily computed values. A variable that begins empty, and one that holds a lock
// or an atomic, is state.
func checkGlobals(tr *tree) (found []finding) {
	for _, f := range tr.goFiles() {
		for _, d := range f.ast.Decls {
			group, ok := d.(*ast.GenDecl)
			if !ok || group.Tok != token.VAR || f.test() || fitsAny(supportsTests, f.folder()) {
				continue
			}
			for _, s := range group.Specs {
				v := s.(*ast.ValueSpec)
				if why := stateOf(v); why != "" && !embedded(group, v) {
					found = append(found, f.at(tr.line(v.Pos()), "%s %s: hand it to whoever "+
						"needs it", v.Names[0].Name, why))
				}
			}
		}
	}
	return found
}

func stateOf(v *ast.ValueSpec) string {
	if v.Names[0].Name == "_" {
		return ""
	}
	if len(v.Values) == 0 {
		return "begins empty"
	}
	changing := ""
	for _, value := range v.Values {
		ast.Inspect(value, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit:
				return false
			case *ast.SelectorExpr:
				if slices.Contains(growing, qualified(n)) {
					changing = "holds a " + qualified(n)
				}
			case *ast.CallExpr:
				if qualified(n.Fun) == "make" || qualified(n.Fun) == "new" {
					changing = "begins empty"
				}
			}
			return true
		})
		lit, ok := value.(*ast.CompositeLit)
		if _, isMap := litType(lit).(*ast.MapType); ok && isMap && len(lit.Elts) == 0 {
			changing = "begins empty"
		}
	}
	return changing
}

func litType(lit *ast.CompositeLit) ast.Expr {
	if lit == nil {
		return nil
	}
	return lit.Type
}

// embedded tells whether a go:embed line fills the variable.
func embedded(group *ast.GenDecl, v *ast.ValueSpec) bool {
	for _, doc := range []*ast.CommentGroup{group.Doc, v.Doc} {
		if doc == nil {
			continue
		}
		for _, c := range doc.List {
			if strings.HasPrefix(c.Text, "//go:embed ") {
				return true
			}
		}
	}
	return false
}

func checkClock(tr *tree) (found []finding) {
	for _, f := range tr.goFiles() {
		if f.folder() == "kit/clock" {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok && qualified(s) == "time.Now" {
				found = append(found, f.at(tr.line(s.Pos()), "time.Now: use clock.Now"))
			}
			return true
		})
	}
	return found
}

// checkFloats looks at kit/money and at every package that imports it, tests included.
func checkFloats(tr *tree) (found []finding) {
	for folder, files := range tr.packages() {
		near := folder == "kit/money" || slices.ContainsFunc(files, func(f *file) bool {
			return slices.Contains(f.imports(), module+"/kit/money")
		})
		if !near {
			continue
		}
		for _, f := range files {
			ast.Inspect(f.ast, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.Ident:
					if n.Name == "float64" || n.Name == "float32" {
						found = append(found, f.at(tr.line(n.Pos()), "%s near money", n.Name))
					}
				case *ast.BasicLit:
					if n.Kind == token.FLOAT {
						found = append(found, f.at(tr.line(n.Pos()),
							"the fraction %s near money", n.Value))
					}
				case *ast.SelectorExpr:
					if q := qualified(n); q == "big.Float" || q == "strconv.ParseFloat" {
						found = append(found, f.at(tr.line(n.Pos()), "%s near money", q))
					}
				}
				return true
			})
		}
	}
	return found
}

// outcomes are the three values of link.Outcome.
var outcomes = []string{"Approved", "Declined", "Unknown"}

// checkOutcomes wants each switch over a wallet's outcome to deal with all three values. A default
// may stand for unknown, where anything that is neither yes nor no belongs, and for nothing else.
func checkOutcomes(tr *tree) (found []finding) {
	for _, f := range tr.goFiles() {
		ast.Inspect(f.ast, func(n ast.Node) bool {
			s, ok := n.(*ast.SwitchStmt)
			if !ok {
				return true
			}
			named, rest := outcomeCases(s, f.ast.Name.Name)
			safe := rest && len(named) == 2 && !slices.Contains(named, "Unknown")
			if len(named) > 0 && len(named) < len(outcomes) && !safe {
				found = append(found, f.at(tr.line(s.Pos()),
					"a switch over an outcome names %s and not the rest", strings.Join(named, ", ")))
			}
			return true
		})
	}
	return found
}

// outcomeCases returns the outcomes that a switch names, and whether it has a default.
func outcomeCases(s *ast.SwitchStmt, pkg string) (named []string, rest bool) {
	for _, clause := range s.Body.List {
		rest = rest || clause.(*ast.CaseClause).List == nil
		for _, e := range clause.(*ast.CaseClause).List {
			q := qualified(e)
			if pkg == "link" {
				q = "link." + q
			}
			if name, ok := strings.CutPrefix(q, "link."); ok && slices.Contains(outcomes, name) {
				named = append(named, name)
			}
		}
	}
	return named, rest
}

// imports returns the import paths of a Go file.
func (f *file) imports() []string {
	var paths []string
	for _, spec := range f.ast.Imports {
		paths = append(paths, strings.Trim(spec.Path.Value, `"`))
	}
	return paths
}
