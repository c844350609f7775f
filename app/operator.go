package app

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"watari/kit/access"
	"watari/kit/access/people"
	"watari/kit/db"
	"watari/kit/event"
	"watari/kit/seal"
)

// RunVersion is `watari version`.
func RunVersion(_ context.Context, _ []string, out, _ io.Writer) int {
	fmt.Fprintf(out, "watari %s\n", Version())
	return exitHolds
}

// RunOperator is `watari operator add NAME`: it makes an API key of the operator role and prints
// it once; and `watari operator invite EMAIL`: it prints a link by which an operator chooses a
// password. Whoever is an operator already chooses a new one, and their second factors are removed.
func RunOperator(ctx context.Context, args []string, out, errw io.Writer) int {
	return command{name: "operator", usage: "add NAME or invite EMAIL",
		verbs: func(fs *flag.FlagSet, name string) (verb, bool) {
			switch name {
			case "add":
				return verb{[]string{"NAME"}, addOperator}, true
			case "invite":
				public := fs.String("public-url", env("public-url", "http://127.0.0.1:8080"),
					"where browsers reach this network")
				known := fs.String("name", "", "their name; they may change it")
				return verb{[]string{"EMAIL"}, func(ctx context.Context, c counter,
					args []string,
				) error {
					return inviteOperator(ctx, c, args[0], *known, *public)
				}}, true
			}
			return verb{}, false
		}}.run(ctx, args, out, errw)
}

// people is who signs in to of a store, as a command sees them.
func (c counter) people(publicURL string) (*people.People, error) {
	ring, err := seal.Open(c.store.keysDir())
	if errors.Is(err, seal.ErrNoKey) {
		if err = makeKeys(c.store.keysDir()); err == nil {
			ring, err = seal.Open(c.store.keysDir())
		}
	}
	if err != nil {
		return nil, fmt.Errorf("read sealing keys: %w", err)
	}
	return people.New(people.Config{DB: c.db, Log: event.NewLog(c.db), Lane: commandLane,
		Ring: ring, Desk: c.desk, PublicURL: strings.TrimRight(publicURL, "/"),
		Sandbox: c.kind == Sandbox}), nil
}

// actor is who the events of a command name.
func (c counter) actor() string {
	if c.by.Name == "" {
		return "command"
	}
	return "command:" + c.by.Name
}

func addOperator(ctx context.Context, c counter, args []string) error {
	p, err := c.people("")
	if err != nil {
		return err
	}
	keys := access.New(c.db)
	var secret string
	err = c.db.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		made, key, err := keys.Make(ctx, tx, access.Grant{Role: access.Operator,
			Label: args[0]}, c.actor())
		if err != nil {
			return err
		}
		secret = made
		return p.NoteMade(ctx, tx, key)
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(c.out, secret)
	return nil
}

func inviteOperator(ctx context.Context, c counter, email, name, publicURL string) error {
	p, err := c.people(publicURL)
	if err != nil {
		return err
	}
	link, err := p.InviteOperator(ctx, c.actor(), email, name)
	if err != nil {
		return err
	}
	fmt.Fprintln(c.out, link.URL)
	return nil
}
