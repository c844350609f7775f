package app

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"watari/kit/db"
	"watari/kit/event"
	"watari/kit/foureyes"
	"watari/pay/fx"
	"watari/pay/ledger"
	"watari/pay/party"
	"watari/pay/payment"
)

// errKindless says that a store has tables and was never used.
var errKindless = errors.New("nothing was served from it yet; start it once with watari serve")

// counter is where operators stand: a store that is open for a command of theirs, beside the
// running nodes. Its events and balances are in the commands' lane.
type counter struct {
	db      *db.DB
	by      foureyes.Person
	out     io.Writer
	kind    Kind
	desk    *foureyes.Desk
	board   *fx.Board
	settler *payment.Settler
}

// byFlag adds the flag that says who somebody is.
func byFlag(fs *flag.FlagSet) *string {
	return fs.String("by", env("by", os.Getenv("USER")),
		"who you are; what two people decide needs two names")
}

// at opens a store for a command of an operator and does it.
func (s Store) at(
	ctx context.Context, by string, out io.Writer, keep int, do func(counter) error,
) (err error) {
	d, err := s.openExisting(ctx, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	c := counter{db: d, by: foureyes.Person{Name: by}, out: out}
	err = d.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		c.kind, err = kindOf(ctx, tx)
		return err
	})
	switch {
	case errors.Is(err, db.ErrNoRows):
		c.kind = "" // its tables were made and nothing was served yet
	case err != nil:
		return fmt.Errorf("%s is not a store of this program: %w", s, err)
	}
	log, directory := event.NewLog(d), party.NewDirectory(d)
	registry := party.NewRegistry(d, directory, log, commandLane, party.DefaultSight())
	c.desk = newDesk(d, log, commandLane, registry, directory)
	// The days of a sandbox end in the past; its rates never age.
	c.board = fx.New(d, fx.Config{Keep: keep, Desk: c.desk,
		RepeatLastDay: c.kind == Sandbox || c.kind == Bench})
	c.settler = payment.NewSettler(d, log, commandLane, directory, ledger.NewChart(d))
	return do(c)
}

// verb is one thing that a command can do.
type verb struct {
	args []string
	do   func(ctx context.Context, c counter, args []string) error
}

// operate is a command with verbs, such as `watari rates import FILE`: flags adds the flags of a
// verb and returns what it does with them.
func operate(
	ctx context.Context, command string, args []string, out, errw io.Writer, usage string,
	flags func(fs *flag.FlagSet, name string) (verb, bool), keep *int,
) int {
	if len(args) == 0 {
		fmt.Fprintf(errw, "watari %s: takes %s\n", command, usage)
		return exitFailed
	}
	var s Store
	fs := flag.NewFlagSet(command+" "+args[0], flag.ContinueOnError)
	fs.SetOutput(errw)
	s.flags(fs)
	by := byFlag(fs)
	v, ok := flags(fs, args[0])
	if !ok {
		fmt.Fprintf(errw, "watari %s: no command %q; it takes %s\n", command, args[0], usage)
		return exitFailed
	}
	found, err := parse(fs, args[1:], v.args...)
	if err != nil {
		return usageCode(err)
	}
	days := 0
	if keep != nil {
		days = *keep
	}
	err = s.at(ctx, *by, out, days, func(c counter) error { return v.do(ctx, c, found) })
	if err != nil {
		fmt.Fprintf(errw, "watari %s %s: %v\n", command, args[0], err)
		return exitBroken
	}
	return exitHolds
}
