package park

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"watari/kit/check"
	"watari/kit/db"
	"watari/kit/event"
	"watari/kit/id"
)

// facts are what an event says.
type facts map[string]any

// tell writes an event of a park.
func (s *Service) tell(
	ctx context.Context, tx *db.Tx, p *Park, what, subject, actor string, data facts,
) error {
	if data == nil {
		data = facts{}
	}
	data["park"] = p.ID
	text, err := json.Marshal(data)
	check.That(err == nil, "park: event %s: %v", what, err)
	return s.cfg.Log.Append(ctx, tx, s.cfg.Lane, []event.Event{{At: s.now(), Kind: "park." + what,
		Subject: subject, AcquirerNo: p.AcquirerNo, StoreNo: p.StoreNo, Actor: actor,
		Data: text}})
}

// edit changes what a park is or sells, and tells of it. fn may run more than once.
func (s *Service) edit(
	ctx context.Context, parkID, what, actor string,
	fn func(ctx context.Context, tx *db.Tx, p *Park) (facts, error),
) error {
	err := s.cfg.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		p, err := lockPark(ctx, tx, parkID)
		if err != nil {
			return err
		}
		data, err := fn(ctx, tx, &p)
		if err != nil {
			return err
		}
		if err := updatePark(ctx, tx, &p); err != nil {
			return err
		}
		return s.tell(ctx, tx, &p, what, p.ID, actor, data)
	})
	if err == nil {
		s.cfg.Log.Wake()
	}
	return err
}

// AddPark makes a park of a store: AcquirerNo, MerchantNo and StoreNo say whose; the ids are filled
// in. It sells nothing before it has products, prices, days and quotas.
//
// Errors: ErrInvalid, ErrTaken, ErrUnknown for a store of somebody else.
func (s *Service) AddPark(ctx context.Context, p Park, actor string) (Park, error) {
	if err := p.check(); err != nil {
		return Park{}, err
	}
	point, err := s.cfg.Directory.Store(ctx, p.StoreNo)
	if err != nil || point.Merchant.No != p.MerchantNo || point.Store.AcquirerNo != p.AcquirerNo {
		return Park{}, ErrUnknown.Newf("the merchant has no such store").Because(err)
	}
	p.ID, p.Version = id.New("prk", int(p.AcquirerNo)), 1
	p.MerchantID, p.StoreID = point.Merchant.ID, point.Store.ID
	err = s.cfg.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		all, err := parksIn(ctx, tx, p.AcquirerNo, p.MerchantNo)
		if err != nil {
			return err
		}
		if len(all) >= parksMax {
			return ErrInvalid.Newf("a merchant has at most %d parks", parksMax)
		}
		if err := insertPark(ctx, tx, &p, s.now()); err != nil {
			return err
		}
		return s.tell(ctx, tx, &p, "created", p.ID, actor, facts{"slug": p.Slug})
	})
	if err != nil {
		return Park{}, err
	}
	s.cfg.Log.Wake()
	return p, nil
}

// ChangePark writes a park anew: what it is called, where it is, its policy and limits. Version is
// the one that was read, 0 is any.
//
// Errors: ErrInvalid, ErrUnknown, ErrTaken, ErrChanged.
func (s *Service) ChangePark(ctx context.Context, p Park, actor string) (Park, error) {
	if err := p.check(); err != nil {
		return Park{}, err
	}
	var out Park
	err := s.edit(ctx, p.ID, "changed", actor, func(
		ctx context.Context, tx *db.Tx, was *Park,
	) (facts, error) {
		if p.Version != 0 && p.Version != was.Version {
			return nil, ErrChanged.Newf("the park is at version %d", was.Version)
		}
		if taken, err := slugTaken(ctx, tx, &Park{ID: was.ID, Slug: p.Slug}); err != nil || taken {
			return nil, errors.Join(err, ErrTaken.Newf("another park is called %q", p.Slug).
				At("/slug", "is taken"))
		}
		next := p
		next.ID, next.Version = was.ID, was.Version
		next.AcquirerNo, next.MerchantNo, next.StoreNo = was.AcquirerNo, was.MerchantNo, was.StoreNo
		next.MerchantID, next.StoreID = was.MerchantID, was.StoreID
		*was = next
		out = next
		out.Version++
		return facts{"on_sale": p.OnSale, "slug": p.Slug}, nil
	})
	return out, err
}

// PutProduct makes a product, when Version is 0, or writes it anew.
//
// Errors: ErrInvalid, ErrUnknown, ErrTaken, ErrChanged.
func (s *Service) PutProduct(ctx context.Context, p Product, actor string) (Product, error) {
	if err := p.check(); err != nil {
		return Product{}, err
	}
	var out Product
	err := s.edit(ctx, p.ParkID, "product_changed", actor, func(
		ctx context.Context, tx *db.Tx, park *Park,
	) (facts, error) {
		c, err := readCatalogue(ctx, tx, *park)
		if err != nil {
			return nil, err
		}
		out = p
		if err := c.place(ctx, tx, &out); err != nil {
			return nil, err
		}
		return facts{"product": p.Code}, writeProduct(ctx, tx, &out)
	})
	return out, err
}

// place finds the number and version of a product that is about to be written.
//
// Errors: ErrInvalid, ErrTaken, ErrChanged.
func (c *catalogue) place(ctx context.Context, tx *db.Tx, p *Product) error {
	p.ParkID, p.Ended = c.ID, false
	for _, pool := range p.Pools {
		known := c.pools[pool]
		if known == nil {
			return ErrInvalid.Newf("there is no pool %q", pool).At("/pools", "are unknown")
		}
		if known.Slotted && len(p.Slots) == 0 {
			return ErrInvalid.Newf("pool %s counts slots", pool).At("/slots", "are needed")
		}
	}
	was := c.products[p.Code]
	switch {
	case was == nil && p.Version != 0:
		return ErrUnknown.Newf("there is no product %q", p.Code)
	case was == nil:
		if len(c.products) >= productsMax {
			return ErrInvalid.Newf("a park has at most %d products", productsMax)
		}
		for _, other := range c.products {
			p.No = max(p.No, other.No)
		}
		p.No, p.Version = p.No+1, 1
		return nil
	case p.Version == 0:
		return ErrTaken.Newf("there is a product %q", p.Code).At("/code", "is taken")
	case p.Version != was.Version:
		return ErrChanged.Newf("the product is at version %d", was.Version)
	}
	p.No, p.Version = was.No, was.Version+1
	if !slices.Equal(p.Pools, was.Pools) {
		// What is kept for who waited is given back to the quotas that it was taken from. Whoever is
		// offering it just now is waited for.
		if err := lockProduct(ctx, tx, c.ID, p.Code); err != nil {
			return err
		}
		some, err := anyOffered(ctx, tx, c.ID, p.Code)
		if err != nil || some {
			return errors.Join(err, ErrChanged.Newf("places are kept for who waited: its pools "+
				"cannot be changed before they are taken"))
		}
	}
	return nil
}

// EndProduct stops the sale of a product for good. What was sold stays valid.
//
// Errors: ErrUnknown.
func (s *Service) EndProduct(ctx context.Context, parkID, code, actor string) error {
	return s.edit(ctx, parkID, "product_ended", actor, func(
		ctx context.Context, tx *db.Tx, park *Park,
	) (facts, error) {
		c, err := readCatalogue(ctx, tx, *park)
		if err != nil {
			return nil, err
		}
		p := c.products[code]
		if p == nil || p.Ended {
			return nil, ErrUnknown.Newf("there is no product %q", code)
		}
		p.Ended = true
		p.Version++
		return facts{"product": code}, writeProduct(ctx, tx, p)
	})
}

// PutPrices replaces every price of the products that are named in them.
//
// Errors: ErrInvalid, ErrUnknown.
func (s *Service) PutPrices(ctx context.Context, parkID string, ps []Price, actor string) error {
	r := &refusal{problem: ErrInvalid}
	r.unless(len(ps) <= pricesMax, "/prices", "are at most 5000")
	by := map[string][]Price{}
	seen := map[priceKey]bool{}
	for i, p := range ps {
		p.check(r, fmt.Sprintf("/prices/%d", i))
		k := priceKey{p.Product, p.Unit, p.DayType}
		r.unless(!seen[k], fmt.Sprintf("/prices/%d", i), "stands twice")
		seen[k] = true
		by[p.Product] = append(by[p.Product], p)
	}
	if err := r.answer(); err != nil {
		return err
	}
	return s.edit(ctx, parkID, "prices_changed", actor, func(
		ctx context.Context, tx *db.Tx, park *Park,
	) (facts, error) {
		c, err := readCatalogue(ctx, tx, *park)
		if err != nil {
			return nil, err
		}
		for i, p := range ps {
			if c.products[p.Product] == nil {
				return nil, ErrUnknown.Newf("there is no product %q", p.Product).
					At(fmt.Sprintf("/prices/%d/product", i), "is unknown")
			}
		}
		for _, code := range slices.Sorted(maps.Keys(by)) {
			prices := by[code]
			if err := replacePrices(ctx, tx, park.ID, code, prices); err != nil {
				return nil, err
			}
		}
		return facts{"prices": ps}, nil
	})
}

// PutDays writes days of the calendar. A new day may come closed, and is open again when it is
// written so. Days that are sold already are closed, and opened, by closures: see Close.
//
// Errors: ErrInvalid, ErrUnknown.
func (s *Service) PutDays(ctx context.Context, parkID string, ds []Day, actor string) error {
	r := &refusal{problem: ErrInvalid}
	r.unless(len(ds) >= 1 && len(ds) <= daysMax, "/days", "are 1 to 400")
	seen := map[string]bool{}
	for i := range ds {
		pointer := fmt.Sprintf("/days/%d", i)
		ds[i].check(r, pointer)
		r.unless(!seen[ds[i].Day], pointer, "stands twice")
		seen[ds[i].Day] = true
	}
	if err := r.answer(); err != nil {
		return err
	}
	return s.edit(ctx, parkID, "calendar_changed", actor, func(
		ctx context.Context, tx *db.Tx, park *Park,
	) (facts, error) {
		if err := writeDays(ctx, tx, park.ID, ds); err != nil {
			return nil, err
		}
		return facts{"days": len(ds), "first": ds[0].Day, "last": ds[len(ds)-1].Day},
			s.openDays(ctx, tx, park.ID, ds)
	})
}

// openDays opens those of some days that came closed with the calendar and that no closure closes.
func (s *Service) openDays(ctx context.Context, tx *db.Tx, parkID string, ds []Day) error {
	var keys []dayKey
	for _, d := range ds {
		if !d.Closed {
			keys = append(keys, dayKey{parkID, d.Day})
		}
	}
	found, err := daysOf(ctx, tx, sortedDays(keys), false)
	if err != nil {
		return err
	}
	for _, k := range sortedDays(keys) {
		d := found[k]
		if d == nil || !d.Closed {
			continue
		}
		cs, err := closuresOfDay(ctx, tx, parkID, k.day)
		if err != nil {
			return err
		}
		if len(cs) > 0 {
			continue // see Reopen
		}
		d.Closed = false
		if err := closeDay(ctx, tx, parkID, d); err != nil {
			return fmt.Errorf("open %s: %w", k.day, err)
		}
	}
	return nil
}

// PutPools makes pools, or names them anew.
//
// Errors: ErrInvalid, ErrUnknown.
func (s *Service) PutPools(ctx context.Context, parkID string, ps []Pool, actor string) error {
	r := &refusal{problem: ErrInvalid}
	r.unless(len(ps) >= 1 && len(ps) <= poolsMax, "/pools", "are 1 to 50")
	seen := map[string]bool{}
	for i := range ps {
		pointer := fmt.Sprintf("/pools/%d", i)
		ps[i].check(r, pointer)
		r.unless(!seen[ps[i].Code], pointer, "stands twice")
		seen[ps[i].Code] = true
	}
	if err := r.answer(); err != nil {
		return err
	}
	return s.edit(ctx, parkID, "pools_changed", actor, func(
		ctx context.Context, tx *db.Tx, park *Park,
	) (facts, error) {
		was, err := poolsIn(ctx, tx, park.ID)
		if err != nil {
			return nil, err
		}
		all := maps.Clone(seen)
		for _, w := range was {
			for i, p := range ps {
				if p.Code == w.Code && p.Slotted != w.Slotted {
					return nil, ErrInvalid.Newf("whether pool %s counts slots never changes",
						p.Code).At(fmt.Sprintf("/pools/%d/slotted", i), "never changes")
				}
			}
			all[w.Code] = true
		}
		if len(all) > poolsMax {
			return nil, ErrInvalid.Newf("a park has at most %d pools", poolsMax)
		}
		return facts{"pools": len(ps)}, writePools(ctx, tx, park.ID, ps)
	})
}

// PutDiscount makes a discount, when Version is 0, or writes it anew. What was bought keeps the
// rules of its purchase (T3).
//
// Errors: ErrInvalid, ErrUnknown, ErrTaken, ErrChanged.
func (s *Service) PutDiscount(ctx context.Context, d Discount, actor string) (Discount, error) {
	if err := d.check(); err != nil {
		return Discount{}, err
	}
	for _, issuer := range d.Rule.Issuers {
		if no, err := s.issuerNo(ctx, issuer); err != nil || no == 0 {
			return Discount{}, errors.Join(err, ErrInvalid.Newf("there is no wallet %q", issuer).
				At("/issuers", "names a wallet that is unknown"))
		}
	}
	var out Discount
	err := s.edit(ctx, d.ParkID, "discount_changed", actor, func(
		ctx context.Context, tx *db.Tx, park *Park,
	) (facts, error) {
		c, err := readCatalogue(ctx, tx, *park)
		if err != nil {
			return nil, err
		}
		for i, code := range d.Rule.Products {
			if c.products[code] == nil {
				return nil, ErrInvalid.Newf("there is no product %q", code).
					At(fmt.Sprintf("/products/%d", i), "is unknown")
			}
		}
		all := c.discounts
		out = d
		out.ParkID, out.Ended = park.ID, false
		i := slices.IndexFunc(all, func(x Discount) bool { return x.Rule.ID == d.Rule.ID })
		switch {
		case i < 0 && d.Version != 0:
			return nil, ErrUnknown.Newf("there is no discount %q", d.Rule.ID)
		case i < 0 && len(all) >= rulesMax:
			return nil, ErrInvalid.Newf("a park has at most %d discounts", rulesMax)
		case i >= 0 && d.Version == 0:
			return nil, ErrTaken.Newf("there is a discount %q", d.Rule.ID).At("/id", "is taken")
		case i >= 0 && all[i].Version != d.Version:
			return nil, ErrChanged.Newf("the discount is at version %d", all[i].Version)
		}
		out.Version++
		return facts{"discount": d.Rule}, writeDiscount(ctx, tx, &out)
	})
	return out, err
}

// EndDiscount ends a discount.
//
// Errors: ErrUnknown.
func (s *Service) EndDiscount(ctx context.Context, parkID, discount, actor string) error {
	return s.edit(ctx, parkID, "discount_ended", actor, func(
		ctx context.Context, tx *db.Tx, park *Park,
	) (facts, error) {
		all, err := discountsIn(ctx, tx, park.ID)
		if err != nil {
			return nil, err
		}
		for i := range all {
			if d := &all[i]; d.Rule.ID == discount && !d.Ended {
				d.Ended = true
				d.Version++
				return facts{"discount": discount}, writeDiscount(ctx, tx, d)
			}
		}
		return nil, ErrUnknown.Newf("there is no discount %q", discount)
	})
}
