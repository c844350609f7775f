package alipayplus

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"regexp"

	"watari/connect/alipayplus/wire"
)

// browser is what a wallet adds to its User-Agent when it opens an entry code, so that the page
// knows whose browser it is in.
const browser = "AlipayConnect"

// merchantCodes are EMVCo codes of merchants, JPQR among them. Which store one names, and that it
// names none here, is found when it is sent to be decoded.
const merchantCodes = `^000201`

// codeRules tells a wallet which scanned codes it can send here: the orders and entry pages of
// this network, printed merchant codes, and the private codes of acquirers.
func (s *Server) codeRules(ctx context.Context, x *exchange) (wire.Message, *refusal) {
	var req wire.CodeRulesRequest
	if refused := x.decode(&req); refused != nil {
		return nil, refused
	}
	rules := []wire.CodeRule{{Pattern: merchantCodes, Action: wire.ActionDecode}}
	if s.public != "" {
		base := regexp.QuoteMeta(s.public)
		rules = append(rules,
			wire.CodeRule{Pattern: "^" + base + "/q/[0-9a-z]+$", Action: wire.ActionDecode},
			wire.CodeRule{Pattern: "^" + base + "/(s|pay)/[0-9a-z]+$",
				Action: wire.ActionOpenURL, UserAgent: browser})
	}
	if s.owners != nil {
		all, err := s.owners.All(ctx)
		if err != nil {
			return nil, &refusal{wire.CodeUnknown, "owners of codes", "", err}
		}
		for _, o := range all {
			rules = append(rules, wire.CodeRule{Pattern: "^" + regexp.QuoteMeta(o.Prefix),
				Action: wire.ActionDecode})
		}
	}
	res := &wire.CodeRulesResponse{Result: wire.ResultOf(wire.CodeSuccess), Rules: rules}
	sum := sha256.Sum256(wire.Encode(res))
	res.Version = hex.EncodeToString(sum[:8])
	return res, nil
}
