package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
)

// Kind is the type of a column of Bulk.
type Kind int

// The kinds of columns.
const (
	// Text is a text column: string.
	Text Kind = iota + 1
	// Int is a bigint column: integers.
	Int
	// Bytes is a bytea column: []byte, where nil is NULL.
	Bytes
	// Bool is a boolean column: bool.
	Bool
)

// bulk is one call of Bulk.
type bulk struct {
	text  string
	kinds []Kind
	rows  [][]any
}

// Bulk runs q with many rows in place of its mark {rows}: one statement on PostgreSQL, a
// few on SQLite.
//
//	insert into t (a, b) {rows} on conflict (a) do nothing returning a
//	with v(a, b) as ({rows}) update t set b = v.b from v where t.a = v.a
//	with k(a) as ({rows}) select t.a, t.b from k join t on t.a = k.a
//
// Every row has one value per kind: a string, integer, []byte or bool of that kind, a type
// of such a kind, a pointer or nil for NULL. Other parameters are not possible: what is the
// same for all rows goes into the rows.
//
// With each the statement must return rows, and their number is the result; they come in no
// particular order and, being read in parts, an order by would not help. Without each the
// result is the number of rows written. No rows: nothing is executed. A row must not be the
// target of two rows of an update, the second would be lost silently on both engines.
func (t *Tx) Bulk(
	ctx context.Context, q string, kinds []Kind, rows [][]any, each func(Row) error,
) (int64, error) {
	if err := t.ready(ctx); err != nil {
		return 0, err
	}
	if len(rows) == 0 {
		return 0, nil
	}
	if len(kinds) == 0 || strings.Count(q, rowsMark) != 1 {
		return 0, t.fail(q, errors.New("bulk needs one {rows} and at least one kind"))
	}
	t.reading = true
	n, err := t.s.bulk(ctx, &bulk{text: q, kinds: kinds, rows: rows}, each)
	t.reading = false
	if err != nil {
		return n, t.fail(q, err)
	}
	return n, nil
}

// flat writes a row into driver arguments, checked against the kinds.
func (b *bulk) flat(dst []driver.NamedValue, row []any) error {
	if len(row) != len(b.kinds) {
		return fmt.Errorf("%d values for %d columns", len(row), len(b.kinds))
	}
	for i, k := range b.kinds {
		v, err := kinded(k, row[i])
		if err != nil {
			return fmt.Errorf("value %d: %w", i+1, err)
		}
		dst[i].Value = v
	}
	return nil
}

// kinded returns v as string, int64, []byte or bool as k wants, or nil.
func kinded(k Kind, v any) (any, error) {
	switch x := v.(type) {
	case string:
		if k == Text && clean(x) {
			return v, nil
		}
	case int64:
		if k == Int {
			return v, nil
		}
	case nil:
		return nil, nil
	}
	return kindedSlow(k, v)
}

func kindedSlow(k Kind, v any) (any, error) {
	p, err := plain(v)
	if err != nil {
		return nil, err
	}
	ok := false
	switch x := p.(type) {
	case nil:
		ok = true
	case string:
		ok = k == Text
	case int64:
		ok = k == Int
	case []byte:
		ok = k == Bytes
		if x == nil {
			p = nil
		}
	case bool:
		ok = k == Bool
	}
	if !ok {
		return nil, fmt.Errorf("%T in a column of kind %d", v, k)
	}
	return p, nil
}
