package qr

import (
	"fmt"
	"html"
	"strings"
)

// SVG returns the symbol as one svg element. The title is what a screen reader says and what a
// pointer shows; it is escaped here. The element has a viewBox and no size: the page gives one.
func (s *Symbol) SVG(title string) string {
	width, height := s.width+2*s.side, s.height+2*s.above
	text := html.EscapeString(title)

	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" `+
		`aria-label="%s" shape-rendering="crispEdges"><title>%s</title>`, width, height, text, text)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="#fff"/>`, width, height)
	b.WriteString(`<path fill="#000" d="`)
	for y := 0; y < s.height; y += s.band {
		s.row(&b, y)
	}
	b.WriteString(`"/></svg>`)
	return b.String()
}

// row draws the dark runs of row y as boxes, as high as the band.
func (s *Symbol) row(b *strings.Builder, y int) {
	for x := 0; x < s.width; x++ {
		if !s.Dark(x, y) {
			continue
		}
		run := 1
		for s.Dark(x+run, y) {
			run++
		}
		fmt.Fprintf(b, "M%d %dh%dv%dh-%dz", x+s.side, y+s.above, run, s.band, run)
		x += run
	}
}
