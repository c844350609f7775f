package fsmtest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"testing"

	"watari/kit/fsm"
)

// Check fails t unless the table keeps these rules:
//
//   - no pair (state, event) stands twice (S1), and Next answers each line of the table and
//     refuses every other pair;
//   - every state can be reached from start;
//   - when there is a final state (S2), one can be reached from every state: nothing is trapped;
//   - the states are exactly those of checkList, in any order.
func Check[S, E ~string](t testing.TB, table fsm.Table[S, E], start S, checkList []S) {
	t.Helper()
	for _, text := range slices.Concat(
		ambiguous(table), unreachable(table, start), trapped(table), unlisted(table, checkList),
	) {
		t.Error(text)
	}
}

// Diagram fails t unless the file at path holds the diagram of table, as a Markdown page with
// that title. With WATARI_UPDATE=1 it writes the file instead.
func Diagram[S, E ~string](t testing.TB, table fsm.Table[S, E], title, path string) {
	t.Helper()
	want := "<!-- generated from the state table; do not edit -->\n\n# " + title +
		"\n\n```mermaid\n" + table.Mermaid() + "```\n"
	if os.Getenv("WATARI_UPDATE") == "1" {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatalf("write diagram: %v", err)
		}
		return
	}

	got, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		t.Fatalf("%s is missing: run the test with WATARI_UPDATE=1", path)
	case err != nil:
		t.Fatalf("read diagram: %v", err)
	case string(got) != want:
		t.Errorf("%s is not current: run the test with WATARI_UPDATE=1\ngot:\n%s\nwant:\n%s",
			path, got, want)
	}
}

// ambiguous lists the pairs that stand twice and those that Next answers otherwise than the table.
func ambiguous[S, E ~string](table fsm.Table[S, E]) []string {
	type pair struct {
		from  S
		event E
	}
	var found []string
	lines := map[pair]S{}
	for _, step := range table {
		p := pair{step.From, step.Event}
		if _, twice := lines[p]; twice {
			found = append(found, fmt.Sprintf("(%s, %s) stands twice", step.From, step.Event))
			continue
		}
		lines[p] = step.To
	}
	for _, from := range table.States() {
		for _, event := range table.Events() {
			want, listed := lines[pair{from, event}]
			got, ok := table.Next(from, event)
			if ok != listed || got != want {
				found = append(found, fmt.Sprintf("Next(%s, %s) = %q, %v; the table says %q, %v",
					from, event, got, ok, want, listed))
			}
		}
	}
	return found
}

// unreachable lists the states that no events lead to from start.
func unreachable[S, E ~string](table fsm.Table[S, E], start S) []string {
	states := table.States()
	if !slices.Contains(states, start) {
		return []string{fmt.Sprintf("start %s is not in the table", start)}
	}
	reached := map[S]bool{start: true}
	for range states {
		for _, step := range table {
			if reached[step.From] {
				reached[step.To] = true
			}
		}
	}
	var found []string
	for _, s := range states {
		if !reached[s] {
			found = append(found, fmt.Sprintf("%s cannot be reached from %s", s, start))
		}
	}
	return found
}

// trapped lists the states from which no final state can be reached; none when none is final.
func trapped[S, E ~string](table fsm.Table[S, E]) []string {
	states := table.States()
	ends := map[S]bool{}
	for _, s := range states {
		if table.Final(s) {
			ends[s] = true
		}
	}
	if len(ends) == 0 {
		return nil
	}
	for range states {
		for _, step := range table {
			if ends[step.To] {
				ends[step.From] = true
			}
		}
	}
	var found []string
	for _, s := range states {
		if !ends[s] {
			found = append(found, fmt.Sprintf("no final state can be reached from %s", s))
		}
	}
	return found
}

// unlisted lists what the table names and the CHECK list does not, and the reverse.
func unlisted[S, E ~string](table fsm.Table[S, E], checkList []S) []string {
	var found []string
	states := table.States()
	for _, s := range states {
		if !slices.Contains(checkList, s) {
			found = append(found, fmt.Sprintf("the CHECK list lacks %s", s))
		}
	}
	for i, s := range checkList {
		if !slices.Contains(states, s) {
			found = append(found, fmt.Sprintf("the CHECK list names %s, the table does not", s))
		}
		if slices.Contains(checkList[:i], s) {
			found = append(found, fmt.Sprintf("the CHECK list names %s twice", s))
		}
	}
	return found
}
