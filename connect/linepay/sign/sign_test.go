package sign

import (
	"regexp"
	"testing"
)

// The goal is that the MAC is the one that LINE Pay computes. Method: vectors that were computed
// apart from this program, after the documentation's formula.
func TestMACMatchesIndependentVectors(t *testing.T) {
	t.Parallel()
	const secret, nonce = "linesecret", "11111111-2222-4333-8444-555555555555"
	for name, v := range map[string]struct {
		m    Message
		want string
	}{
		"POST": {Message{Method: "POST", Path: "/v3/payments/request", Nonce: nonce,
			Body: []byte(`{"amount":1280,"currency":"JPY","orderId":"O1"}`)},
			"L2oVm3fIfP/U6xfTd3HjtIP4k/xVn6KhRztCxyfnXQE="},
		"GET": {Message{Method: "GET", Path: "/v3/payments", Query: "orderId=O1", Nonce: nonce},
			"mX3bpKw77sv6v3IqhIHQ+iVBXtaHuKd8AtcS8tde4vc="},
	} {
		if got := MAC(secret, v.m); got != v.want {
			t.Errorf("%s: got %s, want %s", name, got, v.want)
		}
		if !Verify(secret, v.m, v.want) {
			t.Errorf("%s: its own signature does not verify", name)
		}
	}
}

// The goal is that nothing that is signed can be changed. Method: change each part in turn.
func TestEveryPartIsSigned(t *testing.T) {
	t.Parallel()
	post := Message{Method: "POST", Path: "/p", Body: []byte("b"), Nonce: "n"}
	get := Message{Method: "GET", Path: "/p", Query: "q=1", Nonce: "n"}
	postMAC, getMAC := MAC("s", post), MAC("s", get)
	for name, m := range map[string]Message{
		"path":  {Method: "POST", Path: "/x", Body: []byte("b"), Nonce: "n"},
		"body":  {Method: "POST", Path: "/p", Body: []byte("x"), Nonce: "n"},
		"nonce": {Method: "POST", Path: "/p", Body: []byte("b"), Nonce: "x"},
	} {
		if Verify("s", m, postMAC) {
			t.Errorf("another %s verifies", name)
		}
	}
	get.Query = "q=2"
	if Verify("s", get, getMAC) {
		t.Error("another query verifies")
	}
	if Verify("another", post, postMAC) || Verify("s", post, "") {
		t.Error("another secret, or no signature, verifies")
	}
}

// The goal is that a nonce is a UUID and never the same. Method: form of many, and a set.
func TestNoncesAreFreshUUIDs(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	seen := map[string]bool{}
	for range 1000 {
		n := Nonce()
		if !form.MatchString(n) || seen[n] {
			t.Fatalf("%q is no fresh UUID", n)
		}
		seen[n] = true
	}
}
