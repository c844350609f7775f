package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"

	"watari/sandbox/seed"
)

const (
	// lookEvery is how often a process that does not hold a port tries again, and how often the
	// one that does looks whether it still should.
	lookEvery = 500 * time.Millisecond
	// askWait is how long the holder of a port is given to say who it is.
	askWait = 2 * time.Second
	// silencesMax is how often the holder may say nothing before it counts as a stranger.
	silencesMax = 5
	// pathIdentity is where a holder says who it is.
	pathIdentity = "/sandbox-identity"
)

// keeper keeps the port of one wallet, or waits for it (B3).
type keeper struct {
	cfg      Config
	wallet   seed.Wallet
	listener net.Listener // held, not yet served; nil otherwise
	port     string
	silences int
}

// ready tells whether there is a wallet to run.
func (k *keeper) ready(f facts) bool {
	return f.planted() && f.settings[setPort(k.wallet.ID)] != ""
}

// identity is what the holder of the port says of itself.
func (k *keeper) identity(f facts) string {
	return f.settings[setIdentity] + "-" + k.wallet.ID
}

// settle waits until the wallet is planted, and returns when this process or another of the same
// sandbox holds its port.
func (k *keeper) settle(ctx context.Context) error {
	for {
		f, err := k.cfg.Store.facts(ctx)
		if err != nil {
			return err
		}
		settled := false
		if k.ready(f) {
			if settled, err = k.attempt(ctx, f); err != nil {
				return err
			}
		}
		if settled {
			return nil
		}
		if err := wait(ctx, lookEvery); err != nil {
			return err
		}
	}
}

// run serves whenever this process holds the port and tries to get it whenever not, until ctx
// ends. A failure of the store is logged and tried again.
func (k *keeper) run(ctx context.Context) error {
	for ctx.Err() == nil {
		f, err := k.cfg.Store.facts(ctx)
		if err == nil && k.listener == nil && k.ready(f) {
			_, err = k.attempt(ctx, f)
		}
		if err == nil && k.listener != nil {
			err = k.serve(ctx, f)
			continue
		}
		if err != nil && ctx.Err() == nil {
			k.cfg.Log.Error("sandbox: run a wallet", "wallet", k.wallet.ID, "error", err)
		}
		_ = wait(ctx, lookEvery)
	}
	if k.listener != nil {
		return k.listener.Close()
	}
	return nil
}

// attempt tries to get the port. It tells whether the sandbox has it, by this process or another.
func (k *keeper) attempt(ctx context.Context, f facts) (bool, error) {
	k.port = f.settings[setPort(k.wallet.ID)]
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", net.JoinHostPort(k.cfg.listen(), k.port))
	if err == nil {
		if err := k.cfg.Located(ctx, k.wallet.ID, baseURL(k.port)); err != nil {
			return false, errors.Join(fmt.Errorf("tell the network where %s is: %w", k.wallet.ID,
				err), l.Close())
		}
		k.listener, k.silences = l, 0
		return true, nil
	}
	if !errors.Is(err, syscall.EADDRINUSE) {
		return false, fmt.Errorf("listen for %s: %w", k.wallet.ID, err)
	}
	switch who, err := ask(ctx, k.port); {
	case err == nil && who == k.identity(f):
		k.silences = 0
		return true, nil
	case err != nil && k.silences < silencesMax:
		k.silences++
		return false, nil
	}
	return false, k.move(ctx)
}

// move gives up a port that a stranger holds, and chooses another (B4).
func (k *keeper) move(ctx context.Context) error {
	fresh, err := choosePort(ctx)
	if err != nil {
		return err
	}
	first, err := k.cfg.Store.change(ctx, setPort(k.wallet.ID), k.port, fresh)
	if err != nil || !first {
		return err // another process has chosen: look again
	}
	k.silences = 0
	k.cfg.Log.Warn("sandbox: a stranger holds a wallet's port", "wallet", k.wallet.ID,
		"port", k.port, "now", fresh)
	return nil
}

// ask returns the identity of who holds a port. An error is silence; who answers something else
// is a stranger.
func ask(ctx context.Context, port string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, askWait)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, baseURL(port)+pathIdentity, nil)
	if err != nil {
		return "", err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
	var said struct {
		Identity string `json:"identity"`
	}
	if err != nil || json.Unmarshal(text, &said) != nil {
		return "", nil
	}
	return said.Identity, nil
}

// serve runs the wallet on the held listener, until ctx ends or what it was started with is not
// true any more.
func (k *keeper) serve(ctx context.Context, f facts) error {
	listener := k.listener
	k.listener = nil
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	parts, err := k.build(ctx, f)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	var running sync.WaitGroup
	running.Go(func() { parts.wallet.Run(ctx, parts.front) })
	running.Go(func() {
		k.watch(ctx, f)
		stop()
	})
	server := &http.Server{Handler: parts.mux, ReadHeaderTimeout: 5 * time.Second,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		BaseContext: func(net.Listener) context.Context { return ctx },
		ErrorLog:    slog.NewLogLogger(k.cfg.Log.Handler(), slog.LevelDebug)}
	running.Go(func() {
		<-ctx.Done()
		last, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if server.Shutdown(last) != nil {
			_ = server.Close()
		}
	})
	k.cfg.Log.Info("sandbox: a wallet is up", "wallet", k.wallet.ID,
		"address", listener.Addr().String())
	err = server.Serve(listener)
	stop()
	running.Wait()
	parts.front.Close()
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("serve %s: %w", k.wallet.ID, err)
}

// watch returns when what the wallet was started with has changed: another port, other keys of
// the network.
func (k *keeper) watch(ctx context.Context, f facts) {
	for wait(ctx, lookEvery) == nil {
		now, err := k.cfg.Store.facts(ctx)
		if err == nil && now.stampOf(k.wallet.ID) != f.stampOf(k.wallet.ID) {
			return
		}
	}
}

// wait pauses; its error is that of ctx.
func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
