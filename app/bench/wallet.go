package bench

import (
	"context"
	"time"

	"watari/pay/link"
)

// WalletName is what the directory calls the connector of a benchmark.
const WalletName = "instant"

// Wallet is a wallet that answers at once, in the same process, and costs nothing: what is
// measured is the network itself. It approves everything and remembers nothing.
type Wallet struct{}

// Name returns "instant".
func (Wallet) Name() string { return WalletName }

// Capabilities returns generous windows.
func (Wallet) Capabilities() link.Capabilities {
	day := func(t time.Time) time.Time { return t.Add(24 * time.Hour) }
	return link.Capabilities{IDMax: 64, CallMax: 6 * time.Second, InquiryMax: 5 * time.Second,
		Inquiries: []time.Duration{2 * time.Second}, Deadline: 180 * time.Second,
		CodeLife: time.Minute, PartialRefund: true, RefundWindow: 365 * 24 * time.Hour,
		CancelUntil: day, WalletUntil: day}
}

// Authorise approves.
func (Wallet) Authorise(_ context.Context, _ link.Endpoint, r link.Authorise) link.Answer {
	return link.Answer{Outcome: link.Approved, TheirID: "w" + r.OurRequestID[4:]}
}

// Inquire says that a payment was approved.
func (Wallet) Inquire(_ context.Context, _ link.Endpoint, r link.Inquire) link.Answer {
	return link.Answer{Outcome: link.Approved, TheirID: "w" + r.OurRequestID[4:]}
}

// Cancel gives the money back.
func (Wallet) Cancel(context.Context, link.Endpoint, link.Cancel) link.Answer {
	return link.Answer{Outcome: link.Approved}
}

// Refund gives the money back.
func (Wallet) Refund(_ context.Context, _ link.Endpoint, r link.Refund) link.Answer {
	return link.Answer{Outcome: link.Approved, TheirID: r.RefundID}
}
