package party

import (
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"watari/kit/fault"
	"watari/kit/money"
	"watari/pay/party/prefecture"
)

// Longest texts, in characters.
const (
	// IDMax is the longest id of a participant, merchant, store or terminal (R7).
	IDMax = 64
	// NameMax is the longest name (R8); it is what Alipay+ allows for a merchantName.
	NameMax = 256
	urlMax  = 512
)

// ppmMax is the whole, in parts per million.
const ppmMax = 1_000_000

// form collects what is wrong with the fields of one thing.
type form struct{ err *fault.Error }

func (f *form) bad(pointer, text string) {
	if f.err == nil {
		f.err = ErrInvalid.Newf("")
	}
	f.err.At(pointer, text)
}

// result returns ErrInvalid when a field was wrong.
func (f *form) result() error {
	if f.err == nil {
		return nil
	}
	return f.err
}

// name cleans a name (R8); empty is refused when it is needed.
func (f *form) name(pointer string, s *string, needed bool) {
	if !utf8.ValidString(*s) {
		f.bad(pointer, "must be valid UTF-8")
		return
	}
	*s = norm.NFC.String(strings.TrimSpace(*s))
	switch {
	case *s == "" && needed:
		f.bad(pointer, "is needed")
	case utf8.RuneCountInString(*s) > NameMax:
		f.bad(pointer, "must be at most 256 characters")
	case strings.ContainsFunc(*s, unprintable):
		f.bad(pointer, "must not hold control or format characters")
	}
}

// unprintable tells control, format, private and surrogate characters and line separators.
// They would break lines, hide text or turn its direction on screens and in files.
func unprintable(r rune) bool {
	return r == utf8.RuneError || unicode.In(r, unicode.C, unicode.Zl, unicode.Zp)
}

// id checks a reference that its owner chose (R7); it is never changed.
func (f *form) id(pointer, s string) {
	if !isID(s) {
		f.bad(pointer, "must be 1 to 64 printable characters without blanks at the ends")
	}
}

// isID says whether s may be the id of something. What is not an id names nothing, so lookups
// ask this before they ask the database.
func isID(s string) bool {
	return s != "" && utf8.ValidString(s) && utf8.RuneCountInString(s) <= IDMax &&
		strings.TrimSpace(s) == s && !strings.ContainsFunc(s, unprintable)
}

func (f *form) mcc(pointer, s string) {
	if !isMCC(s) {
		f.bad(pointer, "must be four digits (ISO 18245)")
	}
}

func isMCC(s string) bool {
	return len(s) == 4 && strings.Trim(s, "0123456789") == ""
}

func (f *form) prefecture(pointer, s string) {
	if p, ok := prefecture.ByCode(s); !ok || p.Code != s {
		f.bad(pointer, "must be 01 to 47 (JIS X 0401)")
	}
}

func (f *form) ppm(pointer string, v int64) {
	if v < 0 || v > ppmMax {
		f.bad(pointer, "must be 0 to 1000000 parts per million")
	}
}

func (f *form) most(pointer string, v *int64) {
	if v != nil && (*v < 0 || *v > money.MinorMax) {
		f.bad(pointer, "must not be negative or above 2^53")
	}
}

// status makes open the default; what is closed cannot be added.
func (f *form) status(s *Status) {
	if *s == "" {
		*s = Open
	}
	if *s != Open && *s != Suspended {
		f.bad("/status", "must be open or suspended")
	}
}

// address checks where a wallet is called: http or https, nothing after the path, no
// trailing slash.
func (f *form) address(pointer, s string) {
	u, err := url.Parse(s)
	switch {
	case len(s) > urlMax:
		f.bad(pointer, "must be at most 512 characters")
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		f.bad(pointer, "must be an http or https address")
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || strings.Contains(s, "#"):
		f.bad(pointer, "must have no user, query or fragment")
	case strings.HasSuffix(s, "/"):
		f.bad(pointer, "must not end in a slash")
	}
}

// word checks the name of a connector or code group: lower-case letters, digits, hyphens.
func (f *form) word(pointer, s string) {
	if len(s) > 32 || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
		f.bad(pointer, "must be at most 32 lower-case letters and digits")
	}
}

// clean normalises and checks p.
func (p *Participant) clean() error {
	var f form
	f.id("/id", p.ID)
	f.name("/name", &p.Name, true)
	if p.ClientID != "" {
		f.id("/client_id", p.ClientID)
	}
	f.status(&p.Status)
	f.word("/connector", p.Connector)
	f.word("/code_group", p.CodeGroup)
	if p.BaseURL != "" {
		f.address("/base_url", p.BaseURL)
	}
	return f.result()
}

// clean checks a. What belongs to issuers only is refused on an acquirer's agreement.
func (a *Agreement) clean() error {
	var f form
	if a.Role != Acquirer && a.Role != Issuer {
		f.bad("/role", "must be acquirer or issuer")
	}
	if _, ok := a.Currency.Digits(); !ok {
		f.bad("/currency", "must be an ISO 4217 currency")
	}
	if _, err := time.LoadLocation(a.Zone); err != nil || a.Zone == "" || a.Zone == "Local" {
		f.bad("/zone", "must be an IANA time zone")
	}
	if a.CutOffMin < 0 || a.CutOffMin >= 24*60 {
		f.bad("/cut_off_min", "must be 0 to 1439 minutes")
	}
	f.ppm("/spread_ppm", a.SpreadPPM)
	f.ppm("/interchange_ppm", a.InterchangePPM)
	f.ppm("/scheme_ppm", a.SchemePPM)
	f.most("/cap_minor", a.CapMinor)
	f.most("/per_payment_max_minor", a.PerPaymentMaxMinor)
	f.most("/per_day_max_minor", a.PerDayMaxMinor)
	if a.Role == Acquirer && (a.SpreadPPM != 0 || a.PerPaymentMaxMinor != nil ||
		a.PerDayMaxMinor != nil) {
		f.bad("/role", "an acquirer has no spread and no limit a payment or a day")
	}
	if a.FromUS < 0 || a.UntilUS < 0 || a.UntilUS != 0 && a.UntilUS <= a.FromUS {
		f.bad("/until_us", "must be after from_us, or 0")
	}
	return f.result()
}

// clean checks k.
func (k *Key) clean() error {
	var f form
	if k.Version < 0 || k.Version > KeyVersionMax {
		f.bad("/version", "must be 0 to 999999")
	}
	if _, err := ParseKey(k.PublicDER); err != nil {
		f.bad("/public_key", "must be an RSA key of 2048 bits as SPKI: "+err.Error())
	}
	if !k.Until.IsZero() && !k.Until.After(k.From) {
		f.bad("/until", "must be after from")
	}
	return f.result()
}

// clean normalises and checks m.
func (m *Merchant) clean() error {
	var f form
	f.id("/id", m.ID)
	f.name("/name", &m.Name, true)
	f.name("/name_ja", &m.NameJA, false)
	f.mcc("/mcc", m.MCC)
	f.ppm("/mdr_ppm", m.MDRPPM)
	f.status(&m.Status)
	return f.result()
}

// clean normalises and checks s. An unverified store may lack its prefecture.
func (s *Store) clean() error {
	var f form
	f.id("/id", s.ID)
	f.name("/name", &s.Name, true)
	f.name("/name_ja", &s.NameJA, false)
	f.mcc("/mcc", s.MCC)
	if !s.Unverified || s.Prefecture != "" {
		f.prefecture("/prefecture", s.Prefecture)
	}
	f.digits("/postal_code", s.PostalCode, 7)
	f.digits("/unified_id", s.UnifiedID, 13)
	f.name("/city", &s.City, false)
	f.status(&s.Status)
	f.most("/per_payment_max_minor", s.PerPaymentMaxMinor)
	f.most("/per_day_max_minor", s.PerDayMaxMinor)
	f.most("/refund_day_max_minor", s.RefundDayMaxMinor)
	f.most("/pin_above_minor", &s.PINAboveMinor)
	return f.result()
}

// digits wants exactly n digits, or nothing.
func (f *form) digits(at, text string, n int) {
	if text != "" && (len(text) != n || strings.Trim(text, "0123456789") != "") {
		f.bad(at, "must be "+strconv.Itoa(n)+" digits")
	}
}

// clean normalises and checks t.
func (t *Terminal) clean() error {
	var f form
	f.id("/id", t.ID)
	f.name("/label", &t.Label, false)
	f.status(&t.Status)
	f.most("/refund_day_max_minor", t.RefundDayMaxMinor)
	if t.FailuresMax < 0 || t.FailuresMax > failuresMost {
		f.bad("/failures_max", "must be 0 to 100000 a minute")
	}
	return f.result()
}

// failuresMost bounds what a terminal may be allowed; it is a limit, not a default.
const failuresMost = 100_000
