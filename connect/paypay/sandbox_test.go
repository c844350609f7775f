package paypay_test

import (
	"context"
	"testing"

	"watari/pay/link/linktest"
	"watari/sandbox/wallet"
)

// simulatedModes are the suite's modes in the sandbox's words; the rest is damage on the way.
var simulatedModes = map[linktest.Mode]wallet.Mode{
	linktest.Decline: wallet.ModeDecline, linktest.Pending: wallet.ModePIN,
	linktest.Silence: wallet.ModeTimeout, linktest.Slow: wallet.ModeSlow,
	linktest.Late: wallet.ModeLate, linktest.Drop: wallet.ModeDrop}

// Set changes the behaviour of the wallet, or of the way to it.
func (r *rig) Set(m linktest.Mode) {
	mode, own := simulatedModes[m]
	if !own {
		mode = wallet.ModeNone
	}
	if err := r.wallet.SetFault(context.Background(), mode, nil); err != nil {
		r.t.Errorf("set %s: %v", m, err)
	}
	r.mode.Store(m)
}

// Debits tells how often the user was debited.
func (r *rig) Debits(id string) int {
	if r.payment(id).DebitedMinor > 0 {
		return 1
	}
	return 0
}

// Taken tells what the wallet holds of the user's money.
func (r *rig) Taken(id string) int64 {
	p := r.payment(id)
	return p.DebitedMinor - p.ReturnedMinor
}

// Refunds tells how often money was returned under an id.
func (r *rig) Refunds(id string) int {
	f, err := r.wallet.RefundOf(context.Background(), id)
	if err != nil {
		r.t.Errorf("read the wallet's books: %v", err)
	}
	if f != nil && f.Succeeded {
		return 1
	}
	return 0
}

// Confirm is the user's yes.
func (r *rig) Confirm(id string) { r.agree(id) }

// The goal is that the core can rely on this connector: the suite of the contract, against the
// sandbox's side of the protocol on a real socket, with a wrapper that damages its answers. Answers
// of the protocol are not signed, so the lies about signatures are left out.
func TestConnectorKeepsTheContract(t *testing.T) {
	t.Parallel()
	linktest.Run(t, func(t testing.TB) linktest.Case {
		r := newRig(t)
		return linktest.Case{Connector: r.client(), Endpoint: r.endpoint(), Wallet: r,
			Sale: r.sale, Patience: 2 * callMax}
	}, linktest.BadSignature, linktest.Unsigned, linktest.WrongKey, linktest.Skewed)
}
