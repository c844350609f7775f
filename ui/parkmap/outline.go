package parkmap

import (
	"math"
	"strings"

	"watari/visit/park/ground"
)

// corners is how far from a corner of a surface its rounding begins, in metres: what grows and
// flows has none, what is built has sharp ones.
var corners = map[ground.Surface]float64{ground.Site: 45, ground.Lawn: 12, ground.Wood: 12,
	ground.Water: 12, ground.Plaza: 8, ground.Track: 22, ground.Parking: 5, ground.Building: 1}

// bends is the same of paths.
const bends = 9

// straight is the cosine from which on two edges are one line for the eye.
const straight = 0.995

// spot is a place of the picture, in metres.
type spot struct{ x, y float64 }

// all are places of the picture.
func (f frame) all(ps []ground.Position) []spot {
	out := make([]spot, len(ps))
	for i, p := range ps {
		out[i].x, out[i].y = f.xy(p)
	}
	return out
}

// outline is SVG path data that grows.
type outline struct{ strings.Builder }

func (o *outline) to(letter string, p spot) {
	o.WriteString(letter + number(p.x) + " " + number(p.y))
}

// line adds a line whose bends are rounded.
func (o *outline) line(ps []spot, round float64) {
	if len(ps) == 0 {
		return
	}
	o.to("M", ps[0])
	for i := 1; i < len(ps)-1; i++ {
		o.corner(ps[i-1], ps[i], ps[i+1], round, "L")
	}
	o.to("L", ps[len(ps)-1])
}

// ring adds a closed line whose corners are rounded.
func (o *outline) ring(ps []spot, round float64) {
	if n := len(ps); n > 1 && ps[0] == ps[n-1] {
		ps = ps[:n-1]
	}
	n := len(ps)
	for i, p := range ps {
		letter := "L"
		if i == 0 {
			letter = "M"
		}
		o.corner(ps[(i+n-1)%n], p, ps[(i+1)%n], round, letter)
	}
	o.WriteString("Z")
}

// corner goes around a corner: the curve begins and ends at most round metres from it, or in the
// middle of a shorter edge.
func (o *outline) corner(before, at, after spot, round float64, letter string) {
	in, out := math.Hypot(at.x-before.x, at.y-before.y), math.Hypot(after.x-at.x, after.y-at.y)
	if in == 0 || out == 0 ||
		(at.x-before.x)*(after.x-at.x)+(at.y-before.y)*(after.y-at.y) > straight*in*out {
		o.to(letter, at)
		return
	}
	a, b := min(round/in, 0.5), min(round/out, 0.5)
	o.to(letter, spot{at.x + (before.x-at.x)*a, at.y + (before.y-at.y)*a})
	o.to("Q", at)
	o.to(" ", spot{at.x + (after.x-at.x)*b, at.y + (after.y-at.y)*b})
}
