package promo

import (
	"cmp"
	"context"
	"embed"
	"fmt"
	"slices"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
)

// Migrations are this package's tables.
//
//go:embed sql/*.sql
var Migrations embed.FS

const pledgeCols = `p.issuer_no, p.merchant_no, p.issuer_id, p.merchant_id, p.acquirer_no,
	p.share_ppm, p.budget_minor, p.taken_minor, p.from_us, p.until_us, p.version`

func scanPledge(r db.Row) (p Pledge, err error) {
	var from, until int64
	err = r.Scan(&p.IssuerNo, &p.MerchantNo, &p.IssuerID, &p.MerchantID, &p.AcquirerNo,
		&p.SharePPM, &p.Budget, &p.Taken, &from, &until, &p.Version)
	p.From, p.Until = fromMicros(from), fromMicros(until)
	return p, err
}

func fromMicros(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return clock.FromMicros(us)
}

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return clock.Micros(t)
}

// What has one wallet agreed to at one merchant? Errors: db.ErrNoRows.
func pledgeBy(ctx context.Context, tx *db.Tx, k PledgeKey, lock bool) (Pledge, error) {
	q := `select ` + pledgeCols + ` from promo_pledge p
		where p.issuer_no = $1 and p.merchant_no = $2`
	if lock {
		q += ` /*pg for update */`
	}
	return db.One(ctx, tx, scanPledge, q, k.IssuerNo, k.MerchantNo)
}

// What have wallets agreed to? 0 is any. By wallet and merchant.
func pledgesOf(
	ctx context.Context, tx *db.Tx, issuerNo, acquirerNo, merchantNo int64,
) ([]Pledge, error) {
	return db.All(ctx, tx, scanPledge, `select `+pledgeCols+` from promo_pledge p
		where ($1 = 0 or p.issuer_no = $1) and ($2 = 0 or p.acquirer_no = $2)
			and ($3 = 0 or p.merchant_no = $3)
		order by p.issuer_no, p.merchant_no limit $4`,
		issuerNo, acquirerNo, merchantNo, int64(ListMax))
}

// Write terms; what is taken stays.
func putPledge(ctx context.Context, tx *db.Tx, p Pledge) error {
	_, err := tx.Exec(ctx, `insert into promo_pledge (issuer_no, merchant_no, issuer_id,
			merchant_id, acquirer_no, share_ppm, budget_minor, taken_minor, from_us, until_us,
			version) values ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9, 1)
		on conflict (issuer_no, merchant_no) do update set share_ppm = excluded.share_ppm,
			budget_minor = excluded.budget_minor, from_us = excluded.from_us,
			until_us = excluded.until_us, version = promo_pledge.version + 1`,
		p.IssuerNo, p.MerchantNo, p.IssuerID, p.MerchantID, p.AcquirerNo, p.SharePPM, p.Budget,
		micros(p.From), micros(p.Until))
	return err
}

// Which pledges are these? They are locked in the order of their keys.
func lockPledges(
	ctx context.Context, tx *db.Tx, keys []PledgeKey,
) (map[PledgeKey]*Pledge, error) {
	slices.SortFunc(keys, PledgeKey.compare)
	keys = slices.Compact(keys)
	rows := make([][]any, len(keys))
	for i, k := range keys {
		rows[i] = []any{k.IssuerNo, k.MerchantNo}
	}
	out := map[PledgeKey]*Pledge{}
	_, err := tx.Bulk(ctx, `with k(i, m) as ({rows}) select `+pledgeCols+`
		from k join promo_pledge p on p.issuer_no = k.i and p.merchant_no = k.m
		order by p.issuer_no, p.merchant_no /*pg for update of p */`,
		[]db.Kind{db.Int, db.Int}, rows, func(r db.Row) error {
			p, err := scanPledge(r)
			out[p.PledgeKey] = &p
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("lock pledges: %w", err)
	}
	return out, nil
}

func (k PledgeKey) compare(o PledgeKey) int {
	return cmp.Or(cmp.Compare(k.IssuerNo, o.IssuerNo), cmp.Compare(k.MerchantNo, o.MerchantNo))
}

// Count what is taken; less when a number is negative.
func movePledges(ctx context.Context, tx *db.Tx, by map[PledgeKey]int64) error {
	var keys []PledgeKey
	for k, n := range by {
		if n != 0 {
			keys = append(keys, k)
		}
	}
	if len(keys) == 0 {
		return nil
	}
	slices.SortFunc(keys, PledgeKey.compare)
	rows := make([][]any, len(keys))
	for i, k := range keys {
		rows[i] = []any{k.IssuerNo, k.MerchantNo, by[k]}
	}
	n, err := tx.Bulk(ctx, `with v(i, m, n) as ({rows}) update promo_pledge
		set taken_minor = taken_minor + v.n
		from v where issuer_no = v.i and merchant_no = v.m`,
		[]db.Kind{db.Int, db.Int, db.Int}, rows, nil)
	if err == nil && n != int64(len(keys)) {
		err = fmt.Errorf("%d of %d pledges", n, len(keys))
	}
	if err != nil {
		return fmt.Errorf("count what wallets give: %w", err)
	}
	return nil
}

// What have all wallets agreed to? For verifying.
func allPledges(ctx context.Context, tx *db.Tx) ([]Pledge, error) {
	return db.All(ctx, tx, scanPledge, `select `+pledgeCols+` from promo_pledge p
		order by p.issuer_no, p.merchant_no`)
}
