package id

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"math/bits"
	"sync"
	"sync/atomic"
	"time"

	"watari/kit/clock"
)

// Sizes of an id and of its parts, in characters.
const (
	// Len is the length of every id that New makes.
	Len = prefixLen + 1 + timeLen + cellLen + shardLen + randLen
	// DerivedLen is the length of every id that Derive makes.
	DerivedLen = Len + 1

	prefixLen = 3
	timeLen   = 9
	cellLen   = 2
	shardLen  = 3
	randLen   = 13

	timeAt  = prefixLen + 1
	cellAt  = timeAt + timeLen
	shardAt = cellAt + cellLen
	randAt  = shardAt + shardLen
)

// Largest numbers that fit into an id.
const (
	// MaxCell is the largest cell.
	MaxCell = 1<<(5*cellLen) - 1
	// MaxShard is the largest shard.
	MaxShard = 1<<(5*shardLen) - 1
)

// stepBits is the size of the random step between two ids of one millisecond: small
// enough for two thousand of them, large enough that none can be guessed from another.
const stepBits = 54

// maxStepBack is how far the wall clock may step back before ids follow it. Below that
// they keep the later time, so that a correction by a time server does not undo order.
const maxStepBack = 10_000

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"

// values is the inverse of alphabet, 0xff for what is no digit.
var values = func() (v [256]byte) {
	for i := range v {
		v[i] = 0xff
	}
	for i := range len(alphabet) {
		v[alphabet[i]] = byte(i)
	}
	return v
}()

// cell is what SetCell set, plus one, so that zero means the default.
var cell atomic.Int64

// source holds the last id of the process: time and 65 bits (hi is the top bit).
type source struct {
	mu     sync.Mutex
	ms     int64
	hi, lo uint64
}

// last orders the ids of the process.
var last source

// SetCell sets the number of this installation, 0 to MaxCell, for all later ids. The
// application calls it once at start; without it the cell is 1.
func SetCell(n int) {
	if n < 0 || n > MaxCell {
		panic(fmt.Sprintf("id: cell %d is not in 0..%d", n, MaxCell))
	}
	cell.Store(int64(n) + 1)
}

// New makes an id. prefix is three lower-case letters or digits, shard is the number of
// the acquirer, 0 to MaxShard (0: none); anything else panics.
func New(prefix string, shard int) string {
	if len(prefix) != prefixLen || shard < 0 || shard > MaxShard {
		panic(fmt.Sprintf("id: prefix %q, shard %d", prefix, shard))
	}
	ms, hi, lo := last.next(clock.Now().UnixMilli())
	c := cell.Load()
	if c == 0 {
		c = 2
	}

	var b [Len]byte
	copy(b[:], prefix)
	b[prefixLen] = '_'
	put(b[timeAt:cellAt], uint64(ms))
	put(b[cellAt:shardAt], uint64(c-1))
	put(b[shardAt:randAt], uint64(shard))
	// 65 bits: the first digit takes the top five, the other twelve the low sixty.
	b[randAt] = alphabet[hi<<4|lo>>60]
	put(b[randAt+1:], lo)
	return string(b[:])
}

// next returns the time and the random part of the next id.
func (s *source) next(now int64) (ms int64, hi, lo uint64) {
	var r [16]byte
	rand.Read(r[:])
	x, top := binary.LittleEndian.Uint64(r[:8]), uint64(r[8]&1)

	s.mu.Lock()
	defer s.mu.Unlock()
	if now > s.ms || now < s.ms-maxStepBack {
		s.ms, s.hi, s.lo = now, top, x
		return s.ms, s.hi, s.lo
	}
	var carry uint64
	s.lo, carry = bits.Add64(s.lo, x>>(64-stepBits)+1, 0)
	s.hi += carry
	if s.hi > 1 { // the millisecond is used up: borrow from the next
		s.ms, s.hi, s.lo = s.ms+1, 0, x
	}
	return s.ms, s.hi, s.lo
}

// put writes the low 5*len(dst) bits of v, the most significant digit first.
func put(dst []byte, v uint64) {
	for i := len(dst) - 1; i >= 0; i-- {
		dst[i] = alphabet[v&31]
		v >>= 5
	}
}

// get reads digits; false when one is not in the alphabet.
func get(s string) (v uint64, ok bool) {
	for i := range len(s) {
		d := values[s[i]]
		if d == 0xff {
			return 0, false
		}
		v = v<<5 | uint64(d)
	}
	return v, true
}

// Shard returns the shard of an id of New or Derive; false for anything else.
func Shard(id string) (int, bool) {
	if !formed(id) {
		return 0, false
	}
	v, ok := get(id[shardAt:randAt])
	return int(v), ok
}

// Cell returns the cell of an id of New or Derive; false for anything else.
func Cell(id string) (int, bool) {
	if !formed(id) {
		return 0, false
	}
	v, ok := get(id[cellAt:shardAt])
	return int(v), ok
}

// Time returns when an id of New (or the id under a derived one) was made, to the
// millisecond; false for anything else.
func Time(id string) (time.Time, bool) {
	if !formed(id) {
		return time.Time{}, false
	}
	v, ok := get(id[timeAt:cellAt])
	return time.UnixMilli(int64(v)).UTC(), ok
}

func formed(id string) bool {
	return (len(id) == Len || len(id) == DerivedLen) && id[prefixLen] == '_'
}

// Derive makes the one id that belongs to a step in the life of another: doing the step
// twice gives the same id, so that a unique key recognises the second. from must be an
// id of New, step a lower-case letter or a digit; anything else panics.
func Derive(prefix, from string, step byte) string {
	ok := len(prefix) == prefixLen && len(from) == Len && from[prefixLen] == '_' &&
		(step >= 'a' && step <= 'z' || step >= '0' && step <= '9')
	if !ok {
		panic(fmt.Sprintf("id: derive %q from %q by step %q", prefix, from, step))
	}
	var b [DerivedLen]byte
	copy(b[:], prefix)
	copy(b[prefixLen:], from[prefixLen:])
	b[Len] = step
	return string(b[:])
}

// Secret returns nBytes random bytes in base 32: ceil(8*nBytes/5) characters, 52 for 32
// bytes. nBytes must be at least 1.
func Secret(nBytes int) string {
	if nBytes < 1 {
		panic(fmt.Sprintf("id: secret of %d bytes", nBytes))
	}
	raw := make([]byte, nBytes)
	rand.Read(raw)
	out := make([]byte, 0, (8*nBytes+4)/5)
	var acc, held uint
	for _, c := range raw {
		acc, held = acc<<8|uint(c), held+8
		for held >= 5 {
			held -= 5
			out = append(out, alphabet[acc>>held&31])
		}
	}
	if held > 0 {
		out = append(out, alphabet[acc<<(5-held)&31])
	}
	return string(out)
}
