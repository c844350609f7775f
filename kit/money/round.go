package money

import (
	"math/bits"
	"slices"

	"watari/kit/check"
)

// Mode says how a fraction of a minor unit is rounded. The zero value is no mode and panics.
type Mode int

// The rounding modes. All but HalfEven look at the size of a number and not at its sign.
const (
	// HalfEven rounds to the nearest; a half goes to the even neighbour.
	HalfEven Mode = iota + 1
	// HalfUp rounds to the nearest; a half goes away from zero.
	HalfUp
	// Up rounds away from zero.
	Up
	// Down rounds towards zero.
	Down
)

// PPM is a share in parts per million: 25,000 is 2.5 per cent. Pages show it as per cent.
type PPM int64

// Whole is all of it.
const Whole PPM = 1_000_000

// Times returns the share p of a, rounded once (M3). It panics when p is negative.
//
// Errors: ErrRange.
func (a Amount) Times(p PPM, m Mode) (Amount, error) {
	if p < 0 || !a.Valid() {
		check.That(false, "money: %s times %d ppm", a, p)
	}
	hi, lo := bits.Mul64(uint64(a.minor), uint64(p))
	n, ok := divide(hi, lo, uint64(Whole), false, m)
	if !ok || n > MinorMax {
		return Amount{}, ErrRange.Newf("%s times %d ppm is over the largest amount", a, p)
	}
	return New(int64(n), a.currency)
}

// Share returns total × part ÷ whole, computed in 128 bits and rounded once (M3). Signs are taken
// off first and put back after, so a mode treats -5 as it treats 5. Share(t, w, w) is t (M4).
//
// It panics when whole is zero and when the result leaves int64: callers keep part within whole.
func Share(total, part, whole int64, m Mode) int64 {
	hi, lo := bits.Mul64(size(total), size(part))
	n, ok := divide(hi, lo, size(whole), false, m)
	if !ok || n > 1<<63-1 {
		check.That(false, "money: %d × %d ÷ %d leaves the range", total, part, whole)
	}
	if (total < 0) != (part < 0) != (whole < 0) {
		return -int64(n)
	}
	return int64(n)
}

// Split cuts total into parts in proportion to the weights. The parts sum to the total (M4): each
// gets its share rounded down, and what is left goes, one minor unit each, to the parts whose
// fractions were largest, the earlier part first when two are equal.
//
// It panics unless total and the weights are at least zero and the weights sum to a positive
// int64.
func Split(total int64, weights []int64) []int64 {
	var sum int64
	for _, w := range weights {
		if w < 0 || sum+w < 0 {
			check.That(false, "money: cannot split by weights %v", weights)
		}
		sum += w
	}
	if total < 0 || sum == 0 {
		check.That(false, "money: cannot split %d by weights %v", total, weights)
	}

	parts := make([]int64, len(weights))
	rests := make([]uint64, len(weights))
	order := make([]int, len(weights))
	left := total
	for i, w := range weights {
		hi, lo := bits.Mul64(uint64(total), uint64(w))
		q, rest := bits.Div64(hi, lo, uint64(sum))
		parts[i], rests[i], order[i] = int64(q), rest, i
		left -= int64(q)
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch {
		case rests[i] > rests[j]:
			return -1
		case rests[i] < rests[j]:
			return 1
		}
		return 0
	})
	for _, i := range order[:left] {
		parts[i]++
	}
	return parts
}

// divide returns hi:lo ÷ d rounded by m. More says that something below the last place of hi:lo
// was cut off before, which is right for an even d only. It returns false when d is zero or the
// result leaves 64 bits.
func divide(hi, lo, d uint64, more bool, m Mode) (uint64, bool) {
	if hi >= d {
		return 0, false
	}
	q, rest := bits.Div64(hi, lo, d)
	if !roundsUp(q, rest, d, more, m) {
		return q, true
	}
	return q + 1, q+1 != 0
}

// roundsUp tells whether the quotient q with the given rest over d goes up to q + 1.
func roundsUp(q, rest, d uint64, more bool, m Mode) bool {
	// Compare twice the rest with d without leaving 64 bits.
	below, half := rest < d-rest, rest == d-rest && !more
	switch m {
	case HalfEven:
		return !below && (!half || q%2 == 1)
	case HalfUp:
		return !below
	case Up:
		return rest > 0 || more
	case Down:
		return false
	}
	check.That(false, "money: %d is no rounding mode", int(m))
	return false
}

// size is the absolute value of n; it is right for the smallest int64 too.
func size(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}
