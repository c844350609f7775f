package limit_test

import (
	"net/netip"
	"testing"
	"time"

	"watari/kit/clock"
	"watari/kit/limit"
)

// Goal: who asks is found behind a proxy, and nobody gets more room by naming somebody. Method:
// connections and headers.
func TestCallerIsWhoTheProxyNamesLast(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		remote, forwarded, want string
	}{
		{"203.0.113.7:1", "", "203.0.113.7"},
		{"203.0.113.7:1", "198.51.100.1", "203.0.113.7"},
		{"127.0.0.1:1", "", "127.0.0.1"},
		{"127.0.0.1:1", "10.0.0.1, 198.51.100.1", "198.51.100.1"},
		{"127.0.0.1:1", "127.0.0.1", "::"},
		{"127.0.0.1:1", "unknown", "::"},
		{"[::1]:1", "2001:db8::1", "2001:db8::1"},
		{"[::ffff:203.0.113.7]:1", "", "203.0.113.7"},
		{"@", "", "::"},
	} {
		var headers []string
		if c.forwarded != "" {
			headers = []string{c.forwarded}
		}
		if got := limit.Caller(c.remote, headers); got != netip.MustParseAddr(c.want) {
			t.Errorf("%+v: got %s", c, got)
		}
	}
}

// Goal: a limit lets a minute's worth through, then as much as time gives back, and counts a
// subscriber's whole IPv6 network as one. Method: one limiter and its own clock.
func TestLimitGivesBackWithTime(t *testing.T) {
	t.Parallel()
	l, now := limit.New(60), clock.Now()
	let := func(from string, times int) (n int) {
		for range times {
			if _, ok := l.Allow(netip.MustParseAddr(from), now); ok {
				n++
			}
		}
		return n
	}
	if n := let("203.0.113.7", 100); n != 60 {
		t.Errorf("%d at once, want 60", n)
	}
	now = now.Add(10 * time.Second)
	if n := let("203.0.113.7", 100); n != 10 {
		t.Errorf("%d after ten seconds, want 10", n)
	}
	if n := let("2001:db8::1", 40) + let("2001:db8::2", 40); n != 60 {
		t.Errorf("%d of one network, want 60", n)
	}
	if n := let("127.0.0.1", 7000); n != 60*limit.OwnFold {
		t.Errorf("%d of this machine, want %d", n, 60*limit.OwnFold)
	}
}

// Goal: one address never has all seats, a seat given back is free once, and this machine may have
// every one. Method: two strangers and this machine at four seats.
func TestSeatsAreShared(t *testing.T) {
	t.Parallel()
	s := limit.NewSeats(4, 2)
	take := func(from string) (func(), bool) { return s.Take(netip.MustParseAddr(from)) }
	leave, ok := take("2001:db8::1")
	if _, also := take("2001:db8::2"); !ok || !also {
		t.Fatal("a stranger has no two seats")
	}
	if _, ok := take("2001:db8::3"); ok {
		t.Error("a network has three seats")
	}
	leave()
	leave()
	if _, ok := take("2001:db8::3"); !ok {
		t.Error("a seat that was given back is not free")
	}
	if _, ok := take("2001:db8::4"); ok {
		t.Error("a seat that was given back twice is free twice")
	}
	for range 2 {
		if _, ok := take("127.0.0.1"); !ok {
			t.Error("this machine has no seat")
		}
	}
	if _, ok := take("203.0.113.7"); ok {
		t.Error("there are five seats")
	}
}
