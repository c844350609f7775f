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

// counter is where operators stand: a store that is open for a command of theirs, beside the
// running nodes. Its events and balances are in the commands' lane.
type counter struct {
	store   Store
	db      *db.DB
	by      foureyes.Person
	out     io.Writer
	kind    Kind // "" when tables were made and nothing was served yet
	desk    *foureyes.Desk
	board   *fx.Board
	settler *payment.Settler
}

// verb is one thing that a command can do, such as `rates import FILE`.
type verb struct {
	args []string
	do   func(ctx context.Context, c counter, args []string) error
}

// command is a command with verbs.
type command struct {
	name, usage string
	// verbs adds the flags of a verb and returns it.
	verbs func(fs *flag.FlagSet, name string) (verb, bool)
	keep  *int // of a rate file, how many days
}

// run reads the command line and does what it says.
func (m command) run(ctx context.Context, args []string, out, errw io.Writer) int {
	if len(args) == 0 {
		fmt.Fprintf(errw, "watari %s: takes %s\n", m.name, m.usage)
		return exitFailed
	}
	var s Store
	fs := flag.NewFlagSet(m.name+" "+args[0], flag.ContinueOnError)
	fs.SetOutput(errw)
	s.flags(fs)
	by := fs.String("by", env("by", os.Getenv("USER")),
		"who you are; what two people decide needs two names")
	v, ok := m.verbs(fs, args[0])
	if !ok {
		fmt.Fprintf(errw, "watari %s: no command %q; it takes %s\n", m.name, args[0], m.usage)
		return exitFailed
	}
	found, err := parse(fs, args[1:], v.args...)
	if err != nil {
		return usageCode(err)
	}
	rates := fx.Config{}
	if m.keep != nil {
		rates.Keep = *m.keep
	}
	err = s.at(ctx, *by, out, rates, func(c counter) error { return v.do(ctx, c, found) })
	if err != nil {
		fmt.Fprintf(errw, "watari %s %s: %v\n", m.name, args[0], err)
		return exitBroken
	}
	return exitHolds
}

// at opens a store for somebody and does something there.
func (s Store) at(
	ctx context.Context, by string, out io.Writer, rates fx.Config, do func(counter) error,
) (err error) {
	d, err := s.openExisting(ctx, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	c := counter{store: s, db: d, by: foureyes.Person{Name: by}, out: out}
	err = d.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		c.kind, err = kindOf(ctx, tx)
		return err
	})
	if err != nil && !errors.Is(err, db.ErrNoRows) {
		return fmt.Errorf("%s is not a store of this program: %w", s, err)
	}
	log, directory := event.NewLog(d), party.NewDirectory(d)
	registry := party.NewRegistry(d, directory, log, commandLane, party.DefaultSight())
	c.desk = newDesk(d, log, commandLane, registry, directory)
	// The days of a sandbox end in the past; its rates never age.
	rates.Desk, rates.RepeatLastDay = c.desk, c.kind == Sandbox || c.kind == Bench
	c.board = fx.New(d, rates)
	c.settler = payment.NewSettler(d, log, commandLane, directory, ledger.NewChart(d))
	return do(c)
}
