package stand

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Size is the paper of one stand.
type Size string

// The sizes, of ISO 216.
const (
	A6 Size = "a6" // 105 × 148 mm
	A5 Size = "a5" // 148 × 210 mm
)

// millimetres are width and height.
func (s Size) millimetres() (width, height float64) {
	if s == A5 {
		return 148, 210
	}
	return a6Width, a6Height
}

// BatchMax is how many stands one file holds at most.
const BatchMax = 500

// Stand is what is printed for one store.
type Stand struct {
	// Name is the store's name for visitors, NameJA the one in Japanese; either may be empty.
	// Both may have any length: they are set smaller, wrapped, and cut off at last.
	Name, NameJA string
	// Code is the text of the code: 1 to 1,024 bytes.
	Code string
	// Wallets are the names of the wallets that are accepted. When there are too many for two
	// or three lines the last are counted instead of named.
	Wallets []string
	// Reference and Bank are what the shop tells when it asks for help: its number, and whom.
	Reference, Bank string
	Size            Size
}

// SVG draws one stand. The picture needs nothing else: its text is outlines, so that it looks the
// same on every screen, and says its words in its title and description.
//
// Errors: ErrFonts, ErrUndrawable, ErrNoCode.
func SVG(s Stand) ([]byte, error) {
	t, err := typefaces()
	if err != nil {
		return nil, err
	}
	s = s.cleaned()
	on := newSVG(s)
	if err := s.draw(on, t); err != nil {
		return nil, err
	}
	return on.end(), nil
}

// PDF draws 1 to BatchMax stands, one on a page of its own size, in this order. Text can be
// selected and searched; of every font only the characters in use are in the file.
//
// Errors: ErrTooMany, ErrFonts, ErrUndrawable and ErrNoCode at the place /stores/N.
func PDF(stands []Stand) ([]byte, error) { return document(stands, false) }

// Sheet draws like PDF, on A4 paper: four of A6 on a page or two of A5, with lines to cut along.
func Sheet(stands []Stand) ([]byte, error) { return document(stands, true) }

// document draws stands on pages of their own or on sheets.
func document(stands []Stand, sheets bool) ([]byte, error) {
	if len(stands) == 0 || len(stands) > BatchMax {
		return nil, ErrTooMany.Newf("one file takes 1 to %d stands, not %d", BatchMax, len(stands))
	}
	t, err := typefaces()
	if err != nil {
		return nil, err
	}
	doc := newPDF(t)
	for i, s := range stands {
		s = s.cleaned()
		if sheets {
			doc.cell(s.Size)
		} else {
			doc.page(s.Size)
		}
		if err := s.draw(doc, t); err != nil {
			return nil, at(i, err)
		}
	}
	return doc.end(stands)
}

// cleaned writes names as fonts have them: composed, on one line, without what has no picture.
func (s Stand) cleaned() Stand {
	s.Name, s.NameJA = plain(s.Name), plain(s.NameJA)
	s.Reference, s.Bank = plain(s.Reference), plain(s.Bank)
	wallets := make([]string, 0, len(s.Wallets))
	for _, w := range s.Wallets {
		if w = plain(w); w != "" {
			wallets = append(wallets, w)
		}
	}
	s.Wallets = wallets
	return s
}

// plain drops what says how a character is to be shown, which needs tables that these fonts do not
// have here: variation selectors, joiners, marks of direction.
func plain(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Variation_Selector, unicode.Cf) {
			return -1
		}
		return r
	}, norm.NFC.String(text))
	return strings.Join(strings.Fields(text), " ")
}
