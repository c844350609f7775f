package signup

import (
	"net/mail"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"watari/kit/clock"
	"watari/kit/fault"
	"watari/pay/party"
	"watari/pay/party/prefecture"
	"watari/pay/party/zengin"
)

// Longest texts, in characters, where a form's tags do not say them already.
const (
	nameMax = party.NameMax
	mdrMax  = 100_000 // ten per cent
)

// Ages between which somebody can represent a merchant, in years.
const ageMin, ageMax = 18, 120

// sheet collects what is wrong with a form, under pointers into it.
type sheet struct {
	err   *fault.Error
	draft bool // nothing is needed yet, and half a number is no mistake
}

// bad notes that a field cannot be handed in so.
func (s *sheet) bad(pointer, text string) {
	if !s.draft {
		s.never(pointer, text)
	}
}

// never notes that a field cannot even be kept so.
func (s *sheet) never(pointer, text string) {
	if s.err == nil {
		s.err = ErrInvalid.Newf("")
	}
	s.err.At(pointer, text)
}

func (s *sheet) result() error {
	if s.err == nil {
		return nil
	}
	return s.err
}

// text cleans a text of one line and looks at its length.
func (s *sheet) text(pointer string, t *string, most int, needed bool) bool {
	if !utf8.ValidString(*t) {
		s.never(pointer, "must be valid UTF-8")
		return false
	}
	*t = norm.NFC.String(strings.TrimSpace(*t))
	switch {
	case *t == "":
		if needed {
			s.bad(pointer, "is needed")
		}
		return false
	case utf8.RuneCountInString(*t) > most:
		s.never(pointer, "must be at most "+strconv.Itoa(most)+" characters")
		return false
	case strings.ContainsFunc(*t, hidden):
		s.never(pointer, "must not hold control or format characters")
		return false
	}
	return true
}

// hidden tells characters that nobody sees.
func hidden(r rune) bool {
	return r == utf8.RuneError || unicode.In(r, unicode.C, unicode.Zl, unicode.Zp)
}

// codeMax bounds what is typed where a number is asked for, in characters.
const codeMax = 100

// code cleans a text of letters and digits that may have been typed full-width.
func (s *sheet) code(pointer string, t *string, needed bool) bool {
	if !s.text(pointer, t, codeMax, needed) {
		return false
	}
	*t = norm.NFKC.String(*t)
	return true
}

// digits wants exactly n digits.
func (s *sheet) digits(pointer string, t *string, n int, needed bool) bool {
	if !s.code(pointer, t, needed) {
		return false
	}
	if len(*t) != n || !isDigits(*t) {
		s.bad(pointer, "must be "+strconv.Itoa(n)+" digits")
		return false
	}
	return true
}

func isDigits(t string) bool { return t != "" && strings.Trim(t, "0123456789") == "" }

// kana wants a text that can be read aloud: full-width katakana, which hiragana and half-width
// kana are turned into, letters, digits and a few signs.
func (s *sheet) kana(pointer string, t *string, most int, needed bool) {
	if !s.text(pointer, t, most, needed) {
		return
	}
	*t = strings.Map(func(r rune) rune {
		switch {
		case r >= 'ぁ' && r <= 'ゖ':
			return r + 'ア' - 'あ'
		case r == '\u3000':
			return ' '
		}
		return r
	}, norm.NFKC.String(*t))
	for _, r := range *t {
		katakana := r >= 'ァ' && r <= 'ヺ' || r == 'ー' || r == '・'
		latin := r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r) ||
			strings.ContainsRune(" -.,&'()/", r))
		if !katakana && !latin && r != '−' && r != '‐' {
			s.bad(pointer, "must be katakana")
			return
		}
	}
}

// latin wants a text in Latin letters.
func (s *sheet) latin(pointer string, t *string, most int, needed bool) {
	if !s.text(pointer, t, most, needed) {
		return
	}
	for _, r := range *t {
		if r > unicode.MaxASCII && !unicode.Is(unicode.Latin, r) {
			s.bad(pointer, "must be in Latin letters")
			return
		}
	}
}

// id wants a reference of the bank's own, or nothing.
func (s *sheet) id(pointer, t string) {
	if t != "" && !party.IsID(t) {
		s.bad(pointer, "must be 1 to 64 printable characters without blanks at the ends")
	}
}

// birth wants the day on which an adult was born.
func (s *sheet) birth(pointer string, t *string, now time.Time) {
	if !s.code(pointer, t, true) {
		return
	}
	day, err := time.ParseInLocation(time.DateOnly, *t, clock.JST)
	if err != nil {
		s.bad(pointer, "must be a day, YYYY-MM-DD")
		return
	}
	y, m, d := now.In(clock.JST).Date()
	today := time.Date(y, m, d, 0, 0, 0, 0, clock.JST)
	if day.After(today.AddDate(-ageMin, 0, 0)) || day.Before(today.AddDate(-ageMax, 0, 0)) {
		s.bad(pointer, "must be 18 to 120 years ago")
	}
}

// corporate wants a corporate number with its check digit in front: nine less the rest, by nine, of
// the other twelve digits, weighted one and two in turn from the right.
func (s *sheet) corporate(pointer string, t *string, k Kind) {
	if k == SoleTrader {
		if *t != "" {
			s.bad(pointer, "a sole trader has none")
		}
		return
	}
	if s.digits(pointer, t, corporateDigits, k == Corporation) && !corporateNumber(*t) {
		s.bad(pointer, "has a wrong check digit")
	}
}

const corporateDigits, corporateModulus = 13, 9

func corporateNumber(t string) bool {
	sum := 0
	for i := 1; i < len(t); i++ {
		weight := 1
		if (len(t)-i)%2 == 0 {
			weight = 2
		}
		sum += int(t[i]-'0') * weight
	}
	return int(t[0]-'0') == corporateModulus-sum%corporateModulus
}

// phone wants a Japanese telephone number; it is kept as digits with the leading 0.
func (s *sheet) phone(pointer string, t *string) {
	if !s.code(pointer, t, true) {
		return
	}
	digits := strings.NewReplacer("-", "", " ", "", "(", "", ")", "", "‐", "", "−", "").Replace(*t)
	if rest, ok := strings.CutPrefix(digits, "+81"); ok {
		digits = "0" + strings.TrimPrefix(rest, "0")
	}
	if len(digits) < 10 || len(digits) > 11 || !isDigits(digits) || digits[0] != '0' {
		s.bad(pointer, "must be a Japanese number of 10 or 11 digits, beginning with 0")
		return
	}
	*t = digits
}

// emailMax is the longest address that mail knows, RFC 5321, 4.5.3.1.3.
const emailMax = 254

func (s *sheet) email(pointer string, t *string) {
	if !s.text(pointer, t, emailMax, false) {
		return
	}
	a, err := mail.ParseAddress(*t)
	if err != nil || a.Address != *t || !strings.Contains(a.Address, ".") {
		s.bad(pointer, "must be an e-mail address")
	}
}

func (s *sheet) website(pointer string, t *string) {
	if !s.text(pointer, t, websiteMax, false) {
		return
	}
	u, err := url.Parse(*t)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" ||
		u.User != nil {
		s.bad(pointer, "must be an http or https address")
	}
}

const websiteMax = 300

// address looks at a place.
func (s *sheet) address(pointer string, a *Address, needed bool) {
	a.PostalCode = strings.NewReplacer("-", "", "〒", "", "‐", "", "−", "", "ー", "").Replace(
		norm.NFKC.String(a.PostalCode))
	s.digits(pointer+"/postal_code", &a.PostalCode, postalDigits, needed)
	if s.code(pointer+"/prefecture", &a.Prefecture, needed) {
		if p, ok := prefecture.ByCode(a.Prefecture); !ok || p.Code != a.Prefecture {
			s.bad(pointer+"/prefecture", "must be 01 to 47 (JIS X 0401)")
		}
	}
	s.text(pointer+"/city", &a.City, 100, needed)
	s.text(pointer+"/line", &a.Line, 200, needed)
	s.text(pointer+"/building", &a.Building, 200, false)
	s.kana(pointer+"/city_kana", &a.CityKana, 100, false)
	s.kana(pointer+"/line_kana", &a.LineKana, 200, false)
	s.latin(pointer+"/city_latin", &a.CityLatin, 100, false)
	s.latin(pointer+"/line_latin", &a.LineLatin, 200, false)
}

// account looks at a bank account and writes its holder as interbank files have it.
func (s *sheet) account(pointer string, a *Account) {
	s.digits(pointer+"/bank_code", &a.BankCode, 4, true)
	s.digits(pointer+"/branch_code", &a.BranchCode, 3, true)
	switch a.Type {
	case Ordinary, Current, Savings:
	case "":
		s.bad(pointer+"/type", "is needed")
	default:
		s.never(pointer+"/type", "must be ordinary, current or savings")
	}
	if s.code(pointer+"/number", &a.Number, true) {
		if len(a.Number) > accountDigits || !isDigits(a.Number) {
			s.bad(pointer+"/number", "must be at most seven digits")
		} else {
			a.Number = strings.Repeat("0", accountDigits-len(a.Number)) + a.Number
		}
	}
	if !s.text(pointer+"/holder_kana", &a.HolderKana, codeMax, true) {
		return
	}
	holder, err := zengin.Holder(a.HolderKana)
	if err != nil {
		s.bad(pointer+"/holder_kana", err.Error())
		return
	}
	a.HolderKana = holder
}

const accountDigits, postalDigits = 7, 7
