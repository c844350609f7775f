package party

import (
	"context"

	"watari/kit/clock"
	"watari/kit/db"
)

// Take n numbers of a kind and return the first.
func nextNos(ctx context.Context, tx *db.Tx, kind Kind, n int64) (int64, error) {
	last, err := db.One(ctx, tx, scanInt, `update party_number set last_no = last_no + $2
		where kind = $1 returning last_no`, kind, n)
	return last - n + 1, err
}

// Which of these ids has the acquirer given to merchants? By the unique key.
func takenMerchants(
	ctx context.Context, tx *db.Tx, acquirerNo int64, ids []string,
) (map[string]bool, error) {
	rows := make([][]any, len(ids))
	for i, id := range ids {
		rows[i] = []any{acquirerNo, id}
	}
	taken := map[string]bool{}
	_, err := tx.Bulk(ctx, `with v(acquirer_no, id) as ({rows})
		select merchant.id from v join merchant
			on merchant.acquirer_no = v.acquirer_no and merchant.id = v.id`,
		[]db.Kind{db.Int, db.Text}, rows, func(r db.Row) error {
			var id string
			err := r.Scan(&id)
			taken[id] = true
			return err
		})
	return taken, err
}

// Add merchants, stores and terminals that have their numbers.
func insertShops(ctx context.Context, tx *db.Tx, shops []Shop) error {
	var merchants, stores, terminals [][]any
	now := clock.Micros(clock.Now())
	for i := range shops {
		m := shops[i].Merchant
		merchants = append(merchants, []any{m.No, m.AcquirerNo, m.ID, m.Name, m.NameJA, m.MCC,
			m.MDRPPM, string(m.Status), m.Unverified, now})
		for _, b := range shops[i].Branches {
			s := b.Store
			stores = append(stores, []any{s.No, s.AcquirerNo, s.MerchantNo, s.ID, s.Name,
				s.NameJA, s.Prefecture, s.City, s.PostalCode, s.UnifiedID, s.MCC,
				string(s.Status), s.Unverified, s.PerPaymentMaxMinor, s.PerDayMaxMinor,
				s.RefundDayMaxMinor, s.ManagerPINHash, s.PINAboveMinor, now})
			for _, t := range b.Terminals {
				terminals = append(terminals, []any{t.No, t.AcquirerNo, t.StoreNo, t.ID, t.Label,
					string(t.Status), t.CanRefund, t.RefundDayMaxMinor, t.FailuresMax, now})
			}
		}
	}
	_, err := tx.Bulk(ctx, `insert into merchant (no, acquirer_no, id, name, name_ja, mcc, mdr_ppm,
			status, unverified, created_at_us) {rows}`,
		[]db.Kind{db.Int, db.Int, db.Text, db.Text, db.Text, db.Text, db.Int, db.Text, db.Bool,
			db.Int}, merchants, nil)
	if err != nil {
		return err
	}
	_, err = tx.Bulk(ctx, `insert into store (no, acquirer_no, merchant_no, id, name, name_ja,
			prefecture, city, postal_code, unified_id, mcc, status, unverified,
			per_payment_max_minor, per_day_max_minor, refund_day_max_minor, manager_pin_hash,
			pin_above_minor, created_at_us) {rows}`,
		[]db.Kind{db.Int, db.Int, db.Int, db.Text, db.Text, db.Text, db.Text, db.Text, db.Text,
			db.Text, db.Text, db.Text, db.Bool, db.Int, db.Int, db.Int, db.Text, db.Int, db.Int},
		stores, nil)
	if err != nil {
		return err
	}
	_, err = tx.Bulk(ctx, `insert into terminal (no, acquirer_no, store_no, id, label, status,
			can_refund, refund_day_max_minor, failures_max, created_at_us) {rows}`,
		[]db.Kind{db.Int, db.Int, db.Int, db.Text, db.Text, db.Text, db.Bool, db.Int, db.Int,
			db.Int}, terminals, nil)
	return err
}
