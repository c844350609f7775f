package db

import "testing"

// Goal: each engine gets its words, and nothing inside strings, comments, quotes or casts
// is touched. Method: a table of texts.
func TestMigrationsAreRewrittenForTheEngine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, sqlite, postgres string }{
		{"create table t (a BIGINT, b boolean, c bytea, d text) STRICT;",
			"create table t (a integer, b integer, c blob, d text) STRICT;",
			`create table t (a BIGINT, b boolean, c bytea, d text collate "C") ;`},
		{"create table t (\n\ta text primary key, -- bigint text\n\tb text\n) STRICT, WITHOUT ROWID;",
			"create table t (\n\ta text primary key, -- bigint text\n\tb text\n) STRICT, WITHOUT ROWID;",
			"create table t (\n\ta text collate \"C\" primary key, -- bigint text\n" +
				"\tb text collate \"C\"\n)   ;"},
		{"alter table t add column x text not null default 'bigint';",
			"alter table t add column x text not null default 'bigint';",
			`alter table t add column x text collate "C" not null default 'bigint';`},
		{"create table t (text text, x double precision, primary key (text, x)) strict;",
			"create table t (text text, x real , primary key (text, x)) strict;",
			`create table t (text text collate "C", x double precision, primary key (text, x)) ;`},
		{"create table t (a text collate \"C\", check (cast(a as text) <> 'it''s bytea'));",
			"create table t (a text collate \"C\", check (cast(a as text) <> 'it''s bytea'));",
			"create table t (a text collate \"C\", check (cast(a as text) <> 'it''s bytea'));"},
		{`/* bigint */ create index "bigint" on t (a, text);`,
			`/* bigint */ create index "bigint" on t (a, text);`,
			`/* bigint */ create index "bigint" on t (a, text);`},
		{"$$ bigint $$ -- boolean", "$$ bigint $$ -- boolean", "$$ bigint $$ -- boolean"},
	} {
		if got := rewrite(SQLite, c.text); got != c.sqlite {
			t.Errorf("SQLite\n got %s\nwant %s", got, c.sqlite)
		}
		if got := rewrite(Postgres, c.text); got != c.postgres {
			t.Errorf("PostgreSQL\n got %s\nwant %s", got, c.postgres)
		}
	}
}

// Goal: the marker opens and leaves the rest alone. Method: none, one, two, an open one.
func TestMarkerIsOpened(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"select 1":                        "select 1",
		"select 1 /*pg for update */;":    "select 1 for update ;",
		"a /*pg b*/ c /*pg d*/ e /* f */": "a b c d e /* f */",
		"a /*pg b":                        "a b",
	} {
		if got := pgText(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}
