package gate

import (
	"context"
	"errors"
	"strconv"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/visit/park/ticket"
)

// scanRow is a scan as it is kept.
type scanRow struct {
	ID, ParkID, GateID, DeviceID, Nonce string
	Offline                             bool
	Number                              string
	Kind                                Kind
	At, DeviceAt, Received              time.Time
	Admitted                            bool
	Reason                              Reason
	Override                            string
	Typed                               bool
	Product, Unit                       string
	Admits                              bool // into the park
	Again                               bool // not the first entry with its ticket
	Conflict                            Conflict
	ConflictOf                          string
}

func (r *scanRow) passed() *Pass {
	return &Pass{ScanID: r.ID, GateID: r.GateID, DeviceID: r.DeviceID, Kind: r.Kind, At: r.At,
		Offline: r.Offline}
}

func itoa(i int) string { return strconv.Itoa(i) }

// numberIn is the number in the text of a ticket, "" when it is none. Nothing is verified.
func numberIn(text string) string {
	c, _, err := ticket.Parse(text)
	if err != nil {
		return ""
	}
	return c.Ticket.String()
}

const scanCols = `id, park_id, gate_id, device_id, nonce, offline, number, kind, at_us, device_us,
	received_us, admitted, reason, override, typed, product, unit, admits, again, conflict,
	conflict_of`

func scanScan(r db.Row) (s scanRow, err error) {
	var at, device, received int64
	err = r.Scan(&s.ID, &s.ParkID, &s.GateID, &s.DeviceID, &s.Nonce, &s.Offline, &s.Number,
		(*string)(&s.Kind), &at, &device, &received, &s.Admitted, (*string)(&s.Reason), &s.Override,
		&s.Typed, &s.Product, &s.Unit, &s.Admits, &s.Again, (*string)(&s.Conflict), &s.ConflictOf)
	s.At, s.DeviceAt = clock.FromMicros(at), clock.FromMicros(device)
	s.Received = clock.FromMicros(received)
	return s, err
}

// Keep a scan; 0 when there is one of its nonce.
func insertScan(ctx context.Context, tx *db.Tx, r scanRow) (int64, error) {
	return tx.Exec(ctx, `insert into gate_scan (`+scanCols+`)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
			$20, $21) on conflict (device_id, nonce, offline) do nothing`, r.ID, r.ParkID, r.GateID,
		r.DeviceID, r.Nonce, r.Offline, r.Number, string(r.Kind), clock.Micros(r.At),
		clock.Micros(r.DeviceAt), clock.Micros(r.Received), r.Admitted, string(r.Reason), r.Override,
		r.Typed, r.Product, r.Unit, r.Admits, r.Again, string(r.Conflict), r.ConflictOf)
}

// Write what is found out about a scan later.
func updateScan(ctx context.Context, tx *db.Tx, r scanRow) error {
	_, err := tx.Exec(ctx, `update gate_scan set again = $2, conflict = $3, conflict_of = $4
		where id = $1`, r.ID, r.Again, string(r.Conflict), r.ConflictOf)
	return err
}

// Which scan has this nonce? nil: none.
func scanOf(
	ctx context.Context, tx *db.Tx, deviceID, nonce string, offline bool,
) (*scanRow, error) {
	r, err := db.One(ctx, tx, scanScan, `select `+scanCols+` from gate_scan
		where device_id = $1 and nonce = $2 and offline = $3`, deviceID, nonce, offline)
	if errors.Is(err, db.ErrNoRows) {
		return nil, nil
	}
	return &r, err
}

// Which scans have this nonce, at most the network's and the device's own?
func scansOf(ctx context.Context, tx *db.Tx, deviceID, nonce string) ([]scanRow, error) {
	return db.All(ctx, tx, scanScan, `select `+scanCols+` from gate_scan
		where device_id = $1 and nonce = $2 order by offline`, deviceID, nonce)
}

// Which scans of a ticket have this nonce and are of devices of the park that have ended? By the
// index on numbers.
func scansOfEnded(
	ctx context.Context, tx *db.Tx, parkID, number, nonce string, kind Kind,
) ([]scanRow, error) {
	if number == "" {
		return nil, nil
	}
	return db.All(ctx, tx, scanScan, `select `+scanCols+` from gate_scan
		where number = $1 and number <> '' and nonce = $2 and park_id = $3 and kind = $4
			and device_id in (select d.id from gate_device d
				where d.park_id = $3 and d.ended_us <> 0)
		order by offline, id`, number, nonce, parkID, string(kind))
}

// What was the last pass with a ticket? nil: none.
func lastPass(ctx context.Context, tx *db.Tx, number string) (*scanRow, error) {
	if number == "" {
		return nil, nil
	}
	r, err := db.One(ctx, tx, scanScan, `select `+scanCols+` from gate_scan
		where number = $1 and number <> '' and admitted order by at_us desc, id desc limit 1`, number)
	if errors.Is(err, db.ErrNoRows) {
		return nil, nil
	}
	return &r, err
}

// Which passes are there with a ticket, in the order of their times?
func passesOf(ctx context.Context, tx *db.Tx, number string) ([]scanRow, error) {
	return db.All(ctx, tx, scanScan, `select `+scanCols+` from gate_scan
		where number = $1 and number <> '' and admitted order by at_us, id`, number)
}

// Write the text of a ticket anew.
func rewriteTicket(ctx context.Context, tx *db.Tx, t Ticket, nowUS int64) error {
	_, err := tx.Exec(ctx, `update park_ticket set text = $2, rotating = $3, changed_us = $4
		where id = $1`, t.ID, t.Text, t.Rotating, nowUS)
	return err
}
