package web_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"watari/kit/clock"
	"watari/kit/web"
	"watari/kit/web/webtest"
)

// plain is a server that says when a request began and how long ago that was.
func plain(c web.Config) *web.Server {
	s := web.New(c)
	s.Handle("POST /began", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		fmt.Fprint(w, clock.Now().Sub(web.Began(r.Context())).Round(time.Millisecond))
	}))
	s.Handle("GET /wait", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(5 * time.Second):
			fmt.Fprint(w, "waited")
		case <-r.Context().Done():
		}
	}))
	return s
}

// Goal: budgets count from the first byte of a request, also on a connection that is used again.
// Method: virtual time; a request written in parts with pauses, three times on one connection, the
// second with a long body and the third after a long silence.
func TestBeganIsTheFirstByte(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ln := webtest.NewMemory()
		serve(t, plain(web.Config{}), ln)
		c, err := ln.Dial(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		in := bufio.NewReader(c)

		if got := askBegan(t, c, in, 2*time.Second, "x"); got != "3s" {
			t.Errorf("first request: %s, want 3s", got)
		}
		if got := askBegan(t, c, in, time.Second, strings.Repeat("x", 100_000)); got != "2s" {
			t.Errorf("second request: %s, want 2s", got)
		}
		time.Sleep(time.Minute)
		if got := askBegan(t, c, in, 4*time.Second, "x"); got != "5s" {
			t.Errorf("third request, a minute later: %s, want 5s", got)
		}
	})
}

// askBegan sends a request with pauses inside its first line and before its body.
func askBegan(t *testing.T, c net.Conn, in *bufio.Reader, pause time.Duration, body string) string {
	t.Helper()
	send(t, c, "POST /beg")
	time.Sleep(pause)
	send(t, c, "an HTTP/1.1\r\nHost: x\r\nContent-Length: "+strconv.Itoa(len(body))+"\r\n\r\n")
	time.Sleep(time.Second)
	send(t, c, body)
	return answer(t, in)
}

// Goal: nobody can hold a connection by being slow (W5). Method: virtual time; a head, a body and
// a silence that never end.
func TestSlowCallersAreCutOff(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		sends string
		after time.Duration
	}{
		"nothing at all":     {"", 5 * time.Second},
		"a head without end": {"GET / HTTP/1.1\r\nHost: x\r\n", 5 * time.Second},
		"a body without end": {"POST /began HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx",
			15 * time.Second},
		"silence after answer": {"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", 90 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ln := webtest.NewMemory()
				serve(t, plain(web.Config{}), ln)
				conn, err := ln.Dial(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				began := clock.Now()
				go func() { _, _ = io.WriteString(conn, c.sends) }()

				_, _ = io.Copy(io.Discard, conn)

				if took := clock.Now().Sub(began); took < c.after || took > c.after+time.Second {
					t.Errorf("cut off after %v, want %v", took, c.after)
				}
			})
		})
	}
}

// Goal: a body that comes too slowly is told so. Method: virtual time and an operation.
func TestSlowBodyIsAnswered408(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	synctest.Test(t, func(t *testing.T) {
		s := web.New(web.Config{Log: f.config.Log})
		web.Register(s, web.Op{ID: "x", Method: "POST", Path: "/x", Summary: "X", Public: true},
			func(context.Context, *struct{ Body amount }) (*struct{}, error) { return nil, nil })
		ln := webtest.NewMemory()
		serve(t, s, ln)
		c, err := ln.Dial(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		go send(t, c, "POST /x HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"+
			"Content-Length: 99\r\n\r\n{")

		resp, err := http.ReadResponse(bufio.NewReader(c), nil)

		if err != nil || resp.StatusCode != http.StatusRequestTimeout {
			t.Errorf("%v, %v", resp, err)
		}
	})
}

// Goal: requests under way are answered when the server stops, and new ones are not taken.
// Method: virtual time; a request of five seconds, stopped after one.
func TestStopLetsRequestsFinish(t *testing.T) {
	t.Parallel()
	for grace, want := range map[time.Duration]string{10 * time.Second: "waited", time.Second: ""} {
		t.Run(grace.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ln := webtest.NewMemory()
				ctx, stop := context.WithCancel(t.Context())
				done := make(chan error, 1)
				s := plain(web.Config{Grace: grace})
				go func() { done <- s.Serve(ctx, ln) }()
				client := ln.Client()
				got := make(chan string, 1)
				go func() { got <- get(client, "http://x/wait") }()
				time.Sleep(time.Second)

				stop()

				if text := <-got; text != want {
					t.Errorf("answer %q, want %q", text, want)
				}
				if err := <-done; err != nil {
					t.Errorf("serve: %v", err)
				}
				if text := get(client, "http://x/wait"); text != "" {
					t.Errorf("after the end: %q", text)
				}
				client.CloseIdleConnections()
			})
		})
	}
}

// Goal: beyond the bound quiet connections make room, and where all are busy the caller is told
// 503 at once. Method: a bound of four, first quiet connections, then waiting requests.
func TestFullServerRefusesOrMakesRoom(t *testing.T) {
	t.Parallel()
	raw, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ln := web.Limit(raw, 4)
	serve(t, plain(web.Config{}), ln)
	url := "http://" + raw.Addr().String()
	var quiet []net.Conn
	began := clock.Now()
	for range 4 {
		quiet = append(quiet, dial(t, raw.Addr().String()))
	}
	waitFor(t, func() bool { return ln.Stats().Open == 4 })

	busy := fresh()
	resp, err := busy.Get(url + "/healthz")
	isSlow := clock.Now().Sub(began) >= time.Second // they are quiet by now
	if !isSlow && (err != nil || resp.StatusCode != 503 || resp.Header.Get("Retry-After") != "1") {
		t.Errorf("full of young connections: %v, %v", resp, err)
	}
	time.Sleep(1100 * time.Millisecond)
	if resp, err := busy.Get(url + "/healthz"); err != nil || resp.StatusCode != 200 {
		t.Errorf("full of quiet connections: %v, %v", resp, err)
	}
	_ = quiet[0].SetReadDeadline(clock.Now().Add(5 * time.Second))
	if _, err := quiet[0].Read(make([]byte, 1)); !errors.Is(err, io.EOF) &&
		!errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the longest quiet connection was not closed: %v", err)
	}

	for _, c := range quiet {
		c.Close()
	}
	waitFor(t, func() bool { return ln.Stats().Open <= 1 })
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for range 4 {
		go func() {
			req, _ := http.NewRequestWithContext(ctx, "GET", url+"/wait", nil)
			resp, err := fresh().Do(req)
			if err == nil {
				resp.Body.Close()
			}
		}()
	}
	waitFor(t, func() bool { return ln.Stats().Open == 4 })
	time.Sleep(1100 * time.Millisecond)
	resp, err = fresh().Get(url + "/healthz")
	if err != nil || resp.StatusCode != 503 {
		t.Fatalf("full of busy connections: %v, %v", resp, err)
	}
	var doc struct{ Type string }
	if err := json.NewDecoder(resp.Body).Decode(&doc); err != nil ||
		doc.Type != "/problems/too-many-connections" {
		t.Errorf("problem %+v, %v", doc, err)
	}
}

// Goal: a process with few descriptors answers all the time while another opens as many
// connections as it can, and its accept loop does not spin. Method: this test again as a second
// process with 400 descriptors, flooded from here.
func TestFloodOfConnectionsKeepsNobodyOut(t *testing.T) {
	t.Parallel()
	if os.Getenv("WATARI_TEST_FLOODED") != "" {
		flooded(t)
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestFloodOfConnectionsKeepsNobodyOut$")
	cmd.Env = append(os.Environ(), "WATARI_TEST_FLOODED=1")
	stdin, _ := cmd.StdinPipe()
	stdout, _ := cmd.StdoutPipe()
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		stdin.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("flooded process: %v", err)
		}
	}()
	lines := bufio.NewReader(stdout)
	addr, err := lines.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	addr = strings.TrimSpace(addr)

	var mu sync.Mutex
	var open []net.Conn
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 125 {
				c, err := net.DialTimeout("tcp", addr, time.Minute)
				if err == nil {
					mu.Lock()
					open = append(open, c)
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	defer func() {
		for _, c := range open {
			c.Close()
		}
	}()

	good, told := 0, 0
	for range 20 {
		resp, err := fresh().Get("http://" + addr + "/healthz")
		switch {
		case err != nil:
			t.Errorf("no answer: %v", err)
		case resp.StatusCode == 200:
			good++
		case resp.StatusCode == 503 && resp.Header.Get("Retry-After") != "":
			told++
		default:
			t.Errorf("answer %v", resp)
		}
		time.Sleep(100 * time.Millisecond)
	}
	if good < 5 {
		t.Errorf("%d of 20 callers were let in, %d were told to come again", good, told)
	}
	t.Logf("%d connections opened, then %d callers let in, %d told to come again", len(open), good,
		told)
}

// flooded is the second process: it serves until its input ends, and says how it went.
func flooded(t *testing.T) {
	limit := syscall.Rlimit{Cur: 400, Max: 400}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if n := web.MaxConns(); n != 100 {
		t.Errorf("%d connections for 400 descriptors, want 100", n)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- plain(web.Config{}).Serve(ctx, ln) }()
	fmt.Println(ln.Addr())
	_, _ = io.Copy(io.Discard, os.Stdin)

	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Error(err)
	}
	if s := used.Utime.Sec + used.Stime.Sec; s > 5 {
		t.Errorf("%d seconds of processor time: something spins", s)
	}
	if f, err := os.Open(os.DevNull); err != nil {
		t.Errorf("no descriptor left for a file: %v", err)
	} else {
		f.Close()
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// serve runs a server inside a test until it ends.
func serve(t *testing.T, s *web.Server, ln net.Listener) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, ln) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
}

// fresh is a client with connections of its own.
func fresh() *http.Client {
	return &http.Client{Timeout: 10 * time.Second,
		Transport: &http.Transport{DisableKeepAlives: true}}
}

func dial(t *testing.T, addr string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func send(t *testing.T, c net.Conn, text string) {
	if _, err := io.WriteString(c, text); err != nil {
		t.Error(err)
	}
}

// answer reads one answer and returns its body.
func answer(t *testing.T, in *bufio.Reader) string {
	t.Helper()
	resp, err := http.ReadResponse(in, nil)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// get returns the body of an answer, or "" when there was none.
func get(client *http.Client, url string) string {
	resp, err := client.Get(url)
	if err != nil {
		return ""
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return ""
	}
	return string(body)
}

func waitFor(t *testing.T, ok func() bool) {
	t.Helper()
	for range 6000 {
		if ok() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("waited a minute in vain")
}
