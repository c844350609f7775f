package id

import "math/big"

// SourceForTest returns a source of its own, whose times the test chooses.
func SourceForTest() func(now int64) (int64, *big.Int) {
	var s source
	return func(now int64) (int64, *big.Int) {
		ms, hi, lo := s.next(now)
		v := new(big.Int).SetUint64(hi)
		return ms, v.Lsh(v, 64).Or(v, new(big.Int).SetUint64(lo))
	}
}
