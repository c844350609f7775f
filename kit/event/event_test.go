package event_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/event"
)

var tables = []fs.FS{event.Migrations()}

// write appends events of a subject in one transaction.
func write(t testing.TB, d *db.DB, l *event.Log, lane int, subject string, n int) {
	t.Helper()
	err := d.Update(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		evs := make([]event.Event, n)
		for i := range evs {
			evs[i] = event.Event{Kind: "payment.captured", Subject: subject, Actor: "test",
				AcquirerNo: 1, StoreNo: int64(i % 2),
				Data: json.RawMessage(fmt.Sprintf(`{"n":%d,"name":"渡り\t"}`, i))}
		}
		return l.Append(ctx, tx, lane, evs)
	})
	if err != nil {
		t.Error(err)
	}
	l.Wake()
}

func places(evs []event.Event) (out []string) {
	for _, e := range evs {
		out = append(out, fmt.Sprintf("%d.%d", e.Lane, e.Seq))
	}
	return out
}

// Goal: events come back as they were written, numbered without gaps, and the chain holds.
// Method: append twice with every field set, read all, compare.
func TestEventsComeBackInOrderAndChained(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, tables, func(t *testing.T, d *db.DB) {
		l := event.NewLog(d)
		at := time.Date(2026, 11, 22, 9, 0, 0, 123456789, clock.JST)
		evs := []event.Event{
			{At: at, Kind: "payment.authorised", Subject: "pay_1", AcquirerNo: 3, StoreNo: 4,
				Actor: "key_1", Data: json.RawMessage(`{"a": "\u0000 é"}`)},
			{Kind: "payment.captured", Subject: "pay_1"},
		}
		for range 2 {
			err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				if err := l.Append(ctx, tx, 5, evs); err != nil {
					return err
				}
				return l.Append(ctx, tx, 5, nil)
			})
			if err != nil {
				t.Fatal(err)
			}
		}

		got, cur, err := l.Read(t.Context(), event.Cursor{}, event.Filter{}, 10)
		if err != nil || len(got) != 4 || cur.String() != "5.4" {
			t.Fatalf("%d events, cursor %s, %v", len(got), cur, err)
		}
		first := got[0]
		if !first.At.Equal(at.Truncate(time.Microsecond)) || first.Kind != "payment.authorised" ||
			first.AcquirerNo != 3 || first.StoreNo != 4 || first.Actor != "key_1" ||
			string(first.Data) != `{"a": "\u0000 é"}` || first.Seq != 1 || len(first.Hash) != 32 {
			t.Errorf("first event %+v", first)
		}
		if string(got[1].Data) != "{}" || got[1].At.IsZero() {
			t.Errorf("second event %+v", got[1])
		}
		if err := l.VerifyChain(t.Context()); err != nil {
			t.Error(err)
		}
		same, err := l.Subject(t.Context(), "pay_1")
		if err != nil || len(same) != 4 {
			t.Errorf("%d events of the subject, %v", len(same), err)
		}
	})
}

// Goal: tampering is found (E3). Method: one change each, at the database.
func TestTamperingIsFound(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		q   string
		seq int64
	}{
		"content changed":  {`update event set data = '{}' where lane = 1 and seq = 3`, 3},
		"time changed":     {`update event set at_us = at_us + 1 where lane = 1 and seq = 1`, 1},
		"event removed":    {`delete from event where lane = 1 and seq = 4`, 4},
		"tail removed":     {`delete from event where lane = 1 and seq >= 9`, 9},
		"head turned back": {`update event_lane set seq = 9 where lane = 1`, 9},
		"head removed":     {`delete from event_lane where lane = 1`, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, tables, func(t *testing.T, d *db.DB) {
				l := event.NewLog(d)
				write(t, d, l, 1, "pay_1", 10)
				write(t, d, l, 2, "pay_2", 3)
				err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
					_, err := tx.Exec(ctx, c.q)
					return err
				})
				if err != nil {
					t.Fatal(err)
				}

				err = l.VerifyChain(t.Context())

				e, ok := errors.AsType[*event.ChainError](err)
				if !ok || e.Lane != 1 || e.Seq != c.seq {
					t.Errorf("got %v, want event %d of lane 1", err, c.seq)
				}
			})
		})
	}
}

// Goal: what would break the canonical line is refused. Method: a tab and a newline.
func TestControlCharactersAreRefused(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t, db.SQLite, tables...)
	l := event.NewLog(d)
	for _, e := range []event.Event{{Kind: "a\tb"}, {Subject: "a\n"}, {Actor: "\x00"}} {
		err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			return l.Append(ctx, tx, 1, []event.Event{e})
		})
		if err == nil {
			t.Errorf("%+v was taken", e)
		}
	}
}

// Goal: a reader by cursor misses nothing and sees nothing twice while several append (E1).
// Method: two writers on one lane and one on each of two more, each transaction of random
// length held open a little; a reader with small pages goes on until all is there, and
// compares with the order in the database.
func TestReaderByCursorMissesNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, tables, func(t *testing.T, d *db.DB) {
		l := event.NewLog(d)
		const perWriter = 25
		var wg sync.WaitGroup
		for w, lane := range []int{1, 1, 2, 3} {
			wg.Go(func() { appendMany(t, d, l, w, lane, perWriter) })
		}
		finished := make(chan struct{})
		go func() { wg.Wait(); close(finished) }()

		seen := follow(t, l, finished)

		total := 0
		for w := range 4 {
			for i := range perWriter {
				for j := range 1 + i%3 {
					total++
					if n := seen[fmt.Sprintf("%d/%d/%d", w, i, j)]; n != 1 {
						t.Errorf("event %d/%d/%d was seen %d times", w, i, j, n)
					}
				}
			}
		}
		if sum := seen["lane 1"] + seen["lane 2"] + seen["lane 3"]; sum != int64(total) {
			t.Errorf("%d events, want %d", sum, total)
		}
		if err := l.VerifyChain(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// appendMany appends in n transactions one to three events each, and holds them open a bit.
func appendMany(t *testing.T, d *db.DB, l *event.Log, writer, lane, n int) {
	for i := range n {
		err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			evs := make([]event.Event, 1+i%3)
			for j := range evs {
				evs[j] = event.Event{Kind: "k", Subject: fmt.Sprintf("%d/%d/%d", writer, i, j)}
			}
			err := l.Append(ctx, tx, lane, evs)
			time.Sleep(time.Duration(i%4) * time.Millisecond)
			return err
		})
		if err != nil {
			t.Errorf("writer %d: %v", writer, err)
		}
	}
}

// follow reads in pages of seven until nothing comes after the writers have finished, and
// returns how often each subject was seen and the last number of each lane.
func follow(t *testing.T, l *event.Log, finished <-chan struct{}) map[string]int64 {
	seen, cur, over := map[string]int64{}, event.Cursor{}, false
	for {
		evs, next, err := l.Read(t.Context(), cur, event.Filter{}, 7)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range evs {
			lane := fmt.Sprint("lane ", e.Lane)
			if e.Seq != seen[lane]+1 {
				t.Fatalf("lane %d: event %d after %d", e.Lane, e.Seq, seen[lane])
			}
			seen[lane] = e.Seq
			seen[e.Subject]++
		}
		if cur, err = event.ParseCursor(next.String()); err != nil {
			t.Fatal(err)
		}
		if len(evs) == 0 && over {
			return seen
		}
		select {
		case <-finished:
			over = true
		default:
		}
	}
}

// Goal: a filter hides events, never the way past them. Method: each filter, page of one.
func TestFilterChoosesAndTheCursorGoesOn(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, tables, func(t *testing.T, d *db.DB) {
		l := event.NewLog(d)
		write(t, d, l, 1, "pay_1", 4)
		write(t, d, l, 2, "pay_2", 2)
		for name, c := range map[string]struct {
			f    event.Filter
			want []string
		}{
			"all":     {event.Filter{}, []string{"1.1", "1.2", "1.3", "1.4", "2.1", "2.2"}},
			"store":   {event.Filter{AcquirerNo: 1, StoreNo: 1}, []string{"1.2", "1.4", "2.2"}},
			"subject": {event.Filter{Subject: "pay_2"}, []string{"2.1", "2.2"}},
			"no kind": {event.Filter{Kinds: []string{"x", "y"}}, nil},
			"a kind": {event.Filter{StoreNo: 1, Kinds: []string{"x", "payment.captured"}},
				[]string{"1.2", "1.4", "2.2"}},
			"stranger": {event.Filter{AcquirerNo: 2}, nil},
		} {
			var got []string
			cur := event.Cursor{}
			for {
				evs, next, err := l.Read(t.Context(), cur, c.f, 1)
				if err != nil {
					t.Fatal(err)
				}
				cur = next
				if len(evs) == 0 {
					break
				}
				got = append(got, places(evs)...)
			}
			if !slices.Equal(got, c.want) || cur.String() != "1.4-2.2" {
				t.Errorf("%s: %v at %s, want %v", name, got, cur, c.want)
			}
		}
	})
}

// Goal: strangers' cursors are refused. Method: malformed texts.
func TestParseCursorRefusesWhatIsNone(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"x", "1", "1.", ".1", "1.2-", "1.2-1.3", "1.-2", "1.2.3",
		"9999999999.1", "1.99999999999999999999"} {
		if c, err := event.ParseCursor(s); err == nil {
			t.Errorf("%q was read as %s", s, c)
		}
	}
	for _, s := range []string{"", "1.2", "1.2-30.4"} {
		if c, err := event.ParseCursor(s); err != nil || c.String() != s {
			t.Errorf("%q was read as %s, %v", s, c, err)
		}
	}
}

// Goal: a subscriber gets its events at once after Wake, in order, and only its own.
// Method: two subscribers in a bubble, where nothing polls.
func TestSubscriberGetsItsEventsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := dbtest.New(t, db.SQLite, tables...)
		l := event.NewLog(d)
		write(t, d, l, 1, "pay_0", 2)
		ctx, cancel := context.WithCancel(t.Context())
		all := l.Subscribe(ctx, event.Filter{})
		one := l.Subscribe(ctx, event.Filter{Subject: "pay_2"})

		write(t, d, l, 1, "pay_1", 2)
		write(t, d, l, 1, "pay_2", 1)
		synctest.Wait()

		var got []event.Event
		for len(all) > 0 {
			got = append(got, <-all)
		}
		if want := []string{"1.3", "1.4", "1.5"}; !slices.Equal(places(got), want) {
			t.Errorf("got %v, want %v", places(got), want)
		}
		if e := <-one; e.Subject != "pay_2" || len(one) != 0 {
			t.Errorf("got %+v", e)
		}
		cancel()
		if _, open := <-all; open {
			t.Error("the channel is open after the end of the context")
		}
		synctest.Wait()
		write(t, d, l, 1, "pay_3", 1) // nobody listens, nothing runs
	})
}

// Goal: a subscriber that does not read is cut off and holds up nobody. Method: one reads,
// one does not, 300 events.
func TestLaggingSubscriberIsClosed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := dbtest.New(t, db.SQLite, tables...)
		l := event.NewLog(d)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		slow, quick := l.Subscribe(ctx, event.Filter{}), l.Subscribe(ctx, event.Filter{})
		n := 0
		go func() {
			for range quick {
				n++
			}
		}()
		for range 30 {
			write(t, d, l, 1, "pay_1", 10)
			synctest.Wait()
		}

		lagged := 0
		for range slow {
			lagged++
		}
		if lagged != 256 || n != 300 {
			t.Errorf("the slow one got %d events, the quick one %d", lagged, n)
		}
		again := l.Subscribe(ctx, event.Filter{})
		write(t, d, l, 1, "pay_2", 1)
		if e := <-again; e.Seq != 301 {
			t.Errorf("after subscribing again: %+v", e)
		}
	})
}

// Goal: subscribers see what another node wrote within a second. Method: two DB handles on
// one PostgreSQL database; one writes, the other listens. The machine may be busy, so of several
// events the fastest has to be there within the second.
func TestEventsOfAnotherNodeArriveWithinASecond(t *testing.T) {
	t.Parallel()
	location := dbtest.Migrated(t, db.Postgres, tables...)
	d1 := dbtest.Open(t, location, db.Options{})
	d2 := dbtest.Open(t, location, db.Options{})
	writer, reader := event.NewLog(d1), event.NewLog(d2)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ch := reader.Subscribe(ctx, event.Filter{})

	fastest := time.Hour
	for i := range 5 {
		before := clock.Now()
		write(t, d1, writer, 1, fmt.Sprint(i), 1)
		select {
		case e := <-ch:
			if e.Subject != fmt.Sprint(i) {
				t.Errorf("got %+v", e)
			}
			fastest = min(fastest, clock.Now().Sub(before))
			t.Logf("seen after %v", clock.Now().Sub(before))
		case <-time.After(time.Minute):
			t.Fatal("nothing within a minute")
		}
	}
	if fastest > time.Second {
		t.Errorf("the fastest was seen after %v", fastest)
	}
}

// Goal: a lane has one holder, is free again after release, and is taken over when its
// holder dies. Method: virtual time on SQLite; the death is a closed database handle, whose
// renewals fail.
func TestLaneClaimAndTakeover(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		location := dbtest.Migrated(t, db.SQLite, tables...)
		d := dbtest.Open(t, location, db.Options{})
		dying, err := db.Open(t.Context(), location, db.Options{})
		if err != nil {
			t.Fatal(err)
		}
		claim := func(d *db.DB, want int) func() {
			t.Helper()
			lane, release, err := event.ClaimLane(t.Context(), d, "node")
			if err != nil || lane != want {
				t.Fatalf("claimed lane %d, %v, want %d", lane, err, want)
			}
			return release
		}

		releaseDead := claim(dying, 1)
		defer releaseDead()
		release2 := claim(d, 2)
		time.Sleep(time.Minute)
		release3 := claim(d, 3)
		release2()
		release2()
		claim(d, 2)()

		if err := dying.Close(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		claim(d, 2)() // lane 1 is still claimed
		time.Sleep(6 * time.Second)
		claim(d, 1)()
		release3()
	})
}

// Goal: two nodes never claim the same lane. Method: twenty claims at the same time on two
// handles.
func TestConcurrentClaimsAreDifferent(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, tables, func(t *testing.T, d *db.DB) {
		var mu sync.Mutex
		var lanes []int
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				lane, release, err := event.ClaimLane(t.Context(), d, "node")
				if err != nil {
					t.Error(err)
					return
				}
				t.Cleanup(release)
				mu.Lock()
				defer mu.Unlock()
				lanes = append(lanes, lane)
			})
		}
		wg.Wait()
		slices.Sort(lanes)
		if n := len(slices.Compact(lanes)); n != 20 || lanes[19] != 20 {
			t.Errorf("lanes %v", lanes)
		}
	})
}
