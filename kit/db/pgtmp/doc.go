// Package pgtmp runs a PostgreSQL server that lives as long as the process which started
// it: for tests, for benchmarks and for trying things out.
//
// It finds the programs of an installed server, makes a cluster in a temporary folder,
// listens on a unix socket in that folder only, and removes everything at the end, also
// when the process is killed: a small shell script is the parent of the server and waits
// for the end of a pipe whose other end only this process holds. (A parent-death signal
// would follow the thread that forked, which is not the life of a Go process.)
//
// The server refuses to run as root; there the programs run as the user postgres or, where
// there is none, nobody.
//
// Sources: https://www.postgresql.org/docs/15/app-initdb.html,
// https://www.postgresql.org/docs/15/server-shutdown.html.
package pgtmp
