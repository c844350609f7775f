package code

import (
	"fmt"
	"strings"
)

// Entry is one line of the table: which wallet uses codes that begin so.
type Entry struct {
	// Prefix is 1 to 32 digits.
	Prefix string
	// Min and Max are the shortest and longest code with that prefix, in digits: from the
	// prefix's own length to 64, inclusive.
	Min, Max int
	// Wallet is the key by which the directory finds the issuer (its code group).
	Wallet string
}

// Match is what a wallet code was found to be.
type Match struct {
	// Wallet is the key of the entry.
	Wallet string
	// Prefix is the prefix of the entry.
	Prefix string
}

// Table finds the wallet of a code by the longest prefix. It never changes and is safe for
// concurrent use.
type Table struct {
	byPrefix map[string][]Entry
	longest  int
}

// New builds a table and refuses one that is wrong or ambiguous (K1): an entry out of its limits,
// two entries with one prefix whose lengths overlap, and a prefix that shares its strings with
// another kind of code.
func New(entries []Entry) (*Table, error) {
	t := &Table{byPrefix: map[string][]Entry{}}
	for _, e := range entries {
		if err := e.check(); err != nil {
			return nil, fmt.Errorf("code table: prefix %q of %s: %w", e.Prefix, e.Wallet, err)
		}
		for _, other := range t.byPrefix[e.Prefix] {
			if e.Min <= other.Max && other.Min <= e.Max {
				return nil, fmt.Errorf("code table: prefix %q is of %s and of %s",
					e.Prefix, other.Wallet, e.Wallet)
			}
		}
		t.byPrefix[e.Prefix] = append(t.byPrefix[e.Prefix], e)
		t.longest = max(t.longest, len(e.Prefix))
	}
	return t, nil
}

// check returns what is wrong with the entry by itself.
func (e Entry) check() error {
	const prefixMax, codeMax = 32, 64
	switch {
	case !digits(e.Prefix) || len(e.Prefix) > prefixMax:
		return fmt.Errorf("a prefix is 1 to %d digits", prefixMax)
	case e.Min < len(e.Prefix) || e.Max < e.Min || e.Max > codeMax:
		return fmt.Errorf("lengths %d to %d are not between %d and %d",
			e.Min, e.Max, len(e.Prefix), codeMax)
	case e.Wallet == "" || strings.TrimSpace(e.Wallet) != e.Wallet:
		return fmt.Errorf("the wallet %q has no name", e.Wallet)
	}
	for _, f := range foreign {
		if strings.HasPrefix(e.Prefix, f.prefix) || strings.HasPrefix(f.prefix, e.Prefix) {
			return fmt.Errorf("%s is the beginning of %s codes", f.prefix, f.kind)
		}
	}
	return nil
}

// Classify returns the wallet of a code that a till scanned from a payer's phone.
//
// Errors: ErrMalformed; ErrKind for a code that a till cannot charge, with the member "kind" (K3);
// ErrUnknown (K2).
func (t *Table) Classify(text string) (Match, error) {
	if !wellFormed(text) {
		return Match{}, ErrMalformed.Newf("a code is 1 to %d characters of text", TextMax)
	}
	for _, f := range foreign {
		if begins(text, f.prefix, f.kind == KindURL) {
			return Match{}, ErrKind.Newf("%s", f.advice).Set("kind", string(f.kind))
		}
	}
	if !digits(text) {
		return Match{}, ErrUnknown.Newf("a payment code has digits only")
	}
	for n := min(t.longest, len(text)); n > 0; n-- {
		entries := t.byPrefix[text[:n]]
		for _, e := range entries {
			if e.Min <= len(text) && len(text) <= e.Max {
				return Match{Wallet: e.Wallet, Prefix: e.Prefix}, nil
			}
		}
		if len(entries) > 0 {
			return Match{}, ErrUnknown.Newf("a code of %s does not have %d digits",
				entries[0].Wallet, len(text))
		}
	}
	return Match{}, ErrUnknown.Newf("no known wallet has codes that begin so")
}

// Default returns the prefixes that are publicly known, by wallet key: alipay (Alipay and the
// wallets of Alipay+), wechatpay, paypay, rakutenpay, dpayment, merpay, yuchopay, aupay and pring.
// Wallets whose service has ended are left out: their codes are unknown.
func Default() []Entry {
	entries := []Entry{
		{"90008181", 24, 24, "paypay"},
		{"900001", 16, 16, "rakutenpay"},
		{"90000002", 22, 22, "dpayment"},
		{"31589900", 19, 19, "merpay"},
		{"31589921", 19, 19, "aupay"},
		{"31589995", 19, 19, "pring"},
	}
	for n := 10; n <= 15; n++ {
		entries = append(entries, Entry{fmt.Sprint(n), 18, 18, "wechatpay"})
	}
	for n := 25; n <= 30; n++ {
		entries = append(entries, Entry{fmt.Sprint(n), 16, 32, "alipay"})
	}
	for n := 31589931; n <= 31589940; n++ {
		entries = append(entries, Entry{fmt.Sprint(n), 19, 19, "yuchopay"})
	}
	return entries
}
