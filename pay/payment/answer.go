package payment

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"watari/pay/link"
)

// textMax is the longest id or code of a wallet that is kept, in bytes.
const textMax = 256

var errText = errors.New("the answer has text that cannot be kept")

// sound returns an answer as it is, or no answer when it has text that no database can keep:
// it proves nothing then, and must not hold up what the wallet says later.
func sound(a link.Answer) link.Answer {
	if keeps(a.TheirID) && keeps(a.Code) {
		return a
	}
	return link.Answer{Outcome: link.Unknown, Cause: errText}
}

// unheard writes why a wallet's answer does not count: a connection that broke, a signature that
// is not the wallet's. What the wallet itself said is kept in the leg; this stands only in the
// log, and an operator has to see it.
func (s *Service) unheard(call, id string, f *frame, a link.Answer) {
	if a.Outcome == link.Unknown && a.Code == "" && a.Cause != nil && !a.UserActing {
		s.logger.Warn("no answer of the wallet", "wallet", f.wallet.Issuer.ID, "call", call,
			"id", id, "cause", a.Cause)
	}
}

// keeps says whether a wallet's text can be kept.
func keeps(text string) bool {
	return len(text) <= textMax && utf8.ValidString(text) &&
		!strings.ContainsFunc(text, unicode.IsControl)
}
