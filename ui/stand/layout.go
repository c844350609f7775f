package stand

import (
	"strconv"

	"watari/kit/qr"
)

// colour is red, green and blue, 0 to 255.
type colour struct{ r, g, b int }

// The colours of the network's look. The code alone is black, which printers draw with one ink
// and scanners see best.
var (
	indigo    = colour{0x1b, 0x3a, 0x6b}
	vermilion = colour{0xd7, 0x50, 0x3a}
	paper     = colour{0xfa, 0xf8, 0xf4}
	ink       = colour{0x1c, 0x1c, 0x1e}
	faint     = colour{0x5f, 0x5f, 0x66}
	mist      = colour{0x9f, 0xb2, 0xd2}
	white     = colour{0xff, 0xff, 0xff}
	black     = colour{}
)

// canvas is what a stand is drawn on, in millimetres from its top left corner.
type canvas interface {
	fill(p path, c colour)
	stroke(p path, width float64, c colour)
	text(x, baseline, size float64, pieces []piece, c colour) error
	code(s *qr.Symbol, x, y, size float64)
}

// Point is the size of type that printers speak of, in millimetres.
const point = 25.4 / 72

// The parts of an A6 stand, in millimetres from its top. A5 is the same, larger.
const (
	a6Width, a6Height = 105, 148

	margin     = 7
	bandBottom = 25.3
	nameTop    = 28.4
	nameHeight = 14.8
	codeTop    = 46
	codeSize   = 66 // its quiet zone included
	labelLine  = 117
	walletsTop = 117.9
	walletsEnd = 126.1
	howLine    = 130.2
	howStep    = 3.15
	footLine   = 144.4
)

// drawing is one stand being drawn.
type drawing struct {
	canvas
	*typeface
	k     float64 // of A6
	drop  float64 // what the height has beyond the proportions of A6, above the foot
	stand Stand
}

// draw draws a stand. Everything is measured before, so that it stops only for characters that no
// font has and a code that is too long.
func (s Stand) draw(on canvas, t *typeface) error {
	symbol, err := qr.QR(s.Code)
	if err != nil {
		return ErrNoCode.Newf("the text of the code cannot be drawn").Because(err)
	}
	width, height := s.Size.millimetres()
	d := drawing{canvas: on, typeface: t, k: width / a6Width, stand: s}
	d.drop = height - a6Height*d.k
	d.fill(box(0, 0, width, height, 0), paper)
	for _, part := range []func() error{d.band, d.name, d.wallets, d.how, d.foot} {
		if err := part(); err != nil {
			return err
		}
	}
	d.frame(symbol)
	return nil
}

// band is the head that a visitor sees from afar.
func (d *drawing) band() error {
	k := d.k
	var water path
	const length, waves = 15.0, 7
	water.move(0, 0)
	water.line(a6Width*k, 0)
	water.line(a6Width*k, bandBottom*k)
	for i := range waves {
		x, sign := (a6Width-float64(i)*length)*k, 2.0*k
		if i%2 == 1 {
			sign = -sign
		}
		water.curve(x-length*k/3, bandBottom*k+sign, x-length*k*2/3, bandBottom*k+sign,
			x-length*k, bandBottom*k)
	}
	water.close()
	d.fill(water, indigo)
	var ripple path
	wave(&ripple, -length*k/2, (bandBottom+1.9)*k, length*k, 1.6*k, waves+1)
	d.stroke(ripple, 0.35*k, mist)

	for _, line := range []struct {
		lang           string
		baseline, size float64
	}{{"ja", 9.4, 17}, {"en", 16.2, 17}} {
		if err := d.centred(said(line.lang).Scan, line.baseline, line.size, bold,
			script(line.lang), white); err != nil {
			return err
		}
	}
	return d.row([]string{"zh-Hans", "ko"}, func(w words) string { return w.Scan }, 21.9, 10.5,
		bold, white)
}

// name is the shop's, as it calls itself, and for visitors below.
func (d *drawing) name() error {
	large, small := d.stand.NameJA, d.stand.Name
	if large == "" || large == small {
		large, small = small, ""
	}
	const below = 4.9
	height := nameHeight
	if small != "" {
		height -= below
	}
	b, err := d.fit(large, d.scaled(fitting{width: a6Width - 2*margin, height: height,
		most: 19 * point, least: 7.2 * point, fine: 12 * point, weight: bold}))
	if err != nil {
		return err
	}
	if err := d.block(b, nameTop, height, indigo); err != nil || small == "" {
		return err
	}
	b, err = d.fit(small, d.scaled(fitting{width: a6Width - 2*margin, height: below,
		most: 10 * point, least: 5.5 * point, fine: 6.5 * point, weight: bold}))
	if err != nil {
		return err
	}
	return d.block(b, nameTop+height, below, faint)
}

// frame is the code on white, with the corners of a finder around it.
func (d *drawing) frame(symbol *qr.Symbol) {
	k := d.k
	x, y, size := (a6Width-codeSize)/2*k, codeTop*k+d.drop/2, codeSize*k
	d.fill(box(x, y, size, size, 1.5*k), white)
	const away, arm, bend = 1.5, 11.0, 3.0
	for _, c := range [][2]float64{{1, 1}, {-1, 1}, {1, -1}, {-1, -1}} {
		cx, cy := x-away*k, y-away*k
		if c[0] < 0 {
			cx = x + size + away*k
		}
		if c[1] < 0 {
			cy = y + size + away*k
		}
		d.stroke(corner(cx, cy, arm*k, bend*k, c[0], c[1]), 1.5*k, vermilion)
	}
	d.code(symbol, x, y, size)
}

// wallets says in words with what one can pay.
func (d *drawing) wallets() error {
	if len(d.stand.Wallets) == 0 {
		return nil
	}
	err := d.row(languages, func(w words) string { return w.Wallets }, labelLine, 6, medium, faint)
	if err != nil {
		return err
	}
	f := d.scaled(fitting{width: a6Width - 2*margin, height: walletsEnd - walletsTop,
		most: 11 * point, least: 6 * point, weight: bold})
	for n := len(d.stand.Wallets); n > 0; n-- {
		b, ok, err := d.list(d.stand.Wallets[:n], len(d.stand.Wallets)-n, f)
		if err != nil {
			return err
		}
		if ok {
			return d.block(b, walletsTop, walletsEnd-walletsTop, ink)
		}
	}
	return nil
}

// list sets names on a few lines, none of them broken; more is how many were left out.
func (d *drawing) list(names []string, more int, f fitting) (block, bool, error) {
	var units []unit
	for i, name := range names {
		if i < len(names)-1 || more > 0 {
			name += " ·"
		}
		units = append(units, unit{text: name, space: true})
	}
	if more > 0 {
		units = append(units, unit{text: "+" + strconv.Itoa(more)})
	}
	for size := f.most; size >= f.least; size -= sizeStep {
		if b, ok, err := d.try(units, f, size); ok || err != nil {
			return b, ok, err
		}
	}
	return block{}, false, nil
}

// how says what to do, once in each language.
func (d *drawing) how() error {
	for i, lang := range languages {
		line := howLine + float64(i)*howStep
		err := d.centred(said(lang).How, line, 6.6, medium, script(lang), ink)
		if err != nil {
			return err
		}
	}
	return nil
}

// foot is what the shop tells its bank when something is wrong.
func (d *drawing) foot() error {
	k := d.k
	const size, scale = 5.4 * point, 0.17
	for i, p := range bridge() {
		shades := []colour{indigo, vermilion, mist}
		d.stroke(p.moved(scale*k, margin*k, (footLine-4.1)*k+d.drop), 0.45*k, shades[i])
	}
	text := said("ja").Store + " " + said("en").Store + " " + d.stand.Reference
	if d.stand.Bank != "" {
		text += " · " + d.stand.Bank
	}
	b, err := d.fit(text, d.scaled(fitting{width: a6Width - 2*margin - 8, height: size * leading,
		most: size, least: 4 * point, weight: bold}))
	if err != nil || len(b.lines) == 0 {
		return err
	}
	return d.text((a6Width-margin)*k-b.widths[0], footLine*k+d.drop, b.size, b.lines[0], faint)
}

// scaled is a box of A6 in the size of this stand.
func (d *drawing) scaled(f fitting) fitting {
	f.width *= d.k
	f.height *= d.k
	f.most *= d.k
	f.least *= d.k
	f.fine *= d.k
	return f
}

// block centres fitted lines in a box of A6 from top on. What stands above the code stays at the
// top, what stands below goes down with it.
func (d *drawing) block(b block, top, height float64, c colour) error {
	const capital = 0.38 // from the middle of a line down to its baseline, of the size
	y := (top+height/2)*d.k + d.dropAt(top) - b.size*leading*float64(len(b.lines)-1)/2
	for i, line := range b.lines {
		x := (a6Width*d.k - b.widths[i]) / 2
		if err := d.text(x, y+capital*b.size, b.size, line, c); err != nil {
			return err
		}
		y += b.size * leading
	}
	return nil
}

func (d *drawing) dropAt(top float64) float64 {
	if top < codeTop {
		return 0
	}
	return d.drop * 3 / 4
}

// centred sets one line of fixed text, as large as given or as fits.
func (d *drawing) centred(
	text string, baseline, points float64, w weight, script int, c colour,
) error {
	pieces, err := d.shape(text, w, script)
	if err != nil {
		return err
	}
	width := 0.0
	for _, p := range pieces {
		width += p.width
	}
	size := min(points*point, (a6Width-2*margin)/width) * d.k
	return d.text((a6Width*d.k-width*size)/2, baseline*d.k+d.dropAt(baseline), size, pieces, c)
}

// row sets one text in several languages beside each other.
func (d *drawing) row(
	langs []string, of func(words) string, baseline, points float64, w weight, c colour,
) error {
	const gap = 1.3 // ems on either side of the dot
	var parts [][]piece
	var widths []float64
	sum := -2 * gap
	for _, lang := range langs {
		pieces, err := d.shape(of(said(lang)), w, script(lang))
		if err != nil {
			return err
		}
		width := 0.0
		for _, p := range pieces {
			width += p.width
		}
		parts, widths = append(parts, pieces), append(widths, width)
		sum += width + 2*gap
	}
	size := min(points*point, (a6Width-2*margin)/sum) * d.k
	x, y := (a6Width*d.k-sum*size)/2, baseline*d.k+d.dropAt(baseline)
	for i, pieces := range parts {
		if err := d.text(x, y, size, pieces, c); err != nil {
			return err
		}
		x += (widths[i] + gap) * size
		if i < len(parts)-1 {
			r := 0.12 * size
			d.fill(box(x-r, y-0.36*size-r, 2*r, 2*r, r), c)
		}
		x += gap * size
	}
	return nil
}
