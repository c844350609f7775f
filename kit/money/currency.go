package money

import "strings"

// Currency is an alphabetic code of ISO 4217, such as "JPY". Only codes for which Digits answers
// can have amounts.
type Currency string

// Digits returns the number of decimals of the currency, 0 to 4, and whether the code is known.
func (c Currency) Digits() (int, bool) {
	n, ok := digits[c]
	return n, ok
}

// ParseCurrency returns s as a known currency. Case matters: codes are upper case.
//
// Errors: ErrCurrency.
func ParseCurrency(s string) (Currency, error) {
	c := Currency(s)
	if _, ok := digits[c]; !ok {
		return "", ErrCurrency.Newf("%q is not a currency code of ISO 4217", clip(s))
	}
	return c, nil
}

// digits is list one of ISO 4217 as of January 2026: national currencies in use. Funds codes,
// metals and test codes are left out, because nothing is priced in them.
var digits = table(map[int]string{
	0: `BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF`,
	2: `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD
		CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP
		GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD
		LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB
		PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC
		SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW
		ZWG`,
	3: `BHD IQD JOD KWD LYD OMR TND`,
})

// table turns the lists above into a look-up.
func table(lists map[int]string) map[Currency]int {
	t := map[Currency]int{}
	for n, list := range lists {
		for code := range strings.FieldsSeq(list) {
			t[Currency(code)] = n
		}
	}
	return t
}

// clip shortens text from outside before it goes into an error.
func clip(s string) string {
	const limit = 40
	if len(s) <= limit {
		return s
	}
	return strings.ToValidUTF8(s[:limit], "") + "…"
}
