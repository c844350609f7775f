package visitor

import (
	"slices"
	"testing"

	"watari/kit/i18n"
	"watari/kit/i18n/i18ntest"
	who "watari/visit/visitor"
)

// Goal: the app speaks five languages, and its parts do not take each other's words. Method: every
// file of every part has the same keys and placeholders; no key is in two parts; keys that Go puts
// together are there.
func TestTextsAreComplete(t *testing.T) {
	t.Parallel()
	owner := map[string]int{}
	for i, b := range books() {
		i18ntest.Complete(t, b)
		for _, key := range b.Keys(i18n.English) {
			if was, taken := owner[key]; taken {
				t.Errorf("%q is in the parts %d and %d", key, was, i)
			}
			owner[key] = i
		}
	}
	keys := []string{"signin.denied", "signin.late", "signin.inside", "signin.broken"}
	for _, tab := range tabs {
		keys = append(keys, "tab."+tab.id)
	}
	for _, kind := range []string{"park", "bike", "stay"} {
		keys = append(keys, "kind."+kind, "mine."+kind, "mine."+kind+".none",
			"mine."+kind+".none.text")
	}
	for _, s := range []who.ReceiptState{who.ReceiptPaid, who.ReceiptPart, who.ReceiptRefunded,
		who.ReceiptReserved} {
		keys = append(keys, "receipt."+string(s))
		if signs[s].icon == "" {
			t.Errorf("a receipt that is %s has no sign", s)
		}
	}
	have := books()[0].Keys(i18n.English)
	for _, key := range keys {
		if !slices.Contains(have, key) {
			t.Errorf("no text %q", key)
		}
	}
}
