package call_test

import (
	"testing"

	"watari/connect/alipayplus/call"
)

// The goal is that nobody can send the network's messages into the network itself. The method: a
// list of addresses of each kind.
func TestPrivateAddressesAreRefused(t *testing.T) {
	t.Parallel()
	for _, a := range []string{"127.0.0.1:443", "10.0.0.1:443", "172.16.5.5:443",
		"192.168.1.1:443", "169.254.169.254:80", "100.64.0.1:443", "0.0.0.0:443", "[::1]:443",
		"[fe80::1]:443", "[fd00::1]:443", "[::ffff:127.0.0.1]:443", "224.0.0.1:443",
		"[::]:443", "host:443", "127.0.0.1", ""} {
		if call.PublicOnly(a) == nil {
			t.Errorf("%s is taken for a public address", a)
		}
	}
	for _, a := range []string{"203.0.113.7:443", "8.8.8.8:8443", "[2001:4860:4860::8888]:443"} {
		if err := call.PublicOnly(a); err != nil {
			t.Errorf("%s: %v", a, err)
		}
	}
	for _, u := range []string{"https://bank.example/notify", "http://127.0.0.1:8080/n?a=1"} {
		if !call.IsHTTP(u) {
			t.Errorf("%s is refused", u)
		}
	}
	for _, u := range []string{"", "ftp://x/y", "https://", "//x/y", "https://u:p@x/", "x",
		"https://x/#f", "https://x/ y", "javascript:alert(1)"} {
		if call.IsHTTP(u) {
			t.Errorf("%s is taken", u)
		}
	}
}
