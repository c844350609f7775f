package visitor

import (
	"math"
	"strconv"
	"strings"

	"watari/ui/parkmap"
	"watari/visit/park"
	"watari/visit/park/ground"
)

// mapScreen is what the map shows.
type mapScreen struct {
	park    park.Park
	drawing *parkmap.Drawing
	chosen  *ground.Point
	mark    *parkmap.Mark
	way     *ground.Way
	from    string // "lon,lat" of the visitor, "" while not told
	there   bool   // the visitor stands at the chosen point
	far     bool   // the visitor is too far from the park
	noWay   bool
	level   bool // without steps
	takes   []string
	course  string // address of the page of the queue
}

// showFirstMap shows the map of the park, or asks of which when there are several.
func (g *parkPages) showFirstMap(v *Visit) error {
	parks, err := g.Parks.Parks(v.Ctx())
	if err != nil {
		return err
	}
	if len(parks) == 1 {
		return g.drawMap(v, parks[0], TabMap)
	}
	var rows []Row
	for _, p := range parks {
		lang, name := p.Name.Best(v.Lang)
		rows = append(rows, Row{Href: ParkPath + p.Slug + "/map", Icon: "map", Title: name,
			Lang: string(lang)})
	}
	if len(rows) == 0 {
		return g.showNoMap(v)
	}
	return v.Show(statusOK, Page{Title: v.T("map.title"), Tab: TabMap, Keep: true}, v.Rows(rows))
}

// showMap shows the map of a park.
func (g *parkPages) showMap(v *Visit) error {
	p, err := g.find(v)
	if err != nil {
		return err
	}
	return g.drawMap(v, p, "")
}

// drawMap draws a map with what the address asks for: ?at=code or ?queue=code is the point that is
// looked at, ?from=lon,lat where the visitor stands, ?level=1 ways without steps.
func (g *parkPages) drawMap(v *Visit, p park.Park, tab string) error {
	m, err := g.Maps.Map(v.Ctx(), p.ID)
	if err != nil {
		return err
	}
	if len(m.Points) == 0 {
		return g.showNoMap(v)
	}
	s := mapScreen{park: p, level: field(v, "level") != ""}
	if s.chosen = m.Point(field(v, "at")); s.chosen == nil {
		s.chosen = m.ForQueue(field(v, "queue"))
	}
	o := parkmap.Options{Lang: v.Lang, Words: v.T, Waits: g.waitsOf(v.Ctx(), v, p.ID),
		Mine: v.buyer(), Href: func(q *ground.Point) string {
			return v.Here("at", q.Code, "queue", "") + "#chosen"
		}}
	if g.Takes != nil {
		o.Takes = func(storeNo int64) []string { return g.Takes(v.Ctx(), storeNo) }
	}
	if s.chosen != nil {
		o.Chosen = s.chosen.Code
		g.findWay(v, m, &s)
		o.Way = s.way
	}
	if from, ok := position(field(v, "from")); ok && !s.far {
		o.Here = &from
	}
	s.drawing = parkmap.Draw(m, o)
	s.mark = s.drawing.Chosen()
	if s.chosen != nil && s.chosen.Queue != "" && g.Queues != nil {
		s.course = ParkPath + p.Slug + "/waits/" + s.chosen.Queue
	}
	for _, id := range s.marks() {
		s.takes = append(s.takes, g.walletCalled(v.Ctx(), id))
	}
	// Where a visitor stood is not kept in the browser.
	page := Page{Title: v.T("map.title"), Tab: tab, Wide: true, Bare: true,
		Keep: field(v, "from") == "", Style: parkStyle, Script: mapScript, Class: "mappage"}
	if tab == "" {
		page.Up = g.up(v, p)
	}
	return v.Show(statusOK, page, v.parkMap(s))
}

// marks are the ids of the wallets that the chosen shop takes.
func (s *mapScreen) marks() []string {
	if s.mark == nil {
		return nil
	}
	return s.mark.Takes
}

// findWay finds the way to the chosen point: from where the visitor stands, or from the gate.
func (g *parkPages) findWay(v *Visit, m *ground.Map, s *mapScreen) {
	from, ok := position(field(v, "from"))
	if ok {
		s.from = field(v, "from")
		if s.there = from.Within(thereMetres, s.chosen.At); s.there {
			return
		}
		way, err := m.Route(from, s.chosen.At, s.level)
		if err == nil {
			s.way = &way
			return
		}
		s.far = true
	}
	gate := mainGate(m)
	if gate == nil || gate.ID == s.chosen.ID {
		return
	}
	way, err := m.Route(gate.At, s.chosen.At, s.level)
	if err != nil {
		s.noWay = true
		return
	}
	s.way = &way
}

// thereMetres is how near to a point one has come to it: about what a phone may be wrong by.
const thereMetres = 20

// mainGate is the first gate of a map.
func mainGate(m *ground.Map) *ground.Point {
	for i := range m.Points {
		if m.Points[i].Kind == ground.Gate && !m.Points[i].Closed {
			return &m.Points[i]
		}
	}
	return nil
}

// position reads "138.7811,35.4871".
func position(s string) (ground.Position, bool) {
	lon, lat, ok := strings.Cut(s, ",")
	at, valid := ground.ParsePosition(lon, lat)
	return at, ok && valid && len(s) <= 60
}

// metres rounds a way to ten metres.
func metres(w *ground.Way) string {
	return strconv.Itoa(int(math.Round(w.Metres/10)) * 10)
}
