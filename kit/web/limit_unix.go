//go:build unix

package web

import (
	"errors"
	"syscall"
)

// openFiles is the soft limit on open files, RLIMIT_NOFILE. Go raises it to the hard limit when
// the process starts.
func openFiles() int {
	var r syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &r); err != nil {
		return 1024
	}
	return int(min(uint64(r.Cur), 1<<20))
}

// outOfFiles tells whether accepting found no descriptor, in the process or the system.
func outOfFiles(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE)
}
