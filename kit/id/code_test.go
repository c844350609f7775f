package id_test

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"watari/kit/id"
)

// Goal: what is a code, and what is not quite one.
func TestIsCode(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{
		"a": true, "7": true, "day-pass": true, "a-b-c-1": true, strings.Repeat("a", 40): true,
		"": false, "-": false, "-a": false, "a-": false, "a--b": false, "A": false, "a b": false,
		"a_b": false, "a.b": false, "é": false, "a\x00": false, "雷神": false,
		strings.Repeat("a", 41): false, "a\n": false,
	} {
		if id.IsCode(s) != want {
			t.Errorf("%q: %v, want %v", s, !want, want)
		}
	}
}

// Goal: it is what the regular expression of codes says. Method: texts of the letters that matter,
// of lengths around the longest.
func TestIsCodeAgainstItsExpression(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOfN(rapid.RuneFrom([]rune("ab9-Z_é")), 0, id.CodeMax+3, -1).Draw(t, "s")
		if want := len(s) <= id.CodeMax && form.MatchString(s); id.IsCode(s) != want {
			t.Fatalf("%q: %v, want %v", s, !want, want)
		}
	})
}
