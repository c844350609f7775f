package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"sync"

	"modernc.org/sqlite"
)

const (
	// liteReaders is the default number of reading connections.
	liteReaders = 8
	// litePragmas hold for every connection. A busy file is waited for a second, then
	// Update retries.
	litePragmas = "_pragma=busy_timeout(1000)&_pragma=journal_mode(WAL)" +
		"&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_pragma=temp_store(MEMORY)" +
		"&_dqs=0&_defensive=1"
	// liteWriter: 64 MB of pages, and a log file that shrinks again after a long reader.
	// The checkpoint every 1,000 pages is the engine's default; rarer ones were slower.
	liteWriter = "&_pragma=cache_size(-65536)&_pragma=journal_size_limit(67108864)"
	// liteReader refuses writes.
	liteReader = "&_pragma=cache_size(-8192)&_query_only=1"
)

// lite is the SQLite store: one writing connection, a pool of reading ones. An entry of
// either channel is a free connection, nil one that is still to be opened.
type lite struct {
	path    string
	ro      bool
	writer  chan *liteConn
	readers chan *liteConn
	once    sync.Once
	closed  chan struct{}
}

var errClosed = errors.New("the database is closed")

func openSQLite(ctx context.Context, path string, o Options) (*lite, error) {
	if path == "" {
		return nil, errors.New("the location is empty")
	}
	if !o.ReadOnly {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return nil, err
		}
		if err := f.Close(); err != nil {
			return nil, err
		}
	}
	n := o.MaxConns
	if n <= 0 {
		n = liteReaders
	}
	l := &lite{path: path, ro: o.ReadOnly,
		writer: make(chan *liteConn, 1), readers: make(chan *liteConn, n),
		closed: make(chan struct{})}
	for range n {
		l.readers <- nil
	}
	l.writer <- nil
	// One connection now, so that a location that cannot work is told at once.
	s, err := l.begin(ctx, false)
	if err != nil {
		return nil, err
	}
	s.rollback()
	return l, nil
}

func (l *lite) dsn(rest string) string {
	name := "file:" + (&url.URL{Path: l.path}).EscapedPath() + "?" + litePragmas + rest
	if l.ro {
		name += "&mode=ro"
	}
	return name
}

func (l *lite) begin(ctx context.Context, write bool) (session, error) {
	pool, rest, begin := l.readers, liteReader, "begin"
	if write {
		pool, rest, begin = l.writer, liteWriter, "begin immediate"
	}
	var c *liteConn
	select {
	case c = <-pool:
	default:
		select {
		case c = <-pool:
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-l.closed:
			return nil, errClosed
		}
	}
	if err := ctx.Err(); err != nil {
		pool <- c
		return nil, err
	}
	if c == nil {
		var err error
		if c, err = openLiteConn(ctx, l.dsn(rest)); err != nil {
			pool <- nil
			return nil, err
		}
	}
	// The only statement of a write that waits for another process; ctx bounds that.
	if _, err := c.exec(ctx, begin, nil); err != nil {
		l.unbegun(c, pool, err)
		return nil, err
	}
	return &liteSession{c: c, pool: pool, write: write}, nil
}

// unbegun gives a connection back on which no transaction could be begun. One whose context has
// ended is not trusted: the driver answers with the context's error even when the engine has begun
// the transaction, and whoever came next would find themselves inside it.
func (l *lite) unbegun(c *liteConn, pool chan *liteConn, err error) {
	if !IsRetry(err) { // a busy file has begun nothing
		_ = c.close()
		c = nil
	}
	c.free(pool)
}

func (l *lite) migrator(context.Context) (*sql.DB, error) {
	c, err := sqlite.NewConnector(l.dsn(liteWriter + "&_txlock=immediate"))
	if err != nil {
		return nil, err
	}
	h := sql.OpenDB(c)
	h.SetMaxOpenConns(1)
	return h, nil
}

func (l *lite) close() error {
	var all []error
	l.once.Do(func() {
		close(l.closed)
		for range cap(l.readers) {
			all = append(all, (<-l.readers).close())
		}
		all = append(all, (<-l.writer).close())
	})
	return errors.Join(all...)
}

// liteSession is a transaction on a connection of one of the pools.
type liteSession struct {
	c     *liteConn
	pool  chan *liteConn
	write bool
}

// watch returns the context for a statement. Writes run to their end, they are short, and
// what they wait for is bounded by the busy timeout; a long read is interrupted.
func (s *liteSession) watch(ctx context.Context) context.Context {
	if s.write {
		return context.Background()
	}
	return ctx
}

func (s *liteSession) exec(ctx context.Context, q string, args []any) (int64, error) {
	return s.c.exec(s.watch(ctx), q, args)
}

func (s *liteSession) query(
	ctx context.Context, q string, args []any, each func(Row) error,
) (int64, error) {
	st, err := s.c.prepare(stmtKey{text: q})
	if err != nil {
		return 0, err
	}
	return s.c.rows(s.watch(ctx), st, s.c.bind(args), each)
}

func (s *liteSession) commit(context.Context) error {
	_, err := s.c.exec(context.Background(), "commit", nil)
	if err != nil {
		s.rollback()
		return fmt.Errorf("commit: %w", err)
	}
	s.pool <- s.c
	return nil
}

func (s *liteSession) rollback() {
	// SQLite has rolled back by itself after some errors (disk full, I/O): then this fails
	// and the connection is not trusted any more.
	if _, err := s.c.exec(context.Background(), "rollback", nil); err != nil {
		_ = s.c.close()
		s.c = nil
	}
	s.c.free(s.pool)
}
