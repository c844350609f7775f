package visitor

import (
	"context"
	"fmt"
	"strings"
	"time"

	"watari/kit/db"
	"watari/kit/id"
	"watari/kit/money"
)

// ReceiptState is how a payment stands for its payer.
type ReceiptState string

// The states of a receipt.
const (
	ReceiptPaid     ReceiptState = "paid"
	ReceiptPart     ReceiptState = "part" // refunded in part
	ReceiptRefunded ReceiptState = "refunded"
	ReceiptReserved ReceiptState = "reserved" // promised, and captured later
)

// Receipt is a payment as its payer sees it.
type Receipt struct {
	PaymentID string
	Time      time.Time
	// Shop and ShopJA are the store's names; ShopJA may be "".
	Shop, ShopJA string
	// For is what was paid for, "" when nobody said. OrderID is the order by which it was bought
	// here, "" in a shop.
	For, OrderID string
	// Paid is what the shop took, Refunded what came back of it.
	Paid, Refunded money.Amount
	// Own is what the wallet took in its user's money, nil when it did not say. Rate is plain
	// decimal, 1 unit of Paid's currency in Own's, "" when the two are the same.
	Own   *money.Amount
	Rate  string
	State ReceiptState
	// Wallet is the name of the wallet that paid.
	Wallet string
}

// receiptsMax is the longest page of receipts.
const receiptsMax = 100

// Receipts returns a visitor's payments, the newest first, and the cursor of the next page or "".
// A cursor that is none begins at the newest.
func (s *Service) Receipts(
	ctx context.Context, v Visitor, after string, limit int,
) (list []Receipt, next string, err error) {
	limit = max(1, min(limit, receiptsMax))
	if _, ok := id.Time(after); !ok {
		after = ""
	}
	err = s.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		list, err = receiptsOf(ctx, tx, v.ID, after, limit+1)
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("list receipts: %w", err)
	}
	if len(list) > limit {
		list = list[:limit]
		next = list[limit-1].PaymentID
	}
	return list, next, nil
}

// rateDigits is how many decimals a rate is computed with from two amounts, of which
// rateSignificant digits are shown: two amounts do not say more.
const (
	rateDigits      = 9
	rateSignificant = 4
)

// rateBetween is what 1 unit of from was in the currency of to, as a plain decimal, from two
// amounts that were one payment.
func rateBetween(from, to money.Amount) string {
	if from.IsZero() || from.Currency() == to.Currency() {
		return ""
	}
	df, okf := from.Currency().Digits()
	dt, okt := to.Currency().Digits()
	if !okf || !okt {
		return ""
	}
	n := money.Share(to.Minor(), ten(rateDigits+df), from.Minor(), money.HalfEven) / ten(dt)
	step := int64(1) // the value of the last digit that is shown
	for n/step >= ten(rateSignificant) {
		step *= 10
	}
	n = (n + step/2) / step * step
	text := fmt.Sprintf("%d.%0*d", n/ten(rateDigits), rateDigits, n%ten(rateDigits))
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

// ten is a power of ten.
func ten(n int) int64 {
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}
