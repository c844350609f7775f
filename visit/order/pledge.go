package order

import (
	"context"
	"fmt"
	"time"

	"watari/kit/db"
	"watari/pay/promo"
)

// gives is what wallets give of the discounts on what stands of an order.
func (o *Order) gives() promo.Given { return o.given(func(l Line) bool { return l.live() }) }

// given is what wallets give of the discounts on some of the lines.
func (o *Order) given(which func(Line) bool) promo.Given {
	g := promo.Given{}
	for _, l := range o.Lines {
		if !which(l) {
			continue
		}
		for _, f := range l.Funding {
			if f.Kind == FundedByWallet {
				g.Add(promo.PledgeKey{IssuerNo: f.IssuerNo, MerchantNo: o.MerchantNo}, f.Minor)
			}
		}
	}
	return g
}

// pledged takes what new orders of one seller need of what wallets have agreed to give, and
// returns those that have it (B4). The stock of the others goes back. places are where each order
// has its reply.
func (s *Service) pledged(
	ctx context.Context, tx *db.Tx, now time.Time, kind string, made []*Order, places []int,
	replies []holdReply,
) ([]*Order, error) {
	asks := make([]promo.Given, len(made))
	for i, o := range made {
		asks[i] = o.gives()
	}
	refused, err := promo.Take(ctx, tx, now, asks)
	if err != nil {
		return nil, fmt.Errorf("take what wallets give: %w", err)
	}
	var kept, back []*Order
	for i, o := range made {
		if refused[i] == nil {
			kept = append(kept, o)
			continue
		}
		replies[places[i]] = holdReply{err: refused[i]}
		back = append(back, o)
	}
	if len(back) > 0 {
		if err := s.seller(kind).Release(ctx, tx, byID(back)); err != nil {
			return nil, fmt.Errorf("give back what %s held: %w", kind, err)
		}
	}
	return kept, nil
}

// covered says whether wallets still give what an order needs whose hold has ended. Orders of the
// same transaction are counted together.
func (sh *sheet) covered(ctx context.Context, o *Order) (bool, error) {
	need := o.given(func(Line) bool { return true })
	ok, err := promo.Room(ctx, sh.tx, sh.now, sh.honoured, need)
	if ok {
		for k, n := range need {
			sh.honoured.Add(k, n)
		}
	}
	return ok, err
}

// give counts what wallets give more, or less, than before the transaction (B4).
func (sh *sheet) give(ctx context.Context) error {
	by := promo.Given{}
	for id, o := range sh.orders {
		for k, n := range o.gives() {
			by.Add(k, n)
		}
		for k, n := range sh.gave[id] {
			by.Add(k, -n)
		}
	}
	return promo.Move(ctx, sh.tx, by)
}
