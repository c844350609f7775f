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
// Rules. The code cites them; visit/order checks them in `watari verify`.
//
//	B1  What an order grants is booked once, in the transaction that makes the order paid. The id
//	    of the transfer derives from the order's.
//	B2  When some of an order is given back, what is not granted any more is booked the other way,
//	    in the transaction that writes the return; its id derives from the return's. It may be
//	    less than nothing: what stays can be worth a larger discount.
//	B3  Granted less taken back is the discount on what stands, to the yen.
package promo
