package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"

	"watari/kit/check"
	"watari/kit/seal"
	"watari/sandbox/phone"
	"watari/sandbox/seed"
	"watari/sandbox/wallet"
)

// Config is what the counterparties run with.
type Config struct {
	Store *Store
	// Located is called each time this process has got the port of a wallet, before it serves:
	// from now on the network has to call that wallet at baseURL. Most often that is where it
	// did (B3); after a move (B4) sandbox.json has to be written anew too. Several wallets may
	// be located at once.
	Located func(ctx context.Context, walletID, baseURL string) error
	// Listen is an address without a port; "" is loopback. Any other means all addresses of this
	// machine, because the network itself calls by loopback, and is where phones find the pages.
	Listen string
	Assets http.Handler  // what pages share, under /assets/; may be nil
	Timing wallet.Timing // zero fields are as published
	Log    *slog.Logger
}

// listen is the address to listen on.
func (c Config) listen() string {
	if c.Listen == "" || c.Listen == loopback {
		return loopback
	}
	return ""
}

// pages is where browsers find what is on a port.
func (c Config) pages(port string) string {
	if c.listen() == loopback {
		return baseURL(port)
	}
	return "http://" + net.JoinHostPort(c.Listen, port)
}

// Host runs each counterparty in whichever process holds its port (B3).
type Host struct{ keepers []*keeper }

// NewHost returns a host that holds nothing yet.
func NewHost(c Config) *Host {
	check.That(c.Store != nil && c.Located != nil && c.Log != nil, "sandbox: Host lacks a part")
	h := &Host{}
	for _, w := range Wallets() {
		h.keepers = append(h.keepers, &keeper{cfg: c, wallet: w})
	}
	return h
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
// sandbox holds the port of every wallet.
func (h *Host) Settle(ctx context.Context) error {
	return h.each(func(k *keeper) error { return k.settle(ctx) })
}

// Run serves what this process holds and tries to get what it does not, until ctx ends. A failure
// of the store is logged and tried again.
func (h *Host) Run(ctx context.Context) error {
	return h.each(func(k *keeper) error { return k.run(ctx) })
}

// each does something for every wallet at once.
func (h *Host) each(do func(*keeper) error) error {
	errs := make([]error, len(h.keepers))
	var running sync.WaitGroup
	for i, k := range h.keepers {
		running.Go(func() { errs[i] = do(k) })
	}
	running.Wait()
	return errors.Join(errs...)
}

// parts are one counterparty, put together.
type parts struct {
	wallet *wallet.Wallet
	front  wallet.Front
	mux    *http.ServeMux
}

// build puts the wallet together: its books, its protocol and its users' phones.
func (k *keeper) build(ctx context.Context, f facts) (parts, error) {
	books, err := k.cfg.Store.books(ctx, k.wallet.ID)
	if err != nil {
		return parts{}, err
	}
	log := k.cfg.Log
	p := parts{wallet: wallet.New(books, k.wallet.Profile, k.cfg.Timing, log),
		mux: http.NewServeMux()}
	if p.front, err = k.front(ctx, f, p.wallet); err != nil {
		return parts{}, fmt.Errorf("make the front of %s: %w", k.wallet.ID, err)
	}
	wallet.NewServer(p.wallet, p.front, log).Register(p.mux)
	phone.New(p.wallet, p.front, phone.Pages(), log).Register(p.mux)
	who, err := json.Marshal(map[string]string{"identity": k.identity(f)})
	if err != nil {
		return parts{}, err
	}
	if k.cfg.Assets != nil {
		p.mux.Handle("GET /assets/", k.cfg.Assets)
	}
	p.mux.HandleFunc("GET "+pathIdentity, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(who)
	})
	first := "/phone/" + k.wallet.Users[0].ID
	p.mux.Handle("GET /{$}", http.RedirectHandler(first, http.StatusFound))
	return p, nil
}

// front makes the side of the wallet that speaks its protocol.
func (k *keeper) front(ctx context.Context, f facts, w *wallet.Wallet) (wallet.Front, error) {
	_, wallets, err := k.cfg.Store.members(ctx)
	if err != nil {
		return nil, err
	}
	a, err := f.agreedWith(k.wallet.ID)
	if err != nil {
		return nil, err
	}
	app, err := f.appAt(k.wallet.ID)
	if err != nil {
		return nil, err
	}
	p := wallet.Parts{Wallet: w, Timing: w.Timing(), Log: k.cfg.Log, BaseURL: k.cfg.pages(k.port),
		Networks: k.cfg.Store.endpoints, Secrets: a.Wallet, SignIn: app.Wallet,
		ClientID:        k.wallet.ClientID,
		NetworkClientID: f.settings[setClient], NetworkKeys: f.networkKeys}
	for _, one := range wallets {
		if one.ID != k.wallet.ID || one.Key == nil {
			continue
		}
		if p.Signer, err = seal.NewSigner(one.Key, seed.KeyVersion); err != nil {
			return nil, fmt.Errorf("take the wallet's key: %w", err)
		}
	}
	return protocols[k.wallet.Profile.Protocol].front(p)
}
