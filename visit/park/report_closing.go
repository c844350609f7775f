package park

import (
	"context"
	"slices"

	"watari/kit/db"
)

// Foreseen is what a closure would give back now.
type Foreseen struct {
	Orders  int64 // with something that is sold and was not used
	Tickets int64
	// Wallets are yen that would go back to wallets, Account yen of sales on account.
	Wallets, Account int64
}

// Foresee says what closing a day, or products on it, would give back. It changes nothing.
//
// Errors: ErrUnknown, ErrDay.
func (s *Service) Foresee(
	ctx context.Context, parkID, day string, products []string,
) (Foreseen, error) {
	if _, err := between(day, day); err != nil {
		return Foreseen{}, err
	}
	var out Foreseen
	err := s.view(ctx, parkID, func(ctx context.Context, tx *db.Tx, c *catalogue) error {
		out = Foreseen{}
		last := ""
		return tx.Each(ctx, func(r db.Row) error {
			var order, product string
			var price int64
			var paid bool
			if err := r.Scan(&order, &product, &price, &paid); err != nil {
				return err
			}
			if len(products) > 0 && !slices.Contains(products, product) {
				return nil
			}
			if order != last {
				last = order
				out.Orders++
			}
			out.Tickets++
			if paid {
				out.Wallets += price
			} else {
				out.Account += price
			}
			return nil
		}, `select l.order_id, l.product, l.price_minor, o.payment_id <> ''
			from visit_order_line l join visit_order o on o.id = l.order_id
			where l.place = $1 and l.seller = 'park' and l.day = $2 and l.state = 'sold'
			order by l.order_id, l.no`, c.ID, day)
	})
	return out, err
}
