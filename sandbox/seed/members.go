package seed

import (
	"crypto/rsa"

	"watari/sandbox/wallet"
)

// Member is a participant with the secrets that only itself would know in the real world.
type Member struct {
	ID       string // as the protocol names it
	Name     string
	ClientID string          // as it names itself in signed messages
	Key      *rsa.PrivateKey // 2048 bits; version KeyVersion
	APIKey   string          // banks only
}

// KeyVersion is the version under which every member's key is known.
const KeyVersion = 1

// The code group and the connector of the wallet, as the network configures them.
const (
	CodeGroup = "alipay"
	Connector = "alipayplus"
)

// OpeningMinor is what a user begins with, CNY minor units.
const OpeningMinor = 10_000_00

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

// Issuer returns the wallet, without secrets.
func Issuer() Member {
	return Member{ID: "lianhua", Name: "Lianhua Wallet", ClientID: "LIANHUA_WALLET"}
}

// People returns the wallet's users.
func People() []wallet.User {
	return []wallet.User{
		{ID: "user-01", Name: "林晓月", NameEN: "Lin Xiaoyue"},
		{ID: "user-02", Name: "陈思远", NameEN: "Chen Siyuan"},
		{ID: "user-03", Name: "王雨桐", NameEN: "Wang Yutong"},
		{ID: "user-04", Name: "张子墨", NameEN: "Zhang Zimo"},
		{ID: "user-05", Name: "刘欣然", NameEN: "Liu Xinran"},
		{ID: "user-06", Name: "黄嘉豪", NameEN: "Huang Jiahao"},
		{ID: "user-07", Name: "周若溪", NameEN: "Zhou Ruoxi"},
		{ID: "user-08", Name: "吴泽楷", NameEN: "Wu Zekai"},
		{ID: "user-09", Name: "徐静怡", NameEN: "Xu Jingyi"},
		{ID: "user-10", Name: "孙浩宇", NameEN: "Sun Haoyu"},
	}
}
