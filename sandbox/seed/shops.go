package seed

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"strings"
	"sync"

	"watari/kit/check"
	"watari/pay/party/prefecture"
)

// Shop is one store of a bank's merchant, with one till. The references are the bank's own.
type Shop struct {
	BankID     string
	Prefecture string // JIS X 0401, two digits
	MCC        string // ISO 18245

	MerchantID, Merchant, MerchantJA string
	StoreID, Store, StoreJA          string
	TerminalID                       string
}

// columns of shops.csv: prefecture, category, the merchant's name in Latin letters and in
// Japanese, and the place the same way.
const columns = 6

//go:embed shops.csv
var source string

// table reads the embedded source once.
var table = sync.OnceValue(func() []Shop {
	r := csv.NewReader(strings.NewReader(source))
	r.FieldsPerRecord = columns
	rows, err := r.ReadAll()
	if err != nil {
		panic("seed: read the embedded shops: " + err.Error())
	}
	counts := map[string]int{}
	shops := make([]Shop, 0, len(rows))
	for _, row := range rows {
		prefecture := row[0]
		counts[prefecture]++
		no := fmt.Sprintf("%s%02d", prefecture, counts[prefecture])
		shops = append(shops, Shop{BankID: bankOf(prefecture), Prefecture: prefecture,
			MCC: row[1], MerchantID: "M" + no, Merchant: row[2], MerchantJA: row[3],
			StoreID: "S" + no, Store: row[2] + ", " + row[4], StoreJA: row[3] + " " + row[5],
			TerminalID: "T" + no + "-1"})
	}
	return shops
})

// Shops returns every shop, from north to south. The slice is the caller's own.
func Shops() []Shop { return append([]Shop(nil), table()...) }

// All returns every store of the sandbox: the shops, and those of the park.
func All() []Shop { return append(Shops(), ParkShops()...) }

// Prefectures returns the names of the shop's prefecture in the five languages of the pages and
// in hiragana, by BCP 47 tag: "en", "ja", "zh-Hans", "zh-Hant", "ko", "ja-Hira"; and the region
// that it belongs to, in Latin letters.
func (s Shop) Prefectures() (names map[string]string, region string) {
	p, ok := prefecture.ByCode(s.Prefecture)
	check.That(ok, "seed: no prefecture %s", s.Prefecture)
	names = map[string]string{"ja-Hira": p.Kana}
	for _, lang := range []string{"en", "ja", "zh-Hans", "zh-Hant", "ko"} {
		names[lang] = p.Name(lang)
	}
	return names, p.Region
}

// mdr is what a merchant of a category pays its bank, parts per million.
func mdr(mcc string) int64 {
	switch mcc {
	case "5499", "5411": // convenience shops and markets
		return 19_800
	case "5912": // drugstores
		return 22_000
	case "5309", "5311": // duty free, department stores
		return 26_000
	default: // restaurants, attractions
		return 29_500
	}
}
