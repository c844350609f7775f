package app

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"

	"watari/pay/fx"
)

// RunRates is `watari rates import FILE`, `rates changes`, `rates approve ID` and `rates
// reject ID`.
func RunRates(ctx context.Context, args []string, out, errw io.Writer) int {
	keep := new(int)
	return command{name: "rates", usage: "import FILE, changes, approve ID or reject ID",
		keep: keep,
		verbs: func(fs *flag.FlagSet, name string) (verb, bool) {
			fs.IntVar(keep, "keep", 4000, "how many days of the file, the newest, are kept")
			switch name {
			case "import":
				return verb{[]string{"FILE"}, loadRates}, true
			case "changes":
				return verb{nil, listRates}, true
			case "approve":
				return verb{[]string{"ID"}, approveChange}, true
			case "reject":
				return verb{[]string{"ID"}, rejectChange}, true
			}
			return verb{}, false
		}}.run(ctx, args, out, errw)
}

// shownMax is how many held changes an import names.
const shownMax = 10

// loadRates imports a file and says what became of it.
func loadRates(ctx context.Context, c counter, args []string) error {
	f, err := os.Open(args[0])
	if err != nil {
		return err
	}
	defer f.Close()
	if c.kind == "" { // rates are the first thing that a real network gets
		if err := claimKind(ctx, c.db, Live); err != nil {
			return err
		}
	}
	rep, err := c.board.Import(ctx, f, c.by.Name)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.out, "%s to %s: %d days, %d rates new, %d as before, %d held\n", rep.Oldest,
		rep.Newest, rep.Days, rep.Applied, rep.Same, rep.Held)
	for i, id := range rep.Changes {
		if i == shownMax {
			fmt.Fprintf(c.out, "and %d more: watari rates changes lists them\n",
				len(rep.Changes)-i)
			break
		}
		fmt.Fprintf(c.out, "held for a second person: watari rates approve %s --by NAME\n", id)
	}
	return nil
}

// listRates shows which rates wait for a second person.
func listRates(ctx context.Context, c counter, _ []string) error {
	all, err := c.board.Changes(ctx, fx.Open)
	if err != nil {
		return err
	}
	for _, ch := range all {
		fmt.Fprintf(c.out, "%s  rates of %s, brought by %s\n", ch.ID, ch.Day, ch.Maker)
		for _, h := range ch.Held {
			fmt.Fprintf(c.out, "  %s %s, was %s on %s: %s\n", h.Currency, h.Rate, h.Was,
				h.WasDay, h.Why)
		}
	}
	if len(all) == 0 {
		fmt.Fprintln(c.out, "nothing waits for a second person")
	}
	return nil
}
