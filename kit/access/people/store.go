package people

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"strings"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
)

// Migrations holds the tables of this package.
//
//go:embed sql/*.sql
var Migrations embed.FS

// account is a person with what they prove themselves by.
type account struct {
	Person
	emailKey  string
	password  string
	totp      string // sealed
	totpStep  int64
	totpNext  string // sealed
	nextUntil time.Time
	issuer    string
	subject   string
}

// accountColumns is the order that scanAccount reads. Passkeys and recovery codes are counted by
// person_passkey_person and person_recovery_pk.
const accountColumns = `person.id, person.email, person.email_key, person.name, person.lang,
	person.role, person.participant_no, person.merchant_no, person.store_no, person.password,
	person.totp, person.totp_step, person.totp_next, person.totp_next_until_us, person.issuer,
	person.subject, person.created_at_us, person.seen_at_us, person.locked_until_us,
	person.ended_at_us,
	(select count(*) from person_passkey where person_passkey.person_id = person.id),
	(select count(*) from person_recovery where person_recovery.person_id = person.id)`

// accountRow is what the columns are scanned into.
type accountRow struct {
	account
	nextUS, createdUS, lockedUS int64
	seenUS, endedUS             *int64
}

func (r *accountRow) targets() []any {
	return []any{&r.ID, &r.Email, &r.emailKey, &r.Name, &r.Lang, (*string)(&r.Role),
		&r.ParticipantNo, &r.MerchantNo, &r.StoreNo, &r.password, &r.totp, &r.totpStep,
		&r.totpNext, &r.nextUS, &r.issuer, &r.subject, &r.createdUS, &r.seenUS, &r.lockedUS,
		&r.endedUS, &r.Factors.Passkeys, &r.Factors.Recovery}
}

// account finishes what targets filled in, as it is at a time.
func (r *accountRow) finish(at time.Time) account {
	a := r.account
	a.nextUntil, a.Created = clock.FromMicros(r.nextUS), clock.FromMicros(r.createdUS)
	if r.seenUS != nil {
		a.LastSeen = clock.FromMicros(*r.seenUS)
	}
	a.HasPassword, a.SSO, a.Factors.TOTP = a.password != "", a.issuer != "", a.totp != ""
	a.Status = Active
	switch until := clock.FromMicros(r.lockedUS); {
	case r.endedUS != nil:
		a.Status = Ended
	case r.lockedUS > 0 && until.After(at):
		a.Status, a.LockedUntil = Locked, until
	}
	return a
}

func scanAccount(at time.Time) func(db.Row) (account, error) {
	return func(r db.Row) (account, error) {
		var row accountRow
		err := r.Scan(row.targets()...)
		return row.finish(at), err
	}
}

// addPerson keeps a new person; false when the address is somebody's already. Uses person_email.
func addPerson(ctx context.Context, tx *db.Tx, a account) (bool, error) {
	n, err := tx.Exec(ctx, `insert into person (id, email, email_key, name, lang, role,
			participant_no, merchant_no, store_no, password, totp, totp_step, totp_next,
			totp_next_until_us, issuer, subject, created_at_us, locked_until_us)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '', 0, '', 0, $11, $12, $13, 0)
		on conflict (email_key) where email_key <> '' do nothing`,
		a.ID, a.Email, a.emailKey, a.Name, a.Lang, string(a.Role), a.ParticipantNo,
		a.MerchantNo, a.StoreNo, a.password, a.issuer, a.subject, clock.Micros(a.Created))
	return n == 1, err
}

// accountOf returns a person and, in a transaction that writes, holds the row. Uses person_pk.
//
// Errors: ErrPerson.
func accountOf(ctx context.Context, tx *db.Tx, personID string) (account, error) {
	a, err := db.One(ctx, tx, scanAccount(now()), `select `+accountColumns+`
		from person where id = $1`, personID)
	return a, unknown(err, ErrPerson.Newf("there is no person %q", personID))
}

// holdPerson waits for others who change a person. Uses person_pk.
func holdPerson(ctx context.Context, tx *db.Tx, personID string) error {
	_, err := tx.Exec(ctx, `update person set id = id where id = $1`, personID)
	return err
}

// accountByEmail returns who has an address. Uses person_email.
//
// Errors: db.ErrNoRows.
func accountByEmail(ctx context.Context, tx *db.Tx, key string) (account, error) {
	return db.One(ctx, tx, scanAccount(now()), `select `+accountColumns+`
		from person where email_key = $1 and email_key <> ''`, key)
}

// accountBySubject returns who a provider knows by a name, perhaps somebody who has ended. Uses
// person_subject.
//
// Errors: db.ErrNoRows.
func accountBySubject(
	ctx context.Context, tx *db.Tx, issuer, subject string,
) (account, error) {
	return db.One(ctx, tx, scanAccount(now()), `select `+accountColumns+`
		from person where issuer = $1 and subject = $2 and issuer <> ''`, issuer, subject)
}

// endedAddresses returns the addresses of a bank's own people who have ended, as they were written.
// Uses person_list.
func endedAddresses(ctx context.Context, tx *db.Tx, participantNo int64) ([]string, error) {
	scan := func(r db.Row) (s string, err error) { return s, r.Scan(&s) }
	return db.All(ctx, tx, scan, `select email from person
		where participant_no = $1 and merchant_no = 0 and ended_at_us is not null
		order by id`, participantNo)
}

// unknown turns "no row" into what it means.
func unknown(err, means error) error {
	if errors.Is(err, db.ErrNoRows) {
		return means
	}
	return err
}

// setProfile changes name and language. Uses person_pk.
func setProfile(ctx context.Context, tx *db.Tx, personID, name, lang string) error {
	_, err := tx.Exec(ctx, `update person set name = $2, lang = $3 where id = $1`,
		personID, name, lang)
	return err
}

// setPassword changes a password. Uses person_pk.
func setPassword(ctx context.Context, tx *db.Tx, personID, phc string) error {
	_, err := tx.Exec(ctx, `update person set password = $2 where id = $1`, personID, phc)
	return err
}

// setSubject remembers by what name a provider knows a person. Uses person_pk.
func setSubject(ctx context.Context, tx *db.Tx, personID, issuer, subject string) error {
	_, err := tx.Exec(ctx, `update person set issuer = $2, subject = $3 where id = $1`,
		personID, issuer, subject)
	return err
}

// freeSubject lets a provider's name for somebody who has ended be that of another person. Uses
// person_subject.
func freeSubject(ctx context.Context, tx *db.Tx, issuer, subject string) error {
	_, err := tx.Exec(ctx, `update person set issuer = '', subject = ''
		where issuer = $1 and subject = $2 and issuer <> '' and ended_at_us is not null`,
		issuer, subject)
	return err
}

// setRole moves a person. Uses person_pk.
func setRole(ctx context.Context, tx *db.Tx, personID string, to Place) error {
	_, err := tx.Exec(ctx, `update person set role = $2, store_no = $3 where id = $1`,
		personID, string(to.Role), to.StoreNo)
	return err
}

// endPerson ends a person and frees the address; what they proved themselves by is removed. By what
// name a provider knows them stays, so that it does not let them in again. Uses person_pk.
func endPerson(ctx context.Context, tx *db.Tx, personID string, at time.Time) error {
	_, err := tx.Exec(ctx, `update person set ended_at_us = $2, email_key = '', password = '',
			totp = '', totp_next = '', locked_until_us = 0
		where id = $1`, personID, clock.Micros(at))
	return err
}

// setLock locks a person until a time, or unlocks with the zero time. Uses person_pk.
func setLock(ctx context.Context, tx *db.Tx, personID string, until time.Time) error {
	us := int64(0)
	if !until.IsZero() {
		us = clock.Micros(until)
	}
	_, err := tx.Exec(ctx, `update person set locked_until_us = $2 where id = $1`, personID, us)
	return err
}

// countPeople returns how many may sign in at a place; the merchant is 0 for a bank's own. Uses
// person_list.
func countPeople(ctx context.Context, tx *db.Tx, participantNo, merchantNo int64) (int, error) {
	return db.One(ctx, tx, scanInt, `select count(*) from person
		where participant_no = $1 and merchant_no = $2 and ended_at_us is null`,
		participantNo, merchantNo)
}

func scanInt(r db.Row) (n int, err error) { return n, r.Scan(&n) }

// listing chooses people; see Filter. storeNo 0 is any.
type listing struct {
	Filter
	storeNo int64
	all     bool // of every participant
}

// listPeople returns people by id. Uses person_list, or person_pk for operators.
func listPeople(ctx context.Context, tx *db.Tx, l listing) ([]account, error) {
	where := []string{`person.id > $1`}
	args := []any{l.After}
	add := func(text string, v any) {
		args = append(args, v)
		where = append(where, fmt.Sprintf(text, len(args)))
	}
	if !l.all || l.ParticipantNo != 0 {
		add(`participant_no = $%d`, l.ParticipantNo)
	}
	if l.MerchantNo != 0 {
		add(`merchant_no = $%d`, l.MerchantNo)
	}
	if l.storeNo != 0 {
		add(`store_no = $%d`, l.storeNo)
	}
	if len(l.Roles) > 0 {
		marks := make([]string, len(l.Roles))
		for i, r := range l.Roles {
			args = append(args, string(r))
			marks[i] = fmt.Sprintf("$%d", len(args))
		}
		where = append(where, `role in (`+strings.Join(marks, ", ")+`)`)
	}
	at := now()
	switch l.Status {
	case Active:
		where = append(where, `ended_at_us is null`)
		add(`locked_until_us <= $%d`, clock.Micros(at))
	case Locked:
		where = append(where, `ended_at_us is null`)
		add(`locked_until_us > $%d`, clock.Micros(at))
	case Ended:
		where = append(where, `ended_at_us is not null`)
	}
	if l.Text != "" {
		args = append(args, "%"+escapeLike(strings.ToLower(l.Text))+"%")
		n := len(args)
		where = append(where, fmt.Sprintf(
			`(lower(name) like $%d escape '\' or lower(email) like $%d escape '\')`, n, n))
	}
	args = append(args, l.Limit)
	return db.All(ctx, tx, scanAccount(at), `select `+accountColumns+` from person
		where `+strings.Join(where, " and ")+fmt.Sprintf(` order by person.id limit $%d`,
		len(args)), args...)
}

func escapeLike(text string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text)
}

// wrongReached tells whether a place has the most wrong attempts of a window. Nothing is counted at
// place "". Uses person_wrong_pk.
func wrongReached(
	ctx context.Context, tx *db.Tx, place string, most int, window time.Duration, at time.Time,
) (bool, error) {
	if place == "" {
		return false, nil
	}
	n, err := db.One(ctx, tx, scanInt, `select count(*) from person_wrong
		where place = $1 and wrong >= $2 and since_us > $3`, place, most,
		clock.Micros(at.Add(-window)))
	return n > 0, err
}

// noteWrong counts an attempt at a place, if the most of a window are not reached, and returns
// how many there are then and whether this one may go on. Nothing is counted at place "". Uses
// person_wrong_pk.
func noteWrong(
	ctx context.Context, tx *db.Tx, place string, most int, window time.Duration, at time.Time,
) (wrong int, counted bool, err error) {
	if place == "" {
		return 0, true, nil
	}
	us, since := clock.Micros(at), clock.Micros(at.Add(-window))
	_, err = tx.Exec(ctx, `insert into person_wrong (place, since_us, wrong)
		values ($1, $2, 0) on conflict (place) do update set since_us = $2, wrong = 0
			where person_wrong.since_us <= $3`, place, us, since)
	if err != nil {
		return 0, false, err
	}
	n, err := tx.Exec(ctx, `update person_wrong set wrong = wrong + 1,
			since_us = case when wrong + 1 = $2 then $3 else since_us end
		where place = $1 and wrong < $2`, place, most, us)
	if err != nil {
		return 0, false, err
	}
	wrong, err = db.One(ctx, tx, scanInt, `select wrong from person_wrong where place = $1`,
		place)
	return wrong, n == 1, err
}

// takeBack counts an attempt at a place as if it had not been. Uses person_wrong_pk.
func takeBack(ctx context.Context, tx *db.Tx, place string) error {
	_, err := tx.Exec(ctx, `update person_wrong set wrong = wrong - 1
		where place = $1 and wrong > 0`, place)
	return err
}

// forgiveWrong forgets the attempts at a place. Uses person_wrong_pk.
func forgiveWrong(ctx context.Context, tx *db.Tx, place string) error {
	_, err := tx.Exec(ctx, `delete from person_wrong where place = $1`, place)
	return err
}

// removeOver removes what is over. Uses person_session_over, person_ticket_over and
// person_wrong_over.
func removeOver(ctx context.Context, tx *db.Tx, at time.Time) error {
	us := clock.Micros(at)
	if _, err := tx.Exec(ctx, `delete from person_session where until_us < $1`, us); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `delete from person_ticket where until_us < $1`, us); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `delete from person_wrong where since_us < $1`,
		clock.Micros(at.Add(-2*CodeLockTime)))
	return err
}
