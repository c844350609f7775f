package park

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"watari/kit/db"
	"watari/kit/fault"
	"watari/pay/party"
	"watari/pay/promo"
	"watari/visit/order"
)

// SellerKind is what this seller is called in orders.
const SellerKind = "park"

// Kind is part of order.Seller.
func (s *Service) Kind() string { return SellerKind }

// issuerNo is the number of a wallet, 0 when nobody knows it.
func (s *Service) issuerNo(ctx context.Context, issuerID string) (int64, error) {
	if issuerID == "" {
		return 0, nil
	}
	s.mu.Lock()
	no := s.issuers[issuerID]
	s.mu.Unlock()
	if no != 0 {
		return no, nil
	}
	p, err := s.cfg.Directory.ByID(ctx, issuerID)
	switch {
	case errors.Is(err, party.ErrParticipantUnknown):
		return 0, nil
	case err != nil:
		return 0, fmt.Errorf("look for a wallet: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.issuers[issuerID] = p.No
	return p.No, nil
}

// Hold is part of order.Seller. Rows are locked in the order days, quotas, vouchers, limits, each
// by their keys; everything is decided in memory, in the order of the requests, and written once.
func (s *Service) Hold(
	ctx context.Context, tx *db.Tx, now time.Time, qs []*order.Request,
) ([]order.Held, error) {
	plans, err := s.plans(ctx, tx, now, qs, true)
	if err != nil {
		return nil, err
	}
	st, err := lockStock(ctx, tx, plans, now)
	if err != nil {
		return nil, err
	}
	out := make([]order.Held, len(qs))
	for i, p := range plans {
		if p.no == nil && s.cfg.Issuer == nil {
			p.no = ErrNotSold.Newf("no tickets are made here")
		}
		if p.no == nil {
			p.no = st.take(p, now)
		}
		if p.no != nil {
			out[i].Refusal = p.no
			continue
		}
		out[i] = p.held(now)
	}
	return out, st.write(ctx, tx)
}

// plans resolves requests. A request for a park that does not exist has no catalogue.
func (s *Service) plans(
	ctx context.Context, tx *db.Tx, now time.Time, qs []*order.Request, lock bool,
) ([]*plan, error) {
	var keys []dayKey
	for _, q := range qs {
		for _, it := range q.Items {
			if _, ok := midnight(it.Day); ok {
				keys = append(keys, dayKey{q.Place, it.Day})
			}
		}
	}
	days, err := daysOf(ctx, tx, sortedDays(keys), lock)
	if err != nil {
		return nil, err
	}
	catalogues, pledges := map[string]*catalogue{}, map[string]map[string]promo.Pledge{}
	out := make([]*plan, len(qs))
	for i, q := range qs {
		c := catalogues[q.Place]
		if c == nil {
			c, err = s.catalogue(ctx, tx, q.Place)
			var no *fault.Error
			if errors.As(err, &no) {
				out[i] = &plan{q: q, no: no}
				continue
			}
			if err != nil {
				return nil, err
			}
			catalogues[q.Place] = c
			if pledges[q.Place], err = promo.At(ctx, tx, c.MerchantNo); err != nil {
				return nil, err
			}
		}
		if c.ID != q.Place { // orders name parks by their ids
			out[i] = &plan{q: q, no: ErrUnknown.Newf("there is no park %q", q.Place)}
			continue
		}
		no, err := s.issuerNo(ctx, q.IssuerID)
		if err != nil {
			return nil, err
		}
		out[i] = newPlan(c, q, days, now, no, pledges[q.Place])
	}
	return out, nil
}

// sortedDays are days once each, in their order.
func sortedDays(keys []dayKey) []dayKey {
	slices.SortFunc(keys, func(a, b dayKey) int {
		if c := strings.Compare(a.park, b.park); c != 0 {
			return c
		}
		return strings.Compare(a.day, b.day)
	})
	return slices.Compact(keys)
}

// stock is what a batch of requests decides on: rows that are locked.
type stock struct {
	quotas   map[quotaKey]*quota
	vouchers map[voucherKey]*Voucher
	had      map[limitKey]int64 // grows with what is taken
	got      map[limitKey]int64
	used     map[voucherKey]int64
	took     map[string][]string // vouchers of the waiting list that were used, by park
}

// lockStock locks what plans want. Those for whom there is no room even before the others of the
// batch are refused at once: when a day is sold out most are, and they cost little.
func lockStock(
	ctx context.Context, tx *db.Tx, plans []*plan, now time.Time,
) (*stock, error) {
	st := &stock{got: map[limitKey]int64{}, used: map[voucherKey]int64{},
		took: map[string][]string{}}
	quotas, limits := map[quotaKey]bool{}, map[limitKey]bool{}
	var codes []voucherKey
	for _, p := range plans {
		if p.no != nil {
			continue
		}
		for k := range p.need {
			quotas[k] = true
		}
		if p.q.Voucher != "" {
			codes = append(codes, voucherKey{p.c.ID, voucherCode(p.q.Voucher)})
		}
	}
	var err error
	if st.quotas, err = quotasOf(ctx, tx, keysOf(quotas), true); err != nil {
		return nil, err
	}
	for _, p := range plans {
		if p.no == nil && p.q.Voucher == "" {
			p.no = p.room(st.quotas, now)
		}
		if p.no != nil {
			continue
		}
		for k := range p.limits {
			limits[k] = true
		}
	}
	if st.vouchers, err = vouchersOf(ctx, tx, codes, true); err != nil {
		return nil, err
	}
	st.had, err = lockLimits(ctx, tx, keysOf(limits))
	return st, err
}

func keysOf[K comparable, V any](m map[K]V) []K {
	out := make([]K, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	return out
}

// take decides one plan, or says why not. It changes nothing when it refuses.
func (st *stock) take(p *plan, now time.Time) *fault.Error {
	k := voucherKey{p.c.ID, voucherCode(p.q.Voucher)}
	v := st.vouchers[k]
	if no := p.enter(v, now); no != nil {
		return no
	}
	waited := v != nil && v.Places > 0 // what it holds is taken already
	if !waited {
		if no := p.room(st.quotas, now); no != nil {
			return no
		}
	}
	if no := p.within(st.had); no != nil {
		return no
	}
	if !waited {
		for k, n := range p.need {
			st.quotas[k].take(channelOf(p.q), n)
		}
	} else {
		st.took[p.c.ID] = append(st.took[p.c.ID], v.Code)
	}
	if v != nil {
		v.Used++
		st.used[k]++
	}
	for k, n := range p.limits {
		st.had[k] += n
		st.got[k] += n
	}
	return nil
}

// write writes what was decided.
func (st *stock) write(ctx context.Context, tx *db.Tx) error {
	if err := writeTaken(ctx, tx, st.quotas); err != nil {
		return err
	}
	if err := useVouchers(ctx, tx, st.used); err != nil {
		return err
	}
	if err := addLimits(ctx, tx, st.got); err != nil {
		return err
	}
	for park, codes := range st.took {
		if err := tookWaits(ctx, tx, park, codes); err != nil {
			return fmt.Errorf("end waiting: %w", err)
		}
	}
	return nil
}

// held is the answer to a request that has its stock.
func (p *plan) held(now time.Time) order.Held {
	hold := p.q.HoldFor
	if hold == 0 {
		hold = p.c.Hold
	}
	if hold == 0 {
		hold = HoldFor
	}
	h := order.Held{Lines: p.lines(), Expires: now.Add(min(max(hold, order.HoldMin),
		order.HoldMax)), Description: p.description(), Point: order.Point{
		AcquirerNo: p.c.AcquirerNo, MerchantID: p.c.MerchantID, StoreID: p.c.StoreID},
		Policy: json.RawMessage(encode(p.c.Policy)), Basket: json.RawMessage(encode(&p.basket))}
	if p.basket.Exclusive(p.basket.Price()) {
		h.OnlyIssuers = []string{p.basket.Issuer}
	}
	return h
}

// Fulfil is part of order.Seller: it makes a ticket for each line.
func (s *Service) Fulfil(
	ctx context.Context, tx *db.Tx, now time.Time, os []*order.Order,
) error {
	if s.cfg.Issuer == nil {
		return errors.New("park: no tickets are made here")
	}
	var ts []NewTicket
	for _, o := range os {
		c, err := s.catalogue(ctx, tx, o.Place)
		if err != nil {
			return err
		}
		for _, l := range o.Lines {
			t, err := c.ticket(o, l)
			if err != nil {
				return err
			}
			ts = append(ts, t)
		}
	}
	return s.cfg.Issuer.Issue(ctx, tx, now, ts)
}

// ticket is the ticket of a line.
func (c *catalogue) ticket(o *order.Order, l order.Line) (NewTicket, error) {
	p := c.products[l.Product]
	if p == nil {
		return NewTicket{}, fmt.Errorf("order %s: the park has no product %q", o.ID, l.Product)
	}
	from, until := p.From, p.Until
	if s, ok := p.Slot(l.Slot); ok {
		from, until = s.From, s.Until
	}
	start := At(l.Day, max(from, int64(dayCut.Minutes())))
	if until == 0 {
		until = minuteMax
	}
	return NewTicket{ParkID: c.ID, OrderID: o.ID, Line: l.No, VisitorID: o.VisitorID,
		Channel: o.Channel, Product: p.Code, ProductNo: p.No, Kind: p.Kind, Unit: Unit(l.Unit),
		Class: Unit(l.Unit).Class(), Day: l.Day, Slot: l.Slot, SlotNo: p.slotNo(l.Slot),
		NotBefore: start, NotAfter: At(addDays(l.Day, p.validDays()-1), until),
		Reentry: p.Reentry, Rotating: p.Rotating && o.Channel == ByVisitor, Place: p.Place,
		Label: l.Label, Claims: o.Claims}, nil
}
