package seed

import (
	"context"
	"errors"
	"fmt"
	"time"

	"watari/kit/db"
	"watari/kit/fault"
	"watari/pay/party"
)

// linkLife is how long an activation link that nobody used works.
const linkLife = 30 * 24 * time.Hour

// ErrNoTill says that no shop of the sandbox has this id.
var ErrNoTill = fault.Define("sandbox-till-unknown", fault.NotFound,
	"The sandbox has no such till")

// Invite makes a fresh activation link for the till of every shop and returns the secrets by the
// store's id. Links that were made before and not used go on working.
func (n Network) Invite(ctx context.Context) (map[string]string, error) {
	return n.invite(ctx, All())
}

// InviteOne is Invite for the till of one shop, named by the store's id.
//
// Errors: ErrNoTill, party.ErrTerminalNotOpen when somebody closed it.
func (n Network) InviteOne(ctx context.Context, storeID string) (secret string, err error) {
	for _, s := range All() {
		if s.StoreID != storeID {
			continue
		}
		secrets, err := n.invite(ctx, []Shop{s})
		if err != nil {
			return "", err
		}
		if secrets[storeID] == "" {
			return "", party.ErrTerminalNotOpen.Newf("the till of %s is closed", s.Store)
		}
		return secrets[storeID], nil
	}
	return "", ErrNoTill.Newf("no shop has the id you named")
}

// invite makes links for the tills of some shops; closed ones have none.
func (n Network) invite(ctx context.Context, shops []Shop) (map[string]string, error) {
	nos := map[string]int64{}
	for _, s := range shops {
		bank, err := n.Directory.ByID(ctx, s.BankID)
		if err != nil {
			return nil, fmt.Errorf("find bank %s: %w", s.BankID, err)
		}
		at, err := n.Directory.Point(ctx, bank.No, s.MerchantID, s.StoreID, s.TerminalID)
		if err != nil {
			return nil, fmt.Errorf("find till %s: %w", s.TerminalID, err)
		}
		nos[s.StoreID] = at.Terminal.No
	}
	secrets := map[string]string{}
	err := n.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		for _, s := range shops {
			secret, err := n.Registry.NewActivation(ctx, tx, actor, nos[s.StoreID], linkLife)
			if errors.Is(err, party.ErrTerminalNotOpen) {
				continue // somebody closed it
			}
			if err != nil {
				return fmt.Errorf("invite till %s: %w", s.TerminalID, err)
			}
			secrets[s.StoreID] = secret
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	n.Log.Wake()
	return secrets, nil
}
