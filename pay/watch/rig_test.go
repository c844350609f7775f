package watch_test

import (
	"context"
	"encoding/json"
	"io/fs"
	"sync"
	"testing"
	"time"

	"watari/kit/access"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/event"
	"watari/kit/foureyes"
	"watari/pay/link/guard"
	"watari/pay/party"
	"watari/pay/risk"
	"watari/pay/watch"
)

func sets() []fs.FS {
	return []fs.FS{event.Migrations(), access.Migrations, foureyes.Migrations(),
		party.Migrations, risk.Migrations, watch.Migrations()}
}

// gauge stands for a guard: it says what a test tells it.
type gauge struct {
	mu    sync.Mutex
	stats []guard.Stat
}

func (g *gauge) Stats() []guard.Stat {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]guard.Stat(nil), g.stats...)
}

func (g *gauge) set(stats ...guard.Stat) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.stats = stats
}

// rig is a watched network of two wallets and a bank, and what its checks find.
type rig struct {
	*watch.Watch
	t       *testing.T
	db      *db.DB
	log     *event.Log
	dir     *party.Directory
	reg     *party.Registry
	gauge   *gauge
	bank    party.Participant
	wallets [2]party.Participant

	found  []watch.Condition // of the standing kinds leg.stuck and notice.given_up
	broken error             // of the check
}

// each runs a test on both engines.
func each(t *testing.T, fn func(t *testing.T, r *rig)) {
	t.Helper()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) { fn(t, newRig(t, d)) })
}

func newRig(t *testing.T, d *db.DB) *rig {
	t.Helper()
	r := &rig{t: t, db: d, log: event.NewLog(d), gauge: &gauge{}}
	r.dir = party.NewDirectory(d)
	r.reg = party.NewRegistry(d, r.dir, r.log, event.FirstLane, party.DefaultSight())
	cap10 := int64(1_000_000)
	r.write(func(ctx context.Context, tx *db.Tx) (err error) {
		if r.bank, err = r.reg.AddParticipant(ctx, tx, "test", party.Participant{ID: "HIDA",
			Name: "Hida Bank", ClientID: "HIDA"}); err != nil {
			return err
		}
		for i, id := range []string{"LIANHUA", "POCHI"} {
			p, err := r.reg.AddParticipant(ctx, tx, "test", party.Participant{ID: id,
				Name: id, Connector: "scripted", BaseURL: "http://127.0.0.1:1"})
			if err != nil {
				return err
			}
			if _, err = r.reg.AddAgreement(ctx, tx, "test", party.Agreement{
				ParticipantNo: p.No, Role: party.Issuer, Currency: "CNY",
				Zone: "Asia/Shanghai", CapMinor: &cap10}); err != nil {
				return err
			}
			r.wallets[i] = p
		}
		return nil
	})
	r.Watch = r.node()
	return r
}

// node is another node of the network.
func (r *rig) node() *watch.Watch {
	return watch.New(watch.Config{DB: r.db, Log: r.log, Lane: event.FirstLane,
		Directory: r.dir, Guard: r.gauge, Checks: []watch.Check{
			watch.Ledger(r.dir), watch.Caps(r.db, r.dir), watch.Keys(r.dir),
			{Kinds: []watch.Kind{watch.LegStuck, watch.NoticeGivenUp},
				Look: func(context.Context) ([]watch.Condition, error) {
					return r.found, r.broken
				}}}})
}

func (r *rig) write(fn func(ctx context.Context, tx *db.Tx) error) {
	r.t.Helper()
	if err := r.db.Update(context.Background(), fn); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) look() {
	r.t.Helper()
	if err := r.Look(r.t.Context()); err != nil {
		r.t.Fatalf("look: %v", err)
	}
}

// only returns the one alert that a filter finds.
func (r *rig) only(f watch.Filter) watch.Alert {
	r.t.Helper()
	all, err := r.List(r.t.Context(), f)
	if err != nil || len(all) != 1 {
		r.t.Fatalf("%d alerts of %+v, want one: %+v, %v", len(all), f, all, err)
	}
	return all[0]
}

func (r *rig) none(f watch.Filter) {
	r.t.Helper()
	all, err := r.List(r.t.Context(), f)
	if err != nil || len(all) != 0 {
		r.t.Fatalf("alerts of %+v, want none: %+v, %v", f, all, err)
	}
}

// told counts the events of a kind.
func (r *rig) told(kind string) int {
	r.t.Helper()
	evs, _, err := r.log.Read(r.t.Context(), event.Cursor{}, event.Filter{Kinds: []string{kind}},
		1000)
	if err != nil {
		r.t.Fatal(err)
	}
	return len(evs)
}

// happens writes an event as the payment core does.
func (r *rig) happens(kind, payment string) {
	r.t.Helper()
	r.write(func(ctx context.Context, tx *db.Tx) error {
		return r.log.Append(ctx, tx, event.FirstLane, []event.Event{{At: clock.Now(),
			Kind: kind, Subject: payment, AcquirerNo: 1, Actor: "system",
			Data: json.RawMessage(`{"refund":"rfd_1"}`)}})
	})
}

// stat is a lane of a wallet that answered so many times.
func (r *rig) stat(wallet int, l guard.Lane, c guard.Counts) guard.Stat {
	return guard.Stat{IssuerNo: r.wallets[wallet].No, IssuerID: r.wallets[wallet].ID, Lane: l,
		State: guard.Closed, Counts: c}
}

var ann, ben = foureyes.Person{Name: "ann"}, foureyes.Person{Name: "ben"}

// lastHour is health of the last hour by minute.
func (r *rig) lastHour(no int64) []watch.Health {
	r.t.Helper()
	now := clock.Now()
	all, err := r.History(r.t.Context(), watch.Span{IssuerNo: no, From: now.Add(-time.Hour),
		Until: now.Add(time.Minute), Step: time.Minute})
	if err != nil {
		r.t.Fatal(err)
	}
	return all
}
