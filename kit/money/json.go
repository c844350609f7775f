package money

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
)

// MarshalJSON writes {"currency":"JPY","value":1980}; value is in minor units.
//
// Errors: ErrCurrency, for the zero value.
func (a Amount) MarshalJSON() ([]byte, error) {
	if !a.Valid() {
		return nil, ErrCurrency.Newf("an amount without a currency has no JSON form")
	}
	b := make([]byte, 0, 48)
	b = append(b, `{"currency":"`...)
	b = append(b, a.currency...)
	b = append(b, `","value":`...)
	b = strconv.AppendInt(b, a.minor, 10)
	return append(b, '}'), nil
}

// UnmarshalJSON reads what MarshalJSON writes. Both members must be there once, in any order, and
// no other; value must be written as digits only, so 1e3, 10.0, -0 and "1980" are refused. So is
// null: an amount that may be missing is a pointer.
//
// Errors: ErrSyntax, ErrCurrency, ErrRange.
func (a *Amount) UnmarshalJSON(data []byte) error {
	currency, value, err := members(data)
	if err != nil {
		return err
	}
	if !allDigits(value) || (len(value) > 1 && value[0] == '0') {
		return ErrSyntax.Newf("value must be a whole number of minor units")
	}
	minor, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return ErrRange.Newf("value %s is over the largest amount", clip(value))
	}
	read, err := New(minor, Currency(currency))
	if err != nil {
		return err
	}
	*a = read
	return nil
}

// members returns the two members of an amount, value as it is written.
func members(data []byte) (currency, value string, err error) {
	malformed := ErrSyntax.Newf(`an amount is {"currency":"JPY","value":1980}`)
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return "", "", malformed
	}
	seen := map[string]bool{}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return "", "", malformed
		}
		key, _ := name.(string)
		token, err := dec.Token()
		if err != nil || seen[key] {
			return "", "", malformed
		}
		seen[key] = true
		switch v := token.(type) {
		case string:
			if key != "currency" {
				return "", "", malformed
			}
			currency = v
		case json.Number:
			if key != "value" {
				return "", "", malformed
			}
			value = v.String()
		default:
			return "", "", malformed
		}
	}
	if end, err := dec.Token(); err != nil || end != json.Delim('}') || len(seen) != 2 {
		return "", "", malformed
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return "", "", malformed
	}
	return currency, value, nil
}
