package party

import (
	"context"

	"watari/kit/clock"
	"watari/kit/db"
)

// Count the version up. The row stays locked until the end of the transaction, so writers of
// the directory follow one another (R2) and versions are committed in order (R4).
func bump(ctx context.Context, tx *db.Tx) (int64, error) {
	return db.One(ctx, tx, scanInt,
		`update reference set version = version + 1 where id = 1 returning version`)
}

// Close or open the ledger.
func setLedger(ctx context.Context, tx *db.Tx, closed bool) error {
	_, err := tx.Exec(ctx, `update reference set ledger_closed = $1 where id = 1`, closed)
	return err
}

// Take the next number of a kind.
func nextNo(ctx context.Context, tx *db.Tx, kind Kind) (int64, error) {
	return db.One(ctx, tx, scanInt, `update party_number set last_no = last_no + 1
		where kind = $1 returning last_no`, kind)
}

// Has another participant one of these names? Id and client id are taken for ever, a code
// group while its owner is not closed.
func participantTaken(ctx context.Context, tx *db.Tx, p Participant) (string, error) {
	names, err := db.All(ctx, tx, func(r db.Row) (s string, err error) {
		err = r.Scan(&s)
		return s, err
	}, `select case when id = $1 then 'id' when client_id = $2 and client_id <> ''
			then 'client_id' else 'code_group' end
		from participant where id = $1 or client_id = $2 and client_id <> ''
			or code_group = $3 and code_group <> '' and status <> 'closed'
		order by no limit 1`, p.ID, p.ClientID, p.CodeGroup)
	if err != nil || len(names) == 0 {
		return "", err
	}
	return names[0], nil
}

func insertParticipant(ctx context.Context, tx *db.Tx, p Participant) error {
	_, err := tx.Exec(ctx, `insert into participant (no, id, name, client_id, status, connector,
			base_url, code_group, own_codes, on_sight, created_at_us)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		p.No, p.ID, p.Name, p.ClientID, p.Status, p.Connector, p.BaseURL, p.CodeGroup,
		p.OwnCodes, p.OnSight, clock.Micros(clock.Now()))
	return err
}

func updateParticipant(ctx context.Context, tx *db.Tx, p Participant) error {
	_, err := tx.Exec(ctx, `update participant set name = $2, base_url = $3, own_codes = $4,
		on_sight = $5 where no = $1`, p.No, p.Name, p.BaseURL, p.OwnCodes, p.OnSight)
	return err
}

func insertAgreement(ctx context.Context, tx *db.Tx, a Agreement) error {
	_, err := tx.Exec(ctx, `insert into agreement (participant_no, role, currency, version, id,
			zone, cut_off_min, spread_ppm, interchange_ppm, scheme_ppm, cap_minor,
			per_payment_max_minor, per_day_max_minor, from_us, until_us, created_at_us)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
		a.ParticipantNo, a.Role, a.Currency, a.Version, a.ID, a.Zone, a.CutOffMin, a.SpreadPPM,
		a.InterchangePPM, a.SchemePPM, a.CapMinor, a.PerPaymentMaxMinor, a.PerDayMaxMinor,
		a.FromUS, a.UntilUS, clock.Micros(clock.Now()))
	return err
}

func insertMerchant(ctx context.Context, tx *db.Tx, m Merchant) error {
	_, err := tx.Exec(ctx, `insert into merchant (no, acquirer_no, id, name, name_ja, mcc,
			mdr_ppm, status, unverified, created_at_us)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		m.No, m.AcquirerNo, m.ID, m.Name, m.NameJA, m.MCC, m.MDRPPM, m.Status, m.Unverified,
		clock.Micros(clock.Now()))
	return err
}

func updateMerchant(ctx context.Context, tx *db.Tx, m Merchant) error {
	_, err := tx.Exec(ctx, `update merchant set name = $2, name_ja = $3, mcc = $4, mdr_ppm = $5,
		unverified = $6 where no = $1`,
		m.No, m.Name, m.NameJA, m.MCC, m.MDRPPM, m.Unverified)
	return err
}

func insertStore(ctx context.Context, tx *db.Tx, s Store) error {
	_, err := tx.Exec(ctx, `insert into store (no, acquirer_no, merchant_no, id, name, name_ja,
			prefecture, mcc, status, unverified, per_payment_max_minor, per_day_max_minor,
			refund_day_max_minor, manager_pin_hash, pin_above_minor, created_at_us, city,
			postal_code, unified_id)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
			$19)`,
		s.No, s.AcquirerNo, s.MerchantNo, s.ID, s.Name, s.NameJA, s.Prefecture, s.MCC, s.Status,
		s.Unverified, s.PerPaymentMaxMinor, s.PerDayMaxMinor, s.RefundDayMaxMinor,
		s.ManagerPINHash, s.PINAboveMinor, clock.Micros(clock.Now()), s.City, s.PostalCode,
		s.UnifiedID)
	return err
}

func updateStore(ctx context.Context, tx *db.Tx, s Store) error {
	_, err := tx.Exec(ctx, `update store set name = $2, name_ja = $3, prefecture = $4, mcc = $5,
		unverified = $6, per_payment_max_minor = $7, per_day_max_minor = $8,
		refund_day_max_minor = $9, manager_pin_hash = $10, pin_above_minor = $11,
		city = $12, postal_code = $13, unified_id = $14 where no = $1`,
		s.No, s.Name, s.NameJA, s.Prefecture, s.MCC, s.Unverified, s.PerPaymentMaxMinor,
		s.PerDayMaxMinor, s.RefundDayMaxMinor, s.ManagerPINHash, s.PINAboveMinor, s.City,
		s.PostalCode, s.UnifiedID)
	return err
}

func insertTerminal(ctx context.Context, tx *db.Tx, t Terminal) error {
	_, err := tx.Exec(ctx, `insert into terminal (no, acquirer_no, store_no, id, label, status,
			can_refund, refund_day_max_minor, failures_max, created_at_us)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		t.No, t.AcquirerNo, t.StoreNo, t.ID, t.Label, t.Status, t.CanRefund,
		t.RefundDayMaxMinor, t.FailuresMax, clock.Micros(clock.Now()))
	return err
}

func updateTerminal(ctx context.Context, tx *db.Tx, t Terminal) error {
	_, err := tx.Exec(ctx, `update terminal set label = $2, can_refund = $3,
		refund_day_max_minor = $4, failures_max = $5 where no = $1`,
		t.No, t.Label, t.CanRefund, t.RefundDayMaxMinor, t.FailuresMax)
	return err
}

// setStatus sets a status; kind is one of the four constants, each the name of its table.
func setStatus(ctx context.Context, tx *db.Tx, kind Kind, no int64, to Status) error {
	_, err := tx.Exec(ctx, `update `+string(kind)+` set status = $2 where no = $1`, no, to)
	return err
}

func insertKey(ctx context.Context, tx *db.Tx, k Key) error {
	_, err := tx.Exec(ctx, `insert into participant_key
			(participant_no, version, public_der, from_us, until_us, created_at_us)
		values ($1, $2, $3, $4, $5, $6)`, k.ParticipantNo, k.Version, k.PublicDER,
		clock.Micros(k.From), micros(k.Until), clock.Micros(clock.Now()))
	return err
}

func retireKey(ctx context.Context, tx *db.Tx, participantNo int64, version int) (int64, error) {
	return tx.Exec(ctx, `update participant_key set retired_at_us = $3
		where participant_no = $1 and version = $2 and retired_at_us is null`,
		participantNo, version, clock.Micros(clock.Now()))
}

// Write when these keys were last used, never earlier than what stands there.
func touchKeys(ctx context.Context, tx *db.Tx, uses []keyUse) error {
	rows := make([][]any, len(uses))
	for i, u := range uses {
		rows[i] = []any{u.participantNo, u.version, u.at}
	}
	_, err := tx.Bulk(ctx, `with v(participant_no, version, at_us) as ({rows})
		update participant_key set last_used_us = v.at_us from v
		where participant_key.participant_no = v.participant_no
			and participant_key.version = v.version
			and coalesce(participant_key.last_used_us, 0) < v.at_us`,
		[]db.Kind{db.Int, db.Int, db.Int}, rows, nil)
	return err
}

func insertActivation(
	ctx context.Context, tx *db.Tx, hash string, terminalNo, untilUS int64,
) error {
	_, err := tx.Exec(ctx, `insert into terminal_activation
			(hash, terminal_no, until_us, created_at_us)
		values ($1, $2, $3, $4)`, hash, terminalNo, untilUS, clock.Micros(clock.Now()))
	return err
}

// Use an activation up and return its terminal. No row: not known, used, or expired.
func useActivation(ctx context.Context, tx *db.Tx, hash string) (int64, error) {
	no, err := db.One(ctx, tx, scanInt, `update terminal_activation set used_at_us = $2
		where hash = $1 and used_at_us is null and until_us > $2
		returning terminal_no`, hash, clock.Micros(clock.Now()))
	return no, known(err, ErrActivation.Newf(""))
}

// End the links of a terminal that nobody used yet. It reads all links: nobody does it often.
func endActivations(ctx context.Context, tx *db.Tx, terminalNo int64) error {
	_, err := tx.Exec(ctx, `update terminal_activation set until_us = $2
		where terminal_no = $1 and used_at_us is null and until_us > $2`,
		terminalNo, clock.Micros(clock.Now()))
	return err
}

func insertSession(ctx context.Context, tx *db.Tx, hash string, terminalNo int64) error {
	_, err := tx.Exec(ctx, `insert into terminal_session
			(hash, terminal_no, created_at_us, last_used_us)
		values ($1, $2, $3, $3)`, hash, terminalNo, clock.Micros(clock.Now()))
	return err
}

// Revoke all sessions of a terminal, by the index on it.
func revokeSessions(ctx context.Context, tx *db.Tx, terminalNo int64) (int64, error) {
	return tx.Exec(ctx, `update terminal_session set revoked_at_us = $2
		where terminal_no = $1 and revoked_at_us is null`,
		terminalNo, clock.Micros(clock.Now()))
}

// Write when these sessions were last used, never earlier than what stands there.
func touchSessions(ctx context.Context, tx *db.Tx, uses []sessionUse) error {
	rows := make([][]any, len(uses))
	for i, u := range uses {
		rows[i] = []any{u.hash, u.at}
	}
	_, err := tx.Bulk(ctx, `with v(hash, at_us) as ({rows})
		update terminal_session set last_used_us = v.at_us from v
		where terminal_session.hash = v.hash and terminal_session.last_used_us < v.at_us`,
		[]db.Kind{db.Text, db.Int}, rows, nil)
	return err
}
