//go:build crash

package crash

import (
	"os"
	"strconv"
	"sync/atomic"
	"syscall"
)

var passed atomic.Int64

// At kills the process when it is at the point that the environment names.
func At(p Point) {
	if string(p) != os.Getenv("WATARI_CRASH_AT") {
		return
	}
	nth, err := strconv.ParseInt(os.Getenv("WATARI_CRASH_NTH"), 10, 64)
	if err != nil {
		nth = 1
	}
	if passed.Add(1) == nth {
		if err := syscall.Kill(os.Getpid(), syscall.SIGKILL); err != nil {
			panic(err)
		}
		select {}
	}
}
