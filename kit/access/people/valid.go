package people

import (
	"net/mail"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"watari/kit/access"
	"watari/kit/fault"
)

// emailKey is by what addresses are compared: NFKC, lower case. "" for what cannot be one.
func emailKey(email string) string {
	key := strings.ToLower(norm.NFKC.String(strings.TrimSpace(email)))
	if len(key) > EmailMax || !utf8.ValidString(key) || strings.ContainsFunc(key, unprintable) {
		return ""
	}
	a, err := mail.ParseAddress(key)
	if err != nil || a.Name != "" || a.Address != key {
		return ""
	}
	if _, domain, _ := strings.Cut(key, "@"); !strings.Contains(domain, ".") {
		return ""
	}
	return key
}

func unprintable(r rune) bool { return !unicode.IsPrint(r) }

// cleanName returns a name as it is kept: NFC, trimmed; "" for one that cannot be.
func cleanName(name string) string {
	if !utf8.ValidString(name) {
		return ""
	}
	name = norm.NFC.String(strings.TrimSpace(name))
	if len(name) > NameMax || strings.ContainsFunc(name, unprintable) {
		return ""
	}
	return name
}

// checkPlace holds that a place's numbers are those of its role.
func checkPlace(at Place) *fault.Error {
	g := access.Grant{Role: at.Role, ParticipantNo: at.ParticipantNo, MerchantNo: at.MerchantNo,
		StoreNo: at.StoreNo, Label: "x"}
	if at.Role == access.Terminal || g.Check() != nil {
		return ErrInvalid.Newf("the role does not fit the place").
			At("/role", "does not fit the place")
	}
	return nil
}

// checkInvitation completes an invitation.
//
// Errors: ErrInvalid with fields.
func checkInvitation(in *Invitation) error {
	e := ErrInvalid.Newf("the invitation cannot be right")
	in.Email = strings.TrimSpace(in.Email)
	if emailKey(in.Email) == "" {
		e = e.At("/email", "is not an e-mail address")
	}
	if in.Name != "" {
		if in.Name = cleanName(in.Name); in.Name == "" {
			e = e.At("/name", "has characters that cannot be shown, or is too long")
		}
	}
	if in.Lang == "" {
		in.Lang = Langs()[0]
	}
	if !slices.Contains(Langs(), in.Lang) {
		e = e.At("/lang", "is not one of the languages")
	}
	if bad := checkPlace(in.Place); bad != nil {
		e.Fields = append(e.Fields, bad.Fields...)
	}
	if len(e.Fields) > 0 {
		return e
	}
	return nil
}

// checkProfile returns a name as it is kept.
//
// Errors: ErrInvalid with fields.
func checkProfile(name, lang string) (string, error) {
	e := ErrInvalid.Newf("the name or language cannot be right")
	clean := cleanName(name)
	if clean == "" {
		e = e.At("/name", "is missing, too long, or has characters that cannot be shown")
	}
	if !slices.Contains(Langs(), lang) {
		e = e.At("/lang", "is not one of the languages")
	}
	if len(e.Fields) > 0 {
		return "", e
	}
	return clean, nil
}
