package stand

import (
	"strconv"
)

// step is one part of an outline: a move or a line to (x, y), or a cubic curve to it.
type step struct {
	op             byte // 'M', 'L', 'C' or 'Z', as in SVG
	ax, ay, bx, by float64
	x, y           float64
}

// path is an outline, y downward.
type path []step

func (p *path) move(x, y float64) { *p = append(*p, step{op: 'M', x: x, y: y}) }
func (p *path) line(x, y float64) { *p = append(*p, step{op: 'L', x: x, y: y}) }
func (p *path) close()            { *p = append(*p, step{op: 'Z'}) }
func (p *path) curve(ax, ay, bx, by, x, y float64) {
	*p = append(*p, step{op: 'C', ax: ax, ay: ay, bx: bx, by: by, x: x, y: y})
}

// end is where the last step ended.
func (p path) end() (x, y float64) {
	for i := len(p) - 1; i >= 0; i-- {
		if p[i].op != 'Z' {
			return p[i].x, p[i].y
		}
	}
	return 0, 0
}

// quad adds a quadratic curve, by the cubic one that is the same.
func (p *path) quad(ax, ay, x, y float64) {
	fx, fy := p.end()
	p.curve(fx+(ax-fx)*2/3, fy+(ay-fy)*2/3, x+(ax-x)*2/3, y+(ay-y)*2/3, x, y)
}

// moved returns the path scaled by s and then moved by (dx, dy).
func (p path) moved(s, dx, dy float64) path {
	out := make(path, len(p))
	for i, t := range p {
		out[i] = step{t.op, t.ax*s + dx, t.ay*s + dy, t.bx*s + dx, t.by*s + dy, t.x*s + dx,
			t.y*s + dy}
	}
	return out
}

// box is a rectangle with corners of radius r.
func box(x, y, w, h, r float64) path {
	const round = 0.5523 // of a quarter circle by a cubic curve
	var p path
	if r == 0 {
		p.move(x, y)
		p.line(x+w, y)
		p.line(x+w, y+h)
		p.line(x, y+h)
		p.close()
		return p
	}
	c := r * (1 - round)
	p.move(x+r, y)
	p.line(x+w-r, y)
	p.curve(x+w-c, y, x+w, y+c, x+w, y+r)
	p.line(x+w, y+h-r)
	p.curve(x+w, y+h-c, x+w-c, y+h, x+w-r, y+h)
	p.line(x+r, y+h)
	p.curve(x+c, y+h, x, y+h-c, x, y+h-r)
	p.line(x, y+r)
	p.curve(x, y+c, x+c, y, x+r, y)
	p.close()
	return p
}

// corner is the bracket around one corner of a frame: arms of length a, bent with radius r, from
// (x, y) inwards by the signs sx and sy.
func corner(x, y, a, r, sx, sy float64) path {
	const round = 0.5523
	var p path
	c := r * (1 - round)
	p.move(x, y+sy*a)
	p.line(x, y+sy*r)
	p.curve(x, y+sy*c, x+sx*c, y, x+sx*r, y)
	p.line(x+sx*a, y)
	return p
}

// bridge is the sign of the network on a grid of 32, line by line, as ui/theme draws it.
func bridge() []path {
	var arch, posts, near, far path
	arch.move(3, 15)
	arch.curve(7, 7, 25, 7, 29, 15)
	for _, post := range [][3]float64{{9.5, 12, 17}, {16, 9.4, 17}, {22.5, 12, 17}} {
		posts.move(post[0], post[1])
		posts.line(post[0], post[2])
	}
	wave(&near, 4, 22, 6, 1.7, 4)
	wave(&far, 9, 27, 5, 1.4, 3)
	return []path{append(arch, posts...), near, far}
}

// wave adds n waves of a length and a height from (x, y) to the right.
func wave(p *path, x, y, length, height float64, n int) {
	p.move(x, y)
	for i := range n {
		sign := -height
		if i%2 == 1 {
			sign = height
		}
		p.curve(x+length/3, y+sign, x+length*2/3, y+sign, x+length, y)
		x += length
	}
}

// appendNumber writes a length with at most three decimals, without what says nothing.
func appendNumber(b []byte, v float64) []byte {
	at := len(b)
	b = strconv.AppendFloat(b, v, 'f', 3, 64)
	for b[len(b)-1] == '0' {
		b = b[:len(b)-1]
	}
	if b[len(b)-1] == '.' {
		b = b[:len(b)-1]
	}
	if string(b[at:]) == "-0" {
		return append(b[:at], '0')
	}
	return b
}
