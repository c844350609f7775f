package zengin

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// HolderMax is the longest name of an account's holder, in characters of Narrow.
const HolderMax = 30

// inputMax bounds what Narrow looks at, in bytes: nothing that is longer fits anywhere.
const inputMax = 1000

// Marks of voiced and half-voiced kana, as characters of their own.
const (
	voiced, halfVoiced = 'ﾞ', 'ﾟ'
	combining          = '\u3099'
	combiningHalf      = '\u309a'
)

// narrow are the half-width forms of the full-width katakana from ア to ン, small ones as large.
var narrow = map[rune]rune{
	'ァ': 'ｱ', 'ア': 'ｱ', 'ィ': 'ｲ', 'イ': 'ｲ', 'ゥ': 'ｳ', 'ウ': 'ｳ', 'ェ': 'ｴ', 'エ': 'ｴ',
	'ォ': 'ｵ', 'オ': 'ｵ', 'カ': 'ｶ', 'ヵ': 'ｶ', 'キ': 'ｷ', 'ク': 'ｸ', 'ケ': 'ｹ', 'ヶ': 'ｹ',
	'コ': 'ｺ', 'サ': 'ｻ', 'シ': 'ｼ', 'ス': 'ｽ', 'セ': 'ｾ', 'ソ': 'ｿ', 'タ': 'ﾀ', 'チ': 'ﾁ',
	'ッ': 'ﾂ', 'ツ': 'ﾂ', 'テ': 'ﾃ', 'ト': 'ﾄ', 'ナ': 'ﾅ', 'ニ': 'ﾆ', 'ヌ': 'ﾇ', 'ネ': 'ﾈ',
	'ノ': 'ﾉ', 'ハ': 'ﾊ', 'ヒ': 'ﾋ', 'フ': 'ﾌ', 'ヘ': 'ﾍ', 'ホ': 'ﾎ', 'マ': 'ﾏ', 'ミ': 'ﾐ',
	'ム': 'ﾑ', 'メ': 'ﾒ', 'モ': 'ﾓ', 'ャ': 'ﾔ', 'ヤ': 'ﾔ', 'ュ': 'ﾕ', 'ユ': 'ﾕ', 'ョ': 'ﾖ',
	'ヨ': 'ﾖ', 'ラ': 'ﾗ', 'リ': 'ﾘ', 'ル': 'ﾙ', 'レ': 'ﾚ', 'ロ': 'ﾛ', 'ヮ': 'ﾜ', 'ワ': 'ﾜ',
	'ヰ': 'ｲ', 'ヱ': 'ｴ', 'ヲ': 'ｵ', 'ン': 'ﾝ',
	combining: voiced, combiningHalf: halfVoiced,
	'ー': '-', '‐': '-', '‑': '-', '‒': '-', '–': '-', '—': '-', '―': '-', '−': '-',
	'・': '.', '。': '.', '、': ',', '「': '｢', '」': '｣', '\u3000': ' ', '¥': '\\', '￥': '\\',
}

// voicedBy says which kana take which mark, as in the tables of kana: ガ, but no ンガ of one sign.
const (
	takesVoiced     = "ｳｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾊﾋﾌﾍﾎ"
	takesHalfVoiced = "ﾊﾋﾌﾍﾎ"
)

// signs are the characters beside kana that the files know.
const signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ()-./\\,｢｣"

// Narrow returns text in the characters of interbank files. Blanks at the ends are gone, those
// inside are one each. What it returns it takes unchanged.
//
// Errors: the first character that has no such form, or a voicing mark after one that takes none.
func Narrow(text string) (string, error) {
	if len(text) > inputMax {
		return "", fmt.Errorf("is longer than %d characters", HolderMax)
	}
	if !utf8.ValidString(text) {
		return "", fmt.Errorf("is not valid UTF-8")
	}
	// Voiced kana become a kana and its mark; half-width forms become full-width ones.
	// Marks that stand alone join the kana before them.
	text = strings.NewReplacer("゛", string(combining), "゜", string(combiningHalf)).Replace(text)
	wide := norm.NFD.String(norm.NFKC.String(strings.TrimSpace(text)))
	var b strings.Builder
	last := rune(0)
	for _, r := range wide {
		n, ok := one(r)
		if !ok {
			return "", fmt.Errorf("holds %q, which interbank files do not know", r)
		}
		switch {
		case n == ' ' && last == ' ':
			continue
		case n == voiced && !strings.ContainsRune(takesVoiced, last),
			n == halfVoiced && !strings.ContainsRune(takesHalfVoiced, last):
			return "", fmt.Errorf("holds a voicing mark after a character that takes none")
		}
		b.WriteRune(n)
		last = n
	}
	return strings.TrimSpace(b.String()), nil
}

// one is the form of one character.
func one(r rune) (rune, bool) {
	if unicode.Is(unicode.Hiragana, r) && r >= 'ぁ' && r <= 'ゖ' {
		r += 'ア' - 'あ'
	}
	if n, ok := narrow[r]; ok {
		return n, true
	}
	if r >= 'a' && r <= 'z' {
		r += 'A' - 'a'
	}
	return r, strings.ContainsRune(signs, r)
}

// forms are the words for kinds of companies and how interbank files shorten them: with a bracket
// behind at the beginning of a name, before at its end, both inside.
var forms = []struct{ word, short string }{
	{"ｶﾌﾞｼｷｶﾞｲｼﾔ", "ｶ"}, {"ｶﾌﾞｼｷｶｲｼﾔ", "ｶ"}, {"ﾕｳｹﾞﾝｶﾞｲｼﾔ", "ﾕ"}, {"ﾕｳｹﾞﾝｶｲｼﾔ", "ﾕ"},
	{"ｺﾞｳﾄﾞｳｶﾞｲｼﾔ", "ﾄﾞ"}, {"ｺﾞｳﾄﾞｳｶｲｼﾔ", "ﾄﾞ"}, {"ｺﾞｳｼｶﾞｲｼﾔ", "ｼ"}, {"ｺﾞｳｼｶｲｼﾔ", "ｼ"},
	{"ｺﾞｳﾒｲｶﾞｲｼﾔ", "ﾒ"}, {"ｺﾞｳﾒｲｶｲｼﾔ", "ﾒ"}, {"ｲﾘﾖｳﾎｳｼﾞﾝ", "ｲ"}, {"ｼﾕｳｷﾖｳﾎｳｼﾞﾝ", "ｼﾕｳ"},
	{"ｶﾞﾂｺｳﾎｳｼﾞﾝ", "ｶﾞｸ"}, {"ｼﾔｶｲﾌｸｼﾎｳｼﾞﾝ", "ﾌｸ"},
}

// Holder returns the name of an account's holder as interbank files have it: narrowed, the kind of
// company shortened ("カブシキガイシャ ワタリ" is "ｶ)ﾜﾀﾘ"), at most HolderMax characters.
//
// Errors: as of Narrow; an empty name; one that is too long.
func Holder(name string) (string, error) {
	text, err := Narrow(name)
	if err != nil {
		return "", err
	}
	for _, f := range forms {
		if rest, ok := strings.CutPrefix(text, f.word); ok && rest != "" {
			text = f.short + ")" + strings.TrimSpace(rest)
			break
		}
		if rest, ok := strings.CutSuffix(text, f.word); ok && rest != "" {
			text = strings.TrimSpace(rest) + "(" + f.short
			break
		}
	}
	switch n := utf8.RuneCountInString(text); {
	case n == 0:
		return "", fmt.Errorf("is needed")
	case n > HolderMax:
		return "", fmt.Errorf("has %d characters as interbank files count them, with voicing "+
			"marks of their own; at most %d", n, HolderMax)
	}
	return text, nil
}

// IsNarrow tells whether a text holds nothing but characters of interbank files.
func IsNarrow(text string) bool {
	for _, r := range text {
		kana := r >= 'ｱ' && r <= 'ﾟ'
		if !kana && !strings.ContainsRune(signs, r) {
			return false
		}
	}
	return utf8.ValidString(text)
}
