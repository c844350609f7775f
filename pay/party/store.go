package party

import (
	"context"
	"embed"
	"errors"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/money"
)

// Migrations are this package's tables.
//
//go:embed sql/*.sql
var Migrations embed.FS

// Reference is the row that every change of the directory counts up.
type Reference struct {
	Version      int64
	LedgerClosed bool
}

func scanReference(r db.Row) (f Reference, err error) {
	err = r.Scan(&f.Version, &f.LedgerClosed)
	return f, err
}

// At which version is the directory?
func reference(ctx context.Context, tx *db.Tx) (Reference, error) {
	return db.One(ctx, tx, scanReference,
		`select version, ledger_closed from reference where id = 1`)
}

const participantCols = `no, id, name, client_id, status, connector, base_url, code_group,
	own_codes, on_sight`

func scanParticipant(r db.Row) (p Participant, err error) {
	err = r.Scan(&p.No, &p.ID, &p.Name, &p.ClientID, &p.Status, &p.Connector, &p.BaseURL,
		&p.CodeGroup, &p.OwnCodes, &p.OnSight)
	return p, err
}

// Who are the members? All of them, by number: they are few.
func participants(ctx context.Context, tx *db.Tx) ([]Participant, error) {
	return db.All(ctx, tx, scanParticipant,
		`select `+participantCols+` from participant order by no`)
}

// Who has this number? By the primary key.
func participantByNo(ctx context.Context, tx *db.Tx, no int64) (Participant, error) {
	p, err := db.One(ctx, tx, scanParticipant,
		`select `+participantCols+` from participant where no = $1`, no)
	return p, known(err, ErrParticipantUnknown.Newf("no participant %d", no))
}

const agreementCols = `participant_no, role, currency, version, id, zone, cut_off_min,
	spread_ppm, interchange_ppm, scheme_ppm, cap_minor, per_payment_max_minor,
	per_day_max_minor, from_us, until_us`

func scanAgreement(r db.Row) (Agreement, error) {
	var a Agreement
	err := r.Scan(&a.ParticipantNo, &a.Role, &a.Currency, &a.Version, &a.ID, &a.Zone,
		&a.CutOffMin, &a.SpreadPPM, &a.InterchangePPM, &a.SchemePPM, &a.CapMinor,
		&a.PerPaymentMaxMinor, &a.PerDayMaxMinor, &a.FromUS, &a.UntilUS)
	if err == nil {
		a.zone, err = time.LoadLocation(a.Zone)
	}
	return a, err
}

// What was agreed with the members? All versions, in ascending order.
func agreements(ctx context.Context, tx *db.Tx) ([]Agreement, error) {
	return db.All(ctx, tx, scanAgreement, `select `+agreementCols+` from agreement
		order by participant_no, role, currency, version`)
}

// Which versions were agreed in this role and currency? In ascending order, by the primary key.
func versionsOf(
	ctx context.Context, tx *db.Tx, no int64, role Role, cur money.Currency,
) ([]Agreement, error) {
	return db.All(ctx, tx, scanAgreement, `select `+agreementCols+` from agreement
		where participant_no = $1 and role = $2 and currency = $3
		order by version`, no, role, cur)
}

// Which is the highest version agreed in this role and currency? By the primary key.
func lastAgreement(
	ctx context.Context, tx *db.Tx, no int64, role Role, cur money.Currency,
) (Agreement, error) {
	return db.One(ctx, tx, scanAgreement, `select `+agreementCols+` from agreement
		where participant_no = $1 and role = $2 and currency = $3
		order by version desc limit 1`, no, role, cur)
}

const merchantCols = `no, acquirer_no, id, name, name_ja, mcc, mdr_ppm, status, unverified`

func scanMerchant(r db.Row) (m Merchant, err error) {
	err = r.Scan(&m.No, &m.AcquirerNo, &m.ID, &m.Name, &m.NameJA, &m.MCC, &m.MDRPPM,
		&m.Status, &m.Unverified)
	return m, err
}

// Which merchant of this acquirer has this id? By the unique key.
func merchantByID(
	ctx context.Context, tx *db.Tx, acquirerNo int64, id string,
) (Merchant, error) {
	m, err := db.One(ctx, tx, scanMerchant, `select `+merchantCols+` from merchant
		where acquirer_no = $1 and id = $2`, acquirerNo, id)
	return m, known(err, noMerchant(id))
}

// Which merchant has this number? By the primary key.
func merchantByNo(ctx context.Context, tx *db.Tx, no int64) (Merchant, error) {
	m, err := db.One(ctx, tx, scanMerchant,
		`select `+merchantCols+` from merchant where no = $1`, no)
	return m, known(err, ErrMerchantUnknown.Newf("no merchant %d", no))
}

// How many merchants of this acquirer are unverified? By the partial index.
func countUnverified(ctx context.Context, tx *db.Tx, acquirerNo int64) (int64, error) {
	return db.One(ctx, tx, scanInt, `select count(*) from merchant
		where acquirer_no = $1 and unverified`, acquirerNo)
}

const storeCols = `no, acquirer_no, merchant_no, id, name, name_ja, prefecture, city, postal_code,
	unified_id, mcc, status,
	unverified, per_payment_max_minor, per_day_max_minor, refund_day_max_minor,
	manager_pin_hash, pin_above_minor`

func scanStore(r db.Row) (s Store, err error) {
	err = r.Scan(&s.No, &s.AcquirerNo, &s.MerchantNo, &s.ID, &s.Name, &s.NameJA,
		&s.Prefecture, &s.City, &s.PostalCode, &s.UnifiedID, &s.MCC, &s.Status, &s.Unverified,
		&s.PerPaymentMaxMinor,
		&s.PerDayMaxMinor, &s.RefundDayMaxMinor, &s.ManagerPINHash, &s.PINAboveMinor)
	return s, err
}

// Which store of this merchant has this id? By the unique key.
func storeByID(ctx context.Context, tx *db.Tx, merchantNo int64, id string) (Store, error) {
	s, err := db.One(ctx, tx, scanStore, `select `+storeCols+` from store
		where merchant_no = $1 and id = $2`, merchantNo, id)
	return s, known(err, ErrStoreUnknown.Newf("the merchant has no store %q", id))
}

// Which store of this acquirer has this id, when it is the only one? By the index on both.
func storeOfAcquirer(
	ctx context.Context, tx *db.Tx, acquirerNo int64, id string,
) (Store, error) {
	found, err := db.All(ctx, tx, scanStore, `select `+storeCols+` from store
		where acquirer_no = $1 and id = $2 order by no limit 2`, acquirerNo, id)
	switch {
	case err != nil:
		return Store{}, err
	case len(found) == 0:
		return Store{}, ErrStoreUnknown.Newf("the acquirer has no store %q", id)
	case len(found) > 1:
		return Store{}, ErrStoreUnknown.Newf(
			"several merchants have a store %q: name the merchant", id)
	}
	return found[0], nil
}

// Which store has this number? By the primary key.
func storeByNo(ctx context.Context, tx *db.Tx, no int64) (Store, error) {
	s, err := db.One(ctx, tx, scanStore,
		`select `+storeCols+` from store where no = $1`, no)
	return s, known(err, ErrStoreUnknown.Newf("no store %d", no))
}

const terminalCols = `no, acquirer_no, store_no, id, label, status, can_refund,
	refund_day_max_minor, failures_max`

func scanTerminal(r db.Row) (t Terminal, err error) {
	err = r.Scan(&t.No, &t.AcquirerNo, &t.StoreNo, &t.ID, &t.Label, &t.Status,
		&t.CanRefund, &t.RefundDayMaxMinor, &t.FailuresMax)
	return t, err
}

// Which terminal of this store has this id? By the unique key.
func terminalByID(ctx context.Context, tx *db.Tx, storeNo int64, id string) (Terminal, error) {
	t, err := db.One(ctx, tx, scanTerminal, `select `+terminalCols+` from terminal
		where store_no = $1 and id = $2`, storeNo, id)
	return t, known(err, ErrTerminalUnknown.Newf("the store has no terminal %q", id))
}

// Which terminal has this number? By the primary key.
func terminalByNo(ctx context.Context, tx *db.Tx, no int64) (Terminal, error) {
	t, err := db.One(ctx, tx, scanTerminal,
		`select `+terminalCols+` from terminal where no = $1`, no)
	return t, known(err, ErrTerminalUnknown.Newf("no terminal %d", no))
}

const keyCols = `participant_no, version, public_der, from_us, until_us,
	coalesce(retired_at_us, 0), coalesce(last_used_us, 0)`

func scanKey(r db.Row) (Key, error) {
	var k Key
	var from, until, retired, used int64
	err := r.Scan(&k.ParticipantNo, &k.Version, &k.PublicDER, &from, &until, &retired, &used)
	k.From, k.Until = clock.FromMicros(from), orNever(until)
	k.Retired, k.LastUsed = orNever(retired), orNever(used)
	return k, err
}

// Which key has this version? By the primary key.
func keyByVersion(
	ctx context.Context, tx *db.Tx, participantNo int64, version int,
) (Key, error) {
	k, err := db.One(ctx, tx, scanKey, `select `+keyCols+` from participant_key
		where participant_no = $1 and version = $2`, participantNo, version)
	return k, known(err, ErrKeyUnknown.Newf("no key version %d", version))
}

// Which keys has this participant? By the primary key.
func keysOf(ctx context.Context, tx *db.Tx, participantNo int64) ([]Key, error) {
	return db.All(ctx, tx, scanKey, `select `+keyCols+` from participant_key
		where participant_no = $1 order by version`, participantNo)
}

// Which terminal does this session belong to, if it was not revoked? By the primary key.
func sessionTerminal(ctx context.Context, tx *db.Tx, hash string) (int64, error) {
	no, err := db.One(ctx, tx, scanInt, `select terminal_no from terminal_session
		where hash = $1 and revoked_at_us is null`, hash)
	return no, known(err, ErrSession.Newf(""))
}

func scanInt(r db.Row) (n int64, err error) {
	err = r.Scan(&n)
	return n, err
}

// known turns "no row" into what it means here.
func known(err, unknown error) error {
	if errors.Is(err, db.ErrNoRows) {
		return unknown
	}
	return err
}

// orNever reads a time that may be absent, which is stored as 0 or null.
func orNever(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return clock.FromMicros(us)
}

// micros is the reverse of orNever for columns that hold 0.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return clock.Micros(t)
}
