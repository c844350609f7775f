package till

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"watari/kit/fault"
	"watari/kit/id"
	"watari/kit/money"
	"watari/kit/qr"
	"watari/kit/web"
	"watari/pay/link"
	"watari/pay/payment"
	"watari/ui/theme"
)

// orderScreen shows a QR code for a customer to scan, until the order has ended.
type orderScreen struct {
	amount  money.Amount
	payment string // id
	url     string // of the result, read again while the order is open
	stage   string // another one is shown in its place; "" is only the end of the order
	code    string // the QR code, as SVG
	link    string // what the QR code for all wallets says
	wallet  string // whose own code it is; "" is the code for all wallets
	asked   string // the wallet that a customer has chosen last
	takes   []string
	own     []choice // wallets that can make a code of their own
	until   time.Time
	left    int64 // seconds until it expires
	actions []action
}

// choice is one of several wallets.
type choice struct {
	id, name string
	no       int64 // the issuer's
}

// openOrder makes an order and leads to its QR code: amount, request, sure.
func (a *app) openOrder(t *visit) error {
	form := t.r.PostForm
	amount, mistake := theme.ParseYen(form.Get("amount"))
	if mistake != "" {
		return t.showPadWith(http.StatusUnprocessableEntity, padScreen{
			typed: clip(form.Get("amount")), mistake: t.v.T(mistake, "max", digitsMax)})
	}
	request := form.Get("request")
	if !requestOK(request) {
		request = id.Secret(16)
	}
	again := []hidden{{"amount", decimal(amount)}, {"request", request}, {"sure", "1"}}
	rid := t.requestID(request) + "-" + decimal(amount)
	if form.Get("sure") != "1" {
		other, err := t.similar(amount, rid)
		if err != nil {
			return err
		}
		if other != nil {
			return t.warn(http.StatusConflict, other, action{href: "/till/orders",
				text: t.v.T("order.similar"), icon: "code", post: again})
		}
	}
	p := t.point()
	made, err := a.Payments.Open(t.ctx(), payment.Order{
		Origin: payment.Origin{AcquirerNo: p.Acquirer.No, Channel: payment.ChannelTill,
			RequestID: rid, Actor: t.actor(), Began: web.Began(t.ctx()),
			Compare: []payment.Field{{Name: "amount", Value: amount.String()}}},
		MerchantID: p.Merchant.ID, StoreID: p.Store.ID, TerminalID: p.Terminal.ID,
		OrderRef: rid, Description: p.Store.Name, Amount: amount, Way: link.WayOrder})
	var refusal *fault.Error
	switch {
	case errors.As(err, &refusal) && refusal.Problem.Kind != fault.Unavailable:
		return t.notOpened(amount, refusal)
	case err != nil:
		return t.orderUnanswered(amount, again, err)
	}
	return t.seeOther("/till/payments/" + url.PathEscape(made.ID) + "/result")
}

// notOpened tells a refusal of an order.
func (t *visit) notOpened(amount money.Amount, e *fault.Error) error {
	why, next := t.v.refusal(e)
	return t.app.show(t.w, t.r, web.Status(e.Problem), t.v.result(resultScreen{
		sign: sign{"stop", "cross", t.v.T("result.refused")}, amount: amount, why: why,
		next: next, code: e.Problem.Slug, tab: "charge", actions: []action{
			{href: "/till/?amount=" + decimal(amount), text: t.v.T("result.new"),
				class: "main", fresh: true, key: true}}}))
}

// orderUnanswered says that nobody knows whether the order was made, and offers to ask again
// under the same id (U1). Nothing was charged: no customer has seen a code.
func (t *visit) orderUnanswered(amount money.Amount, again []hidden, err error) error {
	rid := web.RequestID(t.ctx())
	t.app.Logger.Error("order has no answer yet", "terminal", t.point().Terminal.ID, "request",
		rid, "error", err)
	return t.app.show(t.w, t.r, http.StatusServiceUnavailable, t.v.result(resultScreen{
		sign: sign{"wait", "wait", t.v.T("unanswered.title")}, amount: amount, tab: "charge",
		why: t.v.cause(err), next: t.v.T("order.unanswered"), code: rid,
		actions: []action{{href: "/till/orders", text: t.v.T("unanswered.again"),
			class: "main", post: again}}}))
}

// isOrder tells whether a payment waits for a customer to scan something.
func isOrder(p *payment.Payment) bool {
	return p.Way != link.WayCode && p.Way != link.WayAgreement && p.Way != ""
}

// showsCode tells whether the screen of a payment is its QR code.
func (t *visit) showsCode(p *payment.Payment) bool {
	return isOpen(p.State) && p.Way == link.WayOrder && t.now.Before(p.Expires)
}

// showOrder shows the QR code of an order for all wallets.
func (t *visit) showOrder(p *payment.Payment) error {
	s, err := t.orderOf(p)
	if err != nil {
		return err
	}
	s.link = t.whole(t.app.Payments.CodeURL(p))
	s.code = t.drawn(s.link)
	s.stage = "open " + s.asked
	t.w.Header().Set(answered, "payment")
	return t.app.show(t.w, t.r, http.StatusOK, t.v.order(s))
}

// orderOf collects what the screen of an order says, but the code.
func (t *visit) orderOf(p *payment.Payment) (orderScreen, error) {
	v, self := t.v, "/till/payments/"+p.ID
	s := orderScreen{amount: p.Order, payment: p.ID, url: self + "/result", until: p.Expires,
		left: max(0, int64((p.Expires.Sub(t.now)+time.Second-1)/time.Second)),
		actions: []action{{href: self + "/cancel", text: v.T("order.cancel"), icon: "slash",
			class: "quiet", post: []hidden{}, fresh: true}}}
	for _, way := range []link.Way{link.WayOrder, link.WayEntry, link.WayPage} {
		found, err := t.app.Payments.Choices(t.ctx(), p, way)
		if err != nil {
			return s, err
		}
		for _, w := range found {
			if !slices.Contains(s.takes, w.Issuer.Name) {
				s.takes = append(s.takes, w.Issuer.Name)
			}
			if way == link.WayOrder {
				s.own = append(s.own, choice{w.Issuer.ID, w.Issuer.Name, w.Issuer.No})
			}
		}
	}
	slices.Sort(s.takes)
	slices.SortFunc(s.own, func(a, b choice) int { return strings.Compare(a.name, b.name) })
	events, err := t.app.Events.Subject(t.ctx(), p.ID)
	if err != nil {
		return s, err
	}
	for _, try := range payment.Tries(events) {
		if try.State == payment.TryOpen {
			s.asked, err = t.walletName(try.IssuerID)
		}
	}
	return s, err
}

// walletName is the name of a wallet by its id.
func (t *visit) walletName(issuerID string) (string, error) {
	all, err := t.app.Wallets.Wallets(t.ctx())
	if err != nil {
		return "", err
	}
	for _, w := range all {
		if w.Issuer.ID == issuerID {
			return w.Issuer.Name, nil
		}
	}
	return issuerID, nil
}

// showOwnCode asks a wallet for a code of its own and shows it: wallet.
func (a *app) showOwnCode(t *visit) error {
	p, err := t.payment()
	if err != nil {
		return err
	}
	if !t.showsCode(p) {
		return t.seeOther("/till/payments/" + p.ID + "/result")
	}
	s, err := t.orderOf(p)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(s.own, func(c choice) bool {
		return c.id == t.r.PostForm.Get("wallet")
	})
	if i < 0 {
		return t.showOrder(p)
	}
	text := t.whole(a.Payments.CodeURL(p))
	form, err := a.Payments.Choose(t.ctx(), payment.Choice{Payment: p, Way: link.WayOrder,
		IssuerNo: s.own[i].no, Began: web.Began(t.ctx())})
	var refusal *fault.Error
	switch {
	case errors.Is(err, payment.ErrClosed):
		return t.seeOther("/till/payments/" + p.ID + "/result")
	case errors.Is(err, payment.ErrWay):
		// It asks the network what the code for all wallets means, and has no other.
	case errors.As(err, &refusal):
		return t.notOwn(p, s.own[i], refusal)
	case err != nil:
		return err
	case form.CodeText != "":
		text = form.CodeText
	}
	s.wallet, s.code, s.own = s.own[i].name, t.drawn(text), nil
	s.actions = append([]action{{href: s.url, text: t.v.T("order.all"), icon: "code",
		fresh: true}}, s.actions...)
	return a.show(t.w, t.r, http.StatusOK, t.v.order(s))
}

// notOwn tells that a wallet makes no code, and leads back to the code for all.
func (t *visit) notOwn(p *payment.Payment, c choice, e *fault.Error) error {
	why, next := t.v.refusal(e)
	if reason, ok := e.Members["reason"].(string); ok {
		why, next = t.v.reason(link.Reason(reason))
	}
	return t.app.show(t.w, t.r, web.Status(e.Problem), t.v.result(resultScreen{
		sign:   sign{"wait", "alert", t.v.T("order.no_code", "wallet", c.name)},
		amount: p.Order, why: why, next: next, code: e.Problem.Slug, tab: "charge",
		payment: p.ID, actions: []action{{href: "/till/payments/" + p.ID + "/result",
			text: t.v.T("order.all"), icon: "code", class: "main", fresh: true}}}))
}

// whole is an address of this network with its host: one that was not told its own is found
// where this till has found it.
func (t *visit) whole(address string) string {
	if !strings.HasPrefix(address, "/") {
		return address
	}
	if secure(t.r) {
		return "https://" + t.r.Host + address
	}
	return "http://" + t.r.Host + address
}

// drawn is a text as a QR code; "" when it is too long for one.
func (t *visit) drawn(text string) string {
	s, err := qr.QR(text)
	if err != nil {
		return ""
	}
	return s.SVG(t.v.T("order.code"))
}

// takes are the names of all wallets that pay at this till.
func (t *visit) takes() ([]string, error) {
	all, err := t.app.Wallets.Wallets(t.ctx())
	if err != nil {
		return nil, err
	}
	var names []string
	for _, w := range all {
		if w.InService() {
			names = append(names, w.Issuer.Name)
		}
	}
	slices.Sort(names)
	return names, nil
}
