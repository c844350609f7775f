package merchant

import (
	"net/http"

	"watari/kit/id"
	"watari/kit/money"
	"watari/kit/web"
	"watari/pay/payment"
	"watari/ui/console"
	"watari/ui/theme"
)

// refundScreen asks how much goes back.
type refundScreen struct {
	receipt
	giving Giving
}

// reviewScreen is the last look before money goes back.
type reviewScreen struct {
	receipt
	giving  Giving
	amount  money.Amount
	reason  string
	request string
}

// reasonMax is the longest reason of a refund, in characters.
const reasonMax = 200

// givingOf collects what the rules ask about giving minor yen of a payment back.
func (a *app) givingOf(v *console.Visit, r receipt, minor int64) (Giving, error) {
	point, err := a.Directory.Store(v.Ctx(), r.line.StoreNo)
	if err != nil {
		return Giving{}, err
	}
	_, today, err := a.Payments.RefundedToday(v.Ctx(), r.line.AcquirerNo, r.line.StoreNo, 0)
	st := point.Store
	return Giving{Minor: minor, Rest: r.rest(), StoreMax: st.RefundDayMaxMinor, StoreGiven: today,
		PINAbove: st.PINAboveMinor, HasPIN: st.ManagerPINHash != "",
		Paused: a.pins.paused(st.No, v.Now)}, err
}

// refundable finds the payment, and sends whoever comes too late back to it.
func (a *app) refundable(v *console.Visit) (r receipt, ok bool, err error) {
	if r, err = a.receiptOf(v); err != nil {
		return r, false, err
	}
	if r.rest() > 0 {
		return r, true, nil
	}
	return r, false, v.SeeOther("/merchant/payments/"+r.line.ID, v.T("refund.nothing_left"))
}

func (a *app) askRefund(v *console.Visit) error {
	r, ok, err := a.refundable(v)
	if !ok {
		return err
	}
	g, err := a.givingOf(v, r, r.rest())
	if err != nil {
		return err
	}
	return v.Show(http.StatusOK, r.page(v, v.T("refund.title")),
		refundPage(v, refundScreen{r, g}))
}

// page frames the pages of a refund.
func (r receipt) page(v *console.Visit, title string) console.Page {
	return console.Page{Title: title, Tab: "payments", Crumbs: []console.Link{
		{Text: v.T("payments.title"), Href: "/merchant/payments"},
		{Text: v.T("payment.title"), Href: "/merchant/payments/" + r.line.ID}}}
}

// reviewRefund looks at an amount once more: part (all, some), amount, reason.
func (a *app) reviewRefund(v *console.Visit) error {
	r, ok, err := a.refundable(v)
	if !ok {
		return err
	}
	amount := yenOf(r.rest())
	if v.Typed("part") == "some" {
		var mistake string
		if amount, mistake = theme.ParseYen(v.Typed("amount")); mistake != "" {
			v.Mistake("amount", v.T(mistake, "max", theme.DigitsMax))
			return a.askRefund(v)
		}
	}
	g, err := a.givingOf(v, r, amount.Minor())
	if err != nil {
		return err
	}
	if verdict := g.Judge(); verdict != Allowed && verdict != NeedPIN {
		v.Mistake("amount", told(v, verdict, g))
		return a.askRefund(v)
	}
	return a.review(v, r, g, id.Secret(16))
}

func (a *app) review(v *console.Visit, r receipt, g Giving, request string) error {
	return v.Show(http.StatusOK, r.page(v, v.T("refund.sure")), reviewPage(v, reviewScreen{
		receipt: r, giving: g, amount: yenOf(g.Minor), reason: clip(v.Typed("reason")),
		request: request}))
}

// giveBack refunds: minor, request, pin, reason.
func (a *app) giveBack(v *console.Visit) error {
	r, err := a.receiptOf(v)
	if err != nil {
		return err
	}
	at := "/merchant/payments/" + r.line.ID
	request := v.Typed("request")
	amount, mistake := theme.ParseYen(v.Typed("minor"))
	if mistake != "" || !requestOK(request) {
		return v.SeeOther(at, v.T("refund.again"))
	}
	// A repeat is answered before it is judged: the first one counts in the limits already.
	for _, f := range r.refunds {
		if f.RequestID == requestID(request) {
			return v.SeeOther(at, refundTold(v, &f))
		}
	}
	g, err := a.givingOf(v, r, amount.Minor())
	if err != nil {
		return err
	}
	switch verdict := a.judged(v, r, &g); verdict {
	case Allowed:
	case NeedPIN, WrongPIN, PINPaused:
		v.Mistake("pin", told(v, verdict, g))
		return a.review(v, r, g, request)
	default:
		return v.SeeOther(at, told(v, verdict, g))
	}
	f, err := a.Payments.Refund(v.Ctx(), payment.Giveback{Origin: payment.Origin{
		AcquirerNo: r.line.AcquirerNo, Channel: payment.ChannelAPI,
		RequestID: requestID(request), Actor: v.Caller.Actor, Began: web.Began(v.Ctx()),
		Compare: []payment.Field{{Name: "payment", Value: r.line.ID},
			{Name: "amount", Value: amount.String()}}},
		Ref: payment.Ref{PaymentID: r.line.ID}, Amount: amount, Reason: clip(v.Typed("reason")),
		AtStore: true})
	if v.Refused(err) { // a refusal is kept with its request: the next one is another
		return a.review(v, r, g, id.Secret(16))
	}
	if err != nil {
		// Nobody knows yet: the same form, sent again, is the same refund.
		a.Console.Logger.Error("refund has no answer yet", "payment", r.line.ID,
			"request", web.RequestID(v.Ctx()), "error", err)
		v.Refuse(v.T("refund.unanswered"))
		return a.review(v, r, g, request)
	}
	return v.SeeOther(at, refundTold(v, f))
}

// requestID is the id of a refund that was asked for on these pages. It is too random to meet
// another, whoever made that.
func requestID(request string) string { return "console." + request }

// requestOK says whether a form's request id is one that a page has made.
func requestOK(s string) bool {
	if len(s) < 16 || len(s) > 40 {
		return false
	}
	for _, c := range s {
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

// clip keeps a reason as long as it may be.
func clip(text string) string {
	if r := []rune(text); len(r) > reasonMax {
		return string(r[:reasonMax])
	}
	return text
}

// refundTold says how a refund went, for the page of its payment.
func refundTold(v *console.Visit, f *payment.Refund) string {
	switch f.State {
	case payment.RefundSucceeded:
		return v.T("refund.told.succeeded", "amount", yen(v, f.Order.Minor()))
	case payment.RefundFailed:
		return v.T("refund.told.failed", "why", reason(v, f.Failure))
	}
	return v.T("refund.told.unknown", "amount", yen(v, f.Order.Minor()))
}

// told is a verdict in words.
func told(v *console.Visit, verdict Verdict, g Giving) string {
	return v.T("verdict."+string(verdict), "rest", yen(v, g.Rest), "room", yen(v, g.Room()),
		"minutes", int64(pinWindow.Minutes()))
}

// judged asks the rules, and for the PIN when they want it.
func (a *app) judged(v *console.Visit, r receipt, g *Giving) Verdict {
	verdict := g.Judge()
	pin := v.R.PostFormValue("pin")
	if verdict != NeedPIN || pin == "" {
		return verdict
	}
	point, err := a.Directory.Store(v.Ctx(), r.line.StoreNo)
	if err != nil {
		return verdict
	}
	g.PINGiven, g.PINGood = true, a.pins.try(point.Store, pin, v.Now)
	if !g.PINGood {
		a.Console.Logger.Warn("wrong manager's PIN", "person", v.Caller.PersonID,
			"store", point.Store.ID)
		g.Paused = a.pins.paused(point.Store.No, v.Now)
	}
	return g.Judge()
}

// limits is what the rules leave, in words; "" when they leave everything.
func (s refundScreen) limits(v *console.Visit) string {
	switch g := s.giving; {
	case g.Room() < g.Rest:
		return v.T("refund.room", "amount", yen(v, g.Room()))
	case g.HasPIN && g.Rest > g.PINAbove:
		return v.T("refund.pin_above", "amount", yen(v, g.PINAbove))
	}
	return ""
}
