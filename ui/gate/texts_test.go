package gate

import (
	"slices"
	"testing"

	"watari/kit/i18n"
	"watari/kit/i18n/i18ntest"
	"watari/visit/park"
	core "watari/visit/park/gate"
)

func catalogue(t *testing.T) *i18n.Catalogue {
	t.Helper()
	c, err := i18n.Load(langFiles, "lang/*.json")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Goal: the page speaks five languages. Method: every file has the same keys and placeholders.
func TestTextsAreComplete(t *testing.T) {
	t.Parallel()
	i18ntest.Complete(t, catalogue(t))
}

// Goal: every verdict, age class and reason has a word. Method: the keys that Go and the script put
// together.
func TestEverythingHasWords(t *testing.T) {
	t.Parallel()
	keys := []string{"verdict.entry", "verdict.exit", "verdict.unready", "verdict.broken"}
	for _, r := range core.Reasons() {
		if r != core.Admitted {
			keys = append(keys, "verdict."+string(r), "because."+string(r))
		}
	}
	for _, u := range park.Units() {
		keys = append(keys, "unit."+string(u))
	}
	for _, k := range kinds {
		keys = append(keys, "way."+string(k))
	}
	for _, w := range whys {
		keys = append(keys, "why."+w)
	}
	for _, c := range []string{"starting", "ready", "none", "insecure", "denied"} {
		keys = append(keys, "camera."+c)
	}
	known := catalogue(t).Keys(i18n.English)
	for _, key := range keys {
		if !slices.Contains(known, key) {
			t.Errorf("no text %q", key)
		}
	}
}
