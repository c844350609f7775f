package stand

import (
	"bytes"
	"image"
	"image/draw"
	_ "image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// tearoom is a shop with long names and a code as the sandbox makes them.
func tearoom(size Size) Stand {
	return Stand{Name: "Kitanohana Duty Free, New Chitose", NameJA: "北の花免税店 新千歳ターミナル店",
		Code: "00020101021126680019jp.or.paymentsjapan011300000000001010204000103060000010406000" +
			"00127670010org.watari010700000010239https://pay.watari.example/s/00000015204530953" +
			"033925802JP5925Kitanohana Duty Free, New6008Hokkaido6107060858864260002JA0116北の花" +
			"免税店 新千歳ターミナル店63045CA0",
		Wallets:   []string{"Lianhua Wallet", "Weilai Pay", "Pochi Pay", "Midori Pay"},
		Reference: "S-0001 · 0000001", Bank: "北海道さくら銀行", Size: size}
}

// needFonts says in the log when the program has no fonts: what prints cannot be tested then.
func needFonts(t testing.TB) bool {
	t.Helper()
	if !Built() {
		t.Log("the fonts are not built: make assets")
	}
	return Built()
}

// poppler runs one of poppler's tools on a file.
func poppler(t testing.TB, tool string, pdf []byte, args ...string) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "stand.pdf")
	if err := os.WriteFile(path, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	for i, a := range args {
		if a == "FILE" {
			args[i] = path
		}
	}
	out, err := exec.CommandContext(t.Context(), tool, args...).Output()
	if err != nil {
		t.Fatalf("%s (of the package poppler-utils): %v", tool, err)
	}
	return out
}

// printout draws the first page as a printer and an eye do: so many dots an inch, grey.
func printout(t testing.TB, pdf []byte, dpi int) *image.Gray {
	t.Helper()
	raw := poppler(t, "pdftoppm", pdf, "-r", strconv.Itoa(dpi), "-f", "1", "-l", "1", "-gray",
		"-png", "FILE")
	img, _, err := image.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	grey := image.NewGray(img.Bounds())
	draw.Draw(grey, grey.Bounds(), img, img.Bounds().Min, draw.Src)
	return grey
}

// held is a page as a camera sees it that is held at an angle and not quite in focus: turned by
// degrees, then blurred by sigma pixels, on a grey counter.
func held(page *image.Gray, degrees, sigma float64) *image.Gray {
	const counter = 150
	size := page.Bounds()
	side := int(math.Hypot(float64(size.Dx()), float64(size.Dy()))) + 4
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	at := func(x, y int) float64 {
		if !(image.Point{X: x, Y: y}).In(size) {
			return counter
		}
		return float64(page.GrayAt(x, y).Y)
	}
	seen := make([]float64, side*side)
	for y := range side {
		for x := range side {
			dx, dy := float64(x)-float64(side)/2, float64(y)-float64(side)/2
			fx := dx*cos + dy*sin + float64(size.Dx())/2 - 0.5
			fy := dy*cos - dx*sin + float64(size.Dy())/2 - 0.5
			i, j := int(math.Floor(fx)), int(math.Floor(fy))
			ax, ay := fx-math.Floor(fx), fy-math.Floor(fy)
			seen[y*side+x] = (at(i, j)*(1-ax)+at(i+1, j)*ax)*(1-ay) +
				(at(i, j+1)*(1-ax)+at(i+1, j+1)*ax)*ay
		}
	}
	seen = blurred(blurred(seen, side, sigma, 1), side, sigma, side)
	out := image.NewGray(image.Rect(0, 0, side, side))
	for i, v := range seen {
		out.Pix[i] = uint8(v)
	}
	return out
}

// blurred is a picture blurred along one axis, whose pixels are step apart.
func blurred(in []float64, side int, sigma float64, step int) []float64 {
	reach := int(math.Ceil(3 * sigma))
	out := make([]float64, len(in))
	for i := range in {
		along := i % side
		if step == side {
			along = i / side
		}
		sum, weights := 0.0, 0.0
		for d := -reach; d <= reach; d++ {
			if along+d < 0 || along+d >= side {
				continue
			}
			w := math.Exp(-float64(d*d) / (2 * sigma * sigma))
			sum += w * in[i+d*step]
			weights += w
		}
		out[i] = sum / weights
	}
	return out
}

// scanned is the text that a scanner reads, or why it reads none.
func scanned(t testing.TB, img image.Image) string {
	t.Helper()
	bitmap, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		t.Fatal(err)
	}
	r, err := qrcode.NewQRCodeReader().Decode(bitmap, map[gozxing.DecodeHintType]any{
		gozxing.DecodeHintType_TRY_HARDER: true, gozxing.DecodeHintType_CHARACTER_SET: "UTF-8"})
	if err != nil {
		return "unreadable: " + err.Error()
	}
	return r.GetText()
}
