package gate

import (
	"context"
	"encoding/json"
	"errors"

	"watari/kit/check"
	"watari/kit/db"
	"watari/kit/i18n"
)

const gateCols = `id, park_id, code, name, products, ended_us, version`

func scanGate(r db.Row) (g Gate, err error) {
	var name, products string
	var ended *int64
	if err = r.Scan(&g.ID, &g.ParkID, &g.Code, &name, &products, &ended, &g.Version); err != nil {
		return g, err
	}
	g.Ended = ended != nil
	if g.Name, err = i18n.DecodeText(name); err != nil {
		return g, err
	}
	return g, json.Unmarshal([]byte(products), &g.Products)
}

func list(codes []string) string {
	if codes == nil {
		codes = []string{}
	}
	b, err := json.Marshal(codes)
	check.That(err == nil, "gate: a list is no JSON: %v", err)
	return string(b)
}

// Which gates does a park have?
func gatesOf(ctx context.Context, tx *db.Tx, parkID string) ([]Gate, error) {
	return db.All(ctx, tx, scanGate, `select `+gateCols+` from gate
		where park_id = $1 and ended_us is null order by code`, parkID)
}

// Which gate of a park has this id or code? Errors: ErrUnknown.
func gateOf(ctx context.Context, tx *db.Tx, parkID, idOrCode string) (Gate, error) {
	g, err := db.One(ctx, tx, scanGate, `select `+gateCols+` from gate
		where park_id = $1 and ended_us is null and (id = $2 or code = $2)`, parkID, idOrCode)
	if errors.Is(err, db.ErrNoRows) {
		return g, ErrUnknown.Newf("the park has no gate %q", idOrCode)
	}
	return g, err
}

// Which gate has this id, ended or not?
func gateByID(ctx context.Context, tx *db.Tx, gateID string) (Gate, error) {
	return db.One(ctx, tx, scanGate, `select `+gateCols+` from gate where id = $1`, gateID)
}

// Keep a new gate. Errors: ErrCodeTaken.
func insertGate(ctx context.Context, tx *db.Tx, g Gate) error {
	n, err := tx.Exec(ctx, `insert into gate (id, park_id, code, name, products, version)
		values ($1, $2, $3, $4, $5, $6) on conflict (park_id, code) where ended_us is null do nothing`,
		g.ID, g.ParkID, g.Code, g.Name.Encode(), list(g.Products), g.Version)
	if err == nil && n == 0 {
		return ErrCodeTaken.Newf("the park has a gate %q already", g.Code)
	}
	return err
}

// Write a gate that was read at a version. Errors: ErrChanged, ErrCodeTaken.
func updateGate(ctx context.Context, tx *db.Tx, g Gate) error {
	n, err := db.One(ctx, tx, scanInt, `select count(*) from gate
		where park_id = $1 and code = $2 and ended_us is null and id <> $3`, g.ParkID, g.Code, g.ID)
	if err != nil {
		return err
	}
	if n > 0 {
		return ErrCodeTaken.Newf("the park has a gate %q already", g.Code)
	}
	n, err = tx.Exec(ctx, `update gate set code = $3, name = $4, products = $5, version = version + 1
		where id = $1 and version = $2 and ended_us is null`, g.ID, g.Version, g.Code,
		g.Name.Encode(), list(g.Products))
	if err == nil && n == 0 {
		return ErrChanged.Newf("read it again: it is not at version %d any more", g.Version)
	}
	return err
}

// End a gate and its devices.
func endGate(ctx context.Context, tx *db.Tx, gateID string, nowUS int64) error {
	if _, err := tx.Exec(ctx, `update gate set ended_us = $2, version = version + 1
		where id = $1`, gateID, nowUS); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `update gate_device set ended_us = $2, link_hash = '', session_hash = ''
		where gate_id = $1 and ended_us = 0`, gateID, nowUS)
	return err
}

const deviceCols = `id, park_id, gate_id, label, link_until_us, activated_us, ended_us, seen_us,
	offset_ms, waiting, overrides`

func scanDevice(r db.Row) (d Device, err error) {
	var link, activated, ended, seen int64
	err = r.Scan(&d.ID, &d.ParkID, &d.GateID, &d.Label, &link, &activated, &ended, &seen, &d.Offset,
		&d.Waiting, &d.Overrides)
	d.LinkOpen, d.Activated, d.Seen = moment(link), moment(activated), moment(seen)
	d.Ended = ended != 0
	return d, err
}

// Which devices does a park have that have not ended?
func devicesOf(ctx context.Context, tx *db.Tx, parkID string) ([]Device, error) {
	return db.All(ctx, tx, scanDevice, `select `+deviceCols+` from gate_device
		where park_id = $1 and ended_us = 0 order by id`, parkID)
}

// Which device of a park has this id? Errors: ErrUnknown.
func deviceOf(ctx context.Context, tx *db.Tx, parkID, deviceID string) (Device, error) {
	d, err := db.One(ctx, tx, scanDevice, `select `+deviceCols+` from gate_device
		where id = $1 and park_id = $2 and ended_us = 0`, deviceID, parkID)
	if errors.Is(err, db.ErrNoRows) {
		return d, ErrUnknown.Newf("the park has no device %q", deviceID)
	}
	return d, err
}

// Which device has this link that can still be used? Errors: ErrLink.
func deviceByLink(ctx context.Context, tx *db.Tx, hash string, nowUS int64) (Device, error) {
	d, err := db.One(ctx, tx, scanDevice, `select `+deviceCols+` from gate_device
		where link_hash = $1 and link_hash <> '' and link_until_us > $2 and ended_us = 0`, hash, nowUS)
	if errors.Is(err, db.ErrNoRows) {
		return d, ErrLink.Newf("")
	}
	return d, err
}

// Which device has this session? Errors: ErrSession.
func deviceBySession(ctx context.Context, tx *db.Tx, hash string) (Device, error) {
	d, err := db.One(ctx, tx, scanDevice, `select `+deviceCols+` from gate_device
		where session_hash = $1 and session_hash <> '' and ended_us = 0`, hash)
	if errors.Is(err, db.ErrNoRows) {
		return d, ErrSession.Newf("")
	}
	return d, err
}

func insertDevice(ctx context.Context, tx *db.Tx, d Device, link string, nowUS int64) error {
	_, err := tx.Exec(ctx, `insert into gate_device (id, park_id, gate_id, label, link_hash,
			link_until_us, session_hash, activated_us, ended_us, seen_us, offset_ms, waiting,
			created_us)
		values ($1, $2, $3, $4, $5, $6, '', 0, 0, 0, 0, 0, $7)`, d.ID, d.ParkID, d.GateID, d.Label,
		link, micros(d.LinkOpen), nowUS)
	return err
}

func linkDevice(ctx context.Context, tx *db.Tx, deviceID, link string, untilUS int64) error {
	_, err := tx.Exec(ctx, `update gate_device set link_hash = $2, link_until_us = $3
		where id = $1`, deviceID, link, untilUS)
	return err
}

// Use a link up; 0 when somebody did.
func activateDevice(
	ctx context.Context, tx *db.Tx, link, session string, nowUS int64,
) (int64, error) {
	return tx.Exec(ctx, `update gate_device set link_hash = '', link_until_us = 0,
			session_hash = $2, activated_us = $3, seen_us = $3
		where link_hash = $1 and link_until_us > $3 and ended_us = 0`, link, session, nowUS)
}

func endDevice(ctx context.Context, tx *db.Tx, deviceID string, nowUS int64) error {
	_, err := tx.Exec(ctx, `update gate_device set ended_us = $2, link_hash = '', session_hash = ''
		where id = $1`, deviceID, nowUS)
	return err
}

func updateOverrides(ctx context.Context, tx *db.Tx, deviceID string, allowed bool) error {
	_, err := tx.Exec(ctx, `update gate_device set overrides = $2 where id = $1`, deviceID, allowed)
	return err
}

// Note what a device said of itself.
func seeDevice(
	ctx context.Context, tx *db.Tx, deviceID string, nowUS, offsetMS, waiting int64,
) error {
	_, err := tx.Exec(ctx, `update gate_device set seen_us = $2, offset_ms = $3, waiting = $4
		where id = $1`, deviceID, nowUS, offsetMS, waiting)
	return err
}
