package i18ntest

import (
	"slices"
	"strings"
	"testing"

	"watari/kit/i18n"
)

// Complete fails the test unless every language has a file with the same keys, no text is empty,
// and the texts of one key have the same placeholders. English is the measure. A key that ends in
// ".one" must have its ".other", and the placeholder {n} may be missing in it ("one item").
func Complete(t testing.TB, c *i18n.Catalogue) {
	t.Helper()
	want := c.Keys(i18n.English)
	if len(want) == 0 {
		t.Error("the catalogue is empty")
	}

	for _, lang := range i18n.Langs() {
		have := c.Keys(lang)
		if len(have) == 0 {
			t.Errorf("%s: no file", lang)
			continue
		}
		for _, key := range have {
			if !slices.Contains(want, key) {
				t.Errorf("%s: the key %q is not in English", lang, key)
			}
		}
		for _, key := range want {
			if !slices.Contains(have, key) {
				t.Errorf("%s: the key %q is missing", lang, key)
				continue
			}
			checkText(t, c, lang, key)
		}
	}
}

// checkText compares one text with the English one.
func checkText(t testing.TB, c *i18n.Catalogue, lang i18n.Lang, key string) {
	t.Helper()
	if strings.TrimSpace(c.For(lang).T(key)) == "" {
		t.Errorf("%s: %q is empty", lang, key)
	}
	want, have := c.Names(i18n.English, key), c.Names(lang, key)
	if base, one := strings.CutSuffix(key, ".one"); one {
		if !slices.Contains(c.Keys(lang), base+".other") {
			t.Errorf("%s: %q has no %q", lang, key, base+".other")
		}
		isN := func(name string) bool { return name == "n" }
		want, have = slices.DeleteFunc(want, isN), slices.DeleteFunc(have, isN)
	}
	if !slices.Equal(want, have) {
		t.Errorf("%s: %q has the placeholders %v, English has %v", lang, key, have, want)
	}
}
