package stand

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/go-pdf/fpdf"

	"watari/kit/clock"
	"watari/kit/qr"
)

// pdf is a canvas that writes the pages of one PDF file.
type pdf struct {
	doc    *fpdf.Fpdf
	known  map[*face]bool
	x, y   float64 // of the stand on its page, in millimetres
	height float64 // of the page
	cells  int     // stands on the sheet so far
	size   Size    // of those on the sheet

	right, bottom float64 // where the stands of the sheet end; 0 before the first
}

// newPDF begins a file.
func newPDF(t *typeface) *pdf {
	doc := fpdf.New("P", "mm", "A4", "")
	doc.SetCompression(true)
	doc.SetAutoPageBreak(false, 0)
	doc.SetCreator("Watari", true)
	doc.SetLang("ja")
	doc.SetDisplayMode("fullpage", "single")
	now := clock.Now().In(clock.JST)
	doc.SetCreationDate(now)
	doc.SetModificationDate(now)
	return &pdf{doc: doc, known: map[*face]bool{}}
}

// page begins a page for one stand.
func (p *pdf) page(s Size) {
	width, height := s.millimetres()
	p.doc.AddPageFormat("P", fpdf.SizeType{Wd: width, Ht: height})
	p.x, p.y, p.height = 0, 0, height
}

// A4 paper, in millimetres.
const a4Short, a4Long = 210.0, 297.0

// cell goes to the next place on a sheet: two rows of two A6, or two A5 beside each other.
func (p *pdf) cell(s Size) {
	width, height := s.millimetres()
	across, down, orientation, pageHeight := 2, 2, "P", a4Long
	if s == A5 {
		down, orientation, pageHeight = 1, "L", a4Short
	}
	if p.cells == across*down || p.size != s {
		p.cells = 0
	}
	if p.cells == 0 {
		p.cut()
		p.doc.AddPageFormat(orientation, fpdf.SizeType{Wd: a4Short, Ht: a4Long})
		p.size, p.height = s, pageHeight
	}
	p.x = float64(p.cells%across) * width
	p.y = float64(p.cells/across) * height
	p.cells++
	p.right, p.bottom = float64(across)*width, float64(down)*height
}

// cut draws the lines to cut along over the sheet that is full, in a shade that shows on the band
// as well as on paper. The paper is a millimetre larger than the stands on it.
func (p *pdf) cut() {
	if p.right == 0 {
		return
	}
	width, height := p.size.millimetres()
	p.x, p.y = 0, 0
	var lines path
	for x := width; x <= p.right; x += width {
		lines.move(x, 0)
		lines.line(x, p.bottom)
	}
	for y := height; y <= p.bottom; y += height {
		lines.move(0, y)
		lines.line(p.right, y)
	}
	p.stroke(lines, 0.12, mist)
}

// end writes the file.
func (p *pdf) end(stands []Stand) ([]byte, error) {
	p.cut()
	title := "QR stands"
	if len(stands) == 1 {
		title = strings.TrimSpace("QR stand " + plain(stands[0].Name) + " " +
			plain(stands[0].Reference))
	}
	p.doc.SetTitle(title, true)
	var b bytes.Buffer
	if err := p.doc.Output(&b); err != nil {
		return nil, fmt.Errorf("write PDF: %w", err)
	}
	return b.Bytes(), nil
}

// ops writes operators of a page (ISO 32000-1, 8.2) between a saved and a restored state, with
// the stand's top left corner as origin, in millimetres, y downward.
func (p *pdf) ops(write func(b []byte) []byte) {
	const unit = 1 / point
	b := append([]byte(nil), "q "...)
	for _, v := range []float64{unit, 0, 0, -unit, p.x * unit, (p.height - p.y) * unit} {
		b = append(strconv.AppendFloat(b, v, 'f', 5, 64), ' ')
	}
	b = write(append(b, "cm\n"...))
	p.doc.RawWriteStr(string(append(b, 'Q')))
}

func appendColour(b []byte, c colour, op string) []byte {
	if c == black {
		return append(b, "0 g\n"...)
	}
	for _, v := range []int{c.r, c.g, c.b} {
		b = append(appendNumber(b, float64(v)/255), ' ')
	}
	return append(append(b, op...), '\n')
}

func (p *pdf) fill(shape path, c colour) {
	p.ops(func(b []byte) []byte {
		return append(shape.pdf(appendColour(b, c, "rg")), "f\n"...)
	})
}

func (p *pdf) stroke(line path, width float64, c colour) {
	p.ops(func(b []byte) []byte {
		b = append(appendColour(b, c, "RG"), "1 J 1 j "...)
		b = append(appendNumber(b, width), " w\n"...)
		return append(line.pdf(b), "S\n"...)
	})
}

// pdf appends the path's operators.
func (p path) pdf(b []byte) []byte {
	pair := func(x, y float64) {
		b = append(appendNumber(b, x), ' ')
		b = append(appendNumber(b, y), ' ')
	}
	for _, t := range p {
		switch t.op {
		case 'M':
			pair(t.x, t.y)
			b = append(b, "m\n"...)
		case 'L':
			pair(t.x, t.y)
			b = append(b, "l\n"...)
		case 'C':
			pair(t.ax, t.ay)
			pair(t.bx, t.by)
			pair(t.x, t.y)
			b = append(b, "c\n"...)
		case 'Z':
			b = append(b, "h\n"...)
		}
	}
	return b
}

// text writes text that can be selected. fpdf knows the first 65,536 characters; a piece with
// another, 𠮷 in a name for example, is drawn by its outlines.
func (p *pdf) text(x, baseline, size float64, pieces []piece, c colour) error {
	for _, part := range pieces {
		if strings.ContainsFunc(part.text, func(r rune) bool { return r > 0xffff }) {
			if err := p.outlines(x, baseline, size, part, c); err != nil {
				return err
			}
		} else {
			if !p.known[part.face] {
				// fpdf writes into what it is given.
				own := bytes.Clone(part.face.bytes)
				p.doc.AddUTF8FontFromBytes(part.face.name, "", own)
				p.known[part.face] = true
			}
			p.doc.SetFont(part.face.name, "", size/point)
			p.doc.SetTextColor(c.r, c.g, c.b)
			p.doc.Text(p.x+x, p.y+baseline, part.text)
		}
		x += part.width * size
	}
	return p.doc.Error()
}

func (p *pdf) outlines(x, baseline, size float64, part piece, c colour) error {
	for _, r := range part.text {
		g, err := part.face.glyph(r)
		if err != nil {
			return err
		}
		p.fill(g.outline.moved(size, x, baseline), c)
		x += g.advance * size
	}
	return nil
}

// code fills all modules at once, so that no seam shows between them.
func (p *pdf) code(symbol *qr.Symbol, x, y, size float64) {
	module := size / quietModules(symbol)
	p.ops(func(b []byte) []byte {
		b = fmt.Appendf(appendColour(b, black, "rg"), "%.6f 0 0 %.6f %.4f %.4f cm\n", module,
			module, x, y)
		runs(symbol, func(x, y, w int) {
			b = fmt.Appendf(b, "%d %d %d 1 re\n", x, y, w)
		})
		return append(b, "f\n"...)
	})
}
