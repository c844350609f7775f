package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"watari/kit/money"
	"watari/sandbox/seed"
)

// walletsFolder is where the network finds its credentials at wallets, in the data folder: a file
// for each, named after the wallet.
const walletsFolder = "wallets"

// agreed is what network and wallet know of their agreement. Both halves are kept as one text, so
// that they always fit together.
type agreed struct {
	Network json.RawMessage `json:"network"`
	Wallet  json.RawMessage `json:"wallet"`
}

// makeCredentials makes the credentials of a wallet unless it has some.
func (s *Store) makeCredentials(ctx context.Context, w seed.Wallet) error {
	fresh := protocols[w.Profile.Protocol].credentials
	if fresh == nil {
		return nil
	}
	f, err := s.facts(ctx)
	if err != nil || f.settings[setFile(w.ID)] != "" {
		return err
	}
	var a agreed
	if a.Network, a.Wallet, err = fresh(w.ID); err != nil {
		return fmt.Errorf("make credentials: %w", err)
	}
	text, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("write credentials: %w", err)
	}
	_, err = s.settle(ctx, setFile(w.ID), string(text))
	return err
}

// makeApps makes the network's application for sign-in at every wallet that has none yet, also in
// a sandbox that was planted before there was sign-in.
func (s *Store) makeApps(ctx context.Context) error {
	f, err := s.facts(ctx)
	if err != nil {
		return err
	}
	for _, w := range Wallets() {
		fresh := protocols[w.Profile.Protocol].signIn
		if fresh == nil || f.settings[setApp(w.ID)] != "" {
			continue
		}
		had, err := f.agreedWith(w.ID)
		if err != nil {
			return err
		}
		var a agreed
		if a.Network, a.Wallet, err = fresh(w.ID, had.Wallet); err != nil {
			return fmt.Errorf("make an application at %s: %w", w.ID, err)
		}
		if a.Network, err = withCurrency(a.Network, w.Profile.Currency); err != nil {
			return fmt.Errorf("make an application at %s: %w", w.ID, err)
		}
		text, err := json.Marshal(a)
		if err != nil {
			return fmt.Errorf("write an application: %w", err)
		}
		if _, err = s.settle(ctx, setApp(w.ID), string(text)); err != nil {
			return err
		}
	}
	return nil
}

// withCurrency adds the money of a wallet's users to what the network is told.
func withCurrency(text json.RawMessage, c money.Currency) (json.RawMessage, error) {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, err
	}
	var err error
	if all["currency"], err = json.Marshal(c); err != nil {
		return nil, err
	}
	return json.Marshal(all)
}

// agreedWith returns the credentials of a wallet; empty for one that needs none.
func (f facts) agreedWith(walletID string) (agreed, error) {
	return f.halves(setFile(walletID), walletID)
}

// appAt returns the application for sign-in at a wallet; empty while there is none.
func (f facts) appAt(walletID string) (agreed, error) {
	return f.halves(setApp(walletID), walletID)
}

// halves reads what network and wallet know of something.
func (f facts) halves(setting, walletID string) (agreed, error) {
	var a agreed
	text := f.settings[setting]
	if text == "" {
		return a, nil
	}
	if err := json.Unmarshal([]byte(text), &a); err != nil {
		return a, fmt.Errorf("read the credentials of %s: %w", walletID, err)
	}
	return a, nil
}

// writeCredentials writes the network's half into the data folder, for every wallet that has one,
// where nobody but its owner can read it (B5).
func (s *Store) writeCredentials(f facts) error {
	folder := filepath.Join(s.data, walletsFolder)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("make the folder of credentials: %w", err)
	}
	return s.writeHalves(folder, f.agreedWith)
}

// signInFolder is where the network finds its applications for sign-in, as walletsFolder.
const signInFolder = "signin"

// writeApps is writeCredentials for sign-in. It makes what is missing first.
func (s *Store) writeApps(ctx context.Context) error {
	if err := s.makeApps(ctx); err != nil {
		return err
	}
	f, err := s.facts(ctx)
	if err != nil {
		return err
	}
	folder := filepath.Join(s.data, signInFolder)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("make the folder of applications: %w", err)
	}
	return s.writeHalves(folder, f.appAt)
}

// writeHalves writes the network's half of what wallets and it know into a folder.
func (s *Store) writeHalves(folder string, of func(walletID string) (agreed, error)) error {
	for _, w := range Wallets() {
		a, err := of(w.ID)
		if err != nil {
			return err
		}
		if a.Network == nil {
			continue
		}
		if err := writeWhole(filepath.Join(folder, w.ID+".json"), a.Network); err != nil {
			return err
		}
	}
	return nil
}

// writeWhole puts a file of mode 0600 in place by renaming, so that readers see the old or the
// new one. A file that is the same already is left alone.
func writeWhole(path string, text []byte) (err error) {
	name := filepath.Base(path)
	if was, err := os.ReadFile(path); err == nil && string(was) == string(text)+"\n" {
		return nil
	}
	draft, err := os.CreateTemp(filepath.Dir(path), name+".*") // mode 0600
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("write %s: %w", name, err), os.Remove(draft.Name()))
		}
	}()
	if _, err = draft.Write(append(text[:len(text):len(text)], '\n')); err == nil {
		err = draft.Sync()
	}
	if err = errors.Join(err, draft.Close()); err != nil {
		return err
	}
	return os.Rename(draft.Name(), path)
}
