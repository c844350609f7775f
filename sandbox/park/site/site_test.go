package site_test

import (
	"testing"

	"watari/sandbox/park/crowd"
	"watari/sandbox/park/site"
	"watari/visit/park/ground"
)

// Goal: the park can be put in as an operator would put in theirs, everything that people queue for
// is on it, and every point is reached from the main entrance, also without steps.
func TestEveryPointIsReached(t *testing.T) {
	t.Parallel()
	drawn := site.Map(func(string) int64 { return 7 })
	m, err := ground.Read(drawn.GeoJSON())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range crowd.Plan() {
		if q := m.ForQueue(p.Code); q == nil || len(q.Name) != 5 {
			t.Errorf("%s is not on the map: %+v", p.Code, q)
		}
	}
	if n := len(site.Shops()); n != 15 {
		t.Errorf("%d shops", n)
	}
	gate := m.Point("gate-main")
	if gate == nil {
		t.Fatal("no main entrance")
	}
	for _, p := range m.Points {
		for _, stepFree := range []bool{false, true} {
			w, err := m.Route(gate.At, p.At, stepFree)
			if err != nil || w.Metres > 1200 || stepFree && !w.StepFree {
				t.Errorf("%s: %.0f m, %v", p.Code, w.Metres, err)
			}
		}
	}
}
