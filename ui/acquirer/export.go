package acquirer

import (
	"fmt"
	"net/http"
	"time"

	trail "watari/kit/audit"
	"watari/ui/console"
)

// exportTime is how long an export may take to send.
const exportTime = 5 * time.Minute

// exportAudit writes the bank's trail as lines of JSON, for `watari audit verify`.
func (a *app) exportAudit(v *console.Visit) error {
	h := v.W.Header()
	h.Set("Content-Type", "application/jsonl; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="watari-audit.jsonl"`)
	h.Set("Cache-Control", "no-store")
	_ = http.NewResponseController(v.W).SetWriteDeadline(v.Now.Add(exportTime))
	out := &counted{w: v.W}
	_, err := trail.Export(v.Ctx(), a.Events, bank(v), "", 0, out)
	switch {
	case err == nil:
		return nil
	case out.n == 0:
		for _, name := range []string{"Content-Type", "Content-Disposition"} {
			h.Del(name)
		}
		return fmt.Errorf("export the trail: %w", err)
	}
	// Some of it is sent: a broken connection says that it is not the whole.
	panic(http.ErrAbortHandler)
}

// counted counts what was written.
type counted struct {
	w http.ResponseWriter
	n int
}

// Write is part of io.Writer.
func (c *counted) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += n
	return n, err
}
