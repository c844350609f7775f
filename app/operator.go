package app

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"

	"watari/kit/access"
	"watari/kit/db"
)

// RunVersion is `watari version`.
func RunVersion(_ context.Context, _ []string, out, _ io.Writer) int {
	fmt.Fprintf(out, "watari %s\n", Version())
	return exitHolds
}

// RunOperator is `watari operator add NAME`: it makes an API key of the operator role and
// prints it once.
func RunOperator(ctx context.Context, args []string, out, errw io.Writer) int {
	var s Store
	fs := flag.NewFlagSet("operator add", flag.ContinueOnError)
	fs.SetOutput(errw)
	s.flags(fs)
	if len(args) == 0 || args[0] != "add" {
		fmt.Fprintln(errw, "watari operator: takes add NAME")
		return exitFailed
	}
	names, err := parse(fs, args[1:], "NAME")
	if err != nil {
		return usageCode(err)
	}
	secret, err := s.addOperator(ctx, names[0])
	if err != nil {
		fmt.Fprintf(errw, "watari operator add: %v\n", err)
		return exitBroken
	}
	fmt.Fprintln(out, secret)
	return exitHolds
}

func (s Store) addOperator(ctx context.Context, name string) (secret string, err error) {
	d, err := s.openExisting(ctx, false)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	keys := access.New(d)
	err = d.Update(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		secret, err = keys.Create(ctx, tx, access.Grant{Role: access.Operator, Label: name})
		return err
	})
	return secret, err
}
