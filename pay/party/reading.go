package party

import (
	"context"
	"fmt"

	"watari/kit/db"
)

// Reading is the directory as one transaction sees it. A payment batch makes one and passes
// each point and wallet that it found before through it; what has not changed since costs
// nothing. It lives as long as its transaction and is not safe for concurrent use.
type Reading struct {
	Reference
	tx      *db.Tx
	members *members
	points  map[pointKey]*Point
}

// Read starts a reading in tx and drops from d what is older than what tx sees.
func (d *Directory) Read(ctx context.Context, tx *db.Tx) (*Reading, error) {
	ref, err := reference(ctx, tx)
	if err != nil {
		return nil, fmt.Errorf("read reference version: %w", err)
	}
	d.Fresh(ref.Version)
	return &Reading{Reference: ref, tx: tx, points: map[pointKey]*Point{}}, nil
}

// Point returns p as it is now: p itself when nothing has changed since it was read.
func (r *Reading) Point(ctx context.Context, p Point) (Point, error) {
	if p.Seen >= r.Version {
		return p, nil
	}
	k := pointKey{storeNo: p.Store.No}
	if p.Terminal != nil {
		k = pointKey{terminalNo: p.Terminal.No}
	}
	return r.point(ctx, k)
}

// Wallet returns w as it is now: w itself when nothing has changed since it was read.
func (r *Reading) Wallet(ctx context.Context, w Wallet) (Wallet, error) {
	if w.Seen >= r.Version {
		return w, nil
	}
	ms, err := r.all(ctx)
	if err != nil {
		return Wallet{}, err
	}
	return ms.wallet(w.Issuer.No)
}

// Find is Directory.Point inside the transaction. Errors: as there.
func (r *Reading) Find(
	ctx context.Context, acquirerNo int64, merchantID, storeID, terminalID string,
) (Point, error) {
	k := pointKey{acquirerNo: acquirerNo, merchant: merchantID, store: storeID,
		terminal: terminalID}
	if err := k.wellFormed(); err != nil {
		return Point{}, err
	}
	return r.point(ctx, k)
}

func (r *Reading) point(ctx context.Context, k pointKey) (Point, error) {
	if p := r.points[k]; p != nil {
		return *p, nil
	}
	ms, err := r.all(ctx)
	if err != nil {
		return Point{}, err
	}
	p, err := loadPoint(ctx, r.tx, ms, k)
	if err != nil {
		return Point{}, err
	}
	p.Seen = r.Version
	r.points[k] = p
	return *p, nil
}

func (r *Reading) all(ctx context.Context) (*members, error) {
	if r.members != nil {
		return r.members, nil
	}
	ms, _, err := loadMembers(ctx, r.tx, r.Version)
	r.members = ms
	return ms, err
}
