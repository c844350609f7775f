package sandbox_test

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"watari/kit/access"
	"watari/kit/access/people"
	"watari/pay/party"
	"watari/pay/party/prefecture"
	"watari/sandbox"
)

// contents is sandbox.json as somebody outside reads it.
type contents struct {
	BaseURL   string `json:"base_url"`
	Acquirers []struct {
		ID, Name         string
		ClientID         string `json:"client_id"`
		PrivateKey       string `json:"private_key"`
		NetworkPublicKey string `json:"network_public_key"`
		APIKey           string `json:"api_key"`
	} `json:"acquirers"`
	Wallets []struct {
		ID, Name, Protocol, Currency string
		ClientID                     string `json:"client_id"`
		ControlURL                   string `json:"control_url"`
	} `json:"wallets"`
	Stores []struct {
		ID, Name, Prefecture, MCC string
		NameJA                    string  `json:"name_ja"`
		MerchantID                string  `json:"merchant_id"`
		AcquirerID                string  `json:"acquirer_id"`
		TerminalID                string  `json:"terminal_id"`
		StaticQR                  *string `json:"static_qr"`
		TillURL                   string  `json:"till_url"`
	} `json:"stores"`
	Users []struct {
		ID, Wallet, Name string
		PhoneURL         string `json:"phone_url"`
	} `json:"users"`
	Logins []struct {
		Role, Email, Password string
	} `json:"logins"`
}

const tillPath = "http://127.0.0.1:8080/till/activate/"

// write writes sandbox.json and reads it.
func (s *site) write(p process) contents {
	s.t.Helper()
	err := sandbox.WriteFile(s.t.Context(), p.network, p.store, sandbox.Place{
		Folder: s.folder, BaseURL: "http://127.0.0.1:8080",
		TillURL: func(secret string) string { return tillPath + secret }})
	if err != nil {
		s.t.Fatal(err)
	}
	path := filepath.Join(s.folder, "sandbox.json")
	info, err := os.Stat(path)
	if err != nil {
		s.t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		s.t.Errorf("mode %v, want 0600", info.Mode().Perm())
	}
	text, err := os.ReadFile(path)
	if err != nil {
		s.t.Fatal(err)
	}
	var c contents
	if err := json.Unmarshal(text, &c); err != nil {
		s.t.Fatal(err)
	}
	return c
}

func sameSecrets(a, b contents) bool {
	for i := range a.Acquirers {
		if a.Acquirers[i] != b.Acquirers[i] {
			return false
		}
	}
	return slices.Equal(a.Wallets, b.Wallets) && slices.Equal(a.Users, b.Users)
}

// Goal: the file keeps its contract to the letter, and what it lists is what the network knows.
// Method: read it as somebody outside, use every kind of secret in it.
func TestFileKeepsItsContract(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, s *site) {
		p := s.seeded()

		c := s.write(p)

		if len(c.Acquirers) < 2 || len(c.Wallets) != len(sandbox.Wallets()) ||
			len(c.Logins) < 9 || c.BaseURL != "http://127.0.0.1:8080" {
			t.Errorf("got %d banks, %d wallets, %d users, logins %v", len(c.Acquirers),
				len(c.Wallets), len(c.Users), c.Logins)
		}
		for _, l := range c.Logins {
			step, err := p.network.People.SignIn(t.Context(), people.Attempt{Email: l.Email,
				Password: l.Password})
			if err != nil || string(step.Person.Role) != l.Role || step.Secret == "" {
				t.Errorf("%s signs in: %+v, %v", l.Email, step, err)
			}
		}
		for _, a := range c.Acquirers {
			key := private(t, a.PrivateKey)
			member, err := p.network.Directory.ByID(t.Context(), a.ID)
			if err != nil {
				t.Fatal(err)
			}
			_, known, err := p.network.Directory.Keys(t.Context(), member.No, 1)
			if err != nil || !known.Equal(&key.PublicKey) || member.ClientID != a.ClientID {
				t.Errorf("bank %s: the network knows another key or client id (%v)", a.ID, err)
			}
			caller, err := p.network.Keys.Authenticate(t.Context(), a.APIKey)
			if err != nil || caller.Role != access.Acquirer || caller.ParticipantNo != member.No {
				t.Errorf("bank %s: API key: %+v, %v", a.ID, caller, err)
			}
			der, err := base64.StdEncoding.DecodeString(a.NetworkPublicKey)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := party.ParseKey(der); err != nil {
				t.Errorf("network key: %v", err)
			}
		}
		users := map[string]int{}
		for _, u := range c.Users {
			users[u.Wallet]++
			if u.PhoneURL != p.baseURLOf(t, u.Wallet)+"/phone/"+u.ID {
				t.Errorf("user: %+v", u)
			}
		}
		for i, w := range sandbox.Wallets() {
			got := c.Wallets[i]
			if got.ID != w.ID || got.Protocol != w.Profile.Protocol ||
				got.Currency != string(w.Profile.Currency) || users[w.ID] != len(w.Users) ||
				got.ControlURL != p.baseURLOf(t, w.ID)+"/control" {
				t.Errorf("wallet: %+v with %d users", got, users[w.ID])
			}
		}
	})
}

// Goal: there is a shop of two kinds or more wherever a visitor goes, and each till can be
// activated once by its link, by an old unused one too. Method: count; activate.
func TestEveryPrefectureHasShopsThatCanBeOpened(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, s *site) {
		p := s.seeded()
		old := s.write(p)
		c := s.write(p)

		shops, kinds, banks := map[string]int{}, map[string]int{}, map[string]int{}
		for _, st := range c.Stores {
			shops[st.Prefecture]++
			kinds[st.MCC]++
			banks[st.AcquirerID]++
			bank, err := p.network.Directory.ByID(t.Context(), st.AcquirerID)
			if err != nil {
				t.Fatal(err)
			}
			at, err := p.network.Directory.Point(t.Context(), bank.No, st.MerchantID, st.ID,
				st.TerminalID)
			if err != nil || at.Usable() != nil || at.Store.Name != st.Name ||
				at.Store.NameJA != st.NameJA || at.Store.Prefecture != st.Prefecture ||
				at.Terminal == nil || at.Terminal.FailuresMax != 100 || !at.Terminal.CanRefund {
				t.Errorf("store %+v: the network has %+v, %v", st, at, err)
			}
			if st.StaticQR == nil || *st.StaticQR != "" || st.NameJA == "" {
				t.Errorf("store %+v", st)
			}
		}
		for _, pre := range prefecture.All() {
			if shops[pre.Code] < 2 {
				t.Errorf("%s has %d shops, want at least 2", pre.EN, shops[pre.Code])
			}
		}
		for _, mcc := range []string{"5309", "5311", "5812", "7996", "7999", "5499", "5411",
			"5912"} {
			if kinds[mcc] == 0 {
				t.Errorf("no shop of category %s", mcc)
			}
		}
		if len(c.Stores) < 94 || len(banks) != 2 {
			t.Errorf("%d stores of %d banks", len(c.Stores), len(banks))
		}
		for i, from := range []contents{old, c} {
			secret := strings.TrimPrefix(from.Stores[i].TillURL, tillPath)
			_, till, err := p.network.Registry.Activate(t.Context(), secret)
			if err != nil || till.ID != c.Stores[i].TerminalID {
				t.Errorf("link %d: %+v, %v", i, till, err)
			}
			if _, _, err := p.network.Registry.Activate(t.Context(), secret); err == nil {
				t.Errorf("link %d worked twice", i)
			}
		}
	})
}

// private reads a key as the contract has it: one line of base64, PKCS #8, RSA-2048.
func private(t *testing.T, text string) *rsa.PrivateKey {
	t.Helper()
	der, err := base64.StdEncoding.DecodeString(text)
	if err != nil || strings.ContainsAny(text, "\r\n") {
		t.Fatalf("not one line of base64: %v", err)
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		t.Fatal(err)
	}
	pair, ok := key.(*rsa.PrivateKey)
	if !ok || pair.N.BitLen() != 2048 {
		t.Fatalf("got %T, want RSA of 2048 bits", key)
	}
	return pair
}
