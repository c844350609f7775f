package people

import (
	"context"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
)

// setTOTPNext keeps the secret that an app is being set up with. Uses person_pk.
func setTOTPNext(
	ctx context.Context, tx *db.Tx, personID, sealed string, until time.Time,
) error {
	_, err := tx.Exec(ctx, `update person set totp_next = $2, totp_next_until_us = $3
		where id = $1`, personID, sealed, clock.Micros(until))
	return err
}

// adoptTOTP makes the secret that was being set up the person's. Uses person_pk.
func adoptTOTP(ctx context.Context, tx *db.Tx, personID string, step int64) error {
	_, err := tx.Exec(ctx, `update person set totp = totp_next, totp_step = $2, totp_next = '',
			totp_next_until_us = 0
		where id = $1`, personID, step)
	return err
}

// useTOTP keeps that a time step was used; false when it, or a later one, was used before. Uses
// person_pk.
func useTOTP(ctx context.Context, tx *db.Tx, personID string, step int64) (bool, error) {
	n, err := tx.Exec(ctx, `update person set totp_step = $2 where id = $1 and totp_step < $2`,
		personID, step)
	return n == 1, err
}

// removeTOTP removes the app. Uses person_pk.
func removeTOTP(ctx context.Context, tx *db.Tx, personID string) error {
	_, err := tx.Exec(ctx, `update person set totp = '', totp_step = 0, totp_next = ''
		where id = $1`, personID)
	return err
}

// setRecovery replaces recovery codes. Uses person_recovery_pk.
func setRecovery(ctx context.Context, tx *db.Tx, personID string, hashes []string) error {
	_, err := tx.Exec(ctx, `delete from person_recovery where person_id = $1`, personID)
	if err != nil || len(hashes) == 0 {
		return err
	}
	rows := make([][]any, len(hashes))
	for i, h := range hashes {
		rows[i] = []any{personID, h}
	}
	_, err = tx.Bulk(ctx, `insert into person_recovery (person_id, hash) {rows}`,
		[]db.Kind{db.Text, db.Text}, rows, nil)
	return err
}

// useRecovery uses a recovery code up; false when there is none such. Uses person_recovery_pk.
func useRecovery(ctx context.Context, tx *db.Tx, personID, hash string) (bool, error) {
	n, err := tx.Exec(ctx, `delete from person_recovery where person_id = $1 and hash = $2`,
		personID, hash)
	return n == 1, err
}

// storedKey is a passkey with what the library keeps of it.
type storedKey struct {
	Passkey
	credentialID string
	personID     string
	credential   string // sealed
}

const keyColumns = `id, credential_id, person_id, label, credential, backed, made_at_us,
	used_at_us`

func scanKey(r db.Row) (k storedKey, err error) {
	var backed, made int64
	var used *int64
	err = r.Scan(&k.ID, &k.credentialID, &k.personID, &k.Label, &k.credential, &backed, &made,
		&used)
	k.Backed, k.Made = backed == 1, clock.FromMicros(made)
	if used != nil {
		k.Used = clock.FromMicros(*used)
	}
	return k, err
}

// passkeysOf returns the passkeys of a person, oldest first. Uses person_passkey_person.
func passkeysOf(ctx context.Context, tx *db.Tx, personID string) ([]storedKey, error) {
	return db.All(ctx, tx, scanKey, `select `+keyColumns+` from person_passkey
		where person_id = $1 order by id`, personID)
}

// addPasskey keeps a passkey; false when it is somebody's already. Uses
// person_passkey_credential.
func addPasskey(ctx context.Context, tx *db.Tx, k storedKey) (bool, error) {
	n, err := tx.Exec(ctx, `insert into person_passkey (id, credential_id, person_id, label,
			credential, backed, made_at_us)
		values ($1, $2, $3, $4, $5, $6, $7) on conflict (credential_id) do nothing`,
		k.ID, k.credentialID, k.personID, k.Label, k.credential, flag(k.Backed),
		clock.Micros(k.Made))
	return n == 1, err
}

// usePasskey keeps what the library says after a use. Uses person_passkey_pk.
func usePasskey(ctx context.Context, tx *db.Tx, k storedKey) error {
	_, err := tx.Exec(ctx, `update person_passkey set credential = $2, backed = $3,
			used_at_us = $4
		where id = $1`, k.ID, k.credential, flag(k.Backed), clock.Micros(k.Used))
	return err
}

// removePasskey removes a passkey of a person. Uses person_passkey_pk.
func removePasskey(ctx context.Context, tx *db.Tx, personID, passkeyID string) (bool, error) {
	n, err := tx.Exec(ctx, `delete from person_passkey where id = $2 and person_id = $1`,
		personID, passkeyID)
	return n == 1, err
}

// removeFactors removes everything beside the password. Uses person_passkey_person and
// person_recovery_pk.
func removeFactors(ctx context.Context, tx *db.Tx, personID string) error {
	if err := removeTOTP(ctx, tx, personID); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `delete from person_passkey where person_id = $1`, personID)
	if err != nil {
		return err
	}
	return setRecovery(ctx, tx, personID, nil)
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
