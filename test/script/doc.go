// Package script runs the scripts of this folder (*.txtar) against the real binary, each once on
// SQLite and once on PostgreSQL.
//
// The language is that of testscript,
// https://pkg.go.dev/github.com/rogpeppe/go-internal/testscript:
// exec, stdout, stderr, cmp, exists and so on; "! exec" expects a failure. A script finds the
// binary as watari in its path, and its own empty store in the environment variables WATARI_DATA
// and WATARI_DATABASE, which the binary reads like its flags. ENGINE is sqlite or postgres. These
// commands are ours:
//
//	serve ARGUMENT…      start `watari serve` on a free port and wait until it is ready; sets BASE
//	stop                 end it as an operator would; its exit status must be 0
//	kill                 end it as a power cut would
//	get PATH [STATUS]    ask the server; the body becomes stdout; STATUS is 200 unless given
//	status N COMMAND…    run a command whose exit status must be N
package script
