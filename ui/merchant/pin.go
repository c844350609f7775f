package merchant

import (
	"sync"
	"time"

	"watari/pay/party"
)

// Wrong PINs: after pinTries of them within pinWindow a store waits until the oldest is that old.
const (
	pinTries  = 5
	pinWindow = 10 * time.Minute
)

// attempts counts wrong PINs by store, in this process. It also lets one check run at a time: a
// check is made to be slow, and a flood of them must not take every processor.
type attempts struct {
	mu    sync.Mutex
	wrong map[int64][]time.Time
	check sync.Mutex
}

// paused tells whether the store must wait.
func (a *attempts) paused(store int64, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.recent(store, now)) >= pinTries
}

// recent forgets what is too old. The caller holds mu.
func (a *attempts) recent(store int64, now time.Time) []time.Time {
	list := a.wrong[store]
	for len(list) > 0 && now.Sub(list[0]) >= pinWindow {
		list = list[1:]
	}
	if len(list) == 0 {
		delete(a.wrong, store)
		return nil
	}
	a.wrong[store] = list
	return list
}

// try checks a PIN and keeps count. A store that must wait gets no check, and no PIN is good.
func (a *attempts) try(store party.Store, pin string, now time.Time) bool {
	a.check.Lock()
	defer a.check.Unlock()
	if a.paused(store.No, now) {
		return false
	}
	good := store.CheckPIN(pin)
	a.mu.Lock()
	defer a.mu.Unlock()
	if good {
		delete(a.wrong, store.No)
		return true
	}
	if a.wrong == nil {
		a.wrong = map[int64][]time.Time{}
	}
	a.wrong[store.No] = append(a.recent(store.No, now), now)
	return false
}
