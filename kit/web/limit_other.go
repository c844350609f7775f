//go:build !unix

package web

// openFiles is a limit on open files that any system has.
func openFiles() int { return 4096 }

// outOfFiles tells whether accepting found no descriptor, where the system says so.
func outOfFiles(error) bool { return false }
