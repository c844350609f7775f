package db

import "strings"

// rewrite turns the text of a migration into the words of an engine. It reads tokens, so
// that strings, comments and quoted names stay as they are.
func rewrite(e Engine, text string) string {
	r := rewriter{engine: e}
	r.out.Grow(len(text) + len(text)/8)
	for len(text) > 0 {
		n := tokenLen(text)
		r.token(text[:n], text[n:])
		text = text[n:]
	}
	return r.out.String()
}

type rewriter struct {
	engine Engine
	out    strings.Builder
	// The two tokens before, in lower case: words or single signs.
	last, prev string
	// options is true between "strict" and the semicolon of a table.
	options bool
}

func (r *rewriter) token(t, rest string) {
	if t[0] == ' ' || t[0] == '\n' || t[0] == '\t' || t[0] == '\r' ||
		strings.HasPrefix(t, "--") || strings.HasPrefix(t, "/*") {
		r.out.WriteString(t)
		return
	}
	word := strings.ToLower(t)
	if r.engine == Postgres {
		r.postgres(t, word, rest)
	} else {
		r.sqlite(t, word)
	}
	r.prev, r.last = r.last, word
}

func (r *rewriter) sqlite(t, word string) {
	switch word {
	case "bigint", "boolean":
		t = "integer"
	case "bytea":
		t = "blob"
	case "double":
		t = "real"
	case "precision":
		if r.last == "double" {
			t = ""
		}
	}
	r.out.WriteString(t)
}

func (r *rewriter) postgres(t, word, rest string) {
	switch {
	case word == "strict" && r.last == ")":
		r.options = true
		return
	case word == ";":
		r.options = false
	case r.options && (word == "," || word == "without" || word == "rowid"):
		return
	case word == "text" && r.columnType() && !collated(rest):
		t += ` collate "C"`
	}
	r.out.WriteString(t)
}

// columnType says whether the token at hand stands where the type of a column does: behind
// a name that itself stands behind "(", "," or the words of alter table.
func (r *rewriter) columnType() bool {
	if r.last == "" || !isWord(r.last[0]) && r.last[0] != '"' {
		return false
	}
	switch r.prev {
	case "(", ",", "column", "add", "exists":
		return true
	}
	return false
}

func collated(rest string) bool {
	rest = strings.TrimLeft(rest, " \t\r\n")
	return len(rest) >= 7 && strings.EqualFold(rest[:7], "collate")
}

// tokenLen returns the length of the first token of a text that is not empty: a run of
// white space, a comment, a string, a quoted name, a $$ body, a word, or one sign.
func tokenLen(s string) int {
	switch c := s[0]; {
	case strings.HasPrefix(s, "--"):
		return until(s, 2, "\n")
	case strings.HasPrefix(s, "/*"):
		return until(s, 2, "*/")
	case c == '\'':
		return until(s, 1, "'")
	case c == '"':
		return until(s, 1, `"`)
	case strings.HasPrefix(s, "$$"):
		return until(s, 2, "$$")
	case isWord(c):
		return run(s, isWord)
	case isSpace(c):
		return run(s, isSpace)
	}
	return 1
}

// until returns the end of what closes with end, or of the text. The doubled quote in a
// string makes two tokens that stand together, which is the same here.
func until(s string, from int, end string) int {
	if i := strings.Index(s[from:], end); i >= 0 {
		return from + i + len(end)
	}
	return len(s)
}

func run(s string, is func(byte) bool) int {
	n := 1
	for n < len(s) && is(s[n]) {
		n++
	}
	return n
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func isWord(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}
