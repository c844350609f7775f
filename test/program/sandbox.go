package program

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// Sandbox is sandbox.json: what the sandbox tells the outside about itself. All addresses are
// without a slash at their end.
type Sandbox struct {
	BaseURL   string     `json:"base_url"`
	Acquirers []Acquirer `json:"acquirers"`
	Wallets   []Wallet   `json:"wallets"`
	Stores    []Store    `json:"stores"`
	Users     []User     `json:"users"`
	Logins    []Login    `json:"logins"`
}

// Acquirer is a regional bank with what it needs to call the network. Keys are Base64 of DER
// (PKCS #8 and SPKI).
type Acquirer struct {
	ID               string `json:"id"`
	Name             string `json:"name"`
	ClientID         string `json:"client_id"`
	PrivateKey       string `json:"private_key"`
	NetworkPublicKey string `json:"network_public_key"`
	APIKey           string `json:"api_key"`
}

// Wallet is a simulated wallet; ControlURL is where tests steer it.
type Wallet struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Protocol   string `json:"protocol"`
	ClientID   string `json:"client_id"`
	Currency   string `json:"currency"`
	ControlURL string `json:"control_url"`
}

// Store is a shop with its till. TillURL activates the terminal, once.
type Store struct {
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

// User is a person with a phone. Wallet is the ID of a Wallet.
type User struct {
	ID       string `json:"id"`
	Wallet   string `json:"wallet"`
	Name     string `json:"name"`
	PhoneURL string `json:"phone_url"`
}

// Login is a person who signs in to a page.
type Login struct {
	Role     string `json:"role"`
	Email    string `json:"email"`
	Password string `json:"password"`
}

// ReadSandbox reads sandbox.json of a data folder. It stops the test when there is none.
func ReadSandbox(t testing.TB, data string) Sandbox {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(data, "sandbox.json"))
	if err != nil {
		t.Fatalf("read sandbox.json: %v", err)
	}
	var s Sandbox
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatalf("read sandbox.json: %v", err)
	}
	return s
}
