package ticket

import "strings"

// alphabet is that of RFC 9285 and of a QR code's alphanumeric mode, in this order.
const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

// encode45 writes bytes, two at a time, as three characters of base 45. The number of bytes is
// even here, so there is no odd byte at the end.
func encode45(b []byte) string {
	out := make([]byte, 0, len(b)/2*3)
	for i := 0; i+1 < len(b); i += 2 {
		n := int(b[i])<<8 | int(b[i+1])
		out = append(out, alphabet[n%45], alphabet[n/45%45], alphabet[n/45/45])
	}
	return string(out)
}

// decode45 reads what encode45 wrote.
func decode45(s string) ([]byte, bool) {
	if len(s)%3 != 0 {
		return nil, false
	}
	out := make([]byte, 0, len(s)/3*2)
	for i := 0; i < len(s); i += 3 {
		a := strings.IndexByte(alphabet, s[i])
		b := strings.IndexByte(alphabet, s[i+1])
		c := strings.IndexByte(alphabet, s[i+2])
		n := a + 45*b + 45*45*c
		if a < 0 || b < 0 || c < 0 || n > 0xffff {
			return nil, false
		}
		out = append(out, byte(n>>8), byte(n))
	}
	return out, true
}
