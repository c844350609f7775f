package code

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"watari/pay/code/emv"
)

// latinName is the store's name for tag 59: never empty, printable ASCII.
func (s Store) latinName() string {
	for _, text := range []string{s.Name, s.ID} {
		if name := latin(text, emv.NameMax); strings.ContainsFunc(name, alphanumeric(text)) {
			return name
		}
	}
	return "STORE"
}

// alphanumeric returns what a Latin form of text must contain to stand for it: a letter, because
// "2" does not stand for "渡辺商店 2"; or a digit, when nothing of it was lost.
func alphanumeric(text string) func(rune) bool {
	lost := strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII })
	return func(r rune) bool { return unicode.IsLetter(r) || !lost && unicode.IsDigit(r) }
}

// latinCity is the city for tag 60: never empty, printable ASCII.
func (s Store) latinCity() string {
	if city := latin(s.City, emv.CityMax); strings.ContainsFunc(city, unicode.IsLetter) {
		return city
	}
	return "JAPAN"
}

// unfolded are Latin letters and marks that have no decomposition in Unicode.
var unfolded = strings.NewReplacer("ß", "ss", "æ", "ae", "Æ", "AE", "œ", "oe", "Œ", "OE", "ø", "o",
	"Ø", "O", "ł", "l", "Ł", "L", "đ", "d", "Đ", "D", "ð", "d", "Ð", "D", "þ", "th", "Þ", "Th",
	"ı", "i", "‘", "'", "’", "'", "“", `"`, "”", `"`, "–", "-", "—", "-", "−", "-", "・", " ")

// latin returns text as printable ASCII of at most limit characters: accents and widths are
// dropped, and whatever else is not ASCII becomes a blank.
func latin(text string, limit int) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(unfolded.Replace(text)) {
		switch {
		case ' ' <= r && r <= '~':
			b.WriteRune(r)
		case !unicode.Is(unicode.Mn, r):
			b.WriteByte(' ')
		}
	}
	return clip(plainText(b.String()), limit)
}

// plainText composes text, turns what no code may contain into blanks, and makes one blank of
// several.
func plainText(text string) string {
	clean := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar ||
			unicode.In(r, unicode.Zl, unicode.Zp, unicode.Bidi_Control) {
			return ' '
		}
		return r
	}, text)
	return strings.Join(strings.Fields(norm.NFC.String(clean)), " ")
}

// clip cuts text to at most limit characters, and never between a character and the marks that
// belong to it: accents, voicing marks, variation selectors, joined emoji.
func clip(text string, limit int) string {
	all := []rune(text)
	if len(all) <= limit {
		return text
	}
	end := limit
	for end > 0 && (attached(all[end]) || all[end-1] == joiner) {
		end--
	}
	return strings.TrimSpace(string(all[:end]))
}

// joiner is the zero-width joiner, which makes one picture of two.
const joiner = '\u200d'

// attached tells whether r belongs to the character before it.
func attached(r rune) bool {
	const skinFirst, skinLast = '\U0001f3fb', '\U0001f3ff'
	return unicode.Is(unicode.M, r) || r == joiner ||
		r == 'ﾞ' || r == 'ﾟ' || // half-width voicing marks
		skinFirst <= r && r <= skinLast
}

// fitsAdditional tells whether text can be a field of the additional data as it is.
func fitsAdditional(text string) bool {
	return text != "" && len(text) <= emv.AdditionalMax &&
		!strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' })
}

// visible tells whether text has one or more printable ASCII characters and no blank.
func visible(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' })
}

// postal tells whether text is a Japanese postal code without its hyphen.
func postal(text string) bool { return len(text) == 7 && digits(text) }
