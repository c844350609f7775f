package till

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"

	"watari/kit/fault"
	"watari/kit/id"
	"watari/kit/money"
	"watari/kit/web"
	"watari/pay/payment"
	"watari/ui/theme"
)

// codeMax is the longest scanned text that a till sends on, in bytes: the most a QR code holds.
const codeMax = 2953

// waitingFor is how far back the pad looks for payments without an outcome.
const waitingFor = 24 * time.Hour

// lastFor is how long the pad says how the last payment ended.
const lastFor = 15 * time.Minute

// padScreen asks for the amount.
type padScreen struct {
	typed   string
	mistake string
	request string // of an order, should one be made
	takes   []string
	waiting []row
	last    *row // how this terminal's last payment ended; nil when it is long ago
}

// scanScreen asks for the code.
type scanScreen struct {
	amount  money.Amount
	request string // id of the sale, for a browser without scripts
	sure    bool   // the cashier was warned and went on
	code    string
	mistake string
}

// similarScreen warns of a payment of the same amount.
type similarScreen struct {
	other   row
	actions []action
}

func (t *visit) showPadWith(status int, p padScreen) error {
	var err error
	if p.waiting, err = t.waiting(); err != nil {
		return err
	}
	if p.mistake == "" { // on the smallest phones there is no room for both
		if p.last, err = t.last(); err != nil {
			return err
		}
	}
	if p.takes, err = t.takes(); err != nil {
		return err
	}
	p.request = id.Secret(16)
	return t.app.show(t.w, t.r, status, t.v.pad(p))
}

// showPad asks for the amount. It is where an app begins, and so where the till is remembered for
// another year.
func (a *app) showPad(t *visit) error {
	if c, err := t.r.Cookie(sessionCookie); err == nil {
		rememberSession(t.w, t.r, c.Value)
	}
	typed := t.r.Form.Get("amount")
	if amount, mistake := theme.ParseYen(typed); mistake == "" {
		typed = theme.GroupedYen(amount)
	}
	return t.showPadWith(http.StatusOK, padScreen{typed: clip(typed)})
}

// waiting lists this terminal's payments whose outcome is not known, newest first.
func (t *visit) waiting() ([]row, error) {
	p := t.point()
	list, _, err := t.app.Payments.List(t.ctx(), payment.Filter{AcquirerNo: p.Acquirer.No,
		StoreNo: p.Store.No, TerminalNo: p.Terminal.No, From: t.now.Add(-waitingFor), Limit: 5,
		States: []payment.State{payment.Authorising, payment.Pending}})
	if err != nil {
		return nil, err
	}
	return t.rows(list)
}

// last is this terminal's last payment with an outcome, if it is not long ago. Whatever the
// cashier missed, a lost connection or a flat battery, the pad says how it ended.
func (t *visit) last() (*row, error) {
	p := t.point()
	list, _, err := t.app.Payments.List(t.ctx(), payment.Filter{AcquirerNo: p.Acquirer.No,
		StoreNo: p.Store.No, TerminalNo: p.Terminal.No, From: t.now.Add(-lastFor), Limit: 1})
	if err != nil || len(list) == 0 || isOpen(list[0].State) {
		return nil, err
	}
	r, err := t.row(&list[0])
	return &r, err
}

func (t *visit) rows(list []payment.Payment) ([]row, error) {
	rows := make([]row, len(list))
	for i := range list {
		var err error
		if rows[i], err = t.row(&list[i]); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// showWaiting is the list of waiting payments alone, for a pad that is open.
func (a *app) showWaiting(t *visit) error {
	rows, err := t.waiting()
	if err != nil {
		return err
	}
	last, err := t.last()
	if err != nil {
		return err
	}
	return a.show(t.w, t.r, http.StatusOK, t.v.waiting(rows, last))
}

// showScan asks for the customer's code, unless the same amount waits already (U3).
func (a *app) showScan(t *visit) error {
	typed := t.r.Form.Get("amount")
	amount, mistake := theme.ParseYen(typed)
	if mistake != "" {
		return t.showPadWith(http.StatusUnprocessableEntity, padScreen{typed: clip(typed),
			mistake: t.v.T(mistake, "max", digitsMax)})
	}
	s := scanScreen{amount: amount, request: id.Secret(16), sure: t.r.Form.Get("sure") == "1"}
	if !s.sure {
		other, err := t.similar(amount, "")
		if err != nil {
			return err
		}
		if other != nil {
			on := "/till/scan?sure=1&amount=" + strconv.FormatInt(amount.Minor(), 10)
			return t.warn(http.StatusOK, other, action{href: on, text: t.v.T("similar.go_on")})
		}
	}
	return a.show(t.w, t.r, http.StatusOK, t.v.scan(s))
}

// similar finds a waiting payment of the same amount that is not the sale asked about (U3).
func (t *visit) similar(amount money.Amount, requestID string) (*payment.Payment, error) {
	p := t.point()
	other, err := t.app.Payments.Similar(t.ctx(), p.Acquirer.No, p.Store.No, p.Terminal.No,
		amount)
	if err != nil || other == nil || other.RequestID == requestID {
		return nil, err
	}
	return other, nil
}

func (t *visit) warn(status int, other *payment.Payment, goOn action) error {
	r, err := t.row(other)
	if err != nil {
		return err
	}
	look := action{href: r.href + "/result", text: t.v.T("similar.look"), icon: "wait",
		class: "main", fresh: true}
	return t.app.show(t.w, t.r, status, t.v.similar(similarScreen{other: r,
		actions: []action{look, goOn}}))
}

// answered marks a response to a sale that a script may show and stop asking: "payment" when
// the payment has an address of its own, "refusal" when the network said no, "warning" and
// "mistake" when it was not asked.
const answered = "Till-Answer"

// sell takes a payment: amount, code, request, sure; from a script also till, the terminal that
// the page was made for, and late for a sale that is only looked for (U7).
func (a *app) sell(t *visit) error {
	form := t.r.PostForm
	if till := form.Get("till"); till != "" && till != t.v.till() {
		return t.otherTill()
	}
	amount, mistake := theme.ParseYen(form.Get("amount"))
	if mistake != "" {
		t.w.Header().Set(answered, "mistake")
		return t.showPadWith(http.StatusUnprocessableEntity, padScreen{
			typed: clip(form.Get("amount")), mistake: t.v.T(mistake, "max", digitsMax)})
	}
	s := scanScreen{amount: amount, request: form.Get("request"), sure: form.Get("sure") == "1",
		code: together(form.Get("code"))}
	if !requestOK(s.request) {
		s.request = id.Secret(16)
	}
	if form.Get("late") == "1" {
		return t.lookFor(s)
	}
	if s.mistake = codeMistake(s.code); s.mistake != "" {
		s.mistake, s.code = t.v.T(s.mistake), ""
		t.w.Header().Set(answered, "mistake")
		return a.show(t.w, t.r, http.StatusUnprocessableEntity, t.v.scan(s))
	}
	if !s.sure {
		other, err := t.similar(amount, t.requestID(s.request))
		if err != nil {
			return err
		}
		if other != nil {
			t.w.Header().Set(answered, "warning")
			return t.warn(http.StatusConflict, other, action{href: "/till/sales",
				sale: t.v.money(amount), text: t.v.T("similar.go_on"), post: []hidden{
					{"amount", strconv.FormatInt(amount.Minor(), 10)}, {"code", s.code},
					{"request", s.request}, {"sure", "1"}}})
		}
	}
	p, err := a.Payments.Sell(t.ctx(), t.sale(s))
	var refusal *fault.Error
	switch {
	case errors.As(err, &refusal) && refusal.Problem.Kind != fault.Unavailable:
		t.w.Header().Set(answered, "refusal")
		return t.refused(amount, refusal)
	case err != nil:
		return t.unanswered(s, err)
	}
	return t.seeOther("/till/payments/" + url.PathEscape(p.ID) + "/result")
}

// sale is what the payment service is asked.
func (t *visit) sale(s scanScreen) payment.Sale {
	p, sum := t.point(), sha256.Sum256([]byte(s.code))
	rid := t.requestID(s.request)
	return payment.Sale{
		Origin: payment.Origin{AcquirerNo: p.Acquirer.No, Channel: payment.ChannelTill,
			RequestID: rid, Actor: t.actor(), Began: web.Began(t.ctx()),
			Compare: []payment.Field{{Name: "amount", Value: s.amount.String()},
				{Name: "code", Value: hex.EncodeToString(sum[:])}}},
		MerchantID: p.Merchant.ID, StoreID: p.Store.ID, TerminalID: p.Terminal.ID,
		OrderRef: rid, Description: p.Store.Name, Amount: s.amount, Code: s.code}
}

// requestID is a browser's request id as the network knows it (U2).
func (t *visit) requestID(request string) string {
	return "t" + strconv.FormatInt(t.point().Terminal.No, 10) + "-" + request
}

// actor is who did it, for the event.
func (t *visit) actor() string { return "terminal:" + t.point().Terminal.ID }

// refused tells a refusal that no repeat will change.
func (t *visit) refused(amount money.Amount, e *fault.Error) error {
	why, next := t.v.refusal(e)
	n := strconv.FormatInt(amount.Minor(), 10)
	s := resultScreen{sign: sign{"stop", "cross", t.v.T("result.refused")}, amount: amount,
		why: why, next: next, code: e.Problem.Slug, tab: "charge", actions: []action{
			{href: "/till/scan?amount=" + n, text: t.v.T("result.scan_again"), icon: "scan",
				class: "main", fresh: true, key: true},
			{href: "/till/", text: t.v.T("result.new"), fresh: true}}}
	return t.app.show(t.w, t.r, web.Status(e.Problem), t.v.result(s))
}

// unanswered tells a browser without scripts that nobody knows, and how to ask again (U1). A
// script asks by itself and shows nothing of this.
func (t *visit) unanswered(s scanScreen, err error) error {
	id := web.RequestID(t.ctx())
	t.app.Logger.Error("sale has no answer yet", "terminal", t.point().Terminal.ID,
		"sale", t.requestID(s.request), "request", id, "error", err)
	screen := resultScreen{sign: sign{"wait", "wait", t.v.T("unanswered.title")}, tab: "charge",
		amount: s.amount, why: t.v.cause(err), next: t.v.T("unanswered.next"), code: id,
		actions: []action{{href: "/till/sales", text: t.v.T("unanswered.again"), class: "main",
			sale: t.v.money(s.amount), post: []hidden{{"amount", strconv.FormatInt(s.amount.Minor(), 10)},
				{"code", s.code}, {"request", s.request}, {"sure", "1"}}}}}
	return t.app.show(t.w, t.r, http.StatusServiceUnavailable, t.v.result(screen))
}

// noSale answers who opens the address of the form itself.
func (a *app) noSale(t *visit) error { return t.seeOther("/till/") }

// requestOK tells whether a request id has the form that the pages mint.
func requestOK(s string) bool {
	bad := func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }
	return len(s) >= 16 && len(s) <= 40 && !strings.ContainsFunc(s, bad)
}

// codeMistake names what is wrong with a scanned text before anybody is asked about it.
func codeMistake(code string) string {
	switch {
	case code == "":
		return "code.missing"
	case len(code) > codeMax:
		return "code.too_long"
	case !utf8.ValidString(code) || strings.ContainsFunc(code, unicode.IsControl):
		return "code.unreadable"
	}
	return ""
}

// clip shortens what somebody typed for showing it again.
func clip(s string) string {
	if len(s) > 40 || !utf8.ValidString(s) {
		return ""
	}
	return s
}

// together takes the blanks out of a code: phones show its digits in groups, and people type
// what they see. Full-width digits are what a Japanese keyboard gives.
func together(typed string) string {
	return strings.Join(strings.Fields(width.Narrow.String(typed)), "")
}
