package seed

import (
	"strconv"
	"strings"

	"watari/pay/party/prefecture"
)

// postal are the postal codes of the 47 prefectural offices, in the order of JIS X 0401: every
// shop of the sandbox stands there.
var postal = [...]string{
	"0608588", "0308570", "0208570", "9808570", "0108570", "9908570", "9608670", "3108555",
	"3208501", "3718570", "3309301", "2608667", "1638001", "2318588", "9508570", "9308501",
	"9208580", "9108580", "4008501", "3808570", "5008570", "4208601", "4608501", "5148570",
	"5208577", "6028570", "5408570", "6508567", "6308501", "6408585", "6808570", "6908501",
	"7008570", "7308511", "7538501", "7708570", "7608570", "7908570", "7808570", "8128577",
	"8408570", "8508570", "8628570", "8708501", "8808501", "8908577", "9008570",
}

// postalOf returns the postal code of a prefecture, two digits of JIS X 0401.
func postalOf(prefecture string) string {
	n, err := strconv.Atoi(prefecture)
	if err != nil || n < 1 || n > len(postal) {
		return ""
	}
	return postal[n-1]
}

// cityOf names a shop's city in Latin letters: its prefecture, which is enough for a sandbox.
func cityOf(code string) string {
	p, _ := prefecture.ByCode(code)
	return p.Name("en")
}

// unified is the shop's id in JPQR, first level: thirteen digits that no real shop has, because
// corporate numbers do not begin with 0.
func (s Shop) unified() string {
	return strings.Repeat("0", 14-len(s.StoreID)) + s.StoreID[1:]
}
