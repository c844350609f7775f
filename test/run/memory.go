package main

import (
	"bufio"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
)

// shared is where Linux has a file system in memory for everybody.
const shared = "/dev/shm"

// Bytes that must be free before the tests' files are kept in memory: they need a fifth of that.
const (
	sharedMin = 2 << 30 // there
	memoryMin = 6 << 30 // of the machine
)

// noExec is the flag of a file system that runs no programs (statfs(2)).
const noExec = 8

// inMemory has the tests keep their files in memory, where a commit costs no disk, if there is
// enough of it. What is tested is the same: processes are killed there, and no machine. leave
// removes the files; so does the next run when this one is killed.
func inMemory() (leave func()) {
	var there syscall.Statfs_t
	if err := syscall.Statfs(shared, &there); err != nil || there.Flags&noExec != 0 ||
		there.Bavail*uint64(there.Bsize) < sharedMin || available() < memoryMin {
		return func() {}
	}
	sweep(shared)
	folder, lock, err := begin(shared)
	if err != nil {
		return func() {}
	}
	// The go command keeps its own there as before: they are large, and written once.
	_ = os.Setenv("GOTMPDIR", os.TempDir())
	_ = os.Setenv("TMPDIR", folder)
	leave = sync.OnceFunc(func() {
		_ = os.RemoveAll(folder)
		_ = lock.Close()
	})
	ends := make(chan os.Signal, 1)
	signal.Notify(ends, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-ends
		leave()
		os.Exit(1)
	}()
	return leave
}

// prefix begins the names of the folders of runs.
const prefix = "watari-tests-"

// begin makes a folder with the rights of /tmp, because PostgreSQL runs as another user and takes
// away what it made, and locks it for as long as this process lives.
func begin(where string) (folder string, lock *os.File, err error) {
	if folder, err = os.MkdirTemp(where, prefix); err != nil {
		return "", nil, err
	}
	if err = os.Chmod(folder, os.ModeSticky|0o777); err == nil {
		lock, err = os.Open(folder)
	}
	if err == nil {
		err = syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	}
	if err != nil {
		_ = os.RemoveAll(folder)
		return "", nil, err
	}
	return folder, lock, nil
}

// sweep removes the folders of runs that were killed: nobody locks them any more.
func sweep(where string) {
	left, _ := filepath.Glob(filepath.Join(where, prefix+"*"))
	for _, folder := range left {
		lock, err := os.Open(folder)
		if err != nil {
			continue
		}
		if syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
			_ = os.RemoveAll(folder)
		}
		_ = lock.Close()
	}
}

// available is the memory that programs can have without swapping, in bytes; 0 when nobody knows.
func available() int64 {
	file, err := os.Open("/proc/meminfo")
	if err != nil {
		return 0
	}
	defer func() { _ = file.Close() }()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var kib int64
		if n, _ := fmt.Sscanf(lines.Text(), "MemAvailable: %d kB", &kib); n == 1 {
			return kib << 10
		}
	}
	return 0
}
