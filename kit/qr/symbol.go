package qr

import (
	"errors"
	"fmt"
	"image/color"

	"github.com/boombuler/barcode/code128"
	"rsc.io/qr/coding"
)

// Limits of what is drawn, in bytes. A denser QR code is hard to read from a phone.
const (
	TextMax    = 1024
	BarcodeMax = 64
)

// barHeight is the height of a barcode in modules, about a fifth of 24 digits' width.
const barHeight = 40

// Symbol is a grid of modules without its quiet zone. It never changes.
type Symbol struct {
	width, height int
	side, above   int // quiet zone, in modules
	band          int // rows that are drawn as one, because they are equal
	dark          func(x, y int) bool
}

// QR returns the QR code of 1 to TextMax bytes of UTF-8 text.
//
// Errors: text that is empty or too long.
func QR(text string) (*Symbol, error) {
	if text == "" || len(text) > TextMax {
		return nil, fmt.Errorf("draw QR code: %d bytes, not 1 to %d", len(text), TextMax)
	}
	code, err := encode(text, coding.M)
	if err != nil {
		return nil, fmt.Errorf("draw QR code: %w", err)
	}
	return &Symbol{
		width: code.Size, height: code.Size, side: 4, above: 4, band: 1,
		dark: code.Black,
	}, nil
}

// Code128 returns the barcode of 1 to BarcodeMax characters of printable ASCII. Digits take half a
// symbol each.
//
// Errors: text that is empty, too long, or has other characters.
func Code128(text string) (*Symbol, error) {
	if text == "" || len(text) > BarcodeMax {
		return nil, fmt.Errorf("draw barcode: %d bytes, not 1 to %d", len(text), BarcodeMax)
	}
	for _, r := range text {
		if r < ' ' || r > '~' {
			return nil, errors.New("draw barcode: only printable ASCII can be drawn")
		}
	}
	code, err := code128.Encode(text)
	if err != nil {
		return nil, fmt.Errorf("draw barcode: %w", err)
	}
	return &Symbol{
		width: code.Bounds().Dx(), height: barHeight, side: 10, above: 2, band: barHeight,
		dark: func(x, _ int) bool { return code.At(x, 0) == color.Black },
	}, nil
}

// Size returns width and height in modules, without the quiet zone.
func (s *Symbol) Size() (width, height int) { return s.width, s.height }

// Dark tells whether the module at (x, y) is dark; outside the symbol it is light.
func (s *Symbol) Dark(x, y int) bool {
	return 0 <= x && x < s.width && 0 <= y && y < s.height && s.dark(x, y)
}
