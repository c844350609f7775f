package code_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"watari/pay/code"
)

// Goal: a generated code has the public form, is found by the table, and is fresh. Method: many.
func TestGeneratedCodesAreFreshAndWellFormed(t *testing.T) {
	t.Parallel()
	table := build(t, code.Default()...)
	seen := map[string]bool{}
	var count [10]int
	const n = 5000
	for range n {
		text := code.Generate("251001")
		if len(text) != code.Len || !strings.HasPrefix(text, "25100102") || seen[text] {
			t.Fatalf("got %q", text)
		}
		if m, err := table.Classify(text); err != nil || m.Wallet != "alipay" {
			t.Fatalf("%s: got %+v, %v", text, m, err)
		}
		seen[text] = true
		for _, r := range text[8:] {
			count[r-'0']++
		}
	}
	// 80,000 digits: each should come 8,000 times, with a standard deviation of 85.
	for d, c := range count {
		if c < 7400 || c > 8600 {
			t.Errorf("digit %d came %d times of 8,000", d, c)
		}
	}
}

// Goal: a wrong issuer identifier is a defect. Method: each form.
func TestWrongCIIPanics(t *testing.T) {
	t.Parallel()
	for _, cii := range []string{"", "25100", "2510011", "25100a", "２5100"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%q: want a panic", cii)
				}
			}()
			code.Generate(cii)
		}()
	}
}

// Goal: what is stored of a code is SHA-256 and the last four (K4). Method: the digest of "abc"
// in FIPS 180-2, appendix B.1.
func TestHashIsSHA256(t *testing.T) {
	t.Parallel()
	want := "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	if got := code.Hash("abc"); hex.EncodeToString(got[:]) != want {
		t.Errorf("got %x, want %s", got, want)
	}
	if code.Last4("251001020123456789012345") != "2345" || code.Last4("12") != "12" {
		t.Error("the last four are wrong")
	}
}
