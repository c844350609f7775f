package ground_test

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"

	"watari/visit/park/ground"
)

// at is a place so many metres east and north of a corner of the park.
func at(east, north float64) ground.Position {
	const lat = 35.487
	degree := 6371008.8 * math.Pi / 180
	return ground.Position{Lon: 138.78 + east/(degree*math.Cos(lat*math.Pi/180)),
		Lat: lat + north/degree}
}

func line(stepFree bool, ps ...ground.Position) ground.Path {
	return ground.Path{Line: ps, StepFree: stepFree}
}

// square is 100 m wide; its south side has steps.
func square() *ground.Graph {
	return ground.NewGraph([]ground.Path{line(false, at(0, 0), at(100, 0)),
		line(true, at(100, 0), at(100, 100)), line(true, at(100, 100), at(0, 100), at(0, 0))})
}

// Goal: the shortest way is found, and another without steps (G1, G2).
func TestWaysAroundSteps(t *testing.T) {
	t.Parallel()
	g := square()
	w, err := g.Route(at(20, 0), at(100, 30), false)
	if err != nil || math.Abs(w.Metres-110) > 0.1 || w.StepFree || len(w.Line) != 3 {
		t.Errorf("over the steps: %+v, %v", w, err)
	}
	w, err = g.Route(at(0, 10), at(100, 10), true)
	if err != nil || math.Abs(w.Metres-280) > 0.1 || !w.StepFree {
		t.Errorf("around the steps: %+v, %v", w, err)
	}
	if got := w.Minutes(false); got != 5 {
		t.Errorf("280 m take %d minutes", got)
	}
	if got := w.Minutes(true); got != 6 {
		t.Errorf("280 m take %d minutes with children", got)
	}
	w, err = g.Route(at(30, 5), at(60, -5), false)
	if err != nil || math.Abs(w.Metres-40) > 0.1 {
		t.Errorf("along one path: %+v, %v", w, err)
	}
}

// Goal: who is far away, or where no path leads, is told.
func TestNoWay(t *testing.T) {
	t.Parallel()
	if _, err := square().Route(at(5000, 0), at(0, 0), false); !errors.Is(err, ground.ErrFar) {
		t.Errorf("from far away: %v", err)
	}
	islands := ground.NewGraph([]ground.Path{line(true, at(0, 0), at(10, 0)),
		line(true, at(300, 0), at(310, 0))})
	if _, err := islands.Route(at(0, 0), at(310, 0), false); !errors.Is(err, ground.ErrNoWay) {
		t.Errorf("to an island: %v", err)
	}
	if _, err := ground.NewGraph(nil).Route(at(0, 0), at(1, 1), false); !errors.Is(err,
		ground.ErrFar) {
		t.Errorf("without paths: %v", err)
	}
}

// Goal: on a grid the way is as long as its streets (G1), the same both ways. Method: a grid of
// 10 m, whose shortest ways are known.
func TestGridWays(t *testing.T) {
	t.Parallel()
	var paths []ground.Path
	for i := range 11 {
		var row, column []ground.Position
		for j := range 11 {
			row = append(row, at(float64(j)*10, float64(i)*10))
			column = append(column, at(float64(i)*10, float64(j)*10))
		}
		paths = append(paths, line(true, row...), line(true, column...))
	}
	g := ground.NewGraph(paths)
	rapid.Check(t, func(t *rapid.T) {
		n := func(name string) float64 { return float64(rapid.IntRange(0, 10).Draw(t, name)) * 10 }
		x1, y1, x2, y2 := n("x1"), n("y1"), n("x2"), n("y2")
		w, err := g.Route(at(x1, y1), at(x2, y2), true)
		want := math.Abs(x1-x2) + math.Abs(y1-y2)
		if err != nil || math.Abs(w.Metres-want) > 0.01 {
			t.Fatalf("%.0f m, want %.0f, %v", w.Metres, want, err)
		}
		back, err := g.Route(at(x2, y2), at(x1, y1), true)
		if err != nil || math.Abs(back.Metres-w.Metres) > 0.01 {
			t.Fatalf("%.2f m there and %.2f m back, %v", w.Metres, back.Metres, err)
		}
	})
}

// Goal: being there is told by metres, not by degrees.
func TestWithin(t *testing.T) {
	t.Parallel()
	here := ground.Position{Lon: 138.78, Lat: 35.487}
	for _, c := range []struct {
		to     ground.Position
		metres int64
		want   bool
	}{{here, 0, true}, {ground.Position{Lon: 138.7801, Lat: 35.487}, 10, true}, // 9.05 m
		{ground.Position{Lon: 138.7801, Lat: 35.487}, 9, false},
		{ground.Position{Lon: 138.78, Lat: 35.4871}, 11, false}} { // 11.1 m
		if got := here.Within(c.metres, c.to); got != c.want {
			t.Errorf("%v within %d m: %v", c.to, c.metres, got)
		}
	}
}
