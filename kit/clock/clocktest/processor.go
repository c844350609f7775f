package clocktest

import (
	"bytes"
	"io"
	"net/http"
	"runtime"
	"syscall"
	"testing"
)

// Processor runs step as often as the benchmark wants and reports, beside the elapsed time and
// the allocations, the processor time of the whole process for one step: all threads, collecting
// garbage included, "cpu-ns/op". A billion over it is the steps per second of one core.
func Processor(b *testing.B, step func()) {
	b.Helper()
	b.ReportAllocs()
	step() // connections and pools are there when counting begins
	runtime.GC()
	before := used(b)
	for b.Loop() {
		step()
	}
	b.ReportMetric(float64(used(b)-before)/float64(b.N), "cpu-ns/op")
}

// used is the processor time of this process so far, in nanoseconds.
func used(b *testing.B) int64 {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatalf("read the processor time: %v", err)
	}
	return u.Utime.Nano() + u.Stime.Nano()
}

// Exchange measures what HTTP itself costs: it posts a body to a server that is in this process
// too, over one connection that stays open, and reads the answer.
func Exchange(b *testing.B, url string, body []byte) {
	b.Helper()
	client := &http.Client{Transport: &http.Transport{DisableCompression: true}}
	defer client.CloseIdleConnections()
	Processor(b, func() {
		res, err := client.Post(url, "application/json", bytes.NewReader(body))
		if err != nil {
			b.Fatalf("call: %v", err)
		}
		defer res.Body.Close()
		if _, err := io.ReadAll(res.Body); err != nil {
			b.Fatalf("read the answer: %v", err)
		}
	})
}
