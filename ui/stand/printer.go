package stand

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"watari/kit/check"
	"watari/kit/fault"
	"watari/pay/party"
)

// Stores finds stores and the wallets that they take. party.Directory is one.
type Stores interface {
	Store(ctx context.Context, storeNo int64) (party.Point, error)
	StoreByID(ctx context.Context, acquirerNo int64, storeID string) (party.Point, error)
	Point(ctx context.Context, acquirerNo int64, merchantID, storeID, terminalID string) (
		party.Point, error)
	Merchant(ctx context.Context, no int64) (party.Merchant, error)
	Wallets(ctx context.Context) ([]party.Wallet, error)
}

// Codes makes the text of a store's printed code, and the short number by which it is found again.
type Codes struct {
	Text  func(p party.Point) (string, error)
	Token func(storeNo int64) string
}

// Printer draws the stands of stores. It is safe for concurrent use; two files are drawn at a
// time, so that a bank's batch leaves the machine to payments.
type Printer struct {
	stores Stores
	codes  Codes
	turns  chan struct{}
}

// NewPrinter returns a printer.
func NewPrinter(stores Stores, codes Codes) *Printer {
	check.That(stores != nil && codes.Text != nil && codes.Token != nil,
		"stand: the printer lacks a part")
	return &Printer{stores: stores, codes: codes, turns: make(chan struct{}, 2)}
}

// File is what was drawn: a name to keep it under, its media type, its bytes.
type File = struct {
	Name, Type string
	Body       []byte
}

// The forms of a file.
const (
	formPDF   = "pdf"   // a page a stand
	formSVG   = "svg"   // one stand
	formSheet = "sheet" // PDF of A4 pages
)

// The media types of files.
const (
	typePDF = "application/pdf"
	typeSVG = "image/svg+xml"
)

// Print draws the stands of 1 to BatchMax stores, by our numbers and in their order, as one file.
// size is a6 or a5; form is pdf, svg (of one store) or sheet. Whose stores they are is for the
// caller to know.
//
// Errors: party.ErrStoreUnknown, ErrForm, ErrTooMany, ErrFonts; ErrUndrawable and ErrNoCode at
// the place /stores/N of the store.
func (p *Printer) Print(
	ctx context.Context, storeNos []int64, size, form string,
) (File, error) {
	if len(storeNos) > BatchMax {
		return File{}, ErrTooMany.Newf("one file takes 1 to %d stands, not %d", BatchMax,
			len(storeNos))
	}
	points := make([]party.Point, len(storeNos))
	for i, no := range storeNos {
		var err error
		if points[i], err = p.stores.Store(ctx, no); err != nil {
			return File{}, err
		}
	}
	return p.draw(ctx, points, Size(size), form)
}

// draw prints the stands of stores that were found.
func (p *Printer) draw(
	ctx context.Context, points []party.Point, size Size, form string,
) (File, error) {
	known := (size == A6 || size == A5) && (form == formPDF || form == formSheet ||
		form == formSVG && len(points) == 1)
	if !known {
		return File{}, ErrForm.Newf("a stand is a6 or a5, as pdf, svg or sheet; one svg is one " +
			"stand")
	}
	stands, err := p.stands(ctx, points, size)
	if err != nil {
		return File{}, err
	}
	select {
	case p.turns <- struct{}{}:
		defer func() { <-p.turns }()
	case <-ctx.Done():
		return File{}, fmt.Errorf("wait for the printer: %w", ctx.Err())
	}
	file := File{Name: fileName(stands, size, form), Type: typePDF}
	switch form {
	case formSVG:
		file.Type = typeSVG
		if file.Body, err = SVG(stands[0]); err != nil {
			err = at(0, err)
		}
	case formSheet:
		file.Body, err = Sheet(stands)
	default:
		file.Body, err = PDF(stands)
	}
	return file, err
}

// stands makes what is printed for stores.
func (p *Printer) stands(
	ctx context.Context, points []party.Point, size Size,
) ([]Stand, error) {
	wallets, err := p.stores.Wallets(ctx)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, w := range wallets {
		if w.InService() {
			names = append(names, w.Issuer.Name)
		}
	}
	all := make([]Stand, len(points))
	for i, point := range points {
		text, err := p.codes.Text(point)
		if err != nil {
			return nil, at(i, ErrNoCode.Newf("store %s: its code cannot be made",
				point.Store.ID).Because(err))
		}
		s := point.Store
		all[i] = Stand{Name: s.Name, NameJA: s.NameJA, Code: text, Wallets: names, Size: size,
			Reference: s.ID + " · " + p.codes.Token(s.No), Bank: point.Acquirer.Name}
	}
	return all, nil
}

// at says of which store a refusal is.
func at(i int, err error) error {
	var refused *fault.Error
	if errors.As(err, &refused) && len(refused.Fields) == 0 && refused.Problem != ErrFonts {
		return refused.At(place(i), refused.Detail)
	}
	return err
}

// fileName names a file after its one store, or after how many there are.
func fileName(stands []Stand, size Size, form string) string {
	what := fmt.Sprintf("qr-stands-%d", len(stands))
	if len(stands) == 1 {
		id, _, _ := strings.Cut(stands[0].Reference, " ")
		what = "qr-stand-" + strings.Map(func(r rune) rune {
			switch {
			case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '-':
				return r
			}
			return '_'
		}, id)
	}
	what += "-" + string(size)
	switch form {
	case formSVG:
		return what + ".svg"
	case formSheet:
		return what + "-a4.pdf"
	}
	return what + ".pdf"
}
