// Package payment takes payments: authorise, inquire, cancel, refund.
//
// A payment is what the acquirer is told; its leg is what a wallet owes the scheme for it.
// The two have separate lives: a payment that was closed stays closed, while its leg goes on
// until the wallet's answer is final. A refund has a life of its own too. The steps of the
// three are the tables in state.go.
//
// Amounts are minor units of their currency. A payment has four pairs: order (what the shop
// asked), pay-to (what the wallet settles with the scheme), settle (what the scheme settles
// with the acquirer, before fees) and payer (what the wallet told of its user's account:
// shown, never posted).
//
// Invariants. The code cites them; `watari verify` checks them.
//
//	P1   No transaction is open while a wallet is called.
//	P2   Before a wallet is asked, one durable commit holds the claimed request id, the
//	     consumed code, the reserved limits, the payment, its leg and the time of the leg's
//	     first inquiry.
//	P3   An outcome is approved, declined or unknown; one function, conclude, takes every
//	     answer however it arrived. Unknown is never declined.
//	P4   Nothing posts before an approval. A payment's transfers derive from its id and the
//	     step, so the same step never posts twice.
//	P5   The same request id with the same compared fields has the same answer for ever; with
//	     others it is refused and nothing changes. A refusal is kept and repeated verbatim.
//	P6   A repeat never calls the wallet: it waits within its budget for the first one.
//	P7   refunded + refunding never exceeds captured. What is being refunded is reserved in
//	     the commit before the wallet is asked, and released when it fails.
//	P8   Each refund returns round(total × cumulative ÷ paid) less what was returned or
//	     reserved before, of the pay-to amount and of every fee: a full refund returns
//	     exactly the total, after any sequence.
//	P9   A wallet code is consumed in the first commit and released by nothing.
//	P10  A wallet that says yes to a closed payment is owed nothing and gets its money back:
//	     the yes is posted to suspense until a cancel, or after the cancel window a refund
//	     under an id of ours, succeeds.
//	P11  A wallet's yes that names another amount, customer or id posts nothing: the leg is
//	     stuck and an operator is called.
//	P12  From the first byte of a request the wallet call ends at 6 s and the answer is sent
//	     by 7 s, queueing included.
//	P13  A payment over which the program breaks a rule of its own is quarantined: an operator
//	     is called, it is closed at its deadline, and the others of its batch are booked.
//	P14  A refund that was sent again has failed only when the wallet said so twice, a while
//	     apart. A yes after that moves nothing and calls an operator.
//	P15  A wallet that does not answer holds up the schedule of no other wallet.
//	P16  Clearing days follow the agreements that the payment was made under; a cancel stands
//	     in the day of its sale, and no day is opened again by a clock that was put back.
//
// An operator is called by an event: leg.stuck, leg.disagrees, refund.stuck, refund.mismatch,
// refund.disagrees, capture.stuck, capture.mismatch, capture.disagrees, payment.quarantined.
//
// A batch (sheet.go) takes many orders at once: payments to begin, answers to conclude,
// cancels, refunds. It claims, locks, reads, decides each order in memory, and writes once.
package payment
