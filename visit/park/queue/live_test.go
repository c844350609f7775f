package queue_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/web/webtest"
	"watari/visit/park/queue"
)

// frame is what a phone reads of the stream.
type frame struct {
	Whole bool
	Waits []struct {
		ID      string
		State   string
		Minutes *int64
	}
}

// frames reads a stream of server-sent events.
func frames(t *testing.T, body *bufio.Reader) <-chan frame {
	ch := make(chan frame, 100)
	go func() {
		defer close(ch)
		for {
			line, err := body.ReadString('\n')
			if err != nil {
				return
			}
			if text, ok := strings.CutPrefix(line, "data: "); ok {
				var f frame
				if err := json.Unmarshal([]byte(text), &f); err != nil {
					t.Errorf("frame %s: %v", text, err)
				}
				ch <- f
			}
		}
	}()
	return ch
}

// Goal: a page gets the whole board first and then what changes, within seconds, also when another
// node found it; what does not change is not sent. Method: a stream in virtual time, two nodes.
func TestBoardsAreSentLive(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, dbtest.New(t, db.SQLite, sets()...))
		r.at("10:00")
		raijin, koma := r.ride("raijin"), r.ride("koma")
		r.pass(raijin.ID, 10, 30, 14, 1)
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		done := make(chan struct{})
		go func() { defer close(done); r.Run(ctx) }()
		client := webtest.StartMemory(t, r.web)
		req, err := http.NewRequestWithContext(ctx, http.MethodGet,
			"http://net/v1/parks/kogen/waits/live", nil)
		r.must(err)
		res, err := client.Do(req)
		r.must(err)
		defer res.Body.Close()
		if res.Header.Get("Access-Control-Allow-Origin") != "*" {
			t.Error("pages of others cannot read it")
		}
		got := frames(t, bufio.NewReader(res.Body))
		first := <-got
		known := false
		for _, w := range first.Waits {
			known = known || w.ID == raijin.ID && w.Minutes != nil
		}
		if !first.Whole || len(first.Waits) != 2 || !known {
			t.Errorf("first %+v", first)
		}
		if r.Listeners() != 1 {
			t.Errorf("%d listen", r.Listeners())
		}
		other := r.node()
		_, err = other.Post(ctx, queue.Post{ParkID: "kogen", PlaceID: koma.ID, State: queue.Down,
			Actor: "x"})
		r.must(err)
		asked := clock.Now()
		next := <-got
		if next.Whole || len(next.Waits) != 1 || next.Waits[0].ID != koma.ID ||
			next.Waits[0].State != "down" {
			t.Errorf("next %+v", next)
		}
		if late := clock.Now().Sub(asked); late > 2*time.Second {
			t.Errorf("it took %s", late)
		}
		r.must(r.Tick(ctx, "kogen"))
		time.Sleep(time.Minute)
		select {
		case f := <-got:
			t.Errorf("nothing changed, and %+v was sent", f)
		default:
		}
		stop()
		<-done
		if _, err := other.Live(t.Context(), "kogen"); err != nil {
			t.Error(err)
		}
	})
}

// Goal: who does not read is cut off and disturbs nobody; who comes back gets the whole board.
// Method: a listener that sleeps over many changes, and one that does not.
func TestWhoLagsIsCutOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, dbtest.New(t, db.SQLite, sets()...))
		r.at("10:00")
		p := r.ride("raijin")
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		done := make(chan struct{})
		go func() { defer close(done); r.Run(ctx) }()
		synctest.Wait()
		lazy, leave, err := r.Subscribe(ctx, "kogen")
		r.must(err)
		defer leave()
		keen, leaveKeen, err := r.Subscribe(ctx, "kogen")
		r.must(err)
		defer leaveKeen()
		heard := 0
		for i := range 30 {
			s := queue.Down
			if i%2 == 0 {
				s = queue.Closed
			}
			_, err := r.Post(ctx, queue.Post{ParkID: "kogen", PlaceID: p.ID, State: s, Actor: "x"})
			r.must(err)
			time.Sleep(3 * time.Second)
			for len(keen) > 0 {
				<-keen
				heard++
			}
		}
		left := 0
		for range lazy { // what was waiting for it, then the end
			left++
		}
		if left > 9 || heard < 25 {
			t.Errorf("the lazy one kept %d frames, the keen one heard %d", left, heard)
		}
		again, leaveAgain, err := r.Subscribe(ctx, "kogen")
		r.must(err)
		defer leaveAgain()
		if f := <-again; !strings.Contains(string(f.Data), `"whole":true`) {
			t.Errorf("again %s", f.Data)
		}
		stop()
		<-done
		synctest.Wait()
		if _, open := <-keen; open {
			t.Error("the stream goes on after the end")
		}
		if _, _, err := r.Subscribe(t.Context(), "none"); err == nil {
			t.Error("a park that is none has a stream")
		}
	})
}
