package stand

import (
	"strings"
	"unicode"
)

// block is text fitted into a box: lines of one size, in millimetres.
type block struct {
	lines  [][]piece
	widths []float64
	size   float64
}

// fitting is a box for text, in millimetres, and the sizes that may be tried.
type fitting struct {
	width, height float64
	most, least   float64 // size of text
	fine          float64 // below this size words may be broken; 0 is never above least
	weight        weight
	script        int
}

// Lines stand this much of their size apart; sizes are tried in steps of sizeStep.
const (
	leading  = 1.24
	sizeStep = 0.06
)

// fit sets text as large as it goes: first with breaks between words only, then inside of them as
// Japanese is broken, at last cut off with an ellipsis.
func (t *typeface) fit(text string, f fitting) (block, error) {
	words := unitsOf(text, false)
	for size := f.most; size >= max(f.fine, f.least); size -= sizeStep {
		if b, ok, err := t.try(words, f, size); ok || err != nil {
			return b, err
		}
	}
	parts := unitsOf(text, true)
	for size := f.most; size >= f.least; size -= sizeStep {
		if b, ok, err := t.try(parts, f, size); ok || err != nil {
			return b, err
		}
	}
	for n := len(parts) - 1; n > 0; n-- {
		cut := append(append([]unit(nil), parts[:n]...), unit{text: "…"})
		cut[n-1].space = false
		if b, ok, err := t.try(cut, f, f.least); ok || err != nil {
			return b, err
		}
	}
	return block{size: f.least}, nil
}

// try wraps units at a size and evens the lines out.
func (t *typeface) try(units []unit, f fitting, size float64) (block, bool, error) {
	room := max(1, int(f.height/(size*leading)+0.02))
	lines, ok, err := t.wrap(units, f, f.width/size)
	if err != nil || !ok || len(lines) > room {
		return block{}, false, err
	}
	low, high := 0.0, f.width/size
	for range 12 {
		middle := (low + high) / 2
		narrow, ok, err := t.wrap(units, f, middle)
		if err != nil {
			return block{}, false, err
		}
		if ok && len(narrow) == len(lines) {
			high, lines = middle, narrow
		} else {
			low = middle
		}
	}
	b := block{size: size}
	for _, line := range lines {
		pieces, err := t.shape(strings.TrimSuffix(line, " ·"), f.weight, f.script)
		if err != nil {
			return block{}, false, err
		}
		width := 0.0
		for _, p := range pieces {
			width += p.width * size
		}
		b.lines, b.widths = append(b.lines, pieces), append(b.widths, width)
	}
	return b, true, nil
}

// wrap fills lines that are width ems wide; ok is false when a unit is wider.
func (t *typeface) wrap(units []unit, f fitting, width float64) ([]string, bool, error) {
	var lines []string
	line, used := "", 0.0
	for i, u := range units {
		w, err := t.width(u.text, f.weight, f.script)
		if err != nil {
			return nil, false, err
		}
		if w > width {
			return nil, false, nil
		}
		gap := 0.0
		if i > 0 && units[i-1].space {
			if gap, err = t.width(" ", f.weight, f.script); err != nil {
				return nil, false, err
			}
		}
		switch {
		case line != "" && used+gap+w > width:
			lines = append(lines, line)
			line, used = u.text, w
		case gap > 0 && line != "":
			line, used = line+" "+u.text, used+gap+w
		default:
			line, used = line+u.text, used+w
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines, true, nil
}

// unit is what no line break parts.
type unit struct {
	text  string
	space bool // a space follows
}

// What may not begin a line in Japanese, and what may not end one (JIS X 4051).
const (
	neverFirst = "、。，．・：；？！゛゜ヽヾゝゞ々ー」』）〕］｝〉》】’”…‥‐" +
		"ァィゥェォッャュョヮヵヶぁぃぅぇぉっゃゅょゎゕゖ,.:;?!)]}%"
	neverLast = "「『（〔［｛〈《【‘“([{"
)

// unitsOf parts text at its spaces and, when inside is set, between characters of Japanese,
// Chinese and Korean, and inside of words that are too long for any line.
func unitsOf(text string, inside bool) []unit {
	var all []unit
	for _, word := range strings.Fields(text) {
		start := len(all)
		for _, r := range word {
			if len(all) > start && (!inside || joined(all[len(all)-1].text, r)) {
				all[len(all)-1].text += string(r)
				continue
			}
			all = append(all, unit{text: string(r)})
		}
		all[len(all)-1].space = true
	}
	if len(all) > 0 {
		all[len(all)-1].space = false
	}
	return all
}

// wordMax is the longest word that is never broken, in characters.
const wordMax = 18

// joined tells whether r stays on the line of what stands before it.
func joined(before string, r rune) bool {
	runes := []rune(before)
	last := runes[len(runes)-1]
	if strings.ContainsRune(neverFirst, r) || strings.ContainsRune(neverLast, last) {
		return len(runes) < 2*wordMax
	}
	return !eastern(last) && !eastern(r) && len(runes) < wordMax
}

// eastern tells whether lines may be broken beside a character.
func eastern(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) ||
		r == 'ー' || 0x3000 <= r && r <= 0x303f || 0xff00 <= r && r <= 0xffef
}
