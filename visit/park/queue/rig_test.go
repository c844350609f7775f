package queue_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"watari/kit/access"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/event"
	"watari/kit/i18n"
	"watari/kit/web"
	"watari/visit/park/queue"
)

func sets() []fs.FS {
	return []fs.FS{event.Migrations(), access.Migrations, queue.Migrations()}
}

// day begins at 05:00 in Japan; the park is open from 09:00 to 20:00.
var day = time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC)

// rig is a network with two parks of two merchants at two banks, and a clock that tests move.
type rig struct {
	*queue.Queues
	t       testing.TB
	db      *db.DB
	log     *event.Log
	web     *web.Server
	secrets map[string]string

	mu  sync.Mutex
	now time.Time
	off map[string]bool // the codes of what the map says is closed
	// bare are the visitors who hold no ticket for today.
	bare map[string]bool
}

// each runs a test on both engines.
func each(t *testing.T, fn func(t *testing.T, r *rig)) {
	t.Helper()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) { fn(t, newRig(t, d)) })
}

func newRig(t testing.TB, d *db.DB) *rig {
	t.Helper()
	r := &rig{t: t, db: d, log: event.NewLog(d), now: day.Add(4 * time.Hour),
		secrets: map[string]string{}}
	keys := access.New(d)
	r.web = web.New(web.Config{Keys: keys, Log: slog.New(slog.DiscardHandler)})
	r.Queues = r.node()
	r.Register(r.web)
	err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
		for name, g := range map[string]access.Grant{
			"owner":    {Role: access.MerchantOwner, ParticipantNo: 1, MerchantNo: 7},
			"manager":  {Role: access.MerchantManager, ParticipantNo: 1, MerchantNo: 7},
			"gate":     {Role: access.MerchantCashier, ParticipantNo: 1, MerchantNo: 7, StoreNo: 3},
			"shop":     {Role: access.MerchantManager, ParticipantNo: 1, MerchantNo: 7, StoreNo: 4},
			"rival":    {Role: access.MerchantOwner, ParticipantNo: 1, MerchantNo: 8},
			"abroad":   {Role: access.MerchantOwner, ParticipantNo: 2, MerchantNo: 7},
			"bank":     {Role: access.AcquirerViewer, ParticipantNo: 1},
			"other":    {Role: access.Acquirer, ParticipantNo: 2},
			"operator": {Role: access.Operator},
		} {
			g.Label = name
			if r.secrets[name], err = keys.Create(ctx, tx, g); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if undeclared := r.web.Undeclared(); len(undeclared) > 0 {
			t.Errorf("undeclared: %v", undeclared)
		}
	})
	return r
}

// node is another node of the network.
func (r *rig) node() *queue.Queues {
	return queue.New(queue.Config{DB: r.db, Log: r.log, Lane: event.FirstLane, Parks: r,
		Now: r.clock, Logger: slog.New(slog.DiscardHandler),
		Located: func(context.Context, string) (map[string]queue.Point, error) {
			return map[string]queue.Point{}, nil
		},
		Shut: func(context.Context, string) (map[string]bool, error) {
			r.mu.Lock()
			defer r.mu.Unlock()
			return maps.Clone(r.off), nil
		},
		Holders: func(_ context.Context, park string, ids []string) (map[string]bool, error) {
			r.mu.Lock()
			defer r.mu.Unlock()
			got := map[string]bool{}
			for _, id := range ids {
				got[id] = !r.bare[id]
			}
			return got, nil
		}})
}

// mapSays closes places on the map, and opens all others there.
func (r *rig) mapSays(closed ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.off = map[string]bool{}
	for _, code := range closed {
		r.off[code] = true
	}
}

func (r *rig) clock() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

// at moves the clock to a time of the day in Japan, "13:05".
func (r *rig) at(clock string) {
	r.t.Helper()
	var h, m int
	if _, err := fmt.Sscanf(clock, "%d:%d", &h, &m); err != nil {
		r.t.Fatal(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = day.Add(time.Duration(h-5)*time.Hour + time.Duration(m)*time.Minute)
}

func (r *rig) later(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = r.now.Add(d)
}

var parks = []queue.Park{
	{ID: "prk_kogen", Slug: "kogen", AcquirerNo: 1, MerchantNo: 7, StoreNo: 3,
		Name:     i18n.Text{i18n.English: "Kogen Land", i18n.Japanese: "高原ランド"},
		Latitude: 35.487, Longitude: 138.78},
	{ID: "prk_umi", Slug: "umi", AcquirerNo: 1, MerchantNo: 8, StoreNo: 9,
		Name: i18n.Text{i18n.English: "Sea Land"}},
}

// Park is part of queue.Parks.
func (r *rig) Park(_ context.Context, name string) (queue.Park, bool, error) {
	for _, p := range parks {
		if p.ID == name || p.Slug == name {
			return p, true, nil
		}
	}
	return queue.Park{}, false, nil
}

// Parks is part of queue.Parks.
func (r *rig) Parks(context.Context) ([]queue.Park, error) { return parks, nil }

// Hours is part of queue.Parks.
func (r *rig) Hours(_ context.Context, _, from, to string) (all []queue.Hours, err error) {
	first, _ := queue.DayStart(from)
	for at := first; queue.DayOf(at) <= to; at = at.Add(24 * time.Hour) {
		all = append(all, queue.Hours{Day: queue.DayOf(at), Open: at.Add(4 * time.Hour),
			Close: at.Add(15 * time.Hour)})
	}
	return all, nil
}

// call sends "POST /v1/…" with somebody's key, wants a status, and returns the answer.
func (r *rig) call(who, what, body string, want int) map[string]any {
	r.t.Helper()
	got, _ := r.send(who, what, body, want)
	return got
}

func (r *rig) send(who, what, body string, want int) (map[string]any, http.Header) {
	r.t.Helper()
	method, path, _ := strings.Cut(what, " ")
	var content io.Reader
	if body != "" {
		content = strings.NewReader(body)
	}
	q := httptest.NewRequest(method, path, content)
	if who != "" {
		q.Header.Set("Authorization", "Bearer "+r.secrets[who])
	}
	if body != "" {
		q.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	r.web.ServeHTTP(w, q)
	if w.Code != want {
		r.t.Fatalf("%s %s: %d %s, want %d", who, what, w.Code, w.Body, want)
	}
	var got map[string]any
	if w.Body.Len() > 0 {
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			r.t.Fatalf("%s %s: %s: %v", who, what, w.Body, err)
		}
	}
	return got, w.Header()
}

func items(list map[string]any) (all []map[string]any) {
	raw, _ := list["items"].([]any)
	for _, one := range raw {
		m, _ := one.(map[string]any)
		all = append(all, m)
	}
	return all
}

func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// ride adds a coaster of 24 seats every 90 s, with a virtual queue.
func (r *rig) ride(code string) queue.Place {
	r.t.Helper()
	p, err := r.AddPlace(r.t.Context(), queue.Place{ParkID: "kogen", Code: code,
		Kind: queue.Ride, Name: i18n.Text{i18n.English: "The " + code},
		Design: queue.Design{Seats: 24, Dispatch: 90 * time.Second},
		Virtual: queue.Virtual{Offered: true, SharePPM: 250_000, Lead: 5 * time.Minute,
			Window: 15 * time.Minute, Grace: 5 * time.Minute, PartyMax: 4,
			Draw: 2 * time.Minute}}, "test")
	r.must(err)
	return p
}

func ptr(n int64) *int64 { return &n }

// observe sends what a sensor counts in the minute before now.
func (r *rig) observe(place string, entered, served, cycles int64) {
	r.t.Helper()
	_, err := r.Observe(r.t.Context(), "kogen", "s1", []queue.Count{{Place: place,
		Minute: r.clock().Add(-time.Minute), Entered: ptr(entered), Served: ptr(served),
		Cycles: ptr(cycles)}})
	r.must(err)
}

// pass lets minutes pass, each with the same counts, and looks after each.
func (r *rig) pass(place string, minutes int, entered, served, cycles int64) {
	r.t.Helper()
	for range minutes {
		r.later(time.Minute)
		r.observe(place, entered, served, cycles)
		r.must(r.Tick(r.t.Context(), "kogen"))
	}
}

// wait is what is shown of a place.
func (r *rig) wait(placeID string) queue.Wait {
	r.t.Helper()
	all, err := r.Live(r.t.Context(), "kogen")
	r.must(err)
	for _, w := range all {
		if w.Place.ID == placeID {
			return w
		}
	}
	r.t.Fatalf("%s is not on the board", placeID)
	return queue.Wait{}
}

// told counts the events of a kind.
func (r *rig) told(kind string) int {
	r.t.Helper()
	evs, _, err := r.log.Read(r.t.Context(), event.Cursor{}, event.Filter{Kinds: []string{kind}},
		1000)
	r.must(err)
	return len(evs)
}
