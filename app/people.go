package app

import (
	"context"
	"errors"
	"path/filepath"

	"watari/kit/access/oidc"
	"watari/kit/access/people"
	"watari/kit/audit"
	"watari/kit/db"
	"watari/kit/fault"
	"watari/kit/web"
	"watari/pay/party"
)

// registerPeople adds the operations about people, their API keys and the audit trail.
func registerPeople(w *web.Server, n *node) {
	at := places{n}
	(&people.API{People: n.people, Keyring: people.NewKeyring(n.people, n.keys),
		Places: at}).Register(w)
	(&audit.API{Log: n.log,
		Number: func(ctx context.Context, id string) (int64, bool, error) {
			no, _, _, ok, err := at.Number(ctx, people.IDs{Acquirer: id})
			return no, ok, err
		},
		ID: func(ctx context.Context, no int64) (string, bool, error) {
			ids, err := at.Name(ctx, no, 0, 0)
			return ids.Acquirer, ids.Acquirer != "", err
		}}).Register(w)
}

// newGate returns the banks' single sign-on: its files lie in the folder oidc of the installation.
func (n *node) newGate(keysDir string) *oidc.Gate {
	return oidc.New(oidc.Config{Dir: filepath.Join(filepath.Dir(keysDir), "oidc"),
		People: n.people, PublicURL: n.public, Private: n.local, Logger: n.logger,
		Bank: func(ctx context.Context, bankID string) (int64, string, bool, error) {
			p, err := n.directory.ByID(ctx, bankID)
			if errors.Is(err, party.ErrParticipantUnknown) {
				return 0, "", false, nil
			}
			return p.No, p.Name, err == nil && p.Status != party.Closed, err
		}})
}

// runPeople keeps who was seen, until ctx ends.
func (n *node) runPeople(ctx context.Context) {
	if err := n.people.Run(ctx); err != nil && ctx.Err() == nil {
		n.logger.Error("who was seen is not kept", "error", err)
	}
}

// places is the directory as people see it.
type places struct{ n *node }

// Number is part of people.Places.
func (p places) Number(
	ctx context.Context, at people.IDs,
) (participantNo, merchantNo, storeNo int64, ok bool, err error) {
	if at.Acquirer == "" {
		return 0, 0, 0, at.Merchant == "" && at.Store == "", nil
	}
	bank, err := p.n.directory.ByID(ctx, at.Acquirer)
	if err != nil || at.Merchant == "" {
		return found(bank.No, 0, 0, at.Store == "", err)
	}
	if at.Store != "" {
		point, err := p.n.directory.Point(ctx, bank.No, at.Merchant, at.Store, "")
		return found(bank.No, point.Merchant.No, point.Store.No, true, err)
	}
	var m party.Merchant
	err = p.n.db.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		m, err = p.n.registry.MerchantByID(ctx, tx, bank.No, at.Merchant)
		return err
	})
	return found(bank.No, m.No, 0, true, err)
}

// found turns what the directory does not know into not ok.
func found(bankNo, merchantNo, storeNo int64, ok bool, err error) (
	int64, int64, int64, bool, error,
) {
	var unknown *fault.Error
	if errors.As(err, &unknown) && unknown.Problem.Kind == fault.NotFound {
		return 0, 0, 0, false, nil
	}
	return bankNo, merchantNo, storeNo, ok && err == nil, err
}

// Name is part of people.Places.
func (p places) Name(
	ctx context.Context, participantNo, merchantNo, storeNo int64,
) (ids people.IDs, err error) {
	if participantNo == 0 {
		return ids, nil
	}
	bank, err := p.n.directory.Participant(ctx, participantNo)
	if err != nil {
		return ids, err
	}
	ids.Acquirer = bank.ID
	if storeNo != 0 {
		point, err := p.n.directory.Store(ctx, storeNo)
		if err != nil {
			return ids, err
		}
		ids.Merchant, ids.Store = point.Merchant.ID, point.Store.ID
		return ids, nil
	}
	if merchantNo != 0 {
		m, err := p.n.directory.Merchant(ctx, merchantNo)
		if err != nil {
			return ids, err
		}
		ids.Merchant = m.ID
	}
	return ids, nil
}

// TerminalNumber is part of people.Places.
func (p places) TerminalNumber(
	ctx context.Context, storeNo int64, id string,
) (int64, bool, error) {
	at, err := p.n.directory.Store(ctx, storeNo)
	if err == nil {
		at, err = p.n.directory.Point(ctx, at.Acquirer.No, at.Merchant.ID, at.Store.ID, id)
	}
	_, _, _, ok, err := found(0, 0, 0, true, err)
	if !ok || at.Terminal == nil || at.Terminal.Status == party.Closed {
		return 0, false, err
	}
	return at.Terminal.No, true, nil
}

// TerminalName is part of people.Places.
func (p places) TerminalName(ctx context.Context, terminalNo int64) (string, error) {
	at, err := p.n.directory.Terminal(ctx, terminalNo)
	if err != nil {
		return "", err
	}
	return at.Terminal.ID, nil
}

// terminal tells whether a terminal is a store's, and not closed.
func (p places) terminal(ctx context.Context, storeNo, terminalNo int64) (bool, error) {
	at, err := p.n.directory.Terminal(ctx, terminalNo)
	_, _, _, ok, err := found(0, 0, 0, true, err)
	return ok && at.Store.No == storeNo && at.Terminal.Status != party.Closed, err
}

// exists tells whether a place is there.
func (p places) exists(ctx context.Context, at people.Place) (bool, error) {
	if at.ParticipantNo == 0 {
		return true, nil
	}
	ids, err := p.Name(ctx, at.ParticipantNo, at.MerchantNo, 0)
	if err == nil && at.StoreNo != 0 {
		var whole people.IDs
		whole, err = p.Name(ctx, at.ParticipantNo, at.MerchantNo, at.StoreNo)
		ids.Store = whole.Store
	}
	if err != nil {
		_, _, _, _, err = found(0, 0, 0, false, err)
		return false, err
	}
	_, merchantNo, storeNo, ok, err := p.Number(ctx, ids)
	return ok && merchantNo == at.MerchantNo && storeNo == at.StoreNo, err
}
