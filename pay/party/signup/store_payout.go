package signup

import (
	"context"

	"watari/kit/clock"
	"watari/kit/db"
)

const payoutCols = `id, acquirer_no, merchant_no, state, coalesce(from_us, 0), maker, checker,
	request_id, note, contact, created_at_us, coalesce(decided_at_us, 0), sealed`

// scanPayout reads an account that is still sealed.
func scanPayout(r db.Row) (p Payout, err error) {
	var from, created, decided int64
	err = r.Scan(&p.ID, &p.AcquirerNo, &p.MerchantNo, &p.State, &from, &p.Maker, &p.Checker,
		&p.RequestID, &p.Note, &p.Contact, &created, &decided, &p.sealed)
	p.From, p.Created, p.Decided = orNever(from), clock.FromMicros(created), orNever(decided)
	return p, err
}

func insertPayouts(ctx context.Context, tx *db.Tx, ps []Payout) error {
	rows := make([][]any, len(ps))
	for i, p := range ps {
		rows[i] = []any{p.ID, p.AcquirerNo, p.MerchantNo, string(p.State), orNull(p.From),
			p.Maker, p.Checker, p.RequestID, p.Note, p.Contact, clock.Micros(p.Created),
			orNull(p.Decided), p.sealed}
	}
	_, err := tx.Bulk(ctx, `insert into signup_payout (id, acquirer_no, merchant_no, state, from_us,
			maker, checker, request_id, note, contact, created_at_us, decided_at_us, sealed)
		{rows}`,
		[]db.Kind{db.Text, db.Int, db.Int, db.Text, db.Int, db.Text, db.Text, db.Text, db.Text,
			db.Text, db.Int, db.Int, db.Text}, rows, nil)
	return err
}

// Which account has this id? By the primary key.
func findPayout(ctx context.Context, tx *db.Tx, payoutID string) (Payout, error) {
	p, err := db.One(ctx, tx, scanPayout, `select `+payoutCols+`
		from signup_payout where id = $1`, payoutID)
	return p, known(err, ErrPayout.Newf(""))
}

// The same, locked until the transaction ends.
func lockPayout(ctx context.Context, tx *db.Tx, payoutID string) (Payout, error) {
	p, err := db.One(ctx, tx, scanPayout, `select `+payoutCols+`
		from signup_payout where id = $1 /*pg for update */`, payoutID)
	return p, known(err, ErrPayout.Newf(""))
}

// Move an account from the state that it was read in.
func movePayout(ctx context.Context, tx *db.Tx, p Payout, from PayoutState) error {
	n, err := tx.Exec(ctx, `update signup_payout set state = $2, from_us = cast($3 as bigint),
			checker = $4, decided_at_us = $5
		where id = $1 and state = $6`, p.ID, string(p.State), orNull(p.From), p.Checker,
		orNull(p.Decided), string(from))
	if err == nil && n != 1 {
		err = ErrPayoutState.Newf("the account was decided meanwhile")
	}
	return err
}

// Which accounts has a merchant? By the index on it.
func payoutsOf(ctx context.Context, tx *db.Tx, merchantNo int64) ([]Payout, error) {
	return db.All(ctx, tx, scanPayout, `select `+payoutCols+` from signup_payout
		where merchant_no = $1 order by id desc`, merchantNo)
}

// Which accounts of an acquirer's merchants wait? By the partial index.
func payoutsWaiting(
	ctx context.Context, tx *db.Tx, acquirerNo int64, after string, limit int,
) ([]Payout, error) {
	return db.All(ctx, tx, scanPayout, `select `+payoutCols+` from signup_payout
		where acquirer_no = $1 and state = 'proposed' and id > $2 order by id limit $3`,
		acquirerNo, after, limit)
}
