package wire

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"watari/kit/money"
)

// The goal is that no digit of a transaction's number is ever lost. Method: numbers of 19 digits,
// far above 2^53, through JSON and back, as numbers and as text, inside messages.
func TestNineteenDigitsSurviveJSON(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.Uint64Range(1_000_000_000_000_000_000, 9_999_999_999_999_999_999)
		id := ID(fmt.Sprintf("%d", number.Draw(t, "id")))
		body, err := Encode(&Answer[Paid]{Code: CodeOK, Info: &Paid{TransactionID: id,
			OrderID: "leg_1"}})
		if err != nil || !strings.Contains(string(body), `"transactionId":`+string(id)+",") {
			t.Fatalf("%s: %v", body, err)
		}
		for _, form := range []string{`%s`, `"%s"`, ` %s `} {
			text := fmt.Sprintf(`{"returnCode":"0000","info":{"transactionId":`+form+`}}`, id)
			a, err := DecodeAnswer[Paid]([]byte(text))
			if err != nil || a.Info.TransactionID != id {
				t.Fatalf("%s: got %+v, %v", text, a.Info, err)
			}
		}
	})
}

// The goal is that amounts are exact both ways. Method: any amount of four currencies.
func TestAmountsSurviveJSON(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom([]money.Currency{"USD", "TWD", "THB", "JPY"}).Draw(t, "currency")
		a := money.MustNew(rapid.Int64Range(0, money.MinorMax).Draw(t, "minor"), c)
		body, err := json.Marshal(NumberOf(a))
		if err != nil {
			t.Fatal(err)
		}
		var n Number
		if err := json.Unmarshal(body, &n); err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		if b, err := n.Money(c); err != nil || b != a {
			t.Fatalf("%s became %s: %v", a, b, err)
		}
		if b, err := ("-" + n).Money(c); err != nil || b != a {
			t.Fatalf("-%s became %s: %v", a, b, err)
		}
	})
}

// The goal is how amounts look. Method: a table.
func TestWholeAmountsHaveNoDecimals(t *testing.T) {
	t.Parallel()
	for want, a := range map[string]money.Amount{
		"13.05": money.MustNew(1305, "USD"), "13.50": money.MustNew(1350, "USD"),
		"1300": money.MustNew(130000, "TWD"), "1280": money.MustNew(1280, "JPY"),
		"0": money.MustNew(0, "USD")} {
		if got := NumberOf(a); string(got) != want {
			t.Errorf("%s: got %s, want %s", a, got, want)
		}
	}
	for text, minor := range map[Number]int64{"13.5": 1350, "13.500": 1350, "20": 2000,
		"-20": 2000} {
		if got, err := text.Money("USD"); err != nil || got.Minor() != minor {
			t.Errorf("%s: got %s, %v", text, got, err)
		}
	}
	for _, text := range []Number{"13.505", "1e3", "", "-", ".5", "5.", "013", "1,000"} {
		if got, err := text.Money("USD"); err == nil {
			t.Errorf("%q became %s", text, got)
		}
	}
}

// The goal is that what is no answer is not taken for one. Method: a table of damage.
func TestDamagedAnswersAreRefused(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"empty":         ``,
		"page":          `<html>`,
		"no code":       `{"returnMessage":"Success."}`,
		"long code":     `{"returnCode":"00000"}`,
		"word":          `{"returnCode":"DONE"}`,
		"number":        `{"returnCode":0}`,
		"more":          `{"returnCode":"0000"}{}`,
		"float id":      `{"returnCode":"0000","info":{"transactionId":2.019e18}}`,
		"negative id":   `{"returnCode":"0000","info":{"transactionId":-1}}`,
		"text amount":   `{"returnCode":"0000","info":{"payInfo":[{"amount":"20"}]}}`,
		"float amount":  `{"returnCode":"0000","info":{"payInfo":[{"amount":2e1}]}}`,
		"info is a row": `{"returnCode":"0000","info":[]}`,
	} {
		if a, err := DecodeAnswer[Paid]([]byte(body)); err == nil {
			t.Errorf("%s: became %+v", name, a)
		}
	}
	// With a refusal the info may be anything.
	a, err := DecodeAnswer[Paid]([]byte(`{"returnCode":"1142","info":"x","returnMessage":"-"}`))
	if err != nil || a.Code != CodeBalance || a.Info != nil {
		t.Errorf("got %+v, %v", a, err)
	}
}

// The goal is that no answer of the outside can crash the reader, and that what is read can be
// written again. Method: fuzzing.
func FuzzDecodeAnswerNeverPanics(f *testing.F) {
	for _, seed := range []string{
		`{"returnCode":"0000","info":[{"transactionId":2019049910005496810,"currency":"TWD",` +
			`"payInfo":[{"method":"BALANCE","amount":100}],"refundList":[{"refundTransactionId":` +
			`2019049910005497012,"refundAmount":-20}]}]}`,
		`{"returnCode":"1172","returnMessage":"x"}`, `{"returnCode":"0000","info":null}`, `[`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		a, err := DecodeAnswer[[]Detail](body)
		if err != nil {
			return
		}
		if _, err := Encode(a); err != nil {
			t.Fatalf("read %q and cannot write it: %v", body, err)
		}
	})
}
