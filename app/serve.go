package app

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os/signal"
	"strings"
	"sync"
	"syscall"

	"watari/kit/db"
	"watari/kit/web"
	"watari/sandbox"
	"watari/sandbox/start"
	"watari/ui/console"
)

// RunServe is `watari serve`.
func RunServe(ctx context.Context, args []string, out, errw io.Writer) int {
	c := Serve{Ready: out}
	fs := flag.NewFlagSet("serve", flag.ContinueOnError)
	fs.SetOutput(errw)
	c.flags(fs)
	fs.StringVar(&c.Listen, "listen", env("listen", "127.0.0.1:8080"), "HOST:PORT")
	fs.StringVar(&c.PublicURL, "public-url", env("public-url", ""),
		"where payers and wallets reach this network, for example https://pay.example "+
			"(default: where it listens)")
	fs.BoolVar(&c.PrivateAddresses, "private-addresses", envBool("private-addresses"),
		"tell banks and merchants also at addresses that are not on the public internet")
	fs.BoolVar(&c.Sandbox, "sandbox", envBool("sandbox"),
		"seed an empty store and run simulated wallets")
	fs.BoolVar(&c.SandboxPublic, "sandbox-public", envBool("sandbox-public"),
		"let the sandbox listen on other addresses than loopback")
	fs.BoolVar(&c.SandboxQuiet, "sandbox-quiet", envBool("sandbox-quiet"),
		"with --sandbox: nobody comes to the park")
	fs.DurationVar(&c.SandboxDeadline, "sandbox-deadline", envDuration("sandbox-deadline"),
		"cancel a payment whose outcome stays unknown after this time (default: 180 s)")
	if _, err := parse(fs, args); err != nil {
		return usageCode(err)
	}
	if err := c.check(); err != nil {
		fmt.Fprintf(errw, "watari serve: %v\n", err)
		return exitFailed
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	logger := slog.New(slog.NewTextHandler(errw, nil))
	if err := c.run(ctx, logger); err != nil {
		fmt.Fprintf(errw, "watari serve: %v\n", err)
		return exitBroken
	}
	return exitHolds
}

// usageCode is the exit code of a command line that was not understood, or asked for help.
func usageCode(err error) int {
	if errors.Is(err, flag.ErrHelp) {
		return exitHolds
	}
	return exitFailed
}

// run serves until ctx ends.
func (c Serve) run(ctx context.Context, logger *slog.Logger) (err error) {
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", c.Listen, err)
	}
	defer ln.Close()
	kind := Live
	if c.Sandbox {
		kind = Sandbox
	}
	d, err := c.open(ctx, kind)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if c.Sandbox {
		return c.runSandbox(ctx, d, ln, logger)
	}
	if err := makeKeys(c.keysDir()); err != nil {
		return err
	}
	n, err := newNode(ctx, d, setting{keysDir: c.keysDir(), public: c.public(ln),
		local: c.PrivateAddresses}, logger)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.close()) }()
	w := n.serve(ctx.Done())
	home(w, console.SignInPath)
	return n.listen(ctx, w, ln, func(context.Context) error {
		c.ready(baseURL(ln))
		return nil
	})
}

// listen serves and runs the jobs until ctx ends; when says that requests are answered.
func (n *node) listen(
	ctx context.Context, w *web.Server, ln net.Listener, when func(context.Context) error,
	more ...func(),
) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var running sync.WaitGroup
	for _, job := range append(n.jobs(ctx), more...) {
		running.Go(job)
	}
	served := make(chan error, 1)
	go func() { served <- w.Serve(ctx, ln) }()
	err := when(ctx)
	if err == nil {
		select {
		case err = <-served:
			served <- err
		case <-ctx.Done():
		}
	}
	stop()
	err = errors.Join(err, <-served)
	running.Wait()
	return err
}

// home sends who comes to the bare address on to a page.
func home(w *web.Server, page string) {
	w.Handle("GET /{$}", http.RedirectHandler(page, http.StatusFound))
}

// public is where payers and wallets reach the network.
func (c Serve) public(ln net.Listener) string {
	if c.PublicURL != "" {
		return strings.TrimRight(c.PublicURL, "/")
	}
	if host := c.publicHost(ln); host != "" {
		_, port, _ := net.SplitHostPort(ln.Addr().String())
		return "http://" + net.JoinHostPort(host, port)
	}
	return baseURL(ln)
}

// baseURL is where a listener is reached, without a trailing slash. An address that means all
// of the machine's is named by its loopback.
func baseURL(ln net.Listener) string {
	addr, ok := ln.Addr().(*net.TCPAddr)
	if ok && addr.IP.IsUnspecified() {
		return fmt.Sprintf("http://127.0.0.1:%d", addr.Port)
	}
	return "http://" + ln.Addr().String()
}

// ready prints the line that scripts wait for, then the addresses of the pages.
func (c Serve) ready(base string, pages ...string) {
	fmt.Fprintf(c.Ready, "watari ready %s\n", base)
	fmt.Fprintf(c.Ready, "  sign in     %s%s\n  till        %s/till\n  visitors    %s/visit\n"+
		"  API         %s/docs\n", base, console.SignInPath, base, base, base)
	for _, p := range pages {
		fmt.Fprintf(c.Ready, "  %s\n", p)
	}
}

// runSandbox serves a sandbox: seeded, with its simulated wallets beside it.
func (c Serve) runSandbox(
	ctx context.Context, d *db.DB, ln net.Listener, logger *slog.Logger,
) (err error) {
	store, err := sandbox.OpenStore(ctx, c.Data, c.Database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if err := store.ShareKeys(ctx, c.keysDir(), makeKeys); err != nil {
		return err
	}
	n, err := newNode(ctx, d, setting{keysDir: c.keysDir(), repeatRate: true,
		deadline: c.SandboxDeadline, guard: patient(), public: c.public(ln),
		local: true, sandbox: true, walletHost: c.publicHost(ln), codes: sandboxCodes()}, logger)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.close()) }()
	world := n.world()
	if err := sandbox.Seed(ctx, world, store); err != nil {
		return fmt.Errorf("seed the sandbox: %w", err)
	}
	if err := n.plantPark(ctx, store, c.SandboxQuiet); err != nil {
		return err
	}
	base := baseURL(ln)
	host := sandbox.NewHost(n.hostConfig(c.Store, store, base, c.publicHost(ln)))
	place := n.place(c.Data, base, c.publicHost(ln))
	w := n.serve(ctx.Done())
	start.New(n.startConfig(store, place)).Register(w)
	home(w, start.Path)
	hosted := make(chan struct{})
	return n.listen(ctx, w, ln, func(ctx context.Context) error {
		leave, err := sandbox.Announce(ctx, store, base, logger)
		if err != nil {
			return err
		}
		context.AfterFunc(ctx, leave)
		if err := host.Settle(ctx); err != nil {
			return err
		}
		close(hosted)
		if err := sandbox.WriteFile(ctx, world, store, place); err != nil {
			return fmt.Errorf("write sandbox.json: %w", err)
		}
		c.ready(base, "everything  "+base+start.Path+"  (tills and phones to try)",
			"keys        "+c.Data+"/sandbox.json")
		return nil
	}, func() {
		select {
		case <-hosted:
		case <-ctx.Done():
			return
		}
		if err := host.Run(ctx); err != nil {
			logger.Error("sandbox stopped", "error", err)
		}
	}, func() {
		if !c.SandboxQuiet {
			n.letPeopleCome(ctx, store, base, hosted)
		}
	}, func() {
		if !c.SandboxQuiet {
			n.letPeopleBuy(ctx, store, base, hosted)
		}
	})
}
