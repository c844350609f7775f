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

	"watari/kit/check"
	"watari/kit/seal"
	"watari/sandbox/phone"
	"watari/sandbox/seed"
	"watari/sandbox/wallet"
)

const (
	// lookEvery is how often a process that does not hold the port tries again, and how often
	// the one that does looks whether it still should.
	lookEvery = 500 * time.Millisecond
	// askWait is how long the holder of the port is given to say who it is.
	askWait = 2 * time.Second
	// silencesMax is how often the holder may say nothing before it counts as a stranger.
	silencesMax = 5
	// pathIdentity is where a holder says who it is.
	pathIdentity = "/sandbox-identity"
)

// Config is what the counterparties run with.
type Config struct {
	Store *Store
	// Located is called each time this process has got the wallet's port, before it serves: from
	// now on the network has to call the wallet at baseURL. Most often that is where it did
	// (B3); after a move (B4) sandbox.json has to be written anew too.
	Located func(ctx context.Context, baseURL string) error
	// Listen is an address without a port; "" is loopback. Any other means all addresses of this
	// machine, because the network itself calls by loopback.
	Listen string
	Assets http.Handler  // what pages share, under /assets/; may be nil
	Timing wallet.Timing // zero fields are as published
	Log    *slog.Logger
}

// Host runs the counterparties in whichever process holds the wallet's port (B3).
type Host struct {
	cfg      Config
	listener net.Listener // held, not yet served; nil otherwise
	port     string
	silences int
}

// NewHost returns a host that holds nothing yet.
func NewHost(c Config) *Host {
	check.That(c.Store != nil && c.Located != nil && c.Log != nil, "sandbox: Host lacks a part")
	if c.Listen == "" {
		c.Listen = loopback
	} else if c.Listen != loopback {
		c.Listen = ""
	}
	return &Host{cfg: c}
}

// Run is Settle and Run of a new Host: the counterparties, until ctx ends.
func Run(ctx context.Context, c Config) error {
	h := NewHost(c)
	if err := h.Settle(ctx); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	return h.Run(ctx)
}

// Settle waits until the sandbox is seeded, and returns when this process or another of the same
// sandbox holds the wallet's port.
func (h *Host) Settle(ctx context.Context) error {
	for {
		f, err := h.cfg.Store.facts(ctx)
		if err != nil {
			return err
		}
		settled := false
		if f.planted() {
			if settled, err = h.attempt(ctx, f); err != nil {
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

// Run serves whenever this process holds the port and tries to get it whenever not, until ctx
// ends. A failure of the store is logged and tried again.
func (h *Host) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		f, err := h.cfg.Store.facts(ctx)
		if err == nil && h.listener == nil && f.planted() {
			_, err = h.attempt(ctx, f)
		}
		if err == nil && h.listener != nil {
			err = h.serve(ctx, f)
			continue
		}
		if err != nil && ctx.Err() == nil {
			h.cfg.Log.Error("sandbox: run the counterparties", "error", err)
		}
		_ = wait(ctx, lookEvery)
	}
	if h.listener != nil {
		return h.listener.Close()
	}
	return nil
}

// attempt tries to get the port. It tells whether the sandbox has it, by this process or another.
func (h *Host) attempt(ctx context.Context, f facts) (bool, error) {
	h.port = f.settings[setPort]
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", net.JoinHostPort(h.cfg.Listen, h.port))
	if err == nil {
		if err := h.cfg.Located(ctx, baseURL(h.port)); err != nil {
			return false, errors.Join(fmt.Errorf("tell the network where the wallet is: %w",
				err), l.Close())
		}
		h.listener, h.silences = l, 0
		return true, nil
	}
	if !errors.Is(err, syscall.EADDRINUSE) {
		return false, fmt.Errorf("listen for the wallet: %w", err)
	}
	switch who, err := ask(ctx, h.port); {
	case err == nil && who == f.settings[setIdentity]:
		h.silences = 0
		return true, nil
	case err != nil && h.silences < silencesMax:
		h.silences++
		return false, nil
	}
	return false, h.move(ctx)
}

// move gives up a port that a stranger holds, and chooses another (B4).
func (h *Host) move(ctx context.Context) error {
	fresh, err := choosePort(ctx)
	if err != nil {
		return err
	}
	first, err := h.cfg.Store.change(ctx, setPort, h.port, fresh)
	if err != nil || !first {
		return err // another process has chosen: look again
	}
	h.silences = 0
	h.cfg.Log.Warn("sandbox: a stranger holds the wallet's port", "port", h.port, "now", fresh)
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

// serve runs the counterparties on the held listener, until ctx ends or what it was started with
// is not true any more.
func (h *Host) serve(ctx context.Context, f facts) error {
	listener := h.listener
	h.listener = nil
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	parts, err := h.build(ctx, f)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	var running sync.WaitGroup
	running.Go(func() { parts.wallet.Run(ctx, parts.network) })
	running.Go(func() {
		h.watch(ctx, f)
		stop()
	})
	server := &http.Server{Handler: parts.mux, ReadHeaderTimeout: 5 * time.Second,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		BaseContext: func(net.Listener) context.Context { return ctx },
		ErrorLog:    slog.NewLogLogger(h.cfg.Log.Handler(), slog.LevelDebug)}
	running.Go(func() {
		<-ctx.Done()
		last, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if server.Shutdown(last) != nil {
			_ = server.Close()
		}
	})
	h.cfg.Log.Info("sandbox: the wallet is up", "address", listener.Addr().String())
	err = server.Serve(listener)
	stop()
	running.Wait()
	parts.network.Close()
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("serve the wallet: %w", err)
}

// watch returns when what the counterparties were started with has changed: another port, other
// keys of the network.
func (h *Host) watch(ctx context.Context, f facts) {
	for wait(ctx, lookEvery) == nil {
		now, err := h.cfg.Store.facts(ctx)
		if err == nil && now.stamp != f.stamp {
			return
		}
	}
}

// parts are the counterparties, put together.
type parts struct {
	wallet  *wallet.Wallet
	network *wallet.Network
	mux     *http.ServeMux
}

func (h *Host) build(ctx context.Context, f facts) (parts, error) {
	_, issuer, err := h.cfg.Store.members(ctx)
	if err != nil {
		return parts{}, err
	}
	signer, err := seal.NewSigner(issuer.Key, seed.KeyVersion)
	if err != nil {
		return parts{}, fmt.Errorf("take the wallet's key: %w", err)
	}
	me := wallet.Identity{IssuerID: issuer.ID, ClientID: issuer.ClientID, Signer: signer,
		NetworkClientID: f.settings[setClient], NetworkKeys: f.networkKeys}
	log := h.cfg.Log
	p := parts{wallet: wallet.New(h.cfg.Store.db, h.cfg.Timing, log), mux: http.NewServeMux()}
	p.network = wallet.NewNetwork(me, h.cfg.Timing, h.cfg.Store.endpoints)
	wallet.NewServer(p.wallet, p.network, me, log).Register(p.mux)
	phone.New(p.wallet, p.network, phone.Pages(), log).Register(p.mux)
	who, err := json.Marshal(map[string]string{"identity": f.settings[setIdentity]})
	if err != nil {
		return parts{}, err
	}
	if h.cfg.Assets != nil {
		p.mux.Handle("GET /assets/", h.cfg.Assets)
	}
	p.mux.HandleFunc("GET "+pathIdentity, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(who)
	})
	first := "/phone/" + seed.People()[0].ID
	p.mux.Handle("GET /{$}", http.RedirectHandler(first, http.StatusFound))
	return p, nil
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
