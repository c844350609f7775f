package paypay

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"

	"watari/connect/paypay/wire"
	"watari/kit/id"
	"watari/sandbox/wallet"
)

// Secrets is what the wallet knows of its agreement with the merchant.
type Secrets struct {
	APIKey     string `json:"api_key"`
	APISecret  string `json:"api_secret"` // base64, used as it stands
	MerchantID string `json:"merchant_id"`
}

// secretBytes is how much chance is in a secret.
const secretBytes = 32

// Credentials makes an agreement: what the network keeps, in the form of its credentials file, and
// what the wallet keeps, which is Secrets. The network is told the simulated call for scanned codes
// and takes notices from this machine.
func Credentials(_ string) (network, own json.RawMessage, err error) {
	secret := make([]byte, secretBytes)
	if _, err := rand.Read(secret); err != nil {
		return nil, nil, fmt.Errorf("make a secret: %w", err)
	}
	s := Secrets{APIKey: "a_" + id.Secret(12), MerchantID: wallet.Digits(18),
		APISecret: base64.StdEncoding.EncodeToString(secret)}
	if own, err = json.Marshal(s); err != nil {
		return nil, nil, fmt.Errorf("write the wallet's half: %w", err)
	}
	network, err = json.Marshal(struct {
		Secrets
		ScanPath    string   `json:"scan_path"`
		NoticesFrom []string `json:"notices_from"`
	}{s, wire.PathSimulatedScan, []string{"127.0.0.0/8", "::1/128"}})
	if err != nil {
		return nil, nil, fmt.Errorf("write the network's half: %w", err)
	}
	return network, own, nil
}

// read takes the wallet's half of an agreement.
func read(own json.RawMessage) (Secrets, error) {
	var s Secrets
	if err := json.Unmarshal(own, &s); err != nil {
		return s, fmt.Errorf("read the wallet's half of the agreement: %w", err)
	}
	if s.APIKey == "" || s.APISecret == "" || s.MerchantID == "" {
		return s, errors.New("the wallet's half of the agreement is not whole")
	}
	return s, nil
}
