package till

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"watari/kit/fault"
	"watari/kit/id"
	"watari/kit/money"
	"watari/kit/web"
	"watari/pay/payment"
	"watari/ui/theme"
)

// refundScreen asks how much goes back.
type refundScreen struct {
	row     row
	left    money.Amount
	partly  bool
	typed   string
	mistake string
	limits  string // what the rules leave, in words
}

// reviewScreen is the last look before money goes back.
type reviewScreen struct {
	row                    row
	title, explain, button string
	amount                 money.Amount
	action, backTo         string
	request                string
	pin                    bool
	mistake, pinHint       string
}

// giving collects what the rules ask about giving minor yen of a payment back.
func (t *visit) giving(p *payment.Payment, minor int64) (Giving, error) {
	store, terminal := t.point().Store, t.point().Terminal
	byTerminal, byStore, err := t.app.Payments.RefundedToday(t.ctx(), t.point().Acquirer.No,
		store.No, terminal.No)
	if err != nil {
		return Giving{}, err
	}
	return Giving{Minor: minor, Rest: restOf(p), CanRefund: terminal.CanRefund,
		TerminalMax: terminal.RefundDayMaxMinor, StoreMax: store.RefundDayMaxMinor,
		TerminalGiven: byTerminal, StoreGiven: byStore, PINAbove: store.PINAboveMinor,
		HasPIN: store.ManagerPINHash != "", Paused: t.app.pins.paused(store.No, t.now)}, nil
}

// showRefundForm asks how much goes back.
func (a *app) showRefundForm(t *visit) error {
	p, err := t.payment()
	if err != nil {
		return err
	}
	if p.State != payment.Captured || restOf(p) == 0 {
		return t.showReceiptOf(http.StatusConflict, p, t.v.T("refund.nothing_left"))
	}
	return t.askRefund(http.StatusOK, p, refundScreen{})
}

func (t *visit) askRefund(status int, p *payment.Payment, s refundScreen) error {
	g, err := t.giving(p, restOf(p))
	if err != nil {
		return err
	}
	if !g.CanRefund {
		return t.showReceiptOf(http.StatusForbidden, p, t.v.T("verdict.no_permission"))
	}
	if s.row, err = t.row(p); err != nil {
		return err
	}
	s.left = yenOf(g.Rest)
	switch {
	case g.Room() < g.Rest:
		s.limits = t.v.T("refund.room", "amount", t.v.money(yenOf(g.Room())))
	case g.HasPIN && g.Rest > g.PINAbove:
		s.limits = t.v.T("refund.pin_above", "amount", t.v.money(yenOf(g.PINAbove)))
	}
	return t.app.show(t.w, t.r, status, t.v.refundForm(s))
}

// reviewRefund looks at an amount once more: part (all, some), amount.
func (a *app) reviewRefund(t *visit) error {
	p, err := t.payment()
	if err != nil {
		return err
	}
	s := refundScreen{partly: t.r.PostForm.Get("part") == "some",
		typed: clip(t.r.PostForm.Get("amount"))}
	amount := yenOf(max(restOf(p), 0))
	if s.partly {
		var mistake string
		if amount, mistake = theme.ParseYen(t.r.PostForm.Get("amount")); mistake != "" {
			s.mistake = t.v.T(mistake, "max", digitsMax)
			return t.askRefund(http.StatusUnprocessableEntity, p, s)
		}
	}
	g, err := t.giving(p, amount.Minor())
	if err != nil {
		return err
	}
	if verdict := g.Judge(); verdict != Allowed && verdict != NeedPIN {
		s.mistake, s.partly = t.told(verdict, g), true
		s.typed = theme.GroupedYen(amount)
		return t.askRefund(http.StatusUnprocessableEntity, p, s)
	}
	return t.reviewGiving(http.StatusOK, p, g, id.Secret(16), "")
}

// told is a verdict in words.
func (t *visit) told(verdict Verdict, g Giving) string {
	return t.v.T("verdict."+string(verdict), "rest", t.v.money(yenOf(g.Rest)),
		"room", t.v.money(yenOf(g.Room())), "minutes", int64(pinWindow.Minutes()))
}

func (t *visit) reviewGiving(
	status int, p *payment.Payment, g Giving, request, mistake string,
) error {
	r, err := t.row(p)
	if err != nil {
		return err
	}
	amount := yenOf(g.Minor)
	explain := t.v.T("refund.explain", "wallet", r.wallet)
	return t.app.show(t.w, t.r, status, t.v.refundReview(reviewScreen{row: r, amount: amount,
		title: t.v.T("refund.sure"), explain: explain, action: r.href + "/refunds",
		button:  t.v.T("refund.do", "amount", t.v.money(amount)),
		backTo:  r.href + "/refund",
		request: request, pin: g.needsPIN(), mistake: mistake,
		pinHint: t.v.T("pin.hint", "amount", t.v.money(yenOf(g.PINAbove)))}))
}

// giveBack refunds: amount, request, pin.
func (a *app) giveBack(t *visit) error {
	p, err := t.payment()
	if err != nil {
		return err
	}
	request := t.r.PostForm.Get("request")
	amount, mistake := theme.ParseYen(t.r.PostForm.Get("amount"))
	if mistake != "" || !requestOK(request) {
		return t.showReceiptOf(http.StatusUnprocessableEntity, p, t.v.T("error.form.text"))
	}
	// A repeat is answered before it is judged: the first one counts in the caps already (U4).
	if old, err := t.refundOf(p, request); err != nil || old != nil {
		if err != nil {
			return err
		}
		return t.seeOther(t.refundPath(p, request))
	}
	g, err := t.giving(p, amount.Minor())
	if err != nil {
		return err
	}
	verdict := t.judged(&g)
	switch verdict {
	case Allowed:
	case NeedPIN, WrongPIN, PINPaused:
		return t.reviewGiving(http.StatusUnprocessableEntity, p, g, request, t.told(verdict, g))
	default:
		return t.showReceiptOf(http.StatusUnprocessableEntity, p, t.told(verdict, g))
	}
	_, err = a.Payments.Refund(t.ctx(), payment.Giveback{Origin: t.origin(request, amount),
		Ref: payment.Ref{PaymentID: p.ID}, Amount: amount, Reason: "till",
		TerminalNo: t.point().Terminal.No})
	var refusal *fault.Error
	if errors.As(err, &refusal) && refusal.Problem.Kind != fault.Unavailable {
		why, next := t.v.refusal(refusal)
		return t.showReceiptOf(web.Status(refusal.Problem), p, why+" "+next)
	}
	if err != nil {
		return t.refundUnanswered(p, amount, request, err)
	}
	return t.seeOther(t.refundPath(p, request))
}

// noRefund answers who opens the address of the form itself.
func (a *app) noRefund(t *visit) error {
	return t.seeOther("/till/payments/" + url.PathEscape(t.r.PathValue("id")))
}

// judged asks the rules, and for the PIN when they want it.
func (t *visit) judged(g *Giving) Verdict {
	verdict := g.Judge()
	pin := t.r.PostForm.Get("pin")
	if verdict != NeedPIN || pin == "" {
		return verdict
	}
	g.PINGiven, g.PINGood = true, t.app.pins.try(t.point().Store, pin, t.now)
	if !g.PINGood {
		t.app.Logger.Warn("wrong manager's PIN", "terminal", t.point().Terminal.ID,
			"store", t.point().Store.ID)
		g.Paused = t.app.pins.paused(t.point().Store.No, t.now)
	}
	return g.Judge()
}

// origin is who gives back, under which id.
func (t *visit) origin(request string, amount money.Amount) payment.Origin {
	return payment.Origin{AcquirerNo: t.point().Acquirer.No, Channel: payment.ChannelTill,
		RequestID: t.requestID(request), Actor: t.actor(), Began: web.Began(t.ctx()),
		Compare: []payment.Field{{Name: "payment", Value: t.r.PathValue("id")},
			{Name: "amount", Value: amount.String()}}}
}

func (t *visit) refundPath(p *payment.Payment, request string) string {
	return "/till/payments/" + url.PathEscape(p.ID) + "/refunds/" + request
}

// refundOf finds a refund of a payment by the request id that this till gave it; nil is none.
func (t *visit) refundOf(p *payment.Payment, request string) (*payment.Refund, error) {
	refunds, err := t.app.Payments.Refunds(t.ctx(), p.AcquirerNo, p.ID)
	if err != nil {
		return nil, err
	}
	for i := range refunds {
		if refunds[i].RequestID == t.requestID(request) {
			return &refunds[i], nil
		}
	}
	return nil, nil
}

// refundUnanswered says that nobody knows, and offers to ask again under the same id.
func (t *visit) refundUnanswered(
	p *payment.Payment, amount money.Amount, request string, err error,
) error {
	rid := web.RequestID(t.ctx())
	t.app.Logger.Error("refund has no answer yet", "terminal", t.point().Terminal.ID,
		"payment", p.ID, "refund", t.requestID(request), "request", rid, "error", err)
	again := action{href: "/till/payments/" + p.ID + "/refunds", text: t.v.T("unanswered.again"),
		class: "main", post: []hidden{{"amount", strconv.FormatInt(amount.Minor(), 10)},
			{"request", request}, {"pin", t.r.PostForm.Get("pin")}}}
	return t.app.show(t.w, t.r, http.StatusServiceUnavailable, t.v.result(resultScreen{
		sign: sign{"wait", "wait", t.v.T("unanswered.title")}, amount: amount, tab: "day",
		why: t.v.cause(err), next: t.v.T("unanswered.refund"), code: rid,
		actions: []action{again}}))
}

// showRefund tells how a refund ended, or that it has not.
func (a *app) showRefund(t *visit) error {
	p, err := t.payment()
	if err != nil {
		return err
	}
	f, err := t.refundOf(p, t.r.PathValue("ref"))
	if err != nil {
		return err
	}
	if f == nil {
		return t.showReceiptOf(http.StatusNotFound, p, t.v.T("refund.none"))
	}
	wallet, err := t.wallet(p)
	if err != nil {
		return err
	}
	v := t.v
	s := resultScreen{amount: f.Order, wallet: wallet, tab: "day", payment: p.ID,
		url: t.refundPath(p, t.r.PathValue("ref")), age: t.age(f.Created),
		actions: []action{{href: "/till/payments/" + p.ID, text: v.T("refund.to_payment"),
			icon: "receipt"}, {href: "/till/", text: v.T("result.next"), key: true}}}
	switch f.State {
	case payment.RefundSucceeded:
		s.sign, s.payer = sign{"good", "return", v.T("refund.result.succeeded")}, f.PayTo
		s.next = v.T("refund.result.succeeded.next")
	case payment.RefundFailed:
		s.sign = sign{"stop", "cross", v.T("refund.result.failed")}
		s.why, _ = v.reason(f.Failure)
		s.next = v.T("refund.result.failed.next")
	default:
		s.sign, s.live = sign{"wait", "wait", v.T("refund.result.unknown")}, true
		s.next = v.T("refund.result.unknown.next")
	}
	s.say = s.sign.word + " " + v.money(f.Order)
	return a.show(t.w, t.r, http.StatusOK, v.result(s))
}
