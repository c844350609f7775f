package ticket

import "strings"

// TogetherMax is how many tickets one code shows at most: six that change are 864 characters,
// version 17 of a QR code at error correction L.
const TogetherMax = 6

// Join is the text of one code for people who come together: their tickets one behind the other,
// each with its digits when it changes. Each keeps its own signature, so that every person is
// judged, counted and reported for themselves, also where there is no network. It is "" for none
// and for more than TogetherMax.
func Join(shown ...string) string {
	if len(shown) > TogetherMax {
		return ""
	}
	return strings.Join(shown, "")
}

// Split takes apart what Join made; of one ticket more than once it keeps the first. What cannot be
// taken apart, and a ticket alone, comes back as it is. Nothing is verified (K1).
func Split(text string) []string {
	var parts []string
	seen := map[ID]bool{}
	n := 0
	for rest := text; rest != ""; n++ {
		c, _, err := Parse(rest[:min(TextLen, len(rest))])
		if err != nil || n >= TogetherMax {
			return []string{text}
		}
		size := TextLen
		if c.Changes && len(rest) >= TextLen+digitsLen {
			size += digitsLen
		}
		if !seen[c.Ticket] {
			seen[c.Ticket] = true
			parts = append(parts, rest[:size])
		}
		rest = rest[size:]
	}
	if n < 2 {
		return []string{text}
	}
	return parts
}
