package ground

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"

	"watari/kit/db"
)

//go:embed sql/*.sql
var files embed.FS

// row is a feature as it is kept.
type row struct {
	id, layer, code, geometry, properties string
	version                               int64
}

func scanRow(r db.Row) (f row, err error) {
	err = r.Scan(&f.id, &f.layer, &f.code, &f.geometry, &f.properties, &f.version)
	return f, err
}

// Which version has a park's map? By the primary key; 0 when there is none.
func versionOf(ctx context.Context, tx *db.Tx, parkID string) (int64, error) {
	n, err := db.One(ctx, tx, scanInt, `select version from ground_map where park_id = $1`, parkID)
	if errors.Is(err, db.ErrNoRows) {
		return 0, nil
	}
	return n, err
}

// The map has another version: it is returned. The row is locked until the end.
func nextVersion(ctx context.Context, tx *db.Tx, parkID string) (int64, error) {
	return db.One(ctx, tx, scanInt, `insert into ground_map (park_id, version) values ($1, 1)
		on conflict (park_id) do update set version = ground_map.version + 1
		returning version`, parkID)
}

// What is on a park's map? By the index on parks, in the order in which it was made.
func featuresOf(ctx context.Context, tx *db.Tx, parkID string) ([]row, error) {
	return db.All(ctx, tx, scanRow, `select id, layer, code, geometry, properties, version
		from ground_feature where park_id = $1 order by id`, parkID)
}

// Nothing is on a park's map any more.
func deleteAll(ctx context.Context, tx *db.Tx, parkID string) error {
	_, err := tx.Exec(ctx, `delete from ground_feature where park_id = $1`, parkID)
	return err
}

// A new feature. Errors: ErrCodeTaken.
func insertFeature(ctx context.Context, tx *db.Tx, parkID string, f row) error {
	n, err := tx.Exec(ctx, `insert into ground_feature (id, park_id, layer, code, geometry,
			properties, version)
		values ($1, $2, $3, $4, $5, $6, 1)
		on conflict (park_id, code) where code <> '' do nothing`, f.id, parkID, f.layer, f.code,
		f.geometry, f.properties)
	if err == nil && n == 0 {
		return ErrCodeTaken.Newf("another point of the park has the code %q", f.code)
	}
	return err
}

// A point is written anew, when it still has the version that was read.
func updateFeature(ctx context.Context, tx *db.Tx, parkID string, f row) (bool, error) {
	n, err := tx.Exec(ctx, `update ground_feature set code = $3, geometry = $4, properties = $5,
			version = version + 1
		where park_id = $1 and id = $2 and layer = 'point' and version = $6`, parkID, f.id, f.code,
		f.geometry, f.properties, f.version)
	return n == 1, err
}

// A point is no more.
func deletePoint(ctx context.Context, tx *db.Tx, parkID, pointID string) (bool, error) {
	n, err := tx.Exec(ctx, `delete from ground_feature
		where park_id = $1 and id = $2 and layer = 'point'`, parkID, pointID)
	return n == 1, err
}

// rowOf is how a point is kept.
func (p *Point) row() (row, error) {
	b, err := json.Marshal(p.properties())
	if err != nil {
		return row{}, fmt.Errorf("write point %s: %w", p.Code, err)
	}
	return row{id: p.ID, layer: layerPoint, code: p.Code, version: p.Version,
		geometry: string(coordinates(p.At)), properties: string(b)}, nil
}

// add takes a feature that was kept.
func (m *Map) add(f row) error {
	var p properties
	if err := json.Unmarshal([]byte(f.properties), &p); err != nil {
		return fmt.Errorf("read %s: %w", f.id, err)
	}
	g := []byte(f.geometry)
	switch f.layer {
	case layerPoint:
		q := Point{ID: f.id, ParkID: m.ParkID, Code: p.Code, Kind: p.Kind, Name: p.Name,
			Note: p.Note, Hours: p.Hours, Wheelchair: p.Wheelchair, HeightMin: p.HeightMin,
			StoreNo: p.StoreNo, Queue: p.Queue, Zone: p.Zone, Closed: p.Closed,
			Version: f.version}
		m.Points = append(m.Points, q)
		return json.Unmarshal(g, &m.Points[len(m.Points)-1].At)
	case layerPath:
		m.Paths = append(m.Paths, Path{ID: f.id, StepFree: p.StepFree})
		return json.Unmarshal(g, &m.Paths[len(m.Paths)-1].Line)
	case layerArea:
		m.Areas = append(m.Areas, Area{ID: f.id, Surface: p.Surface, Name: p.Name, Zone: p.Zone})
		return json.Unmarshal(g, &m.Areas[len(m.Areas)-1].Ring)
	}
	return fmt.Errorf("%s is of the layer %q", f.id, f.layer)
}

func scanInt(r db.Row) (n int64, err error) {
	err = r.Scan(&n)
	return n, err
}
