package signup

import (
	"context"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
)

const importCols = `id, acquirer_no, state, dry_run, file_name, encoding, made_by, actor, phase,
	lines, checked, merchants, stores, terminals, mistakes, bad_lines, reason, lease_us,
	started_at_us, coalesce(ended_at_us, 0)`

func scanImport(r db.Row) (i Import, err error) {
	var lease, started, ended int64
	err = r.Scan(&i.ID, &i.AcquirerNo, &i.State, &i.DryRun, &i.FileName, &i.Encoding, &i.By,
		&i.actor, &i.Phase, &i.Lines, &i.Checked, &i.Merchants, &i.Stores, &i.Terminals,
		&i.Mistakes, &i.BadLines, &i.Reason, &lease, &started, &ended)
	i.lease, i.Started, i.Ended = clock.FromMicros(lease), clock.FromMicros(started),
		orNever(ended)
	return i, err
}

func insertImport(ctx context.Context, tx *db.Tx, i Import) error {
	_, err := tx.Exec(ctx, `insert into signup_import (id, acquirer_no, state, dry_run, file_name,
			encoding, made_by, actor, phase, lines, checked, merchants, stores, terminals,
			mistakes, bad_lines, reason, lease_us, started_at_us)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0, 0, 0, 0, 0, 0, '', $10, $11)`,
		i.ID, i.AcquirerNo, string(i.State), i.DryRun, i.FileName, i.Encoding, i.By, i.actor,
		i.Phase, clock.Micros(i.lease), clock.Micros(i.Started))
	return err
}

// Is an import of this acquirer running? By the partial index.
func runningImport(ctx context.Context, tx *db.Tx, acquirerNo int64) (bool, error) {
	found, err := db.All(ctx, tx, scanText, `select id from signup_import
		where acquirer_no = $1 and state = 'running' order by id`, acquirerNo)
	return len(found) > 0, err
}

// Which running imports of this acquirer are dead? By the partial index.
func deadImports(
	ctx context.Context, tx *db.Tx, acquirerNo int64, at time.Time,
) ([]Import, error) {
	return db.All(ctx, tx, scanImport, `select `+importCols+` from signup_import
		where acquirer_no = $1 and state = 'running' and lease_us < $2 order by id`,
		acquirerNo, clock.Micros(at))
}

// Say how far a running import is; false when somebody has ended it.
func noteImport(ctx context.Context, tx *db.Tx, i Import) (bool, error) {
	n, err := tx.Exec(ctx, `update signup_import set phase = $2, lines = $3, checked = $4,
			mistakes = $5, bad_lines = $6, lease_us = $7
		where id = $1 and state = 'running'`, i.ID, i.Phase, i.Lines, i.Checked, i.Mistakes,
		i.BadLines, clock.Micros(i.lease))
	return n == 1, err
}

// Say that a running import lives; false when somebody has ended it.
func beatImport(ctx context.Context, tx *db.Tx, importID string, lease time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `update signup_import set lease_us = $2
		where id = $1 and state = 'running'`, importID, clock.Micros(lease))
	return n == 1, err
}

// End a running import; false when somebody has ended it.
func endImport(ctx context.Context, tx *db.Tx, i Import) (bool, error) {
	n, err := tx.Exec(ctx, `update signup_import set state = $2, phase = '', lines = $3,
			checked = $4, merchants = $5, stores = $6, terminals = $7, mistakes = $8,
			bad_lines = $9, reason = $10, ended_at_us = $11
		where id = $1 and state = 'running'`, i.ID, string(i.State), i.Lines, i.Checked,
		i.Merchants, i.Stores, i.Terminals, i.Mistakes, i.BadLines, i.Reason,
		clock.Micros(i.Ended))
	return n == 1, err
}

// Which import has this id? By the primary key.
func findImport(ctx context.Context, tx *db.Tx, importID string) (Import, error) {
	i, err := db.One(ctx, tx, scanImport, `select `+importCols+`
		from signup_import where id = $1`, importID)
	return i, known(err, ErrImport.Newf(""))
}

// Which imports are the newest of an acquirer? By the index on it.
func importsOf(
	ctx context.Context, tx *db.Tx, acquirerNo int64, limit int,
) ([]Import, error) {
	return db.All(ctx, tx, scanImport, `select `+importCols+` from signup_import
		where acquirer_no = $1 order by id desc limit $2`, acquirerNo, limit)
}

func insertMistakes(ctx context.Context, tx *db.Tx, importID string, all []Mistake) error {
	rows := make([][]any, len(all))
	for n, m := range all {
		rows[n] = []any{importID, m.Line, n, m.Field, m.Text}
	}
	_, err := tx.Bulk(ctx, `insert into signup_mistake (import_id, line, nth, field, text) {rows}`,
		[]db.Kind{db.Text, db.Int, db.Int, db.Text, db.Text}, rows, nil)
	return err
}

// What is wrong with a file? By the primary key.
func mistakesOf(
	ctx context.Context, tx *db.Tx, importID string, offset, limit int,
) ([]Mistake, error) {
	return db.All(ctx, tx, func(r db.Row) (m Mistake, err error) {
		return m, r.Scan(&m.Line, &m.Field, &m.Text)
	}, `select line, field, text from signup_mistake where import_id = $1
		order by line, nth limit $2 offset $3`, importID, limit, offset)
}

// made is what one line made.
type made struct {
	line                            int
	application                     string
	merchantID, storeID, terminalID string
}

func insertMade(ctx context.Context, tx *db.Tx, importID string, all []made) error {
	rows := make([][]any, len(all))
	for n, m := range all {
		rows[n] = []any{importID, m.line, m.application, m.merchantID, m.storeID, m.terminalID}
	}
	_, err := tx.Bulk(ctx, `insert into signup_made (import_id, line, application_id, merchant_id,
			store_id, terminal_id) {rows}`,
		[]db.Kind{db.Text, db.Int, db.Text, db.Text, db.Text, db.Text}, rows, nil)
	return err
}

// What did each line make? By the primary key.
func madeBy(ctx context.Context, tx *db.Tx, importID string) ([]made, error) {
	return db.All(ctx, tx, func(r db.Row) (m made, err error) {
		return m, r.Scan(&m.line, &m.application, &m.merchantID, &m.storeID, &m.terminalID)
	}, `select line, application_id, merchant_id, store_id, terminal_id from signup_made
		where import_id = $1 order by line`, importID)
}
