package fx

import (
	"bufio"
	"errors"
	"io"
	"iter"
	"strings"

	"watari/kit/fault"
	"watari/kit/money"
)

// Limits of a rate file.
const (
	lineMax   = 4096 // bytes
	columnMax = 100
)

// Reference is one reference rate: one euro is Rate of Currency.
type Reference struct {
	Currency money.Currency
	Rate     money.Decimal
}

// Day is the reference rates of a day, in the order of the file.
type Day struct {
	Date  string // YYYY-MM-DD
	Rates []Reference
}

// ReadECB reads a file of the European Central Bank in the format of eurofxref-hist.csv, line by
// line: a header "Date,USD,JPY,…", then one line a day, the newest first. "N/A" is no rate; a
// comma may stand at the end of every line. It yields the days in that order, and stops after
// yielding an error.
//
// It is strict: another header, a line with more or fewer fields, a last line without its end, a
// date that is not older than the one above it, a day without rates, and anything but a plain
// positive decimal of at most 12 significant digits is an error.
//
// Errors: ErrFile with line and column; those of r.
func ReadECB(r io.Reader) iter.Seq2[Day, error] {
	return func(yield func(Day, error) bool) {
		f := file{lines: bufio.NewReaderSize(r, lineMax)}
		if err := f.header(); err != nil {
			yield(Day{}, err)
			return
		}
		for {
			day, err := f.day()
			if errors.Is(err, io.EOF) && f.days > 0 {
				return
			}
			if errors.Is(err, io.EOF) {
				err = f.wrong(0, "the file has no days")
			}
			if !yield(day, err) || err != nil {
				return
			}
		}
	}
}

// file is a rate file while it is read.
type file struct {
	lines      *bufio.Reader
	line       int
	days       int
	currencies []money.Currency // by column, from the second
	comma      bool             // every line ends in one
	last       string           // date of the line before
}

// wrong makes the fault for the current line and a column.
func (f *file) wrong(column int, format string, args ...any) *fault.Error {
	e := ErrFile.Newf(format, args...)
	if column > 0 {
		e = ErrFile.Newf("line %d, column %d: %s", f.line, column, e.Detail)
	} else {
		e = ErrFile.Newf("line %d: %s", f.line, e.Detail)
	}
	return e.Set("line", f.line).Set("column", column)
}

// next returns the fields of the next line, or io.EOF.
func (f *file) next() ([]string, error) {
	f.line++
	raw, err := f.lines.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return nil, f.wrong(0, "longer than %d bytes", lineMax)
	case errors.Is(err, io.EOF) && len(raw) > 0:
		// A rate that is cut short is still a number: without its end a line is not trusted.
		return nil, f.wrong(0, "the line breaks off")
	case err != nil:
		return nil, err
	}
	text := strings.TrimSuffix(strings.TrimSuffix(string(raw), "\n"), "\r")
	fields := strings.Split(text, ",")
	if len(fields) > columnMax {
		return nil, f.wrong(0, "more than %d columns", columnMax)
	}
	return fields, nil
}

// header reads the first line.
func (f *file) header() error {
	fields, err := f.next()
	if errors.Is(err, io.EOF) {
		return f.wrong(0, "the file is empty")
	}
	if err != nil {
		return err
	}
	if fields[0] != "Date" {
		return f.wrong(1, "the first column is not called Date")
	}
	if f.comma = fields[len(fields)-1] == ""; f.comma {
		fields = fields[:len(fields)-1]
	}
	seen := map[string]bool{}
	for i, name := range fields[1:] {
		if !isCode(name) {
			return f.wrong(i+2, "the name is not a currency code of three capital letters")
		}
		if seen[name] {
			return f.wrong(i+2, "%s stands twice", name)
		}
		seen[name] = true
		f.currencies = append(f.currencies, money.Currency(name))
	}
	if len(f.currencies) == 0 {
		return f.wrong(0, "there are no currencies")
	}
	return nil
}

// day reads the next line of rates, or io.EOF.
func (f *file) day() (Day, error) {
	fields, err := f.next()
	if err != nil {
		return Day{}, err
	}
	want := len(f.currencies) + 1
	if f.comma {
		want++
	}
	if len(fields) != want {
		return Day{}, f.wrong(0, "%d columns, the header has %d", len(fields), want)
	}
	if f.comma && fields[want-1] != "" {
		return Day{}, f.wrong(want, "text after the last comma")
	}
	if _, err := parseDay(fields[0]); err != nil {
		return Day{}, f.wrong(1, "the date is not YYYY-MM-DD").Because(err)
	}
	if f.last != "" && fields[0] >= f.last {
		return Day{}, f.wrong(1, "%s does not come before %s", fields[0], f.last)
	}
	f.last = fields[0]
	f.days++

	day := Day{Date: fields[0]}
	for i, c := range f.currencies {
		text := fields[i+1]
		if text == "N/A" {
			continue
		}
		rate, err := money.ParseDecimal(text)
		if err != nil {
			return Day{}, f.wrong(i+2, "the rate of %s is not a positive decimal number", c).
				Because(err)
		}
		day.Rates = append(day.Rates, Reference{Currency: c, Rate: rate})
	}
	if len(day.Rates) == 0 {
		return Day{}, f.wrong(0, "there is no rate")
	}
	return day, nil
}

// isCode tells whether name is three capital letters. Codes of currencies that are gone are taken
// too: their columns stay in the file.
func isCode(name string) bool {
	if len(name) != 3 {
		return false
	}
	for i := range len(name) {
		if name[i] < 'A' || name[i] > 'Z' {
			return false
		}
	}
	return true
}
