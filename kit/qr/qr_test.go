package qr_test

import (
	"encoding/xml"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"
	"github.com/makiuchi-d/gozxing/qrcode"
	"pgregory.net/rapid"

	"watari/kit/qr"
)

// Goal: a scanner reads what was drawn (Q1). Method: paint the SVG's boxes and decode the picture.
func TestQRReadsBack(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"251001020123456789012345",
		"https://watari.example/s/3f8c?a=1&b=2",
		"渡り商店 ¥1,980",
		"00020101021126680019jp.or.paymentsjapan011300000000000010204000103060000010406000001" +
			"5204581253033925802JP5911WATARI CAFE6005KYOTO6107600821664160002JA0106ワタリカフェ630440FB",
		"A",
		strings.Repeat("0123456789", 100),
		strings.Repeat("q", qr.TextMax),
	} {
		if got := readQR(t, draws(t, qr.QR, text)); got != text {
			t.Errorf("got %q, want %q", got, text)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.StringMatching(`[0-9]{17,32}|[ -~]{1,120}|[A-Z0-9 $%*+\-./:]{1,60}`).
			Draw(rt, "text")
		if got := readQR(t, draws(t, qr.QR, text)); got != text {
			rt.Fatalf("got %q, want %q", got, text)
		}
	})
}

// Goal: a scanner reads the barcode (Q1). Method: as above.
func TestCode128ReadsBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.StringMatching(`[0-9]{12,32}|[!-~][ -~]{1,30}[!-~]`).Draw(rt, "text")
		if got := readBarcode(t, draws(t, qr.Code128, text)); got != text {
			rt.Fatalf("got %q, want %q", got, text)
		}
	})
}

// Goal: digits are drawn two in a symbol, so a payment code fits a phone. Method: count modules:
// start, 12 pairs, check and stop are 11 × 14 + 13.
func TestPaymentCodeBarcodeIsNarrow(t *testing.T) {
	t.Parallel()
	s, err := qr.Code128("251001020123456789012345")
	if err != nil {
		t.Fatal(err)
	}
	if width, _ := s.Size(); width != 167 {
		t.Errorf("got %d modules, want 167", width)
	}
}

// Goal: the quiet zone is in the picture (Q2). Method: look at its border in the painted image.
func TestQuietZoneIsLight(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		svg         string
		side, above int
	}{
		"QR":      {draws(t, qr.QR, "https://watari.example/"), 4, 4},
		"barcode": {draws(t, qr.Code128, "123456"), 10, 2},
	} {
		img := paint(t, c.svg, 1)
		size := img.Bounds()
		for y := range size.Dy() {
			for x := range size.Dx() {
				border := x < c.side || x >= size.Dx()-c.side || y < c.above ||
					y >= size.Dy()-c.above
				if border && img.GrayAt(x, y).Y != 255 {
					t.Fatalf("%s: (%d, %d) is dark", what, x, y)
				}
			}
		}
	}
}

// Goal: the picture is one well-formed element that names itself, whatever the title. Method:
// parse it as XML.
func TestSVGNamesItself(t *testing.T) {
	t.Parallel()
	s, err := qr.QR("x")
	if err != nil {
		t.Fatal(err)
	}
	const title = `Pay "Sato & Sons" <渡り>`
	var svg struct {
		Label string `xml:"aria-label,attr"`
		Role  string `xml:"role,attr"`
		Title string `xml:"title"`
	}
	if err := xml.Unmarshal([]byte(s.SVG(title)), &svg); err != nil {
		t.Fatal(err)
	}
	if svg.Label != title || svg.Title != title || svg.Role != "img" {
		t.Errorf("got %+v", svg)
	}
}

// Goal: what cannot be drawn is refused. Method: the limits.
func TestUndrawableTextIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", strings.Repeat("q", qr.TextMax+1)} {
		if _, err := qr.QR(text); err == nil {
			t.Errorf("QR of %d bytes: want an error", len(text))
		}
	}
	for _, text := range []string{"", strings.Repeat("1", qr.BarcodeMax+1), "渡", "a\x00",
		"\u00f1"} {
		if _, err := qr.Code128(text); err == nil {
			t.Errorf("barcode of %q: want an error", text)
		}
	}
}

// draws returns the SVG of text.
func draws(t *testing.T, make func(string) (*qr.Symbol, error), text string) string {
	t.Helper()
	s, err := make(text)
	if err != nil {
		t.Fatal(err)
	}
	return s.SVG("code")
}

var (
	viewBox = regexp.MustCompile(`viewBox="0 0 (\d+) (\d+)"`)
	box     = regexp.MustCompile(`M(\d+) (\d+)h(\d+)v(\d+)h-(\d+)z`)
)

// paint draws the boxes of the SVG's path, each module as scale × scale pixels.
func paint(t *testing.T, svg string, scale int) *image.Gray {
	t.Helper()
	size := numbers(viewBox.FindStringSubmatch(svg))
	img := image.NewGray(image.Rect(0, 0, size[0]*scale, size[1]*scale))
	draw.Draw(img, img.Bounds(), image.White, image.Point{}, draw.Src)
	for _, m := range box.FindAllStringSubmatch(svg, -1) {
		n := numbers(m)
		r := image.Rect(n[0]*scale, n[1]*scale, (n[0]+n[2])*scale, (n[1]+n[3])*scale)
		draw.Draw(img, r, image.NewUniform(color.Black), image.Point{}, draw.Src)
	}
	return img
}

// numbers returns the groups of a match.
func numbers(match []string) []int {
	var list []int
	for _, s := range match[1:] {
		n, err := strconv.Atoi(s)
		if err != nil {
			panic(fmt.Sprintf("%q is no number", s))
		}
		list = append(list, n)
	}
	return list
}

// readQR scans the picture as a till would.
func readQR(t *testing.T, svg string) string {
	t.Helper()
	return read(t, qrcode.NewQRCodeReader(), paint(t, svg, 4))
}

// readBarcode scans the picture as a till would.
func readBarcode(t *testing.T, svg string) string {
	t.Helper()
	return read(t, oned.NewCode128Reader(), paint(t, svg, 3))
}

func read(t *testing.T, r gozxing.Reader, img image.Image) string {
	t.Helper()
	bitmap, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		t.Fatal(err)
	}
	result, err := r.Decode(bitmap, map[gozxing.DecodeHintType]any{
		gozxing.DecodeHintType_CHARACTER_SET: "UTF-8", gozxing.DecodeHintType_PURE_BARCODE: true,
	})
	if err != nil {
		return "unreadable: " + err.Error()
	}
	return result.GetText()
}
