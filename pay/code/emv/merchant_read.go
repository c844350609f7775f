package emv

import (
	"strings"
	"unicode/utf8"

	"watari/kit/money"
)

// ParseMerchant reads a merchant code.
//
// Errors: *Error.
func ParseMerchant(text string) (*MerchantCode, error) {
	if err := checkText(text); err != nil {
		return nil, err
	}
	list, err := scan([]rune(text), 1, "")
	if err != nil {
		return nil, err
	}
	if err := checkFrame(text, list); err != nil {
		return nil, err
	}
	m := &MerchantCode{order: orderOf(list[:len(list)-1])}
	found := map[string]piece{}
	for _, p := range list {
		found[p.tag] = p
		if err := m.take(p); err != nil {
			return nil, err
		}
	}
	for _, tag := range []string{"52", "53", "58", "59", "60"} {
		if _, ok := found[tag]; !ok {
			return nil, wrong(tag, 0, "the tag is missing")
		}
	}
	if len(m.Networks) == 0 && len(m.Accounts) == 0 {
		return nil, wrong("", 0, "there is no account: none of the tags 02 to 51")
	}
	if err := m.takeNumbers(found); err != nil {
		return nil, err
	}
	return m, nil
}

// checkFrame checks the first and the last field, and the checksum.
func checkFrame(text string, list []piece) error {
	const format = "01"
	first, last := list[0], list[len(list)-1]
	if first.tag != "00" || string(first.value) != format {
		return wrong("00", 1, "the text does not begin with 000201")
	}
	for _, p := range list[:len(list)-1] {
		if p.tag == "63" {
			return p.wrong("the checksum is not the last field")
		}
	}
	if last.tag != "63" {
		return wrong("63", utf8.RuneCountInString(text), "the text does not end with its checksum")
	}
	sum := string(last.value)
	if want := checksum(strings.TrimSuffix(text, sum)); sum != want {
		return last.wrong("the checksum is wrong: the text was changed or not read completely")
	}
	return nil
}

// take puts one field of the first level where it belongs. Numbers wait for takeNumbers.
func (m *MerchantCode) take(p piece) error {
	value := string(p.value)
	var err error
	switch p.tag {
	case "00", "53", "54", "55", "56", "57", "63":
	case "01":
		m.Initiation = Initiation(value)
		if m.Initiation != Static && m.Initiation != Dynamic {
			return p.wrong("the point of initiation is 11 or 12")
		}
	case "52":
		m.MCC = value
	case "58":
		m.Country = value
		if value != strings.ToUpper(value) {
			return p.wrong("a country is two capital letters")
		}
	case "59":
		m.Name = value
	case "60":
		m.City = value
	case "61":
		m.PostalCode = value
	case "62":
		m.Additional, err = readAdditional(p)
	case "64":
		m.Local, err = readLocal(p)
	default:
		err = m.takeRange(p)
	}
	return err
}

// takeRange puts a field where the range of its tag belongs.
func (m *MerchantCode) takeRange(p piece) error {
	f := Field{Tag: p.tag, Value: string(p.value)}
	switch {
	case within(p.tag, firstNetwork, lastNetwork):
		m.Networks = append(m.Networks, f)
	case within(p.tag, firstReserved, lastReserved):
		m.Reserved = append(m.Reserved, f)
	default:
		t, err := readTemplate(p)
		if err != nil {
			return err
		}
		if within(p.tag, firstAccount, lastAccount) {
			m.Accounts = append(m.Accounts, t)
		} else {
			m.Unreserved = append(m.Unreserved, t)
		}
	}
	return nil
}

// readTemplate reads a template that has a globally unique identifier.
func readTemplate(p piece) (Template, error) {
	t := Template{Tag: p.tag}
	list, err := scan(p.value, p.inside(), p.path)
	if err != nil {
		return t, err
	}
	for _, q := range list {
		t.Fields = append(t.Fields, Field{Tag: q.tag, Value: string(q.value)})
	}
	if t.GUID() == "" {
		return t, p.wrong("the template has no identifier in 00")
	}
	return t, nil
}

func readAdditional(p piece) (*Additional, error) {
	list, err := scan(p.value, p.inside(), p.path)
	if err != nil {
		return nil, err
	}
	a := &Additional{order: orderOf(list)}
	slots := a.slots()
	for _, q := range list {
		n, _ := twoDigits(q.tag)
		switch {
		case n == 0:
			return nil, q.wrong("the additional data have no field 00")
		case n <= len(slots):
			*slots[n-1] = string(q.value)
		default:
			a.Others = append(a.Others, Field{Tag: q.tag, Value: string(q.value)})
		}
	}
	return a, nil
}

func readLocal(p piece) (*Local, error) {
	list, err := scan(p.value, p.inside(), p.path)
	if err != nil {
		return nil, err
	}
	l := &Local{order: orderOf(list)}
	for _, q := range list {
		switch value := string(q.value); q.tag {
		case "00":
			l.Language = value
		case "01":
			l.Name = value
		case "02":
			l.City = value
		default:
			l.Others = append(l.Others, Field{Tag: q.tag, Value: value})
		}
	}
	if l.Language == "" || l.Name == "" {
		return nil, p.wrong("the language template needs a language in 00 and a name in 01")
	}
	return l, nil
}

// takeNumbers reads the fields whose meaning depends on the currency.
func (m *MerchantCode) takeNumbers(found map[string]piece) error {
	currency := found["53"]
	known := false
	if m.Currency, known = alphabetic[string(currency.value)]; !known {
		return currency.wrong("the value is not the number of a currency in ISO 4217")
	}
	if p, ok := found["54"]; ok {
		var err error
		if m.Amount, m.spelling.amount, err = p.amount(m.Currency); err != nil {
			return err
		}
	}
	return m.takeTip(found)
}

// amount reads a piece as an amount, and returns its spelling when it is not ours.
func (p piece) amount(c money.Currency) (money.Amount, string, error) {
	a, why := readAmount(string(p.value), c)
	if why != "" {
		return a, "", p.wrong("%s", why)
	}
	return a, unless(a.Decimal(), string(p.value)), nil
}

// unless returns a spelling, "" when it is the usual one.
func unless(usual, spelt string) string {
	if spelt == usual {
		return ""
	}
	return spelt
}

// takeTip reads tags 55 to 57.
func (m *MerchantCode) takeTip(found map[string]piece) (err error) {
	mode, ok := found["55"]
	m.Tip.Mode = TipMode(mode.value)
	if ok && m.Tip.Mode != TipAsked && m.Tip.Mode != TipFixed && m.Tip.Mode != TipPercent {
		return mode.wrong("the indicator of a tip is 01, 02 or 03")
	}
	fixed, hasFixed := found["56"]
	rate, hasRate := found["57"]
	switch wantFixed, wantRate := m.Tip.Mode == TipFixed, m.Tip.Mode == TipPercent; {
	case hasFixed && !wantFixed:
		return fixed.wrong("a fixed fee stands only with 02 in tag 55")
	case hasRate && !wantRate:
		return rate.wrong("a percentage stands only with 03 in tag 55")
	case wantFixed && !hasFixed:
		return wrong("56", 0, "the tag is missing: tag 55 says 02")
	case wantRate && !hasRate:
		return wrong("57", 0, "the tag is missing: tag 55 says 03")
	case hasFixed:
		m.Tip.Fixed, m.spelling.fixed, err = fixed.amount(m.Currency)
		return err
	case hasRate:
		p, why := readPercent(string(rate.value))
		if why != "" {
			return rate.wrong("%s", why)
		}
		m.Tip.Percent, m.spelling.percent = p, unless(percent(p), string(rate.value))
	}
	return nil
}
