package park

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"watari/kit/db"
	"watari/kit/i18n"
	"watari/pay/promo"
)

// catalogue is everything that a park sells, at one version of it. It is shared: nobody changes
// it.
type catalogue struct {
	Park
	products  map[string]*Product
	prices    map[priceKey]int64
	pools     map[string]*Pool
	discounts []Discount
}

type priceKey struct {
	product string
	unit    Unit
	dayType string
}

// catalogue returns what a park sells, as the transaction sees it, or what is remembered of the
// same version.
//
// Errors: ErrUnknown.
func (s *Service) catalogue(ctx context.Context, tx *db.Tx, idOrSlug string) (*catalogue, error) {
	p, err := parkIn(ctx, tx, idOrSlug)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	kept := s.catalogues[p.ID]
	s.mu.Unlock()
	if kept != nil && kept.Version == p.Version {
		return kept, nil
	}
	// What is read now may be newer than the version that was read before it, never older: then
	// the next look reads again.
	c, err := readCatalogue(ctx, tx, p)
	if err != nil {
		return nil, fmt.Errorf("read what %s sells: %w", p.ID, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if kept = s.catalogues[p.ID]; kept == nil || kept.Version < c.Version {
		s.catalogues[p.ID] = c
	}
	return c, nil
}

func readCatalogue(ctx context.Context, tx *db.Tx, p Park) (*catalogue, error) {
	c := &catalogue{Park: p, products: map[string]*Product{}, prices: map[priceKey]int64{},
		pools: map[string]*Pool{}}
	products, err := productsIn(ctx, tx, p.ID)
	if err != nil {
		return nil, err
	}
	for i := range products {
		c.products[products[i].Code] = &products[i]
	}
	prices, err := pricesIn(ctx, tx, p.ID)
	if err != nil {
		return nil, err
	}
	for _, x := range prices {
		c.prices[priceKey{x.Product, x.Unit, x.DayType}] = x.Yen
	}
	pools, err := poolsIn(ctx, tx, p.ID)
	if err != nil {
		return nil, err
	}
	for i := range pools {
		c.pools[pools[i].Code] = &pools[i]
	}
	c.discounts, err = discountsIn(ctx, tx, p.ID)
	return c, err
}

// price is what a piece costs without discounts; false when it is not sold.
func (c *catalogue) price(product string, unit Unit, dayType string) (int64, bool) {
	yen, ok := c.prices[priceKey{product, unit, dayType}]
	if !ok {
		yen, ok = c.prices[priceKey{product, unit, ""}]
	}
	return yen, ok
}

// sorted are the products that are not ended, as pages list them.
func (c *catalogue) sorted() []*Product {
	var out []*Product
	for _, p := range c.products {
		if !p.Ended {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b *Product) int {
		return cmp.Or(cmp.Compare(a.Sort, b.Sort), strings.Compare(a.Code, b.Code))
	})
	return out
}

// rules are the discounts in force for what is bought now. Of those that a wallet bears a part of,
// the wallets are named that have agreed to it; where none has, the discount is not in force.
func (c *catalogue) rules(
	now time.Time, channel string, pledges map[string]promo.Pledge,
) []Rule {
	var out []Rule
	for i := range c.discounts {
		if d := &c.discounts[i]; d.inForce(now, channel) {
			if r, ok := d.Rule.pledged(now, pledges); ok {
				out = append(out, r)
			}
		}
	}
	return out
}

// names are the names of all discounts, also of those that ended, by id.
func (c *catalogue) names() map[string]i18n.Text {
	out := map[string]i18n.Text{}
	for _, d := range c.discounts {
		out[d.Rule.ID] = d.Name
	}
	return out
}

// keys are the quotas that a piece takes from.
func (c *catalogue) keys(p Piece) []quotaKey {
	product := c.products[p.Product]
	if product == nil {
		return nil
	}
	out := make([]quotaKey, 0, len(product.Pools))
	for _, code := range product.Pools {
		pool := c.pools[code]
		out = append(out, keyOf(c.ID, p, code, pool != nil && pool.Slotted))
	}
	return out
}

func keyOf(park string, p Piece, pool string, slotted bool) quotaKey {
	k := quotaKey{park: park, day: p.Day, pool: pool}
	if slotted {
		k.slot = p.Slot
	}
	return k
}

// keys are the quotas that a piece of a purchase took from.
func (b *Basket) keys(park string, p Piece) []quotaKey {
	var out []quotaKey
	for _, pool := range b.Pools[p.Product] {
		out = append(out, keyOf(park, p, pool, slices.Contains(b.Slotted, pool)))
	}
	return out
}

// note remembers which quotas a product takes from, and how many of it are sold at once, for when
// it is given back.
func (b *Basket) note(c *catalogue, product string) {
	if b.Pools == nil {
		b.Pools = map[string][]string{}
	}
	if _, ok := b.Pools[product]; ok {
		return
	}
	b.Pools[product] = c.products[product].Pools
	if least := c.products[product].MinCount; least > 1 {
		if b.Least == nil {
			b.Least = map[string]int64{}
		}
		b.Least[product] = least
	}
	for _, code := range b.Pools[product] {
		if pool := c.pools[code]; pool != nil && pool.Slotted &&
			!slices.Contains(b.Slotted, code) {
			b.Slotted = append(b.Slotted, code)
		}
	}
}
