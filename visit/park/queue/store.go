package queue

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/i18n"
)

//go:embed sql/*.sql
var files embed.FS

const placeCols = `id, park_id, code, kind, name, design, virtual, ended_us, version`

func scanPlace(r db.Row) (p Place, err error) {
	var name, design, virtual string
	var ended *int64
	if err = r.Scan(&p.ID, &p.ParkID, &p.Code, (*string)(&p.Kind), &name, &design, &virtual,
		&ended, &p.Version); err != nil {
		return p, err
	}
	p.Ended = ended != nil
	p.Name, err = i18n.DecodeText(name)
	return p, errors.Join(err, json.Unmarshal([]byte(design), &p.Design),
		json.Unmarshal([]byte(virtual), &p.Virtual))
}

// encode writes a part of a place as JSON. Structs of numbers always marshal.
func encode(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return "{}"
	}
	return string(b)
}

// Which places does a park have that have not ended? By the index on parks.
func placesOf(ctx context.Context, tx *db.Tx, parkID string) ([]Place, error) {
	return db.All(ctx, tx, scanPlace, `select `+placeCols+` from queue_place
		where park_id = $1 and ended_us is null order by id`, parkID)
}

// Which place of a park has this id or code? By the primary key or the index of codes.
//
// Errors: ErrUnknown.
func placeOf(ctx context.Context, tx *db.Tx, parkID, idOrCode string) (Place, error) {
	p, err := db.One(ctx, tx, scanPlace, `select `+placeCols+` from queue_place
		where park_id = $1 and ended_us is null and (id = $2 or code = $2)`, parkID, idOrCode)
	if errors.Is(err, db.ErrNoRows) {
		return p, ErrUnknown.Newf("the park has no queue %q", idOrCode)
	}
	return p, err
}

// Which place has this id, wherever it is? By the primary key.
//
// Errors: ErrUnknown.
func placeByID(ctx context.Context, tx *db.Tx, placeID string) (Place, error) {
	p, err := db.One(ctx, tx, scanPlace, `select `+placeCols+` from queue_place where id = $1`,
		placeID)
	if errors.Is(err, db.ErrNoRows) {
		return p, ErrUnknown.Newf("there is no queue %q", placeID)
	}
	return p, err
}

// Keep a new place. Errors: ErrCodeTaken.
func insertPlace(ctx context.Context, tx *db.Tx, p Place, now time.Time) error {
	n, err := tx.Exec(ctx, `insert into queue_place (id, park_id, code, kind, name, design,
			virtual, created_us, version)
		values ($1, $2, $3, $4, $5, $6, $7, $8, 1)
		on conflict (park_id, code) where ended_us is null do nothing`, p.ID, p.ParkID, p.Code,
		string(p.Kind), p.Name.Encode(), encode(p.Design), encode(p.Virtual), clock.Micros(now))
	if err == nil && n == 0 {
		return taken(p)
	}
	return err
}

func taken(p Place) error {
	return ErrCodeTaken.Newf("the park has a queue %q already", p.Code)
}

// Which place of the park, other than this one, has this code?
func codeTaken(ctx context.Context, tx *db.Tx, p Place) (bool, error) {
	_, err := db.One(ctx, tx, func(r db.Row) (id string, err error) {
		return id, r.Scan(&id)
	}, `select id from queue_place
		where park_id = $1 and code = $2 and ended_us is null and id <> $3`, p.ParkID, p.Code, p.ID)
	if errors.Is(err, db.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// Write a place that was read at a version. Errors: ErrChanged.
func updatePlace(ctx context.Context, tx *db.Tx, p Place) error {
	n, err := tx.Exec(ctx, `update queue_place set code = $4, kind = $5, name = $6, design = $7,
			virtual = $8, version = version + 1
		where park_id = $1 and id = $2 and version = $3 and ended_us is null`, p.ParkID, p.ID,
		p.Version, p.Code, string(p.Kind), p.Name.Encode(), encode(p.Design), encode(p.Virtual))
	if err == nil && n == 0 {
		return ErrChanged.Newf("read it again: it is not at version %d any more", p.Version)
	}
	return err
}

func endPlace(ctx context.Context, tx *db.Tx, placeID string, now time.Time) error {
	_, err := tx.Exec(ctx, `update queue_place set ended_us = $2, version = version + 1
		where id = $1 and ended_us is null`, placeID, clock.Micros(now))
	return err
}

// beat says that a park's board changed, and locks the park until the transaction ends: of several
// nodes one writes at a time.
func beat(ctx context.Context, tx *db.Tx, parkID string) error {
	_, err := tx.Exec(ctx, `insert into queue_pulse (park_id, beat) values ($1, 1)
		on conflict (park_id) do update set beat = queue_pulse.beat + 1`, parkID)
	if err != nil {
		return fmt.Errorf("beat: %w", err)
	}
	return nil
}

// How far has a park's board come? 0 when it never was written.
func pulse(ctx context.Context, tx *db.Tx, parkID string) (int64, error) {
	n, err := db.One(ctx, tx, func(r db.Row) (n int64, err error) {
		return n, r.Scan(&n)
	}, `select beat from queue_pulse where park_id = $1`, parkID)
	if errors.Is(err, db.ErrNoRows) {
		return 0, nil
	}
	return n, err
}

// purgedMost is how many rows one call of Purge deletes of each table.
const purgedMost = 2000

// How long minutes and samples are kept. Days are kept for ever.
const (
	minutesKept = 40 * 24 * time.Hour
	samplesKept = 400 * 24 * time.Hour
)

// Purge deletes what is older than it is kept, some thousand rows at once, and returns how many.
// The application calls it once a day until it returns 0.
func Purge(ctx context.Context, tx *db.Tx, now time.Time) (sum int64, err error) {
	old := clock.Micros(now.Add(-minutesKept))
	n, err := tx.Exec(ctx, `delete from queue_count where (place_id, minute_us, sensor) in (
		select place_id, minute_us, sensor from queue_count where minute_us < $1
		order by minute_us limit $2)`, old, purgedMost)
	if err != nil {
		return sum, fmt.Errorf("delete old counts: %w", err)
	}
	sum += n
	n, err = tx.Exec(ctx, `delete from queue_estimate where (place_id, minute_us) in (
		select place_id, minute_us from queue_estimate where minute_us < $1
		order by minute_us limit $2)`, old, purgedMost)
	if err != nil {
		return sum, fmt.Errorf("delete old estimates: %w", err)
	}
	sum += n
	n, err = tx.Exec(ctx, `delete from queue_sample
		where (place_id, joined_us, served_us, sensor) in (
			select place_id, joined_us, served_us, sensor from queue_sample where joined_us < $1
			order by joined_us limit $2)`, clock.Micros(now.Add(-samplesKept)), purgedMost)
	if err != nil {
		return sum, fmt.Errorf("delete old samples: %w", err)
	}
	return sum + n, nil
}
