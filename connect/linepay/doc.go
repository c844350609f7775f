// Package linepay speaks LINE Pay's protocol to wallets in Taiwan and Thailand: the online API v3
// for pages, codes of one order and standing consents, and the offline API v4 (or v2) for the
// one-time keys that a till scans.
//
// Client is the connector: link.Connector, and link.Preparer, Completer, Holder and Agreer. Server
// is where users come back from LINE Pay. LINE Pay sends no notices: what became of a payment is
// always asked for. The messages are in package wire, the signatures in package sign.
//
// # Rules
//
//	R1  Answers are not signed. An answer counts only over TLS to the configured host, as HTTP
//	    200, with a returnCode of four digits, and when the order and transaction in it are ours.
//	R2  A transaction's number has 19 digits and is text from end to end; an amount is a decimal
//	    number and never a floating point one.
//	R3  A returnCode is a no only when it stands in the table of refusals (judge.go): those with
//	    which LINE Pay has done nothing. "There already" (1152, 1172, 1198, 1999) is answered by
//	    a look at what is there. Every other code is unknown.
//	R4  A payment request debits nothing until we confirm it. Its state comes from its check; once
//	    it was confirmed, from the history.
//	R5  LINE Pay keeps no refund id of ours, and a refund that is sent twice is made twice. So the
//	    history is read before every refund. In the first second of its id a refund is sent:
//	    it cannot have been sent before, because the core pauses a second at least. Later it is
//	    looked for. A refund in the history is ours when it has our amount, is not older than
//	    ours, and is not one of those that the core knows as others (link.Refund.Known); which
//	    of two equal ones is whose makes no difference then. If the core cannot say, one of our
//	    amount leaves the outcome unknown, for an operator, unless it is all that was paid. A
//	    refund that is not found is sent again when its id is a minute old, not before: by then
//	    a first sending is in the history or never will be. When in doubt nothing is returned
//	    and a person decides.
//	R6  A cancel is a void of a promise or a refund in full, both harmless when repeated, and is
//	    done when the books say so. A request that nobody confirmed cannot be withdrawn and needs
//	    no cancel: it is gone (0121) 20 minutes after it was made at the latest, and its cancel
//	    stays unknown until then. An order that LINE Pay does not know has no tombstone there;
//	    its cancel is done when its one-time key is over and it can no longer arrive.
//	R7  What LINE Pay is asked is the settlement amount, in the currency of the agreement (USD,
//	    TWD, THB). The shop's price in yen stands in the product's name only.
//
// # Times
//
// LINE Pay asks its callers to wait 20 s, and 40 s for a payment. A shop does not: a call ends
// after 6 s here, and what it did is asked for (every 2, 2, 3, 3, 5, 5, 10, 10, … seconds; the
// documentation asks for a second between checks at least). A one-time key lives five minutes.
//
// # What the public pages leave open
//
// How long refunds are taken (60 days) and how long a promise stands (7 days) depends on the
// contract: ClientConfig has both. That a consent is asked for with an amount of zero is taken
// from how the pages describe it and was not tried. The offline API's version, and whether it is
// signed, is in Credentials. A payment may be cancelled on the day of Taipei on which it was made.
//
// # Sources
//
// https://developers-pay.line.me/online-api-v3 (request-payment, check-payment-request-status,
// confirm-payment, retrieve-payment-details, void, request-preapproved-payment),
// https://developers-pay.line.me/offline-api-v4 (request-payment),
// https://developers-pay.line.me/offline-api-v2 (request-payment, check-payment-status, void,
// retrieve-payment-details), https://developers-pay.line.me/offline/prerequisites,
// https://developers.line.biz/en/docs/line-pay/appendix/ (codes),
// https://developers.line.biz/en/reference/line-pay-offline/.
package linepay
