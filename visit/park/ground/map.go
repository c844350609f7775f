package ground

import (
	"math"
	"sync"
)

// Map is the whole map of a park as it stood at a version. It is not changed once it was read.
type Map struct {
	ParkID  string
	Version int64 // grows with each change of the map; 0 is a park without one
	Points  []Point
	Paths   []Path
	Areas   []Area

	once  sync.Once
	graph *Graph
}

// Point returns the point of an id or code, or nil.
func (m *Map) Point(idOrCode string) *Point {
	for i := range m.Points {
		if p := &m.Points[i]; p.ID == idOrCode || p.Code == idOrCode {
			return p
		}
	}
	return nil
}

// ForQueue returns the point at which people queue for something, or nil.
func (m *Map) ForQueue(code string) *Point {
	for i := range m.Points {
		if p := &m.Points[i]; p.Queue == code && code != "" {
			return p
		}
	}
	return nil
}

// Bounds are west, south, east and north of everything on the map; false for an empty one.
func (m *Map) Bounds() (w, s, e, n float64, ok bool) {
	w, s, e, n = math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	take := func(ps ...Position) {
		for _, p := range ps {
			w, e = math.Min(w, p.Lon), math.Max(e, p.Lon)
			s, n = math.Min(s, p.Lat), math.Max(n, p.Lat)
			ok = true
		}
	}
	for _, a := range m.Areas {
		take(a.Ring...)
	}
	for _, p := range m.Paths {
		take(p.Line...)
	}
	for _, p := range m.Points {
		take(p.At)
	}
	return w, s, e, n, ok
}

// Route finds the shortest way between two places, without steps if asked.
//
// Errors: ErrWay.
func (m *Map) Route(from, to Position, stepFree bool) (Way, error) {
	m.once.Do(func() { m.graph = NewGraph(m.Paths) })
	w, err := m.graph.Route(from, to, stepFree)
	if err != nil {
		return Way{}, ErrWay.Newf("%v", err)
	}
	return w, nil
}
