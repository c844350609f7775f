package app

import (
	"context"
	"flag"
	"fmt"
	"io"
	"time"

	"watari/pay/payment"
)

// RunLegs is `watari legs list --stuck` and `watari legs settle ID --as taken|returned|never
// --note TEXT`: the way out for legs that wait for an operator.
func RunLegs(ctx context.Context, args []string, out, errw io.Writer) int {
	return command{name: "legs",
		usage: "list --stuck, or settle ID --as taken|returned|never --note TEXT",
		verbs: func(fs *flag.FlagSet, name string) (verb, bool) {
			switch name {
			case "list":
				fs.Bool("stuck", true, "those that wait for an operator")
				return verb{nil, listLegs}, true
			case "settle":
				as := fs.String("as", "", "what was found out: taken (the wallet keeps its "+
					"user's money), returned (it gave it back) or never (it took none)")
				note := fs.String("note", "", "how it was found out")
				return verb{[]string{"ID"}, func(
					ctx context.Context, c counter, args []string,
				) error {
					return settleLeg(ctx, c, args[0], payment.Found(*as), *note)
				}}, true
			}
			return verb{}, false
		}}.run(ctx, args, out, errw)
}

// listLegs shows the legs that are stuck.
func listLegs(ctx context.Context, c counter, _ []string) error {
	found, err := c.settler.Stuck(ctx)
	if err != nil {
		return err
	}
	for _, l := range found {
		late := ""
		if l.LatePosted {
			late = ", stands in suspense"
		}
		fmt.Fprintf(c.out, "%s  wallet %d, %s%s\n  of payment %s of %s, %s, %s\n  because %s\n",
			l.ID, l.IssuerNo, l.Amount, late, l.PaymentID, l.Payment.Order, l.Payment.State,
			l.Payment.Created.Format(time.RFC3339), l.Note)
		if l.TheirID != "" {
			fmt.Fprintf(c.out, "  the wallet calls it %s\n", l.TheirID)
		}
	}
	if len(found) == 0 {
		fmt.Fprintln(c.out, "no leg is stuck")
	}
	return nil
}

// settleLeg asks a second person to settle a leg.
func settleLeg(
	ctx context.Context, c counter, leg string, as payment.Found, note string,
) error {
	r, err := c.settler.Propose(ctx, c.desk, c.by, leg, as, note)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.out, "held for a second person: watari changes approve %s --by NAME\n", r.ID)
	return nil
}
