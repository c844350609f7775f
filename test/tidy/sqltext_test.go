package tidy

import (
	"go/ast"
	"go/token"
	"regexp"
	"strconv"
	"strings"
)

// sqlText is a piece of SQL found in a Go file. Operands that are not written in place (a column
// list, for example) stand in it as the word x.
type sqlText struct {
	pos  token.Pos
	text string
}

// looksLikeSQL recognises the beginnings of the statements that this program writes. It is strict
// enough not to take an English sentence for one.
var looksLikeSQL = regexp.MustCompile(`(?is)^\s*(` +
	`select\s.*\sfrom\s|select\s+(count|sum|cast|coalesce|exists|\d)|` +
	`insert\s+(or\s+\w+\s+)?into\s+\w|` +
	`update\s+\w+(\s+(as\s+)?\w+)?\s+set\s|delete\s+from\s+\w|` +
	`with\s+(recursive\s+)?\w+\s*(\([^)]*\))?\s*as\s+(materialized\s+)?\(|` +
	`create\s+(unique\s+)?(table|index|view|trigger|type|schema)\s|alter\s+table\s|drop\s+\w+\s|` +
	`truncate\s|merge\s+into\s|pragma\s)`)

// sqlTexts returns every string expression of a file that is SQL: literals and their sums, and
// the formats of fmt.Sprintf like any other literal.
func sqlTexts(parsed *ast.File) (texts []sqlText) {
	ast.Inspect(parsed, func(n ast.Node) bool {
		e, ok := n.(ast.Expr)
		if !ok {
			return true
		}
		text, literal, ok := fold(e)
		if !ok || !literal {
			return true
		}
		if looksLikeSQL.MatchString(text) {
			texts = append(texts, sqlText{e.Pos(), text})
			return false
		}
		_, sum := e.(*ast.BinaryExpr)
		return !sum
	})
	return texts
}

// fold evaluates a sum of strings as far as it is written in place. literal tells whether any part
// of it is.
func fold(e ast.Expr) (text string, literal, ok bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind != token.STRING {
			return "", false, false
		}
		text, err := strconv.Unquote(e.Value)
		return text, err == nil, err == nil
	case *ast.ParenExpr:
		return fold(e.X)
	case *ast.BinaryExpr:
		if e.Op != token.ADD {
			return "", false, false
		}
		left, literalLeft, okLeft := fold(e.X)
		right, literalRight, okRight := fold(e.Y)
		if !okLeft {
			left = " x "
		}
		if !okRight {
			right = " x "
		}
		return left + right, literalLeft || literalRight, literalLeft || literalRight
	}
	return "", false, false
}

var (
	pgMarker    = regexp.MustCompile(`(?s)/\*pg\b.*?\*/`)
	sqlComment  = regexp.MustCompile(`(?s)/\*.*?\*/|--[^\n]*`)
	sqlString   = regexp.MustCompile(`'(?:[^']|'')*'`)
	whitespaces = regexp.MustCompile(`\s+`)
)

// plainSQL returns a statement without what one engine alone reads, without comments and the
// insides of strings, in lower case and with single blanks.
func plainSQL(text string) string {
	text = pgMarker.ReplaceAllString(text, " ")
	text = sqlString.ReplaceAllString(text, "''")
	text = sqlComment.ReplaceAllString(text, " ")
	return strings.ToLower(whitespaces.ReplaceAllString(text, " "))
}
