package sandbox

import (
	"context"
	"errors"
	"fmt"

	"watari/kit/db"
	"watari/kit/id"
)

// prefixNote begins the settings that are notes: they change while the wallets run.
const prefixNote = "note:"

// setReseller is the API key of the reseller of the park's tickets. No wallet is run with it: it is
// a note, so that the wallets do not begin anew when the network makes it.
const setReseller = prefixNote + "park-reseller-key"

// Noted returns a note by its name, "" when there is none.
func (s *Store) Noted(ctx context.Context, name string) (string, error) {
	var text string
	err := s.db.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		text, err = db.One(ctx, tx, scanText, `select value from sim_setting where name = $1`,
			prefixNote+name)
		return err
	})
	if errors.Is(err, db.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read the note %s: %w", name, err)
	}
	return text, nil
}

// Note keeps a note under a name, in place of the one before.
func (s *Store) Note(ctx context.Context, name, text string) error {
	err := s.db.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `insert into sim_setting (name, value) values ($1, $2)
			on conflict (name) do update set value = excluded.value`, prefixNote+name, text)
		return err
	})
	if err != nil {
		return fmt.Errorf("keep the note %s: %w", name, err)
	}
	return nil
}

// ResellerKey is the API key with which a reseller sells the park's tickets, made at the first
// call. It is for the caller to make the network know it.
func (s *Store) ResellerKey(ctx context.Context) (string, error) {
	return s.settle(ctx, setReseller, "wk_"+id.Secret(32))
}
