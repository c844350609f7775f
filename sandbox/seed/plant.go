package seed

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"

	"watari/kit/access"
	"watari/kit/access/people"
	"watari/kit/check"
	"watari/kit/db"
	"watari/kit/event"
	"watari/kit/seal"
	"watari/pay/fx"
	"watari/pay/party"
	"watari/pay/party/signup"
	"watari/sandbox/rates"
)

// actor is who the events of seeding name.
const actor = "sandbox"

// Network is what seeding needs of the network: its directory, keys and rates, and how it names
// itself and signs towards members. No field may be empty.
type Network struct {
	DB        *db.DB
	Log       *event.Log
	Directory *party.Directory
	Registry  *party.Registry
	Keys      *access.Keys
	People    *people.People
	Signup    *signup.Service // nil: nobody applies
	Board     *fx.Board
	Signers   *seal.Signers // with which the network signs its messages
	ClientID  string        // as the network names itself in them
}

// ErrOtherSecrets says that the network knows the sandbox's members under other keys than the
// sandbox's own store has: one of the two stores was deleted or replaced.
var ErrOtherSecrets = errors.New("the network's store and the sandbox's store do not belong " +
	"together; delete both to begin anew")

// Check panics unless every part is there.
func (n Network) Check() {
	check.That(n.DB != nil && n.Log != nil && n.Directory != nil && n.Registry != nil &&
		n.Keys != nil && n.People != nil && n.Board != nil && n.Signers != nil && n.ClientID != "",
		"seed: the network lacks a part")
}

// Issuer is a wallet with where the network calls it.
type Issuer struct {
	Wallet
	BaseURL string // no trailing slash
}

// Planted tells whether all the members, and the people who sign in, are in the network already.
//
// Errors: ErrOtherSecrets when one is, with another key than this.
func (n Network) Planted(ctx context.Context, banks []Member, wallets []Wallet) (bool, error) {
	// The directory may remember the network from before another process planted it.
	err := n.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := n.Directory.Read(ctx, tx)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("read the directory: %w", err)
	}
	members := append([]Member(nil), banks...)
	for _, w := range wallets {
		members = append(members, w.Member)
	}
	all := true
	for _, m := range members {
		there, err := n.has(ctx, m)
		if err != nil {
			return false, err
		}
		all = all && there
	}
	if !all {
		return false, nil
	}
	return n.welcomed(ctx)
}

// has tells whether a member is in the network, under its own key.
func (n Network) has(ctx context.Context, m Member) (bool, error) {
	p, err := n.Directory.ByID(ctx, m.ID)
	if errors.Is(err, party.ErrParticipantUnknown) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("find member %s: %w", m.ID, err)
	}
	if m.Key == nil {
		return true, nil
	}
	keys, err := n.Directory.KeysOf(ctx, p.No)
	if err != nil {
		return false, fmt.Errorf("find keys of %s: %w", m.ID, err)
	}
	der, err := x509.MarshalPKIXPublicKey(&m.Key.PublicKey)
	if err != nil {
		return false, fmt.Errorf("write the key of %s: %w", m.ID, err)
	}
	if len(keys) == 0 || !bytes.Equal(keys[0].PublicDER, der) {
		return false, fmt.Errorf("member %s: %w", m.ID, ErrOtherSecrets)
	}
	return true, nil
}

// Plant adds the members that the network lacks, with their agreements, keys and shops, in one
// transaction, then those who apply, the people who sign in, and the rates.
func (n Network) Plant(ctx context.Context, banks []Member, issuers []Issuer) error {
	pin, err := party.HashPIN(ManagerPIN)
	if err != nil {
		return fmt.Errorf("hash the managers' PIN: %w", err)
	}
	missing := map[string]bool{}
	for _, m := range banks {
		there, err := n.has(ctx, m)
		if err != nil {
			return err
		}
		missing[m.ID] = !there
	}
	for _, w := range issuers {
		there, err := n.has(ctx, w.Member)
		if err != nil {
			return err
		}
		missing[w.ID] = !there
	}
	err = n.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		for _, w := range issuers {
			if !missing[w.ID] {
				continue
			}
			if err := n.plantIssuer(ctx, tx, w); err != nil {
				return fmt.Errorf("plant wallet %s: %w", w.ID, err)
			}
		}
		for _, b := range banks {
			if !missing[b.ID] {
				continue
			}
			if err := n.plantBank(ctx, tx, b, pin); err != nil {
				return fmt.Errorf("plant bank %s: %w", b.ID, err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	n.Log.Wake()
	if err := n.apply(ctx); err != nil {
		return err
	}
	if err := n.welcome(ctx); err != nil {
		return err
	}
	return n.PlantRates(ctx)
}

// PlantRates imports the sandbox's rates. Doing it again changes nothing.
func (n Network) PlantRates(ctx context.Context) error {
	if _, err := n.Board.Import(ctx, bytes.NewReader(rates.Recent), actor); err != nil {
		return fmt.Errorf("import the sandbox's rates: %w", err)
	}
	return nil
}

func (n Network) plantIssuer(ctx context.Context, tx *db.Tx, w Issuer) error {
	p, err := n.Registry.AddParticipant(ctx, tx, actor, party.Participant{ID: w.ID,
		Name: w.Name, ClientID: w.ClientID, Connector: w.Profile.Protocol, BaseURL: w.BaseURL,
		CodeGroup: w.CodeGroup, OwnCodes: w.OwnCodes})
	if err != nil {
		return err
	}
	most, owes := int64(perPaymentMax), w.CapMinor
	_, err = n.Registry.AddAgreement(ctx, tx, actor, party.Agreement{ParticipantNo: p.No,
		Role: party.Issuer, Currency: w.Settles, Zone: w.Zone, SpreadPPM: w.SpreadPPM,
		InterchangePPM: interchangePPM, SchemePPM: schemePPM, CapMinor: &owes,
		PerPaymentMaxMinor: &most})
	if err != nil || w.Key == nil {
		return err
	}
	return n.addKey(ctx, tx, p.No, w.Member)
}

func (n Network) plantBank(ctx context.Context, tx *db.Tx, m Member, pin string) error {
	p, err := n.Registry.AddParticipant(ctx, tx, actor, party.Participant{ID: m.ID,
		Name: m.Name, ClientID: m.ClientID, OnSight: true})
	if err != nil {
		return err
	}
	_, err = n.Registry.AddAgreement(ctx, tx, actor, party.Agreement{ParticipantNo: p.No,
		Role: party.Acquirer, Currency: "JPY", Zone: "Asia/Tokyo"})
	if err != nil {
		return err
	}
	if err := n.addKey(ctx, tx, p.No, m); err != nil {
		return err
	}
	if err := n.Keys.Add(ctx, tx, m.APIKey, access.Grant{Role: access.Acquirer,
		ParticipantNo: p.No, Label: "sandbox: " + m.Name}); err != nil {
		return err
	}
	for _, s := range Shops() {
		if s.BankID != m.ID {
			continue
		}
		if err := n.plantShop(ctx, tx, p.No, s, pin); err != nil {
			return fmt.Errorf("plant shop %s: %w", s.StoreID, err)
		}
	}
	if m.ID == bankOf(parkPrefecture) {
		return n.plantPark(ctx, tx, p.No, pin)
	}
	return nil
}

func (n Network) addKey(ctx context.Context, tx *db.Tx, no int64, m Member) error {
	der, err := x509.MarshalPKIXPublicKey(&m.Key.PublicKey)
	if err != nil {
		return err
	}
	return n.Registry.AddKey(ctx, tx, actor, party.Key{ParticipantNo: no, Version: KeyVersion,
		PublicDER: der})
}

func (n Network) plantShop(ctx context.Context, tx *db.Tx, acquirerNo int64, s Shop,
	pin string,
) error {
	m, err := n.Registry.AddMerchant(ctx, tx, actor, party.Merchant{AcquirerNo: acquirerNo,
		ID: s.MerchantID, Name: s.Merchant, NameJA: s.MerchantJA, MCC: s.MCC,
		MDRPPM: mdr(s.MCC)})
	if err != nil {
		return err
	}
	return n.plantStore(ctx, tx, m.No, s, pin)
}

func (n Network) plantStore(ctx context.Context, tx *db.Tx, merchantNo int64, s Shop,
	pin string,
) error {
	storeDay, tillDay := int64(200_000), int64(100_000)
	store, err := n.Registry.AddStore(ctx, tx, actor, party.Store{MerchantNo: merchantNo,
		ID: s.StoreID, Name: s.Store, NameJA: s.StoreJA, Prefecture: s.Prefecture, MCC: s.MCC,
		City: cityOf(s.Prefecture), PostalCode: postalOf(s.Prefecture), UnifiedID: s.unified(),
		RefundDayMaxMinor: &storeDay, ManagerPINHash: pin, PINAboveMinor: RefundPINAboveMinor})
	if err != nil {
		return err
	}
	_, err = n.Registry.AddTerminal(ctx, tx, actor, party.Terminal{StoreNo: store.No,
		ID: s.TerminalID, Label: "Till 1", CanRefund: true, RefundDayMaxMinor: &tillDay,
		FailuresMax: 100})
	return err
}

// Relocate tells the network where a wallet is called, and tells whether that is news.
func (n Network) Relocate(ctx context.Context, walletID, baseURL string) (moved bool, err error) {
	p, err := n.Directory.ByID(ctx, walletID)
	if err != nil {
		return false, fmt.Errorf("find wallet %s: %w", walletID, err)
	}
	if p.BaseURL == baseURL {
		return false, nil
	}
	err = n.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		return n.Registry.SetParticipant(ctx, tx, actor, p.No, party.ParticipantTerms{
			Name: p.Name, BaseURL: baseURL, OwnCodes: p.OwnCodes, OnSight: p.OnSight})
	})
	if err != nil {
		return false, fmt.Errorf("move wallet %s to %s: %w", walletID, baseURL, err)
	}
	n.Log.Wake()
	return true, nil
}
