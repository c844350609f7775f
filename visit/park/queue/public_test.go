package queue_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"watari/kit/db"
	"watari/kit/db/dbtest"
)

// from asks as a stranger at an address.
func (r *rig) from(address, what string) *httptest.ResponseRecorder {
	r.t.Helper()
	q := httptest.NewRequest(http.MethodGet, what, nil)
	q.RemoteAddr = address + ":1000"
	ctx, stop := context.WithCancel(q.Context())
	stop() // of a stream only the beginning is looked at
	w := httptest.NewRecorder()
	r.web.ServeHTTP(w, q.WithContext(ctx))
	return w
}

// Goal: one address asks for so many histories a minute and no more, others are not kept from it,
// and waits have room for all phones of a park behind one address.
func TestStrangersAreBounded(t *testing.T) {
	t.Parallel()
	r := newRig(t, dbtest.New(t, db.SQLite, sets()...))
	p := r.ride("raijin")
	history := "/v1/entity/" + p.ID + "/history?date=2026-11-23"
	codes := map[int]int{}
	var last *httptest.ResponseRecorder
	for range 70 {
		last = r.from("203.0.113.7", history)
		codes[last.Code]++
	}
	if codes[http.StatusTooManyRequests] != 10 || last.Header().Get("Retry-After") == "" {
		t.Errorf("of 70 histories %v, %v", codes, last.Header())
	}
	if w := r.from("203.0.113.8", history); w.Code == http.StatusTooManyRequests {
		t.Error("others are kept from it")
	}
	clear(codes)
	for range 3100 {
		codes[r.from("198.51.100.1", "/v1/destinations").Code]++
	}
	if n := codes[http.StatusTooManyRequests]; n == 0 || n > 100 {
		t.Errorf("of 3100 lists %v", codes)
	}
}

// Goal: those who watch live cannot take all connections of a node, and one address has its share.
// Method: streams that stay open, of one address and of another.
func TestWatchersAreBounded(t *testing.T) {
	t.Parallel()
	r := newRig(t, dbtest.New(t, db.SQLite, sets()...))
	r.ride("raijin")
	for range 3000 {
		if !r.sit("203.0.113.7") {
			t.Fatal("there is no room for a park's phones")
		}
	}
	if r.sit("203.0.113.7") {
		t.Error("one address has more than its share")
	}
	if w := r.from("203.0.113.7", "/v1/parks/kogen/waits/live"); w.Code !=
		http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "30" {
		t.Errorf("it is told %d, %v", w.Code, w.Header())
	}
	if w := r.from("203.0.113.8", "/v1/parks/kogen/waits/live"); w.Code != http.StatusOK {
		t.Errorf("another is told %d", w.Code)
	}
}

// sit takes a seat of those who watch live, as a stream that stays open does.
func (r *rig) sit(address string) bool { return r.Queues.Sit(address) }
