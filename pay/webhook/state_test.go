package webhook

import (
	"testing"
	"time"

	"watari/kit/fsm/fsmtest"
)

// Goal: the lives of an endpoint and of a delivery are sound, equal the schema's lists, and are
// drawn. Method: fsmtest.
func TestLivesOfEndpointsAndDeliveries(t *testing.T) {
	t.Parallel()
	fsmtest.Check(t, statuses, Unverified, []Status{"unverified", "active", "disabled"})
	fsmtest.Diagram(t, statuses, "A webhook endpoint", "../../docs/states/webhook-endpoint.md")
	fsmtest.Check(t, deliveries, Waiting, []State{"waiting", "delivered", "given_up"})
	fsmtest.Diagram(t, deliveries, "A webhook delivery", "../../docs/states/webhook-delivery.md")
}

// Goal: what becomes of a message depends on its answer and its age alone. Method: a table of
// answers at the ages at which something changes.
func TestJudgementOfAnAttempt(t *testing.T) {
	t.Parallel()
	queued := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		a    attempt
		age  time.Duration
		step step
		next time.Duration // after the attempt
	}{
		"200":              {attempt{status: 200}, 0, onTaken, 0},
		"299":              {attempt{status: 299}, 100 * time.Hour, onTaken, 0},
		"redirect":         {attempt{status: 308}, 0, onFailure, time.Minute},
		"error":            {attempt{status: 500}, time.Hour, onFailure, time.Minute},
		"silence":          {attempt{}, time.Hour, onFailure, time.Minute},
		"just before":      {attempt{}, TriesFor - time.Second, onFailure, time.Second},
		"three days":       {attempt{}, TriesFor, onEnd, 0},
		"leave me alone":   {attempt{status: 429, retryAfter: time.Hour}, 0, onFailure, time.Hour},
		"for a second":     {attempt{status: 429, retryAfter: 1}, 0, onFailure, time.Minute},
		"for a year":       {attempt{status: 503, retryAfter: 1000 * time.Hour}, 0, onFailure, pauseMax},
		"yes, but go away": {attempt{status: 200, retryAfter: time.Hour}, 0, onTaken, 0},
	} {
		now := queued.Add(c.age)
		v := judge(Delivery{Queued: queued}, c.a, time.Minute, now)
		if v.step != c.step || v.step == onFailure && v.next.Sub(now) != c.next {
			t.Errorf("%s: %+v", name, v)
		}
	}
}

// Goal: pauses grow, the last one stays, and chance moves them by a fifth at most.
func TestPausesGrowAndScatter(t *testing.T) {
	t.Parallel()
	all := Pauses()
	for i, p := range all {
		if pauseAfter(all, int64(i+1)) != p || i > 0 && p <= all[i-1] {
			t.Errorf("pause %d is %s", i+1, p)
		}
	}
	if pauseAfter(all, 1000) != all[len(all)-1] {
		t.Error("the last pause does not stay")
	}
	low, high := time.Hour, time.Duration(0)
	for range 1000 {
		p := scatter(100 * time.Second)
		low, high = min(low, p), max(high, p)
	}
	if low < 80*time.Second || low > 90*time.Second || high < 110*time.Second ||
		high > 120*time.Second {
		t.Errorf("100 s became %s to %s", low, high)
	}
}

// Goal: only addresses that may be called are taken. Method: a list of each kind, with and without
// leave for our own network.
func TestAddressesOfEndpoints(t *testing.T) {
	t.Parallel()
	for _, u := range []string{"https://shop.example", "https://shop.example:8443/hooks?a=1",
		"https://203.0.113.7/hook", "https://[2001:4860:4860::8888]/", "https://xn--n8j.example/"} {
		if why := wrongURL(u, false); why != "" {
			t.Errorf("%s: %s", u, why)
		}
	}
	for _, u := range []string{"", "shop.example", "http://shop.example", "ftp://shop.example",
		"https://", "https:///x", "https://user:pw@shop.example", "https://shop.example/#x",
		"https://127.0.0.1/", "https://[::1]/", "https://[::ffff:10.0.0.1]/",
		"https://[64:ff9b::7f00:1]/", "https://169.254.169.254/latest", "https://10.0.0.1:8443",
		"https://shop.example/a b", "https://shop.example\\@evil.example/",
		"javascript:alert(1)", "https://shop.example/\x00", "https://sh\nop.example",
		"https://shop.example/" + string(make([]byte, 600))} {
		if wrongURL(u, false) == "" {
			t.Errorf("%q is taken", u)
		}
	}
	for _, u := range []string{"http://127.0.0.1:9000/hook", "https://10.0.0.1/"} {
		if why := wrongURL(u, true); why != "" {
			t.Errorf("%s with leave: %s", u, why)
		}
	}
}

// Goal: an echo is an object with the challenge, or the challenge alone.
func TestEchoes(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]bool{`{"challenge":"abc"}`: true, "abc\n": true,
		` {"ok":true, "challenge": "abc"} `: true, "": false, "{}": false, "abcd": false,
		`{"challenge":"abd"}`: false, `["abc"]`: false, `"abc"`: false} {
		if echoes(body, "abc") != want {
			t.Errorf("%q: %v", body, !want)
		}
	}
}
