package tidy

import (
	"go/ast"
	"slices"
	"strings"
)

// checkTestForm wants each test to begin with t.Parallel, or to say "Not parallel" and why, and to
// have a comment in front that says the goal and the method.
func checkTestForm(tr *tree) (found []finding) {
	for _, f := range tr.goFiles() {
		if !f.test() {
			continue
		}
		for _, d := range f.ast.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv != nil || fn.Body == nil || !testName(fn.Name.Name) {
				continue
			}
			if !tr.explained(f, fn) {
				found = append(found, f.at(tr.line(fn.Pos()),
					"%s does not say its goal and method", fn.Name.Name))
			}
			if strings.HasPrefix(fn.Name.Name, "Test") && !tr.parallel(f, fn) {
				found = append(found, f.at(tr.line(fn.Pos()), "%s does not begin with "+
					"t.Parallel(), nor says \"Not parallel: why\"", fn.Name.Name))
			}
		}
	}
	return found
}

func testName(name string) bool {
	for _, kind := range []string{"Test", "Fuzz"} {
		if rest, ok := strings.CutPrefix(name, kind); ok && name != "TestMain" {
			return rest == "" || rest[0] < 'a' || rest[0] > 'z'
		}
	}
	return false
}

// explained tells whether a comment stands before the function or before its second statement.
func (tr *tree) explained(f *file, fn *ast.FuncDecl) bool {
	if strings.TrimSpace(fn.Doc.Text()) != "" {
		return true
	}
	until := fn.Body.Rbrace
	if len(fn.Body.List) > 1 {
		until = fn.Body.List[1].Pos()
	}
	return slices.ContainsFunc(f.ast.Comments, func(c *ast.CommentGroup) bool {
		return c.Pos() > fn.Body.Lbrace && c.End() < until
	})
}

func (tr *tree) parallel(f *file, fn *ast.FuncDecl) bool {
	if sets := callsAny(fn.Body, "t.Setenv", "t.Chdir"); sets {
		return true // the testing package refuses both in a parallel test
	}
	if len(fn.Body.List) > 0 {
		if s, ok := fn.Body.List[0].(*ast.ExprStmt); ok {
			if call, ok := s.X.(*ast.CallExpr); ok && qualified(call.Fun) == "t.Parallel" {
				return true
			}
		}
	}
	return slices.ContainsFunc(f.ast.Comments, func(c *ast.CommentGroup) bool {
		inside := c.Pos() > fn.Pos() && c.End() < fn.End() || c == fn.Doc
		return inside && strings.Contains(c.Text(), "Not parallel")
	})
}

// callsAny tells whether a piece of code calls one of the functions.
func callsAny(code ast.Node, names ...string) (calls bool) {
	ast.Inspect(code, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && slices.Contains(names, qualified(call.Fun)) {
			calls = true
		}
		return !calls
	})
	return calls
}

// checkTestSkip refuses every way to skip a test. In a function that gets a *rapid.T, t.Skip throws
// away one drawn value, which is another thing.
func checkTestSkip(tr *tree) (found []finding) {
	for _, f := range tr.goFiles() {
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if drawsValues(n) {
				return false
			}
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			for _, receiver := range []string{"t", "tb", "b", "f"} {
				for _, method := range []string{"Skip", "Skipf", "SkipNow"} {
					if qualified(call.Fun) == receiver+"."+method {
						found = append(found, f.at(tr.line(call.Pos()), "%s.%s: install what "+
							"is missing, or fail", receiver, method))
					}
				}
			}
			if qualified(call.Fun) == "testing.Short" {
				found = append(found, f.at(tr.line(call.Pos()), "testing.Short: all tests run"))
			}
			return true
		})
	}
	return found
}

// drawsValues tells whether a node is a function with a parameter of type *rapid.T.
func drawsValues(n ast.Node) bool {
	var params *ast.FieldList
	switch n := n.(type) {
	case *ast.FuncDecl:
		params = n.Type.Params
	case *ast.FuncLit:
		params = n.Type.Params
	default:
		return false
	}
	return slices.ContainsFunc(params.List, func(p *ast.Field) bool {
		star, ok := p.Type.(*ast.StarExpr)
		return ok && qualified(star.X) == "rapid.T"
	})
}
