package payment

import (
	"context"

	"watari/kit/db"
)

// ReadIn returns those payments that exist of the given ids, by id, for others that compare their
// own rows with them inside one View. What only legs know is not filled in.
func ReadIn(
	ctx context.Context, tx *db.Tx, acquirerNo int64, ids []string,
) (map[string]*Payment, error) {
	out := make(map[string]*Payment, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	err := readPayments(ctx, tx, keysOf(acquirerNo, ids), func(p *Payment) { out[p.ID] = p })
	return out, err
}

// RefundsIn returns those refunds that exist of the given ids, by id.
func RefundsIn(
	ctx context.Context, tx *db.Tx, acquirerNo int64, ids []string,
) (map[string]*Refund, error) {
	out := make(map[string]*Refund, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	err := readRefunds(ctx, tx, keysOf(acquirerNo, ids), func(f *Refund) { out[f.ID] = f })
	return out, err
}

// Paid is a payment that has taken money and was not cancelled.
type Paid struct {
	AcquirerNo              int64
	ID, RequestID, OrderRef string
	Minor                   int64 // captured, of the order's currency
}

// PaidIn returns payments of a channel that have taken money, in the order of their acquirers and
// ids, at most limit after one of them; the zero value is before the first.
func PaidIn(
	ctx context.Context, tx *db.Tx, ch Channel, after Paid, limit int,
) ([]Paid, error) {
	return paidAfter(ctx, tx, ch, pk{after.AcquirerNo, after.ID}, limit)
}

func keysOf(acquirerNo int64, ids []string) []pk {
	keys := make([]pk, len(ids))
	for i, id := range ids {
		keys[i] = pk{acquirerNo, id}
	}
	return sorted(keys)
}
