package bench

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// lite is SQLite as its driver offers it: prepared statements of many rows.
type lite struct{ stmts map[string]*sql.Stmt }

func (e lite) columns(ctx context.Context, d *sql.DB, t *table) error {
	rows, err := d.QueryContext(ctx, `select name, type from pragma_table_info('`+t.name+
		`') order by cid`)
	if err != nil {
		return err
	}
	return t.describe(rows)
}

// describe reads names and types of columns.
func (t *table) describe(rows *sql.Rows) error {
	defer rows.Close()
	for rows.Next() {
		var name, kind string
		if err := rows.Scan(&name, &kind); err != nil {
			return err
		}
		t.cols = append(t.cols, name)
		t.text = append(t.text, !strings.Contains(strings.ToLower(kind), "int") &&
			!strings.Contains(strings.ToLower(kind), "bool"))
	}
	return rows.Err()
}

// run executes a statement through the prepared one of the same text.
func (e lite) run(ctx context.Context, tx *sql.Tx, q string, args []any) error {
	s := e.stmts[q]
	if s == nil {
		var err error
		if s, err = tx.PrepareContext(ctx, q); err != nil {
			return err
		}
		// A statement of a transaction ends with it, so big ones are prepared per batch;
		// preparing is a few microseconds against a batch of milliseconds.
		defer s.Close()
	}
	_, err := s.ExecContext(ctx, args...)
	return err
}

func (e lite) insert(ctx context.Context, tx *sql.Tx, t *table, rows [][]any) error {
	one := "(" + strings.Repeat("?,", len(t.cols)-1) + "?)"
	args := make([]any, 0, len(rows)*len(t.cols))
	for _, r := range rows {
		args = append(args, r...)
	}
	return e.run(ctx, tx, "insert into "+t.name+" ("+strings.Join(t.cols, ", ")+") values "+
		strings.Repeat(one+",", len(rows)-1)+one, args)
}

func (e lite) update(ctx context.Context, tx *sql.Tx, t *table, rows [][]any) error {
	s, err := tx.PrepareContext(ctx, "update "+t.name+" set "+strings.Join(t.set, " = ?, ")+
		" = ? where "+strings.Join(t.key, " = ? and ")+" = ?")
	if err != nil {
		return err
	}
	defer s.Close()
	for _, r := range rows {
		_, err := s.ExecContext(ctx, append(t.pick(r, t.set), t.pick(r, t.key)...)...)
		if err != nil {
			return err
		}
	}
	return nil
}

func (e lite) balances(ctx context.Context, tx *sql.Tx, rows [][]any) error {
	for _, r := range rows {
		if err := e.run(ctx, tx, upsertBalance, r); err != nil {
			return err
		}
	}
	return nil
}

const upsertBalance = `insert into ledger_balance
	(account_no, lane, debits_minor, credits_minor) values ($1, $2, $3, $4)
	on conflict (account_no, lane) do update set
		debits_minor = ledger_balance.debits_minor + excluded.debits_minor,
		credits_minor = ledger_balance.credits_minor + excluded.credits_minor`

// postgres is PostgreSQL as its driver offers it: a statement a table with arrays.
type postgres struct{}

func (postgres) columns(ctx context.Context, d *sql.DB, t *table) error {
	rows, err := d.QueryContext(ctx, `select column_name, data_type
		from information_schema.columns
		where table_name = $1 and table_schema = current_schema() order by ordinal_position`,
		t.name)
	if err != nil {
		return err
	}
	return t.describe(rows)
}

// arrays turns rows into one array a column, with its type.
func (t *table) arrays(cols []string, rows [][]any) (args []any, casts []string) {
	for i, c := range cols {
		at := t.index(c)
		var bytes [][]byte
		var texts []*string
		var ints []*int64
		var bools []*bool
		for _, r := range rows {
			switch v := r[at].(type) {
			case []byte:
				bytes = append(bytes, v)
			case string:
				texts = append(texts, &v)
			case int64:
				ints = append(ints, &v)
			case bool:
				bools = append(bools, &v)
			case nil:
				texts, ints = append(texts, nil), append(ints, nil)
			}
		}
		switch {
		case len(bytes) == len(rows):
			args, casts = append(args, bytes), append(casts, fmt.Sprintf("$%d::bytea[]", i+1))
		case len(bools) == len(rows):
			args, casts = append(args, bools), append(casts, fmt.Sprintf("$%d::bool[]", i+1))
		case t.text[at]:
			args, casts = append(args, texts), append(casts, fmt.Sprintf("$%d::text[]", i+1))
		default:
			args, casts = append(args, ints), append(casts, fmt.Sprintf("$%d::int8[]", i+1))
		}
	}
	return args, casts
}

func (postgres) insert(ctx context.Context, tx *sql.Tx, t *table, rows [][]any) error {
	args, casts := t.arrays(t.cols, rows)
	_, err := tx.ExecContext(ctx, "insert into "+t.name+" ("+strings.Join(t.cols, ", ")+
		") select u.* from unnest("+strings.Join(casts, ", ")+") u", args...)
	return err
}

func (postgres) update(ctx context.Context, tx *sql.Tx, t *table, rows [][]any) error {
	cols := append(append([]string{}, t.key...), t.set...)
	args, casts := t.arrays(cols, rows)
	sets := make([]string, len(t.set))
	for i, c := range t.set {
		sets[i] = c + " = u." + c
	}
	keys := make([]string, len(t.key))
	for i, c := range t.key {
		keys[i] = t.name + "." + c + " = u." + c
	}
	_, err := tx.ExecContext(ctx, "update "+t.name+" set "+strings.Join(sets, ", ")+
		" from unnest("+strings.Join(casts, ", ")+") u ("+strings.Join(cols, ", ")+
		") where "+strings.Join(keys, " and "), args...)
	return err
}

func (postgres) balances(ctx context.Context, tx *sql.Tx, rows [][]any) error {
	for _, r := range rows {
		if _, err := tx.ExecContext(ctx, upsertBalance, r...); err != nil {
			return err
		}
	}
	return nil
}
