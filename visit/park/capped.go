package park

import (
	"watari/kit/money"
	"watari/visit/order"
)

// capped holds the lines that stay of an order to what is paid for it. When a discount falls away,
// what stays can be dearer alone than all that was paid: then nothing goes back, and what stays
// costs all that was paid, not its price alone. So whoever gives back piece by piece gets no less
// than who does it at once: what was held back for the discount goes back with the last of them.
//
// keep are the lines with the prices that they would have. What is added to a price is taken from
// the discounts that the park gives, those of wallets last: no wallet gives more than it did.
func capped(o *order.Order, keep []order.Line) []order.Line {
	paid, was := o.Price(), int64(0)
	weights := make([]int64, len(keep))
	for i, l := range keep {
		before := o.Line(l.No)
		was += before.Price
		if weights[i] = l.Price - before.Price; weights[i] < 0 || l.List > before.List {
			return keep // of another day: what it costs more is for the caller
		}
	}
	if priceOf(keep) <= paid {
		return keep
	}
	for i, more := range money.Split(paid-was, weights) {
		before := o.Line(keep[i].No)
		keep[i].Price = before.Price + more
		keep[i].Funding = lessen(before.Funding, keep[i].List-keep[i].Price)
	}
	return keep
}

// lessen lets discounts sum to off, which is at most what they sum to.
func lessen(fs []order.Funding, off int64) []order.Funding {
	over := -off
	for _, f := range fs {
		over += f.Minor
	}
	left := make([]order.Funding, len(fs))
	copy(left, fs)
	for _, kind := range []string{order.FundedByPlace, order.FundedByWallet} {
		for i := range left {
			if left[i].Kind == kind {
				less := min(left[i].Minor, over)
				left[i].Minor, over = left[i].Minor-less, over-less
			}
		}
	}
	var out []order.Funding
	for _, f := range left {
		if f.Minor > 0 {
			out = append(out, f)
		}
	}
	return out
}
