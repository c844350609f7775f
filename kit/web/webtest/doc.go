// Package webtest runs servers inside tests.
//
// Start listens on a free port of the loopback. Memory is a listener without sockets, for
// testing/synctest: inside a bubble a server and its client pass bytes through pipes, so waits
// between them are virtual like all others.
package webtest
