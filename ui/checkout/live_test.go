package checkout_test

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Goal: a page that waits hears at once that its order was paid, and of no other order. Method: two
// orders, one stream.
func TestLiveStreamTellsOfItsOrder(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.browser("en")
	_, mine := r.order(1980)
	_, yours := r.order(2500)
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.server.URL+mine+"/live", nil)
	r.must(err)
	res, err := b.Do(req)
	r.must(err)
	defer res.Body.Close()
	if got := res.Header.Get("Content-Type"); !strings.HasPrefix(got, "text/event-stream") {
		t.Fatalf("the stream is %s", got)
	}
	lines := make(chan string, 100)
	go func() {
		defer close(lines)
		for in := bufio.NewScanner(res.Body); in.Scan(); {
			lines <- in.Text()
		}
	}()

	b.post(yours, "wallet", "MIDORI").is(200)
	time.Sleep(50 * time.Millisecond)
	for len(lines) > 0 {
		if line := <-lines; strings.HasPrefix(line, "event:") {
			t.Errorf("the stream tells of another order: %s", line)
		}
	}
	b.post(mine, "wallet", "MIDORI").is(200)
	for line := range lines {
		if line == "event: change" {
			return
		}
	}
	t.Error("the stream ended without a word")
}
