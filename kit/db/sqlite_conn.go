package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"strings"

	"modernc.org/sqlite"
)

// maxStmts bounds the prepared statements of a connection. The program has a few hundred
// texts; only pages with built filters make more.
const maxStmts = 512

// stmtKey names a prepared statement: its text and, for Bulk, the shape of its rows.
type stmtKey struct {
	text       string
	rows, cols int
}

type liteStmt struct {
	driver.Stmt
	used uint64
}

// liteConn is one connection. The driver is used without database/sql: a transaction has
// its connection for itself anyway, and the locks and copies of the pool cost as much as a
// short statement.
type liteConn struct {
	raw   driver.Conn
	stmts map[stmtKey]*liteStmt
	clock uint64
	args  []driver.NamedValue
	dest  []driver.Value
}

func openLiteConn(ctx context.Context, dsn string) (*liteConn, error) {
	connector, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	raw, err := connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &liteConn{raw: raw, stmts: make(map[stmtKey]*liteStmt)}, nil
}

func (c *liteConn) close() error {
	if c == nil {
		return nil
	}
	var all []error
	for _, s := range c.stmts {
		all = append(all, s.Close())
	}
	return errors.Join(append(all, c.raw.Close())...)
}

// free gives the connection back, or an empty place when it was interrupted.
func (c *liteConn) free(pool chan *liteConn) {
	if c != nil {
		if v, ok := c.raw.(driver.Validator); ok && !v.IsValid() {
			_ = c.close()
			c = nil
		}
	}
	pool <- c
}

// prepare returns the statement for a key, from the cache or new.
func (c *liteConn) prepare(key stmtKey) (*liteStmt, error) {
	c.clock++
	if s := c.stmts[key]; s != nil {
		s.used = c.clock
		return s, nil
	}
	text := key.text
	if key.rows > 0 {
		text = valuesText(key)
	}
	raw, err := c.raw.Prepare(text)
	if err != nil {
		return nil, err
	}
	if len(c.stmts) >= maxStmts {
		c.evict()
	}
	s := &liteStmt{Stmt: raw, used: c.clock}
	c.stmts[key] = s
	return s, nil
}

// evict closes the statement that was not used for longest.
func (c *liteConn) evict() {
	var oldest stmtKey
	least := c.clock
	for k, s := range c.stmts {
		if s.used < least {
			oldest, least = k, s.used
		}
	}
	if s := c.stmts[oldest]; s != nil {
		_ = s.Close()
		delete(c.stmts, oldest)
	}
}

// bind puts arguments into the connection's buffer in the driver's form.
func (c *liteConn) bind(args []any) []driver.NamedValue {
	c.grow(len(args))
	for i, a := range args {
		c.args[i].Value = a
	}
	return c.args[:len(args)]
}

// grow makes room for n arguments; the ordinals stay from use to use.
func (c *liteConn) grow(n int) {
	for i := len(c.args); i < n; i++ {
		c.args = append(c.args, driver.NamedValue{Ordinal: i + 1})
	}
}

func (c *liteConn) exec(ctx context.Context, q string, args []any) (int64, error) {
	s, err := c.prepare(stmtKey{text: q})
	if err != nil {
		return 0, err
	}
	return c.run(ctx, s, c.bind(args))
}

func (c *liteConn) run(
	ctx context.Context, s *liteStmt, args []driver.NamedValue,
) (int64, error) {
	r, err := s.Stmt.(driver.StmtExecContext).ExecContext(ctx, args)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// rows runs a statement and calls each with its rows. It counts the rows.
func (c *liteConn) rows(
	ctx context.Context, s *liteStmt, args []driver.NamedValue, each func(Row) error,
) (n int64, err error) {
	r, err := s.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
	if err != nil {
		return 0, err
	}
	defer func() {
		if e := r.Close(); e != nil && err == nil {
			err = e
		}
	}()
	width := len(r.Columns())
	if cap(c.dest) < width {
		c.dest = make([]driver.Value, width)
	}
	row := liteRow(c.dest[:width])
	for {
		switch err := r.Next(row); err {
		case nil:
		case io.EOF:
			return n, nil
		default:
			if ctx.Err() != nil {
				err = ctx.Err() // which has interrupted it
			}
			return n, err
		}
		n++
		if err := each(row); err != nil {
			return n, err
		}
	}
}

// liteRow is a row as the driver gives it.
type liteRow []driver.Value

// Scan implements Row.
func (r liteRow) Scan(dest ...any) error {
	if len(dest) != len(r) {
		return fmt.Errorf("scan %d columns into %d places", len(r), len(dest))
	}
	for i, d := range dest {
		if err := assign(d, r[i]); err != nil {
			return fmt.Errorf("column %d: %w", i+1, err)
		}
	}
	return nil
}

// rowsMark is where Bulk puts its rows.
const rowsMark = "{rows}"

// maxChunk is the largest number of rows of one statement on SQLite. Larger ones are not
// faster, and 32,766 parameters are the limit of the engine.
const maxChunk = 64

// bulk runs a statement in chunks of a power of two rows, so that a text has few shapes.
func (s *liteSession) bulk(
	ctx context.Context, b *bulk, each func(Row) error,
) (int64, error) {
	var total int64
	for done := 0; done < len(b.rows); {
		n := min(maxChunk, 1<<(bits.Len(uint(len(b.rows)-done))-1))
		key := stmtKey{text: b.text, rows: n, cols: len(b.kinds)}
		st, err := s.c.prepare(key)
		if err != nil {
			return total, err
		}
		s.c.grow(n * len(b.kinds))
		at := 0
		for i := range n {
			if err := b.flat(s.c.args[at:at+len(b.kinds)], b.rows[done+i]); err != nil {
				return total, fmt.Errorf("row %d: %w", done+i+1, err)
			}
			at += len(b.kinds)
		}
		var m int64
		if each == nil {
			m, err = s.c.run(s.watch(ctx), st, s.c.args[:at])
		} else {
			m, err = s.c.rows(s.watch(ctx), st, s.c.args[:at], each)
		}
		total += m
		if err != nil {
			return total, err
		}
		done += n
	}
	return total, nil
}

// valuesText replaces the mark by values (?,?),(?,?)…: plain question marks, because the
// engine keeps a list of numbered parameters and searches it for each.
func valuesText(key stmtKey) string {
	group := "(?" + strings.Repeat(",?", key.cols-1) + ")"
	list := "values " + group + strings.Repeat(","+group, key.rows-1)
	return strings.Replace(key.text, rowsMark, list, 1)
}
