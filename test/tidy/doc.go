// Package tidy holds the house rules as tests: what a reviewer would otherwise have to say again.
//
// The rules are tables. rules_test.go lists each rule with the reason for it; edges_test.go lists
// which package may not import which, and why; words_test.go lists the words that are not used,
// and what to write instead; sql_test.go lists what both database engines do not share.
// exempt_test.go lists the places that may break a rule, each with its reason.
//
// TestTidy reads the files that git knows or would add, and runs each rule on them as a sub-test.
// TestRulesCatchTheirSamples shows that each rule can fail: testdata/<rule>.txtar is a small tree
// that breaks it, and the file "want" inside lists the findings, one "path:line: text" a line. In
// a sample the line "@200 x" stands for 200 lines "x". With WATARI_UPDATE=1 the test writes
// "want" anew; read the difference before you keep it.
//
// A new rule is one line in the table, a function, and a sample.
package tidy
