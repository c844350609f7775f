package phone

// Look is how one wallet's screen differs from another's. Its colours are in the style sheet,
// under the class of the body.
type Look struct {
	Class string // of the body: "of-" and the wallet's id
	Brand string // in Latin letters
	Own   string // the brand in the wallet's own script
	Lang  string // BCP 47, of Own and of the users' names
	Seal  string // one character, the sign of the brand
	Bar   string // colour of the browser's own bar
}

// looks are the wallets that have a screen of their own, by id. Their brands are made up.
var looks = map[string]Look{
	"lianhua": {Own: "莲花钱包", Seal: "莲", Bar: "#0f62d8"},
	"weilai":  {Own: "未来付", Seal: "未", Bar: "#5a3cb4"},
	"pochi":   {Own: "ポチペイ", Seal: "ぽ", Bar: "#a3470c"},
	"midori":  {Own: "綠意支付", Seal: "綠", Bar: "#0c6b52"},
}

// LookOf is the look of a wallet, by its id; brand and lang are its own.
func LookOf(walletID, brand, lang string) Look {
	l, known := looks[walletID]
	if !known {
		l = Look{Seal: "渡", Bar: "#0f62d8"}
	}
	l.Class, l.Brand, l.Lang = "of-"+walletID, brand, lang
	return l
}
