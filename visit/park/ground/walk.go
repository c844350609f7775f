package ground

import (
	"container/heap"
	"errors"
	"math"
	"slices"
)

// Position is a place on the earth, WGS 84, in degrees.
type Position struct{ Lon, Lat float64 }

// Within says whether two places are no more than so many metres apart, as the crow flies.
func (p Position) Within(metres int64, q Position) bool {
	return planeAt(p).between(p, q) <= float64(metres)
}

// Path is a line on which people walk. Paths meet where they share a position.
type Path struct {
	ID       string
	Line     []Position // two or more
	StepFree bool       // a wheelchair or a pushchair gets along it
}

// Way is how somebody walks from one place to another.
type Way struct {
	Line     []Position // from the start to the end, both included
	Metres   float64
	StepFree bool // no part of it has steps
}

// Speeds of walking, in metres a minute: 4 km/h, and 3 km/h with children.
const (
	speedAdult = 4000.0 / 60
	speedChild = 3000.0 / 60
)

// Minutes is how long a way takes, rounded up; with children it takes longer.
func (w Way) Minutes(children bool) int64 {
	speed := speedAdult
	if children {
		speed = speedChild
	}
	return int64(math.Ceil(w.Metres / speed))
}

var (
	// ErrNoWay says that no path leads there, or none without steps.
	ErrNoWay = errors.New("no path leads there")
	// ErrFar says that a place is too far from every path.
	ErrFar = errors.New("that place is too far from every path")
)

// snapMax is how far from a path somebody may be who asks for a way, in metres.
const snapMax = 250

// Graph is the paths of a park, ready for finding ways.
type Graph struct {
	plane plane
	nodes []Position
	edges [][]edge // of each node
	parts []part
}

type edge struct {
	to       int
	metres   float64
	stepFree bool
}

// part is a straight piece of a path, between two nodes.
type part struct {
	a, b     int
	metres   float64
	stepFree bool
}

// plane turns degrees into metres around the middle of a park: exact to a millimetre in a hundred
// metres for places that are a few kilometres apart.
type plane struct{ lon, lat, x, y float64 }

// Metres in a degree of latitude, and the mean radius behind it (IUGG: 6,371,008.8 m).
const degree = 6371008.8 * math.Pi / 180

func planeAt(p Position) plane {
	return plane{p.Lon, p.Lat, degree * math.Cos(p.Lat*math.Pi/180), degree}
}

func (p plane) metres(a Position) (x, y float64) {
	return (a.Lon - p.lon) * p.x, (a.Lat - p.lat) * p.y
}

func (p plane) between(a, b Position) float64 {
	return math.Hypot((a.Lon-b.Lon)*p.x, (a.Lat-b.Lat)*p.y)
}

// NewGraph joins paths where they share a position, to seven decimals of a degree (a centimetre).
func NewGraph(paths []Path) *Graph {
	g := &Graph{}
	known := make(map[[2]int64]int)
	node := func(p Position) int {
		key := [2]int64{int64(math.Round(p.Lon * 1e7)), int64(math.Round(p.Lat * 1e7))}
		n, ok := known[key]
		if !ok {
			n = len(g.nodes)
			known[key] = n
			g.nodes = append(g.nodes, p)
			g.edges = append(g.edges, nil)
		}
		return n
	}
	for _, path := range paths {
		for i := range path.Line {
			if len(g.nodes) == 0 {
				g.plane = planeAt(path.Line[0])
			}
			b := node(path.Line[i])
			if i == 0 {
				continue
			}
			if a := node(path.Line[i-1]); a != b {
				g.join(a, b, path.StepFree)
			}
		}
	}
	return g
}

func (g *Graph) join(a, b int, stepFree bool) {
	m := g.plane.between(g.nodes[a], g.nodes[b])
	g.edges[a] = append(g.edges[a], edge{b, m, stepFree})
	g.edges[b] = append(g.edges[b], edge{a, m, stepFree})
	g.parts = append(g.parts, part{a, b, m, stepFree})
}

// foot is the nearest place on a path.
type foot struct {
	part     part
	at       Position
	along    float64 // metres from part.a
	distance float64 // metres from where somebody is
}

func (g *Graph) foot(p Position, stepFree bool) (best foot, ok bool) {
	best.distance = math.Inf(1)
	px, py := g.plane.metres(p)
	for _, s := range g.parts {
		if stepFree && !s.stepFree {
			continue
		}
		ax, ay := g.plane.metres(g.nodes[s.a])
		bx, by := g.plane.metres(g.nodes[s.b])
		t := ((px-ax)*(bx-ax) + (py-ay)*(by-ay)) / (s.metres * s.metres)
		t = math.Max(0, math.Min(1, t))
		d := math.Hypot(px-ax-t*(bx-ax), py-ay-t*(by-ay))
		if d < best.distance {
			a, b := g.nodes[s.a], g.nodes[s.b]
			best = foot{s, Position{a.Lon + t*(b.Lon-a.Lon), a.Lat + t*(b.Lat-a.Lat)},
				t * s.metres, d}
		}
	}
	return best, best.distance <= snapMax
}

// Route finds the shortest way along the paths, without steps if asked. Its line begins and ends
// where it was asked, beside the paths.
//
// Errors: ErrFar, ErrNoWay.
func (g *Graph) Route(from, to Position, stepFree bool) (Way, error) {
	start, ok := g.foot(from, stepFree)
	end, near := g.foot(to, stepFree)
	if !ok || !near {
		return Way{}, ErrFar
	}
	if start.part == end.part {
		w := Way{Line: []Position{from, start.at, end.at, to}, StepFree: start.part.stepFree,
			Metres: start.distance + math.Abs(start.along-end.along) + end.distance}
		return w.tidy(), nil
	}
	metres, nodes := g.shortest(start, end, stepFree)
	if nodes == nil {
		return Way{}, ErrNoWay
	}
	w := Way{Line: []Position{from, start.at}, Metres: start.distance + metres + end.distance,
		StepFree: start.part.stepFree && end.part.stepFree && g.level(nodes)}
	for _, n := range nodes {
		w.Line = append(w.Line, g.nodes[n])
	}
	w.Line = append(w.Line, end.at, to)
	return w.tidy(), nil
}

// level says whether the shortest parts between nodes have no steps.
func (g *Graph) level(nodes []int) bool {
	for i := 1; i < len(nodes); i++ {
		best := edge{metres: math.Inf(1)}
		for _, e := range g.edges[nodes[i-1]] {
			if e.to == nodes[i] && (e.metres < best.metres || e.stepFree) {
				best = e
			}
		}
		if !best.stepFree {
			return false
		}
	}
	return true
}

// tidy takes out positions that repeat.
func (w Way) tidy() Way {
	w.Line = slices.Compact(w.Line)
	return w
}

// shortest is Dijkstra's search, from both ends of the part where somebody stands to both ends of
// the part where they go.
func (g *Graph) shortest(start, end foot, stepFree bool) (float64, []int) {
	far := make([]float64, len(g.nodes))
	before := make([]int, len(g.nodes))
	for i := range far {
		far[i], before[i] = math.Inf(1), -1
	}
	q := &queue{}
	reach := func(n, from int, d float64) {
		if d < far[n] {
			far[n], before[n] = d, from
			heap.Push(q, step{n, d})
		}
	}
	reach(start.part.a, -1, start.along)
	reach(start.part.b, -1, start.part.metres-start.along)
	best, last := math.Inf(1), -1
	for q.Len() > 0 {
		s := heap.Pop(q).(step)
		if s.metres > far[s.node] || s.metres >= best {
			continue
		}
		for n, rest := range map[int]float64{end.part.a: end.along,
			end.part.b: end.part.metres - end.along} {
			if n == s.node && s.metres+rest < best {
				best, last = s.metres+rest, n
			}
		}
		for _, e := range g.edges[s.node] {
			if !stepFree || e.stepFree {
				reach(e.to, s.node, s.metres+e.metres)
			}
		}
	}
	if last < 0 {
		return 0, nil
	}
	var nodes []int
	for n := last; n >= 0; n = before[n] {
		nodes = append(nodes, n)
	}
	slices.Reverse(nodes)
	return best, nodes
}

// step is a node that was reached; queue gives the nearest first.
type step struct {
	node   int
	metres float64
}

type queue []step

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].metres < q[j].metres }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)        { *q = append(*q, x.(step)) }
func (q *queue) Pop() any {
	old := *q
	last := old[len(old)-1]
	*q = old[:len(old)-1]
	return last
}
