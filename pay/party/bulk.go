package party

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/event"
	"watari/kit/fault"
)

// Shop is a merchant with its stores, to be added at once.
type Shop struct {
	Merchant Merchant
	Branches []Branch
}

// Branch is a store with its terminals.
type Branch struct {
	Store     Store
	Terminals []Terminal
}

// IsID says whether s may be the id of something (R7).
func IsID(s string) bool { return isID(s) }

// Clean normalises and checks a shop. Pointers of ErrInvalid begin with /merchant, /stores/0 or
// /stores/0/terminals/0.
func (s *Shop) Clean() error {
	var all *fault.Error
	add := func(prefix string, err error) {
		if err == nil {
			return
		}
		if all == nil {
			all = ErrInvalid.Newf("")
		}
		for _, f := range err.(*fault.Error).Fields {
			all.At(prefix+f.Pointer, f.Detail)
		}
	}
	add("/merchant", s.Merchant.clean())
	for i := range s.Branches {
		b := &s.Branches[i]
		prefix := "/stores/" + strconv.Itoa(i)
		add(prefix, b.Store.clean())
		for j := range b.Terminals {
			add(prefix+"/terminals/"+strconv.Itoa(j), b.Terminals[j].clean())
		}
	}
	if all == nil {
		return nil
	}
	return all
}

// AddShops adds many shops of one acquirer in a few statements and fills their numbers in. Ids of
// the same owner must differ. It is for files of shops: what is wrong with one of them is not told
// apart, so the caller checks each first (Clean, TakenIDs). and, which may be nil, does what else
// belongs to it once the numbers are there, and returns its events: all are appended at the end, so
// that payments wait for the lane no longer than they must.
//
// Errors: ErrInvalid, ErrParticipantUnknown, ErrTaken; those of and.
func (r *Registry) AddShops(
	ctx context.Context, tx *db.Tx, actor string, acquirerNo int64, shops []Shop,
	and func(ctx context.Context, tx *db.Tx) ([]event.Event, error),
) error {
	for i := range shops {
		if err := shops[i].Clean(); err != nil {
			return err
		}
	}
	if err := r.begin(ctx, tx); err != nil {
		return err
	}
	if _, err := participantByNo(ctx, tx, acquirerNo); err != nil {
		return err
	}
	if err := numberShops(ctx, tx, acquirerNo, shops); err != nil {
		return err
	}
	if err := insertShops(ctx, tx, shops); db.IsUnique(err) {
		return ErrTaken.Newf("an id of the shops is taken").Because(err)
	} else if err != nil {
		return fmt.Errorf("insert shops: %w", err)
	}
	evs, err := shopEvents(actor, shops)
	if err != nil {
		return err
	}
	if and != nil {
		more, err := and(ctx, tx)
		if err != nil {
			return err
		}
		evs = append(evs, more...)
	}
	if err := r.log.Append(ctx, tx, r.lane, evs); err != nil {
		return fmt.Errorf("append events: %w", err)
	}
	return nil
}

// numberShops gives every merchant, store and terminal its number and its owners'.
func numberShops(ctx context.Context, tx *db.Tx, acquirerNo int64, shops []Shop) error {
	stores, terminals := int64(0), int64(0)
	for i := range shops {
		stores += int64(len(shops[i].Branches))
		for _, b := range shops[i].Branches {
			terminals += int64(len(b.Terminals))
		}
	}
	m, err := nextNos(ctx, tx, KindMerchant, int64(len(shops)))
	if err != nil {
		return err
	}
	s, err := nextNos(ctx, tx, KindStore, stores)
	if err != nil {
		return err
	}
	t, err := nextNos(ctx, tx, KindTerminal, terminals)
	if err != nil {
		return err
	}
	for i := range shops {
		shop := &shops[i]
		shop.Merchant.No, shop.Merchant.AcquirerNo = m, acquirerNo
		m++
		for j := range shop.Branches {
			b := &shop.Branches[j]
			b.Store.No, b.Store.AcquirerNo, b.Store.MerchantNo = s, acquirerNo, shop.Merchant.No
			s++
			for k := range b.Terminals {
				x := &b.Terminals[k]
				x.No, x.AcquirerNo, x.StoreNo = t, acquirerNo, b.Store.No
				t++
			}
		}
	}
	return nil
}

// shopEvents are the events of new shops, as adding them one by one makes them.
func shopEvents(actor string, shops []Shop) ([]event.Event, error) {
	var evs []event.Event
	now := clock.Now()
	add := func(kind string, of Kind, no, acquirerNo, storeNo int64, facts any) error {
		text, err := json.Marshal(facts)
		if err != nil {
			return fmt.Errorf("write event data: %w", err)
		}
		evs = append(evs, event.Event{At: now, Kind: kind, Subject: Subject(of, no),
			AcquirerNo: acquirerNo, StoreNo: storeNo, Actor: actor, Data: text})
		return nil
	}
	for i := range shops {
		m := shops[i].Merchant
		err := add("merchant.added", KindMerchant, m.No, m.AcquirerNo, 0, m.facts())
		if err != nil {
			return nil, err
		}
		for _, b := range shops[i].Branches {
			s := b.Store
			err := add("store.added", KindStore, s.No, s.AcquirerNo, s.No, s.facts())
			if err != nil {
				return nil, err
			}
			for _, t := range b.Terminals {
				err := add("terminal.added", KindTerminal, t.No, t.AcquirerNo, t.StoreNo,
					t.facts())
				if err != nil {
					return nil, err
				}
			}
		}
	}
	return evs, nil
}

// TakenIDs returns which of these ids the acquirer has given to merchants.
func (r *Registry) TakenIDs(
	ctx context.Context, tx *db.Tx, acquirerNo int64, ids []string,
) (map[string]bool, error) {
	return takenMerchants(ctx, tx, acquirerNo, ids)
}

// MerchantByID returns a merchant of an acquirer as tx sees it. Errors: ErrMerchantUnknown.
func (r *Registry) MerchantByID(
	ctx context.Context, tx *db.Tx, acquirerNo int64, merchantID string,
) (Merchant, error) {
	return merchantByID(ctx, tx, acquirerNo, merchantID)
}

// MerchantByNo returns a merchant as tx sees it. Errors: ErrMerchantUnknown.
func (r *Registry) MerchantByNo(
	ctx context.Context, tx *db.Tx, merchantNo int64,
) (Merchant, error) {
	return merchantByNo(ctx, tx, merchantNo)
}

// StoreOf returns a store of a merchant as tx sees it. Errors: ErrStoreUnknown.
func (r *Registry) StoreOf(
	ctx context.Context, tx *db.Tx, merchantNo int64, storeID string,
) (Store, error) {
	return storeByID(ctx, tx, merchantNo, storeID)
}

// TerminalOf returns a terminal of a store as tx sees it. Errors: ErrTerminalUnknown.
func (r *Registry) TerminalOf(
	ctx context.Context, tx *db.Tx, storeNo int64, terminalID string,
) (Terminal, error) {
	return terminalByID(ctx, tx, storeNo, terminalID)
}

// WhenMerchant says whom SetStatus tells, inside its transaction, that a merchant has another
// status. It is set once, before the registry is used.
func (r *Registry) WhenMerchant(fn func(
	ctx context.Context, tx *db.Tx, actor string, m Merchant, to Status,
) error) {
	check.That(r.moved == nil && fn != nil, "party: WhenMerchant is set twice or to nothing")
	r.moved = fn
}

// tellMoved tells of a merchant's new status.
func (r *Registry) tellMoved(
	ctx context.Context, tx *db.Tx, actor string, kind Kind, no int64, to Status,
) error {
	if kind != KindMerchant || r.moved == nil {
		return nil
	}
	m, err := merchantByNo(ctx, tx, no)
	if err != nil {
		return err
	}
	return r.moved(ctx, tx, actor, m, to)
}
