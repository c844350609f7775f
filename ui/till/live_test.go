package till_test

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"
)

// stream opens the live stream and returns its lines.
func (b *browser) stream(ctx context.Context) <-chan string {
	b.r.t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.base+"/till/live", nil)
	b.r.must(err)
	req.Header.Set("Accept-Language", b.lang)
	res, err := b.Do(req)
	b.r.must(err)
	if got := res.Header.Get("Content-Type"); !strings.HasPrefix(got, "text/event-stream") {
		b.r.t.Fatalf("the stream is %s", got)
	}
	lines := make(chan string, 100)
	go func() {
		defer res.Body.Close()
		defer close(lines)
		for in := bufio.NewScanner(res.Body); in.Scan(); {
			lines <- in.Text()
		}
	}()
	return lines
}

// next waits for a line that contains a text.
func next(t *testing.T, lines <-chan string, text string) string {
	t.Helper()
	timeout := time.After(time.Minute)
	for {
		select {
		case line, open := <-lines:
			if !open {
				t.Fatalf("the stream ended before %q", text)
			}
			if strings.Contains(line, text) {
				return line
			}
		case <-timeout:
			t.Fatalf("%q did not come", text)
		}
	}
}

// Goal: a till hears of its store's payments at once, and how its own ended in its language; of
// another store's it hears nothing. Method: a stream, a sale here and one elsewhere.
func TestLiveStreamTellsOfTheStore(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.till(0, "ja")
	elsewhere := r.elsewhere()
	lines := b.stream(t.Context())
	next(t, lines, "event: hello")

	elsewhere.paid("555", sale1)
	at := b.paid("1980", sale1)
	id := strings.TrimPrefix(at, "/till/payments/")

	line := next(t, lines, `"state":"captured"`)
	for _, want := range []string{id, "1,980円", "支払い済み", `"tone":"good"`} {
		if !strings.Contains(line, want) {
			t.Errorf("the stream says %s, want %s in it", line, want)
		}
	}
	for {
		select {
		case line := <-lines:
			if strings.Contains(line, "data:") && !strings.Contains(line, id) {
				t.Errorf("the stream tells of another payment: %s", line)
			}
			continue
		case <-time.After(300 * time.Millisecond):
		}
		return
	}
}

// Goal: the streams end when the server is to stop. Method: Done is closed.
func TestLiveStreamEndsWithTheServer(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	lines := r.till(0, "en").stream(t.Context())
	next(t, lines, "event: hello")
	close(r.done)
	timeout := time.After(time.Minute)
	for {
		select {
		case _, open := <-lines:
			if !open {
				return
			}
		case <-timeout:
			t.Fatal("the stream goes on")
		}
	}
}
