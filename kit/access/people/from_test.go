package people_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"watari/kit/access/people"
)

// Goal: a request comes from whom the proxy on this machine names last, and nobody else can name
// anybody. Method: a table.
func TestOriginIsWhomTheProxyNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ remote, named, want string }{
		{"203.0.113.9:41000", "", "203.0.113.9"},
		{"203.0.113.9:41000", "198.51.100.1", "203.0.113.9"},
		{"127.0.0.1:41000", "", "127.0.0.1"},
		{"127.0.0.1:41000", "10.1.1.1, 198.51.100.1", "198.51.100.1"},
		{"[::1]:41000", "2001:db8::5", "2001:db8::5"},
		{"127.0.0.1:41000", "127.0.0.1", ""},
		{"127.0.0.1:41000", "nonsense", ""},
		{"[::ffff:203.0.113.9]:1", "", "203.0.113.9"},
		{"@", "", ""},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.remote
		if c.named != "" {
			r.Header.Set("X-Forwarded-For", c.named)
		}
		if got := people.FromRequest(r).Address; got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
}

// Goal: a proxy that names nobody does not let one guesser lock everybody out. Method: guesses at
// many accounts from this machine.
func TestThisMachineIsNotCounted(t *testing.T) {
	t.Parallel()
	each(t, false, func(t *testing.T, o *office) {
		near := people.From{Address: "127.0.0.1", Agent: strings.Repeat("あ\x01", 200)}
		for i := range people.MostWrongOrigin + 5 {
			_, err := o.SignIn(t.Context(), people.Attempt{From: near,
				Email: string(rune('a'+i%26)) + "@x.example", Password: "wrong wrong wrong"})
			o.refused("wrong", err, people.ErrRefused)
		}
	})
}
