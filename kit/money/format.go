package money

import "strings"

// FormatFor returns a for people who read lang, one of zh-Hans, zh-Hant, ja, en and ko, with the
// thousands grouped by commas and all the decimals of the currency.
//
// The currency is always named, because "¥" alone is both yen and yuan: English writes the code
// before the number ("JPY 1,980", "CNY 84.64"), the others write the currency's name after it
// ("1,980円", "84.64人民元", "1,980日元", "1,980엔"). A currency that has no name in the table, and
// a language that is not one of the five, gets the English form.
func FormatFor(lang string, a Amount) string {
	if !a.Valid() {
		return a.String()
	}
	whole, fraction := a.parts()
	number := group(whole)
	if fraction != "" {
		number += "." + fraction
	}
	if name := names[a.currency][column(lang)]; name != "" {
		return number + name
	}
	return string(a.currency) + " " + number
}

// group puts commas between thousands.
func group(whole string) string {
	var b strings.Builder
	for i := range len(whole) {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteByte(whole[i])
	}
	return b.String()
}

// The columns of names. English has none: it writes the code.
const (
	simplified = iota
	traditional
	japanese
	korean
	english
	columns
)

// column finds the column for a language tag (BCP 47). Regions are looked at for Chinese only.
func column(lang string) int {
	tag := strings.ToLower(lang)
	primary, rest, _ := strings.Cut(tag, "-")
	switch primary {
	case "ja":
		return japanese
	case "ko":
		return korean
	case "zh":
		switch rest {
		case "hant", "tw", "hk", "mo", "hant-tw", "hant-hk", "hant-mo":
			return traditional
		}
		return simplified
	}
	return english
}

// names are the currencies' names in zh-Hans, zh-Hant, ja and ko, after Unicode CLDR, for the
// currencies of the wallets and visitors that come to Japan.
var names = map[Currency][columns]string{
	"AUD": {"澳大利亚元", "澳幣", "オーストラリアドル", "호주 달러"},
	"CAD": {"加拿大元", "加幣", "カナダドル", "캐나다 달러"},
	"CHF": {"瑞士法郎", "瑞士法郎", "スイスフラン", "스위스 프랑"},
	"CNY": {"人民币", "人民幣", "人民元", "위안"},
	"EUR": {"欧元", "歐元", "ユーロ", "유로"},
	"GBP": {"英镑", "英鎊", "ポンド", "파운드"},
	"HKD": {"港元", "港幣", "香港ドル", "홍콩 달러"},
	"IDR": {"印度尼西亚卢比", "印尼盾", "ルピア", "루피아"},
	"INR": {"印度卢比", "印度盧比", "インドルピー", "인도 루피"},
	"JPY": {"日元", "日圓", "円", "엔"},
	"KRW": {"韩元", "韓元", "ウォン", "원"},
	"MOP": {"澳门元", "澳門元", "マカオパタカ", "마카오 파타카"},
	"MYR": {"马来西亚林吉特", "馬來西亞令吉", "リンギット", "링깃"},
	"PHP": {"菲律宾比索", "菲律賓披索", "フィリピンペソ", "필리핀 페소"},
	"SGD": {"新加坡元", "新加坡幣", "シンガポールドル", "싱가포르 달러"},
	"THB": {"泰铢", "泰銖", "タイバーツ", "태국 바트"},
	"TWD": {"新台币", "新台幣", "台湾ドル", "대만 달러"},
	"USD": {"美元", "美元", "米ドル", "미국 달러"},
	"VND": {"越南盾", "越南盾", "ベトナムドン", "베트남 동"},
}
