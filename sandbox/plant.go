package sandbox

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"log/slog"
	mathrand "math/rand/v2"
	"net"
	"strconv"
	"sync"
	"time"

	"watari/connect/alipayplus/sign"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/id"
	"watari/sandbox/seed"
	"watari/sandbox/wallet"
)

// Network is what seeding needs of the network.
type Network = seed.Network

const (
	// leaseLife is how long a process that seeds may be silent before another takes over.
	leaseLife = 6 * time.Second
	// leaseLook is how often a process that waits looks again.
	leaseLook = 100 * time.Millisecond
	// planting is the name of the lease.
	planting = "planting"
)

// Seed plants the sandbox's world into the network unless that was done, and notes how the
// network signs now. Processes may call it at the same time (B2); each returns when the world is
// there.
//
// Errors: seed.ErrOtherSecrets when network and sandbox do not belong together.
func Seed(ctx context.Context, n Network, s *Store) error {
	n.Check()
	if err := s.noteNetwork(ctx, n); err != nil {
		return fmt.Errorf("note how the network signs: %w", err)
	}
	if done, err := s.whole(ctx, n); err != nil || done {
		return err
	}
	holder := id.Secret(16)
	for {
		mine, err := s.lease(ctx, planting, holder, leaseLife)
		if err != nil {
			return fmt.Errorf("ask for the right to seed: %w", err)
		}
		if mine {
			if err := s.plantAlone(ctx, n, holder); !errors.Is(err, errLeaseLost) {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(leaseLook):
		}
		if done, err := s.whole(ctx, n); err != nil || done {
			return err
		}
	}
}

// whole tells whether everything was planted, in both stores, and writes the credentials of the
// wallets into the data folder when it was.
func (s *Store) whole(ctx context.Context, n Network) (bool, error) {
	f, err := s.facts(ctx)
	if err != nil || !f.planted() {
		return false, err
	}
	banks, wallets, err := s.members(ctx)
	if errors.Is(err, db.ErrNoRows) {
		return false, nil // a member that the sandbox did not have when it was planted
	}
	if err != nil {
		return false, err
	}
	for _, w := range wallets {
		if f.settings[setPort(w.ID)] == "" || f.settings[setUsers(w.ID)] == "" {
			return false, nil
		}
	}
	done, err := n.Planted(ctx, banks, wallets)
	if err != nil || !done {
		return false, err
	}
	return true, errors.Join(s.writeCredentials(f), s.writeApps(ctx))
}

// errLeaseLost says that another process took this one for dead and took over.
var errLeaseLost = errors.New("another process seeds now")

// plantAlone plants while it renews the lease.
//
// Errors: errLeaseLost.
func (s *Store) plantAlone(ctx context.Context, n Network, holder string) (err error) {
	ctx, stop := context.WithCancelCause(ctx)
	var renewing sync.WaitGroup
	renewing.Go(func() {
		t := time.NewTicker(leaseLife / 3)
		defer t.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-t.C:
			}
			if mine, err := s.lease(ctx, planting, holder, leaseLife); err == nil && !mine {
				stop(errLeaseLost)
			}
		}
	})
	defer func() {
		stop(nil)
		renewing.Wait()
		err = errors.Join(err, s.release(context.WithoutCancel(ctx), planting, holder))
	}()
	if err = s.plant(ctx, n); err != nil && errors.Is(context.Cause(ctx), errLeaseLost) {
		return errLeaseLost
	}
	return err
}

// plant does what is missing, in an order in which every step can be done again.
func (s *Store) plant(ctx context.Context, n Network) error {
	if err := s.makeSecrets(ctx); err != nil {
		return fmt.Errorf("make the members' secrets: %w", err)
	}
	banks, wallets, err := s.members(ctx)
	if err != nil {
		return err
	}
	var issuers []seed.Issuer
	for _, w := range wallets {
		port, err := choosePort(ctx)
		if err != nil {
			return err
		}
		if port, err = s.settle(ctx, setPort(w.ID), port); err != nil {
			return err
		}
		issuers = append(issuers, seed.Issuer{Wallet: w, BaseURL: baseURL(port)})
	}
	if err := n.Plant(ctx, banks, issuers); err != nil {
		return fmt.Errorf("plant the network: %w", err)
	}
	for _, w := range wallets {
		if err := s.addUsers(ctx, w); err != nil {
			return fmt.Errorf("plant wallet %s: %w", w.ID, err)
		}
	}
	if _, err = s.settle(ctx, setPlanted, clock.Now().Format(time.RFC3339)); err != nil {
		return err
	}
	f, err := s.facts(ctx)
	if err != nil {
		return err
	}
	return errors.Join(s.writeCredentials(f), s.writeApps(ctx))
}

// addUsers opens the accounts of a wallet's users, and notes that it did.
func (s *Store) addUsers(ctx context.Context, w seed.Wallet) error {
	books, err := s.books(ctx, w.ID)
	if err != nil {
		return err
	}
	own := wallet.New(books, w.Profile, wallet.Timing{}, slog.New(slog.DiscardHandler))
	if err := own.AddUsers(ctx, w.Users...); err != nil {
		return err
	}
	_, err = s.settle(ctx, setUsers(w.ID), clock.Now().Format(time.RFC3339))
	return err
}

// keyBits is the length of every key, as the protocol has it.
const keyBits = 2048

// makeSecrets makes keys for the members that have none, and the credentials of the wallets.
func (s *Store) makeSecrets(ctx context.Context) error {
	members := seed.Banks()
	for _, w := range Wallets() {
		if w.Signs() {
			members = append(members, w.Member)
		}
		if err := s.makeCredentials(ctx, w); err != nil {
			return fmt.Errorf("wallet %s: %w", w.ID, err)
		}
	}
	for _, m := range members {
		_, err := s.secretOf(ctx, m.ID)
		if err == nil {
			continue
		}
		if !errors.Is(err, db.ErrNoRows) {
			return err
		}
		key, err := rsa.GenerateKey(rand.Reader, keyBits)
		if err != nil {
			return err
		}
		private, err := writePrivate(key)
		if err != nil {
			return err
		}
		fresh := secret{private: private, apiKey: "wk_" + id.Secret(32)}
		if _, err := s.keepSecret(ctx, m.ID, fresh); err != nil {
			return err
		}
	}
	return nil
}

// members returns the banks and the wallets with their secrets.
//
// Errors: db.ErrNoRows when one has none yet.
func (s *Store) members(ctx context.Context) (banks []seed.Member, wallets []seed.Wallet,
	err error,
) {
	banks, wallets = seed.Banks(), Wallets()
	for i := range banks {
		if err := s.fill(ctx, &banks[i]); err != nil {
			return nil, nil, err
		}
	}
	for i := range wallets {
		if !wallets[i].Signs() {
			continue
		}
		if err := s.fill(ctx, &wallets[i].Member); err != nil {
			return nil, nil, err
		}
		wallets[i].APIKey = "" // wallets have no use for one
	}
	return banks, wallets, nil
}

func (s *Store) fill(ctx context.Context, m *seed.Member) error {
	is, err := s.secretOf(ctx, m.ID)
	if err != nil {
		return fmt.Errorf("find the keys of %s: %w", m.ID, err)
	}
	if m.Key, err = sign.ParsePrivate(is.private); err != nil {
		return fmt.Errorf("read the key of %s: %w", m.ID, err)
	}
	m.APIKey = is.apiKey
	return nil
}

// noteNetwork keeps how the network names itself and its public keys, for the wallet.
func (s *Store) noteNetwork(ctx context.Context, n Network) error {
	keys := map[int]string{}
	for _, version := range n.Signers.Versions() {
		signer, err := n.Signers.Version(version)
		if err != nil {
			return err
		}
		if keys[version], err = writePublic(signer.Public()); err != nil {
			return err
		}
	}
	return s.setNetwork(ctx, n.ClientID, keys)
}

// readPublic reads what writePublic wrote.
func readPublic(text string) (*rsa.PublicKey, error) { return sign.ParsePublic(text) }

// Ports from which those of the wallets are chosen: below those that systems give out by
// themselves.
const (
	portMin   = 20000
	portMax   = 30000
	portTries = 50
)

// choosePort returns a port of this machine that nobody listens on.
func choosePort(ctx context.Context) (string, error) {
	var config net.ListenConfig
	for range portTries {
		port := strconv.Itoa(portMin + mathrand.IntN(portMax-portMin))
		l, err := config.Listen(ctx, "tcp", net.JoinHostPort(loopback, port))
		if err != nil {
			continue
		}
		return port, l.Close()
	}
	return "", errors.New("find a free port for a wallet: none of those tried was")
}

// loopback is where wallets listen and are called.
const loopback = "127.0.0.1"

// baseURL is where the network calls a wallet.
func baseURL(port string) string { return "http://" + net.JoinHostPort(loopback, port) }
