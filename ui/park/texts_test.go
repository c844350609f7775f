package park

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"watari/kit/i18n"
	"watari/kit/i18n/i18ntest"
	"watari/visit/park/ground"
	"watari/visit/park/queue"

	parks "watari/visit/park"
	gates "watari/visit/park/gate"
)

func catalogue(t *testing.T) *i18n.Catalogue {
	t.Helper()
	c, err := i18n.Load(langFiles, "lang/*.json")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Goal: the console speaks five languages. Method: every file has the same keys and placeholders.
func TestTextsAreComplete(t *testing.T) {
	t.Parallel()
	i18ntest.Complete(t, catalogue(t))
}

// asked finds the keys that a page asks for by name; those that are put together end in a dot.
var asked = regexp.MustCompile(`v\.(T|N)\("([a-z0-9_.]+)"( \+)?`)

// Goal: no page shows the name of a text instead of the text. Method: every key that a file of this
// package names is in the catalogue.
func TestEveryTextThatIsAskedForIsThere(t *testing.T) {
	t.Parallel()
	keys := catalogue(t).Keys(i18n.English)
	files, err := filepath.Glob("*")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") || strings.HasSuffix(f, "_templ.go") ||
			!strings.HasSuffix(f, ".go") && !strings.HasSuffix(f, ".templ") {
			continue
		}
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range asked.FindAllStringSubmatch(string(text), -1) {
			key, whole := m[2], m[3] == "" && !strings.HasSuffix(m[2], ".")
			if m[1] == "N" {
				key += ".other"
			}
			found := slices.ContainsFunc(keys, func(k string) bool {
				return k == key || !whole && strings.HasPrefix(k, key)
			})
			if !found {
				t.Errorf("%s: no text %q", f, key)
			}
		}
	}
}

// Goal: what is named by a value of another package has words too. Method: the values themselves.
func TestEveryValueHasWords(t *testing.T) {
	t.Parallel()
	keys := catalogue(t).Keys(i18n.English)
	var want []string
	for _, c := range parks.Channels() {
		want = append(want, "channel."+c)
	}
	for _, k := range parks.Kinds() {
		want = append(want, "kind."+string(k))
	}
	for _, k := range ruleKinds() {
		want = append(want, "rule."+string(k))
	}
	for _, r := range []parks.Reentry{parks.Once, parks.AfterExit, parks.AnyTime} {
		want = append(want, "reentry."+string(r))
	}
	for _, r := range gates.Reasons() {
		if r != gates.Admitted {
			want = append(want, "clash."+string(r))
		}
	}
	for _, s := range queue.States() {
		want = append(want, "state."+string(s))
	}
	for _, s := range []queue.Source{queue.FromSensor, queue.FromStaff, queue.FromEstimate} {
		want = append(want, "source."+string(s))
	}
	for _, k := range ground.Kinds() {
		want = append(want, "map.kinds."+string(k))
	}
	for _, a := range axes {
		want = append(want, "axis."+a)
	}
	for _, n := range nav() {
		want = append(want, "nav."+n.ID)
		if n.Group != "" {
			want = append(want, "nav.group."+n.Group)
		}
	}
	for _, key := range append(want, "clash."+string(gates.Double)) {
		if !slices.Contains(keys, key) {
			t.Errorf("no text %q", key)
		}
	}
}
