package web_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"watari/kit/clock"
	"watari/kit/web"
	"watari/kit/web/webtest"
)

// feed is a server with one stream of events, and what its page was asked.
func feed(ch chan web.Event, last chan string, ended chan error) *web.Server {
	s := web.New(web.Config{})
	s.Page("GET /feed", func(w http.ResponseWriter, r *http.Request) error {
		last <- web.LastEventID(r)
		err := web.Events(w, r, ch)
		ended <- err
		return err
	})
	return s
}

// Goal: a stream lives longer than any request may take, beats while nothing happens, and says
// where to go on. Method: virtual time; two minutes with two events.
func TestEventsOutliveTheTimeOfARequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ch, last, ended := make(chan web.Event), make(chan string, 1), make(chan error, 1)
		client := webtest.StartMemory(t, feed(ch, last, ended))
		req, _ := http.NewRequestWithContext(t.Context(), "GET", "http://x/feed", nil)
		req.Header.Set("Last-Event-ID", "41")
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		got := make(chan string, 1)
		go func() {
			text, _ := io.ReadAll(resp.Body)
			got <- string(text)
		}()

		time.Sleep(61 * time.Second)
		ch <- web.Event{ID: "42", Name: "paid", Data: []byte("{\"a\":1,\r\n\"b\":2}")}
		time.Sleep(20 * time.Second)
		ch <- web.Event{Data: []byte("plain"), ID: "4\n3"}
		close(ch)

		want := "retry: 2000\n\n" + strings.Repeat(":\n\n", 4) +
			"id: 42\nevent: paid\ndata: {\"a\":1,\ndata: \"b\":2}\n\n" + ":\n\n" +
			"id: 43\ndata: plain\n\n"
		if text := <-got; text != want {
			t.Errorf("got %q\nwant %q", text, want)
		}
		if id := <-last; id != "41" {
			t.Errorf("last event id %q", id)
		}
		if kind := resp.Header.Get("Content-Type"); kind != "text/event-stream" {
			t.Errorf("media type %q", kind)
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// Goal: a stream ends when the caller leaves, when he no longer reads, and at once when the server
// stops. Method: virtual time; each of the three.
func TestEventsEnd(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		leave, stop bool
		within      time.Duration
	}{
		"the caller leaves":        {leave: true, within: 0},
		"the caller does not read": {within: 25 * time.Second},
		"the server stops":         {stop: true, within: 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ch, last, ended := make(chan web.Event), make(chan string, 1), make(chan error, 1)
				ctx, stop := context.WithCancel(t.Context())
				defer stop()
				ln := webtest.NewMemory()
				done := make(chan error, 1)
				go func() { done <- feed(ch, last, ended).Serve(ctx, ln) }()
				conn, err := ln.Dial(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				send(t, conn, "GET /feed?last_event_id=7 HTTP/1.1\r\nHost: x\r\n\r\n")
				if id := <-last; id != "7" {
					t.Errorf("last event id %q", id)
				}
				in := bufio.NewReader(conn)
				for line := ""; line != "retry: 2000\n"; {
					if line, err = in.ReadString('\n'); err != nil {
						t.Fatal(err)
					}
				}
				began := clock.Now()

				if c.leave {
					conn.Close()
				}
				if c.stop {
					stop()
				}

				if err := <-ended; err != nil {
					t.Error(err)
				}
				if took := clock.Now().Sub(began); took > c.within {
					t.Errorf("ended after %v, want %v at the latest", took, c.within)
				}
				stop()
				if err := <-done; err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// Goal: files are sent small, kept as long as they stay the same, and nothing else is shown.
// Method: a folder with one file of each sort.
func TestStaticFiles(t *testing.T) {
	t.Parallel()
	script := strings.Repeat("let paid = true;\n", 200)
	f := newFixture(t)
	static := f.Static("/static/", fstest.MapFS{
		"app.js":      {Data: []byte(script)},
		"ready.js":    {Data: []byte(script)},
		"ready.js.gz": {Data: []byte("compressed before")},
		"tiny.css":    {Data: []byte("a{}")},
		"dot.png":     {Data: []byte(strings.Repeat("png", 1000))},
		".gitkeep":    {Data: []byte("secret")},
		"sub/a.svg":   {Data: []byte("<svg/>")},
	})
	gz := []string{"Accept-Encoding", "br, gzip;q=0.8"}

	for _, c := range []struct {
		path    string
		headers []string
		status  int
		kind    string
		coding  string
		cache   string
	}{
		{"/static/app.js", nil, 200, "text/javascript; charset=utf-8", "", "no-cache"},
		{"/static/app.js", gz, 200, "text/javascript; charset=utf-8", "gzip", "no-cache"},
		{"/static/app.js", []string{"Accept-Encoding", "gzip;q=0"}, 200,
			"text/javascript; charset=utf-8", "", "no-cache"},
		{static.URL("app.js"), gz, 200, "text/javascript; charset=utf-8", "gzip",
			"public, max-age=31536000, immutable"},
		{"/static/app.js?v=old", gz, 200, "text/javascript; charset=utf-8", "gzip", "no-cache"},
		{"/static/ready.js", gz, 200, "text/javascript; charset=utf-8", "gzip", "no-cache"},
		{"/static/tiny.css", gz, 200, "text/css; charset=utf-8", "", "no-cache"},
		{"/static/dot.png", gz, 200, "image/png", "", "no-cache"},
		{"/static/sub/a.svg", gz, 200, "image/svg+xml", "", "no-cache"},
		{"/static/ready.js.gz", gz, 404, "application/problem+json", "", "no-store"},
		{"/static/.gitkeep", nil, 404, "application/problem+json", "", "no-store"},
		{"/static/sub", nil, 404, "application/problem+json", "", "no-store"},
		{"/static/", nil, 404, "application/problem+json", "", "no-store"},
		{"/static/%2e%2e/x", nil, 404, "application/problem+json", "", "no-store"},
	} {
		w := f.send("GET", c.path, "", c.headers...)
		h := w.Header()
		if w.Code != c.status || h.Get("Content-Type") != c.kind || h.Get("Cache-Control") !=
			c.cache || h.Get("Content-Encoding") != c.coding {
			t.Errorf("%s %v: %d %v", c.path, c.headers, w.Code, h)
		}
		if tag := h.Get("Etag"); w.Code == 200 {
			again := f.send("GET", c.path, "", append(c.headers, "If-None-Match", tag)...)
			if again.Code != http.StatusNotModified || again.Body.Len() != 0 {
				t.Errorf("%s again: %d", c.path, again.Code)
			}
		}
	}
	if w := f.send("GET", "/static/ready.js", "", gz...); w.Body.String() != "compressed before" {
		t.Errorf("the file beside it was not taken: %.20q", w.Body)
	}
	if static.URL("none.js") != "/static/none.js" || static.Has("none.js") ||
		!static.Has("app.js") {
		t.Error("what there is and what not")
	}
	if !strings.HasPrefix(static.URL("app.js"), "/static/app.js?v=") {
		t.Errorf("address %s", static.URL("app.js"))
	}
}

// Goal: the pages about problems name every problem. Method: the list and one page, as browsers
// and as programs ask.
func TestProblemPagesNameEveryProblem(t *testing.T) {
	t.Parallel()
	f := newFixture(t)

	list := f.send("GET", "/problems", "", "Accept", "text/html").Body.String()
	asJSON := f.send("GET", "/problems", "").Body.String()
	page := f.send("GET", "/problems/test-shop-shut", "", "Accept", "text/html").Body.String()

	for _, slug := range []string{"test-shop-shut", "request-invalid", "unauthenticated"} {
		if !strings.Contains(list, fmt.Sprintf(`href="/problems/%s"`, slug)) ||
			!strings.Contains(asJSON, fmt.Sprintf(`"type":"/problems/%s"`, slug)) {
			t.Errorf("%s is not in the list", slug)
		}
	}
	for _, want := range []string{"409 Conflict", "The shop is shut", "POST /v1/stores/{store}"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in the page", want)
		}
	}
	if w := f.send("GET", "/problems/style.css", ""); w.Code != 200 {
		t.Errorf("style: %d", w.Code)
	}
}
