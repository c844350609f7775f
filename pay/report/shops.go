package report

import (
	"context"
	"fmt"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/pay/party"
)

// Shop is a store as its bank looks after it.
type Shop struct {
	StoreNo, MerchantNo int64
	// ID and MerchantID are the bank's own references.
	ID, MerchantID             string
	Name, NameJA               string
	MerchantName, MerchantJA   string
	Prefecture, City, Category string // two digits, Latin letters, ISO 18245
	Status, MerchantStatus     party.Status
	Unverified                 bool
	Made                       time.Time
	// Tills is how many terminals are not closed; Seen is when a browser last was one of them,
	// zero for never.
	Tills int64
	Seen  time.Time
	// Takings are those of the period that the list was asked for.
	Takings Takings
}

// ShopFilter chooses the shops of one bank. Zero fields but AcquirerNo choose all.
type ShopFilter struct {
	AcquirerNo int64
	// Text is part of a name or an id, of the store or its merchant.
	Text       string
	Prefecture string // two digits
	Category   string // ISO 18245
	Status     party.Status
	// Before is the number of the last shop of the page before.
	Before int64
	Limit  int // 1 to 200; 0 is 50
}

const (
	shopsUsual = 50
	shopsMax   = 200
)

// Shops returns shops, the newest first, with their takings of a period, and where the next page
// begins, 0 on the last.
//
// Errors: those of the database.
func (r *Reports) Shops(
	ctx context.Context, f ShopFilter, p Period,
) (shops []Shop, next int64, err error) {
	if f.Limit < 1 || f.Limit > shopsMax {
		f.Limit = shopsUsual
	}
	err = r.db.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		if shops, err = listShops(ctx, tx, f, f.Limit+1); err != nil {
			return fmt.Errorf("list shops: %w", err)
		}
		if len(shops) > f.Limit {
			shops = shops[:f.Limit]
			next = shops[f.Limit-1].StoreNo
		}
		return addTakings(ctx, tx, f.AcquirerNo, shops, p)
	})
	return shops, next, err
}

// addTakings adds what each of the shops of one bank took.
func addTakings(
	ctx context.Context, tx *db.Tx, acquirerNo int64, shops []Shop, p Period,
) error {
	if len(shops) == 0 {
		return nil
	}
	to := reach{Scope: Scope{AcquirerNo: acquirerNo}, acquirers: []int64{acquirerNo},
		narrowed: true}
	at := map[int64]int{}
	for i, s := range shops {
		to.stores = append(to.stores, s.StoreNo)
		at[s.StoreNo] = i
	}
	dims := []Dimension{ByStore}
	add := func(keys []string, t Takings) {
		s := &shops[at[Row{Keys: keys}.No(0)]]
		s.Takings = s.Takings.Plus(t)
	}
	if err := sales(ctx, tx, to, p, yen, dims, add); err != nil {
		return fmt.Errorf("add up sales: %w", err)
	}
	if err := refunds(ctx, tx, to, p, yen, dims, add); err != nil {
		return fmt.Errorf("add up refunds: %w", err)
	}
	return nil
}

// ShopCount is how many shops a bank has, closed ones left out.
type ShopCount struct{ Open, Suspended int64 }

// ShopCounts returns the shops of a bank in each prefecture, by its two digits. Those that a
// message brought without one are under "".
//
// Errors: those of the database.
func (r *Reports) ShopCounts(
	ctx context.Context, acquirerNo int64,
) (counts map[string]ShopCount, err error) {
	err = r.db.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		counts, err = countShops(ctx, tx, acquirerNo)
		return err
	})
	return counts, err
}

// Silent is a till that nobody uses.
type Silent struct {
	TerminalNo, StoreNo int64
	ID, Label           string
	StoreName, StoreJA  string
	// Seen is when a browser last was this till; zero for never. Made is when it was added.
	Seen, Made time.Time
}

// Unseen returns open tills of open shops of a bank that nobody used since an instant and that
// are older than it: no browser, and no payment through its system. The longest unseen comes
// first; at most most are returned, and how many there are.
//
// Errors: those of the database.
func (r *Reports) Unseen(
	ctx context.Context, acquirerNo int64, since time.Time, most int,
) (tills []Silent, all int, err error) {
	err = r.db.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		tills, err = unseenTills(ctx, tx, acquirerNo, clock.Micros(since))
		return err
	})
	all = len(tills)
	return tills[:min(most, all)], all, err
}

// Waiting is a payment or a refund of a bank whose outcome is not known.
type Waiting struct {
	PaymentID          string
	RefundID           string // "" for a payment
	StoreNo            int64
	StoreName, StoreJA string
	Wallet             string
	Minor              int64 // yen
	Begun              time.Time
}

// Hanging returns the payments of a bank that have waited for a wallet's answer since before an
// instant, the oldest first, at most most.
//
// Errors: those of the database.
func (r *Reports) Hanging(
	ctx context.Context, acquirerNo int64, before time.Time, most int,
) (list []Waiting, err error) {
	err = r.db.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		list, err = hanging(ctx, tx, acquirerNo, clock.Micros(before), most)
		return err
	})
	return list, err
}

// Stuck returns the payments of a bank whose wallet never gave a final answer, the oldest first,
// at most most: an operator has to settle them.
//
// Errors: those of the database.
func (r *Reports) Stuck(
	ctx context.Context, acquirerNo int64, most int,
) (list []Waiting, err error) {
	err = r.db.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		list, err = stuck(ctx, tx, acquirerNo, most)
		return err
	})
	return list, err
}

// HangingRefunds returns the refunds of a bank that have waited for a wallet's answer since before
// an instant, the oldest first, at most most.
//
// Errors: those of the database.
func (r *Reports) HangingRefunds(
	ctx context.Context, acquirerNo int64, before time.Time, most int,
) (list []Waiting, err error) {
	err = r.db.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		list, err = hangingRefunds(ctx, tx, acquirerNo, clock.Micros(before), most)
		return err
	})
	return list, err
}
