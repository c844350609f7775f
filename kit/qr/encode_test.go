package qr_test

import (
	"strings"
	"testing"

	"watari/kit/qr"
)

// Goal: a code is as small as its text allows, so that it reads from farther away. Method: widths
// in modules of texts that mix digits with others, against what one byte a character takes.
func TestMixedTextIsSmall(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		most int // modules
	}{
		{strings.Repeat("0123456789", 12) + "jp.or.paymentsjapan", 37}, // bytes: 49
		{"WIFI:" + strings.Repeat("7", 60) + "abc" + strings.Repeat("8", 60), 37},
		{strings.Repeat("渡", 10) + strings.Repeat("5", 90), 37},
	} {
		s, err := qr.QR(c.text)
		if err != nil {
			t.Fatal(err)
		}
		width, _ := s.Size()
		if width > c.most {
			t.Errorf("%.20s…: %d modules, want at most %d", c.text, width, c.most)
		}
		if got := readQR(t, s.SVG("code")); got != c.text {
			t.Errorf("got %q, want %q", got, c.text)
		}
	}
}
