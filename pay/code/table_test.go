package code_test

import (
	"errors"
	"strings"
	"testing"

	"watari/kit/fault"
	"watari/pay/code"
	"watari/pay/code/emv"
)

// Goal: the public prefixes find their wallets, by length too. Method: a case a line, digits
// filled up with 5.
func TestDefaultTableFindsWallets(t *testing.T) {
	t.Parallel()
	table := build(t, code.Default()...)
	for _, c := range []struct {
		prefix string
		length int
		wallet string // "" is unknown
	}{
		{"10", 18, "wechatpay"}, {"13", 18, "wechatpay"}, {"15", 18, "wechatpay"},
		{"16", 18, ""}, {"13", 17, ""}, {"13", 19, ""}, {"09", 18, ""},
		{"25", 24, "alipay"}, {"28", 16, "alipay"}, {"28", 19, "alipay"}, {"30", 32, "alipay"},
		{"251001", 24, "alipay"}, {"289", 19, "alipay"},
		{"28", 15, ""}, {"28", 33, ""}, {"24", 24, ""}, {"31", 24, ""},
		{"90008181", 24, "paypay"}, {"90008181", 23, ""}, {"90008182", 24, ""},
		{"900001", 16, "rakutenpay"}, {"900001", 17, ""},
		{"90000002", 22, "dpayment"}, {"90000001", 22, ""}, {"90000000", 19, ""},
		{"31589900", 19, "merpay"}, {"31589931", 19, "yuchopay"}, {"31589940", 19, "yuchopay"},
		{"31589941", 19, ""}, {"31589921", 19, "aupay"}, {"31589995", 19, "pring"},
		{"4", 16, ""}, {"", 1, ""}, {"", 64, ""},
		// LINE Pay's keys have no prefix: 12 digits are its own, whatever they begin with; of 18
		// digits, those of WeChat Pay stay WeChat Pay's and the rest is nobody's.
		{"", 12, "linepay"}, {"13", 12, "linepay"}, {"28", 12, "linepay"},
		{"90008181", 12, "linepay"}, {"", 11, ""}, {"", 13, ""}, {"", 18, ""}, {"39", 18, ""},
		{"14", 18, "wechatpay"},
	} {
		text := c.prefix + strings.Repeat("5", c.length-len(c.prefix))
		got, err := table.Classify(text)
		if got.Wallet != c.wallet || (err == nil) != (c.wallet != "") {
			t.Errorf("%s: got %+v, %v, want %q", text, got, err, c.wallet)
		}
		if err != nil && !errors.Is(err, code.ErrUnknown) {
			t.Errorf("%s: got %v, want ErrUnknown", text, err)
		}
		if kind, ok := code.Recognise(text); !ok || kind != code.KindWallet {
			t.Errorf("%s: recognised as %q, %v", text, kind, ok)
		}
	}
}

// Goal: the longest prefix decides, and its length does not fall back to a shorter one (K1).
// Method: an issuer's prefix inside another's.
func TestLongestPrefixDecides(t *testing.T) {
	t.Parallel()
	table := build(t, code.Entry{Prefix: "25", Min: 16, Max: 32, Wallet: "many"},
		code.Entry{Prefix: "251001", Min: 24, Max: 24, Wallet: "one"},
		code.Entry{Prefix: "251001", Min: 16, Max: 20, Wallet: "other"})
	for text, want := range map[string]string{
		"251001020123456789012345": "one",
		"2510010201234567":         "other",
		"251002020123456789012345": "many",
	} {
		if got, err := table.Classify(text); err != nil || got.Wallet != want {
			t.Errorf("%s: got %+v, %v, want %s", text, got, err, want)
		}
	}
	if got, err := table.Classify("2510010201234567890123"); !errors.Is(err, code.ErrUnknown) {
		t.Errorf("22 digits: got %+v, %v, want ErrUnknown", got, err)
	}
}

// Goal: a code of another kind is refused by its name (K3). Method: samples of the standards.
func TestOtherKindsAreRefusedByName(t *testing.T) {
	t.Parallel()
	table := build(t, code.Default()...)
	for text, want := range map[string]code.Kind{
		"00020101021126680019jp.or.paymentsjapan0108ワタリカフェ63040000": code.KindEMVMerchant,
		"00020101021226340012HK.COM.HKICL010300462006734":           code.KindEMVMerchant,
		"https://watari.example/s/1":                                code.KindURL,
		"HTTPS://WATARI.EXAMPLE/S/1":                                code.KindURL,
	} {
		if kind, ok := code.Recognise(text); !ok || kind != want {
			t.Errorf("%s: recognised as %q, %v, want %q", text, kind, ok, want)
		}
		_, err := table.Classify(text)
		var refusal *fault.Error
		if !errors.As(err, &refusal) || !errors.Is(err, code.ErrKind) ||
			refusal.Members["kind"] != string(want) || refusal.Detail == "" {
			t.Errorf("%s: got %v, want ErrKind with %q", text, err, want)
		}
	}
}

// Goal: LINE Pay's keys of Taiwan can be added where their prefix is known, and never over WeChat
// Pay's. Method: entries of 18 digits.
func TestTaiwaneseKeysNeedAPrefixOfTheirOwn(t *testing.T) {
	t.Parallel()
	table := build(t, append(code.Default(), code.Entry{Prefix: "39", Min: 18, Max: 18,
		Wallet: "linepay"})...)
	for text, want := range map[string]string{"395555555555555555": "linepay",
		"135555555555555555": "wechatpay"} {
		if got, err := table.Classify(text); err != nil || got.Wallet != want {
			t.Errorf("%s: got %+v, %v", text, got, err)
		}
	}
	for _, prefix := range []string{"", "13"} {
		if _, err := code.New(append(code.Default(), code.Entry{Prefix: prefix, Min: 18, Max: 18,
			Wallet: "linepay"})); err == nil {
			t.Errorf("%q: want an error", prefix)
		}
	}
}

// Goal: nothing else passes (K2). Method: text that scanners and attackers send.
func TestAnythingElseIsRefused(t *testing.T) {
	t.Parallel()
	table := build(t, code.Default()...)
	sound := "251001020123456789012345"
	for text, want := range map[string]error{
		"":                                    code.ErrMalformed,
		sound + "\x00":                        code.ErrMalformed,
		sound + "\r\n":                        code.ErrMalformed,
		"\x00":                                code.ErrMalformed,
		"\xff\xfe":                            code.ErrMalformed,
		strings.Repeat("2", 513):              code.ErrMalformed,
		"https://" + strings.Repeat("a", 505): code.ErrMalformed,
		strings.Repeat("渡", 513):              code.ErrMalformed,
		strings.Repeat("2", 512):              code.ErrUnknown,
		" " + sound:                           code.ErrUnknown,
		sound + " ":                           code.ErrUnknown,
		"2510010201234567890123４5":            code.ErrUnknown,
		"-" + sound:                           code.ErrUnknown,
		"25100102012345678901234a":            code.ErrUnknown,
		"http://watari.example/":              code.ErrUnknown,
		"ＨＴＴＰＳ://x":                           code.ErrUnknown,
		"hqv":                                 code.ErrUnknown,
		"00020":                               code.ErrUnknown,
		"渡り":                                  code.ErrUnknown,
	} {
		if got, err := table.Classify(text); !errors.Is(err, want) || got != (code.Match{}) {
			t.Errorf("%.60q: got %+v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "\x00", "http://a", "x", strings.Repeat("2", 513)} {
		if kind, ok := code.Recognise(text); ok {
			t.Errorf("%.20q: recognised as %q", text, kind)
		}
	}
}

// Goal: a table that could guess is not built (K1). Method: one mistake each.
func TestAmbiguousTableIsRefused(t *testing.T) {
	t.Parallel()
	sound := code.Entry{Prefix: "25", Min: 16, Max: 20, Wallet: "a"}
	for what, e := range map[string]code.Entry{
		"same":             sound,
		"overlap":          {Prefix: "25", Min: 20, Max: 24, Wallet: "b"},
		"inside":           {Prefix: "25", Min: 17, Max: 18, Wallet: "b"},
		"all lengths":      {Prefix: "", Min: 12, Max: 20, Wallet: "b"},
		"one length":       {Prefix: "", Min: 20, Max: 20, Wallet: "a"},
		"no length":        {Prefix: "", Min: 0, Max: 4, Wallet: "b"},
		"letters":          {Prefix: "2a", Min: 16, Max: 20, Wallet: "b"},
		"min below prefix": {Prefix: "261001", Min: 5, Max: 20, Wallet: "b"},
		"max below min":    {Prefix: "26", Min: 16, Max: 15, Wallet: "b"},
		"too long":         {Prefix: "26", Min: 16, Max: 65, Wallet: "b"},
		"no wallet":        {Prefix: "26", Min: 16, Max: 20},
		"blank wallet":     {Prefix: "26", Min: 16, Max: 20, Wallet: " "},
		"merchant codes":   {Prefix: "0002", Min: 16, Max: 20, Wallet: "b"},
		"merchant codes 2": {Prefix: "00020101", Min: 16, Max: 20, Wallet: "b"},
	} {
		if _, err := code.New([]code.Entry{sound, e}); err == nil {
			t.Errorf("%s: want an error", what)
		}
	}
	build(t, sound, code.Entry{Prefix: "25", Min: 21, Max: 24, Wallet: "b"})
}

// Goal: a match always comes from an entry that fits, and nothing panics. Method: fuzz.
func FuzzClassify(f *testing.F) {
	for _, text := range []string{"251001020123456789012345", "130000000000000000", "hQVDUFYwMQ==",
		"000201", "https://a", "900000020000000000000", "\x00", "９"} {
		f.Add(text)
	}
	f.Add(jpqrPayer)
	table, err := code.New(code.Default(), code.Application{Format: emv.JPQR1, Name: "12345678",
		Wallet: "japan"})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m, err := table.Classify(text)
		if err != nil {
			return
		}
		kind, ok := code.Recognise(text)
		digits := kind == code.KindWallet && strings.HasPrefix(text, m.Prefix) && len(text) <= 64
		payer := kind == code.KindEMVConsumer && m.Wallet == "japan" && m.Prefix == "12345678"
		if !ok || !digits && !payer {
			t.Fatalf("%q: %+v, recognised as %q, %v", text, m, kind, ok)
		}
	})
}

// build returns a table that must be sound.
func build(t *testing.T, entries ...code.Entry) *code.Table {
	t.Helper()
	table, err := code.New(entries)
	if err != nil {
		t.Fatal(err)
	}
	return table
}
