package sandbox

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// The files of keys that every process of one network must have alike.
const (
	networkKeyFile = "network-1.pem"
	sealKeyFile    = "seal-1.key"
)

// ShareKeys makes every process of a sandbox have the same keys, whatever its data folder: the
// first one's files are kept in the sandbox's own tables, and written into the folders of the
// others. make writes fresh files into dir when nobody has any.
func (s *Store) ShareKeys(ctx context.Context, dir string, make func(dir string) error) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the folder of keys: %w", err)
	}
	f, err := s.facts(ctx)
	if err != nil {
		return err
	}
	if f.settings[keySetting(sealKeyFile)] == "" {
		if err := make(dir); err != nil {
			return err
		}
	}
	for _, name := range []string{networkKeyFile, sealKeyFile} {
		path := filepath.Join(dir, name)
		mine, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("read %s: %w", name, err)
		}
		shared, err := s.settle(ctx, keySetting(name), string(mine))
		if err != nil {
			return err
		}
		if shared == string(mine) {
			continue
		}
		if err := os.WriteFile(path, []byte(shared), 0o600); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return nil
}

func keySetting(file string) string { return "key:" + file }
