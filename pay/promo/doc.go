// Package promo books who gives the discounts on what visitors buy.
//
// A discount is given by the wallet that is paid with, by the merchant that sells, or by both. The
// payer pays the price, and the payment books it. What the wallet adds for its users it owes to the
// merchant on top, in yen whatever it settles in: it goes the way of the payment, from the wallet
// to the scheme, to the acquirer, to the merchant. What the merchant gives itself moves no money;
// a pair of accounts keeps it so that it can be read.
//
//	book       debit               credit
//	scheme     issuer.promotion    acquirer.payable            the wallet's part
//	acquirer   network.receivable  merchant.payable            the wallet's part
//	acquirer   merchant.promotion  merchant.promotion_given    the merchant's part
//
// Amounts are whole yen. No fee is taken of them.
//
// What a wallet owes for discounts is not counted against its cap (pay/risk). The cap is agreed in
// the currency that the wallet settles in, and is taken by the legs of payments; a discount is owed
// in yen, from when an order is paid, and less of it when some is given back. To count it would
// take a rate that nobody has locked, and move the counter by more than payments hold (K9). It is
// bound by the budget of its pledges (B4), and stands on issuer.promotion: a cap leaves room for
// it.
//
// Rules. The code cites them; visit/order checks them in `watari verify`.
//
//	B1  What an order grants is booked once, in the transaction that makes the order paid. The id
//	    of the transfer derives from the order's.
//	B2  When some of an order is given back, what is not granted any more is booked the other way,
//	    in the transaction that writes the return; its id derives from the return's. It may be
//	    less than nothing: what stays can be worth a larger discount.
//	B3  Granted less taken back is the discount on what stands, to the yen.
//	B4  A wallet gives nothing that it has not agreed to. What it gives at a merchant is a Pledge,
//	    which two people of the operator enter for it: the largest part of a discount, a time, a
//	    budget. An order takes from the budget in the transaction that holds it and gives back
//	    what it does not keep; a pledge that is used up or over sells no more discounts.
package promo
