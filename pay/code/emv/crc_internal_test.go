package emv

import (
	"testing"

	"watari/kit/money"
)

// Goal: the checksum is the one of the specification. Method: the check value of the public
// catalogue of CRCs for this polynomial and start, and the published merchant code.
func TestChecksumHasItsCheckValue(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"123456789": "29B1", "": "FFFF", "\x00": "E1F0"} {
		if got := checksum(text); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

// Goal: every currency that has amounts can stand in a code, and no number stands for two.
// Method: try all three-letter codes; some numbers from the list of ISO 4217.
func TestEveryCurrencyHasItsNumber(t *testing.T) {
	t.Parallel()
	known := 0
	for i := range 26 * 26 * 26 {
		c := money.Currency([]byte{byte('A' + i/676), byte('A' + i/26%26), byte('A' + i%26)})
		if _, ok := c.Digits(); !ok {
			if n, listed := numeric[c]; listed {
				t.Errorf("%s has the number %s and no amounts", c, n)
			}
			continue
		}
		known++
		if n := numeric[c]; len(n) != 3 || !digits(n) || alphabetic[n] != c {
			t.Errorf("%s has the number %q, which is %s", c, n, alphabetic[n])
		}
	}
	if known != len(numeric) || len(alphabetic) != len(numeric) {
		t.Errorf("%d currencies, %d numbers, %d back", known, len(numeric), len(alphabetic))
	}
	for c, want := range map[money.Currency]string{"JPY": "392", "CNY": "156", "TWD": "901",
		"THB": "764", "HKD": "344", "KRW": "410", "USD": "840", "EUR": "978", "ALL": "008"} {
		if numeric[c] != want {
			t.Errorf("%s: got %s, want %s", c, numeric[c], want)
		}
	}
}
