package emv

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Format is the payload format indicator of a payer code (tag 85).
type Format string

// The formats of payer codes.
const (
	CPV01 Format = "CPV01" // EMVCo
	JPQR1 Format = "JPQR1" // the unified Japanese code
)

// The tags of a payer code that are of use here.
const (
	TagFormat      = 0x85 // first
	TagApplication = 0x61 // template, one or more
	TagCommon      = 0x62 // template, at most one
	TagName        = 0x4F // in 61: ADF name, or the id of the wallet's operator in JPQR
	TagLabel       = 0x50 // in 61: application label
	TagPayment     = 0x57 // in 61: track 2, or the payment id in JPQR
	TagFree        = 0x99 // in 61: free data of JPQR
)

// The length of an ADF name in bytes (ISO/IEC 7816-4).
const nameMin, nameMax = 5, 16

// PayerCode is a code that a payer's phone shows, as EMVCo or JPQR define it.
type PayerCode struct {
	Format  Format
	Objects []Object // what follows the format, in order
}

// Application is one application template of a payer code. The slices are the code's own.
type Application struct {
	Name    []byte // tag 4F
	Payment []byte // tag 57, nil when absent
	Free    []byte // tag 99, nil when absent
	Objects []Object
}

// JPQRPayer returns a JPQR payer code of the operator's id, the payment's id and free data, which
// may be "".
func JPQRPayer(operator, payment, free string) *PayerCode {
	inside := []Object{{Tag: TagName, Value: []byte(operator)},
		{Tag: TagPayment, Value: []byte(payment)}}
	if free != "" {
		inside = append(inside, Object{Tag: TagFree, Value: []byte(free)})
	}
	return &PayerCode{Format: JPQR1,
		Objects: []Object{{Tag: TagApplication, Children: inside}}}
}

// ParsePayer reads a payer code: standard Base64 with padding of at most TextMax characters.
//
// Errors: *Error.
func ParsePayer(text string) (*PayerCode, error) {
	if n := utf8.RuneCountInString(text); n > TextMax {
		return nil, wrong("", 0, "the text has %d characters, at most %d", n, TextMax)
	}
	data, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || strings.ContainsAny(text, "\r\n") {
		return nil, wrong("", 0, "the text is not Base64")
	}
	list, err := (&cursor{data: data}).objects(1, TagApplication)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 || list[0].Tag != TagFormat {
		return nil, wrong("85", 1, "the code does not begin with its format")
	}
	p := &PayerCode{Format: Format(list[0].Value), Objects: list[1:]}
	if err := p.check(); err != nil {
		return nil, err
	}
	return p, nil
}

// Text returns the code as text.
//
// Errors: *Error when a rule of the format is broken or the text would be too long.
func (p *PayerCode) Text() (string, error) {
	list := slices.Concat([]Object{{Tag: TagFormat, Value: []byte(p.Format)}}, p.Objects)
	data, err := appendObjects(nil, list)
	if err != nil {
		return "", err
	}
	text := base64.StdEncoding.EncodeToString(data)
	if _, err := ParsePayer(text); err != nil {
		return "", err
	}
	return text, nil
}

// Applications returns the application templates in their order, which is that of preference.
func (p *PayerCode) Applications() []Application {
	var list []Application
	for _, o := range p.Objects {
		if o.Tag != TagApplication {
			continue
		}
		a := Application{Objects: o.Children}
		for _, c := range o.Children {
			switch c.Tag {
			case TagName:
				a.Name = c.Value
			case TagPayment:
				a.Payment = c.Value
			case TagFree:
				a.Free = c.Value
			}
		}
		list = append(list, a)
	}
	return list
}

// check checks what each format asks for.
func (p *PayerCode) check() error {
	if p.Format != CPV01 && p.Format != JPQR1 {
		return wrong("85", 1, "the format is neither %s nor %s", CPV01, JPQR1)
	}
	applications := p.Applications()
	if len(applications) == 0 {
		return wrong("61", 0, "there is no application template")
	}
	for _, a := range applications {
		n := len(a.Name)
		switch {
		case n == 0:
			return wrong("61.4F", 0, "the application has no name")
		case n > nameMax, p.Format == CPV01 && n < nameMin:
			return wrong("61.4F", 0, "the name has %d bytes, not %d to %d", n, nameMin, nameMax)
		case p.Format == JPQR1 && !printable(a.Name):
			return wrong("61.4F", 0, "JPQR: the operator's id is not printable ASCII")
		case p.Format == JPQR1 && (len(a.Payment) == 0 || !printable(a.Payment)):
			return wrong("61.57", 0, "JPQR: there is no payment id of printable ASCII")
		}
	}
	return nil
}

// printable tells whether b has visible ASCII characters only.
func printable(b []byte) bool {
	return !slices.ContainsFunc(b, func(c byte) bool { return c <= ' ' || c > '~' })
}

// tagText returns a tag as it is written: "4F", "5F20".
func tagText(tag uint32) string { return fmt.Sprintf("%X", tagBytes(tag)) }
