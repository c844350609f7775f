package ground

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"sync"
	"time"

	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/event"
	"watari/kit/id"
)

// Park is what this package knows of a park.
type Park struct {
	ID                              string // "prk_…"
	AcquirerNo, MerchantNo, StoreNo int64
}

// Config is what Grounds are made of. DB, Log and Park are required.
type Config struct {
	DB   *db.DB
	Log  *event.Log
	Lane int
	// Park finds a park by its id or its name in addresses; false when there is none.
	Park func(ctx context.Context, idOrSlug string) (Park, bool, error)
	Now  func() time.Time // nil is clock.Now
}

// Grounds keeps the maps of parks. It is safe for concurrent use.
type Grounds struct {
	cfg Config

	mu   sync.Mutex
	maps map[string]*Map // as they were read last, by park
}

// New returns Grounds on a database that has the tables of Migrations.
func New(c Config) *Grounds {
	check.That(c.DB != nil && c.Log != nil && c.Park != nil,
		"ground: a part of the configuration is missing")
	if c.Now == nil {
		c.Now = clock.Now
	}
	return &Grounds{cfg: c, maps: map[string]*Map{}}
}

// Migrations returns the tables of this package, for db.Migrate.
func Migrations() fs.FS { return files }

// park finds a park. Errors: ErrUnknown.
func (g *Grounds) park(ctx context.Context, idOrSlug string) (Park, error) {
	p, ok, err := g.cfg.Park(ctx, idOrSlug)
	if err == nil && !ok {
		err = ErrUnknown.Newf("there is no park %q", idOrSlug)
	}
	return p, err
}

// Map returns the map of a park as it is now; an empty one when nothing was drawn.
//
// Errors: ErrUnknown.
func (g *Grounds) Map(ctx context.Context, idOrSlug string) (*Map, error) {
	p, err := g.park(ctx, idOrSlug)
	if err != nil {
		return nil, err
	}
	var m *Map
	err = g.cfg.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		version, err := versionOf(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		g.mu.Lock()
		m = g.maps[p.ID]
		g.mu.Unlock()
		if m != nil && m.Version == version {
			return nil
		}
		m = &Map{ParkID: p.ID, Version: version}
		rows, err := featuresOf(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		for _, f := range rows {
			if err := m.add(f); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the map of %s: %w", p.ID, err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if old := g.maps[p.ID]; old == nil || old.Version <= m.Version {
		g.maps[p.ID] = m
	}
	return m, nil
}

// change runs a write transaction in which the map has another version, with its event.
func (g *Grounds) change(
	ctx context.Context, p Park, kind, subject, actor string,
	fn func(ctx context.Context, tx *db.Tx) error,
) error {
	err := g.cfg.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		version, err := nextVersion(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		if err := fn(ctx, tx); err != nil {
			return err
		}
		data, err := json.Marshal(map[string]any{"park": p.ID, "map_version": version})
		if err != nil {
			return fmt.Errorf("write event: %w", err)
		}
		return g.cfg.Log.Append(ctx, tx, g.cfg.Lane, []event.Event{{Kind: kind,
			Subject: subject, Actor: actor, Data: data, AcquirerNo: p.AcquirerNo,
			StoreNo: p.StoreNo, At: clock.FromMicros(clock.Micros(g.cfg.Now()))}})
	})
	if err == nil {
		g.cfg.Log.Wake()
	}
	return err
}

// Replace makes a map that was read by Read the whole map of a park.
//
// Errors: ErrUnknown.
func (g *Grounds) Replace(ctx context.Context, idOrSlug string, m *Map, actor string) error {
	p, err := g.park(ctx, idOrSlug)
	if err != nil {
		return err
	}
	rows, err := m.rows(p)
	if err != nil {
		return err
	}
	return g.change(ctx, p, "map.replaced", p.ID, actor, func(ctx context.Context,
		tx *db.Tx,
	) error {
		if err := deleteAll(ctx, tx, p.ID); err != nil {
			return err
		}
		for _, f := range rows {
			if err := insertFeature(ctx, tx, p.ID, f); err != nil {
				return err
			}
		}
		return nil
	})
}

// rows are the features of a map, with new ids.
func (m *Map) rows(p Park) (rows []row, err error) {
	shard := int(p.AcquirerNo)
	for _, a := range m.Areas {
		b, err := json.Marshal(properties{Layer: layerArea, Surface: a.Surface, Name: a.Name,
			Zone: a.Zone})
		if err != nil {
			return nil, fmt.Errorf("write an area: %w", err)
		}
		rows = append(rows, row{id: id.New("are", shard), layer: layerArea,
			geometry: string(coordinates(a.Ring)), properties: string(b)})
	}
	for _, w := range m.Paths {
		b, err := json.Marshal(properties{Layer: layerPath, StepFree: w.StepFree})
		if err != nil {
			return nil, fmt.Errorf("write a path: %w", err)
		}
		rows = append(rows, row{id: id.New("pth", shard), layer: layerPath,
			geometry: string(coordinates(w.Line)), properties: string(b)})
	}
	for i := range m.Points {
		q := m.Points[i]
		q.ID = id.New("poi", shard)
		f, err := q.row()
		if err != nil {
			return nil, err
		}
		rows = append(rows, f)
	}
	return rows, nil
}

// AddPoint adds a point. Its ID and Version are made here.
//
// Errors: ErrUnknown, ErrInvalid, ErrCodeTaken, ErrFull.
func (g *Grounds) AddPoint(ctx context.Context, idOrSlug string, q Point, actor string) (
	Point, error,
) {
	p, err := g.park(ctx, idOrSlug)
	if err != nil {
		return Point{}, err
	}
	q.ID, q.ParkID, q.Version = id.New("poi", int(p.AcquirerNo)), p.ID, 1
	f, err := q.checked()
	if err != nil {
		return Point{}, err
	}
	err = g.change(ctx, p, "map.point_added", q.ID, actor, func(ctx context.Context,
		tx *db.Tx,
	) error {
		rows, err := featuresOf(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		if len(rows) >= FeaturesMax {
			return ErrFull.Newf("a map has at most %d features", FeaturesMax)
		}
		return insertFeature(ctx, tx, p.ID, f)
	})
	return q, err
}

func (p *Point) checked() (row, error) {
	t := &trouble{}
	p.check(t, "")
	if err := t.fault(); err != nil {
		return row{}, err
	}
	return p.row()
}

// ChangePoint writes a point that was read at q.Version.
//
// Errors: ErrUnknown, ErrInvalid, ErrCodeTaken, ErrChanged.
func (g *Grounds) ChangePoint(ctx context.Context, idOrSlug string, q Point, actor string) (
	Point, error,
) {
	p, err := g.park(ctx, idOrSlug)
	if err != nil {
		return Point{}, err
	}
	q.ParkID = p.ID
	f, err := q.checked()
	if err != nil {
		return Point{}, err
	}
	err = g.change(ctx, p, "map.point_changed", q.ID, actor, func(ctx context.Context,
		tx *db.Tx,
	) error {
		m := &Map{ParkID: p.ID}
		rows, err := featuresOf(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		for _, f := range rows {
			if err := m.add(f); err != nil {
				return err
			}
		}
		old, other := m.byID(q.ID), m.Point(q.Code)
		switch {
		case old == nil:
			return ErrUnknown.Newf("the map has no point %q", q.ID)
		case other != nil && other.ID != q.ID:
			return ErrCodeTaken.Newf("another point of the park has the code %q", q.Code)
		}
		if ok, err := updateFeature(ctx, tx, p.ID, f); err != nil || ok {
			return err
		}
		return ErrChanged.Newf("the point was changed meanwhile; read it again")
	})
	q.Version++
	return q, err
}

func (m *Map) byID(pointID string) *Point {
	if p := m.Point(pointID); p != nil && p.ID == pointID {
		return p
	}
	return nil
}

// RemovePoint takes a point off the map.
//
// Errors: ErrUnknown.
func (g *Grounds) RemovePoint(ctx context.Context, idOrSlug, pointID, actor string) error {
	p, err := g.park(ctx, idOrSlug)
	if err != nil {
		return err
	}
	return g.change(ctx, p, "map.point_removed", pointID, actor, func(ctx context.Context,
		tx *db.Tx,
	) error {
		ok, err := deletePoint(ctx, tx, p.ID, pointID)
		if err == nil && !ok {
			err = ErrUnknown.Newf("the map has no point %q", pointID)
		}
		return err
	})
}
