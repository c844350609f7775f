package app

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os/signal"
	"path/filepath"
	"syscall"

	"watari/pay/code"
	"watari/sandbox"
	"watari/sandbox/linepay"
	"watari/sandbox/seed"
	"watari/sandbox/start"
	"watari/ui/theme"
)

// world is what the sandbox needs of the network.
func (n *node) world() sandbox.Network {
	return sandbox.Network{DB: n.db, Log: n.log, Directory: n.directory,
		Registry: n.registry, Keys: n.keys, People: n.people, Signup: n.signup, Board: n.board,
		Signers: n.signers, ClientID: clientID}
}

// place is where this process is found.
func (n *node) place(folder, base, host string) sandbox.Place {
	return sandbox.Place{Folder: folder, BaseURL: base, Host: host,
		StaticQR: func(ctx context.Context, s seed.Shop) (string, error) {
			bank, err := n.directory.ByID(ctx, s.BankID)
			if err != nil {
				return "", err
			}
			point, err := n.directory.Point(ctx, bank.No, s.MerchantID, s.StoreID, "")
			if err != nil {
				return "", err
			}
			return n.payments.StaticCode(point)
		},
		TillURL: func(secret string) string { return base + activationPath + secret }}
}

// sandboxCodes is the table of codes with those that only simulated wallets show: no prefix is
// published of the 18 digits that LINE users in Taiwan have.
func sandboxCodes() []code.Entry {
	return append(code.Default(), code.Entry{Prefix: linepay.KeyPrefix, Min: 18, Max: 18,
		Wallet: "linepay"})
}

// publicHost is where phones find a sandbox that listens beyond loopback: the address it
// listens on, or the first of the machine's own when it listens on all.
func (c Serve) publicHost(ln net.Listener) string {
	addr, ok := ln.Addr().(*net.TCPAddr)
	if !c.SandboxPublic || !ok || addr.IP.IsLoopback() {
		return ""
	}
	if !addr.IP.IsUnspecified() {
		return addr.IP.String()
	}
	all, err := net.InterfaceAddrs()
	if err != nil {
		return ""
	}
	for _, a := range all {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && !n.IP.IsLoopback() {
			return n.IP.String()
		}
	}
	return ""
}

// hostConfig is what the counterparties run with beside this node.
func (n *node) hostConfig(
	s Store, store *sandbox.Store, base, host string,
) sandbox.Config {
	return sandbox.Config{Store: store, Listen: host, Assets: theme.Handler(), Log: n.logger,
		Located: func(ctx context.Context, walletID, at string) error {
			moved, err := n.world().Relocate(ctx, walletID, at)
			if err != nil || !moved || base == "" {
				return err
			}
			return sandbox.WriteFile(ctx, n.world(), store, n.place(s.Data, base, host))
		}}
}

// startConfig is what the sandbox's first page needs of this node.
func (n *node) startConfig(store *sandbox.Store, p sandbox.Place) start.Config {
	file, err := filepath.Abs(filepath.Join(p.Folder, sandbox.FileName))
	if err != nil {
		file = filepath.Join(p.Folder, sandbox.FileName)
	}
	return start.Config{File: file, BaseURL: p.BaseURL,
		Outside: func(ctx context.Context) (sandbox.Outside, error) {
			return store.Outside(ctx, p.Host)
		},
		Open: func(ctx context.Context, storeID string) (string, error) {
			secret, err := n.world().InviteOne(ctx, storeID)
			return activationPath + secret, err
		},
		Park: n.startPark()}
}

// RunSandbox is `watari sandbox`: the simulated counterparties of a sandbox in a process of
// their own, so that they live on when the network's process is killed.
func RunSandbox(ctx context.Context, args []string, out, errw io.Writer) int {
	var s Store
	fs := flag.NewFlagSet("sandbox", flag.ContinueOnError)
	fs.SetOutput(errw)
	s.flags(fs)
	if _, err := parse(fs, args); err != nil {
		return usageCode(err)
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := s.runCounterparties(ctx, out, slog.New(slog.NewTextHandler(errw, nil))); err != nil {
		fmt.Fprintf(errw, "watari sandbox: %v\n", err)
		return exitBroken
	}
	return exitHolds
}

// runCounterparties seeds the sandbox when that was not done and runs its wallets.
func (s Store) runCounterparties(
	ctx context.Context, out io.Writer, logger *slog.Logger,
) (err error) {
	d, err := s.open(ctx, Sandbox)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	store, err := sandbox.OpenStore(ctx, s.Data, s.Database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if err := store.ShareKeys(ctx, s.keysDir(), makeKeys); err != nil {
		return err
	}
	n, err := newNode(ctx, d, setting{keysDir: s.keysDir(), repeatRate: true,
		sandbox: true}, logger)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.close()) }()
	if err := sandbox.Seed(ctx, n.world(), store); err != nil {
		return fmt.Errorf("seed the sandbox: %w", err)
	}
	host := sandbox.NewHost(n.hostConfig(s, store, "", ""))
	if err := host.Settle(ctx); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	fmt.Fprintln(out, "watari sandbox ready")
	return host.Run(ctx)
}
