package parkmap

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"watari/kit/i18n"
	"watari/visit/park/ground"
)

// Wait is what a page says about a queue.
type Wait struct {
	Text    string // short, as on the map: "20", "–", "?"
	Long    string // for the list: "20 minutes", "closed"
	Tone    string // good, wait, stop or plain: a colour beside the word
	Minutes int64  // for the filter; -1 is none or not known
}

// half is half the width of the tag that the wait stands in, in pixels.
func (w Wait) half() int { return 7 + (7*utf8.RuneCountInString(w.Text)+1)/2 }

// Options say how a map is drawn.
type Options struct {
	Lang i18n.Lang
	// Words gives a text of the page's catalogue.
	Words func(key string, args ...any) string
	// Waits are by the code of a queue.
	Waits map[string]Wait
	// Takes are the ids of the wallets that a store takes; Mine is the visitor's own, "" not known.
	Takes func(storeNo int64) []string
	Mine  string
	// Href is where the link of a point leads.
	Href func(p *ground.Point) string
	// Chosen is the code of the point that is looked at, Way how one walks there; both may be empty.
	Chosen string
	Way    *ground.Way
	// Here is where the visitor stands; nil is not known.
	Here *ground.Position
}

// Drawing is a map ready to be shown. Lengths are metres, y runs down.
type Drawing struct {
	Width, Height float64
	Surfaces      []Surface
	Areas         []Area // that have a name
	Paths, Steps  string // as SVG path data
	Way           string
	Here          string // "x y" of where the visitor stands; "" is not known
	Marks         []Mark
	options       Options
	origin        frame
}

// Surface is all areas of a kind as SVG path data.
type Surface struct{ Class, D string }

// Area is the name of an area, in its middle.
type Area struct {
	Name     string
	NameLang i18n.Lang
	X, Y     float64
}

// Mark is a point on the picture and in the list.
type Mark struct {
	ID, Code, Kind string
	X, Y           float64
	Name           string
	NameLang       i18n.Lang
	Note           string
	Hours          string
	Href           string
	Icon           string
	Queue          string
	Wait           *Wait
	Takes          []string
	TakesMine      bool
	Wheelchair     string
	HeightMin      int64
	Closed         bool
	Chosen         bool
	Major          bool // it has its name on the picture
}

// margin is left around everything, in metres.
const margin = 22

// frame turns degrees into metres of the picture.
type frame struct{ lon, lat, perLon, perLat float64 }

func frameOf(m *ground.Map) (f frame, width, height float64) {
	w, s, e, n, ok := m.Bounds()
	if !ok {
		return frame{}, 100, 100
	}
	const degree = 6371008.8 * math.Pi / 180
	f = frame{lon: w, lat: n, perLon: degree * math.Cos((s+n)/2*math.Pi/180), perLat: degree}
	return f, (e-w)*f.perLon + 2*margin, (n-s)*f.perLat + 2*margin
}

func (f frame) xy(p ground.Position) (x, y float64) {
	return (p.Lon-f.lon)*f.perLon + margin, (f.lat-p.Lat)*f.perLat + margin
}

// number writes a length to a decimetre.
func number(x float64) string {
	return strconv.FormatFloat(math.Round(x*10)/10, 'f', -1, 64)
}

// Draw makes a drawing of a map.
func Draw(m *ground.Map, o Options) *Drawing {
	d := &Drawing{options: o}
	d.origin, d.Width, d.Height = frameOf(m)
	for _, s := range ground.Surfaces() {
		d.surface(s, m.Areas)
	}
	var level, steps outline
	for _, p := range m.Paths {
		if p.StepFree {
			level.line(d.origin.all(p.Line), bends)
		} else {
			steps.line(d.origin.all(p.Line), bends)
		}
	}
	d.Paths, d.Steps = level.String(), steps.String()
	if o.Way != nil {
		var way outline
		way.line(d.origin.all(o.Way.Line), bends)
		d.Way = way.String()
	}
	if o.Here != nil {
		x, y := d.origin.xy(*o.Here)
		d.Here = number(x) + " " + number(y)
	}
	for i := range m.Points {
		d.mark(&m.Points[i])
	}
	// Small things first, so that what people look for lies on top; the chosen one above all.
	slices.SortStableFunc(d.Marks, func(a, b Mark) int { return a.rank() - b.rank() })
	return d
}

// surface adds the areas of a kind.
func (d *Drawing) surface(kind ground.Surface, areas []ground.Area) {
	var o outline
	for _, a := range areas {
		if a.Surface != kind {
			continue
		}
		ps := d.origin.all(a.Ring)
		o.ring(ps, corners[kind])
		var name Area
		if name.NameLang, name.Name = a.Name.Best(d.options.Lang); name.Name == "" {
			continue
		}
		for _, p := range ps {
			name.X += p.x / float64(len(ps))
			name.Y += p.y / float64(len(ps))
		}
		d.Areas = append(d.Areas, name)
	}
	if o.Len() > 0 {
		d.Surfaces = append(d.Surfaces, Surface{Class: string(kind), D: o.String()})
	}
}

func (d *Drawing) mark(p *ground.Point) {
	o := d.options
	m := Mark{ID: p.ID, Code: p.Code, Kind: string(p.Kind), Note: p.Note.In(o.Lang),
		Hours: p.Hours, Queue: p.Queue, Wheelchair: string(p.Wheelchair), Closed: p.Closed,
		HeightMin: p.HeightMin, Chosen: p.Code == o.Chosen && o.Chosen != "",
		Icon: iconOf(p.Kind), Major: p.Kind == ground.Ride || p.Kind == ground.Gate}
	m.X, m.Y = d.origin.xy(p.At)
	m.NameLang, m.Name = p.Name.Best(o.Lang)
	switch w, ok := o.Waits[p.Queue]; {
	case p.Closed:
		m.Wait = d.shut() // and no script writes a wait there, see data-closed
	case ok && p.Queue != "":
		m.Wait = &w
	}
	if p.StoreNo != 0 && o.Takes != nil {
		m.Takes = o.Takes(p.StoreNo)
		m.TakesMine = slices.Contains(m.Takes, o.Mine)
	}
	if o.Href != nil {
		m.Href = o.Href(p)
	}
	d.Marks = append(d.Marks, m)
}

// shut is what stands in the place of a wait where the map says that a point is closed.
func (d *Drawing) shut() *Wait {
	return &Wait{Text: "–", Long: d.t("map.closed"), Tone: "stop", Minutes: -1}
}

// rank is where a mark lies in the pile.
func (m Mark) rank() int {
	switch {
	case m.Chosen:
		return 4
	case m.Kind == string(ground.Ride):
		return 3
	case m.Kind == string(ground.Gate), m.Kind == string(ground.Counter):
		return 2
	case m.Kind == string(ground.Restaurant), m.Kind == string(ground.Shop):
		return 1
	}
	return 0
}

// Group is a kind of points in the list.
type Group struct {
	Kind  string
	Marks []Mark
}

// Groups are the points by kind, in the order of ground.Kinds, and by name: rides by their wait,
// the shortest first, what is not known last.
func (d *Drawing) Groups() (out []Group) {
	for _, k := range ground.Kinds() {
		g := Group{Kind: string(k)}
		for _, m := range d.Marks {
			if m.Kind == g.Kind {
				g.Marks = append(g.Marks, m)
			}
		}
		if len(g.Marks) == 0 {
			continue
		}
		slices.SortStableFunc(g.Marks, func(a, b Mark) int {
			if x, y := a.minutes(), b.minutes(); x != y {
				return int(x - y)
			}
			return strings.Compare(a.Name, b.Name)
		})
		out = append(out, g)
	}
	return out
}

// minutes is the wait for sorting: what is not known comes last.
func (m Mark) minutes() int64 {
	if m.Wait == nil || m.Wait.Minutes < 0 {
		return math.MaxInt32
	}
	return m.Wait.Minutes
}

// best is the ride with the shortest wait that is known, or nil.
func (d *Drawing) best() *Mark {
	for _, g := range d.Groups() {
		if g.Kind != string(ground.Ride) {
			continue
		}
		for i := range g.Marks {
			if m := &g.Marks[i]; !m.Closed && m.Wait != nil && m.Wait.Minutes >= 0 {
				return m
			}
		}
	}
	return nil
}

// Chosen is the mark that is looked at, or nil.
func (d *Drawing) Chosen() *Mark {
	for i := range d.Marks {
		if d.Marks[i].Chosen {
			return &d.Marks[i]
		}
	}
	return nil
}

func (d *Drawing) t(key string, args ...any) string { return d.options.Words(key, args...) }
