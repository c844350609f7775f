package checkout

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"watari/kit/clock"
	"watari/kit/i18n"
	"watari/kit/i18n/i18ntest"
	"watari/pay/link"
)

func catalogue(t *testing.T) *i18n.Catalogue {
	t.Helper()
	c, err := i18n.Load(langFiles, "lang/*.json")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Goal: the pages speak five languages. Method: every file has the same keys and placeholders, and
// has the keys that Go puts together.
func TestTextsAreComplete(t *testing.T) {
	t.Parallel()
	c := catalogue(t)
	i18ntest.Complete(t, c)
	keys := []string{"amount.missing", "amount.zero", "amount.negative", "amount.fraction",
		"amount.not_number", "amount.too_long", "refused.other", "end.paid", "end.reserved",
		"end.reserved.why", "end.already", "end.already.why", "end.refunded", "end.declined",
		"end.expired", "end.nothing", "end.ask_shop", "end.cancelled", "end.cancelled.why"}
	for _, group := range refusals {
		keys = append(keys, "refused."+group)
	}
	for _, key := range keys {
		if !slices.Contains(c.Keys(i18n.English), key) {
			t.Errorf("no text %q", key)
		}
	}
}

// Goal: a payer is told every reason in words. Method: the text of each in five languages.
func TestEveryReasonHasWords(t *testing.T) {
	t.Parallel()
	c := catalogue(t)
	for _, lang := range i18n.Langs() {
		v := view{Texts: c.For(lang)}
		for _, r := range []link.Reason{link.ReasonBalance, link.ReasonLimitAmount,
			link.ReasonLimitTotal, link.ReasonLimitCount, link.ReasonCodeInvalid,
			link.ReasonCodeExpired, link.ReasonUserBlocked, link.ReasonUserUnknown,
			link.ReasonVerification, link.ReasonRisk, link.ReasonRegulation,
			link.ReasonMerchant, link.ReasonClosed, link.ReasonConfiguration,
			link.ReasonWindow, link.ReasonAmount, link.ReasonUnavailable} {
			if why := v.reason(r); why == v.reason(link.ReasonOther) ||
				strings.Contains(why, "reason.") {
				t.Errorf("%s: %s reads %q", lang, r, why)
			}
		}
		if v.reason("of tomorrow") != v.reason(link.ReasonOther) {
			t.Errorf("%s: an unknown reason has words of its own", lang)
		}
	}
}

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
		if got := caller(c.remote, headers); got != netip.MustParseAddr(c.want) {
			t.Errorf("%+v: got %s", c, got)
		}
	}
}

// Goal: a limit lets a minute's worth through, then as much as time gives back, and counts a
// subscriber's whole IPv6 network as one. Method: one limiter and its own clock.
func TestLimitGivesBackWithTime(t *testing.T) {
	t.Parallel()
	l, now := newLimiter(60), clock.Now()
	let := func(from string, times int) (n int) {
		for range times {
			if _, ok := l.allow(netip.MustParseAddr(from), now); ok {
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
	if n := let("127.0.0.1", 7000); n != 60*ownFold {
		t.Errorf("%d of this machine, want %d", n, 60*ownFold)
	}
}
