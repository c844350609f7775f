package site

import (
	"math"

	"watari/kit/i18n"
	"watari/visit/park/ground"
)

// The south-western corner of the site, WGS 84, at the height of 860 m.
const (
	cornerLon = 138.7768
	cornerLat = 35.4850
)

// Name is the park's.
func Name() i18n.Text {
	return named("Fuji Kogen Park", "富士高原パーク", "富士高原乐园", "富士高原樂園",
		"후지 고원 파크")
}

// at is a place so many metres east and north of the corner.
func at(east, north float64) ground.Position {
	const degree = 6371008.8 * math.Pi / 180
	return ground.Position{Lon: cornerLon + east/(degree*math.Cos(cornerLat*math.Pi/180)),
		Lat: cornerLat + north/degree}
}

// xy is a place in metres.
type xy struct{ x, y float64 }

func line(stepFree bool, ps ...xy) ground.Path {
	p := ground.Path{StepFree: stepFree}
	for _, q := range ps {
		p.Line = append(p.Line, at(q.x, q.y))
	}
	return p
}

func area(s ground.Surface, ps ...xy) ground.Area {
	a := ground.Area{Surface: s}
	for _, q := range ps {
		a.Ring = append(a.Ring, at(q.x, q.y))
	}
	return a
}

// round is an area like a pond: an ellipse whose edge swells a little.
func round(s ground.Surface, x, y, width, height, swell float64) ground.Area {
	const corners = 28
	ps := make([]xy, corners)
	for i := range ps {
		a := 2 * math.Pi * float64(i) / corners
		r := 1 + swell*math.Sin(3*a+x)
		ps[i] = xy{x + r*width/2*math.Cos(a), y + r*height/2*math.Sin(a)}
	}
	return area(s, ps...)
}

// box is a building, turned by so many degrees counter-clockwise.
func box(x, y, width, depth, turn float64) ground.Area {
	sin, cos := math.Sincos(turn * math.Pi / 180)
	corner := func(dx, dy float64) xy { return xy{x + dx*cos - dy*sin, y + dx*sin + dy*cos} }
	w, d := width/2, depth/2
	return area(ground.Building, corner(-w, -d), corner(w, -d), corner(w, d), corner(-w, d))
}

// ribbon is the ground below the track of a ride: a band around a line.
func ribbon(width float64, ps ...xy) ground.Area {
	var left, right []xy
	for i, p := range ps {
		a, b := ps[max(i-1, 0)], ps[min(i+1, len(ps)-1)]
		dx, dy := b.x-a.x, b.y-a.y
		n := math.Hypot(dx, dy)
		ox, oy := -dy/n*width/2, dx/n*width/2
		left = append(left, xy{p.x + ox, p.y + oy})
		right = append([]xy{{p.x - ox, p.y - oy}}, right...)
	}
	return area(ground.Track, append(left, right...)...)
}

// areas is everything that is drawn below the paths.
func areas() []ground.Area {
	return []ground.Area{
		area(ground.Site, xy{0, 40}, xy{120, 0}, xy{420, -10}, xy{640, 60}, xy{700, 230},
			xy{660, 390}, xy{500, 460}, xy{260, 470}, xy{70, 420}, xy{-10, 240}),
		area(ground.Parking, xy{430, 0}, xy{600, 55}, xy{610, 110}, xy{470, 95}, xy{425, 50}),
		round(ground.Wood, 45, 150, 80, 190, 0.06), round(ground.Wood, 95, 405, 120, 60, 0.08),
		round(ground.Wood, 610, 345, 90, 110, 0.07), round(ground.Wood, 385, 440, 150, 36, 0.05),
		round(ground.Wood, 655, 190, 50, 90, 0.05), round(ground.Lawn, 245, 175, 120, 80, 0.06),
		round(ground.Lawn, 430, 175, 130, 90, 0.06), round(ground.Lawn, 235, 320, 100, 80, 0.06),
		round(ground.Lawn, 395, 310, 90, 70, 0.05), round(ground.Lawn, 130, 60, 120, 60, 0.05),
		round(ground.Water, 395, 312, 62, 44, 0.09), round(ground.Water, 150, 262, 88, 46, 0.07),
		round(ground.Plaza, 320, 88, 96, 62, 0), round(ground.Plaza, 320, 240, 70, 58, 0),
		round(ground.Plaza, 556, 262, 60, 52, 0),
		ribbon(13, xy{110, 330}, xy{70, 300}, xy{40, 240}, xy{60, 190}, xy{110, 180},
			xy{165, 205}, xy{190, 260}, xy{160, 300}, xy{110, 330}),
		ribbon(12, xy{455, 345}, xy{520, 375}, xy{575, 385}, xy{620, 350}, xy{600, 310},
			xy{540, 315}, xy{490, 305}, xy{455, 345}),
		ribbon(11, xy{230, 385}, xy{250, 425}, xy{310, 440}, xy{360, 420}, xy{345, 385},
			xy{300, 375}, xy{230, 385}),
		ribbon(10, xy{505, 150}, xy{550, 130}, xy{600, 150}, xy{620, 195}, xy{585, 215},
			xy{545, 190}, xy{505, 150}),
		ribbon(9, xy{150, 110}, xy{110, 105}, xy{85, 130}, xy{110, 155}, xy{150, 140},
			xy{150, 110}),
		box(320, 22, 70, 14, 0), box(272, 30, 26, 14, 8), box(368, 30, 26, 14, -8),
		box(628, 246, 14, 46, 0), box(640, 210, 18, 24, 0), box(262, 78, 34, 22, 20),
		box(383, 82, 36, 22, -20), box(268, 118, 22, 16, 0), box(372, 124, 22, 16, 0),
		box(205, 118, 26, 18, -15), box(272, 252, 24, 18, 10), box(366, 258, 24, 18, -10),
		box(288, 208, 18, 14, 0), box(352, 206, 18, 14, 0), box(110, 232, 24, 18, 5),
		box(210, 352, 40, 26, -20), box(312, 352, 30, 22, 0), box(440, 228, 26, 20, 8),
		box(480, 268, 24, 18, 0), box(585, 292, 26, 16, -30), box(516, 236, 20, 14, 0),
		box(430, 392, 30, 20, 20), box(150, 352, 22, 16, 30), box(455, 128, 24, 16, 0),
	}
}

// paths are where people walk. Two short cuts have steps.
func paths() []ground.Path {
	return []ground.Path{
		line(true, xy{320, 14}, xy{320, 34}, xy{320, 64}, xy{320, 88}),
		line(true, xy{320, 34}, xy{272, 42}), line(true, xy{320, 34}, xy{368, 42}),
		line(true, xy{320, 88}, xy{262, 96}, xy{205, 100}, xy{165, 124}, xy{128, 168},
			xy{92, 222}, xy{100, 262}, xy{118, 306}, xy{168, 336}, xy{190, 372}, xy{240, 388},
			xy{300, 398}, xy{362, 396}, xy{410, 378}, xy{462, 356}, xy{505, 330}, xy{536, 296},
			xy{556, 262}, xy{540, 214}, xy{510, 178}, xy{470, 142}, xy{420, 108}, xy{378, 98},
			xy{320, 88}),
		line(true, xy{320, 88}, xy{322, 130}, xy{326, 168}, xy{322, 206}, xy{320, 240},
			xy{314, 290}, xy{308, 334}, xy{300, 398}),
		line(true, xy{92, 222}, xy{150, 228}, xy{205, 232}, xy{262, 238}, xy{320, 240}),
		line(true, xy{320, 240}, xy{378, 244}, xy{430, 250}, xy{490, 254}, xy{556, 262}),
		line(false, xy{430, 250}, xy{432, 300}, xy{424, 342}, xy{410, 378}),
		line(false, xy{205, 232}, xy{196, 282}, xy{192, 330}, xy{190, 372}),
		line(true, xy{556, 262}, xy{596, 252}, xy{622, 246}, xy{636, 246}),
		line(true, xy{622, 246}, xy{626, 226}, xy{636, 212}),
		line(true, xy{240, 388}, xy{236, 368}), line(true, xy{536, 296}, xy{566, 300}),
		line(true, xy{326, 168}, xy{372, 166}, xy{420, 168}, xy{470, 142}),
		line(true, xy{326, 168}, xy{282, 166}, xy{226, 152}, xy{165, 124}),
	}
}
