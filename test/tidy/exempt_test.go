package tidy

// exemption lets one path break one rule. A path is a pattern of match.
type exemption struct{ rule, path, reason string }

// exemptions is the whole list. Keep it short: each line is a place that a reader has to
// remember. A line that no finding needs fails the test.
var exemptions = []exemption{
	{"globals", "kit/fault/problem.go", "the registry of faults: filled by Define, then read"},
	{"globals", "kit/crash/on.go", "counts passes in builds that are made to be killed"},
	{"globals", "app/node.go", "the version is set by the linker"},
	{"names", "kit/web/op.go", "GetStatus is a method that huma's StatusError asks for"},
	{"names", "kit/web/adapter.go", "methods that huma's Context asks for"},
	{"names", "api/client/connect.go", "a method that every generated answer has"},
	{"globals", "kit/id/id.go", "the cell is set once by app; ids of one process keep increasing"},
}

// withoutExempt drops the findings that an exemption covers, and tells which were of use.
func withoutExempt(rule string, all []finding) ([]finding, map[exemption]bool) {
	var kept []finding
	used := map[exemption]bool{}
	for _, f := range all {
		covered := false
		for _, e := range exemptions {
			if e.rule == rule && match(e.path, f.path) {
				used[e], covered = true, true
			}
		}
		if !covered {
			kept = append(kept, f)
		}
	}
	return kept, used
}
