package ledger

import (
	"context"

	"watari/kit/db"
)

// BalanceOf returns what stands on the account of a key now; zero when there is none.
func BalanceOf(ctx context.Context, tx *db.Tx, k Key) (Balance, error) {
	found, err := db.All(ctx, tx, scanBalance, `select a.no, a.book, a.kind, a.owner, a.currency,
			cast(coalesce(sum(b.debits_minor), 0) as bigint),
			cast(coalesce(sum(b.credits_minor), 0) as bigint)
		from ledger_account a left join ledger_balance b on b.account_no = a.no
		where a.book = $1 and a.kind = $2 and a.owner = $3 and a.currency = $4
		group by a.no, a.book, a.kind, a.owner, a.currency order by a.no`,
		k.Book, string(k.Kind), k.Owner, string(k.Currency))
	if err != nil || len(found) == 0 {
		return Balance{Account: Account{Key: k}}, err
	}
	return found[0], nil
}

func scanBalance(r db.Row) (b Balance, err error) {
	err = r.Scan(&b.No, &b.Book, (*string)(&b.Kind), &b.Owner, (*string)(&b.Currency),
		&b.Debits, &b.Credits)
	return b, err
}
