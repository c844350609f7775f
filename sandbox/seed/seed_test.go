package seed_test

import (
	"strings"
	"testing"
	"unicode"

	"watari/pay/party/prefecture"
	"watari/sandbox/seed"
)

// Goal: the list of shops can be planted and read by people. Method: every line is checked for
// unique references, both languages, a known prefecture and a bank that exists.
func TestShopsAreWellFormed(t *testing.T) {
	t.Parallel()

	banks := map[string]bool{}
	for _, b := range seed.Banks() {
		banks[b.ID] = true
	}
	seen := map[string]string{}
	for _, s := range seed.Shops() {
		for _, unique := range []string{s.MerchantID, s.StoreID, s.TerminalID, s.Merchant,
			s.Store, s.MerchantJA} {
			if other, taken := seen[unique]; taken {
				t.Errorf("%s: %q is also of %s", s.StoreID, unique, other)
			}
			seen[unique] = s.StoreID
		}
		if _, ok := prefecture.ByCode(s.Prefecture); !ok || !banks[s.BankID] || len(s.MCC) != 4 {
			t.Errorf("%s: prefecture %q, bank %q, category %q", s.StoreID, s.Prefecture,
				s.BankID, s.MCC)
		}
		if !strings.ContainsFunc(s.StoreJA, japanese) || strings.ContainsFunc(s.Store, japanese) {
			t.Errorf("%s: names %q and %q", s.StoreID, s.Store, s.StoreJA)
		}
	}
	if gifu, kyoto := bankOf(t, "21"), bankOf(t, "26"); gifu == kyoto {
		t.Errorf("Gifu and Kyoto have one bank, %s", gifu)
	}
}

func japanese(r rune) bool { return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) }

func bankOf(t *testing.T, code string) string {
	t.Helper()
	for _, s := range seed.Shops() {
		if s.Prefecture == code {
			return s.BankID
		}
	}
	t.Fatalf("no shop in %s", code)
	return ""
}

// Goal: the world has the wallets and people that it promises. Method: count and compare.
func TestPeopleHaveTwoNamesEach(t *testing.T) {
	t.Parallel()

	seen := map[string]bool{}
	for _, w := range seed.Wallets() {
		for _, u := range w.Users {
			if seen[u.ID] || seen[u.Name] || !strings.ContainsFunc(u.Name, japanese) ||
				u.NameEN == "" {
				t.Errorf("got %+v", u)
			}
			seen[u.ID], seen[u.Name] = true, true
		}
		want := 4
		if w.ID == "lianhua" {
			want = 10
		}
		if len(w.Users) != want || w.Profile.ID != w.ID || w.Profile.Name != w.Name {
			t.Errorf("%s: %d people, profile %+v", w.ID, len(w.Users), w.Profile)
		}
	}
}
