// Package wallet is a simulated wallet for the sandbox: users with balances in CNY, and the
// wallet's side of the Alipay+ protocol over real HTTP, with its own keys and its own books.
//
// # Nouns
//
// A User holds a balance. A code is a payment code that this wallet obtained from the network
// for a user. A Charge is what the network's pay message asks. A Payment is what became of it,
// under the network's request id. A notice is a notifyPayment that the network must accept. A
// Mode is a way to misbehave, set through the control interface for tests.
//
// # Invariants
//
//	W1  A request id is processed once, for ever: a repeat is told how the payment stands; a
//	    repeat with other compared fields is refused with REPEAT_REQ_INCONSISTENT.
//	W2  A balance never falls below zero, and is the opening balance less every debit, plus
//	    every cancel and refund. Each of these is one row of sim_entry.
//	W3  Nothing is debited for a code that this wallet did not obtain for that user, or that has
//	    expired, or that paid before.
//	W4  A cancel succeeds whatever the state and gives back what is left. A cancel of an id that
//	    was never seen blocks it: a later pay is told ORDER_IS_CLOSED.
//	W5  Refunds of a payment never exceed it, in either currency, and are known by their own
//	    request id for ever.
//	W6  What is promised to the network is written with the debit that it tells of: a notice is
//	    sent again until the network answers S, whatever dies in between.
//	W7  A payment that succeeded and was then cancelled is F, ORDER_IS_CLOSED.
//
// W4 has one exception, on purpose: the mode late_success debits even after a cancel, because
// real wallets do that and the network has to cope.
//
// The states are in state.go. The wallet knows nothing of the network's tables or services: it
// reads messages and writes messages.
//
// Sources: the public documentation of Alipay+ for mobile payment providers,
// https://docs.alipayplus.com/alipayplus/alipayplus/, pages api_mpp/pay, inquiry_payment,
// cancel_payment, refund, notify_payment, get_payment_code, idempotency and signature.
package wallet
