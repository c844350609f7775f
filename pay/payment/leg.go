package payment

import (
	"time"

	"watari/kit/id"
	"watari/kit/money"
)

// Leg is what a wallet, or another network, owes us for a payment. Its id is the request id
// that the wallet is sent, and derives from the payment's id.
type Leg struct {
	AcquirerNo int64
	ID         string
	PaymentID  string
	Direction  Direction
	Connector  string
	IssuerNo   int64
	Agreement  int64 // version of the issuer's agreement
	TheirID    string
	Amount     money.Amount // the pay-to amount
	QuoteID    string
	State      LegState
	Next       time.Time // when the scheme acts again; zero is never
	Tries      int64     // calls since the state was entered
	Deadline   time.Time // when asking ends and cancelling begins
	// WalletUntil is the end of the window in which the wallet honours a cancel.
	WalletUntil time.Time
	Undo        Undo
	LatePosted  bool   // a yes after the close stands in suspense (P10)
	Note        string // for the operator: the wallet's last code, or why the leg is stuck
}

// Direction says who asked for a leg.
type Direction string

// The directions of a leg.
const (
	Outbound Direction = "out" // we asked a wallet
	Inbound  Direction = "in"  // another network asked us
)

// Undo is how a leg that is cancelling is undone at the wallet.
type Undo string

// The ways to undo.
const (
	UndoNone   Undo = ""
	UndoCancel Undo = "cancel"
	UndoRefund Undo = "refund" // the cancel window is over
)

// firstLeg is the step letter of a payment's first leg.
const firstLeg = '0'

// legID returns the id of a payment's first leg.
func legID(paymentID string) string { return id.Derive("leg", paymentID, firstLeg) }

// undoID returns the refund id under which a late yes is returned.
func undoID(legID string) string { return "und" + legID[3:] }

// paymentOf returns the payment of a leg id, or false when the id is not one of ours.
func paymentOf(legID string) (string, bool) {
	if len(legID) != id.DerivedLen || legID[:4] != "leg_" {
		return "", false
	}
	p := "pay" + legID[3:id.Len]
	if _, ok := id.Shard(p); !ok {
		return "", false
	}
	return p, true
}
