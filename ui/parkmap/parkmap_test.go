package parkmap

import (
	"strings"
	"testing"

	"github.com/a-h/templ"

	"watari/kit/i18n"
	"watari/visit/park/ground"
)

// small is a park with two rides, a shop and a gate on a lawn.
func small() *ground.Map {
	at := func(lon, lat float64) ground.Position { return ground.Position{Lon: lon, Lat: lat} }
	named := func(s string) i18n.Text { return i18n.Text{i18n.English: s} }
	lawn := []ground.Position{at(138.78, 35.48), at(138.79, 35.48), at(138.79, 35.49),
		at(138.78, 35.49), at(138.78, 35.48)}
	return &ground.Map{
		Areas: []ground.Area{{Surface: ground.Lawn, Ring: lawn, Name: named("The lawn")},
			{Surface: ground.Lawn, Ring: lawn}, {Surface: ground.Building, Ring: lawn}},
		Paths: []ground.Path{{Line: []ground.Position{at(138.78, 35.48), at(138.785, 35.485),
			at(138.79, 35.48)}}},
		Points: []ground.Point{
			{ID: "poi_1", Code: "high", Kind: ground.Ride, Name: named("High"), Queue: "high",
				At: at(138.781, 35.481)},
			{ID: "poi_2", Code: "low", Kind: ground.Ride, Name: named("Low"), Queue: "low",
				At: at(138.785, 35.485)},
			{ID: "poi_3", Code: "shut", Kind: ground.Ride, Name: named("Shut"), Queue: "shut",
				At: at(138.786, 35.486), Closed: true},
			{ID: "poi_4", Code: "gate", Kind: ground.Gate, Name: named("Gate"),
				At: at(138.78, 35.48)},
		},
	}
}

// draw draws the small park with these waits, in minutes; -1 is not known.
func draw(t *testing.T, waits map[string]int64) (*Drawing, string) {
	t.Helper()
	o := Options{Lang: i18n.English, Waits: map[string]Wait{},
		Words: func(key string, _ ...any) string { return key }}
	for code, n := range waits {
		o.Waits[code] = Wait{Text: "≤120", Long: "long", Minutes: n}
	}
	d := Draw(small(), o)
	var b strings.Builder
	for _, part := range []templ.Component{Best(d), Picture(d)} {
		if err := part.Render(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
	}
	return d, b.String()
}

// Goal: the ride with the shortest wait that is known is one touch away. Method: waits that are
// known, unknown, and of a ride that is shut; the link beside the picture.
func TestTheShortestWaitIsNamed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		waits map[string]int64
		want  string
	}{
		{map[string]int64{"high": 40, "low": 5, "shut": 0}, "low"},
		{map[string]int64{"high": 40, "low": -1}, "high"},
		{map[string]int64{"high": -1}, ""},
		{nil, ""},
	} {
		d, page := draw(t, c.waits)
		got := ""
		if m := d.best(); m != nil {
			got = m.Code
		}
		if got != c.want || strings.Contains(page, `class="mapbest" hidden`) != (c.want == "") {
			t.Errorf("%v: %q, want %q", c.waits, got, c.want)
		}
	}
}

// Goal: what the map says is closed says so, and nowhere a number, now and when waits change.
// Method: a ride that is shut and whose queue has a wait, in the picture and in the list.
func TestWhatIsClosedHasNoWait(t *testing.T) {
	t.Parallel()
	d, page := draw(t, map[string]int64{"high": 40, "shut": 25})
	var b strings.Builder
	if err := List(d).Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	page += b.String()
	for _, m := range d.Marks {
		if m.Closed != (m.Code == "shut") || m.Closed && (m.Wait.Minutes != -1 ||
			m.Wait.Text != "–" || m.Wait.Long != "map.closed") {
			t.Errorf("%s: %+v", m.Code, m.Wait)
		}
	}
	for _, hook := range []string{`data-wait="shut"`, `data-wait-long="shut"`,
		`data-minutes="25"`} {
		if strings.Contains(page, hook) {
			t.Errorf("the page has %s", hook)
		}
	}
	if n := strings.Count(page, "data-closed"); n != 2 {
		t.Errorf("scripts leave %d of 2 things alone", n)
	}
	if !strings.Contains(page, `data-wait="high"`) {
		t.Error("the wait of another is not followed")
	}
}

// Goal: the picture stays light, and says of every sign what it is. Method: surfaces of one kind
// are one path, corners are rounded, a tag is as wide as its text, each sign has a title.
func TestThePictureIsWhole(t *testing.T) {
	t.Parallel()
	d, page := draw(t, map[string]int64{"high": 120})
	if len(d.Surfaces) != 2 || len(d.Areas) != 1 || !strings.Contains(d.Surfaces[0].D, "Q") ||
		!strings.HasSuffix(d.Surfaces[0].D, "Z") || strings.Contains(d.Surfaces[0].D, "NaN") {
		t.Errorf("surfaces: %+v, %+v", d.Surfaces, d.Areas)
	}
	if strings.Count(d.Steps, "M") != 1 || !strings.Contains(d.Steps, "Q") {
		t.Errorf("a path: %q", d.Steps)
	}
	if n := strings.Count(page, "<title>"); n != len(d.Marks) {
		t.Errorf("%d of %d signs say what they are", n, len(d.Marks))
	}
	if long, short := (Wait{Text: "≤120"}).half(), (Wait{Text: "5"}).half(); long < short+10 {
		t.Errorf("a tag of four letters is %d wide, of one %d", 2*long, 2*short)
	}
}

// Goal: a map of odd features is drawn all the same. Method: nothing at all, a point twice in a
// ring, a line of one place.
func TestOddFeaturesAreDrawn(t *testing.T) {
	t.Parallel()
	p := ground.Position{Lon: 138.78, Lat: 35.48}
	m := &ground.Map{Areas: []ground.Area{{Surface: ground.Water,
		Ring: []ground.Position{p, p, p, p}}}, Paths: []ground.Path{{Line: []ground.Position{p}},
		{StepFree: true}}}
	words := func(key string, _ ...any) string { return key }
	d := Draw(m, Options{Words: words, Here: &p})
	if strings.Contains(d.Surfaces[0].D+d.Steps, "NaN") || d.Here == "" {
		t.Errorf("%+v", d)
	}
	if d := Draw(&ground.Map{}, Options{Words: words}); len(d.Surfaces)+len(d.Marks) != 0 {
		t.Errorf("nothing is %+v", d)
	}
}
