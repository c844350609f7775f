package wechatpay_test

import (
	"testing"

	"watari/pay/link/linktest"
	front "watari/sandbox/wechatpay"
)

// The goal is that the core can rely on this connector: the suite of the contract, against the
// wallet of the sandbox on a real socket, in both merchant modes and with both kinds of keys.
func TestConnectorKeepsTheContract(t *testing.T) {
	t.Parallel()
	for name, deal := range map[string]front.Deal{
		"institution with a public key": {Institution: true, PublicKey: true},
		"direct with certificates":      {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			linktest.Run(t, func(t testing.TB) linktest.Case {
				r := newRig(t, deal)
				return linktest.Case{Connector: r.client(), Endpoint: r.endpoint(), Wallet: r,
					Sale: r.sale, Patience: 2 * callMax}
			})
		})
	}
}
