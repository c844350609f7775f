package qr

import (
	"errors"
	"fmt"
	"strings"

	"rsc.io/qr/coding"
)

// encode makes the QR code of a text as small and as even as the standard lets it be: digits,
// capitals and other bytes in segments of their own, and the mask with the least penalty. Both
// make it readable from farther away; the library does neither by itself.
func encode(text string, level coding.Level) (*coding.Code, error) {
	for _, last := range []coding.Version{9, 26, coding.MaxVersion} {
		parts := segments(text, last)
		bits := 0
		for _, p := range parts {
			bits += p.Bits(last)
		}
		if bits > last.DataBytes(level)*8 {
			continue
		}
		// The fields of lengths have the same width in all versions of this class.
		v := last
		for v > coding.MinVersion && bits <= (v-1).DataBytes(level)*8 && class(v-1) == class(v) {
			v--
		}
		return masked(parts, v, level)
	}
	return nil, errors.New("the text is too long for a QR code")
}

// class is the group of versions whose lengths are written with the same number of bits.
func class(v coding.Version) int {
	switch {
	case v <= 9:
		return 0
	case v <= 26:
		return 1
	}
	return 2
}

// The ways in which a segment is written, in the order of what they can hold.
const (
	digits = iota
	capitals
	anything
	modes
)

// alphabet is what the alphanumeric mode writes (ISO/IEC 18004, table 5).
const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

// costs are the sixths of a bit that a character takes in each mode.
var costs = [modes]int{20, 33, 48}

// segments parts a text so that it takes the fewest bits in a version: the cheapest way through
// its characters, where going on in another mode costs the head of a new segment.
func segments(text string, v coding.Version) []coding.Encoding {
	heads := [modes]int{6 * coding.Num("").Bits(v), 6 * coding.Alpha("").Bits(v),
		6 * coding.String("").Bits(v)}
	const never = 1 << 30
	cost := heads
	from := make([][modes]int, len(text)) // the mode of the character before
	for i := range len(text) {
		fits := [modes]bool{'0' <= text[i] && text[i] <= '9',
			strings.IndexByte(alphabet, text[i]) >= 0, true}
		var next [modes]int
		for m := range next {
			next[m] = never
			for k := range cost {
				sum := cost[k]
				if k != m {
					if i == 0 {
						continue
					}
					sum = (sum+5)/6*6 + heads[m]
				}
				if fits[m] && sum < never && sum+costs[m] < next[m] {
					next[m], from[i][m] = sum+costs[m], k
				}
			}
		}
		cost = next
	}
	best := anything
	for m := range cost {
		if cost[m] < cost[best] {
			best = m
		}
	}
	return cut(text, from, best)
}

// cut walks the cheapest way back and parts the text where the mode changes.
func cut(text string, from [][modes]int, mode int) []coding.Encoding {
	var parts []coding.Encoding
	end := len(text)
	for i := len(text) - 1; i >= 0; i-- {
		before := from[i][mode]
		if i > 0 && before == mode {
			continue
		}
		part := text[i:end]
		switch mode {
		case digits:
			parts = append(parts, coding.Num(part))
		case capitals:
			parts = append(parts, coding.Alpha(part))
		default:
			parts = append(parts, coding.String(part))
		}
		end, mode = i, before
	}
	for i, j := 0, len(parts)-1; i < j; i, j = i+1, j-1 {
		parts[i], parts[j] = parts[j], parts[i]
	}
	return parts
}

// masked draws a code with each of the eight masks and takes the one with the least penalty.
func masked(parts []coding.Encoding, v coding.Version, level coding.Level) (*coding.Code, error) {
	var best *coding.Code
	least := 0
	for m := range coding.Mask(8) {
		plan, err := coding.NewPlan(v, level, m)
		if err != nil {
			return nil, fmt.Errorf("plan version %d: %w", v, err)
		}
		code, err := plan.Encode(parts...)
		if err != nil {
			return nil, fmt.Errorf("write version %d: %w", v, err)
		}
		if p := penalty(code); best == nil || p < least {
			best, least = code, p
		}
	}
	return best, nil
}

// penalty says how hard a code is to read (ISO/IEC 18004, 7.8.3): runs of one shade, blocks, what
// looks like a finder pattern, and more of one shade than of the other.
func penalty(c *coding.Code) int {
	sum, dark := 0, 0
	for i := range c.Size {
		sum += lines(c.Size, func(j int) bool { return c.Black(j, i) })
		sum += lines(c.Size, func(j int) bool { return c.Black(i, j) })
		for j := range c.Size {
			is := c.Black(i, j)
			if is {
				dark++
			}
			if i > 0 && j > 0 && c.Black(i-1, j) == is && c.Black(i, j-1) == is &&
				c.Black(i-1, j-1) == is {
				sum += 3
			}
		}
	}
	off := 100*dark/(c.Size*c.Size) - 50
	return sum + 10*(max(off, -off)/5) + 1000*lookalikes(c)
}

// lookalikes counts the places that a reader may take for a finder pattern: a dark spot two or
// three modules wide, with a light and a dark module on either side, in its row and in its column.
// Some readers give up over a single one.
func lookalikes(c *coding.Code) (n int) {
	for y := 2; y < c.Size-2; y++ {
		for x := 2; x < c.Size-2; x++ {
			corner := (x == 3 || x == c.Size-4) && y == 3 || x == 3 && y == c.Size-4
			if !corner && crossed(func(d int) bool { return c.Black(x+d, y) }) &&
				crossed(func(d int) bool { return c.Black(x, y+d) }) {
				n++
			}
		}
	}
	return n
}

// crossed tells whether a line has the shape of a finder pattern around a module.
func crossed(dark func(d int) bool) bool {
	reach := func(step int) (inner int, ok bool) {
		for dark(inner*step) && inner < 3 {
			inner++
		}
		return inner, inner < 3 && dark((inner+1)*step) && !dark((inner+2)*step)
	}
	right, ok := reach(1)
	left, good := reach(-1)
	width := left + right - 1 // of the dark spot
	return ok && good && (width == 2 || width == 3)
}

// lines is the penalty of one row or column.
func lines(n int, dark func(int) bool) int {
	const lightAfter, lightBefore = 0b10111010000, 0b00001011101
	sum, run, window := 0, 0, 0
	for j := range n {
		is := dark(j)
		if j > 0 && is == (window&1 == 1) {
			run++
		} else {
			run = 1
		}
		if run == 5 {
			sum += 3
		} else if run > 5 {
			sum++
		}
		window = window << 1 & 0x7ff
		if is {
			window |= 1
		}
		if j >= 10 && (window == lightAfter || window == lightBefore) {
			sum += 40
		}
	}
	return sum
}
