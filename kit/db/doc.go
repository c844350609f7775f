// Package db runs one SQL text on two engines: SQLite, embedded, and PostgreSQL.
//
// A *DB is opened on a location, Migrate creates the tables, Update runs a durable
// transaction, View a read-only one. Inside, *Tx executes statements, One and All read
// rows, Bulk writes or reads by many rows in one statement.
//
//	err := d.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
//		_, err := tx.Exec(ctx, `update till set open = $2 where id = $1`, id, true)
//		return err
//	})
//
// The written subset of SQL: parameters $1, $2 …; bigint, text, boolean, bytea and double
// precision; microseconds since 1970 UTC in columns ending in _us; insert … on conflict
// (columns) do …; returning; CTE selects; update … from; window functions; a cast around
// every sum and around a parameter whose type nothing fixes; always order by. Not: now(),
// select *, JSON operators, numeric, arrays, LIKE without lower(). The marker /*pg … */
// opens on PostgreSQL only and carries the one clause that differs, for example
// /*pg for update skip locked */.
//
// Invariants:
//
//	D1 Update has committed durably when it returns nil: SQLite syncs its log with
//	   synchronous=FULL, PostgreSQL runs with synchronous_commit on.
//	D2 After its first error a Tx refuses further work and the commit, on both engines.
//	   ErrNoRows is an answer, not an error in this sense.
//	D3 The function given to Update may run several times (serialisation failure,
//	   deadlock, lock timeout, busy file, connection lost before the commit), at most
//	   eight. It changes nothing outside but results that it sets anew in each run.
//	D4 Transactions do not nest. Update panics inside any transaction of the same DB. View
//	   inside View joins it; View inside Update is a separate snapshot that does not see
//	   what the Update has written.
//	D5 Text with a NUL or invalid UTF-8 never reaches an engine.
//	D6 Text is ordered by bytes on both engines. Migrate gives every text column the
//	   collation "C" on PostgreSQL, so any cluster will do, whatever its locale: C,
//	   C.UTF-8 or en_US.UTF-8. The encoding must be UTF8; SQL_ASCII, which initdb chooses
//	   where no locale is set, works too but makes length() count bytes.
//	D7 A file that cannot be synced ends the process. The kernel drops what it could not
//	   write and reports that once, so a second fsync that succeeds proves nothing.
//	   SQLite reports SQLITE_IOERR_FSYNC or SQLITE_IOERR_DIR_FSYNC on the statement or the
//	   commit, any of which calls Options.Fatal; the server of PostgreSQL stops itself
//	   (data_sync_retry = off), which arrives here as a connection lost at COMMIT.
//	D8 When the connection is lost while COMMIT is under way nobody knows whether it
//	   happened. The error says so (IsMaybeCommitted) and is not retried: the caller looks
//	   for its own rows.
//	D9 A context that ends cuts off its own transaction and nothing else: whoever is given the
//	   connection next finds it in no transaction.
//
// SQLite has one writing connection with immediate transactions and a pool of reading ones
// with query_only set; both keep prepared statements. PostgreSQL has a pool for Update
// (read committed, lock_timeout 250 ms) and one for View (repeatable read, read only, so
// that all statements of a View see one state, as on SQLite); the begin travels with the
// first statement.
//
// Sources: https://www.sqlite.org/wal.html, https://www.sqlite.org/rescode.html,
// https://www.postgresql.org/docs/15/errcodes-appendix.html,
// https://www.postgresql.org/docs/15/collation.html,
// https://wiki.postgresql.org/wiki/Fsync_Errors.
package db
