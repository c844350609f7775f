package visitor

import (
	"slices"
	"strings"
	"testing"

	"watari/kit/fault"
)

// elsewhere are refusals that no page of visitors shows: they are of consoles, gates and programs,
// or a page of their own says them.
var elsewhere = []string{"order-cursor-invalid", "park-changed", "park-closure-conflict",
	"park-code-taken", "park-invalid", "park-quota-taken", "virtual-queue-early",
	"virtual-queue-late", "visitor-sign-in-over", "visitor-too-many-requests",
	"visitor-wallet-browser-needed"}

// Goal: what a visitor can do something about is said in their language. Method: every refusal of
// what the pages ask has a text, or is named as one that no page shows.
func TestRefusalsHaveWords(t *testing.T) {
	t.Parallel()
	w := wordsIn("ko")
	for _, p := range fault.All() {
		switch p.Kind {
		case fault.Invalid, fault.Unprocessable, fault.Conflict, fault.TooMany, fault.TooLarge:
		default:
			continue
		}
		ours := slices.ContainsFunc([]string{"order-", "park-", "virtual-queue-", "visitor-",
			"body-too-large"}, func(s string) bool { return strings.HasPrefix(p.Slug, s) })
		gates := strings.HasPrefix(p.Slug, "park-gate") || strings.HasPrefix(p.Slug, "park-scan") ||
			strings.HasPrefix(p.Slug, "park-device")
		if has := w.Has("fault." + p.Slug); ours && !gates &&
			has == slices.Contains(elsewhere, p.Slug) {
			t.Errorf("%s (%s): has words %t", p.Slug, p.Title, has)
		}
	}
}
