package prefecture_test

import (
	"fmt"
	"testing"

	"watari/pay/party/prefecture"
)

// Goal: nobody looks up a prefecture in vain. Method: every code from 01 to 47 is there, once,
// in order, with a name in each language and an ISO code of the same number.
func TestEveryPrefectureHasEveryName(t *testing.T) {
	t.Parallel()

	all := prefecture.All()

	if len(all) != prefecture.Count {
		t.Fatalf("got %d prefectures, want %d", len(all), prefecture.Count)
	}
	seen := map[string]bool{}
	for i, p := range all {
		want := fmt.Sprintf("%02d", i+1)
		if p.Code != want || p.ISO != "JP-"+want {
			t.Errorf("prefecture %d: got %s, %s, want %s, JP-%s", i, p.Code, p.ISO, want, want)
		}
		for _, lang := range []string{"en", "ja", "zh-Hans", "zh-Hant", "ko"} {
			if p.Name(lang) == "" {
				t.Errorf("%s has no name in %s", p.Code, lang)
			}
		}
		if p.Kana == "" || p.Region == "" || p.Capital == "" || seen[p.JA] {
			t.Errorf("%s: an empty or repeated entry: %+v", p.Code, p)
		}
		seen[p.JA] = true
	}
}

// Goal: both spellings of a code find the same place, and nonsense finds none.
// Method: a table of codes.
func TestByCodeKnowsBothSpellingsAndNothingElse(t *testing.T) {
	t.Parallel()

	for _, code := range []string{"21", "JP-21"} {
		if p, ok := prefecture.ByCode(code); !ok || p.EN != "Gifu" || p.Name("ja") != "岐阜県" {
			t.Errorf("%s: got %+v, %v, want Gifu", code, p, ok)
		}
	}
	for _, code := range []string{"", "0", "1", "48", "JP-", "JP-00", "gifu"} {
		if p, ok := prefecture.ByCode(code); ok {
			t.Errorf("%q: got %s, want nothing", code, p.EN)
		}
	}
}

// Goal: one caller cannot change the table of another. Method: write into the returned slice.
func TestAllReturnsACopy(t *testing.T) {
	t.Parallel()

	mine := prefecture.All()
	mine[0].EN = "changed"

	if got := prefecture.All()[0].EN; got != "Hokkaido" {
		t.Errorf("got %s, want Hokkaido", got)
	}
}
