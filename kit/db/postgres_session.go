package db

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// pgSession is a transaction on a pooled connection. begin is sent together with the first
// statement, which saves a round trip, and is empty from then on.
type pgSession struct {
	pool   *pgxpool.Pool
	pooled *pgxpool.Conn
	conn   *pgx.Conn
	begin  string
}

func (s *pgSession) acquire(ctx context.Context) (err error) {
	if s.pooled, err = s.pool.Acquire(ctx); err == nil {
		s.conn = s.pooled.Conn()
	}
	return err
}

// pgText opens the marker /*pg … */.
func pgText(q string) string {
	const open, end = "/*pg ", "*/"
	at := strings.Index(q, open)
	if at < 0 {
		return q
	}
	var b strings.Builder
	for at >= 0 {
		b.WriteString(q[:at])
		q = q[at+len(open):]
		n := strings.Index(q, end)
		if n < 0 {
			break
		}
		b.WriteString(q[:n])
		q = q[n+len(end):]
		at = strings.Index(q, open)
	}
	b.WriteString(q)
	return b.String()
}

func (s *pgSession) exec(ctx context.Context, q string, args []any) (int64, error) {
	q = pgText(q)
	if s.begin == "" {
		tag, err := s.conn.Exec(ctx, q, args...)
		return tag.RowsAffected(), s.lost(err)
	}
	br, err := s.first(ctx, q, args)
	if err != nil {
		return 0, err
	}
	tag, err := br.Exec()
	if e := br.Close(); err == nil {
		err = e
	}
	return tag.RowsAffected(), s.lost(err)
}

func (s *pgSession) query(
	ctx context.Context, q string, args []any, each func(Row) error,
) (int64, error) {
	q = pgText(q)
	if s.begin == "" {
		rows, err := s.conn.Query(ctx, q, args...)
		if err != nil {
			return 0, s.lost(err)
		}
		n, err := readAll(rows, each)
		return n, s.lost(err)
	}
	br, err := s.first(ctx, q, args)
	if err != nil {
		return 0, err
	}
	rows, err := br.Query()
	var n int64
	if err == nil {
		n, err = readAll(rows, each)
	}
	if e := br.Close(); err == nil {
		err = e
	}
	return n, s.lost(err)
}

// first sends the begin and the first statement in one packet and reads the answer to the
// begin. A pooled connection may have died while nobody used it, for example with a server
// that was restarted; nothing has happened then, and another one is tried.
func (s *pgSession) first(ctx context.Context, q string, args []any) (pgx.BatchResults, error) {
	br, err := s.send(ctx, q, args)
	if err == nil || !s.conn.IsClosed() || ctx.Err() != nil {
		return br, err
	}
	s.pooled.Release()
	s.pooled = nil
	if err := s.acquire(ctx); err != nil {
		return nil, err
	}
	br, err = s.send(ctx, q, args)
	return br, s.lost(err)
}

func (s *pgSession) send(ctx context.Context, q string, args []any) (pgx.BatchResults, error) {
	var b pgx.Batch
	b.Queue(s.begin)
	b.Queue(q, args...)
	br := s.conn.SendBatch(ctx, &b)
	if _, err := br.Exec(); err != nil {
		_ = br.Close()
		return nil, err
	}
	s.begin = ""
	return br, nil
}

func readAll(rows pgx.Rows, each func(Row) error) (n int64, err error) {
	defer rows.Close()
	for rows.Next() {
		n++
		if err := each(rows); err != nil {
			return n, err
		}
	}
	return n, rows.Err()
}

// lost marks an error after which the connection is gone: the transaction is rolled back
// by the server and may be run again.
func (s *pgSession) lost(err error) error {
	if err != nil && s.conn.IsClosed() {
		return &lostError{err}
	}
	return err
}

// bulk passes each column as one array.
func (s *pgSession) bulk(
	ctx context.Context, b *bulk, each func(Row) error,
) (int64, error) {
	args := make([]any, len(b.kinds))
	for j, k := range b.kinds {
		var err error
		if args[j], err = column(k, b.rows, j, len(b.kinds)); err != nil {
			return 0, err
		}
	}
	q := unnestText(b.text, b.kinds)
	if each == nil {
		return s.exec(ctx, q, args)
	}
	return s.query(ctx, q, args, each)
}

// pgTypes are the types of the kinds, by their number.
var pgTypes = [...]string{Text: "text", Int: "bigint", Bytes: "bytea", Bool: "boolean"}

// unnestText replaces the mark by select * from unnest($1::text[], …).
func unnestText(text string, kinds []Kind) string {
	b := make([]byte, 0, len(text)+32+16*len(kinds))
	at := strings.Index(text, rowsMark)
	b = append(b, text[:at]...)
	b = append(b, "select * from unnest("...)
	for i, k := range kinds {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '$')
		b = strconv.AppendInt(b, int64(i+1), 10)
		b = append(b, "::"...)
		b = append(b, pgTypes[k]...)
		b = append(b, "[]"...)
	}
	b = append(b, ')')
	return string(append(b, text[at+len(rowsMark):]...))
}

// column collects column j of the rows as a slice that the driver encodes as an array:
// []T, or []*T from the first NULL on.
func column(k Kind, rows [][]any, j, width int) (any, error) {
	switch k {
	case Text:
		return gather[string](k, rows, j, width)
	case Int:
		return gather[int64](k, rows, j, width)
	case Bool:
		return gather[bool](k, rows, j, width)
	case Bytes:
		list := make([][]byte, len(rows))
		for i := range rows {
			v, err := cell(k, rows, i, j, width)
			if err != nil {
				return nil, err
			}
			list[i], _ = v.([]byte)
		}
		return list, nil
	}
	return nil, fmt.Errorf("column %d has no kind", j+1)
}

func gather[T any](k Kind, rows [][]any, j, width int) (any, error) {
	list := make([]T, len(rows))
	var null []bool
	for i := range rows {
		v, err := cell(k, rows, i, j, width)
		if err != nil {
			return nil, err
		}
		x, ok := v.(T)
		if !ok {
			if null == nil {
				null = make([]bool, len(rows))
			}
			null[i] = true
		}
		list[i] = x
	}
	if null == nil {
		return list, nil
	}
	ptrs := make([]*T, len(rows))
	for i := range list {
		if !null[i] {
			ptrs[i] = &list[i]
		}
	}
	return ptrs, nil
}

func cell(k Kind, rows [][]any, i, j, width int) (any, error) {
	if len(rows[i]) != width {
		return nil, fmt.Errorf("row %d: %d values for %d columns", i+1, len(rows[i]), width)
	}
	v, err := kinded(k, rows[i][j])
	if err != nil {
		return nil, fmt.Errorf("row %d: value %d: %w", i+1, j+1, err)
	}
	return v, nil
}

func (s *pgSession) commit(ctx context.Context) error {
	if s.begin != "" { // no statement was sent
		s.release()
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitTimeout)
	defer cancel()
	tag, err := s.conn.Exec(ctx, "commit")
	switch {
	case err == nil && tag.String() != "COMMIT":
		err = fmt.Errorf("commit: the server answered %s", tag.String())
	case err != nil && (s.conn.IsClosed() || isDoubtful(err)):
		err = &maybeError{err}
	case err != nil:
		err = fmt.Errorf("commit: %w", err)
	}
	s.release()
	return err
}

// isDoubtful says whether a server that answered a COMMIT with this error may have done it
// all the same: it was told to stop, or crashed, while it committed.
func isDoubtful(err error) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return !ok || isShutdown(pg.Code)
}

func (s *pgSession) rollback() {
	if s.pooled != nil && !s.conn.IsClosed() && s.conn.PgConn().TxStatus() != 'I' {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if _, err := s.conn.Exec(ctx, "rollback"); err != nil {
			_ = s.conn.Close(ctx)
		}
	}
	s.release()
}

// release gives the connection back; the pool drops one that is closed or still inside a
// transaction.
func (s *pgSession) release() {
	if s.pooled != nil {
		s.pooled.Release()
	}
}
