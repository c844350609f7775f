package money_test

import (
	"errors"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"watari/kit/money"
)

// Goal: fees are rounded as asked. Method: a table by hand.
//
//	JPY 1,980 × 32,500 ppm = 64.35; JPY 2,000 × 31,250 ppm = 62.5; JPY 6,000 × 1,250 ppm = 7.5
func TestTimesModes(t *testing.T) {
	t.Parallel()
	modes := [4]money.Mode{money.HalfEven, money.HalfUp, money.Up, money.Down}
	for _, c := range []struct {
		minor int64
		ppm   money.PPM
		want  [4]int64
	}{
		{1980, 32_500, [4]int64{64, 64, 65, 64}},
		{2000, 31_250, [4]int64{62, 63, 63, 62}},
		{6000, 1_250, [4]int64{8, 8, 8, 7}},
		{1980, 0, [4]int64{0, 0, 0, 0}},
		{money.MinorMax, money.Whole, [4]int64{money.MinorMax, money.MinorMax, money.MinorMax,
			money.MinorMax}},
	} {
		for i, m := range modes {
			got, err := money.MustNew(c.minor, "JPY").Times(c.ppm, m)
			if err != nil || got.Minor() != c.want[i] {
				t.Errorf("%d × %d ppm, mode %d: got %v, %v, want %d",
					c.minor, c.ppm, m, got, err, c.want[i])
			}
		}
	}
	if _, err := money.MustNew(money.MinorMax, "JPY").Times(money.Whole+1, money.Down); !errors.Is(
		err, money.ErrRange) {
		t.Errorf("over the range: got %v", err)
	}
	panics(t, "a negative share", func() { _, _ = money.MustNew(1, "JPY").Times(-1, money.Down) })
}

// Goal: Share is exact at any size, and symmetric about zero. Method: edges, then a property
// against math/big.
func TestShareIsExact(t *testing.T) {
	t.Parallel()
	if got := money.Share(8464, 660, 1980, money.HalfUp); got != 2821 {
		t.Errorf("a third of 84.64: got %d, want 2821", got)
	}
	if got := money.Share(1<<62, 1<<62, 1<<62, money.Down); got != 1<<62 {
		t.Errorf("the whole of a large number: got %d", got)
	}
	panics(t, "no whole", func() { money.Share(1, 1, 0, money.Down) })
	panics(t, "out of range", func() { money.Share(1<<62, 4, 1, money.Down) })

	rapid.Check(t, func(t *rapid.T) {
		total := rapid.Int64Range(0, money.MinorMax).Draw(t, "total")
		whole := rapid.Int64Range(1, money.MinorMax).Draw(t, "whole")
		part := rapid.Int64Range(0, whole).Draw(t, "part")
		mode := rapid.SampledFrom([]money.Mode{money.HalfEven, money.HalfUp, money.Up,
			money.Down}).Draw(t, "mode")

		got := money.Share(total, part, whole, mode)

		product := new(big.Int).Mul(big.NewInt(total), big.NewInt(part))
		q, rest := new(big.Int).QuoRem(product, big.NewInt(whole), new(big.Int))
		side := rest.Lsh(rest, 1).Cmp(big.NewInt(whole))
		want := q.Int64()
		if mode == money.Up && rest.Sign() > 0 || mode == money.HalfUp && side >= 0 ||
			mode == money.HalfEven && (side > 0 || side == 0 && want%2 == 1) {
			want++
		}
		if got != want {
			t.Fatalf("%d × %d ÷ %d, mode %d: got %d, want %d", total, part, whole, mode, got, want)
		}
		if minus := money.Share(-total, part, whole, mode); minus != -want {
			t.Fatalf("of minus %d: got %d, want %d", total, minus, -want)
		}
	})
}

// Goal: the parts sum to the whole (M4), and each is within one of its exact share. Method:
// known cases, then a property.
func TestSplitLosesNothing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		total   int64
		weights []int64
		want    []int64
	}{
		{1250, []int64{1, 1, 1}, []int64{417, 417, 416}},
		{0, []int64{1, 2}, []int64{0, 0}},
		{5, []int64{0, 1}, []int64{0, 5}},
		{100, []int64{1, 2, 4}, []int64{14, 29, 57}},
		{1, []int64{1, 1, 1}, []int64{1, 0, 0}},
		{7, []int64{3}, []int64{7}},
	} {
		if got := money.Split(c.total, c.weights); !slices.Equal(got, c.want) {
			t.Errorf("Split(%d, %v): got %v, want %v", c.total, c.weights, got, c.want)
		}
	}
	panics(t, "no weights", func() { money.Split(1, nil) })
	panics(t, "zero weights", func() { money.Split(1, []int64{0, 0}) })
	panics(t, "a negative weight", func() { money.Split(1, []int64{2, -1}) })
	panics(t, "a negative total", func() { money.Split(-1, []int64{1}) })
	panics(t, "weights out of range", func() { money.Split(1, []int64{1 << 62, 1 << 62}) })

	rapid.Check(t, func(t *rapid.T) {
		total := rapid.Int64Range(0, money.MinorMax).Draw(t, "total")
		weights := rapid.SliceOfN(rapid.Int64Range(0, 1<<50), 1, 40).Draw(t, "weights")
		weights[0]++
		var whole int64
		for _, w := range weights {
			whole += w
		}

		parts := money.Split(total, weights)

		var sum int64
		for i, part := range parts {
			sum += part
			low, high := money.Share(total, weights[i], whole, money.Down),
				money.Share(total, weights[i], whole, money.Up)
			if part < low || part > high {
				t.Fatalf("part %d of %d by %v is %d, not %d or %d",
					i, total, weights, part, low, high)
			}
		}
		if sum != total {
			t.Fatalf("Split(%d, %v) sums to %d", total, weights, sum)
		}
	})
}

// Goal: the cumulative rule returns everything at the end, however the refunds are cut. Method:
// 1,980 refunds of JPY 1 against CNY 84.64.
func TestCumulativeSharesReturnTheTotal(t *testing.T) {
	t.Parallel()
	const total, paid = 8464, 1980
	var returned int64
	for n := int64(1); n <= paid; n++ {
		step := money.Share(total, n, paid, money.HalfUp) - returned
		if step < 0 {
			t.Fatalf("refund %d gives %d", n, step)
		}
		returned += step
	}
	if returned != total {
		t.Errorf("returned %d of %d", returned, total)
	}
}
