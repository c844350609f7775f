package park

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"watari/kit/db"
	"watari/pay/promo"
)

// CalendarQuery asks on which days of a period something is sold, and for how much.
type CalendarQuery struct {
	ParkID   string // or slug
	From, To string // days, both included; at most 400
	Product  string // "" is every product that lets in
	// Units are who comes, 1 to 200 in all; none is one adult.
	Units    map[Unit]int64
	Channel  string // "" is ByVisitor
	IssuerID string // the buyer's wallet, "" when it is not known
	// Each asks for DayOffer.Units, of one product.
	Each bool
}

// Calendar says for every day of a period whether the units can come and what they pay: with the
// cheapest product that has room for all of them. A day that is not in the calendar is closed.
//
// Errors: ErrUnknown, ErrDay, ErrLimit.
func (s *Service) Calendar(ctx context.Context, q CalendarQuery) ([]DayOffer, error) {
	dates, err := between(q.From, q.To)
	if err != nil {
		return nil, err
	}
	q.Channel = cmp.Or(q.Channel, ByVisitor)
	total, units := int64(0), q.Units
	for u, n := range units {
		if !u.known() || n < 0 || n > 200 {
			return nil, ErrLimit.Newf("1 to 200 persons of known age classes")
		}
		total += n
	}
	if total == 0 {
		units, total = map[Unit]int64{Adult: 1}, 1
	}
	if total > 200 {
		return nil, ErrLimit.Newf("at most 200 persons").Set("limit", 200)
	}
	var out []DayOffer
	err = s.view(ctx, q.ParkID, func(ctx context.Context, tx *db.Tx, c *catalogue) error {
		issuerNo, err := s.issuerNo(ctx, q.IssuerID)
		if err != nil {
			return err
		}
		l := &looking{c: c, q: q, units: units, total: total, now: s.now(), issuerNo: issuerNo,
			quotas: map[quotaKey]*quota{}}
		if l.pledges, err = promo.At(ctx, tx, c.MerchantNo); err != nil {
			return err
		}
		l.pick()
		days, err := calendarOf(ctx, tx, c.ID, q.From, q.To)
		if err != nil {
			return err
		}
		if err := l.read(ctx, tx); err != nil {
			return err
		}
		out = l.look(dates, days)
		return nil
	})
	return out, err
}

// looking is what a calendar is made from.
type looking struct {
	c        *catalogue
	q        CalendarQuery
	units    map[Unit]int64
	total    int64
	now      time.Time
	issuerNo int64
	quotas   map[quotaKey]*quota
	products []*Product
	rules    []Rule
	pledges  map[string]promo.Pledge
	costs    map[costKey]cost // what was reckoned before
	// slots is what is left in the best slot of a pool on a day, when bySlot. It does for days on
	// which no slot is over; today is read slot by slot.
	slots  map[quotaKey]int64
	bySlot bool
}

// costKey is what a price depends on: the day matters only through its type, unless a rule is
// about days.
type costKey struct {
	product, dayType, day string
	units                 [5]int64 // in the order of Units
}

type cost struct {
	list, price int64
	ok          bool
}

// pick finds the products that are looked at.
func (l *looking) pick() {
	for _, p := range l.c.sorted() {
		if p.through(l.q.Channel) && !p.VoucherOnly && (l.q.Product == p.Code ||
			l.q.Product == "" && p.Kind.Admission() && p.Kind != Annual) &&
			p.MinCount <= l.total {
			l.products = append(l.products, p)
		}
	}
	l.rules = l.c.rules(l.now, l.q.Channel, l.pledges)
	l.costs = map[costKey]cost{}
}

// read reads what is left. Slots are many: where that is enough, the engine finds the best.
func (l *looking) read(ctx context.Context, tx *db.Tx) error {
	from, to, add := l.q.From, l.q.To, func(k quotaKey, one Quota) {
		addQuota(l.quotas, k, one)
	}
	of, ok := l.slotted()
	if !ok {
		return quotasBetween(ctx, tx, l.c.ID, from, to, add)
	}
	l.bySlot = true
	if err := wholeQuotas(ctx, tx, l.c.ID, from, to, add); err != nil || len(of) == 0 {
		return err
	}
	var err error
	if l.slots, err = bestSlots(ctx, tx, l.c.ID, from, to, l.q.Channel, of,
		l.now.Add(-waitFirst)); err != nil {
		return err
	}
	today := DayOf(l.now) // some of its slots are over
	if today < from || today > to {
		return nil
	}
	clearDay(l.quotas, dayKey{l.c.ID, today})
	return quotasBetween(ctx, tx, l.c.ID, today, today, add)
}

// slotted are the slots of the pools that products take from; false when the best slot of a pool
// does not say enough: a product takes from two such pools, or two products have other slots in
// one.
func (l *looking) slotted() ([]slotsOf, bool) {
	by := map[string][]string{}
	for _, p := range l.products {
		var codes []string
		for _, s := range p.Slots {
			codes = append(codes, s.Code)
		}
		slices.Sort(codes)
		some := false
		for _, code := range p.Pools {
			if pool := l.c.pools[code]; pool == nil || !pool.Slotted {
				continue
			}
			if was, ok := by[code]; some || ok && !slices.Equal(was, codes) {
				return nil, false
			}
			by[code], some = codes, true
		}
	}
	var out []slotsOf
	for _, pool := range slices.Sorted(maps.Keys(by)) {
		if len(by[pool]) > 0 {
			out = append(out, slotsOf{pool, by[pool]})
		}
	}
	return out, len(out) <= slotPools
}

// slotPools is how many pools are looked through by the engine at once.
const slotPools = 50

// clearDay drops what was read of a day, before it is read again.
func clearDay(quotas map[quotaKey]*quota, d dayKey) {
	for k := range quotas {
		if k.park == d.park && k.day == d.day {
			delete(quotas, k)
		}
	}
}

func (l *looking) look(dates []string, days []Day) []DayOffer {
	by := make(map[string]*Day, len(days))
	for i := range days {
		by[days[i].Day] = &days[i]
	}
	out := make([]DayOffer, 0, len(dates))
	for _, date := range dates {
		out = append(out, l.day(date, by[date]))
	}
	return out
}

// day is one day: the cheapest product that has room, else why there is none.
func (l *looking) day(date string, d *Day) DayOffer {
	out := DayOffer{Day: date, State: DayClosed, Price: -1, List: -1}
	if d == nil {
		return out
	}
	out.Type, out.Note = d.Type, d.Note
	out.Open, out.Close = At(date, d.Open), At(date, d.Close)
	if d.Closed {
		return out
	}
	out.State = NotForSale
	o := offering{c: l.c, day: d, quotas: l.quotas, now: l.now,
		query: OfferQuery{Day: date, Channel: l.q.Channel}}
	for _, p := range l.products {
		if l.q.Each {
			out.Units = l.each(p, d)
		}
		price := l.cost(p, d, l.units)
		if !price.ok {
			continue
		}
		state, left := l.best(&o, p)
		if left >= 0 && left < l.total && (state == Available || state == Few) {
			state = SoldOut
		}
		sold := state == Available || state == Few
		was := out.State == Available || out.State == Few
		if better(state, out.State) && !was || sold && was && price.price < out.Price {
			out.State, out.Remaining, out.Product = state, left, p.Code
			out.Price, out.List = -1, -1
			if sold {
				out.Price, out.List = price.price, price.list
			}
		}
	}
	return out
}

// best is the state of a product on a day, of its best slot.
func (l *looking) best(o *offering, p *Product) (state Availability, left int64) {
	if len(p.Slots) == 0 {
		return o.state(p, "")
	}
	if l.bySlot && o.query.Day != DayOf(l.now) {
		return o.stateIn(p, p.Slots[0].Code, func(k quotaKey) int64 {
			if k.slot == "" {
				return o.quotas[k].room(o.query.Channel, o.now)
			}
			return max(0, l.slots[quotaKey{park: k.park, day: k.day, pool: k.pool}])
		})
	}
	state, left = NotForSale, 0
	for i, slot := range p.Slots {
		st, n := o.state(p, slot.Code)
		if i == 0 || better(st, state) || st == state && more(n, left) {
			state, left = st, n
		}
	}
	return state, left
}

// each is what one person of each age class pays.
func (l *looking) each(p *Product, d *Day) []UnitPrice {
	var out []UnitPrice
	for _, u := range Units() {
		if x := l.cost(p, d, map[Unit]int64{u: 1}); x.ok {
			out = append(out, UnitPrice{Unit: u, List: x.list, Price: x.price})
		}
	}
	return out
}

// cost is what some units pay for a product on a day.
func (l *looking) cost(p *Product, d *Day, units map[Unit]int64) cost {
	k := costKey{product: p.Code, dayType: d.Type}
	for i, u := range Units() {
		k.units[i] = units[u]
	}
	for _, r := range l.rules {
		if r.FirstDay != "" || r.LastDay != "" {
			k.day = d.Day
		}
	}
	if known, ok := l.costs[k]; ok {
		return known
	}
	b := Basket{Rules: l.rules, Issuer: l.q.IssuerID, IssuerNo: l.issuerNo}
	out := cost{ok: true}
	for _, u := range Units() {
		list, ok := l.c.price(p.Code, u, d.Type)
		for range units[u] {
			out.ok = out.ok && ok
			out.list += list
			b.Pieces = append(b.Pieces, Piece{No: int64(len(b.Pieces) + 1), Product: p.Code,
				Day: d.Day, Unit: u, List: list})
		}
	}
	for _, x := range b.Price() {
		out.price += x.Price
	}
	l.costs[k] = out
	return out
}
