// Package guard keeps a wallet that does not answer from holding up payers and other wallets: a
// circuit breaker and a bulkhead around a connector.
//
// Each wallet has two lanes. In the first are the calls that ask it for something new while a
// payer waits: Authorise, Prepare, AskConsent. In the second are the calls that follow up what it
// was asked before: Inquire, Cancel, Refund, Complete, Capture, ConsentState, Revoke. A lane has
// places, and a circuit that opens when the wallet gives no proof any more. The lanes count apart,
// because inquiry may work while paying hangs, and the other way round; and because neither payers
// who wait nor a backlog of inquiries may take the other's places.
//
//	closed     calls are made
//	open       the wallet is not called for Config.OpenFor
//	half-open  one call at a time is made, the probe: proof closes the circuit, none opens it
//
// Rules. The code cites them.
//
//	U1  What counts against a wallet is an answer without proof: Unknown with a Cause, as after a
//	    connection that broke, a time that ended, a status of 500. A decline, a user who must
//	    still confirm, an order that it does not know are proof that it lives, and so is a
//	    follow-up that the wallet answers with a code of its own. A call whose own
//	    caller went away counts neither for nor against it.
//	U2  A new request that is not made is declined with link.ReasonUnavailable. That is final and
//	    true: the wallet was never asked. It is true only because the core asks a wallet once
//	    under an id: what was asked before is followed up, never asked again.
//	U3  A follow-up that is not made is unknown, with ErrNotAsked as its cause: the wallet may
//	    have taken the money before.
//	U4  A payer is not the probe while a follow-up can be: as long as the circuit of the
//	    follow-ups is open or being probed, nothing new is asked.
//	U5  A connector that is wrapped has the optional interfaces that it had, and no other.
//
// What is known of a wallet is kept in memory, for each process apart: a new one starts with
// closed circuits.
//
// Sources: M. Nygard, Release It!, second edition (2018), chapter 5, "Circuit Breaker" and
// "Bulkheads".
package guard
