package fault_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"watari/kit/fault"
)

var errTaken = fault.Define("test-taken", fault.Conflict, "The thing is taken")

// Goal: a mistake in a declaration stops the program (F1). Method: each mistake, one panic.
func TestDefineRefusesMistakes(t *testing.T) {
	t.Parallel()
	for what, define := range map[string]func(){
		"duplicate":    func() { fault.Define("test-taken", fault.Conflict, "Again") },
		"empty":        func() { fault.Define("", fault.Conflict, "x") },
		"upper case":   func() { fault.Define("Test", fault.Conflict, "x") },
		"underscore":   func() { fault.Define("a_b", fault.Conflict, "x") },
		"two hyphens":  func() { fault.Define("a--b", fault.Conflict, "x") },
		"last hyphen":  func() { fault.Define("a-", fault.Conflict, "x") },
		"too long":     func() { fault.Define(strings.Repeat("a", 65), fault.Conflict, "x") },
		"unknown kind": func() { fault.Define("test-kind", 0, "x") },
		"no title":     func() { fault.Define("test-title", fault.Conflict, " ") },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: want a panic", what)
				}
			}()
			define()
		}()
	}
}

// Goal: an occurrence is found by its problem and by its cause, also through wrapping. Method:
// errors.Is and errors.As.
func TestErrorIsItsProblemAndItsCause(t *testing.T) {
	t.Parallel()
	cause := errors.New("disk on fire")
	err := fmt.Errorf("take: %w", errTaken.Newf("by %s", "them").Because(cause))

	if !errors.Is(err, errTaken) || !errors.Is(err, cause) {
		t.Errorf("%v is neither its problem nor its cause", err)
	}
	var e *fault.Error
	if !errors.As(err, &e) || e.Detail != "by them" || e.Problem.Kind != fault.Conflict {
		t.Errorf("got %+v", e)
	}
	if errors.Is(errTaken.Newf("x"), cause) {
		t.Error("a fault without a cause has none")
	}
}

// Goal: the private cause is in no public part (F2). Method: look for its text.
func TestCauseStaysPrivate(t *testing.T) {
	t.Parallel()
	e := errTaken.Newf("by them").At("/id", "is taken").Because(errors.New("secret text"))

	if !strings.Contains(e.Error(), "secret text") || !strings.Contains(e.Error(), "/id") {
		t.Errorf("the log line %q lacks a part", e.Error())
	}
	if text := fault.Encode(e); strings.Contains(text, "secret") {
		t.Errorf("the stored text holds the cause: %s", text)
	}
}

// Goal: a stored refusal repeats to the letter (F3). Method: encode, decode, encode, with members
// of many types and text that engines and HTML dislike.
func TestStoredFaultRepeatsToTheLetter(t *testing.T) {
	t.Parallel()
	type pair struct {
		Z int    `json:"z"`
		A string `json:"a"`
	}
	e := errTaken.Newf("a <b> & \"c\" 渡り \x00 \xff %d", 5).
		Set("pair", pair{Z: 9007199254740993, A: "<&>"}).
		Set("when", time.Date(2026, 4, 13, 16, 0, 0, 0, time.UTC)).
		Set("list", []int64{3, 1, 2}).
		Set("nothing", nil).
		Set("unwritable", func() {}).
		At("/amount/value", "is too large").At("/id", "")

	first := fault.Encode(e)
	back, err := fault.Decode(first)
	if err != nil {
		t.Fatal(err)
	}
	second := fault.Encode(back)

	if first != second {
		t.Errorf("got %s\nwant %s", second, first)
	}
	if strings.ContainsAny(first, "\x00\n") || !json.Valid([]byte(first)) {
		t.Errorf("%q is not one line of JSON", first)
	}
	if !strings.Contains(first, `"pair":{"z":9007199254740993,"a":"<&>"}`) {
		t.Errorf("a member was changed: %s", first)
	}
	if !errors.Is(back, errTaken) || len(back.Fields) != 2 || len(back.Members) != 5 {
		t.Errorf("got %+v", back)
	}
	if plain := fault.Encode(errTaken.Newf("")); plain != `{"slug":"test-taken"}` {
		t.Errorf("got %s", plain)
	}
}

// Goal: Decode takes only what Encode writes. Method: damaged text.
func TestDecodeRefusesOtherText(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "null", "{}", "[]", `{"slug":"nobody-declares-this"}`,
		`{"slug":"test-taken"} {}`, `{"slug":"test-taken","cause":"x"}`, `{"slug":"test-taken"`} {
		if e, err := fault.Decode(text); err == nil {
			t.Errorf("Decode(%q): got %v, want an error", text, e)
		}
	}
}

// Goal: a copy is apart from the first. Method: change the copy.
func TestCloneIsApart(t *testing.T) {
	t.Parallel()
	first := errTaken.Newf("x").Set("a", 1).At("/a", "b")
	first.Clone().Set("a", 2).Set("c", 3).At("/c", "d")

	if len(first.Members) != 1 || first.Members["a"] != 1 || len(first.Fields) != 1 {
		t.Errorf("the first changed: %+v", first)
	}
}

// Goal: the registry lists every problem, by slug. Method: look for ours.
func TestRegistryListsEveryProblem(t *testing.T) {
	t.Parallel()
	all := fault.All()
	if !slices.Contains(all, errTaken) || fault.BySlug("test-taken") != errTaken {
		t.Error("the declared problem is not listed")
	}
	if !slices.IsSortedFunc(all, func(a, b *fault.Problem) int {
		return strings.Compare(a.Slug, b.Slug)
	}) {
		t.Error("the list is not by slug")
	}
	if fault.BySlug("nobody-declares-this") != nil {
		t.Error("an unknown slug has no problem")
	}
	if fault.TooLarge.String() != "too-large" || fault.Kind(99).String() != "kind(99)" {
		t.Error("a kind has a wrong name")
	}
}
