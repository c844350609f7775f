package park

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"watari/kit/db"
	"watari/kit/fault"
	"watari/pay/promo"
	"watari/visit/order"
)

// OfferQuery asks what a park offers on a day.
type OfferQuery struct {
	ParkID   string // or slug
	Day      string
	Channel  string   // "" is ByVisitor
	IssuerID string   // the buyer's wallet, "" when it is not known
	Claims   []string // what the buyer says of themselves
	Product  string   // "" is every product
}

// Offers lists what a park sells for a day, with what is left and what it costs with the buyer's
// wallet. Products that have no price on the day are not listed.
//
// Errors: ErrUnknown, ErrDay.
func (s *Service) Offers(ctx context.Context, q OfferQuery) ([]Offer, error) {
	if _, ok := midnight(q.Day); !ok {
		return nil, ErrDay.Newf("a day is written 2026-11-23")
	}
	q.Channel = cmp.Or(q.Channel, ByVisitor)
	var out []Offer
	err := s.view(ctx, q.ParkID, func(ctx context.Context, tx *db.Tx, c *catalogue) error {
		out = nil
		issuerNo, err := s.issuerNo(ctx, q.IssuerID)
		if err != nil {
			return err
		}
		days, err := daysOf(ctx, tx, []dayKey{{c.ID, q.Day}}, false)
		if err != nil {
			return err
		}
		quotas := map[quotaKey]*quota{}
		if err := quotasBetween(ctx, tx, c.ID, q.Day, q.Day, func(k quotaKey, one Quota) {
			addQuota(quotas, k, one)
		}); err != nil {
			return err
		}
		o := offering{c: c, day: days[dayKey{c.ID, q.Day}], quotas: quotas, now: s.now(),
			query: q, issuerNo: issuerNo}
		pledges, err := promo.At(ctx, tx, c.MerchantNo)
		if err != nil {
			return err
		}
		o.rules = c.rules(o.now, q.Channel, pledges)
		for _, p := range c.sorted() {
			if p.through(q.Channel) && !p.VoucherOnly &&
				(q.Product == "" || q.Product == p.Code) {
				if offer, ok := o.offer(p); ok {
					out = append(out, offer)
				}
			}
		}
		return nil
	})
	return out, err
}

// offering is what offers of a day are made from.
type offering struct {
	c        *catalogue
	day      *Day
	quotas   map[quotaKey]*quota
	now      time.Time
	query    OfferQuery
	issuerNo int64
	rules    []Rule
}

// offer is a product on the day; false when it has no price.
func (o *offering) offer(p *Product) (Offer, bool) {
	out := Offer{Product: *p, Day: o.query.Day, Units: o.units(p)}
	if len(out.Units) == 0 {
		return out, false
	}
	from, until := p.From, p.Until
	if o.day != nil {
		from = max(from, o.day.Open)
		until = cmp.Or(until, o.day.Close)
	}
	out.From, out.Until = At(o.query.Day, from), At(o.query.Day, cmp.Or(until, int64(minuteMax)))
	if len(p.Slots) == 0 {
		out.State, out.Remaining = o.state(p, "")
		return out, true
	}
	out.State, out.Remaining = NotForSale, 0
	for i, slot := range p.Slots {
		so := SlotOffer{Slot: slot, Starts: At(o.query.Day, slot.From),
			Ends: At(o.query.Day, slot.Until)}
		so.State, so.Remaining = o.state(p, slot.Code)
		out.Slots = append(out.Slots, so)
		if i == 0 || better(so.State, out.State) ||
			so.State == out.State && more(so.Remaining, out.Remaining) {
			out.State, out.Remaining = so.State, so.Remaining
		}
	}
	return out, true
}

// better says whether a state sells more than another.
func better(a, b Availability) bool {
	rank := []Availability{Available, Few, NotYet, SoldOut, SaleOver, NotForSale, DayClosed}
	return slices.Index(rank, a) < slices.Index(rank, b)
}

// more compares what is left, where -1 is without limit.
func more(a, b int64) bool { return b >= 0 && (a < 0 || a > b) }

// state is whether a product, or a slot of it, can be bought, and how many are left.
func (o *offering) state(p *Product, slot string) (Availability, int64) {
	return o.stateIn(p, slot, func(k quotaKey) int64 {
		return o.quotas[k].room(o.query.Channel, o.now)
	})
}

// stateIn is state, with the room of a quota as somebody knows it.
func (o *offering) stateIn(
	p *Product, slot string, roomOf func(quotaKey) int64,
) (Availability, int64) {
	if !o.c.OnSale {
		return NotForSale, 0
	}
	if no := o.c.openFor(p, o.day, o.query.Day, slot, o.now); no != nil {
		switch {
		case errors.Is(no, ErrClosed):
			return DayClosed, 0
		case o.now.Before(p.SaleFrom) || o.query.Day > addDays(DayOf(o.now), p.ahead()):
			return NotYet, 0
		case !p.SaleUntil.IsZero() && !o.now.Before(p.SaleUntil) ||
			o.query.Day < DayOf(o.now) || o.day != nil && o.query.Day == DayOf(o.now):
			return SaleOver, 0
		}
		return NotForSale, 0
	}
	left := int64(-1)
	for _, k := range o.c.keys(Piece{Product: p.Code, Day: o.query.Day, Slot: slot}) {
		if room := roomOf(k); more(left, room) {
			left = room
		}
	}
	return stateOf(left), left
}

func stateOf(left int64) Availability {
	switch {
	case left == 0:
		return SoldOut
	case left > 0 && left <= fewLeft:
		return Few
	}
	return Available
}

// units are the age classes that a product has prices for on the day.
func (o *offering) units(p *Product) []UnitOffer {
	dayType := ""
	if o.day != nil {
		dayType = o.day.Type
	}
	var out []UnitOffer
	for _, u := range Units() {
		list, ok := o.c.price(p.Code, u, dayType)
		if !ok {
			continue
		}
		b := Basket{Rules: o.rules, Issuer: o.query.IssuerID, IssuerNo: o.issuerNo,
			Claims: o.query.Claims, Pieces: []Piece{{No: 1, Product: p.Code, Day: o.query.Day,
				Unit: u, List: list}}}
		priced := b.Price()[0]
		unit := UnitOffer{Unit: u, List: list, Price: priced.Price,
			Given: o.given(&b, []Priced{priced})}
		unit.Deals = o.deals(b, priced)
		out = append(out, unit)
	}
	return out
}

// given says who gives the discounts of pieces, summed up by rule and giver.
func (o *offering) given(b *Basket, ps []Priced) []Given { return givenOf(o.c, b, ps) }

func givenOf(c *catalogue, b *Basket, ps []Priced) []Given {
	var out []Given
	names := c.names()
	for _, p := range ps {
		for _, f := range p.Funding {
			i := slices.IndexFunc(out, func(g Given) bool {
				return g.Funding.Rule == f.Rule && g.Funding.Kind == f.Kind
			})
			if i < 0 {
				out = append(out, Given{Funding: f, Kind: b.kindOf(f.Rule), Name: names[f.Rule]})
			} else {
				out[i].Funding.Minor += f.Minor
			}
		}
	}
	return out
}

// deals are what other wallets would make of the price. The wallets of a rule are shown by their
// ids; what the buyer has already is left out.
func (o *offering) deals(b Basket, now Priced) []Deal {
	var out []Deal
	names := o.c.names()
	for _, r := range o.rules {
		if r.Kind != ForWallet || !r.isFor(now.Piece) || b.IssuerNo != 0 && b.earns(&r, now.Piece) {
			continue
		}
		with := b
		with.IssuerNo, with.Issuer = -1, "" // some wallet of the rule
		if len(r.Issuers) > 0 {
			with.Issuer = r.Issuers[0]
		}
		if price := with.Price()[0].Price; price < now.Price {
			out = append(out, Deal{Rule: r.ID, Name: names[r.ID], Issuers: r.Issuers, Price: price})
		}
	}
	slices.SortStableFunc(out, func(x, y Deal) int { return cmp.Compare(x.Price, y.Price) })
	return out
}

// Preview prices a wish as Hold would, and refuses it as Hold would, but takes nothing.
//
// Errors: ErrUnknown, ErrSoldOut, ErrNotSold, ErrClosed, ErrLimit, ErrVoucher.
func (s *Service) Preview(ctx context.Context, w Wish) (Quote, error) {
	var out Quote
	err := s.view(ctx, w.ParkID, func(ctx context.Context, tx *db.Tx, c *catalogue) error {
		now := s.now()
		q := &order.Request{Place: c.ID, Channel: w.Channel, IssuerID: w.IssuerID,
			Items: w.Items, Voucher: w.Voucher, Claims: w.Claims, VisitorID: w.Visitor}
		plans, err := s.plans(ctx, tx, now, []*order.Request{q}, false)
		if err != nil {
			return err
		}
		p := plans[0]
		if p.no == nil {
			p.no, err = s.couldTake(ctx, tx, p, now)
		}
		if err != nil {
			return err
		}
		if p.no != nil {
			return p.no
		}
		priced := p.basket.Price()
		out = Quote{Lines: p.lines(), Policy: c.Policy, Given: givenOf(c, &p.basket, priced)}
		for _, l := range out.Lines {
			out.List += l.List
			out.Total += l.Price
		}
		if p.basket.Exclusive(priced) {
			out.OnlyIssuers = []string{p.basket.Issuer}
		}
		return nil
	})
	return out, err
}

// couldTake decides a plan as take does, on rows that are not locked.
func (s *Service) couldTake(
	ctx context.Context, tx *db.Tx, p *plan, now time.Time,
) (*fault.Error, error) {
	quotas, err := quotasOf(ctx, tx, keysOf(p.need), false)
	if err != nil {
		return nil, err
	}
	st := &stock{quotas: quotas, got: map[limitKey]int64{}, used: map[voucherKey]int64{},
		took: map[string][]string{}}
	if p.q.Voucher != "" {
		st.vouchers, err = vouchersOf(ctx, tx, []voucherKey{{p.c.ID, voucherCode(p.q.Voucher)}},
			false)
		if err != nil {
			return nil, err
		}
	}
	if st.had, err = limitsOf(ctx, tx, keysOf(p.limits), false); err != nil {
		return nil, err
	}
	return st.take(p, now), nil
}
