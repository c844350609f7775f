package seed

import "crypto/rsa"

// Member is a participant with the secrets that only itself would know in the real world.
type Member struct {
	ID       string // as the protocol names it
	Name     string
	ClientID string          // as it names itself in signed messages
	Key      *rsa.PrivateKey // 2048 bits, version KeyVersion; nil for some wallets
	APIKey   string          // banks only
}

// KeyVersion is the version under which every member's key is known.
const KeyVersion = 1

// ManagerPIN is the PIN of every shop's manager.
const ManagerPIN = "1234"

// RefundPINAboveMinor is the largest refund that tills give without that PIN, in yen.
const RefundPINAboveMinor = 10_000

// Banks returns the acquirers, without secrets: one in Takayama (Gifu), one in Kyoto.
func Banks() []Member {
	return []Member{
		{ID: "hida-miyagawa", Name: "Hida Miyagawa Bank", ClientID: "HIDA_MIYAGAWA_BANK"},
		{ID: "rakuto-shirakawa", Name: "Rakuto Shirakawa Bank", ClientID: "RAKUTO_SHIRAKAWA_BANK"},
	}
}

// bankOf returns the bank that signs the shops of a prefecture: north and east of Kyoto's
// neighbours the one in Gifu, from Mie on the one in Kyoto.
func bankOf(prefecture string) string {
	if prefecture <= "23" {
		return Banks()[0].ID
	}
	return Banks()[1].ID
}
