package signup

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
)

// Migrations are this package's tables.
//
//go:embed sql/*.sql
var Migrations embed.FS

// row is an application as it is stored, its sealed part still sealed.
type row struct {
	Application
	sealed string
}

const applicationCols = `id, acquirer_no, state, origin, sealed, screening, screened_by,
	coalesce(screened_at_us, 0), merchant_no, store_no, terminal_no, makers, reviewer, decider,
	import_id, request_id, notify_url, version, created_at_us, changed_at_us,
	coalesce(submitted_at_us, 0), coalesce(decided_at_us, 0)`

func scanApplication(r db.Row) (a row, err error) {
	var makers string
	var screened, created, changed, submitted, decided int64
	err = r.Scan(&a.ID, &a.AcquirerNo, &a.State, &a.Origin, &a.sealed, &a.Screening.Outcome,
		&a.Screening.By, &screened, &a.MerchantNo, &a.StoreNo, &a.TerminalNo, &makers,
		&a.Reviewer, &a.Decider, &a.ImportID, &a.RequestID, &a.NotifyURL, &a.Version, &created,
		&changed, &submitted, &decided)
	if err != nil {
		return a, err
	}
	a.Screening.At, a.Created, a.Changed = orNever(screened), orNever(created), orNever(changed)
	a.Submitted, a.Decided = orNever(submitted), orNever(decided)
	if err := json.Unmarshal([]byte(makers), &a.Makers); err != nil {
		return a, fmt.Errorf("read makers of %s: %w", a.ID, err)
	}
	return a, nil
}

// orNever reads a time that may be absent, which is read as 0.
func orNever(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return clock.FromMicros(us)
}

// orNull writes a time that may be absent.
func orNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return clock.Micros(t)
}

// searched is the text by which an application is found.
func (a *Application) searched() string {
	f := &a.Form
	return strings.ToLower(strings.Join([]string{f.LegalName, f.LegalNameLatin, f.TradeName,
		f.TradeNameJA, f.Store.Name, f.Store.NameJA, f.MerchantID, f.Store.ID, a.ID,
		a.RequestID}, "\n"))
}

// inSearch is how a merchant's id, perhaps with its store's, stands in the text of searched: whole,
// so that others that only hold it are not found.
func inSearch(ids ...string) string { return "\n" + strings.Join(ids, "\n") + "\n" }

// makersText is the list of names as it is stored.
func (a *Application) makersText() string {
	text, err := json.Marshal(a.Makers)
	if err != nil || a.Makers == nil {
		return "[]"
	}
	return string(text)
}

// Add applications.
func insertApplications(ctx context.Context, tx *db.Tx, as []row) error {
	rows := make([][]any, len(as))
	for i := range as {
		a := &as[i]
		rows[i] = []any{a.ID, a.AcquirerNo, string(a.State), string(a.Origin), a.Form.MCC,
			a.Form.Address.Prefecture, a.searched(), a.sealed, string(a.Screening.Outcome),
			a.Screening.By, orNull(a.Screening.At), a.MerchantNo, a.StoreNo, a.TerminalNo,
			a.makersText(), a.Reviewer, a.Decider, a.ImportID, a.RequestID, a.NotifyURL,
			a.Version, clock.Micros(a.Created), clock.Micros(a.Changed), orNull(a.Submitted),
			orNull(a.Decided)}
	}
	_, err := tx.Bulk(ctx, `insert into signup_application (id, acquirer_no, state, origin, mcc,
			prefecture, search, sealed, screening, screened_by, screened_at_us, merchant_no,
			store_no, terminal_no, makers, reviewer, decider, import_id, request_id, notify_url,
			version, created_at_us, changed_at_us, submitted_at_us, decided_at_us) {rows}`,
		[]db.Kind{db.Text, db.Int, db.Text, db.Text, db.Text, db.Text, db.Text, db.Text, db.Text,
			db.Text, db.Int, db.Int, db.Int, db.Int, db.Text, db.Text, db.Text, db.Text, db.Text,
			db.Text, db.Int, db.Int, db.Int, db.Int, db.Int}, rows, nil)
	return err
}

// Write an application that was locked in this transaction.
func updateApplication(ctx context.Context, tx *db.Tx, a *row) error {
	n, err := tx.Exec(ctx, `update signup_application set state = $2, mcc = $3, prefecture = $4,
			search = $5, sealed = $6, screening = $7, screened_by = $8,
			screened_at_us = cast($9 as bigint), merchant_no = $10, store_no = $11,
			terminal_no = $12, makers = $13, reviewer = $14, decider = $15, version = version + 1,
			changed_at_us = $16, submitted_at_us = cast($17 as bigint),
			decided_at_us = cast($18 as bigint)
		where id = $1 and version = $19`,
		a.ID, string(a.State), a.Form.MCC, a.Form.Address.Prefecture, a.searched(), a.sealed,
		string(a.Screening.Outcome), a.Screening.By, orNull(a.Screening.At), a.MerchantNo,
		a.StoreNo, a.TerminalNo, a.makersText(), a.Reviewer, a.Decider, clock.Micros(a.Changed),
		orNull(a.Submitted), orNull(a.Decided), a.Version)
	if err == nil && n != 1 {
		err = ErrStale.Newf("")
	}
	if err == nil {
		a.Version++
	}
	return err
}

// Which application has this id? By the primary key.
func findApplication(ctx context.Context, tx *db.Tx, id string) (row, error) {
	a, err := db.One(ctx, tx, scanApplication, `select `+applicationCols+`
		from signup_application where id = $1`, id)
	return a, known(err, ErrUnknown.Newf(""))
}

// The same, locked until the transaction ends.
func lockApplication(ctx context.Context, tx *db.Tx, id string) (row, error) {
	a, err := db.One(ctx, tx, scanApplication, `select `+applicationCols+`
		from signup_application where id = $1 /*pg for update */`, id)
	return a, known(err, ErrUnknown.Newf(""))
}

// Which applications made this merchant? By the index on it; locked.
func applicationsOf(ctx context.Context, tx *db.Tx, merchantNo int64) ([]row, error) {
	return db.All(ctx, tx, scanApplication, `select `+applicationCols+` from signup_application
		where merchant_no = $1 and merchant_no > 0 order by id /*pg for update */`, merchantNo)
}

// Which application did a registration make? By the unique index.
func applicationByRequest(
	ctx context.Context, tx *db.Tx, acquirerNo int64, requestID string,
) (row, error) {
	a, err := db.One(ctx, tx, scanApplication, `select `+applicationCols+`
		from signup_application where acquirer_no = $1 and request_id = $2 and request_id <> ''`,
		acquirerNo, requestID)
	return a, known(err, ErrUnknown.Newf(""))
}

// known turns "no row" into what it means here.
func known(err, unknown error) error {
	if errors.Is(err, db.ErrNoRows) {
		return unknown
	}
	return err
}

// escape lets the wild cards of like stand for themselves.
func escape(text string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(strings.ToLower(text))
}

// Which applications are there? By the index on acquirer and state, or the primary key.
func listApplications(ctx context.Context, tx *db.Tx, f Filter) ([]row, error) {
	var q strings.Builder
	var args []any
	arg := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	q.WriteString(`select ` + applicationCols + ` from signup_application where id <> ''`)
	if f.AcquirerNo != 0 {
		q.WriteString(` and acquirer_no = ` + arg(f.AcquirerNo))
	}
	if len(f.States) > 0 {
		names := make([]string, len(f.States))
		for i, one := range f.States {
			names[i] = arg(string(one))
		}
		q.WriteString(` and state in (` + strings.Join(names, ", ") + `)`)
	}
	if f.Text != "" {
		q.WriteString(` and search like ` + arg("%"+escape(f.Text)+"%") + ` escape '\'`)
	}
	if f.Prefecture != "" {
		q.WriteString(` and prefecture = ` + arg(f.Prefecture))
	}
	if f.MCC != "" {
		q.WriteString(` and mcc = ` + arg(f.MCC))
	}
	if f.origin != "" {
		q.WriteString(` and origin = ` + arg(string(f.origin)))
	}
	if f.MerchantNo != 0 {
		q.WriteString(` and merchant_no = ` + arg(f.MerchantNo))
	}
	order, after := `id desc`, ` and id < `
	if f.Oldest {
		order, after = `id`, ` and id > `
	}
	if f.After != "" {
		q.WriteString(after + arg(f.After))
	}
	q.WriteString(` order by ` + order + ` limit ` + arg(f.Limit))
	return db.All(ctx, tx, scanApplication, q.String(), args...)
}

// How many applications are in each state? By the index on acquirer and state.
func countApplications(ctx context.Context, tx *db.Tx, acquirerNo int64) (map[State]int, error) {
	counts := map[State]int{}
	_, err := db.All(ctx, tx, func(r db.Row) (struct{}, error) {
		var s State
		var n int
		err := r.Scan(&s, &n)
		counts[s] = n
		return struct{}{}, err
	}, `select state, count(*) from signup_application where acquirer_no = $1
		group by state order by state`, acquirerNo)
	return counts, err
}
