package tidy

// rule is one thing that every file must keep. Its name is also that of its sample.
type rule struct {
	name   string
	reason string
	check  func(*tree) []finding
}

// The limits of lengths. Columns are characters; a tab is one.
const (
	fileLines, testFileLines = 500, 800
	functionLines            = 70
	lineColumns              = 100
	fileBytes                = 1_000_000
)

// rules is everything that is checked. Order: how a file looks, what it says, what it does, how
// the tree hangs together.
var rules = []rule{
	{"parses", "a file that does not parse hides from every other rule", checkParses},
	{"format", "one layout, gofmt's, so that differences are changes of meaning", checkFormat},
	{"file-length", "a file that is longer holds two subjects", checkFileLength},
	{"function-length", "a function is seen at once", checkFunctionLength},
	{"line-length", "two files fit side by side", checkLineLength},

	{"package-comment", "doc.go is where a newcomer begins", checkPackageComment},
	{"exported-doc", "an exported name is a promise, and a promise has words", checkExportedDoc},
	{"package-name", "a name that says nothing collects everything", checkPackageName},
	{"names", "one word for one thing, British like the domain's texts", checkNames},
	{"words", "the text speaks of the thing as it is, to a stranger", checkWords},
	{"references", "a reader can open what the text refers to", checkReferences},
	{"error-text", "a chain of wrapped errors reads as one sentence", checkErrorText},

	{"init", "work before main has no order, no context and no error", checkInit},
	{"globals", "state that anybody can change belongs to nobody", checkGlobals},
	{"clock", "time has one source, kit/clock", checkClock},
	{"floats", "money has no fractions of its smallest unit", checkFloats},
	{"outcomes", "unknown is a value: forgetting it loses money", checkOutcomes},

	{"test-form", "tests run side by side and say what they are for", checkTestForm},
	{"test-skip", "a skipped test proves nothing", checkTestSkip},

	{"imports", "the direction of dependencies is the architecture", checkImports},
	{"sql-subset", "one text for two engines", checkSQLSubset},
	{"sql-place", "all SQL of a domain stands in its store", checkSQLPlace},
	{"sql-owner", "a package writes only its own tables", checkSQLOwner},
	{"migrations", "a schema change is read by people and by two engines", checkMigrations},

	{"generated", "nobody edits what the next run overwrites", checkGenerated},
	{"artefacts", "the repository holds what people write, not what tools make", checkArtefacts},
	{"folders", "nothing hides: this is a program, not a library", checkFolders},
	{"dependencies", "each direct dependency is a decision, and decisions are written down",
		checkDependencies},
	{"states", "every state table has its diagram, and a test keeps it current", checkStates},
	{"crash-table", "ARCHITECTURE.md says what repairs each point at which the process may die",
		checkCrashTable},
	{"make-help", "make help is the first page of the manual", checkMakeHelp},
}
