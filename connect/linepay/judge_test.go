package linepay

import (
	"testing"

	"watari/connect/linepay/wire"
	"watari/pay/link"
)

// verdict is what a code means: an outcome, its reason, and who has to act.
type verdict struct {
	outcome link.Outcome
	reason  link.Reason
	mark    string // acting, agreed, nosuch
}

func marked(a link.Answer) string {
	switch {
	case a.UserActing:
		return "acting"
	case a.Agreed:
		return "agreed"
	case a.NoSuch:
		return "nosuch"
	}
	return ""
}

// The goal is that every documented code has one meaning, and every other none. Method: the whole
// table again, apart from the program's, and all four-digit codes.
func TestEveryCodeHasItsOutcome(t *testing.T) {
	t.Parallel()
	no := func(r link.Reason) verdict { return verdict{link.Declined, r, ""} }
	open := func(mark string) verdict { return verdict{link.Unknown, link.ReasonNone, mark} }
	table := map[string]verdict{
		"0000": {link.Approved, "", ""},
		"1101": no("user_unknown"), "1102": no("user_blocked"),
		"1104": no("merchant_not_accepted"), "1105": no("merchant_not_accepted"),
		"1106": no("configuration"), "1110": no("declined"), "1124": no("configuration"),
		"1133": no("code_invalid"), "1141": no("user_blocked"), "1142": no("insufficient_funds"),
		"1145": open("acting"), "1150": open("nosuch"), "1152": open(""), "1153": open(""),
		"1154": no("declined"), "1155": no("declined"), "1159": open("nosuch"),
		"1163": no("window_exceeded"), "1164": no("refund_amount_exceeded"),
		"1165": no("refund_amount_exceeded"), "1169": open("acting"), "1170": open(""),
		"1172": open(""), "1177": no("configuration"), "1178": no("configuration"),
		"1179": no("declined"), "1180": no("order_closed"), "1183": no("configuration"),
		"1184": no("refund_amount_exceeded"), "1190": no("configuration"),
		"1193": no("configuration"), "1194": no("configuration"), "1198": open(""),
		"1199": open(""), "1280": open(""), "1281": no("declined"), "1282": no("declined"),
		"1283": no("risk"), "1284": no("declined"), "1285": no("declined"),
		"1286": no("declined"), "1287": no("declined"), "1288": no("insufficient_funds"),
		"1289": no("over_user_limit"), "1290": no("over_payment_limit"),
		"1291": no("user_blocked"), "1292": no("user_blocked"),
		"1293": no("verification_failed"), "1294": no("risk"), "1295": no("declined"),
		"1296": no("over_payment_limit"), "1298": no("declined"), "1900": open(""),
		"1902": open(""), "1999": open(""), "2101": no("configuration"),
		"2102": no("configuration"), "9000": open(""),
	}
	for n := range 10000 {
		code := string([]byte{'0' + byte(n/1000), '0' + byte(n/100%10), '0' + byte(n/10%10),
			'0' + byte(n%10)})
		want, documented := table[code]
		if !documented {
			want = open("")
		}
		a := judge(wire.Code(code))
		if got := (verdict{a.Outcome, a.Reason, marked(a)}); got != want {
			t.Errorf("%s: got %v, want %v", code, got, want)
		}
		if a.Code != code || (a.Outcome == link.Unknown) != (a.Cause != nil) {
			t.Errorf("%s: code %q, cause %v", code, a.Code, a.Cause)
		}
	}
}

// The goal is the same of a payment request's check, whose codes mean other things, and of an
// offline order's states. Method: tables.
func TestEveryStateHasItsOutcome(t *testing.T) {
	t.Parallel()
	for code, want := range map[wire.Code]verdict{
		"0000": {link.Unknown, "", "acting"}, "0110": {link.Unknown, "", "agreed"},
		"0121": {link.Declined, "order_closed", ""}, "0122": {link.Declined, "declined", ""},
		"0123": {link.Unknown, "", ""}, "1104": {link.Unknown, "", ""},
		"1105": {link.Unknown, "", ""}, "1106": {link.Unknown, "", ""},
		"1150": {link.Unknown, "", "nosuch"}, "1159": {link.Unknown, "", "nosuch"},
		"9000": {link.Unknown, "", ""}, "0199": {link.Unknown, "", ""},
	} {
		a := requestState(code)
		if got := (verdict{a.Outcome, a.Reason, marked(a)}); got != want {
			t.Errorf("request %s: got %v, want %v", code, got, want)
		}
	}
	for state, want := range map[string]verdict{
		"COMPLETE": {link.Approved, "", ""}, "FAIL": {link.Declined, "declined", ""},
		"CANCEL": {link.Declined, "order_closed", ""}, "AUTH_READY": {link.Unknown, "", "acting"},
		"REFUND": {link.Unknown, "", ""}, "complete": {link.Unknown, "", ""},
		"": {link.Unknown, "", ""},
	} {
		a := orderState(state)
		if got := (verdict{a.Outcome, a.Reason, marked(a)}); got != want {
			t.Errorf("order %q: got %v, want %v", state, got, want)
		}
	}
}
