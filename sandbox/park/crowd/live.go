package crowd

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"watari/kit/clock"
)

// LiveConfig is what Live runs with.
type LiveConfig struct {
	Feed
	// Past is how many days before today are sent at the first start, so that there is a usual
	// course: counts only, 0 to 7.
	Past int
	Log  *slog.Logger
	// Now is the time; nil is clock.Now. Pause waits; nil is real time.
	Now   func() time.Time
	Pause func(ctx context.Context, d time.Duration) error
}

// dayCut is when a park day begins in Japan.
const dayCut = 5 * time.Hour

// dayOf returns the park day that holds a moment, and its begin.
func dayOf(t time.Time) (day string, start time.Time) {
	at := t.In(clock.JST).Add(-dayCut)
	start = time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, clock.JST).Add(dayCut)
	return at.Format(time.DateOnly), start.UTC()
}

// Live lets people come to the park in real time until ctx ends: it simulates each day when it
// begins and sends what has happened of it, minute by minute. The day's date is its seed, so it
// goes on where it was after a restart. A network that does not answer is tried again.
func Live(ctx context.Context, c LiveConfig) {
	if c.Now == nil {
		c.Now = clock.Now
	}
	if c.Pause == nil {
		c.Pause = pause
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	l := &live{LiveConfig: c}
	for ctx.Err() == nil {
		wait := time.Minute - time.Duration(c.Now().Second())*time.Second
		if err := l.minute(ctx); err != nil && ctx.Err() == nil {
			c.Log.Debug("sandbox: the park's sensors are not heard", "error", err)
			l.day = "" // begin again: what is sent twice counts once
			wait = 10 * time.Second
		}
		if c.Pause(ctx, wait+2*time.Second) != nil {
			return
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// live is the day under way.
type live struct {
	LiveConfig
	day   string
	start time.Time
	is    *Day // nil while the park is closed
	sent  int  // the first minute that was not sent
	told  int  // how many signals were
}

// minute sends what happened since the last one.
func (l *live) minute(ctx context.Context) error {
	now := l.Now()
	day, start := dayOf(now)
	if day != l.day {
		if err := l.begin(ctx, day, start, now); err != nil {
			return err
		}
	}
	if l.is == nil {
		return nil
	}
	until := int(now.Sub(l.start) / time.Minute)
	if err := l.Counts(ctx, l.start, l.is, l.sent, until); err != nil {
		return err
	}
	if err := l.Samples(ctx, l.start, l.is, max(l.sent, until-30), until); err != nil {
		return err
	}
	for _, s := range l.is.SortedSignals()[l.told:] {
		if s.At > float64(until) {
			break
		}
		if err := l.Tell(ctx, s); err != nil {
			return err
		}
		l.told++
	}
	l.sent = until
	return nil
}

// scheduleForm is the hours of days, in the ThemeParks.wiki shape.
type scheduleForm struct {
	Schedule []struct {
		Date    string    `json:"date"`
		Opening time.Time `json:"openingTime"`
		Closing time.Time `json:"closingTime"`
	} `json:"schedule"`
}

// begin starts a day: what is missing is planted, what has happened of the day is sent, and staff
// say how things stand.
func (l *live) begin(ctx context.Context, day string, start, now time.Time) error {
	if err := l.Plant(ctx); err != nil {
		return err
	}
	if err := l.past(ctx, start); err != nil {
		return err
	}
	open, closes, err := l.hours(ctx, day, start)
	if err != nil {
		return err
	}
	l.start, l.is, l.sent, l.told = start, nil, 0, 0
	if closes > open {
		l.is = Simulate(Options{Seed: seedOf(start), Open: open, Close: closes})
		until := float64(now.Sub(start) / time.Minute)
		last := map[string]Signal{}
		for _, s := range l.is.SortedSignals() {
			if s.At > until {
				break
			}
			l.told++
			key := s.Code
			if s.State == "" {
				key += " windows"
			}
			last[key] = s
		}
		for _, s := range last {
			if err := l.Tell(ctx, s); err != nil {
				return err
			}
		}
		if until >= open && until < closes {
			if err := l.Number(ctx); err != nil {
				return err
			}
		}
	}
	l.day = day
	return nil
}

// hours asks when the park is open, in minutes since the begin of the day; 0, 0 when it is not.
func (l *live) hours(
	ctx context.Context, day string, start time.Time,
) (open, closes float64, err error) {
	var form scheduleForm
	var month string
	if len(day) == len(time.DateOnly) {
		month = "/" + day[:4] + "/" + day[5:7]
	}
	path := "/v1/entity/" + url.PathEscape(l.Park) + "/schedule" + month
	if err := l.call(ctx, http.MethodGet, path, nil, &form); err != nil {
		return 0, 0, fmt.Errorf("read hours: %w", err)
	}
	for _, s := range form.Schedule {
		if s.Date == day {
			open = max(0, s.Opening.Sub(start).Minutes())
			closes = min(Minutes, s.Closing.Sub(start).Minutes())
		}
	}
	return open, closes, nil
}

// seedOf makes a day's seed of its date.
func seedOf(start time.Time) uint64 { return uint64(start.Unix()) / 86400 }

// past sends the counts of the days before, unless there are days already.
func (l *live) past(ctx context.Context, start time.Time) error {
	if l.Past == 0 {
		return nil
	}
	first := start.Add(-time.Duration(l.Past) * 24 * time.Hour)
	from, _ := dayOf(first)
	to, _ := dayOf(start.Add(-time.Hour))
	var days struct{ Items []struct{} }
	err := l.call(ctx, http.MethodGet, l.path("/queue-days?from="+from+"&to="+to), nil, &days)
	if err != nil {
		return fmt.Errorf("read past days: %w", err)
	}
	if len(days.Items) > 0 {
		return nil
	}
	for at := first; at.Before(start); at = at.Add(24 * time.Hour) {
		day, _ := dayOf(at)
		open, closes, err := l.hours(ctx, day, at)
		if err != nil {
			return err
		}
		if closes <= open {
			continue
		}
		d := Simulate(Options{Seed: seedOf(at), Open: open, Close: closes})
		if err := l.Counts(ctx, at, d, 0, Minutes); err != nil {
			return err
		}
		if err := l.Samples(ctx, at, d, 0, Minutes); err != nil {
			return err
		}
		if err := l.Pause(ctx, 500*time.Millisecond); err != nil { // nobody is in a hurry
			return err
		}
	}
	return nil
}
