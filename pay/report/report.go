package report

import (
	"context"
	"time"

	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/money"
	"watari/pay/ledger"
)

// Reports reads. It is safe for concurrent use.
type Reports struct{ db *db.DB }

// New returns the reports over a store, which must not be nil.
func New(d *db.DB) *Reports {
	check.That(d != nil, "report: no database")
	return &Reports{d}
}

// Scope says whose payments. Zero fields choose all: the zero scope is the whole network. The
// numbers narrow each other, so a store of another merchant has no payments (T5).
type Scope struct{ AcquirerNo, MerchantNo, StoreNo, TerminalNo int64 }

// Period is from an instant to before another.
type Period struct{ From, Until time.Time }

// Day is the day in Japan that t is in.
func Day(t time.Time) Period {
	from := midnight(t)
	return Period{from, from.AddDate(0, 0, 1)}
}

// Days is n days in Japan, the last of them the one that t is in.
func Days(t time.Time, n int) Period {
	p := Day(t)
	p.From = p.From.AddDate(0, 0, 1-n)
	return p
}

// midnight is when the day of t began in Japan.
func midnight(t time.Time) time.Time {
	y, m, d := t.In(clock.JST).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, clock.JST)
}

// Takings are the figures of a scope in a period. Amounts are minor units of one currency (T3).
type Takings struct {
	// Sales is how many payments were captured and not given up, SoldMinor what they took (T1).
	Sales, SoldMinor int64
	// Refunds is how many refunds succeeded, RefundedMinor what they returned (T1).
	Refunds, RefundedMinor int64
	// FeesMinor is what of it the merchant pays its bank (T4).
	FeesMinor int64
	// Declined, Cancelled, Open and Promised count the payments that ended, or are, otherwise.
	// Open ones have no outcome yet; promised ones wait to be captured.
	Declined, Cancelled, Open, Promised int64
}

// NetMinor is sold less refunded; negative on a day that returned more than it sold.
func (t Takings) NetMinor() int64 { return t.SoldMinor - t.RefundedMinor }

// DueMinor is what the merchant is owed of it: net less fees.
func (t Takings) DueMinor() int64 { return t.NetMinor() - t.FeesMinor }

// Approved is how many of a thousand concluded attempts were paid; -1 when there was none.
// Payments that were cancelled say nothing about wallets and do not count.
func (t Takings) Approved() int64 {
	if t.Sales+t.Declined == 0 {
		return -1
	}
	return money.Share(1000, t.Sales, t.Sales+t.Declined, money.HalfUp)
}

// Plus adds up two.
func (t Takings) Plus(o Takings) Takings {
	return Takings{t.Sales + o.Sales, t.SoldMinor + o.SoldMinor, t.Refunds + o.Refunds,
		t.RefundedMinor + o.RefundedMinor, t.FeesMinor + o.FeesMinor, t.Declined + o.Declined,
		t.Cancelled + o.Cancelled, t.Open + o.Open, t.Promised + o.Promised}
}

// Owed is what a bank owes a merchant by its ledger, and what it owes it in all other
// currencies than the yen is not in it. It is negative when more was refunded than sold.
//
// Errors: those of the database.
func (r *Reports) Owed(ctx context.Context, acquirerNo, merchantNo int64) (minor int64, err error) {
	err = r.db.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		b, err := ledger.BalanceOf(ctx, tx, ledger.Key{Book: acquirerNo,
			Kind: ledger.MerchantPayable, Owner: merchantNo, Currency: yen})
		minor = b.Net()
		return err
	})
	return minor, err
}

// yen is the currency of shops in Japan.
const yen money.Currency = "JPY"
