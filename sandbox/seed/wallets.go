package seed

import (
	"watari/kit/money"
	"watari/sandbox/wallet"
)

// Wallet is an issuer of the sandbox: its books, its users, and what it agreed with the network.
type Wallet struct {
	Member
	Profile wallet.Profile // Terms are the protocol's, not set here
	Users   []wallet.User

	CodeGroup string         // as the network's code table names its codes
	OwnCodes  bool           // the network issues its codes
	Settles   money.Currency // what the wallet settles in
	Zone      string         // IANA name, of its clearing day
	SpreadPPM int64          // added to the mid rate
	CapMinor  int64          // the most it may owe, in Settles
}

// Limits and prices that all wallets share.
const (
	perPaymentMax  = 500_000 // yen
	interchangePPM = 9_000
	schemePPM      = 2_000
)

// Signs tells whether the wallet signs its messages with a key that the directory knows.
func (w Wallet) Signs() bool { return w.Profile.Protocol == "alipayplus" }

// Wallets returns all wallets, without secrets: a Chinese one behind Alipay+, and one for each of
// WeChat Pay, PayPay and LINE Pay. Their names are made up.
func Wallets() []Wallet {
	all := walletTable()
	for i := range all {
		all[i].Profile.ID, all[i].Profile.Name = all[i].ID, all[i].Name
	}
	return all
}

func walletTable() []Wallet {
	return []Wallet{
		{
			Member: Member{ID: "lianhua", Name: "Lianhua Wallet", ClientID: "LIANHUA_WALLET"},
			Profile: wallet.Profile{Protocol: "alipayplus", Currency: "CNY",
				Opening: 10_000_00, PINAbove: 1_000_00, Lang: "zh-Hans"},
			Users: lianhua(), CodeGroup: "alipay", OwnCodes: true,
			Settles: "CNY", Zone: "Asia/Shanghai", CapMinor: 20_000_000_00,
		},
		{
			Member: Member{ID: "weilai", Name: "Weilai Pay", ClientID: "WEILAI_PAY"},
			Profile: wallet.Profile{Protocol: "wechatpay", Currency: "CNY",
				Opening: 10_000_00, PINAbove: 1_000_00, Lang: "zh-Hans"},
			Users: []wallet.User{
				{ID: "weilai-01", Name: "许若晨", NameEN: "Xu Ruochen"},
				{ID: "weilai-02", Name: "沈嘉宁", NameEN: "Shen Jianing"},
				{ID: "weilai-03", Name: "韩一鸣", NameEN: "Han Yiming"},
				{ID: "weilai-04", Name: "唐语嫣", NameEN: "Tang Yuyan"},
			},
			CodeGroup: "wechatpay", Settles: "JPY", Zone: "Asia/Shanghai",
			CapMinor: 400_000_000,
		},
		{
			Member: Member{ID: "pochi", Name: "Pochi Pay", ClientID: "POCHI_PAY"},
			Profile: wallet.Profile{Protocol: "paypay", Currency: "JPY",
				Opening: 100_000, PINAbove: 20_000, Lang: "ja"},
			Users: []wallet.User{
				{ID: "pochi-01", Name: "佐藤美咲", NameEN: "Sato Misaki"},
				{ID: "pochi-02", Name: "高橋健太", NameEN: "Takahashi Kenta"},
				{ID: "pochi-03", Name: "小林さくら", NameEN: "Kobayashi Sakura"},
				{ID: "pochi-04", Name: "中村大輔", NameEN: "Nakamura Daisuke"},
			},
			CodeGroup: "paypay", Settles: "JPY", Zone: "Asia/Tokyo", CapMinor: 400_000_000,
		},
		{
			Member: Member{ID: "midori", Name: "Midori Pay", ClientID: "MIDORI_PAY"},
			Profile: wallet.Profile{Protocol: "linepay", Currency: "TWD",
				Opening: 50_000_00, PINAbove: 5_000_00, Lang: "zh-Hant"},
			Users: []wallet.User{
				{ID: "midori-01", Name: "陳怡君", NameEN: "Chen Yi-chun"},
				{ID: "midori-02", Name: "林志豪", NameEN: "Lin Chih-hao"},
				{ID: "midori-03", Name: "黃淑芬", NameEN: "Huang Shu-fen"},
				{ID: "midori-04", Name: "張家瑋", NameEN: "Chang Chia-wei"},
			},
			CodeGroup: "linepay", Settles: "USD", Zone: "Asia/Taipei", SpreadPPM: 5_000,
			CapMinor: 3_000_000_00,
		},
	}
}

func lianhua() []wallet.User {
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
