package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

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

// agreedWith returns the credentials of a wallet; empty for one that needs none.
func (f facts) agreedWith(walletID string) (agreed, error) {
	var a agreed
	text := f.settings[setFile(walletID)]
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
	for _, w := range Wallets() {
		a, err := f.agreedWith(w.ID)
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
