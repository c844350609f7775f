package payment

import (
	"time"

	"watari/kit/check"
	"watari/kit/id"
	"watari/kit/money"
	"watari/pay/fee"
	"watari/pay/link"
	"watari/pay/risk"
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
	// Terms are what a leg of an order was taken at; nil when the payment itself says it.
	Terms *Terms
}

// Terms are the price and the form of one leg of an order. They become the payment's own when the
// leg pays.
type Terms struct {
	Way               link.Way   `json:"way"`
	RateCoef          int64      `json:"rate_coef"`
	RateExp           int64      `json:"rate_exp"`
	Mid               int64      `json:"mid"`
	Fees              fee.Parts  `json:"fees"`
	CancelUntil       time.Time  `json:"cancel_until"`
	AcquirerAgreement int64      `json:"acquirer_agreement"`
	IssuerAgreement   int64      `json:"issuer_agreement"`
	Held              risk.Held  `json:"held"`
	Taken             time.Time  `json:"taken"`
	Customer          string     `json:"customer,omitempty"` // sealed
	Form              *link.Form `json:"form,omitempty"`
}

// step returns the last character of a leg's id.
func (l *Leg) step() byte { return l.ID[len(l.ID)-1] }

// bind makes the terms of a leg those of its payment. A leg without terms changes nothing.
func (p *Payment) bind(l *Leg) {
	t := l.Terms
	if t == nil {
		return
	}
	rate, err := money.RateOf(t.RateCoef, t.RateExp, p.Order.Currency(), l.Amount.Currency())
	check.That(err == nil, "leg %s: rate: %v", l.ID, err)
	p.Step, p.IssuerNo, p.PayTo, p.Rate, p.Mid, p.Fees = l.step(), l.IssuerNo, l.Amount, rate,
		t.Mid, t.Fees
	p.QuoteID, p.TheirID, p.LegState = l.QuoteID, l.TheirID, l.State
	p.CancelUntil, p.Held, p.Customer = t.CancelUntil, t.Held, t.Customer
	p.Taken = t.Taken
	p.AcquirerAgreement, p.IssuerAgreement = t.AcquirerAgreement, t.IssuerAgreement
}

// as is a payment as it would be if this leg paid it.
func (p *Payment) as(l *Leg) *Payment {
	if l.Terms == nil || p.Step == l.step() {
		return p
	}
	q := *p
	q.bind(l)
	return &q
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

// legsMax is how many legs an order may have: how often payers may choose a wallet for it.
const legsMax = 8

// legID returns the id of a payment's first leg.
func legID(paymentID string) string { return legOf(paymentID, firstLeg) }

// legOf returns the id of the leg of a payment that has this step letter.
func legOf(paymentID string, step byte) string { return id.Derive("leg", paymentID, step) }

// legNo is the place of a leg among those of its payment, from 0.
func legNo(l *Leg) int { return int(l.step() - firstLeg) }

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
