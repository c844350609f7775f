// Command watari is the whole network in one program: the server, its checks and its tools.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	_ "time/tzdata" // clearing days need zones where the system has none

	"watari/app"
	"watari/connect/alipayplus/explain"
)

// command is one word after the program's name.
type command struct {
	name, does string
	run        func(ctx context.Context, args []string, out, errw io.Writer) int
}

func commands() []command {
	return []command{
		{"serve", "run the network [--listen HOST:PORT] [--data DIR] [--database URL] [--sandbox]",
			app.RunServe},
		{"sandbox", "run a sandbox's simulated wallets in a process of their own", app.RunSandbox},
		{"migrate", "bring the tables of a store up to date", app.RunMigrate},
		{"verify", "recompute the books and compare everything [--json] [--reopen]",
			app.RunVerify},
		{"bench", "measure: bench pay [--concurrency N] [--duration D] [--json], " +
			"bench rush [--buyers N] [--places N] [--json]", app.RunBench},
		{"rates", "rates import FILE, changes, approve ID, reject ID", app.RunRates},
		{"changes", "what two people decide: changes list, approve ID, reject ID", app.RunChanges},
		{"legs", "legs that wait for an operator: legs list --stuck, settle ID --as … --note …",
			app.RunLegs},
		{"operator", "operator add NAME: make an API key; operator invite EMAIL: make a link",
			app.RunOperator},
		{"audit", "the trail of changes: audit export [--out FILE], audit verify FILE…",
			app.RunAudit},
		{"explain-signature", "show what an Alipay+ signature signs, and what differs",
			func(_ context.Context, args []string, out, errw io.Writer) int {
				return explain.Run(args, os.Stdin, out, errw)
			}},
		{"version", "print the version", app.RunVersion},
	}
}

// gcPercent lets the heap grow to four times what lives before it is collected: a payment
// leaves little behind, and a tenth of the processor would go to collecting it.
const gcPercent = 300

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, out, errw io.Writer) int {
	if len(args) > 0 {
		for _, c := range commands() {
			if c.name == args[0] {
				return c.run(ctx, args[1:], out, errw)
			}
		}
		if args[0] == "help" || args[0] == "--help" || args[0] == "-h" {
			usage(out)
			return 0
		}
		fmt.Fprintf(errw, "watari: no command %q; watari help lists them\n", args[0])
		return 2
	}
	usage(errw)
	return 2
}

func usage(w io.Writer) {
	fmt.Fprintln(w, "watari COMMAND [flags]")
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-18s %s\n", c.name, c.does)
	}
	fmt.Fprintln(w, "Every flag is also an environment variable: --data is WATARI_DATA.")
}
