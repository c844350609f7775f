package foureyes_test

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/event"
	"watari/kit/fault"
	"watari/kit/foureyes"
)

var (
	ann = foureyes.Person{Name: "Ann", Actor: "key:ann"}
	ben = foureyes.Person{Name: "Ben"}
)

// world is a desk that can do one kind of change: "lamp", which is then lit.
type world struct {
	*foureyes.Desk
	t   *testing.T
	db  *db.DB
	log *event.Log
	lit atomic.Int64
	// broken is what the lamp says when it is lit.
	broken error
}

// each runs a test on both engines.
func each(t *testing.T, fn func(w *world)) {
	t.Helper()
	sets := []fs.FS{event.Migrations(), foureyes.Migrations()}
	dbtest.Each(t, sets, func(t *testing.T, d *db.DB) {
		w := &world{t: t, db: d, log: event.NewLog(d)}
		w.Desk = foureyes.New(d, w.log, event.FirstLane)
		w.Handle("lamp", func(_ context.Context, r foureyes.Request) (foureyes.Apply, error) {
			if string(r.Body) == `{"stale":true}` {
				return nil, foureyes.ErrStale.Newf("the lamp is gone")
			}
			return func(context.Context, *db.Tx) error {
				if w.broken == nil {
					w.lit.Add(1)
				}
				return w.broken
			}, nil
		})
		fn(w)
	})
}

// propose makes one request.
func (w *world) propose(by foureyes.Person, r foureyes.Request) []foureyes.Request {
	w.t.Helper()
	if r.Kind == "" {
		r.Kind, r.Subject = "lamp", "lamp:1"
	}
	if r.Body == nil {
		r.Body = json.RawMessage(`{"on":true}`)
	}
	var made []foureyes.Request
	err := w.db.Update(context.Background(), func(ctx context.Context, tx *db.Tx) (err error) {
		made, err = w.Propose(ctx, tx, by, r)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return made
}

func (w *world) approve(id string, by foureyes.Person) error {
	_, err := w.Approve(context.Background(), id, by)
	return err
}

func (w *world) want(what string, err error, p *fault.Problem) {
	w.t.Helper()
	if p == nil && err != nil || p != nil && !errors.Is(err, p) {
		w.t.Errorf("%s: got %v, want %v", what, err, p)
	}
}

// Goal: a change is done by two people, once, and everybody is named (Y1, Y2, Y5). Method: the
// maker tries under three spellings; another approves; both try again; then the events.
func TestChangeTakesTwoPeople(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		r := w.propose(ann, foureyes.Request{Note: "it is dark"})[0]
		for _, name := range []string{"Ann", "ann", " ANN "} {
			w.want(name, w.approve(r.ID, foureyes.Person{Name: name}), foureyes.ErrOwn)
		}
		if err := w.approve(r.ID, foureyes.Person{Name: " "}); err == nil {
			w.t.Error("nobody approved it")
		}
		if w.lit.Load() != 0 {
			w.t.Fatal("it is done before a second person looked")
		}
		w.want("approve", w.approve(r.ID, ben), nil)
		w.want("approve again", w.approve(r.ID, ben), foureyes.ErrDecided)
		_, err := w.Reject(context.Background(), r.ID, ben)
		w.want("reject", err, foureyes.ErrDecided)
		got, err := w.Find(context.Background(), r.ID)
		if err != nil || got.State != foureyes.Approved || got.Maker != "Ann" ||
			got.Checker != "Ben" || got.Decided.IsZero() || got.Note != "it is dark" {
			w.t.Errorf("got %+v, %v", got, err)
		}
		if n := w.lit.Load(); n != 1 {
			w.t.Errorf("done %d times", n)
		}
		all, err := w.log.Subject(context.Background(), "lamp:1")
		if err != nil || len(all) != 2 || all[0].Kind != "change.proposed" ||
			all[0].Actor != "key:ann" || all[1].Kind != "change.approved" ||
			all[1].Actor != "person:Ben" || !strings.Contains(string(all[1].Data), r.ID) {
			w.t.Errorf("events: %+v, %v", all, err)
		}
		w.want("unknown", w.approve("chg_none", ben), foureyes.ErrUnknown)
	})
}

// Goal: a rejected change is never done, and its maker may reject it.
func TestRejectedIsFinal(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		r := w.propose(ann, foureyes.Request{})[0]
		_, err := w.Reject(context.Background(), r.ID, ann)
		w.want("reject", err, nil)
		w.want("approve", w.approve(r.ID, ben), foureyes.ErrDecided)
		if w.lit.Load() != 0 {
			w.t.Error("it is done")
		}
	})
}

// Goal: what cannot be done leaves the request open, and nothing half done (Y3). Method: a kind
// that refuses before the transaction, one that fails inside, one that nobody knows.
func TestWhatCannotBeDoneStaysOpen(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		stale := w.propose(ann, foureyes.Request{Body: json.RawMessage(`{"stale":true}`)})[0]
		w.want("stale", w.approve(stale.ID, ben), foureyes.ErrStale)

		r := w.propose(ann, foureyes.Request{})[0]
		w.broken = errors.New("the lamp is broken")
		if err := w.approve(r.ID, ben); !errors.Is(err, w.broken) {
			w.t.Errorf("got %v", err)
		}
		other := w.propose(ann, foureyes.Request{Kind: "door", Subject: "door:1"})[0]
		if err := w.approve(other.ID, ben); err == nil {
			w.t.Error("a kind that nobody knows was approved")
		}
		open, err := w.List(context.Background(), foureyes.Filter{State: foureyes.Open})
		if err != nil || len(open) != 3 {
			w.t.Errorf("open: %+v, %v", open, err)
		}
		w.broken = nil
		w.want("repaired", w.approve(r.ID, ben), nil)
	})
}

// Goal: what was asked once is not asked again, whatever became of it (Y4); without a digest it
// is. Method: the same digest before and after a rejection, and in another kind.
func TestDigestIsAskedOnce(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		r := w.propose(ann, foureyes.Request{Digest: "d"})
		again := w.propose(ben, foureyes.Request{Digest: "d"})
		if len(r) != 1 || len(again) != 0 {
			w.t.Fatalf("got %d and %d", len(r), len(again))
		}
		_, err := w.Reject(context.Background(), r[0].ID, ben)
		w.want("reject", err, nil)
		if n := len(w.propose(ann, foureyes.Request{Digest: "d"})); n != 0 {
			w.t.Error("a rejected change is asked again")
		}
		if n := len(w.propose(ann, foureyes.Request{Kind: "door", Digest: "d"})); n != 1 {
			w.t.Error("another kind's digest counts")
		}
		for range 2 {
			if n := len(w.propose(ann, foureyes.Request{})); n != 1 {
				w.t.Error("a change without a digest is not asked again")
			}
		}
	})
}

// Goal: many who approve at once do it once (Y2). Method: eight nodes.
func TestManyApproveAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		r := w.propose(ann, foureyes.Request{})[0]
		var done atomic.Int64
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				switch err := w.approve(r.ID, ben); {
				case err == nil:
					done.Add(1)
				case !errors.Is(err, foureyes.ErrDecided):
					w.t.Errorf("got %v", err)
				}
			})
		}
		wg.Wait()
		if done.Load() != 1 || w.lit.Load() != 1 {
			w.t.Errorf("approved %d times, done %d times", done.Load(), w.lit.Load())
		}
	})
}
