package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"
)

// Rush is what `watari bench rush` prints last. Times are of one visitor's order, until it is
// held or refused.
type Rush struct {
	Engine  string  `json:"engine"`
	Buyers  int     `json:"buyers"`
	Places  int     `json:"places"`
	Sold    int     `json:"sold"`
	SoldOut int     `json:"sold_out"`
	Errors  int     `json:"errors"`
	Elapsed float64 `json:"elapsed_ms"`
	P50     float64 `json:"p50_ms"`
	P99     float64 `json:"p99_ms"`
	Taken   int64   `json:"taken"` // as the quota counts
}

// Lasted fills in the times.
func (r *Rush) Lasted(all time.Duration, each []time.Duration) {
	slices.Sort(each)
	r.Elapsed = ms(all)
	if len(each) > 0 {
		r.P50, r.P99 = ms(each[len(each)/2]), ms(each[len(each)*99/100])
	}
}

// Holds says whether exactly the places were sold that there are, and nobody was told anything but
// that it is sold out.
func (r *Rush) Holds() bool {
	want := min(r.Buyers, r.Places)
	return r.Errors == 0 && r.Sold == want && r.SoldOut == r.Buyers-want &&
		r.Taken == int64(want)
}

// Say writes the figures for people.
func (r *Rush) Say(w io.Writer) {
	fmt.Fprintf(w, "%s: %d visitors, %d places: %d sold, %d sold out, %d errors in %.0f ms; "+
		"p50 %.1f ms, p99 %.1f ms\n", r.Engine, r.Buyers, r.Places, r.Sold, r.SoldOut, r.Errors,
		r.Elapsed, r.P50, r.P99)
}

// Line is the figures as JSON on one line.
func (r *Rush) Line() (string, error) {
	b, err := json.Marshal(r)
	return string(b), err
}
