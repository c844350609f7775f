package app

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"watari/kit/db"
	"watari/pay/fx"
)

// RunRates is `watari rates import FILE`, `rates changes`, `rates approve ID` and `rates
// reject ID`.
func RunRates(ctx context.Context, args []string, out, errw io.Writer) int {
	if len(args) == 0 {
		fmt.Fprintln(errw, "watari rates: takes import FILE, changes, approve ID or reject ID")
		return exitFailed
	}
	var s Store
	fs := flag.NewFlagSet("rates "+args[0], flag.ContinueOnError)
	fs.SetOutput(errw)
	s.flags(fs)
	by := fs.String("by", env("by", os.Getenv("USER")), "who you are; a held rate needs two people")
	keep := fs.Int("keep", 4000, "how many days of the file, the newest, are kept")
	names := map[string][]string{"import": {"FILE"}, "changes": nil, "approve": {"ID"},
		"reject": {"ID"}}
	want, ok := names[args[0]]
	if !ok {
		fmt.Fprintf(errw, "watari rates: no command %q\n", args[0])
		return exitFailed
	}
	found, err := parse(fs, args[1:], want...)
	if err != nil {
		return usageCode(err)
	}
	arg := ""
	if len(found) > 0 {
		arg = found[0]
	}
	r := ratesCall{store: s, by: *by, keep: *keep, out: out}
	if err := r.run(ctx, args[0], arg); err != nil {
		fmt.Fprintf(errw, "watari rates %s: %v\n", args[0], err)
		return exitBroken
	}
	return exitHolds
}

// ratesCall is one call of the command.
type ratesCall struct {
	store Store
	by    string
	keep  int
	out   io.Writer
}

func (r ratesCall) run(ctx context.Context, verb, arg string) (err error) {
	d, err := r.store.openExisting(ctx, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	// The days of a sandbox end in the past; its rates never age.
	var kind Kind
	err = d.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		kind, err = kindOf(ctx, tx)
		return err
	})
	if err != nil {
		return fmt.Errorf("%s is not a store of this program: %w", r.store, err)
	}
	board := fx.New(d, fx.Config{Keep: r.keep, RepeatLastDay: kind != Live})
	switch verb {
	case "import":
		return r.load(ctx, board, arg)
	case "approve":
		if err := board.Approve(ctx, arg, r.by); err != nil {
			return err
		}
		fmt.Fprintf(r.out, "approved %s\n", arg)
		return nil
	case "reject":
		if err := board.Reject(ctx, arg, r.by); err != nil {
			return err
		}
		fmt.Fprintf(r.out, "rejected %s\n", arg)
		return nil
	}
	return r.list(ctx, board)
}

// shownMax is how many held changes an import names.
const shownMax = 10

// load imports a file and says what became of it.
func (r ratesCall) load(ctx context.Context, board *fx.Board, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	rep, err := board.Import(ctx, f, r.by)
	if err != nil {
		return err
	}
	fmt.Fprintf(r.out, "%s to %s: %d days, %d rates new, %d as before, %d held\n", rep.Oldest,
		rep.Newest, rep.Days, rep.Applied, rep.Same, rep.Held)
	for i, id := range rep.Changes {
		if i == shownMax {
			fmt.Fprintf(r.out, "and %d more: watari rates changes lists them\n",
				len(rep.Changes)-i)
			break
		}
		fmt.Fprintf(r.out, "held for a second person: watari rates approve %s --by NAME\n", id)
	}
	return nil
}

// list shows what waits for a second person.
func (r ratesCall) list(ctx context.Context, board *fx.Board) error {
	all, err := board.Changes(ctx, fx.Open)
	if err != nil {
		return err
	}
	for _, c := range all {
		fmt.Fprintf(r.out, "%s  rates of %s, brought by %s\n", c.ID, c.Day, c.Maker)
		for _, h := range c.Held {
			fmt.Fprintf(r.out, "  %s %s, was %s on %s: %s\n", h.Currency, h.Rate, h.Was,
				h.WasDay, h.Why)
		}
	}
	if len(all) == 0 {
		fmt.Fprintln(r.out, "nothing waits for a second person")
	}
	return nil
}
