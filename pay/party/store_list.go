package party

import (
	"context"

	"watari/kit/db"
)

// listing says which merchants, stores or terminals are listed: those of an owner after one that
// was shown, by id. Zero fields choose all.
type listing struct {
	acquirerNo, merchantNo, storeNo int64
	prefecture                      string
	status                          Status
	afterID                         string
	afterNo                         int64
	limit                           int
}

// Which merchants has this acquirer? By the unique key.
func listMerchants(ctx context.Context, tx *db.Tx, f listing) ([]Merchant, error) {
	return db.All(ctx, tx, scanMerchant, `select `+merchantCols+` from merchant
		where acquirer_no = $1 and id > $2
			and (cast($3 as text) = '' or status = cast($3 as text))
		order by id limit $4`, f.acquirerNo, f.afterID, string(f.status), f.limit)
}

// Which stores has this acquirer? By the index on acquirer and id; ids of two merchants may be
// the same.
func listStores(ctx context.Context, tx *db.Tx, f listing) ([]placed, error) {
	return db.All(ctx, tx, scanPlaced, `select `+storeCols+`,
			(select merchant.id from merchant where merchant.no = store.merchant_no) as merchant_id
		from store where acquirer_no = $1 and (id, no) > ($2, $3)
			and (cast($4 as bigint) = 0 or merchant_no = cast($4 as bigint))
			and (cast($5 as text) = '' or prefecture = cast($5 as text))
			and (cast($6 as text) = '' or status = cast($6 as text))
			and (cast($7 as bigint) = 0 or no = cast($7 as bigint))
		order by id, no limit $8`, f.acquirerNo, f.afterID, f.afterNo, f.merchantNo,
		f.prefecture, string(f.status), f.storeNo, f.limit)
}

// scanPlaced reads a store with the id of its merchant behind its columns.
func scanPlaced(r db.Row) (p placed, err error) {
	p.Store, err = scanStore(following{r, &p.merchantID})
	return p, err
}

// following is a row with one column more than is scanned.
type following struct {
	db.Row
	last any
}

// Scan is part of db.Row.
func (f following) Scan(to ...any) error { return f.Row.Scan(append(to, f.last)...) }

// Which terminals has this store? By the unique key.
func listTerminals(ctx context.Context, tx *db.Tx, f listing) ([]Terminal, error) {
	return db.All(ctx, tx, scanTerminal, `select `+terminalCols+` from terminal
		where store_no = $1 and id > $2
			and (cast($3 as text) = '' or status = cast($3 as text))
		order by id limit $4`, f.storeNo, f.afterID, string(f.status), f.limit)
}

// Which stores has this merchant? By the unique key.
func storeNumbers(ctx context.Context, tx *db.Tx, merchantNo int64) ([]int64, error) {
	return db.All(ctx, tx, scanInt, `select no from store where merchant_no = $1 order by no`,
		merchantNo)
}
