package stand

import (
	"compress/gzip"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// fontFiles are made by ui/web/fonts.mjs; without it there is only a placeholder.
//
//go:embed all:fonts
var fontFiles embed.FS

// weight is how heavy text is.
type weight int

const (
	medium weight = iota
	bold
)

// face is one font. It is safe for concurrent use.
type face struct {
	name  string // of its file
	bytes []byte
	font  *sfnt.Font
	em    fixed.Int26_6 // units of an em

	mu     sync.Mutex
	buffer sfnt.Buffer
	glyphs map[rune]glyph
}

// glyph is a character's outline and width, in ems.
type glyph struct {
	there   bool
	advance float64
	outline path
}

// typeface is what a stand is set in, in the order in which a character is looked for.
type typeface struct{ weights [2][]*face }

// typefaces reads the fonts at the first call: a program that prints nothing keeps none.
var typefaces = sync.OnceValues(func() (*typeface, error) {
	var t typeface
	for w, number := range map[weight]string{medium: "500", bold: "700"} {
		for _, script := range []string{"JP", "SC", "KR"} {
			f, err := openFace(script + "-" + number)
			if err != nil {
				return nil, err
			}
			t.weights[w] = append(t.weights[w], f)
		}
	}
	return &t, nil
})

// Built tells whether the program has the fonts in it: make assets puts them there.
func Built() bool {
	_, err := fs.Stat(fontFiles, "fonts/KR-700.ttf.gz") // the last to be written
	return err == nil
}

func openFace(name string) (*face, error) {
	packed, err := fontFiles.Open("fonts/" + name + ".ttf.gz")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrFonts.Newf("the program was built without its fonts")
	}
	if err != nil {
		return nil, err
	}
	unpacked, err := gzip.NewReader(packed)
	if err != nil {
		return nil, fmt.Errorf("unpack font %s: %w", name, err)
	}
	raw, err := io.ReadAll(unpacked)
	if err != nil {
		return nil, fmt.Errorf("unpack font %s: %w", name, err)
	}
	parsed, err := sfnt.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("read font %s: %w", name, err)
	}
	return &face{name: name, bytes: raw, font: parsed, em: fixed.I(int(parsed.UnitsPerEm())),
		glyphs: map[rune]glyph{}}, nil
}

// glyph finds a character; there is false when the font does not have it.
func (f *face) glyph(r rune) (glyph, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if g, ok := f.glyphs[r]; ok {
		return g, nil
	}
	g, err := f.read(r)
	if err != nil {
		return glyph{}, fmt.Errorf("read U+%04X of font %s: %w", r, f.name, err)
	}
	f.glyphs[r] = g
	return g, nil
}

func (f *face) read(r rune) (glyph, error) {
	index, err := f.font.GlyphIndex(&f.buffer, r)
	if err != nil || index == 0 {
		return glyph{}, err
	}
	advance, err := f.font.GlyphAdvance(&f.buffer, index, f.em, font.HintingNone)
	if err != nil {
		return glyph{}, err
	}
	segments, err := f.font.LoadGlyph(&f.buffer, index, f.em, nil)
	if err != nil {
		return glyph{}, err
	}
	em := float64(f.em)
	at := func(p fixed.Point26_6) (x, y float64) { return float64(p.X) / em, float64(p.Y) / em }
	g := glyph{there: true, advance: float64(advance) / em}
	for i, s := range segments {
		x, y := at(s.Args[0])
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			if i > 0 {
				g.outline.close()
			}
			g.outline.move(x, y)
		case sfnt.SegmentOpLineTo:
			g.outline.line(x, y)
		case sfnt.SegmentOpQuadTo:
			bx, by := at(s.Args[1])
			g.outline.quad(x, y, bx, by)
		case sfnt.SegmentOpCubeTo:
			bx, by := at(s.Args[1])
			cx, cy := at(s.Args[2])
			g.outline.curve(x, y, bx, by, cx, cy)
		}
	}
	if len(segments) > 0 {
		g.outline.close()
	}
	return g, nil
}

// piece is a part of a line that one font has.
type piece struct {
	face  *face
	text  string
	width float64 // in ems
}

// shape parts a line into pieces by fonts. script is where to look first: 0 Japanese, 1 Chinese,
// 2 Korean.
//
// Errors: ErrUndrawable with the first character that no font has.
func (t *typeface) shape(text string, w weight, script int) ([]piece, error) {
	var all []piece
	for _, r := range text {
		f, g, err := t.find(r, w, script)
		if err != nil {
			return nil, err
		}
		if len(all) == 0 || all[len(all)-1].face != f {
			all = append(all, piece{face: f})
		}
		last := &all[len(all)-1]
		last.text += string(r)
		last.width += g.advance
	}
	return all, nil
}

// find returns a character and the font that has it.
func (t *typeface) find(r rune, w weight, script int) (*face, glyph, error) {
	faces := t.weights[w]
	for i := range faces {
		f := faces[(i+script)%len(faces)]
		g, err := f.glyph(r)
		if err != nil || g.there {
			return f, g, err
		}
	}
	return nil, glyph{}, ErrUndrawable.Newf("no font has the character %q (U+%04X)", r, r)
}

// width measures a line, in ems.
func (t *typeface) width(text string, w weight, script int) (float64, error) {
	pieces, err := t.shape(text, w, script)
	sum := 0.0
	for _, p := range pieces {
		sum += p.width
	}
	return sum, err
}
