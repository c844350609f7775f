package signup

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/japanese"
)

// The encodings that files may have.
const (
	encodingUTF8 = "UTF-8"
	encodingSJIS = "Shift_JIS"
)

// bom begins UTF-8 files that some programs write, and spreadsheets want.
const bom = "\ufeff"

// commasMax is how many commas a file has at most: twice those of as many lines as may be, for
// those inside cells. Every cell costs many times its byte in memory.
const commasMax = 2 * (ImportLinesMax + 1) * columnsMax

// columnsMax is at least as many columns as there are.
const columnsMax = 50

// decode returns the text of a file in UTF-8. What is not UTF-8 is taken for Shift_JIS.
func decode(data []byte) (text, encoding string, err error) {
	switch {
	case len(data) > ImportMax:
		return "", "", ErrImportFile.Newf("it is larger than 12 MiB")
	case len(bytes.TrimSpace(data)) == 0:
		return "", "", ErrImportFile.Newf("it is empty")
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}), bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		return "", "", ErrImportFile.Newf("it is UTF-16: save it as CSV in UTF-8 or Shift_JIS")
	case bytes.IndexByte(data, 0) >= 0:
		return "", "", ErrImportFile.Newf("it is no text: save the sheet as CSV")
	case bytes.Count(data, []byte{','}) > commasMax:
		return "", "", ErrImportFile.Newf("it has more cells than %d lines may have",
			ImportLinesMax)
	case utf8.Valid(data):
		return strings.TrimPrefix(string(data), bom), encodingUTF8, nil
	}
	raw, err := japanese.ShiftJIS.NewDecoder().Bytes(data)
	if err != nil {
		return "", "", ErrImportFile.Newf("it is neither UTF-8 nor Shift_JIS").Because(err)
	}
	return string(raw), encodingSJIS, nil
}

// line is one line below the header: its cells in the order of the columns.
type line struct {
	no    int // in the file, from 1
	cells []string
}

// page is a file that was read.
type page struct {
	lines []line
	wrong mistakes
}

// mistakes are those of a file. More than MistakesMax are only counted.
type mistakes struct {
	kept  []Mistake
	count int
	lines map[int]bool
}

func (m *mistakes) add(no int, field, text string) {
	m.count++
	if m.lines == nil {
		m.lines = map[int]bool{}
	}
	m.lines[no] = true
	if len(m.kept) < MistakesMax {
		m.kept = append(m.kept, Mistake{no, field, text})
	}
}

// readPage reads a file as RFC 4180 has it. The first line names the columns, in any order and
// case.
func readPage(text string) page {
	var p page
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord = -1
	header, err := r.Read()
	if err != nil {
		p.wrong.add(1, "", "the header cannot be read: "+csvText(err))
		return p
	}
	places := p.header(header)
	if p.wrong.count > 0 {
		return p
	}
	for broken := 0; ; {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return p
		}
		var bad *csv.ParseError
		if errors.As(err, &bad) {
			p.wrong.add(bad.StartLine, "", csvText(err))
			if broken++; len(p.lines)+broken >= ImportLinesMax {
				return p
			}
			continue
		}
		if err != nil {
			p.wrong.add(1, "", csvText(err))
			return p
		}
		no, _ := r.FieldPos(0)
		if len(p.lines)+broken == ImportLinesMax {
			p.wrong.add(no, "", fmt.Sprintf("a file has at most %d lines", ImportLinesMax))
			return p
		}
		p.line(no, cells, places)
	}
}

// header finds the place of each cell among the columns.
func (p *page) header(names []string) []int {
	known := Columns()
	places := make([]int, len(names))
	seen := make([]bool, len(known))
	for i, name := range names {
		name = strings.ToLower(strings.TrimSpace(name))
		at := slices.IndexFunc(known, func(c Column) bool { return c.Name == name })
		switch {
		case at < 0:
			p.wrong.add(1, shortened(name), "is not a column of this file")
			continue
		case seen[at]:
			p.wrong.add(1, name, "stands twice")
		}
		places[i], seen[at] = at, true
	}
	for i, c := range known {
		if c.Needed && !seen[i] {
			p.wrong.add(1, c.Name, "the column is missing")
		}
	}
	return places
}

// line puts the cells of a line in the order of the columns.
func (p *page) line(no int, cells []string, places []int) {
	if !slices.ContainsFunc(cells, func(c string) bool { return strings.TrimSpace(c) != "" }) {
		return
	}
	l := line{no: no, cells: make([]string, len(columns))}
	if len(cells) != len(places) {
		p.wrong.add(no, "", fmt.Sprintf("has %d cells, the header has %d", len(cells),
			len(places)))
	}
	for i, c := range cells[:min(len(cells), len(places))] {
		l.cells[places[i]] = c
	}
	p.lines = append(p.lines, l)
}

// csvText says what is wrong with the form of a file.
func csvText(err error) string {
	switch {
	case errors.Is(err, csv.ErrQuote), errors.Is(err, csv.ErrBareQuote):
		return "a quotation mark stands where none may: double those inside a cell"
	case errors.Is(err, io.EOF):
		return "there is nothing"
	}
	return "is not CSV"
}

// shortened bounds what a message repeats of a file.
func shortened(text string) string {
	runes := []rune(strings.ToValidUTF8(text, "?"))
	if len(runes) > repeatMax {
		return string(runes[:repeatMax]) + "…"
	}
	return string(runes)
}

const repeatMax = 40

// safe keeps a spreadsheet from taking a cell for a formula.
func safe(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
