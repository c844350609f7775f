package tidy

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// The goal is a tree that keeps the house rules. The method: every rule of the table on every
// file that git knows or would add.
func TestTidy(t *testing.T) {
	t.Parallel()
	repository := loadRepository(t)

	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			found, used := withoutExempt(r.name, r.check(repository))
			for _, f := range found {
				t.Errorf("%s", f)
			}
			if len(found) > 0 {
				t.Logf("%s: %s", r.name, r.reason)
			}
			for _, e := range exemptions {
				if e.rule == r.name && !used[e] && repository.covers(e.path) {
					t.Errorf("the exemption of %s is not needed any more: remove it", e.path)
				}
			}
		})
	}
}

// The goal is that no rule is an empty promise. The method: each has a sample that breaks it,
// and must find in it exactly what the sample says.
func TestRulesCatchTheirSamples(t *testing.T) {
	t.Parallel()
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			name := filepath.Join("testdata", r.name+".txtar")
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatalf("read the sample: %v", err)
			}

			var got []string
			for _, f := range r.check(loadSample(archive)) {
				got = append(got, f.String())
			}

			if len(got) == 0 {
				t.Fatal("the rule finds nothing in its sample")
			}
			slices.Sort(got)
			compareWant(t, name, archive, strings.Join(got, "\n")+"\n")
		})
	}
}

// The goal is that each line of the tables of words can fail, not only each table. The method:
// each pattern must meet something in the sample of its rule.
func TestEveryWordMeetsItsSample(t *testing.T) {
	t.Parallel()
	var text, names, statements []string
	sample := sampleOf(t, "words")
	for _, f := range sample.files {
		sample.prose(f, func(_ int, line string) { text = append(text, line) })
	}
	for _, f := range sampleOf(t, "names").goFiles() {
		for _, name := range declared(f.ast) {
			names = append(names, name.Name)
		}
	}
	for _, f := range sampleOf(t, "sql-subset").files {
		for _, s := range f.strings {
			statements = append(statements, plainSQL(s.text))
		}
		if f.migration() {
			statements = append(statements, plainSQL(string(f.text)))
		}
	}

	for _, table := range []struct {
		words []word
		texts []string
	}{{badWords, text}, {badNames, names}, {badTypes, names}, {badSQL, statements}} {
		for i, p := range compile(table.words) {
			if !slices.ContainsFunc(table.texts, p.MatchString) {
				t.Errorf("no sample has the pattern %s", table.words[i].pattern)
			}
		}
	}
}

// The goal is that no line of the table of edges is dead. The method: an import from a folder that
// fits its left side of something that fits its right side must be refused.
func TestEveryEdgeIsRefused(t *testing.T) {
	t.Parallel()
	for _, e := range edges {
		from := strings.ReplaceAll(strings.TrimSuffix(e.from, "/..."), "*", "any")
		to := strings.ReplaceAll(strings.TrimSuffix(e.to, "/..."), "*", "any")
		if ours(to) {
			to = module + "/" + to
		}

		if got := forbidden(&file{path: from + "/a.go"}, to); got == "" {
			t.Errorf("%s may import %s, whatever the table says (%s)", from, to, e.reason)
		}
	}
}

// ours tells whether a target in the table of edges is a folder of this module.
func ours(target string) bool {
	top, _, _ := strings.Cut(target, "/")
	return slices.Contains(topFolders, top)
}

func sampleOf(t *testing.T, rule string) *tree {
	t.Helper()
	archive, err := txtar.ParseFile(filepath.Join("testdata", rule+".txtar"))
	if err != nil {
		t.Fatalf("read the sample: %v", err)
	}
	return loadSample(archive)
}

// The goal is that the Go code of the pages is what their .templ files say. The method: the tool,
// at the version of go.mod, writes it anew beside the tree.
func TestPagesAreGenerated(t *testing.T) {
	t.Parallel()

	out, err := exec.Command("sh", "../../scripts/generate.sh", "--check").CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// compareWant compares with the archive's file "want", or writes it when asked to.
func compareWant(t *testing.T, name string, archive *txtar.Archive, got string) {
	t.Helper()
	at := slices.IndexFunc(archive.Files, func(f txtar.File) bool { return f.Name == "want" })
	if os.Getenv("WATARI_UPDATE") == "1" {
		if at < 0 {
			archive.Files = append(archive.Files, txtar.File{Name: "want"})
			at = len(archive.Files) - 1
		}
		archive.Files[at].Data = []byte(got)
		if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
			t.Fatalf("write the sample: %v", err)
		}
		return
	}
	if at < 0 || string(archive.Files[at].Data) != got {
		t.Errorf("the findings differ from the sample's want; got:\n%s", got)
	}
}

// covers tells whether any file of the tree stands under an exemption's path. Exemptions may
// come before the files they are for.
func (tr *tree) covers(pattern string) bool {
	return slices.ContainsFunc(tr.files, func(f *file) bool { return match(pattern, f.path) })
}
