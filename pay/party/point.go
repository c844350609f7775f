package party

import (
	"context"

	"watari/kit/db"
)

// Point finds where a payment is taken, by the acquirer's own ids. merchantID may be "" when
// the acquirer has one store only of that id; terminalID may be "" when the message names none.
// What was found may be suspended: ask Usable.
//
// Errors: ErrParticipantUnknown, ErrMerchantUnknown, ErrStoreUnknown, ErrTerminalUnknown.
func (d *Directory) Point(
	ctx context.Context, acquirerNo int64, merchantID, storeID, terminalID string,
) (Point, error) {
	return d.point(ctx, pointKey{acquirerNo: acquirerNo, merchant: merchantID, store: storeID,
		terminal: terminalID})
}

// Terminal finds a terminal with its store by its number. Errors: ErrTerminalUnknown.
func (d *Directory) Terminal(ctx context.Context, terminalNo int64) (Point, error) {
	if terminalNo <= 0 {
		return Point{}, ErrTerminalUnknown.Newf("no terminal %d", terminalNo)
	}
	return d.point(ctx, pointKey{terminalNo: terminalNo})
}

// Store finds a store by its number; the point has no terminal. Errors: ErrStoreUnknown.
func (d *Directory) Store(ctx context.Context, storeNo int64) (Point, error) {
	if storeNo <= 0 {
		return Point{}, ErrStoreUnknown.Newf("no store %d", storeNo)
	}
	return d.point(ctx, pointKey{storeNo: storeNo})
}

// StoreByID finds a store by the acquirer's own id when only one of its merchants has a store
// of that id. Errors: ErrParticipantUnknown, ErrStoreUnknown.
func (d *Directory) StoreByID(
	ctx context.Context, acquirerNo int64, storeID string,
) (Point, error) {
	return d.point(ctx, pointKey{acquirerNo: acquirerNo, store: storeID})
}

// point is one map look-up when the point was asked for before.
func (d *Directory) point(ctx context.Context, k pointKey) (Point, error) {
	m, err := d.current(ctx)
	if err != nil {
		return Point{}, err
	}
	if p := m.point(k); p != nil {
		return *p, nil
	}
	if err := k.wellFormed(); err != nil {
		return Point{}, err
	}

	var p *Point
	err = d.read(ctx, func(ctx context.Context, tx *db.Tx, m *memory) (err error) {
		ms, err := m.remembered(ctx, tx)
		if err != nil {
			return err
		}
		if p, err = loadPoint(ctx, tx, ms, k); err != nil {
			return err
		}
		p.Seen = m.Version
		m.keep(k, p)
		return nil
	})
	if err != nil {
		return Point{}, err
	}
	return *p, nil
}

// wellFormed refuses what cannot be an id before a database is asked (R7).
func (k pointKey) wellFormed() error {
	switch {
	case k.storeNo != 0 || k.terminalNo != 0:
		return nil
	case k.merchant != "" && !isID(k.merchant):
		return ErrMerchantUnknown.Newf("the merchant id is not valid")
	case !isID(k.store):
		return ErrStoreUnknown.Newf("the store id is missing or not valid")
	case k.terminal != "" && !isID(k.terminal):
		return ErrTerminalUnknown.Newf("the terminal id is not valid")
	}
	return nil
}

// loadPoint reads a point from the database, the innermost part first when it is named by
// number and the outermost first when it is named by ids.
func loadPoint(ctx context.Context, tx *db.Tx, ms *members, k pointKey) (*Point, error) {
	if k.storeNo != 0 || k.terminalNo != 0 {
		return loadByNo(ctx, tx, ms, k)
	}
	p := &Point{}
	err := p.join(ms, k.acquirerNo)
	if err != nil {
		return nil, err
	}
	if k.merchant == "" {
		if p.Store, err = storeOfAcquirer(ctx, tx, k.acquirerNo, k.store); err != nil {
			return nil, err
		}
		p.Merchant, err = merchantByNo(ctx, tx, p.Store.MerchantNo)
	} else {
		if p.Merchant, err = merchantByID(ctx, tx, k.acquirerNo, k.merchant); err != nil {
			return nil, err
		}
		p.Store, err = storeByID(ctx, tx, p.Merchant.No, k.store)
	}
	if err != nil {
		return nil, err
	}
	if k.terminal != "" {
		t, err := terminalByID(ctx, tx, p.Store.No, k.terminal)
		if err != nil {
			return nil, err
		}
		p.Terminal = &t
	}
	return p, nil
}

func loadByNo(ctx context.Context, tx *db.Tx, ms *members, k pointKey) (*Point, error) {
	p := &Point{}
	storeNo := k.storeNo
	if k.terminalNo != 0 {
		t, err := terminalByNo(ctx, tx, k.terminalNo)
		if err != nil {
			return nil, err
		}
		p.Terminal, storeNo = &t, t.StoreNo
	}
	var err error
	if p.Store, err = storeByNo(ctx, tx, storeNo); err != nil {
		return nil, err
	}
	if p.Merchant, err = merchantByNo(ctx, tx, p.Store.MerchantNo); err != nil {
		return nil, err
	}
	return p, p.join(ms, p.Store.AcquirerNo)
}

// join adds the acquirer and its main agreement, if one is in force.
func (p *Point) join(ms *members, acquirerNo int64) (err error) {
	p.Acquirer, err = ms.participant(acquirerNo)
	p.Agreement = ms.main[membership{acquirerNo, Acquirer}]
	return err
}
