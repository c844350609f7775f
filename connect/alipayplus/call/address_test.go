package call_test

import (
	"testing"

	"watari/connect/alipayplus/call"
)

// The goal is that only addresses that can be called are kept. The method: a list of each kind.
func TestAddressesThatCannotBeCalledAreRefused(t *testing.T) {
	t.Parallel()
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
