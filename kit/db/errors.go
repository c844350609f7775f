package db

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// ErrNoRows is returned by One when the query has no row. It does not break the Tx.
var ErrNoRows = errors.New("no rows")

// Result codes of SQLite (https://www.sqlite.org/rescode.html), the low byte being the
// primary code.
const (
	liteBusy       = 5
	liteIOErr      = 10
	liteFsync      = liteIOErr | 4<<8
	liteDirFsync   = liteIOErr | 5<<8
	liteCheck      = 275
	liteForeign    = 787
	liteTrigger    = 1811
	litePrimaryKey = 1555
	liteUnique     = 2067
	liteRowID      = 2579
)

// Codes of PostgreSQL (https://www.postgresql.org/docs/15/errcodes-appendix.html).
const (
	pgUnique        = "23505"
	pgCheck         = "23514"
	pgForeign       = "23503"
	pgSerialisation = "40001"
	pgDeadlock      = "40P01"
	pgLockTimeout   = "55P03"
	pgFeature       = "0A000"
)

// IsUnique says whether err is the violation of a unique or primary key. Conflicts that are
// expected are better found with on conflict do nothing and the returned rows.
func IsUnique(err error) bool {
	return isCode(err, pgUnique, liteUnique, litePrimaryKey, liteRowID)
}

// IsCheck says whether err is the violation of a CHECK constraint.
func IsCheck(err error) bool { return isCode(err, pgCheck, liteCheck) }

// IsForeign says whether err is the violation of a foreign key.
func IsForeign(err error) bool { return isCode(err, pgForeign, liteForeign, liteTrigger) }

// IsRetry says whether err ended a transaction that may go through when it is run again: a
// serialisation failure, deadlock or lock timeout, a busy file, a statement prepared before
// a migration, or a connection lost before the commit. Update has tried eight times already
// when it returns such an error. It is never true together with IsMaybeCommitted.
func IsRetry(err error) bool {
	if err == nil || IsMaybeCommitted(err) || errors.Is(err, context.Canceled) ||
		errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch pg.Code {
		case pgSerialisation, pgDeadlock, pgLockTimeout:
			return true
		case pgFeature:
			return strings.Contains(pg.Message, "cached plan")
		}
		return isShutdown(pg.Code)
	}
	if lite, ok := liteCode(err); ok {
		return lite&0xff == liteBusy
	}
	return isLost(err)
}

// IsMaybeCommitted says whether err is a connection lost while COMMIT was under way: the
// transaction may have happened or not (D8).
func IsMaybeCommitted(err error) bool {
	_, ok := errors.AsType[*maybeError](err)
	return ok
}

// IsOutage says whether err concerns the database and not what was written: the connection
// is lost, the server is going down or cannot be reached, or a commit is in doubt. Trying
// the halves of a batch one by one makes no sense then.
func IsOutage(err error) bool {
	if err == nil {
		return false
	}
	if IsMaybeCommitted(err) || errors.Is(err, context.Canceled) ||
		errors.Is(err, context.DeadlineExceeded) {
		return true
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return isShutdown(pg.Code)
	}
	if lite, ok := liteCode(err); ok {
		return lite&0xff == liteIOErr
	}
	return isLost(err)
}

// maybeError is the error of a commit whose outcome nobody knows.
type maybeError struct{ cause error }

func (e *maybeError) Error() string {
	return "connection lost at commit, the outcome is unknown: " + e.cause.Error()
}

func (e *maybeError) Unwrap() error { return e.cause }

// lostError marks an error after which the connection is gone and, before a commit, the
// transaction with it.
type lostError struct{ cause error }

func (e *lostError) Error() string { return fmt.Sprintf("connection lost: %v", e.cause) }

func (e *lostError) Unwrap() error { return e.cause }

func isLost(err error) bool {
	if _, ok := errors.AsType[*lostError](err); ok {
		return true
	}
	_, ok := errors.AsType[*pgconn.ConnectError](err)
	return ok
}

// isShutdown says whether a code of PostgreSQL ends the connection or refuses a new one
// for now: class 08, and 57P01 to 57P03 (shutdown, crash, still starting), 53300 (too many
// connections), 25P03 (idle too long inside the transaction).
func isShutdown(code string) bool {
	return strings.HasPrefix(code, "08") || code == "53300" || code == "25P03" ||
		code == "57P01" || code == "57P02" || code == "57P03"
}

// isSyncFailure says whether err is a failed fsync (D7). Codes, not texts, decide.
func isSyncFailure(err error) bool {
	code, ok := liteCode(err)
	return ok && (code == liteFsync || code == liteDirFsync)
}

func isCode(err error, pgCode string, lite ...int) bool {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.Code == pgCode
	}
	code, ok := liteCode(err)
	if !ok {
		return false
	}
	for _, c := range lite {
		if c == code {
			return true
		}
	}
	return false
}

// coded is what the SQLite driver's error offers.
type coded interface {
	error
	Code() int
}

// liteCode returns the extended result code of an error of SQLite.
func liteCode(err error) (int, bool) {
	if e, ok := errors.AsType[coded](err); ok {
		return e.Code(), true
	}
	return 0, false
}
