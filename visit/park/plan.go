package park

import (
	"slices"
	"time"

	"watari/kit/fault"
	"watari/kit/i18n"
	"watari/pay/promo"
	"watari/visit/order"
)

// plan is what a request wants, before it is known whether there is room.
type plan struct {
	q      *order.Request
	c      *catalogue
	basket Basket
	// options are those of the items, piece by piece; they are handed through to the lines.
	options []map[string]string
	need    map[quotaKey]int64
	limits  map[limitKey]int64
	no      *fault.Error // why it is refused
}

// newPlan resolves the items of a request. days are those that it names, as far as they are in the
// calendar.
func newPlan(
	c *catalogue, q *order.Request, days map[dayKey]*Day, now time.Time, issuerNo int64,
	pledges map[string]promo.Pledge,
) *plan {
	p := &plan{q: q, c: c, need: map[quotaKey]int64{}, limits: map[limitKey]int64{}}
	if !c.OnSale {
		p.no = ErrNotSold.Newf("the park sells nothing now")
		return p
	}
	if issuerNo != 0 {
		p.basket.Issuer, p.basket.IssuerNo = q.IssuerID, issuerNo
	}
	p.basket.Claims = q.Claims
	for i := range q.Items {
		it := &q.Items[i]
		if p.no = p.add(it, days[dayKey{c.ID, it.Day}], now); p.no != nil {
			return p
		}
	}
	if p.no = p.counts(); p.no != nil {
		return p
	}
	for _, piece := range p.basket.Pieces {
		for _, k := range c.keys(piece) {
			p.need[k]++
		}
		if q.VisitorID != "" {
			p.limits[limitKey{c.ID, q.VisitorID, piece.Day, ""}]++
			p.limits[limitKey{c.ID, q.VisitorID, piece.Day, piece.Product}]++
		}
	}
	p.basket.Rules = p.earned(c.rules(now, channelOf(q), pledges))
	return p
}

func channelOf(q *order.Request) string {
	if q.Channel == "" {
		return ByVisitor
	}
	return q.Channel
}

// add resolves one item into pieces.
func (p *plan) add(it *order.Item, day *Day, now time.Time) *fault.Error {
	product := p.c.products[it.Product]
	if product == nil || product.Ended || !product.through(channelOf(p.q)) {
		return ErrNotSold.Newf("the park does not sell %q here", it.Product).
			Set("product", it.Product)
	}
	if no := p.c.openFor(product, day, it.Day, it.Slot, now); no != nil {
		return no
	}
	dayType := ""
	if day != nil {
		dayType = day.Type
	}
	unit := Unit(it.Unit)
	list, ok := p.c.price(product.Code, unit, dayType)
	if !ok {
		return ErrNotSold.Newf("%s is not sold for %q", product.Code, it.Unit).
			Set("product", product.Code).Set("unit", it.Unit)
	}
	if it.Count < 1 || it.Count > order.LinesMax ||
		it.Count > order.LinesMax-int64(len(p.basket.Pieces)) {
		return ErrLimit.Newf("an order has 1 to %d pieces", order.LinesMax).
			Set("limit", order.LinesMax)
	}
	for range it.Count {
		p.basket.Pieces = append(p.basket.Pieces, Piece{No: int64(len(p.basket.Pieces) + 1),
			Product: product.Code, Day: it.Day, Slot: it.Slot, Unit: unit, List: list})
		p.options = append(p.options, it.Options)
	}
	p.basket.note(p.c, product.Code)
	return nil
}

// openFor says why a product is not sold now for a day and slot; nil when it is. day is nil when
// it is not in the calendar.
func (c *catalogue) openFor(
	p *Product, day *Day, date, slot string, now time.Time,
) *fault.Error {
	refuse := func(problem *fault.Problem, text string) *fault.Error {
		return problem.Newf("%s: %s", p.Code, text).Set("product", p.Code).Set("day", date)
	}
	if _, ok := midnight(date); !ok {
		return refuse(ErrNotSold, "is bought for a day, written 2026-11-23")
	}
	s, hasSlot := p.Slot(slot)
	today := DayOf(now)
	switch {
	case hasSlot != (len(p.Slots) > 0) || !hasSlot && slot != "":
		return refuse(ErrNotSold, "there is no such slot").Set("slot", slot)
	case now.Before(p.SaleFrom):
		return refuse(ErrNotSold, "its sale has not begun").Set("sale_from", p.SaleFrom)
	case !p.SaleUntil.IsZero() && !now.Before(p.SaleUntil):
		return refuse(ErrNotSold, "its sale is over")
	case date < today:
		return refuse(ErrNotSold, "the day is over")
	case date > addDays(today, p.ahead()):
		return refuse(ErrNotSold, "is not sold so long before")
	case day == nil && p.validDays() > 1:
		return nil
	case day == nil:
		return refuse(ErrNotSold, "the day is not in the calendar")
	case !day.sells(p.Code):
		return refuse(ErrClosed, "the park is closed")
	}
	if !now.Before(At(date, lastSale(p, day, s))) {
		return refuse(ErrNotSold, "its sale for the day is over")
	}
	return nil
}

// ahead is how many days before its day it is sold.
func (p *Product) ahead() int64 {
	if p.Ahead == 0 {
		return AheadMax
	}
	return p.Ahead
}

// lastSale is the minute of a day at which the sale for it ends.
func lastSale(p *Product, d *Day, s Slot) int64 {
	end := d.Close
	if p.Until != 0 {
		end = min(end, p.Until)
	}
	if s.Until != 0 {
		end = min(end, s.Until)
	}
	if p.LastSale != 0 {
		end = min(end, p.LastSale)
	}
	return end
}

// counts refuses too many pieces of one order, or too few.
func (p *plan) counts() *fault.Error {
	most := p.c.PerOrder
	if most == 0 {
		most = order.LinesMax
	}
	if n := int64(len(p.basket.Pieces)); n > most {
		return ErrLimit.Newf("an order has at most %d pieces", most).Set("limit", most)
	}
	by := map[Piece]int64{}
	for _, piece := range p.basket.Pieces {
		by[Piece{Product: piece.Product, Day: piece.Day}]++
	}
	for k, n := range by {
		product := p.c.products[k.Product]
		switch {
		case n < product.MinCount:
			return ErrLimit.Newf("%s is sold from %d on", k.Product, product.MinCount).
				Set("product", k.Product).Set("least", product.MinCount)
		case product.MaxCount != 0 && n > product.MaxCount:
			return ErrLimit.Newf("an order has at most %d of %s", product.MaxCount, k.Product).
				Set("product", k.Product).Set("limit", product.MaxCount)
		}
	}
	return nil
}

// earned are the rules that can matter to the basket, now or when some of it is given back or
// moved: the others are not kept with it.
func (p *plan) earned(rules []Rule) []Rule {
	return slices.DeleteFunc(rules, func(r Rule) bool {
		switch r.Kind {
		case ForResidents, ForMembers:
			if !slices.Contains(p.basket.Claims, r.Claim) {
				return true
			}
		case ForWallet:
			if p.basket.IssuerNo == 0 ||
				len(r.Issuers) > 0 && !slices.Contains(r.Issuers, p.basket.Issuer) {
				return true
			}
		case ForGroups, ForVoucher:
		}
		r.FirstDay, r.LastDay = "", ""
		return !slices.ContainsFunc(p.basket.Pieces, r.isFor)
	})
}

// enter uses a voucher, or refuses it. v is nil when there is none of the code.
func (p *plan) enter(v *Voucher, now time.Time) *fault.Error {
	if p.q.Voucher == "" {
		return p.unlocked(nil)
	}
	if v == nil || !v.valid(now, p.q.VisitorID) {
		return ErrVoucher.Newf("the voucher does not exist, was used, or is not valid now").
			At("/voucher", "is not valid")
	}
	p.basket.Code, p.basket.Voucher = v.Code, v.Discount
	if no := p.unlocked(v); no != nil {
		return no
	}
	if v.Places == 0 {
		if v.Discount == "" || p.rule(v.Discount) != nil {
			return nil
		}
		return ErrVoucher.Newf("the voucher is for nothing of this order").
			At("/voucher", "is not for this")
	}
	if p.kept(v) != v.Places || int64(len(p.basket.Pieces)) != v.Places {
		return ErrVoucher.Newf("the voucher holds %d places of %s on %s", v.Places, v.Product,
			v.Day).At("/voucher", "is for exactly the places that it holds")
	}
	return nil
}

// unlocked refuses what is sold with a voucher only: to who has none, or one for something else. A
// voucher without a discount is for all of it; one of the waiting list opens nothing.
func (p *plan) unlocked(v *Voucher) *fault.Error {
	for _, piece := range p.basket.Pieces {
		if !p.c.products[piece.Product].VoucherOnly {
			continue
		}
		opens := v != nil && v.Places == 0 && v.Discount == ""
		if v != nil && v.Places == 0 && v.Discount != "" {
			r := p.rule(v.Discount)
			opens = r != nil && r.isFor(piece)
		}
		if !opens {
			return ErrVoucher.Newf("%s is sold with a voucher for it", piece.Product).
				Set("product", piece.Product).At("/voucher", "is needed for "+piece.Product)
		}
	}
	return nil
}

// rule is a discount that can matter to the basket, or nil.
func (p *plan) rule(id string) *Rule {
	for i := range p.basket.Rules {
		if p.basket.Rules[i].ID == id {
			return &p.basket.Rules[i]
		}
	}
	return nil
}

// kept is how many pieces are what a voucher holds.
func (p *plan) kept(v *Voucher) (n int64) {
	for _, piece := range p.basket.Pieces {
		if piece.Product == v.Product && piece.Day == v.Day && piece.Slot == v.Slot {
			n++
		}
	}
	return n
}

// room refuses what there is no room for.
func (p *plan) room(qs map[quotaKey]*quota, now time.Time) *fault.Error {
	for _, piece := range p.basket.Pieces {
		for _, k := range p.c.keys(piece) {
			left := qs[k].room(channelOf(p.q), now)
			if left < p.need[k] {
				return ErrSoldOut.Newf("%s on %s: %d left", piece.Product, piece.Day, left).
					Set("product", piece.Product).Set("day", piece.Day).
					Set("slot", piece.Slot).Set("left", left)
			}
		}
	}
	return nil
}

// within refuses more than a visitor may have for a day. had is what visitors have.
func (p *plan) within(had map[limitKey]int64) *fault.Error {
	for k, n := range p.limits {
		most := p.c.most(k.product)
		if most != 0 && had[k]+n > most {
			return ErrLimit.Newf("a visitor can have %d for a day", most).Set("limit", most).
				Set("day", k.day).Set("had", had[k])
		}
	}
	return nil
}

// most is how many a visitor can have of a product for a day, of all for ""; 0 is without limit.
func (c *catalogue) most(product string) int64 {
	if product == "" {
		return c.PerVisitor
	}
	if p := c.products[product]; p != nil {
		return p.PerVisitor
	}
	return 0
}

// lines are the lines of the order, priced.
func (p *plan) lines() []order.Line {
	priced := p.basket.Price()
	out := make([]order.Line, len(priced))
	for i, x := range priced {
		out[i] = p.c.line(x)
		out[i].Options = p.options[i]
	}
	return out
}

func (c *catalogue) line(x Priced) order.Line {
	return order.Line{No: x.No, Product: x.Product, Day: x.Day, Slot: x.Slot,
		Unit: string(x.Unit), Label: label(c.products[x.Product], x.Unit, x.Slot), List: x.List,
		Price: x.Price, Funding: x.Funding}
}

// label is what a line is called in every language.
func label(p *Product, u Unit, slot string) i18n.Text {
	out := i18n.Text{}
	for _, l := range i18n.Langs() {
		s := p.Name.In(l) + " · " + u.Name(l)
		if slot != "" {
			s += " · " + slot
		}
		out[l] = s
	}
	return out
}

// description is what is shown where it is paid.
func (p *plan) description() string {
	l := p.q.Lang
	s := p.c.Name.In(l)
	if len(p.basket.Pieces) > 0 {
		first := p.basket.Pieces[0]
		s += " · " + first.Day + " · " + p.c.products[first.Product].Name.In(l)
	}
	return s
}
