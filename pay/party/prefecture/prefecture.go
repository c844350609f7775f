package prefecture

import (
	_ "embed"
	"encoding/json"
	"slices"
	"strings"
	"sync"
)

// Count is how many prefectures there are.
const Count = 47

// Prefecture is one of them.
type Prefecture struct {
	Code    string `json:"code"`      // JIS X 0401, two digits
	ISO     string `json:"iso3166_2"` // ISO 3166-2, such as "JP-21"
	EN      string `json:"en"`        // Latin letters, without the word "prefecture"
	JA      string `json:"ja"`        // with its 都, 道, 府 or 県
	Kana    string `json:"kana"`      // hiragana, for sorting and reading aloud
	ZhHans  string `json:"zh_Hans"`
	ZhHant  string `json:"zh_Hant"`
	KO      string `json:"ko"`
	Region  string `json:"region"`  // one of the eight regions, Latin letters
	Capital string `json:"capital"` // seat of the prefecture's government, Latin letters
}

//go:embed prefectures.json
var source []byte

// table reads the embedded source once.
var table = sync.OnceValue(func() []Prefecture {
	var doc struct {
		Prefectures []Prefecture `json:"prefectures"`
	}
	if err := json.Unmarshal(source, &doc); err != nil {
		panic("prefecture: read the embedded table: " + err.Error())
	}
	return doc.Prefectures
})

// All returns the prefectures in the order of their codes, which runs from north to south. The
// slice is the caller's own.
func All() []Prefecture { return slices.Clone(table()) }

// ByCode finds a prefecture by its two digits, or by its ISO 3166-2 code.
func ByCode(code string) (Prefecture, bool) {
	digits := strings.TrimPrefix(code, "JP-")
	for _, p := range table() {
		if p.Code == digits {
			return p, true
		}
	}
	return Prefecture{}, false
}

// Name returns the name in a language: zh-Hans, zh-Hant, ja, ko; anything else is Latin letters.
func (p Prefecture) Name(lang string) string {
	switch lang {
	case "ja":
		return p.JA
	case "zh-Hans":
		return p.ZhHans
	case "zh-Hant":
		return p.ZhHant
	case "ko":
		return p.KO
	default:
		return p.EN
	}
}
