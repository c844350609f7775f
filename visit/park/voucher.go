package park

import "time"

// Voucher is a code that somebody enters: for a discount, for products that are sold with vouchers
// only, or for places that were kept for who waited.
type Voucher struct {
	ParkID    string
	Code      string // as it is entered: 8 letters and digits, or what the park chose
	Discount  string // id of a discount for vouchers, "" for none
	VisitorID string // whose it is, "" for anybody's
	Label     string // the park's name of the batch, at most 40 characters
	Uses      int64  // how many orders can be bought with it
	Used      int64
	From      time.Time // zero is at once
	Until     time.Time // zero is without end
	Revoked   bool
	// Of one from the waiting list: what it holds.
	Product, Day, Slot string
	Places             int64
	Created            time.Time
}

// VoucherBatch is so many vouchers that are alike.
type VoucherBatch struct {
	Count     int64  // 1 to 5,000
	Code      string // the code of a single one, 4 to 20 letters and digits; "" makes codes up
	Discount  string
	VisitorID string
	Label     string
	Uses      int64 // of each, 1 to 100,000; 0 is 1
	From      time.Time
	Until     time.Time
}

// vouchersMax is how many vouchers are made, or read, at once.
const vouchersMax = 5000

// valid says whether a voucher can be used now by a visitor.
func (v *Voucher) valid(now time.Time, visitorID string) bool {
	return !v.Revoked && v.Used < v.Uses && !now.Before(v.From) &&
		(v.Until.IsZero() || now.Before(v.Until)) &&
		(v.VisitorID == "" || v.VisitorID == visitorID)
}
