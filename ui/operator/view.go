package operator

import (
	"bytes"
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"watari/kit/clock"
	"watari/kit/money"
	"watari/pay/link/guard"
	"watari/pay/party"
	"watari/pay/payment"
	"watari/pay/report"
	"watari/pay/watch"
	"watari/ui/console"
)

// look is how a state is shown: a colour, a shape and the key of its word.
type look struct{ tone, icon string }

// paymentLooks are the looks of payments; the words are "state.<state>".
var paymentLooks = map[payment.State]look{
	payment.Authorising: {console.Wait, ""}, payment.Pending: {console.Wait, ""},
	payment.Authorised: {console.Plain, "lock"}, payment.Captured: {console.Good, ""},
	payment.Declined: {console.Stop, ""}, payment.Cancelled: {console.Plain, "slash"},
	payment.Refunded: {console.Back, ""},
}

// legLooks are the looks of legs; the words are "leg.<state>".
var legLooks = map[payment.LegState]look{
	payment.LegAsked: {console.Wait, ""}, payment.LegUnknown: {console.Wait, ""},
	payment.LegApproved: {console.Good, ""}, payment.LegDeclined: {console.Stop, ""},
	payment.LegCancelling: {console.Wait, "return"}, payment.LegCancelled: {console.Plain, "slash"},
	payment.LegStuck: {console.Stop, "alert"},
}

// refundLooks are the looks of refunds; the words are "refund.<state>".
var refundLooks = map[payment.RefundState]look{
	payment.RefundRequested: {console.Wait, ""}, payment.RefundUnknown: {console.Wait, ""},
	payment.RefundSucceeded: {console.Good, ""}, payment.RefundFailed: {console.Stop, ""},
}

// statusLooks are the looks of participants; the words are "status.<status>".
var statusLooks = map[party.Status]look{party.Open: {console.Good, ""},
	party.Suspended: {console.Wait, "lock"}, party.Closed: {console.Stop, ""}}

// severityLooks are the looks of alerts; the words are "severity.<severity>".
var severityLooks = map[watch.Severity]look{watch.Urgent: {console.Stop, "alert"},
	watch.Warning: {console.Wait, "alert"}, watch.Notice: {console.Plain, "bell"}}

// circuitLooks are the looks of circuits; the words are "circuit.<state>".
var circuitLooks = map[guard.State]look{guard.Closed: {console.Good, ""},
	guard.HalfOpen: {console.Wait, ""}, guard.Open: {console.Stop, ""}}

// badge draws a state with its word: the key "<kind>.<state>".
func badge[S ~string](v *console.Visit, looks map[S]look, kind string, s S) templ.Component {
	l := looks[s]
	return v.Badge(l.tone, l.icon, v.T(kind+"."+string(s)))
}

// word is the text of a key, or the last resort where there is none.
func word(v *console.Visit, key, otherwise string) string {
	if text := v.T(key); text != key {
		return text
	}
	return otherwise
}

// eventWord is what an event is called, or else what it is about.
func eventWord(v *console.Visit, kind string) string {
	about, _, _ := strings.Cut(kind, ".")
	return word(v, "event."+kind, word(v, "events_of."+about, kind))
}

// shown writes an amount in words.
func shown(v *console.Visit, a money.Amount) string {
	return money.FormatFor(string(v.Lang), a)
}

// minor writes minor units of a currency, negative ones with a sign.
func minor(v *console.Visit, n int64, c money.Currency) string {
	sign := ""
	if n < 0 {
		sign, n = "−", -n
	}
	a, err := money.New(n, c)
	if err != nil {
		return sign + strconv.FormatInt(n, 10) + " " + string(c)
	}
	return sign + shown(v, a)
}

// yen is the currency of shops in Japan.
const yen money.Currency = "JPY"

// percentOf writes parts per million as percent, "1.98 %".
func percentOf(ppm int64) string { return decimal(ppm, 4) + " %" }

// decimal writes n × 10^-places without zeros at the end.
func decimal(n int64, places int) string {
	sign := ""
	if n < 0 {
		sign, n = "−", -n
	}
	digits := strconv.FormatInt(n, 10)
	for len(digits) <= places {
		digits = "0" + digits
	}
	whole, fraction := digits[:len(digits)-places], digits[len(digits)-places:]
	fraction = strings.TrimRight(fraction, "0")
	if fraction == "" {
		return sign + whole
	}
	return sign + whole + "." + fraction
}

// parsePPM reads a percentage as people write it, "1.98", into parts per million.
func parsePPM(text string) (int64, bool) {
	n, ok := parseDecimal(text, 4)
	return n, ok && n <= 1_000_000
}

// parseDecimal reads a plain decimal with at most so many places into that many more digits.
func parseDecimal(text string, places int) (int64, bool) {
	text = strings.ReplaceAll(strings.TrimSpace(text), ",", "")
	whole, fraction, _ := strings.Cut(text, ".")
	if whole == "" || len(whole) > 15-places || len(fraction) > places ||
		strings.ContainsFunc(whole+fraction, func(r rune) bool { return r < '0' || r > '9' }) {
		return 0, false
	}
	for len(fraction) < places {
		fraction += "0"
	}
	n, err := strconv.ParseInt(whole+fraction, 10, 64)
	return n, err == nil
}

// millis writes a time that an answer took.
func millis(d time.Duration) string {
	ms := d.Milliseconds()
	if ms < 1000 {
		return strconv.FormatInt(ms, 10) + " ms"
	}
	return decimal(ms/100, 1) + " s"
}

// thousandths writes a share.
func thousandths(n int64) string { return decimal(n, 1) + " %" }

// at writes an instant in Japan as short as it can be said.
func at(v *console.Visit, t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	if t.In(clock.JST).Format(time.DateOnly) == v.Now.In(clock.JST).Format(time.DateOnly) {
		return v.Lang.Time(t)
	}
	return v.Lang.DateTime(t)
}

// ago writes how long something has gone on.
func ago(v *console.Visit, since time.Time) string {
	d := v.Now.Sub(since)
	switch {
	case d < time.Minute:
		return v.T("ago.now")
	case d < time.Hour:
		return v.N("ago.minutes", int64(d/time.Minute))
	case d < 48*time.Hour:
		return v.N("ago.hours", int64(d/time.Hour))
	}
	return v.N("ago.days", int64(d/(24*time.Hour)))
}

// periodText says in the words of a key which time was looked at (O3).
func periodText(v *console.Visit, key string, p report.Period) string {
	return v.T(key, "from", v.Lang.DateTime(p.From), "until", v.Lang.DateTime(p.Until))
}

// roll is participants by number.
type roll = map[int64]party.Participant

// names are all participants.
func (p *pages) names(ctx context.Context) (roll, error) {
	all, err := p.Directory.Participants(ctx)
	found := make(roll, len(all))
	for _, one := range all {
		found[one.No] = one
	}
	return found, err
}

// participantPath is the page of a participant.
func participantPath(id string) string { return Prefix + "/participants/" + id }

// paymentPath is the page of a payment.
func paymentPath(id string) string { return Prefix + "/payments/" + id }

// walletPath is the page of a wallet's health.
func walletPath(id string) string { return Prefix + "/wallets/" + id }

// nothing is an empty cell.
func nothing() templ.Component { return console.Text("–") }

// orNothing is a text, or a dash.
func orNothing(s string) templ.Component {
	if s == "" {
		return nothing()
	}
	return console.Text(s)
}

// shareOf is a share in words, a dash where there is none.
func shareOf(n int64, ok bool) string {
	if !ok {
		return "–"
	}
	return thousandths(n)
}

// timeOf is a time in words, a dash where there is none.
func timeOf(d time.Duration, ok bool) string {
	if !ok {
		return "–"
	}
	return millis(d)
}

// pretty writes JSON so that people can read it.
func pretty(text string) string {
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(text), "", "  "); err != nil {
		return text
	}
	return b.String()
}

// nextPage is the address behind a cursor; "" on the last page.
func nextPage(v *console.Visit, cursor string) string {
	if cursor == "" {
		return ""
	}
	return v.Here("after", cursor)
}

// firstPage is the address of the beginning; "" there.
func firstPage(v *console.Visit) string {
	if v.R.FormValue("after") == "" {
		return ""
	}
	return v.Here("after", "")
}
