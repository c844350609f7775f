package app

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"watari/kit/audit"
	"watari/kit/event"
	"watari/pay/party"
)

// RunAudit is `watari audit export`, which writes the trail of everything that happened, and
// `watari audit verify FILE…`, which recomputes such a file without a store: for somebody outside.
func RunAudit(ctx context.Context, args []string, out, errw io.Writer) int {
	if len(args) > 0 && args[0] == "verify" {
		return verifyAudit(args[1:], out, errw)
	}
	var file, acquirer string
	code := command{name: "audit", usage: "export, or verify FILE…",
		verbs: func(fs *flag.FlagSet, name string) (verb, bool) {
			fs.StringVar(&file, "out", "", "the file to write, which must not exist (default: "+
				"the standard output)")
			fs.StringVar(&acquirer, "acquirer", "", "only what concerns this participant")
			return verb{nil, func(ctx context.Context, c counter, _ []string) error {
				return exportAudit(ctx, c, acquirer, file)
			}}, name == "export"
		}}.run(ctx, args, out, errw)
	return code
}

func exportAudit(ctx context.Context, c counter, acquirer, file string) (err error) {
	no := int64(0)
	if acquirer != "" {
		p, err := party.NewDirectory(c.db).ByID(ctx, acquirer)
		if err != nil {
			return err
		}
		no = p.No
	}
	to := c.out
	if file != "" {
		f, bad := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if bad != nil {
			return fmt.Errorf("make the file: %w", bad)
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		to = f
	}
	w := bufio.NewWriter(to)
	if _, err := audit.Export(ctx, event.NewLog(c.db), no, "", 0, w); err != nil {
		return err
	}
	return w.Flush()
}

func verifyAudit(files []string, out, errw io.Writer) int {
	if len(files) == 0 {
		fmt.Fprintln(errw, "watari audit: verify takes FILE…, the parts in their order")
		return exitFailed
	}
	var parts []io.Reader
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			fmt.Fprintf(errw, "watari audit verify: %v\n", err)
			return exitFailed
		}
		defer f.Close()
		parts = append(parts, f)
	}
	r, err := audit.Verify(parts...)
	var broken *audit.BrokenError
	switch {
	case errors.As(err, &broken):
		fmt.Fprintf(out, "BROKEN at %v\n", broken)
		return exitBroken
	case err != nil:
		fmt.Fprintf(errw, "watari audit verify: %v\n", err)
		return exitFailed
	}
	for _, l := range r.Lanes {
		fmt.Fprintf(out, "lane %d: %d events, the last %d, %s\n", l.Lane, l.Events, l.Seq, l.Hash)
	}
	if r.Whole {
		fmt.Fprintf(out, "whole: %d events hold, none is missing\n", r.Events)
	} else {
		fmt.Fprintf(out, "each of %d events of acquirer %d holds; what lies between is others'\n",
			r.Events, r.AcquirerNo)
	}
	return exitHolds
}
