package merchant

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"watari/kit/clock"
	"watari/pay/report"
	"watari/ui/console"
)

// A file for spreadsheets is at most fileRows long, and is read from the store in parts.
const (
	fileRows = 100_000
	filePart = 1000
	partTime = 30 * time.Second // longest wait for a slow browser to take one part
)

// sheet writes a file for spreadsheets: RFC 4180, in UTF-8 with a byte order mark, without which
// Excel takes Japanese for something else.
type sheet struct {
	v   *console.Visit
	out *csv.Writer
}

// newSheet begins a file. From here on an error can only cut it short.
func newSheet(v *console.Visit, name string, head ...string) (*sheet, error) {
	h := v.W.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Cache-Control", "no-store")
	if _, err := v.W.Write([]byte("\ufeff")); err != nil {
		return nil, fmt.Errorf("begin the file: %w", err)
	}
	s := &sheet{v: v, out: csv.NewWriter(v.W)}
	s.out.UseCRLF = true
	return s, s.row(head...)
}

// row writes one row. Every cell must be plain, a number or a time of our own making, or have
// passed through plain.
func (s *sheet) row(cells ...string) error {
	if err := s.out.Write(cells); err != nil {
		return fmt.Errorf("write a row: %w", err)
	}
	return nil
}

// flush sends what was written, and gives the browser time for the next part.
func (s *sheet) flush() error {
	_ = http.NewResponseController(s.v.W).SetWriteDeadline(clock.Now().Add(partTime))
	s.out.Flush()
	return s.out.Error()
}

// plain takes from a text what a spreadsheet would run as a formula (S5): it is shown as it stands,
// behind an apostrophe. See OWASP, CSV Injection.
func plain(text string) string {
	if text != "" && strings.ContainsAny(text[:1], "=+-@\t\r\n|%") ||
		strings.HasPrefix(text, "＝") || strings.HasPrefix(text, "＋") ||
		strings.HasPrefix(text, "－") || strings.HasPrefix(text, "＠") {
		return "'" + text
	}
	return text
}

// number writes minor units of a currency without decimals.
func number(n int64) string { return strconv.FormatInt(n, 10) }

// downloadPayments is the list of payments, with all that its filter finds.
func (a *app) downloadPayments(v *console.Visit) error {
	f, err := a.filterOf(v)
	if err != nil {
		return err
	}
	f.query.After, f.query.Limit = "", filePart
	part, next, err := a.Reports.Search(v.Ctx(), f.query)
	if err != nil {
		return err
	}
	out, err := newSheet(v, fileName("payments", f.from, f.to), paymentHead(v)...)
	for n := 0; err == nil; {
		for i := range part {
			if err = out.row(paymentCells(v, &part[i])...); err != nil {
				return nil // the browser has gone
			}
		}
		n += len(part)
		if next != "" && n >= fileRows {
			_ = out.row(cutRow(v)...)
			next = ""
		}
		if out.flush() != nil || next == "" {
			return nil
		}
		f.query.After = next
		if part, next, err = a.Reports.Search(v.Ctx(), f.query); err != nil {
			// Better a file that breaks off than one that looks whole.
			panic(http.ErrAbortHandler)
		}
	}
	return nil
}

// cutRow is the last row of a file that is not the whole: it says so.
func cutRow(v *console.Visit) []string {
	row := make([]string, len(paymentColumns))
	row[0] = v.T("csv.cut", "n", v.Number(fileRows))
	return row
}

// fileName is what a file is called on somebody's disk.
func fileName(what string, from, to time.Time) string {
	return "watari-" + what + "-" + from.Format("20060102") + "-" + to.Format("20060102") + ".csv"
}

// paymentColumns are the columns. Amount is what was asked, sold what was taken of it: a promise
// may be captured in part, and what was declined or cancelled took nothing.
var paymentColumns = []string{"date", "time", "id", "state", "store_id", "store", "till", "wallet",
	"ref", "code", "currency", "amount", "sold", "refunded", "fee", "due"}

// paymentHead are the titles of the columns, in the language of the page.
func paymentHead(v *console.Visit) []string {
	var head []string
	for _, c := range paymentColumns {
		head = append(head, v.T("csv."+c))
	}
	return head
}

func paymentCells(v *console.Visit, l *report.Line) []string {
	at := l.Created.In(clock.JST)
	taken, back, fee := l.CapturedMinor, l.RefundedMinor, l.FeeMinor
	if isVoid(*l) {
		taken, back, fee = 0, 0, 0
	}
	return []string{at.Format(time.DateOnly), at.Format(time.TimeOnly), l.ID,
		signOf(v, *l).word, plain(l.Store.ID), plain(l.Store.In(string(v.Lang))),
		plain(l.Terminal.Name), plain(l.Wallet.Name), plain(l.OrderRef), l.CodeLast4,
		string(l.Order.Currency()), l.Order.Decimal(), number(taken), number(back), number(fee),
		number(taken - back - fee)}
}
