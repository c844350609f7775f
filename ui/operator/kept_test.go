package operator

import (
	"errors"
	"testing"
	"time"

	"watari/kit/clock"
	"watari/pay/link/guard"
	"watari/pay/party"
	"watari/pay/report"
	"watari/pay/watch"
)

// Goal: figures of a page that renews itself are added up once for all who look, and again when
// they are old, of another day, or could not be read. Method: readings that are counted.
func TestFiguresAreSharedForAWhile(t *testing.T) {
	t.Parallel()
	var k kept[int]
	now, reads, bad := clock.Now(), 0, error(nil)
	get := func(at time.Time, key string) (int, error) {
		return k.get(at, key, time.Second, func() (int, error) {
			reads++
			return reads, bad
		})
	}
	for _, c := range []struct {
		at   time.Time
		key  string
		want int
	}{{now, "a", 1}, {now.Add(999 * time.Millisecond), "a", 1}, {now.Add(time.Second), "a", 2},
		{now.Add(time.Second), "b", 3}, {now, "b", 4}} {
		if got, err := get(c.at, c.key); err != nil || got != c.want {
			t.Errorf("at %s, %s: %d, %v, want %d", c.at, c.key, got, err, c.want)
		}
	}
	bad = errors.New("the database is away")
	if _, err := get(now, "c"); err == nil {
		t.Error("nobody hears that it could not be read")
	}
	if bad = nil; true {
		if got, err := get(now, "c"); err != nil || got != 6 {
			t.Errorf("after an error: %d, %v", got, err)
		}
	}
}

// Goal: the line of the day ends now: hours that have not come are not hours without sales. Method:
// the line at ten in the morning, at midnight and before it.
func TestTheLineOfTheDayEndsNow(t *testing.T) {
	t.Parallel()
	var hours [24]report.Takings
	for h := range hours {
		hours[h].SoldMinor = int64(h)
	}
	for h, want := range map[int]int{10: 11, 0: 1, 23: 24} {
		at := time.Date(2026, 11, 23, h, 59, 59, 0, clock.JST)
		if got := sold(hours, at); len(got) != want || got[len(got)-1] != int64(h) {
			t.Errorf("at %d:59 the line has %d hours: %v", h, len(got), got)
		}
	}
}

// Goal: a wallet is called well only when something proves it. Method: few calls, with an answer
// and without one.
func TestAWalletThatOnlyWasSilentIsNotWell(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		asks guard.Counts
		want string
	}{{guard.Counts{}, "idle"}, {guard.Counts{Silent: 2}, "failing"},
		{guard.Counts{Yes: 1}, "well"}, {guard.Counts{Yes: 4, Silent: 1}, "failing"},
		{guard.Counts{Silent: 5}, "down"}} {
		w := walletLine{Now: watch.Health{Asks: c.asks, Minutes: 5}}
		w.Issuer.Status = party.Open
		if got, _ := w.condition(); got != c.want {
			t.Errorf("%+v: %s, want %s", c.asks, got, c.want)
		}
	}
}

// Goal: nobody is told that nothing watches where there is nothing to watch. Method: no wallet, one
// that is closed, one without a row, one with a row.
func TestNoWalletIsWatchedWithoutAny(t *testing.T) {
	t.Parallel()
	line := func(s party.Status, minutes int64) walletLine {
		w := walletLine{Now: watch.Health{Minutes: minutes}}
		w.Issuer.Status = s
		return w
	}
	for _, c := range []struct {
		list []walletLine
		want bool
	}{{nil, true}, {[]walletLine{line(party.Closed, 0)}, true},
		{[]walletLine{line(party.Open, 0)}, false},
		{[]walletLine{line(party.Open, 0), line(party.Suspended, 1)}, true}} {
		if got := watched(c.list); got != c.want {
			t.Errorf("%+v: %v", c.list, got)
		}
	}
}
