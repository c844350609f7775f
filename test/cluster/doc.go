// Command cluster runs another command with a PostgreSQL server of its own:
//
//	cluster [-fsync] COMMAND [ARGUMENT…]
//
// The command finds the server's address in the environment variable WATARI_TEST_PG and may make
// databases there. The server is thrown away when the command ends; the exit status is the
// command's. With -fsync commits are durable, as benchmarks need it; without, they are fast, as
// tests like it.
package main
