package merchant

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"watari/kit/i18n"
	"watari/kit/i18n/i18ntest"
	"watari/pay/link"
	"watari/pay/webhook"
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
	for _, r := range []link.Reason{link.ReasonBalance, link.ReasonLimitAmount,
		link.ReasonLimitTotal, link.ReasonLimitCount, link.ReasonCodeInvalid,
		link.ReasonCodeExpired, link.ReasonUserBlocked, link.ReasonUserUnknown,
		link.ReasonVerification, link.ReasonRisk, link.ReasonRegulation, link.ReasonMerchant,
		link.ReasonClosed, link.ReasonConfiguration, link.ReasonWindow, link.ReasonAmount,
		link.ReasonUnavailable, link.ReasonOther} {
		want = append(want, "reason."+string(r))
	}
	for _, k := range webhook.Kinds(webhook.Owner{AcquirerNo: 1, MerchantNo: 1}) {
		want = append(want, "kind."+k.Name)
	}
	for _, s := range states {
		want = append(want, "states."+s.key)
	}
	for _, v := range []Verdict{NeedPIN, WrongPIN, NoAmount, OverRest, OverStore, NoPINSet,
		PINPaused} {
		want = append(want, "verdict."+string(v))
	}
	for _, n := range nav() {
		want = append(want, "nav."+n.ID)
	}
	for _, key := range want {
		if !slices.Contains(keys, key) {
			t.Errorf("no text %q", key)
		}
	}
}
