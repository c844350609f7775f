package order

import (
	"errors"
	"fmt"
	"slices"
)

// cutting names the lines of a cut, sorted: all that are sold when it names none.
//
// Errors: ErrLine, ErrRequest.
func (o *Order) cutting(c Cut) (Cut, error) {
	c.Lines = slices.Clone(c.Lines)
	if len(c.Lines) == 0 {
		for _, l := range o.Lines {
			if l.State == LineSold {
				c.Lines = append(c.Lines, l.No)
			}
		}
	}
	slices.Sort(c.Lines)
	if len(c.Lines) == 0 {
		return c, ErrLine.Newf("nothing of the order can be cancelled any more")
	}
	for i, no := range c.Lines {
		l := o.Line(no)
		switch {
		case i > 0 && c.Lines[i-1] == no:
			return c, ErrRequest.Newf("line %d is named twice", no)
		case l == nil:
			return c, ErrLine.Newf("the order has no line %d", no).Set("line", no)
		case l.State != LineSold:
			return c, ErrLine.Newf("line %d is %s", no, l.State).Set("line", no)
		}
	}
	return c, nil
}

// rest are the lines that count and are not cut.
func (o *Order) rest(c Cut) []Line {
	return slices.DeleteFunc(o.Live(), func(l Line) bool {
		return slices.Contains(c.Lines, l.No)
	})
}

// whole is a cut without a fee: what is cut returns its price, the rest stays as it is.
func (o *Order) whole(c Cut) Requoted {
	keep := o.rest(c)
	return Requoted{Keep: keep, Refund: o.Price() - priceOf(keep)}
}

// settled holds a seller's answer to the money: every line that counts and is not cut is in it,
// its discounts fit, and what goes back is never less than nothing. Then the fee gives way first.
// When what stays would be dearer alone than all that was paid, it keeps its price, and what was
// paid for the rest is the fee; an amendment is refused.
//
// Errors: ErrDearer; others are the seller's mistakes.
func (o *Order) settled(c Cut, q Requoted) (Requoted, error) {
	stays := o.rest(c)
	q.Keep = slices.Clone(q.Keep)
	slices.SortFunc(q.Keep, func(a, b Line) int { return int(a.No - b.No) })
	if len(stays) != len(q.Keep) {
		return q, fmt.Errorf("%d lines stay, it prices %d", len(stays), len(q.Keep))
	}
	for i := range q.Keep {
		if q.Keep[i].No != stays[i].No {
			return q, fmt.Errorf("line %d stays, it prices line %d", stays[i].No, q.Keep[i].No)
		}
		q.Keep[i].State, q.Keep[i].Refunded = stays[i].State, stays[i].Refunded
	}
	if o.Total == 0 {
		q.Keep = byPlace(q.Keep)
	}
	issuer, err := checkLines(q.Keep)
	switch {
	case err != nil:
		return q, err
	case issuer != 0 && issuer != o.issuerNo:
		return q, fmt.Errorf("wallet %d gives a discount, wallet %d has paid", issuer, o.issuerNo)
	case q.Fee < 0:
		return q, errors.New("the fee is less than nothing")
	}
	paid, keep := o.Price(), priceOf(q.Keep)
	if keep > paid {
		if c.Reason == ByChange {
			return q, ErrDearer.Newf("it would cost %d yen more", keep-paid).
				Set("difference", keep-paid)
		}
		q.Keep, keep = stays, priceOf(stays)
		q.Fee = paid - keep
	}
	q.Fee = min(q.Fee, paid-keep)
	q.Refund = paid - keep - q.Fee
	return q, nil
}
