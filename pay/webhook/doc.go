// Package webhook tells acquirers and merchants what happens, at addresses that they named, by the
// Standard Webhooks specification.
//
// # Nouns
//
// An Endpoint is such an address, with a secret that signs what is sent to it. It is of an Owner:
// an acquirer, which hears of all its merchants, or one merchant, which hears of its stores. A
// Delivery is one message to one endpoint: what kind it is, its body, and how its attempts went.
// Kinds are what can be told.
//
// # Rules
//
//	W1  An endpoint hears nothing before it has echoed a challenge that was sent to it, signed. Its
//	    URL is https; another URL has to prove itself again.
//	W2  Nothing is missed: the place that was reached in the event log moves in the transaction that
//	    queues what lies before it, once, whichever node does it. What an endpoint hears begins at
//	    the place of the log at which it was proved, whatever the clocks say.
//	W3  Order: an endpoint's messages are numbered in the order of the event log, and the next is
//	    not sent before the one before was taken or given up. What is sent again by hand comes
//	    before what waits. Events of several nodes are in the order of their clocks.
//	W4  A message is taken when the answer is 2xx. Else it is sent again after a pause that grows,
//	    under the same webhook-id and with the same body, for three days. Then it is given up, an
//	    event says so, and the next has its turn; its owner may give it up before. It may arrive
//	    more than once.
//	W5  One node at a time sends to an endpoint: it holds the endpoint for longer than an attempt
//	    can take. When it dies, another goes on after that.
//	W6  Attempts on a node are bounded, challenges to one at a time for each endpoint. Endpoints
//	    that are slow or failing have places of their own: they hold up no other. Who turns out to
//	    be slow moves there.
//	W7  Messages go only to addresses on the public internet, looked at when they are dialled; a
//	    redirect is a failure. An operator may allow others for a network of their own.
//	W8  A body is made once, shortly after its event: the resource as /v1 shows it then. It holds
//	    nothing about who paid. Merchants do not see what banks pay each other.
//	W9  Secrets are sealed at rest and shown once. For a day after a rotation both sign.
//	W10 An endpoint that took nothing for a week of trying is disabled, and one that answers 410.
//
// Sources: RFC 9110, and
// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
package webhook
