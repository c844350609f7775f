package acquirer

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"watari/kit/access"
	"watari/kit/clock"
	"watari/kit/foureyes"
	"watari/kit/i18n"
	"watari/kit/money"
	"watari/pay/party/signup"
	"watari/ui/console"
)

const yen money.Currency = "JPY"

// bankName is where the caller works.
func (a *app) bankName(ctx context.Context, c access.Caller, _ i18n.Lang) (string, error) {
	p, err := a.Places.Participant(ctx, c.ParticipantNo)
	return p.Name, err
}

// bank is the number of the caller's bank: all pages ask with it (B1).
func bank(v *console.Visit) int64 { return v.Caller.ParticipantNo }

// me is the caller, for what two people decide.
func me(v *console.Visit) foureyes.Person { return signup.PersonOf(v.Caller) }

// page is console.Page with this console's ways.
func page(title, tab string) console.Page { return console.Page{Title: title, Tab: tab} }

// show answers with a page that went well.
func show(v *console.Visit, p console.Page, c templ.Component) error {
	return v.Show(http.StatusOK, p, c)
}

// amount is a figure of minor yen. Figures of reports may be negative, amounts never are.
func amount(minor int64) money.Amount {
	a, err := money.New(max(0, minor), yen)
	if err != nil {
		a = money.MustNew(0, yen)
	}
	return a
}

// yenText writes minor yen into a sentence or a picture's label.
func yenText(v *console.Visit, minor int64) string {
	if minor < 0 {
		return "−" + money.FormatFor(string(v.Lang), amount(-minor))
	}
	return money.FormatFor(string(v.Lang), amount(minor))
}

// inLang chooses a name for readers of the page.
func inLang(v *console.Visit, name, nameJA string) string {
	if v.Lang == i18n.Japanese && nameJA != "" {
		return nameJA
	}
	if name == "" {
		return nameJA
	}
	return name
}

// ago says how long something is over, roughly.
func ago(v *console.Visit, t time.Time) string {
	if t.IsZero() {
		return v.T("word.never")
	}
	switch d := v.Now.Sub(t); {
	case d < time.Minute:
		return v.T("ago.now")
	case d < time.Hour:
		return v.N("ago.minutes", int64(d/time.Minute))
	case d < 48*time.Hour:
		return v.N("ago.hours", int64(d/time.Hour))
	default:
		return v.N("ago.days", int64(d/(24*time.Hour)))
	}
}

// long says how long something lasts already.
func long(v *console.Visit, since time.Time) string {
	switch d := v.Now.Sub(since); {
	case d < time.Hour:
		return v.N("n.minutes", max(0, int64(d/time.Minute)))
	case d < 48*time.Hour:
		return v.N("n.hours", int64(d/time.Hour))
	default:
		return v.N("n.days", int64(d/(24*time.Hour)))
	}
}

// number reads a number of the path or the query; 0 for anything else.
func number(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// day reads a date of a filter in Japan; false for anything else.
func day(s string) (time.Time, bool) {
	t, err := time.ParseInLocation(time.DateOnly, s, clock.JST)
	return t, err == nil
}

// category is the name of a merchant category code.
func category(v *console.Visit, mcc string) string {
	if mcc == "" {
		return "–"
	}
	key := "mcc." + mcc
	if text := v.T(key); text != key {
		return text
	}
	return mcc
}

// categories are the options of a Select, in the order of their codes. A code that is not among
// them is added, so that a form never changes it.
func categories(v *console.Visit, now string) []console.Option {
	list := make([]console.Option, 0, len(mccs)+1)
	known := now == ""
	for _, code := range mccs {
		known = known || code == now
		list = append(list, console.Option{Value: code, Label: category(v, code) + " · " + code})
	}
	if !known {
		list = append(list, console.Option{Value: now, Label: now})
	}
	return list
}

// mccs are the categories that small shops for visitors fall into (ISO 18245), in the order in
// which the form offers them; the catalogue has "mcc.<code>" for each.
var mccs = []string{"5812", "5814", "5813", "5499", "5411", "5441", "5451", "5462", "5921",
	"7011", "7012", "5309", "5947", "5944", "5999", "5311", "5331", "5399", "5651", "5661", "5691",
	"5732", "5912", "5977", "5942", "5943", "5945", "5941", "5712", "5719", "5931",
	"5932", "5970", "5971", "5992", "5995", "4111", "4112", "4121", "4131", "4411", "4722",
	"7512", "7519", "7523", "5541", "7230", "7297", "7298", "7922", "7929", "7941", "7991",
	"7996", "7998", "7999", "7832", "8011", "8021", "8062", "8099", "8211", "8299", "8398"}

// option puts an empty choice before a list.
func optional(label string, list []console.Option) []console.Option {
	return append([]console.Option{{Value: "", Label: label}}, list...)
}

// link is an address of the console.
func link(parts ...string) string {
	path := Prefix
	for _, p := range parts {
		path += "/" + p
	}
	return path
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
