package queue_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/web/webtest"
	"watari/visit/park/queue"
)

// phonesAt is the environment variable that makes this test's binary a crowd of phones: "ADDRESS
// NUMBER". They live in a process of their own, so that what is measured is the node's alone.
const phonesAt = "WATARI_PHONES_AT"

// TestMain is the tests, or the phones.
func TestMain(m *testing.M) {
	if where := os.Getenv(phonesAt); where != "" {
		address, number, _ := strings.Cut(where, " ")
		n, err := strconv.Atoi(number)
		if err == nil {
			err = phones(address, n)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "phones:", err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// phones opens n streams and prints a line each time that all of them have one frame more. They go
// when the parent closes their standard input.
func phones(address string, n int) error {
	var frames atomic.Int64
	all := make(chan struct{}, 64)
	for range n {
		c, err := net.Dial("tcp", address)
		if err != nil {
			return err
		}
		defer c.Close()
		if _, err := c.Write([]byte("GET /v1/parks/kogen/waits/live HTTP/1.1\r\nHost: net\r\n" +
			"Accept: text/event-stream\r\n\r\n")); err != nil {
			return err
		}
		go func() {
			r := bufio.NewReaderSize(c, 512)
			for {
				line, err := r.ReadSlice('\n')
				if err != nil && err != bufio.ErrBufferFull {
					return
				}
				if bytes.HasPrefix(line, []byte("event: waits")) &&
					frames.Add(1)%int64(n) == 0 {
					all <- struct{}{}
				}
			}
		}()
	}
	gone := make(chan struct{})
	go func() {
		_, _ = bufio.NewReader(os.Stdin).ReadByte()
		close(gone)
	}()
	for round := 1; ; round++ {
		select {
		case <-all:
			fmt.Println(round)
		case <-gone:
			return nil
		}
	}
}

// startPhones starts the phones and returns their lines, and what sends them away.
func startPhones(b *testing.B, address string, n int) (lines *bufio.Scanner, away func()) {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %d", phonesAt, address, n))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	return bufio.NewScanner(out), func() {
		_ = in.Close()
		_ = cmd.Wait()
	}
}

// resident is the memory of this process that is in use, in bytes: of Go, and of the system.
func resident(b *testing.B) (heap, rss float64) {
	b.Helper()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	var kib float64
	if _, err := fmt.Sscan(rest, &kib); err != nil {
		b.Fatal(err)
	}
	return float64(m.HeapInuse + m.StackInuse), kib * 1024
}

func processor(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkListeners measures what 5,000 phones cost that watch the waits of a park with 17 places
// on one node: memory a phone, processor time and elapsed time from a word of the staff until all
// phones have it, and processor time while nothing changes.
func BenchmarkListeners(b *testing.B) {
	const listeners = 5000
	d := dbtest.New(b, db.SQLite, sets()...)
	r := newRig(b, d)
	for i := range 17 {
		r.ride(fmt.Sprintf("p%d", i))
	}
	ctx, stop := context.WithCancel(b.Context())
	var running sync.WaitGroup
	defer running.Wait()
	defer stop()
	running.Go(func() { r.Run(ctx) })
	base := webtest.Start(b, r.web)
	heap, rss := resident(b)
	lines, away := startPhones(b, strings.TrimPrefix(base, "http://"), listeners)
	defer away()
	round := 0
	next := func() {
		round++
		if !lines.Scan() || lines.Text() != strconv.Itoa(round) {
			b.Fatalf("round %d: the phones say %q", round, lines.Text())
		}
	}
	next()
	if n := r.Listeners(); n != listeners {
		b.Fatalf("%d listen", n)
	}
	heapAfter, rssAfter := resident(b)
	quiet := processor(b)
	time.Sleep(5 * time.Second)
	idle := 100 * (processor(b) - quiet).Seconds() / 5
	state, worked := queue.Down, processor(b)
	began := clock.Now()
	for b.Loop() {
		_, err := r.Post(ctx, queue.Post{ParkID: "kogen", PlaceID: "p0", State: state, Actor: "x"})
		if err != nil {
			b.Fatal(err)
		}
		next()
		if state = queue.Down; round%2 == 0 {
			state = queue.Closed
		}
	}
	n := float64(b.N)
	b.ReportMetric((heapAfter-heap)/listeners/1024, "KiB/phone")
	b.ReportMetric((rssAfter-rss)/(1<<20), "MiB-resident")
	b.ReportMetric(idle, "%core-quiet")
	b.ReportMetric(float64(clock.Now().Sub(began).Milliseconds())/n, "ms/frame")
	b.ReportMetric(float64((processor(b)-worked).Milliseconds())/n, "cpu-ms/frame")
}
