package fx_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"

	"watari/kit/fault"
	"watari/pay/fx"
	"watari/sandbox/rates"
)

// Goal: a published file is read to the last rate. Method: the recent file, and known values.
func TestPublishedFileIsRead(t *testing.T) {
	t.Parallel()
	days := readAll(t, string(rates.Recent))

	if len(days) != 90 || days[0].Date != "2026-04-13" || days[89].Date != "2025-12-02" {
		t.Fatalf("got %d days, %s to %s", len(days), days[0].Date, days[len(days)-1].Date)
	}
	got := map[string]string{}
	for _, r := range days[0].Rates {
		got[string(r.Currency)] = r.Rate.String()
	}
	for currency, want := range map[string]string{"USD": "1.1684", "JPY": "186.75",
		"CNY": "7.9827", "IDR": "20082.05", "HUF": "366.9", "ZAR": "19.3849"} {
		if got[currency] != want {
			t.Errorf("%s: got %q, want %q", currency, got[currency], want)
		}
	}
	if _, ok := got["BGN"]; ok || len(got) != 29 {
		t.Errorf("got %d rates: %v", len(got), got)
	}
}

// Goal: small differences of form are taken. Method: no last comma, CRLF, an old column.
func TestFormsOfTheFile(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"Date,USD,HRK,JPY,\n2026-04-13,1.1684,N/A,186.75,\n2026-04-10,1.1711,N/A,186.43,\n",
		"Date,USD,HRK,JPY\n2026-04-13,1.1684,N/A,186.75\n2026-04-10,1.1711,N/A,186.43\n",
		"Date,USD,HRK,JPY\r\n2026-04-13,1.1684,N/A,186.75\r\n2026-04-10,1.1711,N/A,186.43\r\n",
	} {
		if got := fmt.Sprint(readAll(t, text)); got != fmt.Sprint(readAll(t,
			"Date,USD,JPY,\n2026-04-13,1.1684,186.75,\n2026-04-10,1.1711,186.43,\n")) {
			t.Errorf("%q: got %s", text, got)
		}
	}
}

// Goal: every mistake is refused, with its line and column. Method: one mistake each.
func TestBrokenFileIsRefusedWithItsPlace(t *testing.T) {
	t.Parallel()
	const head = "Date,USD,JPY,\n2026-04-13,1.1684,186.75,\n"
	for _, c := range []struct {
		text         string
		line, column int
	}{
		{"", 1, 0},
		{"Date,USD,JPY,\n", 2, 0},
		{"\n", 1, 1},
		{"date,USD\n", 1, 1},
		{"\ufeffDate,USD\n", 1, 1},
		{"Date\n", 1, 0},
		{"Date,\n", 1, 0},
		{"Date,USD,usd\n", 1, 3},
		{"Date, USD\n", 1, 2},
		{"Date,USDX\n", 1, 2},
		{"Date,USD,USD,\n", 1, 3},
		{"Date,USD,,\n", 1, 3},
		{"<html><body>not found</body></html>\n", 1, 1},
		{"<html><body>not found</body></html>", 1, 0},
		{"Date,USD", 1, 0},
		{"Date,USD\n2026-04-13,1.168", 2, 0},
		{head + "\n", 3, 0},
		{head + "2026-04-10,1.1711,186.43\n", 3, 0},
		{head + "2026-04-10,1.1711,186.43,,\n", 3, 0},
		{head + "2026-04-10,1.1711,186.43,x\n", 3, 4},
		{head + "2026-04-13,1.1711,186.43,\n", 3, 1},
		{head + "2026-04-14,1.1711,186.43,\n", 3, 1},
		{head + "2026-02-30,1.1711,186.43,\n", 3, 1},
		{head + "10 April 2026,1.1711,186.43,\n", 3, 1},
		{head + "2026-4-10,1.1711,186.43,\n", 3, 1},
		{head + "2026-04-10,1.1711,,\n", 3, 3},
		{head + "2026-04-10,-1.1711,186.43,\n", 3, 2},
		{head + "2026-04-10,0,186.43,\n", 3, 2},
		{head + "2026-04-10,1.1711,1e2,\n", 3, 3},
		{head + "2026-04-10,1.1711, 186.43,\n", 3, 3},
		{head + "2026-04-10,1.1711,n/a,\n", 3, 3},
		{head + "2026-04-10,1.1711,NaN,\n", 3, 3},
		{head + "2026-04-10,1.17111111111111,186.43,\n", 3, 2},
		{head + "2026-04-10,N/A,N/A,\n", 3, 0},
		{head + "2026-04-10,1.1711," + strings.Repeat("9", 5000) + ",\n", 3, 0},
		{"Date" + strings.Repeat(",USD", 120) + "\n", 1, 0},
	} {
		err := readError(strings.NewReader(c.text))
		var e *fault.Error
		if !errors.Is(err, fx.ErrFile) || !errors.As(err, &e) {
			t.Errorf("%.60q: got %v, want ErrFile", c.text, err)
			continue
		}
		place := fmt.Sprintf("line %d", c.line)
		if c.column > 0 {
			place += fmt.Sprintf(", column %d", c.column)
		}
		if e.Members["line"] != c.line || e.Members["column"] != c.column ||
			!strings.HasPrefix(e.Detail, place+":") {
			t.Errorf("%.60q: got %v %v, want %s", c.text, e, e.Members, place)
		}
	}
}

// Goal: a file that breaks off is an error, not a shorter file. Method: a failing reader, and one
// that gives a byte at a time.
func TestBrokenReaderIsAnError(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection lost")
	text := "Date,USD\n2026-04-13,1.1684\n2026-04-10,1.17"
	err := readError(&breaking{Reader: strings.NewReader(text), err: broken})
	if !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
	slow := iotest.OneByteReader(bytes.NewReader(rates.Recent))
	if err := readError(slow); err != nil {
		t.Errorf("a byte at a time: got %v", err)
	}
}

// Goal: no file makes the reader panic or give days out of order. Method: fuzz.
func FuzzReadECB(f *testing.F) {
	f.Add("Date,USD,JPY,\n2026-04-13,1.1684,186.75,\n2026-04-10,1.1711,N/A,\n")
	f.Add("Date,USD\r\n2026-04-13,1.1684")
	f.Add(string(rates.Recent[:2000]))
	f.Fuzz(func(t *testing.T, text string) {
		last := ""
		for day, err := range fx.ReadECB(strings.NewReader(text)) {
			if err != nil {
				if !errors.Is(err, fx.ErrFile) {
					t.Fatalf("got %v, want ErrFile", err)
				}
				return
			}
			if last != "" && day.Date >= last || len(day.Rates) == 0 {
				t.Fatalf("%+v after %s", day, last)
			}
			for _, r := range day.Rates {
				if !r.Rate.Valid() || len(r.Currency) != 3 {
					t.Fatalf("got %+v", r)
				}
			}
			last = day.Date
		}
		if last == "" {
			t.Fatal("no day and no error")
		}
	})
}

// breaking is a reader that ends with an error of its own.
type breaking struct {
	*strings.Reader
	err error
}

func (b *breaking) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err != nil {
		err = b.err
	}
	return n, err
}

// readAll reads a file that must be sound.
func readAll(t *testing.T, text string) []fx.Day {
	t.Helper()
	var days []fx.Day
	for day, err := range fx.ReadECB(strings.NewReader(text)) {
		if err != nil {
			t.Fatal(err)
		}
		days = append(days, day)
	}
	return days
}

// readError returns the first error of a file.
func readError(r interface{ Read([]byte) (int, error) }) error {
	for _, err := range fx.ReadECB(r) {
		if err != nil {
			return err
		}
	}
	return nil
}
