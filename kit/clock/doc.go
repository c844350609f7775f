// Package clock is the only place where the program reads the time.
//
// Times are stored as whole microseconds since 1970-01-01 UTC, in columns and fields
// whose names end in _us. Everything else works with time.Time values in UTC, and
// zones appear only where a business day or a page needs one.
//
// Tests need no fake clock: inside a testing/synctest bubble Now is virtual.
package clock
