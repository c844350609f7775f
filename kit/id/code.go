package id

// CodeMax is how many characters a code has at most.
const CodeMax = 40

// IsCode says whether s is a code: a short name that people choose for something and that
// addresses, files and tickets carry, such as "day-pass". It has 1 to CodeMax letters a to z,
// digits and single hyphens inside, so it needs no escaping anywhere and never begins like an
// option or a formula.
func IsCode(s string) bool {
	if s == "" || len(s) > CodeMax || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && (c != '-' || s[i-1] == '-') {
			return false
		}
	}
	return true
}
