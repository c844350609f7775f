package code

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"watari/pay/code/emv"
)

// Application is one line of the table: which wallet makes the payer codes of an application.
// No application of a wallet is publicly assigned to it, so an operator's contract names them.
type Application struct {
	// Format is emv.CPV01 or emv.JPQR1.
	Format emv.Format
	// Name is what tag 4F holds. With CPV01 it is an ADF name or its beginning, 5 to 16 bytes in
	// upper-case hexadecimal digits: the longest that fits decides. With JPQR1 it is the whole id
	// of the wallet's operator, 1 to 16 characters.
	Name string
	// Wallet is the key by which the directory finds the issuer (its code group).
	Wallet string
}

// Payer is a payer code of EMVCo or JPQR; see package emv.
type Payer = emv.PayerCode

// check returns what is wrong with the application by itself.
func (a Application) check() error {
	const nameMin, nameMax = 5, 16
	switch raw, err := hex.DecodeString(a.Name); {
	case a.Wallet == "" || strings.TrimSpace(a.Wallet) != a.Wallet:
		return fmt.Errorf("the wallet %q has no name", a.Wallet)
	case a.Format != emv.CPV01 && a.Format != emv.JPQR1:
		return fmt.Errorf("the format %q is neither %s nor %s", a.Format, emv.CPV01, emv.JPQR1)
	case a.Format == emv.JPQR1 && (!visible(a.Name) || len(a.Name) > nameMax):
		return fmt.Errorf("an operator's id is 1 to %d printable ASCII characters", nameMax)
	case a.Format == emv.CPV01 && (err != nil || strings.ToUpper(a.Name) != a.Name ||
		len(raw) < nameMin || len(raw) > nameMax):
		return fmt.Errorf("a name is %d to %d bytes in upper-case hexadecimal digits", nameMin,
			nameMax)
	}
	return nil
}

// ReadPayer reads a payer code of EMVCo or JPQR.
//
// Errors: ErrMalformed.
func ReadPayer(text string) (*Payer, error) {
	p, err := emv.ParsePayer(text)
	var broken *emv.Error
	if errors.As(err, &broken) {
		return nil, ErrMalformed.Newf("%s", broken.Error())
	}
	return p, err
}

// classifyPayer finds the wallet of a payer code by its applications. A code that offers several
// known wallets has none: which of them the payer means is not ours to guess (K2).
func (t *Table) classifyPayer(text string) (Match, error) {
	p, err := ReadPayer(text)
	if err != nil {
		return Match{}, err
	}
	var found Match
	for _, a := range p.Applications() {
		m, ok := t.application(p.Format, a.Name)
		switch {
		case ok && found.Wallet != "" && found.Wallet != m.Wallet:
			return Match{}, ErrUnknown.Newf("the code offers several wallets")
		case ok && found.Wallet == "":
			found = m
		}
	}
	if found.Wallet == "" {
		return Match{}, ErrUnknown.Newf("no known wallet makes codes of this application")
	}
	return found, nil
}

// application finds the entry of an application's name.
func (t *Table) application(f emv.Format, name []byte) (Match, bool) {
	key := string(name)
	if f == emv.CPV01 {
		key = strings.ToUpper(hex.EncodeToString(name))
	}
	for n := len(key); n > 0; n-- {
		if wallet, ok := t.byName[applicationKey{f, key[:n]}]; ok {
			return Match{Wallet: wallet, Prefix: key[:n]}, true
		}
		if f == emv.JPQR1 {
			break
		}
	}
	return Match{}, false
}

// applicationKey is by what an application is found.
type applicationKey struct {
	format emv.Format
	name   string
}
