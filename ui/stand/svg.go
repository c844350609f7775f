package stand

import (
	"bytes"
	"fmt"
	"html"
	"strings"

	"watari/kit/qr"
)

// svg is a canvas that writes one SVG element.
type svg struct{ b bytes.Buffer }

// newSVG begins the picture of a stand, which says in words what is on it.
func newSVG(s Stand) *svg {
	width, height := s.Size.millimetres()
	names := s.NameJA
	if names == "" || s.Name != "" && s.Name != names {
		names = strings.TrimSpace(names + " " + s.Name)
	}
	title := html.EscapeString(said("ja").Scan + " · " + said("en").Scan + ": " + names)
	about := html.EscapeString(said("en").Wallets + ": " + strings.Join(s.Wallets, ", ") + ". " +
		said("en").How + " " + said("en").Store + " " + s.Reference + " " + s.Bank)
	out := &svg{}
	fmt.Fprintf(&out.b, `<svg xmlns="http://www.w3.org/2000/svg" width="%gmm" height="%gmm" `+
		`viewBox="0 0 %g %g" role="img" aria-labelledby="stand-title stand-about">`+
		`<title id="stand-title">%s</title><desc id="stand-about">%s</desc>`,
		width, height, width, height, title, about)
	return out
}

func (s *svg) end() []byte {
	s.b.WriteString("</svg>\n")
	return s.b.Bytes()
}

func hex(c colour) string { return fmt.Sprintf("#%02x%02x%02x", c.r, c.g, c.b) }

func (s *svg) fill(p path, c colour) {
	fmt.Fprintf(&s.b, `<path fill="%s" d="%s"/>`, hex(c), p.svg())
}

func (s *svg) stroke(p path, width float64, c colour) {
	fmt.Fprintf(&s.b, `<path fill="none" stroke="%s" stroke-width="%s" stroke-linecap="round" `+
		`stroke-linejoin="round" d="%s"/>`, hex(c), appendNumber(nil, width), p.svg())
}

// text draws outlines on a grid of a thousandth of an em.
func (s *svg) text(x, baseline, size float64, pieces []piece, c colour) error {
	const grid = 1000
	var line path
	at := 0.0
	for _, p := range pieces {
		for _, r := range p.text {
			g, err := p.face.glyph(r)
			if err != nil {
				return err
			}
			line = append(line, g.outline.moved(grid, at*grid, 0)...)
			at += g.advance
		}
	}
	fmt.Fprintf(&s.b, `<path fill="%s" transform="translate(%s %s) scale(%.6f)" d="`, hex(c),
		appendNumber(nil, x), appendNumber(nil, baseline), size/grid)
	s.b.Write(line.rounded())
	s.b.WriteString(`"/>`)
	return nil
}

// code draws runs of modules, each row without a seam to the next.
func (s *svg) code(symbol *qr.Symbol, x, y, size float64) {
	module := size / quietModules(symbol)
	fmt.Fprintf(&s.b, `<path fill="%s" transform="translate(%s %s) scale(%.6f)" `+
		`shape-rendering="crispEdges" d="`, hex(black), appendNumber(nil, x), appendNumber(nil, y),
		module)
	runs(symbol, func(x, y, w int) {
		fmt.Fprintf(&s.b, "M%d %dh%dv1h-%dz", x, y, w, w)
	})
	s.b.WriteString(`"/>`)
}

// quiet is the light border of a QR code, in modules (ISO/IEC 18004).
const quiet = 4

// quietModules is the width of a code with its quiet zone, in modules.
func quietModules(s *qr.Symbol) float64 {
	width, _ := s.Size()
	return float64(width + 2*quiet)
}

// runs gives the dark runs of a code, the quiet zone counted in.
func runs(s *qr.Symbol, each func(x, y, w int)) {
	width, height := s.Size()
	for y := range height {
		for x := 0; x < width; x++ {
			run := 0
			for s.Dark(x+run, y) {
				run++
			}
			if run > 0 {
				each(x+quiet, y+quiet, run)
				x += run
			}
		}
	}
}

// svg writes the path with three decimals.
func (p path) svg() string {
	var b []byte
	pair := func(x, y float64) {
		b = appendNumber(b, x)
		b = append(b, ' ')
		b = appendNumber(b, y)
	}
	for _, t := range p {
		b = append(b, t.op)
		switch t.op {
		case 'C':
			pair(t.ax, t.ay)
			b = append(b, ' ')
			pair(t.bx, t.by)
			b = append(b, ' ')
			pair(t.x, t.y)
		case 'M', 'L':
			pair(t.x, t.y)
		}
	}
	return string(b)
}

// rounded writes the path in whole numbers, each step from the end of the one before.
func (p path) rounded() []byte {
	var b []byte
	var fromX, fromY, startX, startY int
	whole := func(v float64) int {
		if v < 0 {
			return int(v - 0.5)
		}
		return int(v + 0.5)
	}
	pair := func(x, y float64, sep bool) {
		b = appendStep(b, whole(x)-fromX, sep)
		b = appendStep(b, whole(y)-fromY, true)
	}
	for _, t := range p {
		if t.op == 'Z' {
			b = append(b, 'z')
			fromX, fromY = startX, startY
			continue
		}
		b = append(b, t.op+'a'-'A')
		if t.op == 'C' {
			pair(t.ax, t.ay, false)
			pair(t.bx, t.by, true)
		}
		pair(t.x, t.y, t.op == 'C')
		fromX, fromY = whole(t.x), whole(t.y)
		if t.op == 'M' {
			startX, startY = fromX, fromY
		}
	}
	return b
}

// appendStep writes a whole number; a minus parts it from the one before as well as a space.
func appendStep(b []byte, v int, sep bool) []byte {
	if sep && v >= 0 {
		b = append(b, ' ')
	}
	return fmt.Appendf(b, "%d", v)
}
