package park

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"watari/kit/db"
	"watari/kit/i18n"
)

// view runs fn with what a park sells.
func (s *Service) view(
	ctx context.Context, parkID string,
	fn func(ctx context.Context, tx *db.Tx, c *catalogue) error,
) error {
	return s.cfg.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		c, err := s.catalogue(ctx, tx, parkID)
		if err != nil {
			return err
		}
		return fn(ctx, tx, c)
	})
}

// Find returns a park by its id or slug.
//
// Errors: ErrUnknown.
func (s *Service) Find(ctx context.Context, idOrSlug string) (Park, error) {
	var p Park
	err := s.cfg.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		p, err = parkIn(ctx, tx, idOrSlug)
		return err
	})
	return p, err
}

// Parks lists every park, by id.
func (s *Service) Parks(ctx context.Context) ([]Park, error) { return s.ParksOf(ctx, 0, 0) }

// ParksOf lists the parks of an acquirer, or of one of its merchants; 0 is any.
func (s *Service) ParksOf(ctx context.Context, acquirerNo, merchantNo int64) ([]Park, error) {
	var out []Park
	err := s.cfg.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		out, err = parksIn(ctx, tx, acquirerNo, merchantNo)
		return err
	})
	return out, err
}

// Products lists what a park sells, as pages list it.
//
// Errors: ErrUnknown.
func (s *Service) Products(ctx context.Context, parkID string) ([]Product, error) {
	var out []Product
	err := s.view(ctx, parkID, func(_ context.Context, _ *db.Tx, c *catalogue) error {
		out = nil
		for _, p := range c.sorted() {
			out = append(out, *p)
		}
		return nil
	})
	return out, err
}

// Product returns a product, also one that is not sold any more.
//
// Errors: ErrUnknown.
func (s *Service) Product(ctx context.Context, parkID, code string) (Product, error) {
	var out Product
	err := s.view(ctx, parkID, func(_ context.Context, _ *db.Tx, c *catalogue) error {
		p := c.products[code]
		if p == nil {
			return ErrUnknown.Newf("there is no product %q", code)
		}
		out = *p
		return nil
	})
	return out, err
}

// Prices lists what everything costs, by product, age class and type of the day.
//
// Errors: ErrUnknown.
func (s *Service) Prices(ctx context.Context, parkID string) ([]Price, error) {
	var out []Price
	err := s.view(ctx, parkID, func(_ context.Context, _ *db.Tx, c *catalogue) error {
		out = nil
		for k, yen := range c.prices {
			out = append(out, Price{Product: k.product, Unit: k.unit, DayType: k.dayType, Yen: yen})
		}
		return nil
	})
	slices.SortFunc(out, func(a, b Price) int {
		return cmp.Or(strings.Compare(a.Product, b.Product), cmp.Compare(a.Unit, b.Unit),
			strings.Compare(a.DayType, b.DayType))
	})
	return out, err
}

// Days lists the calendar between two days, both included; at most 400. A day that is not listed
// is not in the calendar.
//
// Errors: ErrUnknown, ErrDay.
func (s *Service) Days(ctx context.Context, parkID, from, to string) ([]Day, error) {
	if _, err := between(from, to); err != nil {
		return nil, err
	}
	var out []Day
	err := s.view(ctx, parkID, func(ctx context.Context, tx *db.Tx, c *catalogue) (err error) {
		out, err = calendarOf(ctx, tx, c.ID, from, to)
		return err
	})
	return out, err
}

// Pools lists what quotas are of, by code.
//
// Errors: ErrUnknown.
func (s *Service) Pools(ctx context.Context, parkID string) ([]Pool, error) {
	var out []Pool
	err := s.view(ctx, parkID, func(ctx context.Context, tx *db.Tx, c *catalogue) (err error) {
		out, err = poolsIn(ctx, tx, c.ID)
		return err
	})
	return out, err
}

// Quotas lists the quotas between two days, both included, by day, pool, slot and channel.
//
// Errors: ErrUnknown, ErrDay.
func (s *Service) Quotas(ctx context.Context, parkID, from, to string) ([]Quota, error) {
	if _, err := between(from, to); err != nil {
		return nil, err
	}
	var out []Quota
	err := s.view(ctx, parkID, func(ctx context.Context, tx *db.Tx, c *catalogue) error {
		out = nil
		return quotasBetween(ctx, tx, c.ID, from, to, func(_ quotaKey, q Quota) {
			out = append(out, q)
		})
	})
	return out, err
}

// Discounts lists the discounts of a park that have not ended, by id.
//
// Errors: ErrUnknown.
func (s *Service) Discounts(ctx context.Context, parkID string) ([]Discount, error) {
	var out []Discount
	err := s.view(ctx, parkID, func(_ context.Context, _ *db.Tx, c *catalogue) error {
		out = nil
		for _, d := range c.discounts {
			if !d.Ended {
				out = append(out, d)
			}
		}
		return nil
	})
	return out, err
}

// RuleNames are the names of all discounts of a park by their ids, also of those that ended: what
// order.Funding.Rule names.
//
// Errors: ErrUnknown.
func (s *Service) RuleNames(ctx context.Context, parkID string) (map[string]i18n.Text, error) {
	var out map[string]i18n.Text
	err := s.view(ctx, parkID, func(_ context.Context, _ *db.Tx, c *catalogue) error {
		out = c.names()
		return nil
	})
	return out, err
}
