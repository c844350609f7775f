package ground_test

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"testing"

	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/event"
	"watari/kit/fault"
	"watari/kit/i18n"
	"watari/visit/park/ground"
)

const parkID = "prk_test"

func each(t *testing.T, fn func(t *testing.T, g *ground.Grounds, d *db.DB)) {
	t.Helper()
	sets := []fs.FS{event.Migrations(), ground.Migrations()}
	dbtest.Each(t, sets, func(t *testing.T, d *db.DB) {
		fn(t, grounds(d), d)
	})
}

func grounds(d *db.DB) *ground.Grounds {
	return ground.New(ground.Config{DB: d, Log: event.NewLog(d),
		Park: func(_ context.Context, s string) (ground.Park, bool, error) {
			return ground.Park{ID: parkID, AcquirerNo: 1, MerchantNo: 2, StoreNo: 3},
				s == parkID || s == "test", nil
		}})
}

const drawn = `{"type":"FeatureCollection","features":[
 {"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[138.78,35.48],[138.78,35.49],
  [138.79,35.49],[138.78,35.48]]]},"properties":{"layer":"area","surface":"water",
  "name":{"en":"Pond"}}},
 {"type":"Feature","geometry":{"type":"LineString",
  "coordinates":[[138.78,35.487],[138.781,35.487]]},"properties":{"layer":"path","step_free":true}},
 {"type":"Feature","geometry":{"type":"Point","coordinates":[138.7805,35.4871,860.5]},
  "properties":{"layer":"point","code":"raijin","kind":"ride","name":{"ja":"雷神","en":"Raijin"},
  "height_min_cm":130,"wheelchair":"no","queue":"raijin","opening_hours":"Mo-Su 09:00-18:00"}}]}`

// Goal: a map that was put in is read by every node as it was, and again as GeoJSON.
func TestMapIsKept(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, g *ground.Grounds, d *db.DB) {
		ctx := t.Context()
		m, err := ground.Read([]byte(drawn))
		if err != nil {
			t.Fatal(err)
		}
		other := grounds(d)
		if empty, err := other.Map(ctx, "test"); err != nil || empty.Version != 0 {
			t.Fatalf("before: %+v, %v", empty, err)
		}
		if err := g.Replace(ctx, "test", m, "person:a"); err != nil {
			t.Fatal(err)
		}
		got, err := other.Map(ctx, parkID)
		if err != nil || got.Version != 1 || len(got.Areas) != 1 || len(got.Paths) != 1 {
			t.Fatalf("read %+v, %v", got, err)
		}
		p := got.ForQueue("raijin")
		if p == nil || p.Name[i18n.Japanese] != "雷神" || p.HeightMin != 130 ||
			p.At.Lon != 138.7805 {
			t.Fatalf("the ride is %+v", p)
		}
		again, err := ground.Read(got.GeoJSON())
		if err != nil || string(again.GeoJSON()) == "" || len(again.Points) != 1 {
			t.Fatalf("written as %s: %v", got.GeoJSON(), err)
		}
		if w, err := got.Route(p.At, ground.Position{Lon: 138.78, Lat: 35.487}, true); err != nil ||
			w.Metres < 40 || w.Metres > 70 {
			t.Errorf("the way is %+v, %v", w, err)
		}
		if same, _ := other.Map(ctx, parkID); same != got {
			t.Error("an unchanged map was read again")
		}
	})
}

// Goal: the editor's changes are seen, two people do not overwrite each other, and what cannot be
// changes nothing.
func TestPointsAreEdited(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, g *ground.Grounds, _ *db.DB) {
		ctx := t.Context()
		p := ground.Point{Code: "wc-1", Kind: ground.Restroom, At: at(10, 10),
			Name: i18n.Text{i18n.English: "Toilets"}}
		p, err := g.AddPoint(ctx, "test", p, "person:a")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := g.AddPoint(ctx, "test", p, "person:a"); !errors.Is(err, ground.ErrCodeTaken) {
			t.Errorf("the same code again: %v", err)
		}
		q := p
		q.Closed = true
		if q, err = g.ChangePoint(ctx, "test", q, "person:a"); err != nil || q.Version != 2 {
			t.Fatalf("changed to %+v, %v", q, err)
		}
		if _, err := g.ChangePoint(ctx, "test", p, "person:b"); !errors.Is(err,
			ground.ErrChanged) {
			t.Errorf("over somebody's change: %v", err)
		}
		m, err := g.Map(ctx, "test")
		if err != nil || m.Version != 2 || len(m.Points) != 1 || !m.Points[0].Closed {
			t.Errorf("the map is %+v, %v", m, err)
		}
		bad := q
		bad.Kind, bad.At.Lat, bad.HeightMin = "castle", 91, -1
		var e *fault.Error
		if _, err := g.ChangePoint(ctx, "test", bad, "person:a"); !errors.As(err, &e) ||
			len(e.Fields) != 3 {
			t.Errorf("nonsense: %v", err)
		}
		if _, err := g.ChangePoint(ctx, "elsewhere", q, "x"); !errors.Is(err, ground.ErrUnknown) {
			t.Errorf("another park: %v", err)
		}
		if err := g.RemovePoint(ctx, "test", q.ID, "person:a"); err != nil {
			t.Error(err)
		}
		if err := g.RemovePoint(ctx, "test", q.ID, "person:a"); !errors.Is(err,
			ground.ErrUnknown) {
			t.Errorf("twice removed: %v", err)
		}
	})
}

// Goal: a map that cannot be is refused with the places of its mistakes.
func TestBadMapsAreRefused(t *testing.T) {
	t.Parallel()
	one := func(geometry, properties string) string {
		return `{"type":"FeatureCollection","features":[{"type":"Feature","geometry":` + geometry +
			`,"properties":` + properties + `}]}`
	}
	for name, text := range map[string]string{
		"no JSON":    `{`,
		"two":        `{"type":"FeatureCollection","features":[]} {}`,
		"other":      `{"type":"Feature"}`,
		"short line": one(`{"type":"LineString","coordinates":[[1,2]]}`, `{"layer":"path"}`),
		"open ring": one(`{"type":"Polygon","coordinates":[[[1,2],[2,2],[2,3],[1,3]]]}`,
			`{"layer":"area","surface":"lawn"}`),
		"off earth": one(`{"type":"LineString","coordinates":[[1,2],[1,99]]}`, `{"layer":"path"}`),
		"mixed":     one(`{"type":"Point","coordinates":[1,2]}`, `{"layer":"area"}`),
		"nameless": one(`{"type":"Point","coordinates":[1,2]}`,
			`{"layer":"point","code":"a","kind":"ride"}`),
		"long": strings.Repeat(" ", ground.ImportMax+1),
	} {
		if _, err := ground.Read([]byte(text)); !errors.Is(err, ground.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzRead feeds the reader what somebody may upload.
func FuzzRead(f *testing.F) {
	f.Add([]byte(drawn))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := ground.Read(b)
		if err != nil {
			return
		}
		again, err := ground.Read(m.GeoJSON())
		if err != nil || len(again.Points) != len(m.Points) || len(again.Areas) != len(m.Areas) {
			t.Errorf("written as %s: %v", m.GeoJSON(), err)
		}
	})
}
