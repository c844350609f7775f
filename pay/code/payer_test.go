package code_test

import (
	"errors"
	"strings"
	"testing"

	"watari/pay/code"
	"watari/pay/code/emv"
)

// Published payer codes: EMVCo's example, of the applications A0000000555555 and A0000000666666,
// and a JPQR code of the operator 12345678.
const (
	emvPayer = "hQVDUFYwMWETTwegAAAAVVVVUAhQcm9kdWN0MWETTwegAAAAZmZmUAhQcm9kdWN0MmJJWggSNFZ4kBI0" +
		"WF8gDkNBUkRIT0xERVIvRU1WXy0IcnVlc2RlZW5kIZ8QBwYBCgMAAACfJghYT9OF+iNLzJ82AgABnzcEbVjvEw=="
	jpqrPayer = "hQVKUFFSMWElTwgxMjM0NTY3OFcIODc2NTQzMjGZD3sia2V5IjoidmFsdWUifQ=="
)

// Goal: a payer code is its application's wallet, and nobody's when the table does not say (K2).
// Method: tables of one and several applications.
func TestPayerCodesAreFoundByTheirApplication(t *testing.T) {
	t.Parallel()
	five := code.Application{Format: emv.CPV01, Name: "A0000000555555", Wallet: "five"}
	rid := code.Application{Format: emv.CPV01, Name: "A000000055", Wallet: "rid"}
	six := code.Application{Format: emv.CPV01, Name: "A0000000666666", Wallet: "six"}
	alsoFive := code.Application{Format: emv.CPV01, Name: "A0000000666666", Wallet: "five"}
	japan := code.Application{Format: emv.JPQR1, Name: "12345678", Wallet: "japan"}
	for what, c := range map[string]struct {
		text   string
		apps   []code.Application
		wallet string
		prefix string
	}{
		"exact":              {emvPayer, []code.Application{five}, "five", five.Name},
		"second application": {emvPayer, []code.Application{six, japan}, "six", six.Name},
		"beginning":          {emvPayer, []code.Application{rid}, "rid", rid.Name},
		"longest beginning":  {emvPayer, []code.Application{rid, five}, "five", five.Name},
		"two of one wallet":  {emvPayer, []code.Application{five, alsoFive}, "five", five.Name},
		"two wallets":        {emvPayer, []code.Application{five, six}, "", ""},
		"none":               {emvPayer, []code.Application{japan}, "", ""},
		"operator":           {jpqrPayer, []code.Application{five, japan}, "japan", "12345678"},
		"operator's beginning": {jpqrPayer, []code.Application{
			{Format: emv.JPQR1, Name: "1234567", Wallet: "a"}}, "", ""},
		"operator of the other format": {jpqrPayer, []code.Application{
			{Format: emv.CPV01, Name: "3132333435363738", Wallet: "a"}}, "", ""},
	} {
		table, err := code.New(code.Default(), c.apps...)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		got, err := table.Classify(c.text)
		if got != (code.Match{Wallet: c.wallet, Prefix: c.prefix}) ||
			(c.wallet == "") != errors.Is(err, code.ErrUnknown) {
			t.Errorf("%s: got %+v, %v", what, got, err)
		}
	}
}

// Goal: a broken payer code is malformed, not unknown. Method: cut and changed samples.
func TestBrokenPayerCodeIsMalformed(t *testing.T) {
	t.Parallel()
	table := build(t, code.Default()...)
	for _, text := range []string{"hQV", "hQVDUFYwMQ==", emvPayer[:len(emvPayer)-4],
		strings.ToUpper(emvPayer[:8]) + emvPayer[8:], jpqrPayer + "=", "hQV渡り"} {
		want := code.ErrMalformed
		if !strings.HasPrefix(text, "hQV") {
			want = code.ErrUnknown
		}
		if got, err := table.Classify(text); !errors.Is(err, want) || got != (code.Match{}) {
			t.Errorf("%s: got %+v, %v", text, got, err)
		}
	}
	p, err := code.ReadPayer(jpqrPayer)
	if err != nil || string(p.Applications()[0].Payment) != "87654321" {
		t.Errorf("got %+v, %v", p, err)
	}
}

// Goal: a table with a wrong application is not built (K1). Method: one mistake each.
func TestWrongApplicationIsRefused(t *testing.T) {
	t.Parallel()
	sound := code.Application{Format: emv.CPV01, Name: "A0000000555555", Wallet: "a"}
	for what, a := range map[string]code.Application{
		"same":           {Format: emv.CPV01, Name: "A0000000555555", Wallet: "b"},
		"short":          {Format: emv.CPV01, Name: "A0000000", Wallet: "b"},
		"long":           {Format: emv.CPV01, Name: strings.Repeat("A0", 17), Wallet: "b"},
		"small letters":  {Format: emv.CPV01, Name: "a0000000666666", Wallet: "b"},
		"odd":            {Format: emv.CPV01, Name: "A00000006666661", Wallet: "b"},
		"no format":      {Name: "A0000000666666", Wallet: "b"},
		"no wallet":      {Format: emv.CPV01, Name: "A0000000666666"},
		"no operator":    {Format: emv.JPQR1, Wallet: "b"},
		"long operator":  {Format: emv.JPQR1, Name: "12345678901234567", Wallet: "b"},
		"blank operator": {Format: emv.JPQR1, Name: "1234 678", Wallet: "b"},
	} {
		if _, err := code.New(code.Default(), sound, a); err == nil {
			t.Errorf("%s: want an error", what)
		}
	}
}
