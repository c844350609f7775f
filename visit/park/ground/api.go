package ground

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"watari/kit/access"
	"watari/kit/fault"
	"watari/kit/i18n"
	"watari/kit/web"
)

var (
	tagged  = []string{"Maps"}
	runners = []access.Role{access.MerchantOwner, access.MerchantManager}
)

// Register adds the operations of maps. Everybody may read them.
func (g *Grounds) Register(w *web.Server) {
	const root = "/v1/parks/{park_id}/map"
	unknown := []*fault.Problem{ErrUnknown}
	web.Register(w, web.Op{ID: "read-map", Method: http.MethodGet, Path: root,
		Summary: "Read a park's map as GeoJSON", Tags: tagged, Public: true, Faults: unknown,
		Media: []string{geoJSON}, Description: "RFC 7946. Each feature's property `layer` is " +
			"point, path or area."}, g.apiRead)
	web.Register(w, web.Op{ID: "replace-map", Method: http.MethodPut, Path: root,
		Summary: "Write a park's whole map", Tags: tagged, Roles: runners, MaxBody: ImportMax,
		Faults: []*fault.Problem{ErrUnknown, ErrInvalid}}, g.apiReplace)
	web.Register(w, web.Op{ID: "create-map-point", Method: http.MethodPost,
		Path: root + "/points", Summary: "Add a point to a map", Tags: tagged, Roles: runners,
		Status: http.StatusCreated, Faults: []*fault.Problem{ErrUnknown, ErrInvalid,
			ErrCodeTaken, ErrFull}}, g.apiAdd)
	web.Register(w, web.Op{ID: "change-map-point", Method: http.MethodPut,
		Path: root + "/points/{point_id}", Summary: "Write a point anew", Tags: tagged,
		Roles: runners, Faults: []*fault.Problem{ErrUnknown, ErrInvalid, ErrCodeTaken,
			ErrChanged}}, g.apiChange)
	web.Register(w, web.Op{ID: "delete-map-point", Method: http.MethodDelete,
		Path: root + "/points/{point_id}", Summary: "Take a point off a map", Tags: tagged,
		Roles: runners, Faults: unknown}, g.apiRemove)
	web.Register(w, web.Op{ID: "find-way", Method: http.MethodGet,
		Path: "/v1/parks/{park_id}/ways", Summary: "Find the way between two places",
		Tags: tagged, Public: true, Faults: []*fault.Problem{ErrUnknown, ErrInvalid, ErrWay}},
		g.apiWay)
}

const geoJSON = "application/geo+json"

// own finds a park that the caller runs; another's is answered like none.
//
// Errors: ErrUnknown.
func (g *Grounds) own(ctx context.Context, idOrSlug string) (Park, access.Caller, error) {
	c, _ := access.FromContext(ctx)
	p, err := g.park(ctx, idOrSlug)
	if err == nil && (c.ParticipantNo != p.AcquirerNo || c.MerchantNo != p.MerchantNo ||
		c.StoreNo != 0 && c.StoreNo != p.StoreNo) {
		err = ErrUnknown.Newf("there is no park %q", idOrSlug)
	}
	return p, c, err
}

type parkInput struct {
	ParkID string `path:"park_id" maxLength:"64" doc:"The park's id, or its name in addresses."`
}

func (g *Grounds) apiRead(ctx context.Context, in *parkInput) (*web.File, error) {
	m, err := g.Map(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	return web.NewFile("map.geojson", geoJSON, m.GeoJSON()), nil
}

type replaceInput struct {
	ParkID string `path:"park_id" maxLength:"64" doc:"The park's id, or its name in addresses."`
	Body   struct {
		GeoJSON json.RawMessage `json:"geojson" doc:"A FeatureCollection as read-map answers it; at most 3,000 features."`
	}
}

type mapOutput struct {
	Body struct {
		Version int64 `json:"version" doc:"Of the map; grows with each change."`
		Points  int64 `json:"points"`
		Paths   int64 `json:"paths"`
		Areas   int64 `json:"areas"`
	}
}

func (g *Grounds) apiReplace(ctx context.Context, in *replaceInput) (*mapOutput, error) {
	p, c, err := g.own(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	m, err := Read(in.Body.GeoJSON)
	if err != nil {
		return nil, err
	}
	if err := g.Replace(ctx, p.ID, m, c.Actor); err != nil {
		return nil, err
	}
	if m, err = g.Map(ctx, p.ID); err != nil {
		return nil, err
	}
	out := &mapOutput{}
	out.Body.Version, out.Body.Points = m.Version, int64(len(m.Points))
	out.Body.Paths, out.Body.Areas = int64(len(m.Paths)), int64(len(m.Areas))
	return out, nil
}

// PointBody is a point as the API reads and writes it.
type PointBody struct {
	Code       string            `json:"code" maxLength:"40" doc:"The park's own short name: a to z, digits, hyphens."`
	Kind       Kind              `json:"kind" maxLength:"40" doc:"ride, show, restaurant, shop, ticket_counter, gate, restroom, first_aid, info, locker, atm, stroller, smoking, prayer_room, nursing, bike_port or charging."`
	Name       map[string]string `json:"name" doc:"By language: zh-Hans, zh-Hant, ja, en, ko."`
	Note       map[string]string `json:"note,omitempty" doc:"By language."`
	Longitude  float64           `json:"longitude" minimum:"-180" maximum:"180" doc:"Degrees, WGS 84."`
	Latitude   float64           `json:"latitude" minimum:"-85" maximum:"85"`
	Hours      string            `json:"opening_hours,omitempty" maxLength:"120" doc:"As OpenStreetMap writes them."`
	Wheelchair string            `json:"wheelchair,omitempty" enum:"yes,limited,no"`
	HeightMin  int64             `json:"height_min_cm,omitempty" minimum:"0" maximum:"250"`
	StoreNo    int64             `json:"store_no,omitempty" minimum:"0" doc:"The network's number of the shop that is here."`
	Queue      string            `json:"queue,omitempty" maxLength:"40" doc:"Code of what people queue for here."`
	Zone       string            `json:"zone,omitempty" maxLength:"40"`
	Closed     bool              `json:"closed,omitempty"`
	Version    int64             `json:"version,omitempty" doc:"As it was read, to write it anew."`
}

func (b PointBody) point() Point {
	text := func(m map[string]string) i18n.Text {
		t := i18n.Text{}
		for lang, s := range m {
			t[i18n.Lang(lang)] = s
		}
		return t
	}
	return Point{Code: b.Code, Kind: b.Kind, Name: text(b.Name), Note: text(b.Note),
		At: Position{b.Longitude, b.Latitude}, Hours: b.Hours, Wheelchair: Access(b.Wheelchair),
		HeightMin: b.HeightMin, StoreNo: b.StoreNo, Queue: b.Queue, Zone: b.Zone,
		Closed: b.Closed, Version: b.Version}
}

type pointOutput struct {
	Body struct {
		ID string `json:"id"`
		PointBody
	}
}

func pointAnswer(p Point, b PointBody) *pointOutput {
	out := &pointOutput{}
	out.Body.ID, out.Body.PointBody = p.ID, b
	out.Body.Version = p.Version
	return out
}

type addInput struct {
	ParkID string `path:"park_id" maxLength:"64" doc:"The park's id, or its name in addresses."`
	Body   PointBody
}

func (g *Grounds) apiAdd(ctx context.Context, in *addInput) (*pointOutput, error) {
	park, c, err := g.own(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	p, err := g.AddPoint(ctx, park.ID, in.Body.point(), c.Actor)
	if err != nil {
		return nil, err
	}
	return pointAnswer(p, in.Body), nil
}

type pointInput struct {
	ParkID  string `path:"park_id" maxLength:"64" doc:"The park's id, or its name in addresses."`
	PointID string `path:"point_id" maxLength:"64"`
}

type changeInput struct {
	ParkID  string `path:"park_id" maxLength:"64" doc:"The park's id, or its name in addresses."`
	PointID string `path:"point_id" maxLength:"64"`
	Body    PointBody
}

func (g *Grounds) apiChange(ctx context.Context, in *changeInput) (*pointOutput, error) {
	park, c, err := g.own(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	p := in.Body.point()
	p.ID = in.PointID
	if p, err = g.ChangePoint(ctx, park.ID, p, c.Actor); err != nil {
		return nil, err
	}
	return pointAnswer(p, in.Body), nil
}

func (g *Grounds) apiRemove(ctx context.Context, in *pointInput) (*struct{}, error) {
	park, c, err := g.own(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	return nil, g.RemovePoint(ctx, park.ID, in.PointID, c.Actor)
}

type wayInput struct {
	ParkID   string `path:"park_id" maxLength:"64" doc:"The park's id, or its name in addresses."`
	From     string `query:"from" required:"true" maxLength:"64" doc:"A point's id or code, or longitude,latitude."`
	To       string `query:"to" required:"true" maxLength:"64" doc:"A point's id or code, or longitude,latitude."`
	StepFree bool   `query:"step_free" doc:"Without steps."`
}

type wayOutput struct {
	Body struct {
		Metres       int64        `json:"metres"`
		Minutes      int64        `json:"minutes" doc:"At 4 km/h."`
		MinutesChild int64        `json:"minutes_with_children" doc:"At 3 km/h."`
		StepFree     bool         `json:"step_free"`
		Line         [][2]float64 `json:"line" doc:"Positions: longitude, latitude."`
	}
}

func (g *Grounds) apiWay(ctx context.Context, in *wayInput) (*wayOutput, error) {
	m, err := g.Map(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	t := &trouble{}
	from, to := m.where(t, "/from", in.From), m.where(t, "/to", in.To)
	if err := t.fault(); err != nil {
		return nil, err
	}
	w, err := m.Route(from, to, in.StepFree)
	if err != nil {
		return nil, err
	}
	out := &wayOutput{}
	b := &out.Body
	b.Metres, b.Minutes, b.MinutesChild = int64(w.Metres+0.5), w.Minutes(false), w.Minutes(true)
	b.StepFree = w.StepFree
	for _, p := range w.Line {
		b.Line = append(b.Line, [2]float64{p.Lon, p.Lat})
	}
	return out, nil
}

// where is the position that a text names.
func (m *Map) where(t *trouble, at, s string) Position {
	if p := m.Point(s); p != nil {
		return p.At
	}
	lon, lat, _ := strings.Cut(s, ",")
	p, ok := ParsePosition(lon, lat)
	if !ok {
		t.add(at, "is neither a point of the map nor a longitude and a latitude")
	}
	return p
}
