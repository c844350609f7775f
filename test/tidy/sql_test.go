package tidy

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// badSQL is what the two engines do not share, or read differently. The patterns meet a statement
// after plainSQL.
var badSQL = []word{
	{`\bnow\s*\(|\bcurrent_(timestamp|date|time)\b|\blocaltime`, "times are computed in Go"},
	{`\b(date_trunc|strftime|extract|to_char|datetime|julianday)\s*\(`, "times are computed in Go"},
	{`\b(select|returning)\s+(distinct\s+)?\*|\b\w+\.\*`, "name the columns"},
	{`::`, "cast(x as bigint)"},
	{`->|#>|@>|<@|\bjsonb?_\w+\s*\(|\bjsonb?\b`, "JSON is text; what is searched is a column"},
	{`\b(numeric|decimal|real|double\s+precision|float\d?|money)\b`, "bigint minor units"},
	{`\b(small|big)?serial\b|\bidentity\b|\bautoincrement\b`, "ids are made in Go, see kit/id"},
	{`\btimestamptz\b|\btimestamp\b|\binterval\b`, "bigint microseconds, columns ending in _us"},
	{`\buuid\b`, "ids are text, see kit/id"},
	{`\b(varchar|char|integer|int|blob|int4|int8)\b\s*(\(|not|null|,|primary|\)|check|default)`,
		"the types are bigint, text, boolean and bytea"},
	{`\bcreate\s+type\b|\benum\b`, "enums are text with a CHECK"},
	{`\bilike\b|\bglob\b|\bregexp\b`, "lower(a) like lower(b)"},
	{`\b(greatest|least)\s*\(`, "case when"},
	{`\bany\s*\(|\bunnest\s*\(|\barray\s*\[|\[\]`, "rows go through Bulk"},
	{`\bmerge\s+into\b`, "insert … on conflict"},
	{`\binsert\s+or\s+\w+`, "insert … on conflict"},
	{`\bpragma\b|\bvacuum\b|\btruncate\b`, "one engine's own: it belongs into kit/db"},
	{`\bfor\s+(update|no\s+key\s+update|share)\b|\bskip\s+locked\b`,
		"the marker /*pg for update */ opens on PostgreSQL alone"},
	{`\bon\s+conflict\s+do\b`, "name the conflict's columns, else another index is swallowed"},
	{`\)\s+as\s+\w+\s*\(`, "a CTE with a column list: SQLite refuses as v(a, b)"},
	{`\bas\s+(materialized\s+)?\(\s*(insert|update|delete)\b`, "SQLite has no writing CTEs"},
	{`\b(string_agg|group_concat|array_agg)\s*\(`, "put lists together in Go"},
	{`\bavg\s*\(`, "cast(sum(x) as bigint) and count(*), divided in Go"},
	{`\?`, "parameters are $1, $2, …"},
	{`\bcreate\s+(trigger|function)\b`, "what happens on a write stands in Go"},
}

var badSQLPatterns = sync.OnceValue(func() []*regexp.Regexp { return compile(badSQL) })

// sumOf and castBefore find sums whose type one engine widens.
var (
	sumOf      = regexp.MustCompile(`\bsum\s*\(`)
	castBefore = regexp.MustCompile(`\bcast\s*\(\s*(coalesce\s*\(\s*)?$`)
	limited    = regexp.MustCompile(`\blimit\b`)
	ordered    = regexp.MustCompile(`\border\s+by\b`)
)

// brokenSubset returns what is wrong with one statement or migration.
func brokenSubset(text string) (problems []string) {
	plain := plainSQL(text)
	for i, p := range badSQLPatterns() {
		if hit := p.FindString(plain); hit != "" {
			problems = append(problems, strings.TrimSpace(hit)+": "+badSQL[i].instead)
		}
	}
	for _, at := range sumOf.FindAllStringIndex(plain, -1) {
		if !castBefore.MatchString(plain[:at[0]]) {
			problems = append(problems, "sum: PostgreSQL widens it, cast(sum(x) as bigint)")
		}
	}
	if limited.MatchString(plain) && !ordered.MatchString(plain) {
		problems = append(problems, "limit: which rows? add order by")
	}
	return problems
}

// insideEngines is where the engines themselves are spoken to, each in its own words.
var insideEngines = []string{"kit/db/...", "app/bench/..."}

func checkSQLSubset(tr *tree) (found []finding) {
	for _, f := range tr.files {
		if fitsAny(insideEngines, f.folder()) {
			continue
		}
		for _, s := range f.strings {
			for _, problem := range brokenSubset(s.text) {
				found = append(found, f.at(tr.line(s.pos), "%s", problem))
			}
		}
		if f.migration() {
			for _, problem := range brokenSubset(string(f.text)) {
				found = append(found, f.at(0, "%s", problem))
			}
		}
	}
	return found
}

// migration tells whether the file is a migration that both engines read. Twins for one engine end
// in .sqlite.sql and .postgres.sql.
func (f *file) migration() bool {
	return f.ext() == ".sql" && !strings.Contains(f.path, "testdata/") &&
		!strings.HasSuffix(f.path, ".sqlite.sql") && !strings.HasSuffix(f.path, ".postgres.sql")
}

// domains are the folders whose packages keep their SQL in files of one name.
var domains = []string{"pay/...", "visit/...", "insight/..."}

// checkSQLPlace wants the SQL of a domain in store.go (or store_<part>.go when it grows), and that
// of reporting pages in report_*.go.
func checkSQLPlace(tr *tree) (found []finding) {
	for _, f := range tr.goFiles() {
		name := path.Base(f.path)
		store := name == "store.go" || match("store_*.go", name) || match("report_*.go", name)
		if f.test() || store || !fitsAny(domains, f.folder()) {
			continue
		}
		for _, s := range f.strings {
			found = append(found, f.at(tr.line(s.pos), "SQL outside store.go"))
		}
	}
	return found
}

var (
	createTable = regexp.MustCompile(`(?i)\bcreate\s+table\s+(?:if\s+not\s+exists\s+)?(\w+)`)
	writesTable = regexp.MustCompile(`\b(?:insert\s+into|update|delete\s+from)\s+(\w+)`)
	readsTable  = regexp.MustCompile(`\b(?:from|join)\s+(\w+)`)
)

// owners returns which package's migrations create each table.
func (tr *tree) owners() map[string]string {
	owner := map[string]string{}
	for _, f := range tr.files {
		if f.ext() == ".sql" && path.Base(f.folder()) == "sql" {
			for _, m := range createTable.FindAllStringSubmatch(string(f.text), -1) {
				owner[strings.ToLower(m[1])] = path.Dir(f.folder())
			}
		}
	}
	return owner
}

// checkSQLOwner wants each package to write only tables that its own migrations create, and to
// read others only in report_*.go. Tests look wherever they need to.
func checkSQLOwner(tr *tree) (found []finding) {
	owner := tr.owners()
	for _, f := range tr.goFiles() {
		if f.test() || fitsAny(supportsTests, f.folder()) || fitsAny(insideEngines, f.folder()) {
			continue
		}
		for _, s := range f.strings {
			plain := plainSQL(s.text)
			for _, m := range writesTable.FindAllStringSubmatch(plain, -1) {
				if o := owner[m[1]]; o != "" && o != f.folder() {
					found = append(found, f.at(tr.line(s.pos), "writes %s, which is %s's", m[1], o))
				}
			}
			for _, m := range readsTable.FindAllStringSubmatch(plain, -1) {
				o := owner[m[1]]
				if o != "" && o != f.folder() && !match("report_*.go", path.Base(f.path)) {
					found = append(found, f.at(tr.line(s.pos),
						"reads %s, which is %s's: ask its functions", m[1], o))
				}
			}
		}
	}
	return found
}

var (
	migrationName = regexp.MustCompile(`^20\d{10}_[a-z]+(_[a-z0-9_]+)?\.sql$`)
	namelessCheck = regexp.MustCompile(`(constraint\s+\w+\s+)?check\s*\(`)
	tableEnd      = regexp.MustCompile(`\)\s*(strict(?:\s*,\s*without\s+rowid)?)?\s*;`)
	timeColumn    = regexp.MustCompile(`\b\w+_(?:at|time|until|since|on)\s+bigint\b`)
	bareAmount    = regexp.MustCompile(`\bamount\s+bigint\b`)
)

// checkMigrations looks at the form of migrations: their names, their order, the unit in each
// column's name, the name of each CHECK.
func checkMigrations(tr *tree) (found []finding) {
	seen := map[string]string{}
	for _, f := range tr.files {
		if f.ext() != ".sql" || strings.Contains(f.path, "testdata/") {
			continue
		}
		name := path.Base(f.path)
		if path.Base(f.folder()) != "sql" || !migrationName.MatchString(twinless(name)) {
			found = append(found, f.at(0, "is not called sql/YYYYMMDDhhmm_<domain>[_<what>].sql"))
			continue
		}
		stamp, _, _ := strings.Cut(name, "_")
		if other := seen[stamp]; other != "" && other != twinless(name) {
			found = append(found, f.at(0, "has the time of %s: the order is open", other))
		}
		seen[stamp] = twinless(name)
		if !strings.Contains(string(f.text), "-- +goose Up") {
			found = append(found, f.at(0, "lacks the line -- +goose Up"))
		}
		if strings.Contains(string(f.text), "-- +goose Down") {
			found = append(found, f.at(0, "has a way down: a backup is the way back"))
		}
		if f.migration() {
			found = append(found, f.schemaForm()...)
		}
	}
	return found
}

func (f *file) schemaForm() (found []finding) {
	plain := plainSQL(string(f.text))
	for _, statement := range strings.SplitAfter(plain, ";") {
		if !createTable.MatchString(statement) {
			continue
		}
		if end := tableEnd.FindStringSubmatch(statement); end == nil || end[1] == "" {
			found = append(found, f.at(0, "table %s does not end in ) strict;",
				createTable.FindStringSubmatch(statement)[1]))
		}
	}
	for _, m := range namelessCheck.FindAllStringSubmatch(plain, -1) {
		if m[1] == "" {
			found = append(found, f.at(0, "a CHECK has no name: constraint x check (…)"))
		}
	}
	for _, hit := range timeColumn.FindAllString(plain, -1) {
		found = append(found, f.at(0, "%s: a time's column ends in _us", hit))
	}
	if bareAmount.MatchString(plain) {
		found = append(found, f.at(0, "amount: the column ends in _minor and says of what"))
	}
	return slices.Compact(found)
}

// twinless returns the name that the twins of one migration share.
func twinless(name string) string {
	return strings.NewReplacer(".sqlite.sql", ".sql", ".postgres.sql", ".sql").Replace(name)
}
