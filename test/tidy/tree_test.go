package tidy

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// module is the name that go.mod gives the tree; import paths begin with it.
const module = "watari"

// tree is the repository as the rules see it.
type tree struct {
	root  string // folder on disk; "" for a sample
	fset  *token.FileSet
	files []*file // by path
}

// file is one text or binary file of the tree.
type file struct {
	path string // with slashes, below the root
	text []byte
	goAST
}

// goAST is what a Go file also has. The zero value stands for every other file.
type goAST struct {
	ast     *ast.File
	err     error // why it does not parse
	strings []sqlText
}

// finding is one place that breaks a rule.
type finding struct {
	path string
	line int // 0: the file as a whole
	text string
}

func (f finding) String() string { return fmt.Sprintf("%s:%d: %s", f.path, f.line, f.text) }

// loadRepository reads every file that git tracks or would add.
func loadRepository(t *testing.T) *tree {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatalf("find the root: %v", err)
	}
	cmd := exec.Command("git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others",
		"--exclude-standard")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("list files with git: %v", err)
	}
	tr := &tree{root: root, fset: token.NewFileSet()}
	for name := range strings.SplitSeq(strings.Trim(string(out), "\x00"), "\x00") {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			continue // removed, and git was not told yet
		}
		tr.add(name, text)
	}
	tr.sort()
	return tr
}

// loadSample reads a small tree out of a txtar archive, without its file "want".
func loadSample(archive *txtar.Archive) *tree {
	tr := &tree{fset: token.NewFileSet()}
	for _, f := range archive.Files {
		if f.Name != "want" {
			tr.add(f.Name, expand(f.Data))
		}
	}
	tr.sort()
	return tr
}

// expand writes each line "@200 x" of a sample as 200 lines "x".
func expand(text []byte) []byte {
	var b bytes.Buffer
	for line := range bytes.Lines(text) {
		times := 1
		if count, rest, ok := strings.Cut(string(line), " "); ok && strings.HasPrefix(count, "@") {
			if n, err := strconv.Atoi(count[1:]); err == nil {
				times, line = n, []byte(rest)
			}
		}
		b.Write(bytes.Repeat(line, times))
	}
	return b.Bytes()
}

// add puts a file into the tree and parses it when it is Go.
func (tr *tree) add(name string, text []byte) {
	f := &file{path: name, text: text}
	if strings.HasSuffix(name, ".go") && !strings.Contains(name, "testdata/") {
		f.ast, f.err = parser.ParseFile(tr.fset, name, text,
			parser.ParseComments|parser.SkipObjectResolution)
		if f.err == nil {
			f.strings = sqlTexts(f.ast)
		}
	}
	tr.files = append(tr.files, f)
}

func (tr *tree) sort() {
	slices.SortFunc(tr.files, func(a, b *file) int { return strings.Compare(a.path, b.path) })
}

// line returns the line of a position in a Go file.
func (tr *tree) line(p token.Pos) int { return tr.fset.Position(p).Line }

// named returns the file of that path, or nil.
func (tr *tree) named(path string) *file {
	for _, f := range tr.files {
		if f.path == path {
			return f
		}
	}
	return nil
}

// goFiles returns the Go files that parse and that a person wrote.
func (tr *tree) goFiles() []*file {
	return tr.where(func(f *file) bool { return f.ast != nil && f.err == nil && !f.generated() })
}

// packages returns the hand-written Go files by folder.
func (tr *tree) packages() map[string][]*file {
	folders := map[string][]*file{}
	for _, f := range tr.goFiles() {
		folders[f.folder()] = append(folders[f.folder()], f)
	}
	return folders
}

func (tr *tree) where(keep func(*file) bool) []*file {
	var kept []*file
	for _, f := range tr.files {
		if keep(f) {
			kept = append(kept, f)
		}
	}
	return kept
}

// folder is the package of a Go file, below the root.
func (f *file) folder() string { return path.Dir(f.path) }

// test tells whether the file is compiled only for tests.
func (f *file) test() bool { return strings.HasSuffix(f.path, "_test.go") }

// generated tells whether a tool wrote the file; such files say so, see the rule "generated".
func (f *file) generated() bool {
	return strings.HasSuffix(f.path, "_templ.go") ||
		f.ast != nil && f.err == nil && ast.IsGenerated(f.ast)
}

// ext is the file's ending with its dot.
func (f *file) ext() string { return path.Ext(f.path) }

// written tells whether people write and read the file as text of the given endings.
func (f *file) written(endings ...string) bool {
	return slices.Contains(endings, f.ext()) && !f.generated() &&
		!strings.Contains(f.path, "testdata/") && !strings.HasSuffix(f.path, "-lock.json")
}

// lines yields the file's lines, counted from 1, without their ends.
func (f *file) lines(yield func(int, string) bool) {
	n := 0
	for line := range strings.Lines(string(f.text)) {
		n++
		if !yield(n, strings.TrimRight(line, "\r\n")) {
			return
		}
	}
}

// at makes a finding in this file.
func (f *file) at(line int, format string, args ...any) finding {
	return finding{f.path, line, fmt.Sprintf(format, args...)}
}

// match tells whether a slash-separated path fits a pattern: "kit/..." is kit and all below it,
// "**/x_test.go" any file of that name pattern, everything else is path.Match.
func match(pattern, name string) bool {
	if base, ok := strings.CutSuffix(pattern, "/..."); ok {
		if fits, _ := path.Match(base, name); fits {
			return true
		}
		parts, depth := strings.Split(name, "/"), strings.Count(base, "/")+1
		if len(parts) < depth {
			return false
		}
		fits, _ := path.Match(base, strings.Join(parts[:depth], "/"))
		return fits
	}
	if base, ok := strings.CutPrefix(pattern, "**/"); ok {
		name, pattern = path.Base(name), base
	}
	fits, _ := path.Match(pattern, name)
	return fits
}
