package id_test

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"watari/kit/clock"
	"watari/kit/id"
)

var form = regexp.MustCompile(`^[a-z0-9]{3}_[0-9a-hjkmnp-tv-z]{27}$`)

// Goal: an id has the promised form and gives its parts back. Method: limits of shard.
func TestIDCarriesTimeCellAndShard(t *testing.T) {
	t.Parallel()
	for _, shard := range []int{0, 1, 31, 32, 1023, id.MaxShard} {
		before := clock.Now().Truncate(time.Millisecond)

		got := id.New("pay", shard)

		if !form.MatchString(got) || len(got) != id.Len || id.Len != 31 {
			t.Fatalf("form of %q", got)
		}
		if s, ok := id.Shard(got); !ok || s != shard {
			t.Errorf("shard %d, %v, want %d", s, ok, shard)
		}
		if c, ok := id.Cell(got); !ok || c != 1 {
			t.Errorf("cell %d, %v, want 1", c, ok)
		}
		at, ok := id.Time(got)
		if d := at.Sub(before); !ok || d < 0 || d > time.Minute {
			t.Errorf("time %v, made at %v", at, before)
		}
	}
}

// Goal: ids sort in the order of creation, also within a millisecond.
// Method: 50,000 as fast as they come, more than a millisecond holds.
func TestIDsSortInOrderOfCreation(t *testing.T) {
	t.Parallel()
	made := make([]string, 50_000)

	for i := range made {
		made[i] = id.New("pay", 7)
	}

	for i := 1; i < len(made); i++ {
		if made[i-1] >= made[i] {
			t.Fatalf("%d: %s came before %s", i, made[i-1], made[i])
		}
	}
	at, _ := id.Time(made[len(made)-1])
	if ahead := at.Sub(clock.Now()); ahead > time.Second {
		t.Errorf("the ids ran %v ahead of the clock", ahead)
	}
}

// Goal: no two ids are equal. Method: eight goroutines, one set.
func TestIDsOfManyGoroutinesAreUnique(t *testing.T) {
	t.Parallel()
	var wg sync.WaitGroup
	lists := make([][]string, 8)
	for g := range lists {
		wg.Go(func() {
			for range 5_000 {
				lists[g] = append(lists[g], id.New("evt", g))
			}
		})
	}
	wg.Wait()

	all := slices.Concat(lists...)
	slices.Sort(all)
	if n := len(slices.Compact(all)); n != 8*5_000 {
		t.Errorf("%d different ids of %d", n, 8*5_000)
	}
}

// Goal: at least 60 bits are random. Method: one id in each of 4,096 milliseconds of a
// bubble; every bit of the last twelve digits must be set in 40 % to 60 % of them, and
// no two bits may agree always (a repeated or shortened source would show). The first
// digit has five more, used likewise. Not parallel: the bubble sets the clock back, and ids made
// beside it are ordered by the real one.
func TestSixtyRandomBitsAndMore(t *testing.T) {
	const n, digits = 4096, "0123456789abcdefghjkmnpqrstvwxyz"
	set := make([]int, 65)
	columns := make([][]byte, 65)
	synctest.Test(t, func(t *testing.T) {
		for range n {
			time.Sleep(20 * time.Second)
			body := id.New("pay", 0)[18:]
			for i := range 65 {
				v := strings.IndexByte(digits, body[i/5])
				bit := byte(v>>(4-i%5)) & 1
				set[i] += int(bit)
				columns[i] = append(columns[i], bit)
			}
		}
	})

	for i, k := range set {
		if k < n*2/5 || k > n*3/5 {
			t.Errorf("bit %d was set %d times of %d", i, k, n)
		}
		for j := range i {
			if slices.Equal(columns[i], columns[j]) {
				t.Errorf("bits %d and %d are the same", i, j)
			}
		}
	}
}

// Goal: a small step back of the clock does not undo order, a large one is followed.
// Method: the source itself, at chosen times.
func TestStepBackKeepsOrder(t *testing.T) {
	t.Parallel()
	next := id.SourceForTest()

	ms1, v1 := next(1_000_000)
	ms2, v2 := next(999_000)
	ms3, _ := next(500_000)

	if ms1 != 1_000_000 || ms2 != ms1 || v2.Cmp(v1) <= 0 {
		t.Errorf("after a step back: %d %v, then %d %v", ms1, v1, ms2, v2)
	}
	if ms3 != 500_000 {
		t.Errorf("after a large step back: %d", ms3)
	}
}

// Goal: a step of a life has one id. Method: derive twice, other steps, wrong input.
func TestDeriveIsRepeatable(t *testing.T) {
	t.Parallel()
	from := id.New("leg", 9)

	a, b, c := id.Derive("trf", from, 'a'), id.Derive("trf", from, 'a'), id.Derive("trf", from, 'c')

	if a != b || a == c || len(a) != 32 || !strings.HasPrefix(a, "trf_") {
		t.Errorf("derived %s, %s, %s", a, b, c)
	}
	if s, ok := id.Shard(a); !ok || s != 9 {
		t.Errorf("shard of a derived id: %d, %v", s, ok)
	}
	for name, f := range map[string]func(){
		"foreign id": func() { id.Derive("trf", "20261122000000000001", 'a') },
		"derived id": func() { id.Derive("trf", a, 'b') },
		"bad step":   func() { id.Derive("trf", from, '-') },
		"bad prefix": func() { id.New("payment", 0) },
		"bad shard":  func() { id.New("pay", id.MaxShard+1) },
		"bad cell":   func() { id.SetCell(-1) },
	} {
		if !panics(f) {
			t.Errorf("%s: no panic", name)
		}
	}
}

func panics(f func()) (yes bool) {
	defer func() { yes = recover() != nil }()
	f()
	return false
}

// Goal: what is not ours is recognised. Method: foreign ids of every shape.
func TestForeignIDsHaveNoShard(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "pay_", strings.Repeat("a", 31),
		"pay_" + strings.Repeat("u", 27), strings.Repeat("_", 40)} {
		if n, ok := id.Shard(s); ok {
			t.Errorf("shard of %q: %d", s, n)
		}
		if at, ok := id.Time(s); ok {
			t.Errorf("time of %q: %v", s, at)
		}
	}
}

// Goal: secrets have full length. Method: sizes, and that two differ.
func TestSecretHasAllItsBits(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]int{1: 2, 5: 8, 16: 26, 32: 52} {
		a, b := id.Secret(n), id.Secret(n)
		if len(a) != want {
			t.Errorf("%d bytes: %d characters, want %d", n, len(a), want)
		}
		if n > 5 && a == b {
			t.Errorf("two secrets of %d bytes are equal", n)
		}
	}
}

func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		id.New("pay", 1)
	}
}
