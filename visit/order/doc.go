// Package order is the one way in which anything is sold to visitors: held, paid, fulfilled, and
// given back by the policy of its purchase.
//
// # Nouns
//
// An Order is what somebody wants of one Seller at one place: a park's tickets, a ride, a night. It
// has Lines, one for each person or thing, each with a list price and the price that is paid; what
// lies between the two is Funding: who gives the discount, to the yen. Amounts are whole yen, tax
// included. A Seller owns the stock, the prices and what is handed over; this package owns the
// money, the time and the states. An attempt is one payment that was opened for an order, and a
// return is money that goes back, with what was cancelled for it. A Mass is the closing of a day
// for everybody who bought it.
//
// # Rules
//
//	O1  An order is held with its price and its stock, in one transaction. A refusal poisons no other
//	    order of the batch and leaves nothing behind.
//	O2  A payment is opened only after the attempt was written and while it stands, and is followed
//	    to its end whatever becomes of the order: by events, by a schedule, and by the visitor who
//	    comes back.
//	O3  The transaction that makes an order paid hands over what was bought, and posts who gives the
//	    discount. It happens once.
//	O4  A hold that ends gives its stock back, once. A payment that comes later takes the stock again
//	    where there is room; else its money goes back.
//	O5  Two payments of one order: the second goes back. The money of an order goes back only
//	    through its order (payment.ChannelOrder).
//	O6  What is cancelled is priced by the rules of its purchase, as if the rest had been bought
//	    alone; what was paid less that price less the fee goes back, never less than nothing. A
//	    closure returns the whole price. What was shown is what is done, or nothing. A buyer gives
//	    nothing up for money that the wallet cannot return; what the seller takes back is owed.
//	O7  A return is written before the wallet is asked. Its id is the refund's request id; without an
//	    answer the same is asked again. One that fails is for a person: it stays owed until it
//	    is asked for anew and made, or was given back by other means (Owed, RetryAll, Repay).
//	O8  For every order that was paid: prices of what stands + refunded + refunding + fees = total,
//	    and what is booked of its funding is the funding of its lines.
//	O9  A Mass cuts each order once, in the transaction that writes what it returns. After a crash it
//	    goes on; what passes (closed books, a busy row) it waits for.
//
// Lock order, the same everywhere: orders by id, then the seller's rows, then lines, returns,
// transfers, events, balances.
package order
