package wallet

import (
	"context"
	"errors"

	"watari/kit/db"
	"watari/kit/money"
)

// code is a payment code as it was obtained.
type code struct {
	value, userID   string
	fromUS, untilUS int64
	usedBy          string // request id of the payment that took it; "" before
}

// Kinds of entries (W2).
const (
	kindOpening = "opening"
	kindDebit   = "debit"
	kindHold    = "hold"
	kindRelease = "release"
	kindCancel  = "cancel"
	kindRefund  = "refund"
)

// entry is one movement of a user's money, always positive.
type entry struct {
	id, userID, kind, requestID string
	amount                      money.Amount
	atUS                        int64
}

const accountCols = `id, name, name_en, balance_minor, opening_minor, currency`

func scanAccount(r db.Row) (Account, error) {
	var a Account
	var balance, opening int64
	var currency string
	err := r.Scan(&a.ID, &a.Name, &a.NameEN, &balance, &opening, &currency)
	if err == nil {
		a.Balance, a.Opening = amount(balance, currency), amount(opening, currency)
	}
	return a, err
}

// insertUser adds a user, and tells whether they are new.
func insertUser(ctx context.Context, tx *db.Tx, a Account, nowUS int64) (bool, error) {
	n, err := tx.Exec(ctx, `insert into sim_user
			(id, name, name_en, opening_minor, balance_minor, currency, created_at_us)
		values ($1, $2, $3, $4, $5, $6, $7)
		on conflict (id) do nothing`,
		a.ID, a.Name, a.NameEN, a.Opening.Minor(), a.Opening.Minor(),
		string(a.Opening.Currency()), nowUS)
	return n == 1, err
}

// loadUser finds a user by the primary key. Error: db.ErrNoRows.
func loadUser(ctx context.Context, tx *db.Tx, id string) (Account, error) {
	return db.One(ctx, tx, scanAccount,
		`select `+accountCols+` from sim_user where id = $1`, id)
}

// listUsers returns everybody.
func listUsers(ctx context.Context, tx *db.Tx) ([]Account, error) {
	return db.All(ctx, tx, scanAccount, `select `+accountCols+` from sim_user order by id`)
}

// takeMoney lowers a balance if it is enough, and tells whether it was (W2).
func takeMoney(ctx context.Context, tx *db.Tx, userID string, minor int64) (bool, error) {
	n, err := tx.Exec(ctx, `update sim_user set balance_minor = balance_minor - $2
		where id = $1 and balance_minor >= $2`, userID, minor)
	return n == 1, err
}

// giveMoney raises a balance.
func giveMoney(ctx context.Context, tx *db.Tx, userID string, minor int64) error {
	n, err := tx.Exec(ctx, `update sim_user set balance_minor = balance_minor + $2
		where id = $1`, userID, minor)
	if err == nil && n != 1 {
		err = errors.New("give money to a user who is not there")
	}
	return err
}

// insertEntry books one movement.
func insertEntry(ctx context.Context, tx *db.Tx, e entry) error {
	_, err := tx.Exec(ctx, `insert into sim_entry
			(id, user_id, kind, request_id, entry_minor, entry_currency, at_us)
		values ($1, $2, $3, $4, $5, $6, $7)`,
		e.id, e.userID, e.kind, e.requestID, e.amount.Minor(),
		string(e.amount.Currency()), e.atUS)
	return err
}

const codeCols = `code, user_id, from_us, until_us, used_by`

func scanCode(r db.Row) (*code, error) {
	var c code
	return &c, r.Scan(&c.value, &c.userID, &c.fromUS, &c.untilUS, &c.usedBy)
}

// insertCode keeps a code that the network gave for a user.
func insertCode(ctx context.Context, tx *db.Tx, c code) error {
	_, err := tx.Exec(ctx, `insert into sim_code (`+codeCols+`)
		values ($1, $2, $3, $4, '') on conflict (code) do nothing`,
		c.value, c.userID, c.fromUS, c.untilUS)
	return err
}

// loadCode finds a code by the primary key and locks it; nil when it is not there.
func loadCode(ctx context.Context, tx *db.Tx, value string) (*code, error) {
	return orNil(db.One(ctx, tx, scanCode,
		`select `+codeCols+` from sim_code where code = $1 /*pg for update */`, value))
}

// useCode marks a code as taken by a payment.
func useCode(ctx context.Context, tx *db.Tx, value, requestID string) error {
	_, err := tx.Exec(ctx, `update sim_code set used_by = $2 where code = $1`,
		value, requestID)
	return err
}

// newestCode returns the user's code that lives longest and paid nothing, by sim_code_user;
// nil when none lives beyond afterUS.
func newestCode(ctx context.Context, tx *db.Tx, userID string, afterUS int64) (*code, error) {
	return orNil(db.One(ctx, tx, scanCode, `select `+codeCols+` from sim_code
		where user_id = $1 and until_us > $2 and used_by = ''
		order by until_us desc, code limit 1`, userID, afterUS))
}

// dropCodes forgets codes that ended long ago and paid nothing.
func dropCodes(ctx context.Context, tx *db.Tx, beforeUS int64) error {
	_, err := tx.Exec(ctx, `delete from sim_code where until_us < $1 and used_by = ''`,
		beforeUS)
	return err
}

// fault is how the wallet misbehaves just now.
type fault struct {
	mode      Mode
	remaining *int64 // pay calls left; nil until changed
}

func scanFault(r db.Row) (fault, error) {
	var f fault
	return f, r.Scan(&f.mode, &f.remaining)
}

// loadFault reads the fault without counting.
func loadFault(ctx context.Context, tx *db.Tx) (fault, error) {
	return db.One(ctx, tx, scanFault,
		`select mode, remaining from sim_fault where id = 1`)
}

// countFault takes one of what is left and returns its mode; ModeNone when nothing is left.
func countFault(ctx context.Context, tx *db.Tx) (Mode, error) {
	f, err := db.One(ctx, tx, scanFault, `update sim_fault set remaining = remaining - 1
		where id = 1 and mode <> 'none' and (remaining is null or remaining > 0)
		returning mode, remaining`)
	if errors.Is(err, db.ErrNoRows) {
		return ModeNone, nil
	}
	return f.mode, err
}

// setFault replaces the fault.
func setFault(ctx context.Context, tx *db.Tx, f fault) error {
	_, err := tx.Exec(ctx, `update sim_fault set mode = $1, remaining = $2 where id = 1`,
		string(f.mode), f.remaining)
	return err
}

// notice is what the network must be told (W6).
type notice struct {
	id       string
	kind     NoticeKind
	subject  string // request id, refund request id or consent id
	state    State  // "" for what is not about a payment's state
	why      Why
	attempts int64
	madeUS   int64
	nextAtUS int64
}

const noticeCols = `id, kind, subject, state, why, attempts, made_at_us, next_at_us`

func scanNotice(r db.Row) (notice, error) {
	var n notice
	return n, r.Scan(&n.id, &n.kind, &n.subject, &n.state, &n.why, &n.attempts, &n.madeUS,
		&n.nextAtUS)
}

// insertNotice writes a promise to tell.
func insertNotice(ctx context.Context, tx *db.Tx, n notice) error {
	_, err := tx.Exec(ctx, `insert into sim_notice (`+noticeCols+`)
		values ($1, $2, $3, $4, $5, $6, $7, $8)`, n.id, string(n.kind), n.subject,
		string(n.state), string(n.why), n.attempts, n.madeUS, n.nextAtUS)
	return err
}

// dueNotices returns what is to be told by now, oldest promise first, by sim_notice_next.
func dueNotices(ctx context.Context, tx *db.Tx, nowUS int64, limit int) ([]notice, error) {
	return db.All(ctx, tx, scanNotice, `select `+noticeCols+` from sim_notice
		where done_at_us = 0 and next_at_us <= $1 order by next_at_us, id limit $2`,
		nowUS, limit)
}

// claimNotice counts an attempt and puts the next one off; it tells whether nobody else did.
func claimNotice(ctx context.Context, tx *db.Tx, n notice, nextUS int64) (bool, error) {
	done, err := tx.Exec(ctx, `update sim_notice
		set attempts = attempts + 1, next_at_us = $3
		where id = $1 and attempts = $2 and done_at_us = 0`, n.id, n.attempts, nextUS)
	return done == 1, err
}

// endNotice notes that the network took a notice.
func endNotice(ctx context.Context, tx *db.Tx, id string, nowUS int64) error {
	_, err := tx.Exec(ctx, `update sim_notice set done_at_us = $2 where id = $1`, id, nowUS)
	return err
}

// orNil turns the absence of a row into nil.
func orNil[T any](v *T, err error) (*T, error) {
	if errors.Is(err, db.ErrNoRows) {
		return nil, nil
	}
	return v, err
}
