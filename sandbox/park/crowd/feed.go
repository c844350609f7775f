package crowd

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"strings"
	"time"

	"watari/kit/i18n"
)

// Feed sends what sensors and staff of the park say to a network, as the systems of a real park do:
// over HTTP, with an API key of the park's merchant.
type Feed struct {
	// Base is the network's address without a trailing slash; Park is the park's id or slug.
	Base, Park string
	// Key is an API key of an owner or manager of the park's merchant.
	Key string
	// Client is who asks; nil is a client that waits 10 s.
	Client *http.Client
}

// sensorName is how the sensors call themselves.
const sensorName = "gates and trains"

// perCall is how many counts one call holds.
const perCall = 1500

// call sends a request and reads the answer into out, which may be nil. A status that is no
// success is an error that tells the answer.
func (f *Feed) call(ctx context.Context, method, path string, body, out any) error {
	var in io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		in = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(ctx, method, f.Base+path, in)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+f.Key)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	client := f.Client
	if client == nil {
		client = &http.Client{Timeout: 10 * time.Second}
	}
	res, err := client.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, 8<<20))
	if err != nil {
		return err
	}
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return fmt.Errorf("%s %s: status %d: %.300s", method, path, res.StatusCode, text)
	}
	if out == nil || len(text) == 0 {
		return nil
	}
	return json.Unmarshal(text, out)
}

func (f *Feed) path(rest string) string { return "/v1/parks/" + url.PathEscape(f.Park) + rest }

// The parts of the API that a feed speaks.
type (
	queueForm struct {
		ID      string       `json:"id,omitempty"`
		Code    string       `json:"code"`
		Kind    string       `json:"kind"`
		Name    i18n.Text    `json:"name"`
		Design  designForm   `json:"design"`
		Virtual *virtualForm `json:"virtual,omitempty"`
	}
	designForm struct {
		Seats    int `json:"seats,omitempty"`
		Dispatch int `json:"dispatch_seconds,omitempty"`
		Priority int `json:"priority_ppm,omitempty"`
		Windows  int `json:"windows,omitempty"`
		Service  int `json:"service_seconds,omitempty"`
		Scatter  int `json:"service_scv_ppm,omitempty"`
	}
	virtualForm struct {
		Share  int `json:"share_ppm"`
		Lead   int `json:"lead_seconds"`
		Window int `json:"window_seconds"`
		Grace  int `json:"grace_seconds"`
		NoShow int `json:"no_show_ppm"`
		Party  int `json:"party_max"`
		Draw   int `json:"draw_seconds"`
		// Ticket gives numbers only to who has a ticket for today.
		Ticket bool `json:"ticket_only"`
	}
	countForm struct {
		Queue   string    `json:"queue"`
		Minute  time.Time `json:"minute"`
		Entered int       `json:"entered"`
		Served  int       `json:"served"`
		Back    int       `json:"back"`
		Cycles  *int      `json:"cycles,omitempty"`
	}
	sampleForm struct {
		Queue  string    `json:"queue"`
		Joined time.Time `json:"joined_at"`
		Served time.Time `json:"served_at"`
	}
	postForm struct {
		State   string `json:"state,omitempty"`
		Windows int    `json:"windows,omitempty"`
	}
	queueList struct {
		Items []queueForm `json:"items"`
	}
)

// millionths of a part.
func millionths(part float64) int { return int(math.Round(part * 1e6)) }

// form is how a spot is written.
func (s Spot) form() queueForm {
	q := queueForm{Code: s.Code, Kind: s.Kind, Name: s.Name, Design: designForm{
		Windows: s.Windows, Service: int(math.Round(s.Service))}}
	if s.Kind == KindRide {
		q.Design = designForm{Seats: s.Seats, Dispatch: s.Interval,
			Priority: millionths(s.Priority)}
	} else {
		q.Design.Scatter = 500_000
	}
	if s.NumberedShare > 0 {
		q.Virtual = &virtualForm{Share: millionths(s.NumberedShare), Lead: 600, Window: 1200,
			Grace: 300, NoShow: 100_000, Party: 6, Draw: 120,
			Ticket: true}
	}
	return q
}

// Plant adds the queues of the plan that the park does not have.
func (f *Feed) Plant(ctx context.Context) error {
	var has queueList
	if err := f.call(ctx, http.MethodGet, f.path("/queues"), nil, &has); err != nil {
		return fmt.Errorf("list queues: %w", err)
	}
	known := map[string]bool{}
	for _, q := range has.Items {
		known[q.Code] = true
	}
	for _, s := range Plan() {
		if known[s.Code] {
			continue
		}
		if err := f.call(ctx, http.MethodPost, f.path("/queues"), s.form(), nil); err != nil {
			return fmt.Errorf("add queue %s: %w", s.Code, err)
		}
	}
	return nil
}

// watched tells whether the sensors are switched on in a minute.
func (d *Day) watched(m int) bool {
	return float64(m) >= d.Open-45 && float64(m) <= d.Close+90
}

// Counts sends what the sensors counted from one minute to before another. start is when the park
// day begins, 05:00 in Japan.
func (f *Feed) Counts(ctx context.Context, start time.Time, d *Day, from, until int) error {
	var all []countForm
	send := func() error {
		if len(all) == 0 {
			return nil
		}
		body := map[string]any{"sensor": sensorName, "counts": all}
		all = nil
		return f.call(ctx, http.MethodPost, f.path("/queue-counts"), body, nil)
	}
	for m := max(0, from); m < min(until, Minutes); m++ {
		if !d.watched(m) {
			continue
		}
		for _, p := range d.Places {
			c := p.Counts[m]
			form := countForm{Queue: p.Code, Minute: start.Add(time.Duration(m) * time.Minute),
				Entered: c.Entered, Served: c.Served, Back: c.Back}
			if p.Kind == KindRide {
				form.Cycles = &c.Cycles
			}
			all = append(all, form)
		}
		if len(all) >= perCall {
			if err := send(); err != nil {
				return fmt.Errorf("send counts: %w", err)
			}
		}
	}
	if err := send(); err != nil {
		return fmt.Errorf("send counts: %w", err)
	}
	return nil
}

// timedEvery is of how many groups one gets a token.
const timedEvery = 25

// Samples sends what timed riders found who were served from one minute to before another.
func (f *Feed) Samples(ctx context.Context, start time.Time, d *Day, from, until int) error {
	at := func(minutes float64) time.Time {
		return start.Add(time.Duration(minutes * float64(time.Minute))).Truncate(time.Second)
	}
	var all []sampleForm
	for _, p := range d.Places {
		for i, v := range p.Visits {
			if i%timedEvery == 0 && v.Served >= float64(from) && v.Served < float64(until) {
				all = append(all, sampleForm{p.Code, at(v.Joined), at(v.Served)})
			}
		}
	}
	if len(all) == 0 {
		return nil
	}
	body := map[string]any{"sensor": "tokens", "samples": all}
	if err := f.call(ctx, http.MethodPost, f.path("/queue-samples"), body, nil); err != nil {
		return fmt.Errorf("send samples: %w", err)
	}
	return nil
}

// Tell posts a signal of the staff.
func (f *Feed) Tell(ctx context.Context, s Signal) error {
	form := postForm{State: s.State, Windows: s.Windows}
	err := f.call(ctx, http.MethodPost, f.path("/queues/"+url.PathEscape(s.Code)+"/posts"), form,
		nil)
	if err != nil {
		return fmt.Errorf("post about %s: %w", s.Code, err)
	}
	return nil
}

// Number opens the virtual queues of the plan. One that cannot be opened now is left.
func (f *Feed) Number(ctx context.Context) error {
	for _, s := range Plan() {
		if s.NumberedShare == 0 {
			continue
		}
		err := f.call(ctx, http.MethodPost, f.path("/queues/"+s.Code+"/virtual"),
			map[string]string{"step": "open"}, nil)
		if err != nil && !strings.Contains(err.Error(), "status 409") {
			return fmt.Errorf("open virtual queue of %s: %w", s.Code, err)
		}
	}
	return nil
}
