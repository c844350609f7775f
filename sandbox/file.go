package sandbox

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"path/filepath"

	"watari/kit/clock"
	"watari/kit/money"
	"watari/sandbox/seed"
)

// FileName is the list that people and tests begin with, in the data folder.
const FileName = "sandbox.json"

// Place says where the file goes and what only the process that writes it knows.
type Place struct {
	Folder  string                     // the data folder
	BaseURL string                     // where this process of the network listens
	TillURL func(secret string) string // the address that activates a till
	Host    string                     // where phones are called; "" is loopback
	// StaticQR is the text of a store's printed code; nil leaves it empty.
	StaticQR func(ctx context.Context, s seed.Shop) (string, error)
}

// list is the form of the file. Keys are base64 of DER on one line: PKCS #8 for private, SPKI
// for public ones.
type list struct {
	BaseURL   string        `json:"base_url"`
	Acquirers []listedBank  `json:"acquirers"`
	Wallets   []listedPay   `json:"wallets"`
	Stores    []listedShop  `json:"stores"`
	Users     []listedUser  `json:"users"`
	Logins    []listedLogin `json:"logins"`
	Resellers []listedKey   `json:"resellers"`
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

type listedLogin struct {
	Role     string `json:"role"`
	Email    string `json:"email"`
	Password string `json:"password"`
}

// listedKey is who sells the park's tickets, with the address of the API and its key.
type listedKey struct {
	Name   string `json:"name"`
	URL    string `json:"url"`
	APIKey string `json:"api_key"`
}

type listedUser struct {
	ID       string `json:"id"`
	Wallet   string `json:"wallet"`
	Name     string `json:"name"`
	PhoneURL string `json:"phone_url"`
}

// WriteFile writes sandbox.json anew, with fresh activation links (B5). It is called after Seed
// and after the ports of the wallets are settled.
func WriteFile(ctx context.Context, n Network, s *Store, p Place) error {
	f, err := s.facts(ctx)
	if err != nil {
		return err
	}
	banks, wallets, err := s.members(ctx)
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
	l := list{BaseURL: p.BaseURL}
	for _, who := range seed.Logins() {
		l.Logins = append(l.Logins, listedLogin{string(who.Role), who.Email, seed.Password})
	}
	for _, b := range banks {
		private, err := writePrivate(b.Key)
		if err != nil {
			return fmt.Errorf("write the key of %s: %w", b.ID, err)
		}
		l.Acquirers = append(l.Acquirers, listedBank{ID: b.ID, Name: b.Name,
			ClientID: b.ClientID, PrivateKey: private, NetworkPublicKey: public,
			APIKey: b.APIKey})
	}
	if err := l.addShops(ctx, links, p); err != nil {
		return err
	}
	key, err := s.ResellerKey(ctx)
	if err != nil {
		return err
	}
	l.Resellers = []listedKey{{Name: "Tabi no Mado", URL: p.BaseURL + "/octo", APIKey: key}}
	l.addWallets(outside(f, wallets, p.Host))
	text, err := json.MarshalIndent(l, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", FileName, err)
	}
	return writeWhole(filepath.Join(p.Folder, FileName), text)
}

func (l *list) addShops(ctx context.Context, links map[string]string, p Place) (err error) {
	for _, s := range seed.All() {
		shop := listedShop{ID: s.StoreID, Name: s.Store, NameJA: s.StoreJA,
			MerchantID: s.MerchantID, AcquirerID: s.BankID, TerminalID: s.TerminalID,
			Prefecture: s.Prefecture, MCC: s.MCC}
		if link := links[s.StoreID]; link != "" {
			shop.TillURL = p.TillURL(link)
		}
		if p.StaticQR != nil {
			if shop.StaticQR, err = p.StaticQR(ctx, s); err != nil {
				return fmt.Errorf("make the printed code of store %s: %w", s.StoreID, err)
			}
		}
		l.Stores = append(l.Stores, shop)
	}
	return nil
}

func (l *list) addWallets(o Outside) {
	for _, w := range o.Wallets {
		l.Wallets = append(l.Wallets, listedPay{ID: w.ID, Name: w.Name, Protocol: w.Protocol,
			ClientID: w.ClientID, Currency: string(w.Currency), ControlURL: w.ControlURL})
		for _, p := range w.Phones {
			l.Users = append(l.Users, listedUser{ID: p.ID, Wallet: w.ID,
				Name: p.Name + " " + p.NameEN, PhoneURL: p.URL})
		}
	}
}

// Outside is where the counterparties are found now: it changes when a port does (B4).
type Outside struct{ Wallets []Found }

// Found is where a wallet and its users' phones are.
type Found struct {
	ID, Name, Protocol, ClientID string
	Currency                     money.Currency // of its users' accounts
	PINAbove                     money.Amount   // the largest debit without a PIN
	Lang                         string         // BCP 47, of Phone.Name
	Phones                       []Phone
	ControlURL                   string // on this machine only
}

// Phone is the phone of a user of a wallet.
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
	return outside(f, Wallets(), host), nil
}

func outside(f facts, wallets []seed.Wallet, host string) Outside {
	if host == "" {
		host = loopback
	}
	var o Outside
	for _, w := range wallets {
		port := f.settings[setPort(w.ID)]
		one := Found{ID: w.ID, Name: w.Name, Protocol: w.Profile.Protocol, ClientID: w.ClientID,
			Currency: w.Profile.Currency, Lang: w.Profile.Lang,
			PINAbove:   money.MustNew(w.Profile.PINAbove, w.Profile.Currency),
			ControlURL: baseURL(port) + "/control"}
		for _, u := range w.Users {
			one.Phones = append(one.Phones, Phone{ID: u.ID, Name: u.Name, NameEN: u.NameEN,
				URL: "http://" + net.JoinHostPort(host, port) + "/phone/" + u.ID})
		}
		o.Wallets = append(o.Wallets, one)
	}
	return o
}
