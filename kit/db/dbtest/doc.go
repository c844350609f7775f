// Package dbtest gives tests fresh databases on both engines.
//
// Each runs a test on SQLite and on PostgreSQL. The tables of a set of migrations are made
// once in a process and copied for every test: a file on SQLite, a template database on
// PostgreSQL. Filled does the same with whatever else a database begins with. The server is
// that of WATARI_TEST_PG (a postgres:// URL whose user may create databases) or else one that
// lives as long as the test process (kit/db/pgtmp). Without any the test fails and names what
// to install; it is never skipped. On a server that outlives the process the templates stay,
// as databases named watari_test_….
package dbtest
