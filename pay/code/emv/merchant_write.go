package emv

import (
	"cmp"
	"fmt"
	"slices"

	"watari/kit/money"
)

// Text returns the code as text, checksum included. Fields stand in the order in which they were
// read, new ones behind them in ascending order.
//
// Errors: *Error when a field is missing, too long or of a wrong form.
func (m *MerchantCode) Text() (string, error) {
	fields, err := m.fields()
	if err != nil {
		return "", err
	}
	slices.SortStableFunc(fields, func(a, b Field) int { return cmp.Compare(a.Tag, b.Tag) })
	text, err := encodeAll("", fields, m.order)
	if err != nil {
		return "", err
	}
	text += "6304"
	text += checksum(text)
	if _, err := ParseMerchant(text); err != nil {
		return "", err
	}
	return text, nil
}

// fields returns the fields of the first level without the checksum.
func (m *MerchantCode) fields() ([]Field, error) {
	c, err := m.currency()
	if err != nil {
		return nil, err
	}
	list := []Field{{"00", "01"}}
	for _, f := range []Field{{"01", string(m.Initiation)}, {"52", m.MCC}, {"53", c},
		{"54", spelt(m.Amount, m.spelling.amount)}, {"55", string(m.Tip.Mode)},
		{"56", spelt(m.Tip.Fixed, m.spelling.fixed)}, {"57", m.percent()}, {"58", m.Country},
		{"59", m.Name}, {"60", m.City}, {"61", m.PostalCode}} {
		if f.Value != "" {
			list = append(list, f)
		}
	}
	for _, part := range []struct {
		fields      []Field
		first, last int
	}{{m.Networks, firstNetwork, lastNetwork}, {m.Reserved, firstReserved, lastReserved}} {
		for _, f := range part.fields {
			if !within(f.Tag, part.first, part.last) {
				return nil, outside(f.Tag, part.first, part.last)
			}
			list = append(list, f)
		}
	}
	if list, err = appendTemplates(list, m.Accounts, firstAccount, lastAccount); err != nil {
		return nil, err
	}
	list, err = appendTemplates(list, m.Unreserved, firstUnreserved, lastUnreserved)
	if err != nil {
		return nil, err
	}
	return m.appendOptional(list)
}

// outside says that a tag does not belong where it stands.
func outside(tag string, first, last int) *Error {
	return wrong(tag, 0, "the tag is not one of %02d to %02d", first, last)
}

// currency returns the numeric code, and checks that every amount is in that currency.
func (m *MerchantCode) currency() (string, error) {
	c, ok := numeric[m.Currency]
	if !ok {
		return "", wrong("53", 0, "%q is not a currency of ISO 4217", string(m.Currency))
	}
	for i, a := range []money.Amount{m.Amount, m.Tip.Fixed} {
		if a.Valid() && a.Currency() != m.Currency {
			return "", wrong([]string{"54", "56"}[i], 0, "the amount is in %s, the code in %s",
				a.Currency(), m.Currency)
		}
	}
	return c, nil
}

// spelt writes an amount as it was read if it still is that amount.
func spelt(a money.Amount, as string) string {
	if !a.Valid() {
		return ""
	}
	if b, why := readAmount(as, a.Currency()); as != "" && why == "" && b == a {
		return as
	}
	return a.Decimal()
}

// percent writes tag 57, as it was read if it still is that percentage.
func (m *MerchantCode) percent() string {
	if m.Tip.Percent == 0 {
		return ""
	}
	if p, why := readPercent(m.spelling.percent); why == "" && p == m.Tip.Percent {
		return m.spelling.percent
	}
	if m.Tip.Percent%percentMin != 0 || m.Tip.Percent < 0 {
		// Reading refuses this: the percentage has more decimals than the code.
		return fmt.Sprintf("%d ppm", m.Tip.Percent)
	}
	return percent(m.Tip.Percent)
}

func appendTemplates(list []Field, templates []Template, first, last int) ([]Field, error) {
	for _, t := range templates {
		if !within(t.Tag, first, last) {
			return nil, outside(t.Tag, first, last)
		}
		text, err := encodeAll(t.Tag, t.Fields, nil)
		if err != nil {
			return nil, err
		}
		list = append(list, Field{t.Tag, text})
	}
	return list, nil
}

// appendOptional appends tags 62 and 64.
func (m *MerchantCode) appendOptional(list []Field) ([]Field, error) {
	if a := m.Additional; a != nil {
		var fields []Field
		for i, slot := range a.slots() {
			if *slot != "" {
				fields = append(fields, Field{fmt.Sprintf("%02d", i+1), *slot})
			}
		}
		text, err := nested("62", fields, a.Others, 10, a.order)
		if err != nil {
			return nil, err
		}
		list = append(list, Field{"62", text})
	}
	if l := m.Local; l != nil {
		var fields []Field
		for _, f := range []Field{{"00", l.Language}, {"01", l.Name}, {"02", l.City}} {
			if f.Value != "" {
				fields = append(fields, f)
			}
		}
		text, err := nested("64", fields, l.Others, 3, l.order)
		if err != nil {
			return nil, err
		}
		list = append(list, Field{"64", text})
	}
	return list, nil
}

// nested writes the value of a template from its known fields and others, whose tags begin at
// first.
func nested(tag string, known, others []Field, first int, order []string) (string, error) {
	for _, f := range others {
		if !within(f.Tag, first, valueMax) {
			return "", outside(tag+"."+f.Tag, first, valueMax)
		}
	}
	fields := slices.Concat(known, others)
	slices.SortStableFunc(fields, func(a, b Field) int { return cmp.Compare(a.Tag, b.Tag) })
	return encodeAll(tag, fields, order)
}
