package bench

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// Figures is what `watari bench pay` prints last.
type Figures struct {
	PerSecond   float64 `json:"payments_per_s"`
	P50         float64 `json:"p50_ms"`
	P99         float64 `json:"p99_ms"`
	Errors      int     `json:"errors"`
	MeanBatch   float64 `json:"mean_batch"`
	Limit       float64 `json:"limit_per_s"`
	Ratio       float64 `json:"ratio"`
	Payments    int     `json:"payments"`
	Concurrency int     `json:"concurrency"`
	Engine      string  `json:"engine"`
	Bytes       int64   `json:"bytes_per_payment"`
	Before      int64   `json:"payments_before"`
}

// Paid fills in what a load came to; orders and batches are of the payment service.
func (f *Figures) Paid(r Result, orders, batches, bytes int64) {
	f.PerSecond, f.Payments, f.Errors = r.PerSecond(), r.Payments, r.Errors
	f.P50, f.P99 = ms(r.Quantile(0.5)), ms(r.Quantile(0.99))
	f.MeanBatch = float64(orders) / float64(max(batches, 1))
	f.Bytes = bytes / int64(max(r.Payments, 1))
}

// Against fills in the bare limit.
func (f *Figures) Against(perSecond float64) {
	f.Limit, f.Ratio = perSecond, f.PerSecond/perSecond
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// Say writes the figures for people.
func (f *Figures) Say(w io.Writer) {
	fmt.Fprintf(w, "%s, %d at once: %d payments, %.0f/s, p50 %.1f ms, p99 %.1f ms\n", f.Engine,
		f.Concurrency, f.Payments, f.PerSecond, f.P50, f.P99)
	fmt.Fprintf(w, "the bare driver writes the same rows at %.0f/s: ratio %.2f\n", f.Limit,
		f.Ratio)
}

// Line is the figures as JSON on one line.
func (f *Figures) Line() (string, error) {
	b, err := json.Marshal(f)
	return string(b), err
}

// Size is what a store takes on disk, in bytes: the files of SQLite in a folder, or the whole
// of a PostgreSQL database.
func Size(ctx context.Context, folder, database string) (int64, error) {
	if database == "" {
		var sum int64
		for _, name := range []string{"watari.db", "watari.db-wal"} {
			st, err := os.Stat(filepath.Join(folder, name))
			if err == nil {
				sum += st.Size()
			} else if !errors.Is(err, os.ErrNotExist) {
				return 0, err
			}
		}
		return sum, nil
	}
	d, err := sql.Open("pgx", database)
	if err != nil {
		return 0, err
	}
	defer d.Close()
	var n int64
	err = d.QueryRowContext(ctx, `select pg_database_size(current_database())`).Scan(&n)
	return n, err
}
