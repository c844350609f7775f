package console

import (
	"fmt"
	"strings"

	"watari/kit/i18n"
	"watari/pay/party/prefecture"
)

// JapanMap shows a value for each prefecture: a square for each, where it lies among the others,
// shaded by its value. A table has the same figures.
type JapanMap struct {
	// Title says what is shown.
	Title string
	// Values are by JIS X 0401 code, "01" to "47"; a prefecture that is missing has nothing.
	Values map[string]PrefectureValue
	// NameTitle and ValueTitle head the columns of the table.
	NameTitle, ValueTitle string
}

// PrefectureValue is what a JapanMap shows for one prefecture.
type PrefectureValue struct {
	Value int64 // 0 or more
	// Shown is the value in words; Href leads to more, "" nowhere.
	Shown, Href string
}

// square is a prefecture's place on the map, in columns and rows, and what is written into it for
// those who do not read Chinese characters.
type square struct {
	code      string
	col, row  int
	short, ja string
}

// squares is the grid: north is above, neighbours touch where they do in the country as far as
// squares can, and the sea is left free.
var squares = []square{
	{"01", 13, 0, "HKD", "北海道"}, {"02", 13, 2, "AOM", "青森"}, {"05", 12, 3, "AKT", "秋田"},
	{"03", 13, 3, "IWT", "岩手"}, {"06", 12, 4, "YGT", "山形"}, {"04", 13, 4, "MYG", "宮城"},
	{"17", 9, 5, "IKW", "石川"}, {"16", 10, 5, "TYM", "富山"}, {"15", 11, 5, "NGT", "新潟"},
	{"07", 12, 5, "FKS", "福島"}, {"18", 9, 6, "FKI", "福井"}, {"20", 10, 6, "NGN", "長野"},
	{"10", 11, 6, "GNM", "群馬"}, {"09", 12, 6, "TCG", "栃木"}, {"32", 4, 7, "SMN", "島根"},
	{"31", 5, 7, "TTR", "鳥取"}, {"28", 6, 7, "HYG", "兵庫"}, {"26", 7, 7, "KYT", "京都"},
	{"25", 8, 7, "SIG", "滋賀"}, {"21", 9, 7, "GIF", "岐阜"}, {"19", 10, 7, "YMN", "山梨"},
	{"11", 11, 7, "SIT", "埼玉"}, {"08", 12, 7, "IBR", "茨城"}, {"35", 3, 8, "YGC", "山口"},
	{"34", 4, 8, "HRS", "広島"}, {"33", 5, 8, "OKY", "岡山"}, {"27", 7, 8, "OSK", "大阪"},
	{"29", 8, 8, "NAR", "奈良"}, {"23", 9, 8, "AIC", "愛知"}, {"22", 10, 8, "SZO", "静岡"},
	{"13", 11, 8, "TKY", "東京"}, {"12", 12, 8, "CHB", "千葉"}, {"30", 7, 9, "WKY", "和歌山"},
	{"24", 8, 9, "MIE", "三重"}, {"14", 11, 9, "KNG", "神奈川"}, {"41", 0, 9, "SAG", "佐賀"},
	{"40", 1, 9, "FKO", "福岡"}, {"44", 2, 9, "OIT", "大分"}, {"38", 4, 10, "EHM", "愛媛"},
	{"37", 5, 10, "KGW", "香川"}, {"42", 0, 10, "NGS", "長崎"}, {"43", 1, 10, "KMM", "熊本"},
	{"45", 2, 10, "MYZ", "宮崎"}, {"39", 4, 11, "KOC", "高知"}, {"36", 5, 11, "TKS", "徳島"},
	{"46", 1, 11, "KGS", "鹿児島"}, {"47", 0, 13, "OKN", "沖縄"},
}

// Sizes of the map in units of its viewBox.
const (
	squareSize, squareStep = 46, 50
	mapCols, mapRows       = 14, 14
)

// insetPath sets the islands in the south apart, which lie elsewhere in truth.
var insetPath = fmt.Sprintf("M0 %[1]dh%[2]dv%[2]d", 12*squareStep+squareStep/2,
	squareStep+squareStep/2)

// shades is how many steps of shade a value can have, beside nothing at all.
const shades = 5

// shade is 0 for nothing and 1 to shades by the share of the largest value.
func (m JapanMap) shade(code string) int64 {
	n := m.Values[code].Value
	if n <= 0 {
		return 0
	}
	most := int64(1)
	for _, v := range m.Values {
		most = max(most, v.Value)
	}
	return min(shades, 1+(n-1)*shades/most)
}

// written is what stands in a square: Chinese characters for those who read them.
func (v *Visit) written(s square) string {
	switch v.Lang {
	case i18n.Japanese, i18n.TraditionalChinese:
		return s.ja
	default:
		return s.short
	}
}

// spoken is a square for those who do not see it; what is written in it is a part of that.
func (v *Visit) spoken(m JapanMap, s square) string {
	name := v.Prefecture(s.code)
	if short := v.written(s); !strings.Contains(name, short) {
		name += " (" + short + ")"
	}
	return name + ": " + m.shown(s.code)
}

// Prefecture is the name of a prefecture by its JIS X 0401 code, in the language of the page; an
// unknown code is its own name.
func (v *Visit) Prefecture(code string) string {
	p, ok := prefecture.ByCode(code)
	if !ok {
		return code
	}
	return p.Name(string(v.Lang))
}

// Prefectures are the options of a Select, from north to south.
func (v *Visit) Prefectures() (list []Option) {
	for _, p := range prefecture.All() {
		list = append(list, Option{Value: p.Code, Label: p.Name(string(v.Lang))})
	}
	return list
}

// shown is a prefecture's value in words.
func (m JapanMap) shown(code string) string {
	if p, ok := m.Values[code]; ok {
		return p.Shown
	}
	return "–"
}
