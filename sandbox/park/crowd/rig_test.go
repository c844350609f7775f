package crowd_test

import (
	"context"
	"io/fs"
	"log/slog"
	"math"
	"sync"
	"testing"
	"time"

	"watari/kit/access"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/event"
	"watari/kit/i18n"
	"watari/kit/web"
	"watari/kit/web/webtest"
	"watari/sandbox/park/crowd"
	"watari/visit/park/queue"
)

// today begins at 05:00 in Japan on a holiday.
var today = time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC)

// park is a network with one park, open from 09:00 to 20:00, and a clock that the test moves.
type park struct {
	*queue.Queues
	t    *testing.T
	feed *crowd.Feed
	ids  map[string]string // by code

	mu  sync.Mutex
	now time.Time
}

// Park is part of queue.Parks.
func (p *park) Park(_ context.Context, name string) (queue.Park, bool, error) {
	return p.facts(), name == p.facts().ID || name == p.facts().Slug, nil
}

func (p *park) facts() queue.Park {
	return queue.Park{ID: "prk_kogen", Slug: "kogen", AcquirerNo: 1, MerchantNo: 7, StoreNo: 3,
		Name: i18n.Text{i18n.English: "Fuji Kogen Land"}}
}

// Parks is part of queue.Parks.
func (p *park) Parks(context.Context) ([]queue.Park, error) {
	return []queue.Park{p.facts()}, nil
}

// Hours is part of queue.Parks.
func (p *park) Hours(_ context.Context, _, from, to string) (all []queue.Hours, err error) {
	first, _ := queue.DayStart(from)
	for at := first; queue.DayOf(at) <= to; at = at.Add(24 * time.Hour) {
		all = append(all, queue.Hours{Day: queue.DayOf(at), Open: at.Add(4 * time.Hour),
			Close: at.Add(15 * time.Hour)})
	}
	return all, nil
}

func (p *park) clock() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now
}

func (p *park) set(t time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now = t
}

// newPark serves a park over loopback and plants the crowd's queues by its API.
func newPark(t *testing.T, e db.Engine) *park {
	t.Helper()
	d := dbtest.New(t, e, []fs.FS{event.Migrations(), access.Migrations, queue.Migrations()}...)
	p := &park{t: t, now: today, ids: map[string]string{}}
	p.Queues = queue.New(queue.Config{DB: d, Log: event.NewLog(d), Lane: event.FirstLane,
		Parks: p, Now: p.clock, Logger: slog.New(slog.DiscardHandler)})
	keys := access.New(d)
	w := web.New(web.Config{Keys: keys, Log: slog.New(slog.DiscardHandler)})
	p.Register(w)
	p.feed = &crowd.Feed{Base: webtest.Start(t, w), Park: "kogen"}
	err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
		p.feed.Key, err = keys.Create(ctx, tx, access.Grant{Role: access.MerchantManager,
			ParticipantNo: 1, MerchantNo: 7, Label: "sensors"})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // again plants nothing
		p.must(p.feed.Plant(t.Context()))
	}
	all, err := p.Places(t.Context(), "kogen")
	if err != nil || len(all) != len(crowd.Plan()) {
		t.Fatalf("%d queues, %v", len(all), err)
	}
	for _, one := range all {
		p.ids[one.Code] = one.ID
	}
	return p
}

func (p *park) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// teach lets a day pass before today: its counts are collected and sent at once.
func (p *park) teach(seed uint64) {
	p.t.Helper()
	d := crowd.Simulate(crowd.Options{Seed: seed})
	p.must(p.feed.Counts(p.t.Context(), today.Add(-24*time.Hour), d, 0, crowd.Minutes))
	p.must(p.CloseDays(p.t.Context(), "kogen"))
}

// live lets today pass minute by minute, with everything that sensors and staff send.
func (p *park) live(d *crowd.Day, from, until int) {
	p.t.Helper()
	ctx := p.t.Context()
	signals := d.SortedSignals()
	for m := from; m < until; m++ {
		p.set(today.Add(time.Duration(m) * time.Minute))
		p.must(p.feed.Counts(ctx, today, d, m-1, m))
		p.must(p.feed.Samples(ctx, today, d, m-1, m))
		for len(signals) > 0 && signals[0].At <= float64(m) {
			p.must(p.feed.Tell(ctx, signals[0]))
			signals = signals[1:]
		}
		p.must(p.Tick(ctx, "kogen"))
	}
}

// found is what was found about a place, by minute of the day.
func (p *park) found(code string) map[int]queue.Moment {
	p.t.Helper()
	all, err := p.History(p.t.Context(), "kogen", p.ids[code], today, today.Add(24*time.Hour))
	p.must(err)
	by := map[int]queue.Moment{}
	for _, m := range all {
		by[int(m.At.Sub(today)/time.Minute)] = m
	}
	return by
}

// deviation is sums of absolute errors over minutes in which a wait was shown and somebody joined.
type deviation struct {
	Code, Name                string
	N, True, Inside           float64
	Estimate, Shown           float64
	ByNominal, ByLast, Signed float64
}

func (e *deviation) add(o deviation) {
	e.N, e.True, e.Inside = e.N+o.N, e.True+o.True, e.Inside+o.Inside
	e.Estimate, e.Shown, e.Signed = e.Estimate+o.Estimate, e.Shown+o.Shown, e.Signed+o.Signed
	e.ByNominal, e.ByLast = e.ByNominal+o.ByNominal, e.ByLast+o.ByLast
}

// judge compares what was found about a place with the truth. Both guesses that it is compared
// with are given the truth about the line: how many people really stand in it, and what the last
// one really waited.
func (p *park) judge(d *crowd.Day, code string) deviation {
	at := d.Find(code)
	e := deviation{Code: code, Name: at.Name.In(i18n.English)}
	truth, last, nominal, found := at.Truth(), at.LastWaits(), at.Nominal(), p.found(code)
	for m := 1; m < crowd.Minutes; m++ {
		is, ok := found[m]
		if !ok || is.Wait == nil || math.IsNaN(truth[m]) {
			continue
		}
		wait := float64(*is.Wait) / 60
		e.N++
		e.True += truth[m]
		e.Signed += wait - truth[m]
		e.Estimate += math.Abs(wait - truth[m])
		e.Shown += math.Abs(float64(*is.Shown) - truth[m])
		e.ByNominal += math.Abs(float64(at.Lines[m-1])/nominal - truth[m])
		e.ByLast += math.Abs(last[m] - truth[m])
		if s := truth[m] * 60; s >= float64(*is.Low)-1 && s <= float64(*is.High)+1 {
			e.Inside++
		}
	}
	return e
}

// japan is the time of a minute of the day.
func japan(m int) string {
	return today.Add(time.Duration(m) * time.Minute).In(clock.JST).Format("15:04")
}
