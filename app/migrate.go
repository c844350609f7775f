package app

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"

	"watari/kit/db"
)

// RunMigrate is `watari migrate`: it brings the tables of a store up to date and ends. Serving
// does the same at its start; with several nodes it is better done once, before.
func RunMigrate(ctx context.Context, args []string, out, errw io.Writer) int {
	var s Store
	fs := flag.NewFlagSet("migrate", flag.ContinueOnError)
	fs.SetOutput(errw)
	s.flags(fs)
	if _, err := parse(fs, args); err != nil {
		return usageCode(err)
	}
	if err := s.migrate(ctx); err != nil {
		fmt.Fprintf(errw, "watari migrate: %v\n", err)
		return exitBroken
	}
	fmt.Fprintf(out, "%s is up to date\n", s)
	return exitHolds
}

func (s Store) migrate(ctx context.Context) error {
	if err := os.MkdirAll(s.Data, 0o700); err != nil {
		return fmt.Errorf("make data folder: %w", err)
	}
	d, err := db.Open(ctx, s.Location(), db.Options{})
	if err != nil {
		return fmt.Errorf("open %s: %w", s, err)
	}
	defer d.Close()
	return d.Migrate(ctx, schema()...)
}
