package code

import (
	"fmt"
	"strings"
)

// Entry is one line of the table: which wallet uses codes that begin so.
type Entry struct {
	// Prefix is 1 to 32 digits. An entry without a prefix is a rule of length: all codes of Min
	// to Max digits are the wallet's, whatever they begin with.
	Prefix string
	// Min and Max are the shortest and longest code with that prefix, in digits: from the
	// prefix's own length, at least 1, to 64, inclusive.
	Min, Max int
	// Wallet is the key by which the directory finds the issuer (its code group).
	Wallet string
}

// Match is what a wallet code was found to be.
type Match struct {
	// Wallet is the key of the entry.
	Wallet string
	// Prefix is the prefix of the entry, "" for a rule of length; the name of the application
	// for a payer code of EMVCo or JPQR.
	Prefix string
}

// Table finds the wallet of a code: of digits by a rule of length or the longest prefix, of a payer
// code by its application. It never changes and is safe for concurrent use.
type Table struct {
	byPrefix map[string][]Entry
	byLength []Entry
	byName   map[applicationKey]string
	longest  int
}

// New builds a table and refuses one that is wrong or ambiguous (K1): an entry out of its limits,
// two entries with one prefix whose lengths overlap, a rule of length that shares a length with
// any other entry, a prefix that shares its strings with another kind of code, and an application
// that is there twice.
func New(entries []Entry, applications ...Application) (*Table, error) {
	t := &Table{byPrefix: map[string][]Entry{}, byName: map[applicationKey]string{}}
	for i, e := range entries {
		if err := e.check(); err != nil {
			return nil, fmt.Errorf("code table: prefix %q of %s: %w", e.Prefix, e.Wallet, err)
		}
		for _, other := range entries[:i] {
			if e.collides(other) {
				return nil, fmt.Errorf("code table: prefix %q with %d to %d digits is of %s and "+
					"of %s", e.Prefix, e.Min, e.Max, other.Wallet, e.Wallet)
			}
		}
		if e.Prefix == "" {
			t.byLength = append(t.byLength, e)
			continue
		}
		t.byPrefix[e.Prefix] = append(t.byPrefix[e.Prefix], e)
		t.longest = max(t.longest, len(e.Prefix))
	}
	for _, a := range applications {
		if err := a.check(); err != nil {
			return nil, fmt.Errorf("code table: application %q of %s: %w", a.Name, a.Wallet, err)
		}
		key := applicationKey{a.Format, a.Name}
		if other, ok := t.byName[key]; ok {
			return nil, fmt.Errorf("code table: application %q is of %s and of %s", a.Name, other,
				a.Wallet)
		}
		t.byName[key] = a.Wallet
	}
	return t, nil
}

// check returns what is wrong with the entry by itself.
func (e Entry) check() error {
	const prefixMax, codeMax = 32, 64
	switch {
	case e.Prefix != "" && !digits(e.Prefix) || len(e.Prefix) > prefixMax:
		return fmt.Errorf("a prefix is at most %d digits", prefixMax)
	case e.Min < max(1, len(e.Prefix)) || e.Max < e.Min || e.Max > codeMax:
		return fmt.Errorf("lengths %d to %d are not between %d and %d",
			e.Min, e.Max, max(1, len(e.Prefix)), codeMax)
	case e.Wallet == "" || strings.TrimSpace(e.Wallet) != e.Wallet:
		return fmt.Errorf("the wallet %q has no name", e.Wallet)
	case e.Prefix == "":
		return nil
	}
	for _, f := range foreign {
		if strings.HasPrefix(e.Prefix, f.prefix) || strings.HasPrefix(f.prefix, e.Prefix) {
			return fmt.Errorf("%s is the beginning of %s codes", f.prefix, f.kind)
		}
	}
	return nil
}

// collides tells whether two entries could claim one string, the longest prefix put aside.
func (e Entry) collides(other Entry) bool {
	same := e.Prefix == other.Prefix || e.Prefix == "" || other.Prefix == ""
	return same && e.Min <= other.Max && other.Min <= e.Max
}

// has tells whether the entry has codes of so many digits.
func (e Entry) has(length int) bool { return e.Min <= length && length <= e.Max }

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
	if begins(text, payerPrefix, false) {
		return t.classifyPayer(text)
	}
	if !digits(text) {
		return Match{}, ErrUnknown.Newf("no known wallet has codes of this form")
	}
	for _, e := range t.byLength {
		if e.has(len(text)) {
			return Match{Wallet: e.Wallet}, nil
		}
	}
	for n := min(t.longest, len(text)); n > 0; n-- {
		entries := t.byPrefix[text[:n]]
		for _, e := range entries {
			if e.has(len(text)) {
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

// Default returns what is publicly known, by wallet key: alipay (Alipay and the wallets of
// Alipay+), wechatpay, paypay, linepay, rakutenpay, dpayment, merpay, yuchopay, aupay and pring.
// Wallets whose service has ended are left out: their codes are unknown.
//
// LINE Pay's one-time keys have 12 digits in Thailand and elsewhere, 18 in Taiwan, and no public
// prefix. No other wallet has 12 digits, so that length is LINE Pay's. 18 digits that begin with 10
// to 15 are WeChat Pay's by its own rule; others are nobody's here, because several wallets of
// Taiwan have 18 digits: an operator who has LINE Pay's prefixes by contract adds them as entries.
func Default() []Entry {
	entries := []Entry{
		{"90008181", 24, 24, "paypay"},
		{"", 12, 12, "linepay"},
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
