package park

import (
	"encoding/csv"
	"fmt"
	"strings"

	"watari/ui/console"
)

// sheet writes a file for spreadsheets: RFC 4180, in UTF-8 with a byte order mark, without which
// Excel takes Japanese for something else. Every cell must be a number or have passed plain.
func sheet(v *console.Visit, name string, rows [][]string) error {
	h := v.W.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Cache-Control", "no-store")
	if _, err := v.W.Write([]byte("\ufeff")); err != nil {
		return fmt.Errorf("begin the file: %w", err)
	}
	out := csv.NewWriter(v.W)
	out.UseCRLF = true
	_ = out.WriteAll(rows) // what is wrong now is that the browser has gone
	return nil
}

// plain takes from a text what a spreadsheet would run as a formula (R4): it is shown as it stands,
// behind an apostrophe. See OWASP, CSV Injection.
func plain(text string) string {
	if text != "" && strings.ContainsAny(text[:1], "=+-@\t\r\n|%") ||
		strings.HasPrefix(text, "＝") || strings.HasPrefix(text, "＋") ||
		strings.HasPrefix(text, "－") || strings.HasPrefix(text, "＠") {
		return "'" + text
	}
	return text
}
