package tidy

import (
	"go/ast"
	"go/token"
	"path"
	"slices"
	"strings"
)

// checkPackageComment wants exactly one package comment in each package: in doc.go, except that
// a command may have it in main.go. A folder with nothing but tests needs a doc.go as well.
func checkPackageComment(tr *tree) (found []finding) {
	for folder, files := range tr.packages() {
		command := slices.ContainsFunc(files, func(f *file) bool {
			return f.ast.Name.Name == "main"
		})
		documented := false
		for _, f := range files {
			if f.ast.Doc == nil || strings.HasPrefix(f.ast.Doc.Text(), "Code generated") {
				continue
			}
			name := path.Base(f.path)
			first := "Package " + f.ast.Name.Name + " "
			if f.test() {
				found = append(found, f.at(1, "a test file has a package comment"))
				continue
			}
			switch {
			case name != "doc.go" && !(command && name == "main.go"):
				found = append(found, f.at(1, "the package comment stands outside doc.go"))
			case documented:
				found = append(found, f.at(1, "a second package comment"))
			case !command && !strings.HasPrefix(f.ast.Doc.Text(), first):
				found = append(found, f.at(1, "the package comment does not begin with %q", first))
			}
			documented = true
		}
		if !documented {
			found = append(found, finding{folder, 0, "has no doc.go with a package comment"})
		}
	}
	return found
}

// checkExportedDoc wants a comment on each exported function, method, type, constant and
// variable outside tests and commands. One comment may serve a group of constants or variables.
func checkExportedDoc(tr *tree) (found []finding) {
	for _, f := range tr.goFiles() {
		if f.test() || f.ast.Name.Name == "main" {
			continue
		}
		for _, d := range f.ast.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && exportedReceiver(d) {
					found = append(found, tr.undocumented(f, d.Name, d.Doc, true)...)
				}
			case *ast.GenDecl:
				found = append(found, tr.undocumentedGroup(f, d)...)
			}
		}
	}
	return found
}

func (tr *tree) undocumentedGroup(f *file, d *ast.GenDecl) (found []finding) {
	if d.Tok != token.TYPE && d.Tok != token.CONST && d.Tok != token.VAR {
		return nil
	}
	for _, s := range d.Specs {
		switch s := s.(type) {
		case *ast.TypeSpec:
			doc := s.Doc
			if doc == nil && !d.Lparen.IsValid() {
				doc = d.Doc
			}
			if s.Name.IsExported() {
				found = append(found, tr.undocumented(f, s.Name, doc, true)...)
			}
		case *ast.ValueSpec:
			for _, name := range s.Names {
				if name.IsExported() && s.Doc == nil && s.Comment == nil && d.Doc == nil {
					found = append(found, tr.undocumented(f, name, nil, false)...)
				}
			}
		}
	}
	return found
}

// undocumented judges one comment. With begins, its first words must name what it documents.
func (tr *tree) undocumented(f *file, name *ast.Ident, doc *ast.CommentGroup,
	begins bool) []finding {
	line := tr.line(name.Pos())
	text := strings.TrimSpace(doc.Text())
	if text == "" {
		return []finding{f.at(line, "%s has no comment", name.Name)}
	}
	for _, article := range []string{"", "A ", "An ", "The "} {
		rest, ok := strings.CutPrefix(text, article+name.Name)
		if ok && (rest == "" || !wordByte(rest[0])) {
			return nil
		}
	}
	if begins {
		return []finding{f.at(line, "the comment of %s does not begin with the name", name.Name)}
	}
	return nil
}

// exportedReceiver tells whether a function is plain or belongs to an exported type.
func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return true
	}
	kind := d.Recv.List[0].Type
	for {
		switch k := kind.(type) {
		case *ast.StarExpr:
			kind = k.X
		case *ast.IndexExpr:
			kind = k.X
		case *ast.IndexListExpr:
			kind = k.X
		case *ast.Ident:
			return k.IsExported()
		default:
			return false
		}
	}
}

func wordByte(b byte) bool {
	return b == '_' || '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
}
