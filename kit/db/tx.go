package db

import (
	"context"
	"errors"
	"fmt"

	"watari/kit/check"
)

// Row is the current row of a result. It is valid only inside the function it is given to.
type Row interface {
	// Scan copies the columns, in order, into pointers: *string, *int64, *int, *bool,
	// *[]byte, *float64, pointers to types of those kinds, pointers to pointers for
	// columns that may be NULL, or a sql.Scanner. The number must be that of the columns.
	Scan(dest ...any) error
}

// Tx is a transaction, made by Update or View. It is not safe for concurrent use and ends
// with the function that it was given to.
type Tx struct {
	engine   Engine
	s        session
	readOnly bool
	done     bool
	reading  bool
	broken   error
}

// Engine returns the engine that the transaction runs on. Domain code does not ask.
func (t *Tx) Engine() Engine { return t.engine }

// Exec executes one statement and returns the number of rows it wrote.
//
// Args are strings, integers, booleans, byte slices, floats, pointers to those (nil is
// NULL), types of those kinds, or a driver.Valuer.
func (t *Tx) Exec(ctx context.Context, q string, args ...any) (int64, error) {
	if err := t.ready(ctx); err != nil {
		return 0, err
	}
	if err := normalise(args); err != nil {
		return 0, t.fail(q, err)
	}
	n, err := t.s.exec(ctx, q, args)
	if err != nil {
		return 0, t.fail(q, err)
	}
	return n, nil
}

// One returns the first row of a query as scan reads it, or ErrNoRows. Args as in Tx.Exec.
func One[T any](
	ctx context.Context, t *Tx, scan func(Row) (T, error), q string, args ...any,
) (T, error) {
	var v T
	n, err := t.query(ctx, q, args, func(r Row) (err error) {
		if v, err = scan(r); err != nil {
			return err
		}
		return errStop
	})
	if err == nil && n == 0 {
		err = ErrNoRows
	}
	return v, err
}

// All returns all rows of a query in their order. Args as in Tx.Exec.
func All[T any](
	ctx context.Context, t *Tx, scan func(Row) (T, error), q string, args ...any,
) ([]T, error) {
	var list []T
	_, err := t.query(ctx, q, args, func(r Row) error {
		v, err := scan(r)
		list = append(list, v)
		return err
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}

// Each calls each with every row of a query in their order, without keeping them: for
// results that are too long for All. each must not use the transaction.
func (t *Tx) Each(ctx context.Context, each func(Row) error, q string, args ...any) error {
	_, err := t.query(ctx, q, args, each)
	return err
}

// errStop ends reading without an error.
var errStop = errors.New("no more rows wanted")

func (t *Tx) query(
	ctx context.Context, q string, args []any, each func(Row) error,
) (int64, error) {
	if err := t.ready(ctx); err != nil {
		return 0, err
	}
	if err := normalise(args); err != nil {
		return 0, t.fail(q, err)
	}
	t.reading = true
	n, err := t.s.query(ctx, q, args, each)
	t.reading = false
	if err != nil && err != errStop {
		return n, t.fail(q, err)
	}
	return n, nil
}

// ready says whether the transaction takes another statement (D2).
func (t *Tx) ready(ctx context.Context) error {
	check.That(!t.done, "db: transaction used after its end")
	check.That(!t.reading, "db: a statement while the rows of another are read")
	if t.broken != nil {
		return fmt.Errorf("transaction has an error already: %w", t.broken)
	}
	if err := ctx.Err(); err != nil {
		t.broken = err
		return err
	}
	return nil
}

// fail notes the first error and names the statement by its first words.
func (t *Tx) fail(q string, err error) error {
	err = fmt.Errorf("%s: %w", headline(q), err)
	if t.broken == nil {
		t.broken = err
	}
	return err
}

// headline returns the beginning of a statement in one line, at most 60 bytes.
func headline(q string) string {
	const limit = 60
	b := make([]byte, 0, limit)
	for i := 0; i < len(q) && len(b) < limit; i++ {
		c := q[i]
		switch {
		case c == '\n' || c == '\t' || c == ' ':
			if len(b) > 0 && b[len(b)-1] != ' ' {
				b = append(b, ' ')
			}
		case c < 0x80:
			b = append(b, c)
		}
	}
	return string(b)
}
