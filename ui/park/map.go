package park

import (
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"watari/pay/report"
	"watari/ui/console"
	"watari/ui/parkmap"
	"watari/visit/park/ground"
	"watari/visit/park/queue"

	parks "watari/visit/park"
)

// uploadMax is the most bytes of a form with a map: the map and what carries it.
const uploadMax = ground.ImportMax + 64<<10

// mapScreen is the map with the list of its points.
type mapScreen struct {
	*ground.Map
	drawing *parkmap.Drawing
}

// drawingOf draws a map whose points lead to their forms.
func drawingOf(v *console.Visit, m *ground.Map, chosen string) *parkmap.Drawing {
	return parkmap.Draw(m, parkmap.Options{Lang: v.Lang, Words: v.T, Chosen: chosen,
		Href: func(p *ground.Point) string { return "/park/map/points/" + p.ID }})
}

func (a *app) showMap(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	m, err := a.Grounds.Map(v.Ctx(), p.ID)
	if err != nil {
		return err
	}
	page := console.Page{Title: v.T("map.title"), Tab: "map", Wide: true, Lead: v.T("map.lead"),
		Actions: []console.Action{{Text: v.T("point.new"), Icon: "plus", Href: "/park/map/new"},
			{Text: v.T("map.file"), Icon: "down", Href: "/park/map/file", Download: true}}}
	return v.Show(http.StatusOK, page, mapPage(v, mapScreen{m, drawingOf(v, m, "")}))
}

func (s mapScreen) table(v *console.Visit) console.Table {
	t := console.Table{Caption: v.T("map.points"), Brief: true, Columns: []console.Column{
		{Title: v.T("c.name"), Main: true}, {Title: v.T("point.kind")}, {Title: v.T("c.state")},
		{Title: v.T("point.queue"), Small: true}, {Title: v.T("point.zone"), Small: true}},
		Empty: console.Empty{Icon: "map", Title: v.T("map.none"), Text: v.T("map.none.text")}}
	list := slices.Clone(s.Points)
	slices.SortStableFunc(list, func(x, y ground.Point) int {
		return slices.Index(ground.Kinds(), x.Kind) - slices.Index(ground.Kinds(), y.Kind)
	})
	for _, p := range list {
		state := v.Badge(console.Good, "", v.T("point.open"))
		if p.Closed {
			state = v.Badge(console.Stop, "", v.T("map.closed"))
		}
		t.Rows = append(t.Rows, console.Row{Href: "/park/map/points/" + p.ID,
			Cells: []templ.Component{console.Tagged(p.Name.In(v.Lang), p.Code),
				console.Text(v.T("map.kinds." + string(p.Kind))), state, console.Text(p.Queue),
				console.Text(zoneText(v, p.Zone))}})
	}
	return t
}

// downloadMap is the whole map as GeoJSON, to be changed elsewhere and sent back.
func (a *app) downloadMap(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	m, err := a.Grounds.Map(v.Ctx(), p.ID)
	if err != nil {
		return err
	}
	h := v.W.Header()
	h.Set("Content-Type", "application/geo+json")
	h.Set("Content-Disposition", `attachment; filename="`+p.Slug+`.geojson"`)
	h.Set("Cache-Control", "no-store")
	_, _ = v.W.Write(m.GeoJSON()) // what is wrong now is that the browser has gone
	return nil
}

// replaceMap makes a file the whole map.
func (a *app) replaceMap(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	file, _, err := v.R.FormFile("file")
	if err != nil {
		v.Mistake("file", v.T("map.file.missing"))
		return a.showMap(v)
	}
	defer func() { _ = file.Close() }()
	text, err := io.ReadAll(io.LimitReader(file, ground.ImportMax+1))
	if err != nil {
		return err
	}
	m, err := ground.Read(text)
	if v.Refused(err) {
		return a.showMap(v)
	}
	if err != nil {
		return err
	}
	if err := a.Grounds.Replace(v.Ctx(), p.ID, m, v.Caller.Actor); err != nil {
		return err
	}
	return v.SeeOther("/park/map", v.N("map.replaced", int64(len(m.Points))))
}

// pointScreen is a point with what its form offers.
type pointScreen struct {
	ground.Point
	drawing *parkmap.Drawing
	queues  []queue.Place
	stores  []report.Store
	fresh   bool
}

func (a *app) askPoint(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	m, err := a.Grounds.Map(v.Ctx(), p.ID)
	if err != nil {
		return err
	}
	one := ground.Point{Kind: ground.Ride}
	if w, s, e, n, ok := m.Bounds(); ok {
		one.At = ground.Position{Lon: (w + e) / 2, Lat: (s + n) / 2}
	}
	return a.showPointForm(v, p, m, one)
}

// pointOf finds the point of an address (R1).
func (a *app) pointOf(v *console.Visit) (parks.Park, *ground.Map, ground.Point, error) {
	p, err := a.park(v)
	if err != nil {
		return p, nil, ground.Point{}, err
	}
	m, err := a.Grounds.Map(v.Ctx(), p.ID)
	if err != nil {
		return p, m, ground.Point{}, err
	}
	one := m.Point(v.R.PathValue("id"))
	if one == nil {
		return p, m, ground.Point{}, v.NotFound()
	}
	return p, m, *one, nil
}

func (a *app) showPoint(v *console.Visit) error {
	p, m, one, err := a.pointOf(v)
	if err != nil {
		return err
	}
	return a.showPointForm(v, p, m, one)
}

func (a *app) showPointForm(
	v *console.Visit, p parks.Park, m *ground.Map, one ground.Point,
) (err error) {
	s := pointScreen{Point: one, drawing: drawingOf(v, m, one.Code), fresh: one.ID == ""}
	if s.queues, err = a.Queues.Places(v.Ctx(), p.ID); err != nil {
		return err
	}
	if s.stores, err = a.storesOf(v, p); err != nil {
		return err
	}
	title := one.Name.In(v.Lang)
	if s.fresh {
		title = v.T("point.new")
	}
	page := console.Page{Title: title, Tab: "map", Crumbs: []console.Link{
		{Text: v.T("map.title"), Href: "/park/map"}}}
	return v.Show(http.StatusOK, page, pointPage(v, s))
}

func (s pointScreen) kinds(v *console.Visit) (list []console.Option) {
	for _, k := range ground.Kinds() {
		list = append(list, console.Option{Value: string(k), Label: v.T("map.kinds." + string(k))})
	}
	return list
}

func (s pointScreen) queueOptions(v *console.Visit) []console.Option {
	list := []console.Option{{Label: v.T("product.place.none")}}
	for _, q := range s.queues {
		list = append(list, console.Option{Value: q.Code, Label: q.Name.In(v.Lang)})
	}
	return list
}

func (s pointScreen) storeOptions(v *console.Visit) []console.Option {
	list := []console.Option{{Label: v.T("point.store.none")}}
	there := s.StoreNo == 0
	for _, one := range s.stores {
		there = there || one.No == s.StoreNo
		list = append(list, console.Option{Value: strconv.FormatInt(one.No, 10),
			Label: one.In(string(v.Lang))})
	}
	if !there { // a shop of somebody else stays where it is
		list = append(list, console.Option{Value: strconv.FormatInt(s.StoreNo, 10),
			Label: v.T("point.store.other")})
	}
	return list
}

func (s pointScreen) wheelchairs(v *console.Visit) []console.Option {
	list := []console.Option{{Label: v.T("wheelchair.unknown")}}
	for _, one := range []ground.Access{ground.AccessYes, ground.AccessLimited, ground.AccessNo} {
		list = append(list, console.Option{Value: string(one),
			Label: v.T("wheelchair." + string(one))})
	}
	return list
}

// action is where the form goes.
func (s pointScreen) action() string {
	if s.fresh {
		return "/park/map/new"
	}
	return "/park/map/points/" + s.ID
}

// latitude and longitude are the position as it stands in the fields: to a decimetre or so.
func (s pointScreen) latitude() string  { return strconv.FormatFloat(s.At.Lat, 'f', 6, 64) }
func (s pointScreen) longitude() string { return strconv.FormatFloat(s.At.Lon, 'f', 6, 64) }

// typedPoint reads the form of a point over what it was.
func (a *app) typedPoint(v *console.Visit, p parks.Park, old ground.Point) (
	ground.Point, error,
) {
	n := old
	n.Kind = ground.Kind(v.Typed("kind"))
	if n.ID == "" { // others know a point by its code, which stays
		n.Code = v.Typed("code")
	}
	n.Name, n.Note = typedText(v, "name"), typedText(v, "note")
	n.Hours, n.Wheelchair = v.Typed("opening_hours"), ground.Access(v.Typed("wheelchair"))
	n.HeightMin, n.Queue = typedNumber(v, "height_min_cm"), v.Typed("queue")
	n.Zone, n.Closed = v.Typed("zone"), v.Typed("closed") != ""
	at, ok := ground.ParsePosition(v.Typed("longitude"), v.Typed("latitude"))
	if !ok {
		v.Mistake("latitude", v.T("wrong.degrees"))
	}
	n.At = at
	n.StoreNo = typedNumber(v, "store_no")
	if n.StoreNo == 0 || n.StoreNo == old.StoreNo {
		return n, nil
	}
	stores, err := a.storesOf(v, p)
	if !slices.ContainsFunc(stores, func(s report.Store) bool { return s.No == n.StoreNo }) {
		v.Mistake("store_no", v.T("wrong.store"))
	}
	return n, err
}

func (a *app) addPoint(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	m, err := a.Grounds.Map(v.Ctx(), p.ID)
	if err != nil {
		return err
	}
	one, err := a.typedPoint(v, p, ground.Point{})
	if err != nil {
		return err
	}
	if v.Wrong() {
		return a.showPointForm(v, p, m, one)
	}
	_, err = a.Grounds.AddPoint(v.Ctx(), p.ID, one, v.Caller.Actor)
	return a.afterPoint(v, p, m, one, err)
}

func (a *app) changePoint(v *console.Visit) error {
	p, m, one, err := a.pointOf(v)
	if err != nil {
		return err
	}
	one.Version = typedNumber(v, "version")
	if one, err = a.typedPoint(v, p, one); err != nil {
		return err
	}
	if v.Wrong() {
		return a.showPointForm(v, p, m, one)
	}
	_, err = a.Grounds.ChangePoint(v.Ctx(), p.ID, one, v.Caller.Actor)
	return a.afterPoint(v, p, m, one, err)
}

// afterPoint leads on when a point was kept, and shows its form again when it was refused.
func (a *app) afterPoint(
	v *console.Visit, p parks.Park, m *ground.Map, one ground.Point, err error,
) error {
	if v.Refused(err) {
		return a.showPointForm(v, p, m, one)
	}
	if err != nil {
		return err
	}
	return v.SeeOther("/park/map", v.T("saved"))
}

func (a *app) removePoint(v *console.Visit) error {
	p, _, one, err := a.pointOf(v)
	if err != nil {
		return err
	}
	if err := a.Grounds.RemovePoint(v.Ctx(), p.ID, one.ID, v.Caller.Actor); err != nil {
		return err
	}
	return v.SeeOther("/park/map", v.T("point.removed"))
}

// zoneText is a zone in a list, "" for none.
func zoneText(v *console.Visit, zone string) string {
	if zone == "" {
		return ""
	}
	return zoneName(v, zone)
}

// zoneName is a zone as people read it: zones have codes only, of which a few have words.
func zoneName(v *console.Visit, zone string) string {
	if zone == "" {
		return v.T("zone.none")
	}
	if text := v.T("zone." + zone); text != "zone."+zone {
		return text
	}
	return strings.ToUpper(zone[:1]) + strings.ReplaceAll(zone[1:], "-", " ")
}
