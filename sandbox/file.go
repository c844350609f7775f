package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"

	"watari/kit/clock"
	"watari/sandbox/seed"
	"watari/sandbox/wallet"
)

// FileName is the list that people and tests begin with, in the data folder.
const FileName = "sandbox.json"

// Place says where the file goes and what only the process that writes it knows.
type Place struct {
	Folder  string                     // the data folder
	BaseURL string                     // where this process of the network listens
	TillURL func(secret string) string // the address that activates a till
	Host    string                     // where phones are called; "" is loopback
}

// list is the form of the file. Keys are base64 of DER on one line: PKCS #8 for private, SPKI
// for public ones.
type list struct {
	BaseURL   string       `json:"base_url"`
	Acquirers []listedBank `json:"acquirers"`
	Wallets   []listedPay  `json:"wallets"`
	Stores    []listedShop `json:"stores"`
	Users     []listedUser `json:"users"`
	Logins    []struct{}   `json:"logins"`
}

type listedBank struct {
	ID               string `json:"id"`
	Name             string `json:"name"`
	ClientID         string `json:"client_id"`
	PrivateKey       string `json:"private_key"`
	NetworkPublicKey string `json:"network_public_key"`
	APIKey           string `json:"api_key"`
}

type listedPay struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Protocol   string `json:"protocol"`
	ClientID   string `json:"client_id"`
	Currency   string `json:"currency"`
	ControlURL string `json:"control_url"`
}

type listedShop struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	NameJA     string `json:"name_ja"`
	MerchantID string `json:"merchant_id"`
	AcquirerID string `json:"acquirer_id"`
	TerminalID string `json:"terminal_id"`
	Prefecture string `json:"prefecture"`
	MCC        string `json:"mcc"`
	StaticQR   string `json:"static_qr"`
	TillURL    string `json:"till_url"`
}

type listedUser struct {
	ID       string `json:"id"`
	Wallet   string `json:"wallet"`
	Name     string `json:"name"`
	PhoneURL string `json:"phone_url"`
}

// WriteFile writes sandbox.json anew, with fresh activation links (B5). It is called after Seed
// and after the wallet's port is settled.
func WriteFile(ctx context.Context, n Network, s *Store, p Place) error {
	f, err := s.facts(ctx)
	if err != nil {
		return err
	}
	banks, issuer, err := s.members(ctx)
	if err != nil {
		return err
	}
	current, err := n.Signers.Current(clock.Now())
	if err != nil {
		return fmt.Errorf("find the network's key: %w", err)
	}
	public, err := writePublic(current.Public())
	if err != nil {
		return fmt.Errorf("write the network's key: %w", err)
	}
	links, err := n.Invite(ctx)
	if err != nil {
		return err
	}
	l := list{BaseURL: p.BaseURL, Logins: []struct{}{}}
	for _, b := range banks {
		private, err := writePrivate(b.Key)
		if err != nil {
			return fmt.Errorf("write the key of %s: %w", b.ID, err)
		}
		l.Acquirers = append(l.Acquirers, listedBank{ID: b.ID, Name: b.Name,
			ClientID: b.ClientID, PrivateKey: private, NetworkPublicKey: public,
			APIKey: b.APIKey})
	}
	found := outside(f.settings[setPort], p.Host)
	l.Wallets = []listedPay{{ID: issuer.ID, Name: issuer.Name, Protocol: seed.Connector,
		ClientID: issuer.ClientID, Currency: string(wallet.Currency),
		ControlURL: found.ControlURL}}
	l.addShops(links, p)
	l.addUsers(issuer.ID, found)
	return l.write(filepath.Join(p.Folder, FileName))
}

func (l *list) addShops(links map[string]string, p Place) {
	for _, s := range seed.Shops() {
		shop := listedShop{ID: s.StoreID, Name: s.Store, NameJA: s.StoreJA,
			MerchantID: s.MerchantID, AcquirerID: s.BankID, TerminalID: s.TerminalID,
			Prefecture: s.Prefecture, MCC: s.MCC}
		if link := links[s.StoreID]; link != "" {
			shop.TillURL = p.TillURL(link)
		}
		l.Stores = append(l.Stores, shop)
	}
}

func (l *list) addUsers(walletID string, o Outside) {
	for _, p := range o.Phones {
		l.Users = append(l.Users, listedUser{ID: p.ID, Wallet: walletID,
			Name: p.Name + " " + p.NameEN, PhoneURL: p.URL})
	}
}

// Outside is where the counterparties are found now: it changes when their port does (B4).
type Outside struct {
	Phones     []Phone
	ControlURL string // of the wallet, on this machine only
}

// Phone is the phone of a user of the wallet.
type Phone struct {
	ID, Name, NameEN string
	URL              string
}

// Outside returns where the counterparties are found. host is where phones are called; "" is
// loopback.
func (s *Store) Outside(ctx context.Context, host string) (Outside, error) {
	f, err := s.facts(ctx)
	if err != nil {
		return Outside{}, err
	}
	return outside(f.settings[setPort], host), nil
}

func outside(port, host string) Outside {
	if host == "" {
		host = loopback
	}
	o := Outside{ControlURL: baseURL(port) + "/control"}
	for _, u := range seed.People() {
		o.Phones = append(o.Phones, Phone{ID: u.ID, Name: u.Name, NameEN: u.NameEN,
			URL: "http://" + net.JoinHostPort(host, port) + "/phone/" + u.ID})
	}
	return o
}

// write puts the file in place by renaming, so that readers see the old or the new one.
func (l *list) write(path string) (err error) {
	text, err := json.MarshalIndent(l, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", FileName, err)
	}
	draft, err := os.CreateTemp(filepath.Dir(path), FileName+".*") // mode 0600
	if err != nil {
		return fmt.Errorf("write %s: %w", FileName, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("write %s: %w", FileName, err),
				os.Remove(draft.Name()))
		}
	}()
	if _, err = draft.Write(append(text, '\n')); err == nil {
		err = draft.Sync()
	}
	if err = errors.Join(err, draft.Close()); err != nil {
		return err
	}
	return os.Rename(draft.Name(), path)
}
