package operator

import (
	"sync"
	"time"
)

// How long figures that a page asks for again and again are shared by all who look at it.
const (
	minutesKept = 5 * time.Second  // of the last hour
	dayKept     = 20 * time.Second // of today
	monthKept   = time.Minute
)

// kept remembers one answer for a while: what adds up thousands of payments is added up once,
// however many look at a page that renews itself.
type kept[T any] struct {
	mu    sync.Mutex
	key   string
	at    time.Time
	value T
}

// get returns what was read last under the key when that is younger than life, and reads it anew
// otherwise: one reads, the others wait for it.
func (k *kept[T]) get(
	now time.Time, key string, life time.Duration, read func() (T, error),
) (T, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if age := now.Sub(k.at); k.key == key && age >= 0 && age < life {
		return k.value, nil
	}
	value, err := read()
	if err == nil {
		k.key, k.at, k.value = key, now, value
	}
	return value, err
}
