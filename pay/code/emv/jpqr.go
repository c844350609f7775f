package emv

import (
	"strings"

	"watari/kit/money"
)

// JPQR is the identifier of the account template of the unified Japanese code.
const JPQR = "jp.or.paymentsjapan"

// UnifiedStore is a store's id in the register of the Payments Japan Association, in its four
// levels. What the levels mean is not published; their lengths are.
type UnifiedStore struct {
	LV1 string // 13 characters
	LV2 string // 4
	LV3 string // 6
	LV4 string // 6
}

// levels are the four levels by their tags.
func (u UnifiedStore) levels() []struct {
	tag, value string
	length     int
} {
	return []struct {
		tag, value string
		length     int
	}{{"01", u.LV1, 13}, {"02", u.LV2, 4}, {"03", u.LV3, 6}, {"04", u.LV4, 6}}
}

// Template returns the account template of the store under a tag, usually 26.
func (u UnifiedStore) Template(tag string) Template {
	var fields []Field
	for _, l := range u.levels() {
		fields = append(fields, Field{Tag: l.tag, Value: l.value})
	}
	return Account(tag, JPQR, fields...)
}

// UnifiedStore returns the store that a JPQR code names, and whether the code is one.
//
// Errors: *Error for a code that claims to be JPQR and breaks a rule of the profile: country JP,
// yen, a postal code, a name in Japanese and no city in Japanese, an amount in a dynamic code and
// none in a static one, four levels of 13, 4, 6 and 6 ASCII letters or digits.
func (m *MerchantCode) UnifiedStore() (UnifiedStore, bool, error) {
	t, ok := m.Account(JPQR)
	if !ok {
		return UnifiedStore{}, false, nil
	}
	u := UnifiedStore{t.Value("01"), t.Value("02"), t.Value("03"), t.Value("04")}
	for _, l := range u.levels() {
		if len(l.value) != l.length || strings.ContainsFunc(l.value, notPlain) {
			return u, true, wrong(t.Tag+"."+l.tag, 0,
				"JPQR: a level of the store id has %d letters or digits", l.length)
		}
	}
	return u, true, m.checkJPQR()
}

// notPlain tells whether r is neither an ASCII letter nor an ASCII digit.
func notPlain(r rune) bool { return !letters(string(r)) && !digits(string(r)) }

// checkJPQR checks the rules of the profile outside its template.
func (m *MerchantCode) checkJPQR() error {
	const yen = money.Currency("JPY")
	switch {
	case m.Country != "JP":
		return wrong("58", 0, "JPQR: the country is JP")
	case m.Currency != yen:
		return wrong("53", 0, "JPQR: the currency is 392, Japanese yen")
	case m.PostalCode == "":
		return wrong("61", 0, "JPQR: the postal code is missing")
	case m.Local == nil:
		return wrong("64", 0, "JPQR: the name in Japanese is missing")
	case m.Local.Language != "JA":
		return wrong("64.00", 0, "JPQR: the language is JA")
	case m.Local.City != "":
		return wrong("64.02", 0, "JPQR: there is no city in Japanese")
	case m.Initiation == Static && m.Amount.Valid():
		return wrong("54", 0, "JPQR: a static code has no amount")
	case m.Initiation == Dynamic && !m.Amount.Valid():
		return wrong("54", 0, "JPQR: a dynamic code has an amount")
	}
	return nil
}
