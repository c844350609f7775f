package linepay_test

import (
	"testing"

	"watari/connect/linepay"
	"watari/pay/link/linktest"
)

// The goal is that the connector keeps the contract, and that it and the sandbox, which was
// written apart from it, agree. Method: the suite, with a wallet whose answers are damaged on the
// way; answers are not signed here, so the rules about signatures are left out.
func TestConnectorKeepsTheContract(t *testing.T) {
	t.Parallel()
	unable := []linktest.Mode{linktest.BadSignature, linktest.Unsigned, linktest.WrongKey,
		linktest.Skewed}
	for _, offline := range []string{linepay.OfflineV4, linepay.OfflineV2} {
		t.Run(offline, func(t *testing.T) {
			t.Parallel()
			linktest.Run(t, func(t testing.TB) linktest.Case {
				return newRigAs(t, offline).linkCase()
			}, unable...)
		})
	}
}
