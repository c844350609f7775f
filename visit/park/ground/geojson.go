package ground

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"watari/kit/i18n"
)

// feature is one of RFC 7946, with the properties that this package knows.
type feature struct {
	Type       string     `json:"type"`
	ID         string     `json:"id,omitempty"`
	Geometry   geometry   `json:"geometry"`
	Properties properties `json:"properties"`
}

type geometry struct {
	Type        string          `json:"type"`
	Coordinates json.RawMessage `json:"coordinates"`
}

// properties are those of all layers: a point has a kind, a path says whether it is free of steps,
// an area has a surface.
type properties struct {
	Layer      string    `json:"layer"`
	Code       string    `json:"code,omitempty"`
	Kind       Kind      `json:"kind,omitempty"`
	Name       i18n.Text `json:"name,omitempty"`
	Note       i18n.Text `json:"note,omitempty"`
	Hours      string    `json:"opening_hours,omitempty"`
	Wheelchair Access    `json:"wheelchair,omitempty"`
	HeightMin  int64     `json:"height_min_cm,omitempty"`
	StoreNo    int64     `json:"store_no,omitempty"`
	Queue      string    `json:"queue,omitempty"`
	Zone       string    `json:"zone,omitempty"`
	Closed     bool      `json:"closed,omitempty"`
	StepFree   bool      `json:"step_free,omitempty"`
	Surface    Surface   `json:"surface,omitempty"`
}

// The layers of a map.
const (
	layerPoint = "point"
	layerPath  = "path"
	layerArea  = "area"
)

type collection struct {
	Type     string    `json:"type"`
	BBox     []float64 `json:"bbox,omitempty"`
	Features []feature `json:"features"`
}

// GeoJSON writes a map as RFC 7946: areas, paths, points. Rings run counter-clockwise.
func (m *Map) GeoJSON() []byte {
	c := collection{Type: "FeatureCollection", Features: []feature{}}
	if w, s, e, n, ok := m.Bounds(); ok {
		c.BBox = []float64{w, s, e, n}
	}
	for _, a := range m.Areas {
		ring := slices.Clone(a.Ring)
		if signed(ring) < 0 {
			slices.Reverse(ring)
		}
		c.Features = append(c.Features, feature{"Feature", a.ID,
			geometry{"Polygon", coordinates([][]Position{append(ring, ring[0])})},
			properties{Layer: layerArea, Surface: a.Surface, Name: a.Name, Zone: a.Zone}})
	}
	for _, p := range m.Paths {
		c.Features = append(c.Features, feature{"Feature", p.ID,
			geometry{"LineString", coordinates(p.Line)},
			properties{Layer: layerPath, StepFree: p.StepFree}})
	}
	for _, p := range m.Points {
		c.Features = append(c.Features, feature{"Feature", p.ID,
			geometry{"Point", coordinates(p.At)}, p.properties()})
	}
	b, err := json.Marshal(c)
	if err != nil {
		return []byte("{}") // strings, numbers that are on the earth: they always marshal
	}
	return b
}

func (p *Point) properties() properties {
	return properties{Layer: layerPoint, Code: p.Code, Kind: p.Kind, Name: p.Name, Note: p.Note,
		Hours: p.Hours, Wheelchair: p.Wheelchair, HeightMin: p.HeightMin, StoreNo: p.StoreNo,
		Queue: p.Queue, Zone: p.Zone, Closed: p.Closed}
}

// MarshalJSON writes [longitude, latitude], to seven decimals.
func (p Position) MarshalJSON() ([]byte, error) {
	round := func(x float64) float64 { return math.Round(x*1e7) / 1e7 }
	return json.Marshal([2]float64{round(p.Lon), round(p.Lat)})
}

// UnmarshalJSON reads [longitude, latitude] and an altitude, which is dropped.
func (p *Position) UnmarshalJSON(b []byte) error {
	var at []float64
	if err := json.Unmarshal(b, &at); err != nil {
		return err
	}
	if len(at) < 2 || len(at) > 3 {
		return fmt.Errorf("a position has a longitude and a latitude")
	}
	p.Lon, p.Lat = at[0], at[1]
	return nil
}

func coordinates(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		return json.RawMessage("[]")
	}
	return b
}

// signed is twice the area of a ring in square degrees: positive when it runs counter-clockwise.
func signed(ring []Position) (sum float64) {
	for i, a := range ring {
		b := ring[(i+1)%len(ring)]
		sum += a.Lon*b.Lat - b.Lon*a.Lat
	}
	return sum
}

// Read reads a map from GeoJSON. Rings may run either way; holes are dropped. Ids of features are
// not taken: they are made when it is kept.
//
// Errors: ErrInvalid, with a pointer to every feature that cannot be, at most the first 20.
func Read(b []byte) (*Map, error) {
	t := &trouble{}
	if len(b) > ImportMax {
		t.add("", "has more than %d bytes", ImportMax)
		return nil, t.fault()
	}
	var c collection
	dec := json.NewDecoder(bytes.NewReader(b))
	if err := dec.Decode(&c); err != nil || dec.More() {
		t.add("", "is no GeoJSON object: %v", err)
		return nil, t.fault()
	}
	if c.Type != "FeatureCollection" {
		t.add("/type", "is not FeatureCollection")
		return nil, t.fault()
	}
	if len(c.Features) > FeaturesMax {
		t.add("/features", "has more than %d features", FeaturesMax)
		return nil, t.fault()
	}
	m := &Map{}
	codes := map[string]bool{}
	for i, f := range c.Features {
		at := fmt.Sprintf("/features/%d", i)
		m.take(t, at, f)
		if p := f.Properties; p.Layer == layerPoint {
			if codes[p.Code] {
				t.add(at+"/code", "%q stands twice", p.Code)
			}
			codes[p.Code] = true
		}
		if t.err != nil && len(t.err.Fields) >= 20 {
			break
		}
	}
	return m, t.fault()
}

// take adds one feature.
func (m *Map) take(t *trouble, at string, f feature) {
	p := f.Properties
	where := at + "/geometry/coordinates"
	switch {
	case f.Type != "Feature":
		t.add(at+"/type", "is not Feature")
	case p.Layer == layerPoint && f.Geometry.Type == "Point":
		q := Point{Code: p.Code, Kind: p.Kind, Name: p.Name, Note: p.Note, Hours: p.Hours,
			Wheelchair: p.Wheelchair, HeightMin: p.HeightMin, StoreNo: p.StoreNo, Queue: p.Queue,
			Zone: p.Zone, Closed: p.Closed}
		if json.Unmarshal(f.Geometry.Coordinates, &q.At) != nil {
			t.add(where, "are no position")
			return
		}
		q.check(t, at)
		m.Points = append(m.Points, q)
	case p.Layer == layerPath && f.Geometry.Type == "LineString":
		var line []Position
		err := json.Unmarshal(f.Geometry.Coordinates, &line)
		if err != nil || len(line) < 2 || len(line) > LineMax || !allValid(line) {
			t.add(where, "are no line of 2 to %d positions", LineMax)
			return
		}
		m.Paths = append(m.Paths, Path{Line: line, StepFree: p.StepFree})
	case p.Layer == layerArea && f.Geometry.Type == "Polygon":
		m.takeArea(t, at, f)
	default:
		t.add(at, "is no point, no path as a LineString and no area as a Polygon")
	}
}

func (m *Map) takeArea(t *trouble, at string, f feature) {
	var rings [][]Position
	err := json.Unmarshal(f.Geometry.Coordinates, &rings)
	if err != nil || len(rings) == 0 || len(rings[0]) < 4 || len(rings[0]) > LineMax ||
		rings[0][0] != rings[0][len(rings[0])-1] || !allValid(rings[0]) {
		t.add(at+"/geometry/coordinates", "are no closed ring of 4 to %d positions", LineMax)
		return
	}
	p := f.Properties
	if !slices.Contains(Surfaces(), p.Surface) {
		t.add(at+"/surface", "is none of %v", Surfaces())
	}
	if len(p.Name) > 0 {
		if err := p.Name.Validate(NameMax); err != nil {
			t.add(at+"/name", "%v", err)
		}
	}
	ring := rings[0][:len(rings[0])-1]
	if signed(ring) < 0 {
		slices.Reverse(ring)
	}
	m.Areas = append(m.Areas, Area{Surface: p.Surface, Name: p.Name, Ring: ring, Zone: p.Zone})
}

func allValid(line []Position) bool {
	for _, p := range line {
		if !p.valid() {
			return false
		}
	}
	return true
}
