package stand

import (
	"bytes"
	"crypto/sha256"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"watari/kit/fault"
	"watari/kit/qr"
)

// Goal: a visitor's phone reads the printout at arm's length (S1). Method: the real PDF, drawn with
// as many dots an inch as a phone's camera of 12 megapixels (4,000 dots over 70 degrees) sees of it
// from 60 cm, and from 85 cm for A5, turned and out of focus.
func TestPrintoutIsReadAtArmsLength(t *testing.T) {
	t.Parallel()
	if !needFonts(t) {
		return
	}
	for size, dpi := range map[Size]int{A6: 121, A5: 85} {
		s := tearoom(size)
		pdf, err := PDF([]Stand{s})
		if err != nil {
			t.Fatal(err)
		}
		page := printout(t, pdf, dpi)
		for _, c := range []struct{ degrees, sigma float64 }{{0, 0.4}, {8, 0.8}, {-30, 0.8}} {
			if got := scanned(t, held(page, c.degrees, c.sigma)); got != s.Code {
				t.Errorf("%s at %d dpi, %g°, blur %g: %s", size, dpi, c.degrees, c.sigma, got)
			}
		}
	}
}

// Goal: the code has its quiet zone of 4 modules in print (S1), whatever is around. Method: the
// border of the drawn code, as bright as paper.
func TestQuietZoneStaysLight(t *testing.T) {
	t.Parallel()
	if !needFonts(t) {
		return
	}
	s := tearoom(A6)
	pdf, err := PDF([]Stand{s})
	if err != nil {
		t.Fatal(err)
	}
	symbol, err := qr.QR(s.Code)
	if err != nil {
		t.Fatal(err)
	}
	const dpi, dots = 150, 150 / 25.4
	page := printout(t, pdf, dpi)
	left, top := (a6Width-codeSize)/2*dots, codeTop*dots
	module := codeSize / quietModules(symbol) * dots
	width, _ := symbol.Size()
	inner := float64(quiet)*module - 1.5
	for y := 2.0; y < codeSize*dots-2; y++ {
		for x := 2.0; x < codeSize*dots-2; x++ {
			far := float64(quiet+width)*module + 1.5
			if (x < inner || x > far || y < inner || y > far) &&
				page.GrayAt(int(left+x), int(top+y)).Y < 240 {
				t.Fatalf("dark at (%g, %g) of the code", x, y)
			}
		}
	}
}

// Goal: names are in Japanese forms, fixed texts in those of their language (S2). Method: which
// font each line is set in, and what a reader of the PDF selects.
func TestGlyphsAreOfTheirLanguage(t *testing.T) {
	t.Parallel()
	if !needFonts(t) {
		return
	}
	fonts, err := typefaces()
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{"骨直角 麺処": "JP-700", "ｶﾌｪ ヴ・Café №1": "JP-700",
		"𠮷野屋𩸽": "JP-700", "카카오": "KR-700"} {
		pieces, err := fonts.shape(text, bold, 0)
		if err != nil || len(pieces) != 1 || pieces[0].face.name != want {
			t.Errorf("%s: %+v, %v; want it all in %s", text, pieces, err, want)
		}
	}
	for lang, want := range map[string]string{"ja": "JP", "en": "JP", "zh-Hans": "SC", "ko": "KR"} {
		for _, text := range []string{said(lang).Scan, said(lang).Wallets, said(lang).How} {
			for _, w := range []weight{medium, bold} {
				if text == said(lang).How && w == bold {
					continue
				}
				pieces, err := fonts.shape(text, w, script(lang))
				if err != nil || len(pieces) != 1 || pieces[0].face.name[:2] != want {
					t.Errorf("%s: %q is set in %+v, %v", lang, text, pieces, err)
				}
			}
		}
	}
	s := tearoom(A6)
	s.NameJA, s.Wallets = "骨直角", append(s.Wallets, "카카오페이", "支付宝")
	pdf, err := PDF([]Stand{s})
	if err != nil {
		t.Fatal(err)
	}
	text := string(poppler(t, "pdftotext", pdf, "-layout", "FILE", "-"))
	for _, want := range []string{s.NameJA, s.Name, "Midori Pay", "카카오페이", "支付宝", s.Bank,
		"S-0001 · 0000001", said("ja").How, said("en").How, said("zh-Hans").How, said("ko").How,
		said("ja").Scan, said("en").Scan, said("zh-Hans").Scan, said("ko").Scan} {
		if !strings.Contains(text, want) {
			t.Errorf("the PDF does not say %q:\n%s", want, text)
		}
	}
}

// measured is a canvas that remembers where text is.
type measured struct {
	canvas
	lines []line
}

type line struct {
	text                     string
	left, right, top, bottom float64
}

func (m *measured) fill(path, colour)                  {}
func (m *measured) stroke(path, float64, colour)       {}
func (m *measured) code(_ *qr.Symbol, _, _, _ float64) {}

func (m *measured) text(x, baseline, size float64, pieces []piece, _ colour) error {
	l := line{left: x, right: x, top: baseline - 0.8*size, bottom: baseline + 0.12*size}
	for _, p := range pieces {
		l.right += p.width * size
		l.text += p.text
	}
	m.lines = append(m.lines, l)
	return nil
}

// Goal: whatever a shop and its wallets are called, text stays on the paper, off the code, and
// lines do not overlap (S3). Method: random names of up to 256 characters, measured.
func TestAnyNameFits(t *testing.T) {
	t.Parallel()
	if !needFonts(t) {
		return
	}
	fonts, err := typefaces()
	if err != nil {
		t.Fatal(err)
	}
	wallet := rapid.StringN(1, 40, -1).Filter(drawable(fonts))
	name := rapid.StringOfN(rapid.RuneFrom([]rune("あア漢字ー、。「」っ店 　 aBgW.-&'1骨直角𠮷")), 0, 256, -1)
	rapid.Check(t, func(rt *rapid.T) {
		s := Stand{Name: name.Draw(rt, "name"), NameJA: name.Draw(rt, "name_ja"), Code: "x",
			Wallets:   rapid.SliceOfN(wallet, 0, 60).Draw(rt, "wallets"),
			Reference: rapid.StringMatching(`[A-Za-z0-9_-]{1,64}`).Draw(rt, "reference"),
			Bank:      name.Draw(rt, "bank"),
			Size:      rapid.SampledFrom([]Size{A6, A5}).Draw(rt, "size")}.cleaned()
		var m measured
		if err := s.draw(&m, fonts); err != nil {
			rt.Fatal(err)
		}
		width, height := s.Size.millimetres()
		k := width / a6Width
		for i, a := range m.lines {
			onCode := a.bottom > (codeTop-2.3)*k && a.top < (codeTop+codeSize+2.3)*k
			if a.left < (margin-0.1)*k || a.right > width-(margin-0.1)*k || a.top < 0 ||
				a.bottom > height || onCode {
				rt.Errorf("%+v does not fit", a)
			}
			for _, b := range m.lines[:i] {
				if a.left < b.right && b.left < a.right && a.top < b.bottom-0.3*k &&
					b.top < a.bottom-0.3*k {
					rt.Errorf("%+v overlaps %+v", a, b)
				}
			}
		}
	})
}

// drawable tells whether a text can be set.
func drawable(t *typeface) func(string) bool {
	return func(s string) bool {
		_, err := t.shape(plain(s), bold, 0)
		return err == nil
	}
}

// Goal: a long name is broken where Japanese may be broken. Method: names of two lines.
func TestLinesBreakWhereTheyMay(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"飛騨の里 本店":       "飛|騨|の|里 |本|店",
		"カフェー「渡り」":      "カ|フェー|「渡|り」",
		"Soba & Co. 蕎麦": "Soba |& |Co. |蕎|麦",
	} {
		var parts []string
		for _, u := range unitsOf(text, true) {
			if u.space {
				u.text += " "
			}
			parts = append(parts, u.text)
		}
		if got := strings.Join(parts, "|"); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// Goal: the SVG needs nothing from elsewhere, says in words what it shows, and its code is the
// same (S4). Method: parse it; names with markup in them.
func TestSVGStandsAlone(t *testing.T) {
	t.Parallel()
	if !needFonts(t) {
		return
	}
	s := tearoom(A5)
	s.Name = `Sato <b> & "Sons"`
	raw, err := SVG(s)
	if err != nil {
		t.Fatal(err)
	}
	words := ""
	for d := xml.NewDecoder(bytes.NewReader(raw)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch e := token.(type) {
		case xml.CharData:
			words += string(e)
		case xml.StartElement:
			if n := e.Name.Local; n != "svg" && n != "path" && n != "title" && n != "desc" {
				t.Errorf("element %s", n)
			}
			for _, a := range e.Attr {
				if strings.Contains(a.Value, "url(") || a.Name.Local == "href" ||
					a.Name.Local == "style" {
					t.Errorf("attribute %s=%q", a.Name.Local, a.Value)
				}
			}
		}
	}
	for _, want := range []string{s.Name, s.NameJA, "Midori Pay", said("ja").Scan, s.Reference} {
		if !strings.Contains(words, want) {
			t.Errorf("the picture does not say %q: %s", want, words)
		}
	}
}

// Goal: a batch is one file with a page for each, in order; a sheet has four of A6 or two of A5 on
// a page (S5). Method: the text of each page.
func TestBatchIsOneFile(t *testing.T) {
	t.Parallel()
	if !needFonts(t) {
		return
	}
	var a6, a5 []Stand
	for i := range 9 {
		s := tearoom(A6)
		s.Reference = fmt.Sprintf("S-%d", i)
		a6 = append(a6, s)
		s.Size = A5
		a5 = append(a5, s)
	}
	for _, c := range []struct {
		what   string
		draw   func([]Stand) ([]byte, error)
		stands []Stand
		each   int
	}{{"pages", PDF, a6, 1}, {"A6 sheets", Sheet, a6, 4}, {"A5 sheets", Sheet, a5, 2}} {
		pdf, err := c.draw(c.stands)
		if err != nil {
			t.Fatal(err)
		}
		pages := strings.Split(strings.TrimSuffix(string(
			poppler(t, "pdftotext", pdf, "FILE", "-")), "\f"), "\f")
		if want := (len(c.stands) + c.each - 1) / c.each; len(pages) != want {
			t.Errorf("%s: %d pages, want %d", c.what, len(pages), want)
			continue
		}
		for i, s := range c.stands {
			if !strings.Contains(pages[i/c.each], s.Reference) {
				t.Errorf("%s: page %d does not have %s", c.what, i/c.each+1, s.Reference)
			}
		}
	}
}

// Goal: what cannot be printed is refused with its place, and nothing is printed (S6). Method: no
// stand, too many, a character that no font has, a code that is too long.
func TestUndrawableIsRefused(t *testing.T) {
	t.Parallel()
	if !needFonts(t) {
		return
	}
	emoji, long := tearoom(A6), tearoom(A6)
	emoji.Name, long.Code = "Soba 🍜", strings.Repeat("x", 2000)
	for _, c := range []struct {
		stands  []Stand
		problem *fault.Problem
		place   string
	}{
		{nil, ErrTooMany, ""}, {make([]Stand, BatchMax+1), ErrTooMany, ""},
		{[]Stand{tearoom(A6), emoji}, ErrUndrawable, "/stores/1"},
		{[]Stand{long}, ErrNoCode, "/stores/0"},
	} {
		pdf, err := PDF(c.stands)
		var refused *fault.Error
		if pdf != nil || !errors.Is(err, c.problem) || !errors.As(err, &refused) {
			t.Errorf("%d stands: %v, want %s", len(c.stands), err, c.problem.Slug)
			continue
		}
		if c.place != "" && (len(refused.Fields) != 1 || refused.Fields[0].Pointer != c.place) {
			t.Errorf("%s is at %+v, want %s", c.problem.Slug, refused.Fields, c.place)
		}
	}
}

// Goal: many may print at once and the fonts stay as they are. Method: files drawn side by side,
// the fonts' hashes before and after.
func TestFontsAreShared(t *testing.T) {
	t.Parallel()
	if !needFonts(t) {
		return
	}
	fonts, err := typefaces()
	if err != nil {
		t.Fatal(err)
	}
	sum := func() (all string) {
		for _, faces := range fonts.weights {
			for _, f := range faces {
				all += fmt.Sprintf("%x", sha256.Sum256(f.bytes))
			}
		}
		return all
	}
	before := sum()
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if _, err := PDF([]Stand{tearoom(A6)}); err != nil {
				t.Error(err)
			}
			if _, err := SVG(tearoom(A5)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if sum() != before {
		t.Error("a font has changed")
	}
}

// BenchmarkPDF measures one stand and a batch of 300 shops with names of their own.
func BenchmarkPDF(b *testing.B) {
	if !needFonts(b) {
		return
	}
	kanji := []rune("飛騨高山温泉蕎麦亭桜梅松竹鶴亀旅館酒造屋本町橋川海山花月風雪東西南北")
	for _, n := range []int{1, 300} {
		stands := make([]Stand, n)
		for i := range stands {
			stands[i] = tearoom(A6)
			stands[i].NameJA = string([]rune{kanji[i%31], kanji[i%23], kanji[i%19]}) + "商店"
			stands[i].Reference = fmt.Sprintf("S-%04d", i)
			stands[i].Code = strings.Replace(stands[i].Code, "0000001", fmt.Sprintf("%07d", i), 1)
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			size := 0
			for b.Loop() {
				pdf, err := PDF(stands)
				if err != nil {
					b.Fatal(err)
				}
				size = len(pdf)
			}
			b.ReportMetric(float64(size), "bytes")
		})
	}
}
