package ledger

import (
	"context"
	"embed"
	"errors"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/money"
)

// Migrations are this package's tables.
//
//go:embed sql/*.sql
var Migrations embed.FS

// accountCols is the order that scanAccount reads.
const accountCols = `no, book, kind, owner, currency`

func scanAccount(r db.Row) (Account, error) {
	var a Account
	err := r.Scan(&a.No, &a.Book, (*string)(&a.Kind), &a.Owner, (*string)(&a.Currency))
	return a, err
}

// Which accounts are there? By number: the primary key.
func accounts(ctx context.Context, tx *db.Tx) ([]Account, error) {
	return db.All(ctx, tx, scanAccount,
		`select `+accountCols+` from ledger_account order by no`)
}

// Which account has this key? By the unique index.
func accountOf(ctx context.Context, tx *db.Tx, k Key) (Account, error) {
	return db.One(ctx, tx, scanAccount, `select `+accountCols+` from ledger_account
		where book = $1 and kind = $2 and owner = $3 and currency = $4`,
		k.Book, string(k.Kind), k.Owner, string(k.Currency))
}

// Let only one node at a time make accounts. The first account of all is the lock; where there
// is none yet, two nodes may take the same number and collide on the primary key.
func lockChart(ctx context.Context, tx *db.Tx) error {
	_, err := db.One(ctx, tx, func(r db.Row) (no int64, err error) {
		err = r.Scan(&no)
		return no, err
	}, `select no from ledger_account where no = 1 /*pg for update */`)
	if errors.Is(err, db.ErrNoRows) {
		return nil
	}
	return err
}

// Make the account of this key with the next number, unless it is there.
func insertAccount(ctx context.Context, tx *db.Tx, k Key) (Account, error) {
	_, err := tx.Exec(ctx, `insert into ledger_account (no, book, kind, owner, currency)
		select coalesce(max(no), 0) + 1, cast($1 as bigint), cast($2 as text),
			cast($3 as bigint), cast($4 as text)
		from ledger_account where true
		on conflict (book, kind, owner, currency) do nothing`,
		k.Book, string(k.Kind), k.Owner, string(k.Currency))
	if err != nil {
		return Account{}, err
	}
	return accountOf(ctx, tx, k)
}

var transferKinds = []db.Kind{db.Int, db.Text, db.Text, db.Int, db.Text, db.Int, db.Text,
	db.Text, db.Text, db.Text}

// Keep these transfers.
func insertTransfers(ctx context.Context, tx *db.Tx, ts []Transfer) error {
	rows := make([][]any, len(ts))
	for i := range ts {
		t := &ts[i]
		rows[i] = []any{t.AcquirerNo, t.ID, t.PaymentID, t.IssuerNo, string(t.Cause),
			clock.Micros(t.At), t.AcquirerDay, t.IssuerDay, t.Corrects, encode(t.Postings)}
	}
	_, err := tx.Bulk(ctx, `insert into ledger_transfer (acquirer_no, id, payment_id, issuer_no,
		cause, at_us, acquirer_day, issuer_day, corrects, postings) {rows}`,
		transferKinds, rows, nil)
	return err
}

// Add these sums to the balances of this lane.
func moveBalances(ctx context.Context, tx *db.Tx, lane int, ms []move) error {
	rows := make([][]any, len(ms))
	for i, m := range ms {
		rows[i] = []any{m.account, int64(lane), m.debits, m.credits}
	}
	_, err := tx.Bulk(ctx, `insert into ledger_balance
		(account_no, lane, debits_minor, credits_minor) {rows}
		on conflict (account_no, lane) do update set
			debits_minor = ledger_balance.debits_minor + excluded.debits_minor,
			credits_minor = ledger_balance.credits_minor + excluded.credits_minor`,
		[]db.Kind{db.Int, db.Int, db.Int, db.Int}, rows, nil)
	return err
}

const transferCols = `acquirer_no, id, payment_id, issuer_no, cause, at_us, acquirer_day,
	issuer_day, corrects, postings`

type storedTransfer struct {
	Transfer
	lines []line
}

func scanTransfer(r db.Row) (storedTransfer, error) {
	var t storedTransfer
	var at int64
	var postings string
	err := r.Scan(&t.AcquirerNo, &t.ID, &t.PaymentID, &t.IssuerNo, (*string)(&t.Cause), &at,
		&t.AcquirerDay, &t.IssuerDay, &t.Corrects, &postings)
	if err != nil {
		return t, err
	}
	t.At = clock.FromMicros(at)
	t.lines, err = decode(postings)
	return t, err
}

// Which transfers have these ids? By the primary key.
func transfersByID(
	ctx context.Context, tx *db.Tx, acquirerNo int64, ids []string,
) ([]storedTransfer, error) {
	rows := make([][]any, len(ids))
	for i, id := range ids {
		rows[i] = []any{acquirerNo, id}
	}
	var out []storedTransfer
	_, err := tx.Bulk(ctx, `with k(a, i) as ({rows}) select acquirer_no, id, payment_id,
			issuer_no, cause, at_us, acquirer_day, issuer_day, corrects, postings
		from k join ledger_transfer t on t.acquirer_no = k.a and t.id = k.i
		order by at_us, id`, []db.Kind{db.Int, db.Text}, rows,
		func(r db.Row) error {
			t, err := scanTransfer(r)
			out = append(out, t)
			return err
		})
	return out, err
}

// Which transfers have ids in this range, both ends included? By the primary key.
func transfersBetween(
	ctx context.Context, tx *db.Tx, acquirerNo int64, from, to string,
) ([]storedTransfer, error) {
	return db.All(ctx, tx, scanTransfer, `select `+transferCols+` from ledger_transfer
		where acquirer_no = $1 and id >= $2 and id <= $3 order by id`, acquirerNo, from, to)
}

// Which transfers follow this one? By the primary key, a page at a time.
func transfersAfter(
	ctx context.Context, tx *db.Tx, acquirerNo int64, id string, limit int,
) ([]storedTransfer, error) {
	return db.All(ctx, tx, scanTransfer, `select `+transferCols+` from ledger_transfer
		where (acquirer_no, id) > ($1, $2) order by acquirer_no, id limit $3`,
		acquirerNo, id, limit)
}

// Balance is an account with what was debited and credited, over all lanes.
type Balance struct {
	Account
	Debits, Credits int64
}

// Net returns the balance on the account's own side; negative when it stands on the other.
func (b Balance) Net() int64 {
	if Kinds[b.Kind] == Debit {
		return b.Debits - b.Credits
	}
	return b.Credits - b.Debits
}

// What stands on every account of this book? All books when book is negative.
func balances(ctx context.Context, tx *db.Tx, book int64) ([]Balance, error) {
	return db.All(ctx, tx, func(r db.Row) (Balance, error) {
		var b Balance
		err := r.Scan(&b.No, &b.Book, (*string)(&b.Kind), &b.Owner, (*string)(&b.Currency),
			&b.Debits, &b.Credits)
		return b, err
	}, `select a.no, a.book, a.kind, a.owner, a.currency,
			cast(coalesce(sum(b.debits_minor), 0) as bigint),
			cast(coalesce(sum(b.credits_minor), 0) as bigint)
		from ledger_account a left join ledger_balance b on b.account_no = a.no
		where a.book = $1 or cast($1 as bigint) < 0
		group by a.no, a.book, a.kind, a.owner, a.currency
		order by a.book, a.kind, a.owner, a.currency`, book)
}

// TrialLine is one book and currency: all debits and all credits. They must be equal (L6).
type TrialLine struct {
	Book            int64
	Currency        money.Currency
	Debits, Credits int64
}
