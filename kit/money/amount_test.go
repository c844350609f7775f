package money_test

import (
	"encoding/json"
	"errors"
	"testing"

	"pgregory.net/rapid"

	"watari/kit/money"
)

// Goal: New refuses what M1 forbids. Method: a table of the edges.
func TestAmountIsNeverNegativeNorTooLarge(t *testing.T) {
	t.Parallel()
	cases := []struct {
		minor    int64
		currency money.Currency
		want     error
	}{
		{0, "JPY", nil},
		{money.MinorMax, "KWD", nil},
		{money.MinorMax + 1, "JPY", money.ErrRange},
		{-1, "CNY", money.ErrRange},
		{1, "", money.ErrCurrency},
		{1, "jpy", money.ErrCurrency},
		{1, "XXX", money.ErrCurrency},
		{1, "HRK", money.ErrCurrency},
	}
	for _, c := range cases {
		if _, err := money.New(c.minor, c.currency); !errors.Is(err, c.want) {
			t.Errorf("New(%d, %q): got %v, want %v", c.minor, c.currency, err, c.want)
		}
	}
}

// Goal: the table of digits is that of ISO 4217. Method: samples of each length, and a count.
func TestCurrencyDigits(t *testing.T) {
	t.Parallel()
	cases := map[money.Currency]int{"JPY": 0, "KRW": 0, "VND": 0, "ISK": 0, "CNY": 2, "USD": 2,
		"EUR": 2, "TWD": 2, "IDR": 2, "KWD": 3, "BHD": 3, "TND": 3}
	for c, want := range cases {
		if got, ok := c.Digits(); !ok || got != want {
			t.Errorf("%s: got %d, %v, want %d", c, got, ok, want)
		}
	}
	if _, ok := money.Currency("EURO").Digits(); ok {
		t.Error("EURO is no code")
	}
}

// Goal: Parse takes one spelling of a number and Decimal writes it back. Method: a table.
func TestParseIsStrict(t *testing.T) {
	t.Parallel()
	good := []struct {
		text     string
		currency money.Currency
		minor    int64
		decimal  string
	}{
		{"1980", "JPY", 1980, "1980"},
		{"0", "JPY", 0, "0"},
		{"84.64", "CNY", 8464, "84.64"},
		{"84.6", "CNY", 8460, "84.60"},
		{"84", "CNY", 8400, "84.00"},
		{"0.05", "CNY", 5, "0.05"},
		{"0.005", "KWD", 5, "0.005"},
		{"1.234", "KWD", 1234, "1.234"},
		{"9007199254740991", "JPY", money.MinorMax, "9007199254740991"},
	}
	for _, c := range good {
		got, err := money.Parse(c.text, c.currency)
		if err != nil || got.Minor() != c.minor || got.Decimal() != c.decimal {
			t.Errorf("Parse(%q, %s): got %v, %v, want %d and %q",
				c.text, c.currency, got, err, c.minor, c.decimal)
		}
	}
	for _, text := range []string{"", " 1", "1 ", "+1", "-1", "-0", "1.", ".5", "1,980", "1e3",
		"0x1", "007", "00", "1.2.3", "１９８０", "1.005", "NaN", "1_0", "\x00"} {
		if got, err := money.Parse(text, "CNY"); !errors.Is(err, money.ErrSyntax) {
			t.Errorf("Parse(%q, CNY): got %v, %v, want ErrSyntax", text, got, err)
		}
	}
	for _, text := range []string{"1.0", "1980.00"} {
		if got, err := money.Parse(text, "JPY"); !errors.Is(err, money.ErrSyntax) {
			t.Errorf("Parse(%q, JPY): got %v, %v, want ErrSyntax", text, got, err)
		}
	}
	for _, text := range []string{"90071992547409.92", "99999999999999999999999"} {
		if got, err := money.Parse(text, "CNY"); !errors.Is(err, money.ErrRange) {
			t.Errorf("Parse(%q, CNY): got %v, %v, want ErrRange", text, got, err)
		}
	}
}

// Goal: sums keep the range and refuse two currencies (M2). Method: edges and a panic.
func TestSumsKeepCurrencyAndRange(t *testing.T) {
	t.Parallel()
	yen := money.MustNew(1980, "JPY")
	most := money.MustNew(money.MinorMax, "JPY")

	if got, err := yen.Add(yen); err != nil || got.Minor() != 3960 {
		t.Errorf("Add: got %v, %v", got, err)
	}
	if _, err := most.Add(money.MustNew(1, "JPY")); !errors.Is(err, money.ErrRange) {
		t.Errorf("Add over the range: got %v", err)
	}
	if _, err := yen.Sub(most); !errors.Is(err, money.ErrRange) {
		t.Errorf("Sub below zero: got %v", err)
	}
	if got, err := yen.Sub(yen); err != nil || !got.IsZero() || !got.Valid() {
		t.Errorf("Sub to zero: got %v, %v", got, err)
	}
	if yen.Cmp(most) != -1 || most.Cmp(yen) != 1 || yen.Cmp(yen) != 0 {
		t.Error("Cmp is wrong")
	}
	panics(t, "two currencies", func() { _, _ = yen.Add(money.MustNew(1, "CNY")) })
	panics(t, "no currency", func() { _, _ = money.Amount{}.Add(money.Amount{}) })
	panics(t, "MustNew", func() { money.MustNew(-1, "JPY") })
}

// Goal: JSON has one form. Method: the form itself, then everything close to it.
func TestJSONIsExact(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(money.MustNew(8464, "CNY"))
	if err != nil || string(text) != `{"currency":"CNY","value":8464}` {
		t.Errorf("Marshal: got %s, %v", text, err)
	}
	if _, err := json.Marshal(money.Amount{}); err == nil {
		t.Error("the zero value has no JSON form")
	}

	var a money.Amount
	if err := json.Unmarshal([]byte(` { "value" : 5 , "currency" : "KWD" } `), &a); err != nil ||
		a != money.MustNew(5, "KWD") {
		t.Errorf("Unmarshal: got %v, %v", a, err)
	}
	for text, want := range map[string]error{
		`null`: money.ErrSyntax, `{}`: money.ErrSyntax, `[]`: money.ErrSyntax, `5`: money.ErrSyntax,
		`{"currency":"JPY"}`:                                 money.ErrSyntax,
		`{"value":1}`:                                        money.ErrSyntax,
		`{"currency":"JPY","value":"1"}`:                     money.ErrSyntax,
		`{"currency":"JPY","value":1.0}`:                     money.ErrSyntax,
		`{"currency":"JPY","value":1e3}`:                     money.ErrSyntax,
		`{"currency":"JPY","value":-1}`:                      money.ErrSyntax,
		`{"currency":"JPY","value":-0}`:                      money.ErrSyntax,
		`{"currency":"JPY","value":null}`:                    money.ErrSyntax,
		`{"currency":"JPY","value":true}`:                    money.ErrSyntax,
		`{"currency":"JPY","value":[1]}`:                     money.ErrSyntax,
		`{"currency":"JPY","value":1,"value":2}`:             money.ErrSyntax,
		`{"currency":"JPY","currency":"CNY","value":2}`:      money.ErrSyntax,
		`{"currency":"JPY","value":1,"note":"x"}`:            money.ErrSyntax,
		`{"Currency":"JPY","value":1}`:                       money.ErrSyntax,
		`{"currency":5,"value":1}`:                           money.ErrSyntax,
		`{"currency":"jpy","value":1}`:                       money.ErrCurrency,
		`{"currency":"JPY\u0000","value":1}`:                 money.ErrCurrency,
		`{"currency":"JPY","value":9007199254740992}`:        money.ErrRange,
		`{"currency":"JPY","value":99999999999999999999999}`: money.ErrRange,
	} {
		kept := money.MustNew(7, "JPY")
		if err := json.Unmarshal([]byte(text), &kept); !errors.Is(err, want) ||
			kept != money.MustNew(7, "JPY") {
			t.Errorf("Unmarshal(%s): got %v, %v, want %v", text, kept, err, want)
		}
	}
	if err := new(money.Amount).UnmarshalJSON([]byte(`{"currency":"JPY","value":1}{`)); err == nil {
		t.Error("text after the end is refused")
	}
}

// Goal: every way to write an amount reads back to it. Method: property over all digits.
func TestAmountsReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := anyAmount(t, "a")

		parsed, err := money.Parse(a.Decimal(), a.Currency())
		if err != nil || parsed != a {
			t.Fatalf("Parse(%s): got %v, %v", a, parsed, err)
		}
		text, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		var read money.Amount
		if err := json.Unmarshal(text, &read); err != nil || read != a {
			t.Fatalf("Unmarshal(%s): got %v, %v", text, read, err)
		}
	})
}

// Goal: a + b - b is a. Method: property.
func TestAddAndSubAreInverse(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := money.MustNew(rapid.Int64Range(0, money.MinorMax/2).Draw(t, "a"), "JPY")
		b := money.MustNew(rapid.Int64Range(0, money.MinorMax/2).Draw(t, "b"), "JPY")

		sum, err := a.Add(b)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := sum.Sub(b); err != nil || back != a {
			t.Fatalf("%v + %v - %v: got %v, %v", a, b, b, back, err)
		}
	})
}

// Goal: Parse never panics, and what it takes reads back. Method: fuzz.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"84.64", "1980", "0.005", "9007199254740991", "1e3", "-1", "."} {
		for _, c := range []string{"JPY", "CNY", "KWD", "XXX"} {
			f.Add(s, c)
		}
	}
	f.Fuzz(func(t *testing.T, s, c string) {
		a, err := money.Parse(s, money.Currency(c))
		if err != nil {
			return
		}
		if back, err := money.Parse(a.Decimal(), a.Currency()); err != nil || back != a {
			t.Fatalf("Parse(%q, %q) = %v; read back: %v, %v", s, c, a, back, err)
		}
	})
}

// Goal: JSON from outside never panics, and what is taken is in range. Method: fuzz.
func FuzzJSON(f *testing.F) {
	f.Add([]byte(`{"currency":"JPY","value":1980}`))
	f.Add([]byte(`{"value":1e3,"currency":"CNY"}`))
	f.Add([]byte(`{"currency":"JPY","value":1,"value":2}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var a money.Amount
		if err := a.UnmarshalJSON(data); err != nil {
			return
		}
		if _, err := money.New(a.Minor(), a.Currency()); err != nil {
			t.Fatalf("%q gave %v: %v", data, a, err)
		}
		text, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		var back money.Amount
		if err := json.Unmarshal(text, &back); err != nil || back != a {
			t.Fatalf("%s read back: %v, %v", text, back, err)
		}
	})
}

// anyAmount draws an amount in a currency of 0, 2 or 3 digits.
func anyAmount(t *rapid.T, label string) money.Amount {
	c := rapid.SampledFrom([]money.Currency{"JPY", "CNY", "KWD"}).Draw(t, label+" currency")
	return money.MustNew(rapid.Int64Range(0, money.MinorMax).Draw(t, label), c)
}

// panics fails unless fn panics.
func panics(t *testing.T, what string, fn func()) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Errorf("%s: want a panic", what)
		}
	}()
	fn()
}
