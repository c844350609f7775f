package app

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"

	"watari/kit/db"
	"watari/kit/event"
	"watari/pay/ledger"
	"watari/pay/party"
	"watari/pay/payment"
)

// Exit codes of `watari verify`.
const (
	exitHolds  = 0
	exitBroken = 1
	exitFailed = 2
)

// verdict is what verify says, as JSON with --json.
type verdict struct {
	Holds      bool               `json:"holds"`
	Store      string             `json:"store"`
	Accounts   int64              `json:"accounts"`
	Transfers  int64              `json:"transfers"`
	Payments   int64              `json:"payments"`
	Refunds    int64              `json:"refunds"`
	Orders     int64              `json:"orders"` // of visitors
	Trial      []trialLine        `json:"trial_balance"`
	InFlight   []openItem         `json:"in_flight"`
	Findings   []finding          `json:"findings"`
	ClosedNow  bool               `json:"ledger_closed"`
	trial      []ledger.TrialLine `json:"-"`
	trialHolds bool
	// Empty says that the tables were made and nothing was served from the store yet.
	Empty bool `json:"empty,omitempty"`
}

type trialLine struct {
	Book     int64  `json:"book"`
	Currency string `json:"currency"`
	Debits   int64  `json:"debits_minor"`
	Credits  int64  `json:"credits_minor"`
}

type openItem struct {
	ID    string `json:"id"`
	What  string `json:"what"`
	State string `json:"state"`
	// Text is why a leg is for an operator, or what its wallet said last.
	Text string `json:"text,omitempty"`
}

type finding struct {
	Rule string `json:"rule"`
	What string `json:"what"`
	Text string `json:"text"`
}

// RunVerify is `watari verify`: it recomputes the books and compares everything with
// everything. It changes nothing, but for closing the ledger when a trial balance fails, and
// opening it again with --reopen when all hold.
func RunVerify(ctx context.Context, args []string, out, errw io.Writer) int {
	var s Store
	fs := flag.NewFlagSet("verify", flag.ContinueOnError)
	fs.SetOutput(errw)
	s.flags(fs)
	asJSON := fs.Bool("json", false, "print the result as JSON on one line")
	reopen := fs.Bool("reopen", false, "open a closed ledger when all trial balances hold")
	if _, err := parse(fs, args); err != nil {
		return exitFailed
	}
	v, err := s.verify(ctx)
	if err == nil {
		err = s.closeOrOpen(ctx, v, *reopen)
	}
	if err != nil {
		fmt.Fprintf(errw, "watari verify: %v\n", err)
		return exitFailed
	}
	v.print(out, *asJSON)
	if !v.Holds {
		return exitBroken
	}
	return exitHolds
}

// verify reads the whole store in one view.
func (s Store) verify(ctx context.Context) (*verdict, error) {
	d, err := s.openExisting(ctx, true)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	v := &verdict{Store: s.String()}
	err = d.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := kindOf(ctx, tx)
		if v.Empty = errors.Is(err, db.ErrNoRows); err != nil && !v.Empty {
			return fmt.Errorf("%s is not a store of this program: %w", s, err)
		}
		return v.collect(ctx, tx)
	})
	if err != nil {
		return nil, err
	}
	return v, v.chain(ctx, d)
}

// chain follows the hash chain of the events.
func (v *verdict) chain(ctx context.Context, d *db.DB) error {
	var broken *event.ChainError
	switch err := event.NewLog(d).VerifyChain(ctx); {
	case errors.As(err, &broken):
		v.Findings = append(v.Findings, finding{"E1", "events", broken.Error()})
		v.Holds = false
	case err != nil:
		return fmt.Errorf("read events: %w", err)
	}
	return nil
}

// collect runs every check.
func (v *verdict) collect(ctx context.Context, tx *db.Tx) error {
	books, err := ledger.Recompute(ctx, tx, nil)
	if err != nil {
		return err
	}
	accounts, err := ledger.Accounts(ctx, tx)
	if err != nil {
		return fmt.Errorf("read accounts: %w", err)
	}
	paid, err := payment.Verify(ctx, tx, accounts)
	if err != nil {
		return err
	}
	v.Accounts, v.Transfers, v.trial = books.Accounts, books.Transfers, books.Trial
	v.Payments, v.Refunds, v.trialHolds = paid.Payments, paid.Refunds, books.Holds()
	for _, o := range paid.InFlight {
		v.InFlight = append(v.InFlight, openItem(o))
	}
	found := append(books.Findings, paid.Findings...)
	counted, err := counters(ctx, tx)
	if err != nil {
		return err
	}
	found = append(found, counted...)
	sold, promised, err := v.orders(ctx, tx, accounts)
	if err != nil {
		return err
	}
	found = append(found, sold...)
	if want := paid.Expected + promised; want != books.Transfers {
		found = append(found, ledger.Finding{Rule: "L3", What: "transfers", Text: fmt.Sprintf(
			"%d are booked, payments, refunds and discounts account for %d", books.Transfers,
			want)})
	}
	for _, f := range found {
		v.Findings = append(v.Findings, finding(f))
	}
	for _, l := range v.trial {
		v.Trial = append(v.Trial, trialLine{l.Book, string(l.Currency), l.Debits, l.Credits})
	}
	v.Holds = len(found) == 0
	return nil
}

// closeOrOpen closes the ledger for writes when a trial balance fails, and opens it again
// when it is asked to and all hold.
func (s Store) closeOrOpen(ctx context.Context, v *verdict, reopen bool) error {
	if v.trialHolds && !reopen {
		return nil
	}
	d, err := s.openExisting(ctx, false)
	if err != nil {
		return err
	}
	defer d.Close()
	because := ""
	if !v.trialHolds {
		because = "a trial balance failed"
		v.ClosedNow = true
	}
	log := event.NewLog(d)
	directory := party.NewDirectory(d)
	registry := party.NewRegistry(d, directory, log, commandLane, party.DefaultSight())
	return d.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		return registry.SetLedger(ctx, tx, "command:verify", because != "", because)
	})
}

// commandLane is the lane of events written by commands; nodes claim lanes from 1.
const commandLane = 0

// print writes the result; the last line is the summary.
func (v *verdict) print(out io.Writer, asJSON bool) {
	if asJSON {
		b, err := json.Marshal(v)
		if err != nil {
			fmt.Fprintf(out, "{\"holds\":false,\"error\":%q}\n", err)
			return
		}
		fmt.Fprintf(out, "%s\n", b)
		return
	}
	fmt.Fprintf(out, "%s: %d payments, %d refunds, %d transfers, %d accounts\n",
		v.Store, v.Payments, v.Refunds, v.Transfers, v.Accounts)
	for _, l := range v.Trial {
		fmt.Fprintf(out, "book %-3d %s  debits %15d  credits %15d\n", l.Book, l.Currency,
			l.Debits, l.Credits)
	}
	for _, o := range v.InFlight {
		fmt.Fprintf(out, "in flight: %s %s is %s", o.What, o.ID, o.State)
		if o.Text != "" {
			fmt.Fprintf(out, " (%s)", o.Text)
		}
		fmt.Fprintln(out)
	}
	for _, f := range v.Findings {
		fmt.Fprintf(out, "%s %s: %s\n", f.Rule, f.What, f.Text)
	}
	if v.Holds && v.Empty {
		fmt.Fprintln(out, "empty store, all holds")
	} else if v.Holds {
		fmt.Fprintf(out, "all hold: %d transfers, %d in flight\n", v.Transfers,
			len(v.InFlight))
	} else {
		fmt.Fprintf(out, "%d do not hold\n", len(v.Findings))
	}
}
