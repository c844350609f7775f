package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"

	"watari/kit/money"
)

// The lengths of what names a transaction or is an amount, in digits.
const (
	idMax     = 32
	numberMax = 40
)

var (
	errID     = errors.New("not the number of a transaction")
	errNumber = errors.New("not a decimal number")
)

// ID is LINE Pay's number of a payment or refund, 19 decimal digits. It is written as a JSON
// number and read from a number or from text.
type ID string

// MarshalJSON writes a number; the empty ID is null.
func (i ID) MarshalJSON() ([]byte, error) {
	if i == "" {
		return []byte("null"), nil
	}
	if !i.Valid() {
		return nil, errID
	}
	return []byte(i), nil
}

// UnmarshalJSON reads a number, text of digits, or null.
func (i *ID) UnmarshalJSON(data []byte) error {
	if bytes.Equal(data, []byte("null")) {
		*i = ""
		return nil
	}
	text := ID(bytes.Trim(data, `"`))
	if !text.Valid() {
		return errID
	}
	*i = text
	return nil
}

// Valid tells whether i is digits, none of them a needless zero in front.
func (i ID) Valid() bool {
	return i != "" && len(i) <= idMax && i[0] != '0' && digits(string(i))
}

// Number is an amount in major units: digits, perhaps a point and digits, perhaps a minus sign in
// front. It is a JSON number.
type Number string

// NumberOf writes an amount exactly. A whole amount has no decimals, because in some currencies
// LINE Pay takes none (code 1124).
func NumberOf(a money.Amount) Number {
	text := a.Decimal()
	if whole, fraction, point := strings.Cut(text, "."); point &&
		strings.Trim(fraction, "0") == "" {
		return Number(whole)
	}
	return Number(text)
}

// MarshalJSON writes a number; the empty Number is null.
func (n Number) MarshalJSON() ([]byte, error) {
	if n == "" {
		return []byte("null"), nil
	}
	if !n.valid() {
		return nil, errNumber
	}
	return []byte(n), nil
}

// UnmarshalJSON reads a number without an exponent, or null.
func (n *Number) UnmarshalJSON(data []byte) error {
	if bytes.Equal(data, []byte("null")) {
		*n = ""
		return nil
	}
	text := Number(data)
	if !text.valid() {
		return errNumber
	}
	*n = text
	return nil
}

func (n Number) valid() bool {
	whole, fraction, point := strings.Cut(strings.TrimPrefix(string(n), "-"), ".")
	return len(n) <= numberMax && digits(whole) && (!point || digits(fraction)) &&
		(len(whole) == 1 || whole[0] != '0')
}

// Money returns the amount without its sign: LINE Pay writes what was refunded as a negative
// number in one place and as a positive one in another. Zeros behind the decimals of the currency
// are dropped; other digits there are an error.
func (n Number) Money(c money.Currency) (money.Amount, error) {
	if !n.valid() {
		return money.Amount{}, errNumber
	}
	text := strings.TrimPrefix(string(n), "-")
	whole, fraction, _ := strings.Cut(text, ".")
	places, ok := c.Digits()
	if ok && len(fraction) > places && strings.Trim(fraction[places:], "0") == "" {
		fraction = fraction[:places]
	}
	if fraction != "" {
		whole += "." + fraction
	}
	return money.Parse(whole, c)
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

var (
	_ json.Marshaler   = ID("")
	_ json.Unmarshaler = (*ID)(nil)
	_ json.Marshaler   = Number("")
	_ json.Unmarshaler = (*Number)(nil)
)
