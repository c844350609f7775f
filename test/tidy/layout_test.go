package tidy

import (
	"bytes"
	"go/ast"
	"go/format"
	"strings"
	"unicode/utf8"
)

func checkParses(tr *tree) (found []finding) {
	for _, f := range tr.files {
		if f.err != nil {
			found = append(found, f.at(0, "does not parse: %v", f.err))
		}
	}
	return found
}

func checkFormat(tr *tree) (found []finding) {
	for _, f := range tr.files {
		if f.ast == nil || f.err != nil {
			continue
		}
		if want, err := format.Source(f.text); err == nil && !bytes.Equal(want, f.text) {
			found = append(found, f.at(0, "is not formatted: run gofmt -w %s", f.path))
		}
	}
	return found
}

// codeEndings are the endings of what counts as code for the lengths. Documents are wrapped by
// the reader's own tool, so Markdown is not among them.
var codeEndings = []string{".go", ".templ", ".sql", ".sh", ".js", ".mjs", ".ts", ".css"}

func checkFileLength(tr *tree) (found []finding) {
	for _, f := range tr.files {
		limit := fileLines
		if f.test() {
			limit = testFileLines
		}
		n := bytes.Count(f.text, []byte("\n"))
		if f.written(codeEndings...) && n > limit {
			found = append(found, f.at(0, "has %d lines, at most %d", n, limit))
		}
	}
	return found
}

func checkFunctionLength(tr *tree) (found []finding) {
	for _, f := range tr.goFiles() {
		for _, d := range f.ast.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			n := tr.line(fn.End()) - tr.line(fn.Pos()) + 1
			if n > functionLines {
				found = append(found, f.at(tr.line(fn.Pos()), "%s has %d lines, at most %d",
					fn.Name.Name, n, functionLines))
			}
		}
	}
	return found
}

// checkLineLength lets two sorts of line be: an address alone on its line, and a field with a tag,
// because neither can be broken.
func checkLineLength(tr *tree) (found []finding) {
	for _, f := range tr.files {
		if !f.written(codeEndings...) {
			continue
		}
		tagged := tr.taggedLines(f)
		f.lines(func(n int, line string) bool {
			columns := utf8.RuneCountInString(line)
			address := strings.Contains(line, "https://") && !strings.Contains(
				strings.TrimSpace(strings.TrimLeft(strings.TrimSpace(line), "/*# ")), " ")
			if columns > lineColumns && !address && !tagged[n] {
				found = append(found, f.at(n, "has %d columns, at most %d", columns, lineColumns))
			}
			return true
		})
	}
	return found
}

// taggedLines returns the lines on which the tag of a field stands.
func (tr *tree) taggedLines(f *file) map[int]bool {
	lines := map[int]bool{}
	if f.ast == nil || f.err != nil {
		return lines
	}
	ast.Inspect(f.ast, func(n ast.Node) bool {
		if field, ok := n.(*ast.Field); ok && field.Tag != nil {
			lines[tr.line(field.Tag.Pos())] = true
		}
		return true
	})
	return lines
}
