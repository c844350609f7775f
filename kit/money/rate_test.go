package money_test

import (
	"errors"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"watari/kit/money"
)

// Goal: the worked case of the reference rates of 2026-04-13. Method: by hand.
//
//	EUR→CNY 7.9827 ÷ EUR→JPY 186.75 = 0.042745 381526 104…  → 12 digits: 0.0427453815261
//	JPY 1,980 × 0.0427453815261 = 84.635855421678 → CNY 84.64
func TestCrossOfTheReferenceRates(t *testing.T) {
	t.Parallel()
	rate, err := money.Cross("JPY", "CNY", decimal(t, "186.75"), decimal(t, "7.9827"), 0)
	if err != nil || rate.String() != "0.0427453815261" {
		t.Fatalf("got %s, %v, want 0.0427453815261", rate, err)
	}
	if coef, exp := rate.Columns(); coef != 427453815261 || exp != -13 {
		t.Errorf("columns: got %d, %d", coef, exp)
	}

	got, err := money.MustNew(1980, "JPY").Convert(rate, money.HalfUp)
	if err != nil || got != money.MustNew(8464, "CNY") {
		t.Errorf("JPY 1,980: got %v, %v, want CNY 84.64", got, err)
	}
	// Three refunds of JPY 660 rounded alone would give back 3 × 28.21 = 84.63, one fen too little.
	third, err := money.MustNew(660, "JPY").Convert(rate, money.HalfUp)
	if err != nil || third != money.MustNew(2821, "CNY") {
		t.Errorf("JPY 660: got %v, %v, want CNY 28.21", third, err)
	}
}

// Goal: the spread is inside the one rounding. Method: by hand, 1 % on the rate above.
//
//	7.9827 × 1.01 ÷ 186.75 = 8.062527 ÷ 186.75 = 0.043172 835341 365… → 0.0431728353414
func TestCrossRoundsOnceWithTheSpread(t *testing.T) {
	t.Parallel()
	rate, err := money.Cross("JPY", "CNY", decimal(t, "186.75"), decimal(t, "7.9827"), 10_000)
	if err != nil || rate.String() != "0.0431728353414" {
		t.Errorf("got %s, %v, want 0.0431728353414", rate, err)
	}
	euro, err := money.Cross("EUR", "JPY", money.One(), decimal(t, "186.75"), 0)
	if err != nil || euro.String() != "186.75" {
		t.Errorf("EUR to JPY: got %s, %v", euro, err)
	}
	_, err = money.Cross("JPY", "CNY", decimal(t, "1"), decimal(t, "1"), -1_000_000)
	if !errors.Is(err, money.ErrRate) {
		t.Errorf("a spread of minus all: got %v", err)
	}
	_, err = money.Cross("JPY", "CNY", money.Decimal{}, decimal(t, "1"), 0)
	if !errors.Is(err, money.ErrRate) {
		t.Errorf("no number: got %v", err)
	}
}

// Goal: a tie at the twelfth digit goes to the even neighbour. Method: fractions that end there.
func TestCrossRoundsHalfToEven(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ base, quote, want string }{
		// 100000000000.5 and 100000000001.5: thirteen digits, the last a half.
		{"2", "200000000001", "100000000000"},
		{"2", "200000000003", "100000000002"},
		// Rounding up to the next power keeps twelve digits.
		{"3", "2", "0.666666666667"},
		{"7", "1", "0.142857142857"},
	} {
		rate, err := money.Cross("USD", "EUR", decimal(t, c.base), decimal(t, c.quote), 0)
		if err != nil || rate.String() != c.want {
			t.Errorf("%s ÷ %s: got %s, %v, want %s", c.quote, c.base, rate, err, c.want)
		}
	}
	// 1 ÷ 1.000000000001 = 0.999999999999 000…: no carry; 999999999999.9 carries into 10^12.
	rate, err := money.Cross("USD", "EUR", decimal(t, "10"), decimal(t, "999999999999"), 1)
	if err != nil || rate.String() != "100000100000" {
		t.Errorf("carry: got %s, %v, want 100000100000", rate, err)
	}
}

// Goal: each mode rounds a half, less and more as it says. Method: a table; all digits of currency.
func TestConvertModes(t *testing.T) {
	t.Parallel()
	cases := []struct {
		minor int64
		from  money.Currency
		rate  string
		to    money.Currency
		want  [4]int64 // HalfEven, HalfUp, Up, Down
	}{
		{5, "JPY", "0.5", "KRW", [4]int64{2, 3, 3, 2}},
		{7, "JPY", "0.5", "KRW", [4]int64{4, 4, 4, 3}},
		{1, "JPY", "0.49", "KRW", [4]int64{0, 0, 1, 0}},
		{1, "JPY", "0.51", "KRW", [4]int64{1, 1, 1, 0}},
		{1, "JPY", "3", "KRW", [4]int64{3, 3, 3, 3}},
		{0, "JPY", "3", "KRW", [4]int64{0, 0, 0, 0}},
		// 12.50 EUR × 162.345678901 = 2029.32… JPY.
		{1250, "EUR", "162.345678901", "JPY", [4]int64{2029, 2029, 2030, 2029}},
		// 0.001 KWD × 508.3 = 0.5083 JPY; JPY 1 × 0.00196734212 = 0.00196734212 KWD.
		{1, "KWD", "508.3", "JPY", [4]int64{1, 1, 1, 0}},
		{1, "JPY", "0.00196734212", "KWD", [4]int64{2, 2, 2, 1}},
		{250, "JPY", "0.01", "KWD", [4]int64{2500, 2500, 2500, 2500}},
		// Far below one minor unit, past 10^19.
		{1, "KWD", "0.000000000000000000000001", "JPY", [4]int64{0, 0, 1, 0}},
		{money.MinorMax, "KWD", "0.000000000000000000000001", "JPY", [4]int64{0, 0, 1, 0}},
	}
	modes := [4]money.Mode{money.HalfEven, money.HalfUp, money.Up, money.Down}
	for _, c := range cases {
		rate, err := money.ParseRate(c.rate, c.from, c.to)
		if err != nil {
			t.Fatal(err)
		}
		for i, m := range modes {
			got, err := money.MustNew(c.minor, c.from).Convert(rate, m)
			if err != nil || got.Minor() != c.want[i] || got.Currency() != c.to {
				t.Errorf("%s %d × %s, mode %d: got %v, %v, want %d",
					c.from, c.minor, c.rate, m, got, err, c.want[i])
			}
		}
	}
}

// Goal: what is too large is an error, and what is a mistake panics. Method: the edges.
func TestConvertRefuses(t *testing.T) {
	t.Parallel()
	most := money.MustNew(money.MinorMax, "JPY")
	for _, text := range []string{"1.00000000001", "2", "999999999999",
		"999999999999000000000000"} {
		rate, err := money.ParseRate(text, "JPY", "KRW")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := most.Convert(rate, money.HalfUp); !errors.Is(err, money.ErrRange) {
			t.Errorf("most × %s: got %v, %v, want ErrRange", text, got, err)
		}
	}
	one, err := money.ParseRate("1", "JPY", "KRW")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := most.Convert(one, money.HalfUp); err != nil || got.Minor() != money.MinorMax {
		t.Errorf("most × 1: got %v, %v", got, err)
	}
	panics(t, "another base", func() { _, _ = money.MustNew(1, "CNY").Convert(one, money.Down) })
	panics(t, "no rate", func() { _, _ = most.Convert(money.Rate{}, money.Down) })
	half, err := money.ParseRate("0.5", "JPY", "KRW")
	if err != nil {
		t.Fatal(err)
	}
	panics(t, "no mode", func() { _, _ = most.Convert(half, 0) })
}

// Goal: the 128-bit conversion equals exact fractions in every mode. Method: property against
// math/big.
func TestConvertEqualsExactFraction(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := anyAmount(t, "a")
		to := rapid.SampledFrom([]money.Currency{"KRW", "USD", "BHD"}).Draw(t, "to")
		coef := rapid.Int64Range(1, 999_999_999_999).Draw(t, "coef")
		exp := rapid.Int64Range(-24, 0).Draw(t, "exp")
		mode := rapid.SampledFrom([]money.Mode{money.HalfEven, money.HalfUp, money.Up,
			money.Down}).Draw(t, "mode")
		rate, err := money.RateOf(coef, exp, a.Currency(), to)
		if err != nil {
			t.Fatal(err)
		}

		got, err := a.Convert(rate, mode)

		from, _ := a.Currency().Digits()
		digits, _ := to.Digits()
		num := new(big.Int).Mul(big.NewInt(a.Minor()), big.NewInt(coef))
		want := exactly(num, int(exp)+digits-from, mode)
		if want.Cmp(big.NewInt(money.MinorMax)) > 0 {
			if !errors.Is(err, money.ErrRange) {
				t.Fatalf("%v at %v: got %v, %v, want ErrRange", a, rate, got, err)
			}
			return
		}
		if err != nil || got.Minor() != want.Int64() {
			t.Fatalf("%v at %v, mode %d: got %v, %v, want %v", a, rate, mode, got, err, want)
		}
	})
}

// exactly returns n × 10^by, rounded by mode with whole numbers of any size.
func exactly(n *big.Int, by int, mode money.Mode) *big.Int {
	ten := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(by, -by))), nil)
	if by >= 0 {
		return ten.Mul(ten, n)
	}
	q, rest := new(big.Int).QuoRem(n, ten, new(big.Int))
	side := rest.Lsh(rest, 1).Cmp(ten)
	up := map[money.Mode]bool{
		money.HalfEven: side > 0 || side == 0 && q.Bit(0) == 1,
		money.HalfUp:   side >= 0,
		money.Up:       rest.Sign() > 0,
	}
	if up[mode] {
		q.Add(q, big.NewInt(1))
	}
	return q
}

// Goal: Cross is within half a unit of the twelfth digit of the true fraction. Method: property.
func TestCrossIsTheNearestTwelveDigits(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.Custom(func(t *rapid.T) money.Decimal {
			d, err := money.DecimalOf(rapid.Int64Range(1, 99_999_999).Draw(t, "coef"),
				rapid.Int64Range(-4, 0).Draw(t, "exp"))
			if err != nil {
				t.Fatal(err)
			}
			return d
		})
		base, quote := number.Draw(t, "base"), number.Draw(t, "quote")
		spread := rapid.Int64Range(-50_000, 50_000).Draw(t, "spread")

		rate, err := money.Cross("JPY", "CNY", base, quote, spread)
		if err != nil {
			t.Fatal(err)
		}

		truth := new(big.Rat).Quo(rat(t, quote), rat(t, base))
		truth.Mul(truth, big.NewRat(1_000_000+spread, 1_000_000))
		off := new(big.Rat).Sub(rat(t, rate.Value()), truth)
		// Half a unit of the twelfth digit is at most 5 × 10^-12 of the number.
		limit := new(big.Rat).Mul(truth, big.NewRat(5, 1_000_000_000_000))
		if off.Abs(off).Cmp(limit) > 0 {
			t.Fatalf("%s ÷ %s with %d ppm: %s is off by %s", quote, base, spread, rate, off)
		}
	})
}

// Goal: a rate has one stored form, which reads back. Method: spellings of one number, property.
func TestRatesReadBack(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"186.75": "186.75", "186.7500": "186.75", "20": "20",
		"1000000": "1000000", "0.5": "0.5", "1.0": "1", "0.000000000001": "0.000000000001"} {
		d, err := money.ParseDecimal(text)
		if err != nil || d.String() != want {
			t.Errorf("%s: got %s, %v, want %s", text, d, err, want)
		}
	}
	for _, text := range []string{"", "0", "0.0", "-1", "1e5", "N/A", "1.", ".1", "01",
		"1.0000000000001", "1234567890123", "0.0000000000000000000000001",
		"99999999999999999999999999999999999999999999999999999999999999"} {
		if d, err := money.ParseDecimal(text); !errors.Is(err, money.ErrRate) {
			t.Errorf("%q: got %s, %v, want ErrRate", text, d, err)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		d, err := money.DecimalOf(rapid.Int64Range(1, 999_999_999_999).Draw(t, "coef"),
			rapid.Int64Range(-24, 1).Draw(t, "exp"))
		if err != nil {
			t.Fatal(err)
		}
		if back, err := money.ParseDecimal(d.String()); err != nil || back != d {
			t.Fatalf("%s read back: %s, %v", d, back, err)
		}
		coef, exp := d.Columns()
		if back, err := money.DecimalOf(coef, exp); err != nil || back != d {
			t.Fatalf("%s from columns: %s, %v", d, back, err)
		}
	})
}

// Goal: the tests for a suspicious rate are exact at their limits. Method: five per cent of 200,
// and of one over it.
func TestNearIsExactAtItsLimit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		d, e          string
		near, inverse bool
	}{
		{"210", "200", true, false},
		{"190", "200", true, false},
		{"210.000000001", "200", false, false},
		{"189.999999999", "200", false, false},
		{"0.005", "200", false, true},
		{"0.00525", "200", false, true},
		{"0.00475", "200", false, true},
		{"0.00525000000001", "200", false, false},
		{"1.02", "1", true, true},
		{"1.1484", "0.8708", false, true},
	} {
		d, e := decimal(t, c.d), decimal(t, c.e)
		if got := d.Near(e, 50_000); got != c.near {
			t.Errorf("%s near %s: got %v", d, e, got)
		}
		if got := d.NearInverse(e, 50_000); got != c.inverse {
			t.Errorf("%s near the inverse of %s: got %v", d, e, got)
		}
	}
	if decimal(t, "2").Cmp(decimal(t, "20")) != -1 || decimal(t, "2").Cmp(decimal(t, "2.0")) != 0 {
		t.Error("Cmp is wrong")
	}
}

// Goal: a rate's columns are checked when they come back. Method: a table.
func TestRateOfRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		coef, exp   int64
		base, quote money.Currency
		want        error
	}{
		{0, 0, "JPY", "CNY", money.ErrRate},
		{-5, 0, "JPY", "CNY", money.ErrRate},
		{1_000_000_000_001, 0, "JPY", "CNY", money.ErrRate},
		{1, 13, "JPY", "CNY", money.ErrRate},
		{1, -25, "JPY", "CNY", money.ErrRate},
		{1, 0, "JPX", "CNY", money.ErrCurrency},
		{1, 0, "JPY", "", money.ErrCurrency},
		{1_000_000_000_000, -12, "JPY", "CNY", nil},
	} {
		if r, err := money.RateOf(c.coef, c.exp, c.base, c.quote); !errors.Is(err, c.want) {
			t.Errorf("%+v: got %v, %v", c, r, err)
		}
	}
}

// Goal: ParseRate never panics, and what it takes reads back. Method: fuzz.
func FuzzParseRate(f *testing.F) {
	for _, s := range []string{"186.75", "0.0427453815261", "N/A", "1e9", "20082.05", "0.000"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := money.ParseRate(s, "EUR", "JPY")
		if err != nil {
			return
		}
		if back, err := money.ParseRate(r.String(), "EUR", "JPY"); err != nil || back != r {
			t.Fatalf("%q gave %s; read back %s, %v", s, r, back, err)
		}
	})
}

// decimal parses a number of a test.
func decimal(t *testing.T, s string) money.Decimal {
	t.Helper()
	d, err := money.ParseDecimal(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// rat returns d as an exact fraction.
func rat(t *rapid.T, d money.Decimal) *big.Rat {
	r, ok := new(big.Rat).SetString(d.String())
	if !ok {
		t.Fatalf("%s is no number", d)
	}
	return r
}
