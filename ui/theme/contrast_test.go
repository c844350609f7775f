package theme_test

import (
	"math/big"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// pair is a text or shape colour on its ground, with the contrast it needs in tenths.
type pair struct {
	text, ground string
	need         int64
}

// Contrast in tenths (WCAG 2.2, 1.4.3 and 1.4.11): for text, and for large or bold text and shapes.
const (
	small = 45
	large = 30
)

// pairs are all that the style sheets use.
var pairs = []pair{
	{"ink", "paper", small}, {"ink", "surface", small}, {"ink", "sunk", small},
	{"ink-soft", "paper", small}, {"ink-soft", "surface", small}, {"ink-soft", "sunk", small},
	{"link", "paper", small}, {"link", "surface", small}, {"link", "tint", small},
	{"ink", "tint", small}, {"ink", "amber-tint", small}, {"ink", "green-tint", small},
	{"ink", "stop-tint", small}, {"amber-text", "amber-tint", small},
	{"good-text", "green-tint", small}, {"on-indigo", "indigo", small},
	{"on-indigo-soft", "indigo", small}, {"amber", "indigo", small},
	{"ink-soft", "tint", small}, {"ink-soft", "amber-tint", small}, {"error", "tint", small},
	{"on-vermilion", "vermilion", large}, {"on-vermilion", "vermilion-deep", small},
	{"on-green", "green", small}, {"on-amber", "amber", small}, {"on-stop", "stop", small},
	{"error", "paper", small}, {"error", "surface", small},
	{"line-strong", "paper", large}, {"line-strong", "surface", large},
	{"focus", "paper", large}, {"focus", "surface", large}, {"green", "on-green", large},
}

var (
	token = regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{6});`)
	block = regexp.MustCompile(`(?s)(:root[^{]*)\{([^}]*)\}`)
)

// palettes reads the light colours, and the dark ones as they are chosen and as the system
// prefers them.
func palettes(t *testing.T) map[string]map[string]string {
	t.Helper()
	text, err := os.ReadFile("../web/src/theme/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string]string{}
	for _, m := range block.FindAllStringSubmatch(string(text), -1) {
		colours := map[string]string{}
		for _, c := range token.FindAllStringSubmatch(m[2], -1) {
			colours[c[1]] = c[2]
		}
		if len(colours) > 0 {
			all[strings.TrimSpace(m[1])] = colours
		}
	}
	return all
}

// Goal: every text and shape can be read, by day and by night (T4). Method: the contrast of every
// pair of colours, computed as WCAG 2.2 defines it, with whole numbers.
func TestColoursCanBeRead(t *testing.T) {
	t.Parallel()
	all := palettes(t)
	light := all[":root"]
	if len(all) != 3 || len(light) < 25 {
		t.Fatalf("%d palettes, %d colours", len(all), len(light))
	}
	for name, colours := range all {
		of := func(c string) string {
			if v := colours[c]; v != "" {
				return v
			}
			return light[c]
		}
		for _, p := range pairs {
			got := contrast(of(p.text), of(p.ground))
			if got < p.need {
				t.Errorf("%s: %s on %s has a contrast of %d.%d, want %d.%d", name, p.text,
					p.ground, got/10, got%10, p.need/10, p.need%10)
			}
		}
	}
	dark, chosen := all[`:root:not([data-theme="light"])`], all[`:root[data-theme="dark"]`]
	for c, v := range chosen {
		if dark[c] != v {
			t.Errorf("%s is %s when dark is chosen and %s when the system prefers it", c, v, dark[c])
		}
	}
}

// Goal: the arithmetic of this test is right. Method: pairs whose contrast is published.
func TestContrastIsComputedRight(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want int64
	}{{"#000000", "#ffffff", 210}, {"#777777", "#ffffff", 44}, {"#ffffff", "#ffffff", 10}} {
		if got := contrast(c.a, c.b); got != c.want {
			t.Errorf("%s on %s: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

// scale is how many parts one is cut into.
const scale = 1_000_000

// contrast is the contrast ratio of two colours in tenths, rounded down.
func contrast(a, b string) int64 {
	l, d := luminance(a)+scale*500, luminance(b)+scale*500
	if l < d {
		l, d = d, l
	}
	return l * 10 / d
}

// luminance is the relative luminance, times scale and 10,000.
func luminance(colour string) int64 {
	var sum int64
	for i, weight := range []int64{2126, 7152, 722} {
		v, err := strconv.ParseInt(colour[1+2*i:3+2*i], 16, 64)
		if err != nil {
			panic(err)
		}
		sum += weight * linear(v)
	}
	return sum
}

// linear is the linear value of an sRGB channel of 0 to 255, times scale:
// ((v/255 + 0.055) / 1.055)^2.4, which is the fifth root of the twelfth power, or v/255/12.92 for
// the darkest ten.
func linear(v int64) int64 {
	if v <= 10 {
		return v * scale * 100 / (255 * 1292)
	}
	power := func(n, e int64) *big.Int {
		return new(big.Int).Exp(big.NewInt(n), big.NewInt(e), nil)
	}
	x := new(big.Int).Mul(power(v*1000+14025, 12), power(scale, 5))
	x.Div(x, power(269025, 12))
	low, high := int64(0), int64(scale)
	for low < high {
		if middle := (low + high + 1) / 2; power(middle, 5).Cmp(x) <= 0 {
			low = middle
		} else {
			high = middle - 1
		}
	}
	return low
}
