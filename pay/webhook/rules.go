package webhook

import (
	"crypto/rand"
	"encoding/base64"
	mathrand "math/rand/v2"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"watari/kit/fault"
	"watari/kit/outbound"
)

// Times of deliveries.
const (
	// TriesFor is how long a message is tried.
	TriesFor = 72 * time.Hour
	// SilentFor is after how long without a message taken an endpoint is disabled.
	SilentFor = 7 * 24 * time.Hour
	// AttemptMax is how long an endpoint has to answer.
	AttemptMax = 15 * time.Second
	// OldSecretFor is how long the secret before a rotation signs as well.
	OldSecretFor = 24 * time.Hour
	// KeptFor is how long a delivery can be looked at and sent again.
	KeptFor = 30 * 24 * time.Hour
	// ExcerptMax is how much of an answer's body is kept, in bytes.
	ExcerptMax = 1 << 10
)

// slowAfter is the time of an answer after which an endpoint counts as slow.
const slowAfter = 2 * time.Second

// Pauses returns how long is waited after the first, second, … failure in a row. The last one
// stays. A fifth more or less is left to chance.
func Pauses() []time.Duration {
	return []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute,
		30 * time.Minute, time.Hour, 2 * time.Hour}
}

// pauseAfter returns the pause after so many failures in a row (at least 1).
func pauseAfter(pauses []time.Duration, fails int64) time.Duration {
	return pauses[min(fails, int64(len(pauses)))-1]
}

// scatter moves a pause by up to a fifth, so that what failed together is not tried together.
func scatter(pause time.Duration) time.Duration {
	fifth := int64(pause / 5)
	return pause + time.Duration(mathrand.Int64N(2*fifth+1)-fifth)
}

// verdict is what becomes of a delivery and of its endpoint's queue after an attempt.
type verdict struct {
	step step
	next time.Time // when it is tried again; with onFailure
}

// judge says what becomes of a delivery after an attempt. fails counts this attempt when it
// failed; pause is what is waited then.
func judge(d Delivery, a attempt, pause time.Duration, now time.Time) verdict {
	if a.took2xx() {
		return verdict{step: onTaken}
	}
	end := d.Queued.Add(TriesFor)
	if !now.Before(end) {
		return verdict{step: onEnd}
	}
	next := now.Add(max(pause, min(a.retryAfter, pauseMax)))
	if next.After(end) {
		next = end // the last attempt
	}
	return verdict{step: onFailure, next: next}
}

// pauseMax is the longest time that an endpoint may ask to be left alone.
const pauseMax = 2 * time.Hour

// Secrets, as the specification has them: 24 to 64 random bytes in Base64 behind a prefix.
const (
	secretPrefix = "whsec_"
	secretBytes  = 32
	secretEnd    = 4
)

func newSecret() string {
	key := make([]byte, secretBytes)
	rand.Read(key)
	return secretPrefix + base64.StdEncoding.EncodeToString(key)
}

// endOf is what people compare a secret by.
func endOf(secret string) string { return secret[len(secret)-secretEnd:] }

// clean checks terms and puts them into their one form. plain allows http and addresses of our own
// network (W7). Errors: ErrInvalid.
func (t *Terms) clean(o Owner, plain bool) error {
	e := ErrInvalid.Newf("the endpoint cannot be like this")
	if why := wrongURL(t.URL, plain); why != "" {
		e.At("/url", why)
	}
	t.Description = strings.TrimSpace(t.Description)
	if len(t.Description) > DescriptionMax || !plainText(t.Description) {
		e.At("/description", "must be at most 200 bytes of plain text")
	}
	t.checkKinds(o, e)
	if len(e.Fields) > 0 {
		return e
	}
	return nil
}

func (t *Terms) checkKinds(o Owner, e *fault.Error) {
	known := Kinds(o)
	for _, k := range t.Kinds {
		if !slices.ContainsFunc(known, func(one Kind) bool { return one.Name == k }) {
			e.At("/kinds", "must be names of event kinds that you may get")
			return
		}
	}
	t.Kinds = slices.Compact(slices.Sorted(slices.Values(t.Kinds)))
}

func plainText(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r < 0x20 })
}

// wrongURL says what is wrong with an address; "" when it may be called. Where a name leads is
// looked at only when it is dialled.
func wrongURL(address string, plain bool) string {
	u, err := url.Parse(address)
	switch {
	case len(address) > URLMax || err != nil || !plainText(address):
		return "must be an https address of at most 500 bytes"
	case u.Scheme != "https" && (u.Scheme != "http" || !plain):
		return "must begin with https://"
	case u.Hostname() == "" || strings.ContainsAny(address, " \\"):
		return "must name a host"
	case u.User != nil:
		return "must not hold a name or password"
	case u.Fragment != "" || strings.Contains(address, "#"):
		return "must not have a part after #"
	}
	ip, err := netip.ParseAddr(u.Hostname())
	if err == nil && !plain && !outbound.Public(ip) {
		return "must be on the public internet"
	}
	return ""
}
