package app

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"time"

	"watari/kit/foureyes"
)

// RunChanges is `watari changes list`, `changes approve ID` and `changes reject ID`: what waits for
// a second person, of every kind.
func RunChanges(ctx context.Context, args []string, out, errw io.Writer) int {
	return command{name: "changes", usage: "list, approve ID or reject ID",
		verbs: func(fs *flag.FlagSet, name string) (verb, bool) {
			switch name {
			case "list":
				all := fs.Bool("all", false, "also those that are decided")
				return verb{nil, func(ctx context.Context, c counter, _ []string) error {
					return listChanges(ctx, c, *all)
				}}, true
			case "approve":
				return verb{[]string{"ID"}, approveChange}, true
			case "reject":
				return verb{[]string{"ID"}, rejectChange}, true
			}
			return verb{}, false
		}}.run(ctx, args, out, errw)
}

func approveChange(ctx context.Context, c counter, args []string) error {
	if _, err := c.desk.Approve(ctx, args[0], c.by); err != nil {
		return err
	}
	fmt.Fprintf(c.out, "approved %s\n", args[0])
	return nil
}

func rejectChange(ctx context.Context, c counter, args []string) error {
	if _, err := c.desk.Reject(ctx, args[0], c.by); err != nil {
		return err
	}
	fmt.Fprintf(c.out, "rejected %s\n", args[0])
	return nil
}

// listChanges shows changes with all that they do.
func listChanges(ctx context.Context, c counter, all bool) error {
	f := foureyes.Filter{State: foureyes.Open}
	if all {
		f.State = ""
	}
	found, err := c.desk.List(ctx, f)
	if err != nil {
		return err
	}
	for _, r := range found {
		fmt.Fprintf(c.out, "%s  %s of %s, by %s on %s: %s", r.ID, r.Kind, r.Subject, r.Maker,
			r.Made.Format(time.RFC3339), r.State)
		if r.Checker != "" {
			fmt.Fprintf(c.out, " by %s", r.Checker)
		}
		fmt.Fprintln(c.out)
		if r.Note != "" {
			fmt.Fprintf(c.out, "  note: %s\n", r.Note)
		}
		var content bytes.Buffer
		if err := json.Indent(&content, r.Body, "  ", "  "); err != nil {
			return fmt.Errorf("read %s: %w", r.ID, err)
		}
		fmt.Fprintf(c.out, "  %s\n", &content)
	}
	if len(found) == 0 {
		fmt.Fprintln(c.out, "nothing waits for a second person")
	}
	return nil
}
