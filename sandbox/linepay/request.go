package linepay

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"watari/connect/linepay/wire"
	"watari/kit/clock"
	"watari/kit/money"
	"watari/sandbox/wallet"
)

// The lengths of texts, in characters.
const (
	orderMax   = 100
	packageMax = 50
	nameMax    = 4000
)

// about is what the front keeps with a payment.
type about struct {
	Offline bool   `json:"offline"`
	Product string `json:"product"`
}

func aboutOf(p *wallet.Payment) about {
	var a about
	_ = json.Unmarshal([]byte(p.Extra), &a) // written by keep
	return a
}

func (a about) keep() string {
	text, _ := json.Marshal(a) // two plain fields
	return string(text)
}

// transaction makes a number of 19 digits that begins with the day.
func transaction() string {
	return clock.Now().UTC().Format("20060102") + wallet.Digits(11)
}

// request makes an order that a user opens and confirms, or asks for a consent.
func (f *Front) request(r *http.Request, body []byte) (answer, error) {
	var m wire.Request
	if bad := read(body, &m); bad != nil {
		return *bad, nil
	}
	asked, bad := f.order(m.OrderID, m.Currency, m.Amount, m.Packages)
	if bad != nil {
		return *bad, nil
	}
	if m.Redirect == nil || !address(m.Redirect.ConfirmURL) || !address(m.Redirect.CancelURL) {
		return parameter("redirectUrls is missing or malformed"), nil
	}
	id := transaction()
	back := func(target string) string {
		u, _ := url.Parse(target)
		q := u.Query()
		q.Set("transactionId", id)
		q.Set("orderId", m.OrderID)
		u.RawQuery = q.Encode()
		return u.String()
	}
	hold, payType, bad := modeOf(m.Options)
	if bad != nil {
		return *bad, nil
	}
	product := m.Packages[0].Products[0].Name
	if payType == wire.PayTypePreapproved {
		return f.requestConsent(r.Context(), &m, id, asked, back(m.Redirect.ConfirmURL), product)
	}
	if asked.IsZero() {
		return refuse(wire.CodeNoAmount), nil
	}
	c, err := f.chargeOf(m.OrderID, id, asked, product, hold)
	if err != nil {
		return refuse(wire.CodeAmount), nil
	}
	c.TwoStep, c.Expires = true, clock.Now().Add(requestLife)
	c.ReturnURL, c.CancelURL = back(m.Redirect.ConfirmURL), back(m.Redirect.CancelURL)
	c.Extra = about{Product: product}.keep()
	s, err := f.wallet.Open(r.Context(), c)
	switch {
	case err != nil:
		return answer{}, err
	case s.Payment == nil && s.Why == wallet.WhyNone: // the mode takes no notice
		return answer{mode: s.Mode}, nil
	case s.Payment == nil || s.Payment.PaymentID != id: // L4
		return answer{code: wire.CodeSameOrder, mode: s.Mode}, nil
	case s.Payment.State == wallet.Failed:
		return answer{code: codeFor(s.Payment.Why), mode: s.Mode}, nil
	}
	a := done(reserved(id, f.parts.PayURL(m.OrderID)))
	a.mode = s.Mode
	return a, nil
}

// reserved is the answer to a request. The app's address is the page's: this wallet's app is a
// page, and a real LINE app on the same phone must not open.
func reserved(id, page string) *wire.Reserved {
	return &wire.Reserved{TransactionID: wire.ID(id), AccessToken: wallet.Digits(12),
		URL: wire.PaymentURL{Web: page, App: page}}
}

// chargeOf is what a user is asked for an order.
func (f *Front) chargeOf(orderID, id string, asked money.Amount, product string, hold bool) (
	wallet.Charge, error,
) {
	debit, err := f.debitOf(asked)
	return wallet.Charge{RequestID: orderID, PaymentID: id, Order: asked, PayTo: asked,
		Debit: debit, Shop: product, OrderRef: orderID, Rate: f.rate.String(), Hold: hold,
		Compared: id}, err
}

// order checks what all orders have, and returns the amount.
func (f *Front) order(orderID, currency string, amount wire.Number, packages []wire.Package) (
	money.Amount, *answer,
) {
	asked, bad := f.plain(orderID, currency, amount)
	if bad != nil {
		return asked, bad
	}
	if len(packages) == 0 {
		a := parameter("packages is empty")
		return asked, &a
	}
	total := money.MustNew(0, asked.Currency())
	for i, p := range packages {
		sum, bad := packageSum(p, i, asked.Currency())
		if bad != nil {
			return asked, bad
		}
		var err error
		if total, err = total.Add(sum); err != nil {
			a := refuse(wire.CodeAmount)
			return asked, &a
		}
	}
	if total != asked {
		a := refuse(wire.CodeAmount)
		return asked, &a
	}
	return asked, nil
}

// plain checks an order without packages.
func (f *Front) plain(orderID, currency string, amount wire.Number) (money.Amount, *answer) {
	refused := func(a answer) (money.Amount, *answer) { return money.Amount{}, &a }
	c, err := money.ParseCurrency(currency)
	switch {
	case orderID == "" || utf8.RuneCountInString(orderID) > orderMax:
		return refused(parameter("orderId is missing or too long"))
	case err != nil || c != f.secrets.Currency:
		return refused(refuse(wire.CodeCurrency))
	case amount == "" || strings.HasPrefix(string(amount), "-"):
		return refused(parameter("amount is missing or negative"))
	}
	asked, err := amount.Money(c)
	if err != nil {
		return refused(refuse(wire.CodeAmount))
	}
	return asked, nil
}

// packageSum checks a package and returns what it adds to the order.
func packageSum(p wire.Package, i int, c money.Currency) (money.Amount, *answer) {
	refused := func(a answer) (money.Amount, *answer) { return money.Amount{}, &a }
	if p.ID == "" || utf8.RuneCountInString(p.ID) > packageMax || len(p.Products) == 0 {
		return refused(parameter(fmt.Sprintf("packages[%d] lacks an id or products", i)))
	}
	amount, err := p.Amount.Money(c)
	if err != nil {
		return refused(parameter(fmt.Sprintf("packages[%d].amount is malformed", i)))
	}
	sum := money.MustNew(0, c)
	for j, line := range p.Products {
		n, err := strconv.ParseInt(string(line.Quantity), 10, 32)
		price, bad := line.Price.Money(c)
		if line.Name == "" || utf8.RuneCountInString(line.Name) > nameMax || err != nil ||
			n < 1 || bad != nil {
			return refused(parameter(fmt.Sprintf("packages[%d].products[%d] is malformed", i, j)))
		}
		if n > money.MinorMax/max(price.Minor(), 1) {
			return refused(refuse(wire.CodeAmount))
		}
		part := money.MustNew(price.Minor()*n, c)
		if sum, err = sum.Add(part); err != nil {
			return refused(refuse(wire.CodeAmount))
		}
	}
	if sum != amount {
		return refused(refuse(wire.CodeAmount))
	}
	if p.Fee == "" {
		return amount, nil
	}
	fee, err := p.Fee.Money(c)
	if err == nil {
		amount, err = amount.Add(fee)
	}
	if err != nil {
		return refused(refuse(wire.CodeAmount))
	}
	return amount, nil
}

// modeOf reads the options: whether to promise only, and the kind of payment.
func modeOf(o *wire.Options) (hold bool, payType string, bad *answer) {
	if o == nil || o.Payment == nil {
		return false, "", nil
	}
	switch o.Payment.PayType {
	case "", "NORMAL", wire.PayTypePreapproved:
	default:
		a := parameter("options.payment.payType is unknown")
		return false, "", &a
	}
	return o.Payment.Capture != nil && !*o.Payment.Capture, o.Payment.PayType, nil
}

func address(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

// find returns the payment of a transaction, nil when there is none.
func (f *Front) find(ctx context.Context, id string) (*wallet.Payment, error) {
	if !wire.ID(id).Valid() {
		return nil, nil
	}
	return f.wallet.ByID(ctx, id)
}

// check says how a request stands.
func (f *Front) check(r *http.Request, _ []byte) (answer, error) {
	id := r.PathValue("id")
	p, err := f.find(r.Context(), id)
	switch {
	case err != nil:
		return answer{}, err
	case p == nil:
		return f.checkRequested(r.Context(), id)
	case aboutOf(p).Offline:
		return refuse(wire.CodeNoRecord), nil
	}
	if s, err := f.wallet.Inquire(r.Context(), p.RequestID); err != nil || s.Payment != nil {
		if err != nil {
			return answer{}, err
		}
		p = s.Payment
	}
	return refuse(requestState(p)), nil
}

// confirm debits, or promises, what a user agreed to (L5).
func (f *Front) confirm(r *http.Request, body []byte) (answer, error) {
	var m wire.Sum
	if bad := read(body, &m); bad != nil {
		return *bad, nil
	}
	ctx, id := r.Context(), r.PathValue("id")
	p, err := f.find(ctx, id)
	switch {
	case err != nil:
		return answer{}, err
	case p == nil:
		return f.confirmConsent(ctx, id, m)
	case aboutOf(p).Offline:
		return refuse(wire.CodeNoRequest), nil
	case !same(m, p.Order()):
		return refuse(wire.CodeOtherAmount), nil
	}
	switch p.State {
	case wallet.Opened, wallet.Asking:
		return refuse(wire.CodeNotAgreed), nil
	case wallet.Agreed:
	case wallet.Failed:
		return refuse(codeFor(p.Why)), nil
	case wallet.Late, wallet.Deaf:
		return refuse(wire.CodeDuplicateCall), nil
	default:
		return refuse(wire.CodeSameTransaction), nil
	}
	s, err := f.wallet.Complete(ctx, p.RequestID)
	switch {
	case err != nil:
		return answer{}, err
	case s.Why != wallet.WhyNone:
		return answer{code: codeFor(s.Why), mode: s.Mode}, nil
	case s.Payment == nil || s.Payment.State == wallet.Late:
		return answer{code: wire.CodeDuplicateCall, mode: s.Mode}, nil
	case s.Payment.State == wallet.Failed:
		return answer{code: codeFor(s.Payment.Why), mode: s.Mode}, nil
	}
	a := done(paid(s.Payment))
	a.mode = s.Mode
	return a, nil
}

// same tells whether a body names an amount.
func same(m wire.Sum, a money.Amount) bool {
	if m.Currency != string(a.Currency()) || strings.HasPrefix(string(m.Amount), "-") {
		return false
	}
	named, err := m.Amount.Money(a.Currency())
	return err == nil && named == a
}

// paid is what is told of a payment that was made.
func paid(p *wallet.Payment) *wire.Paid {
	m := &wire.Paid{TransactionID: wire.ID(p.PaymentID), OrderID: p.RequestID,
		Date: wire.FormatTime(p.Time()), PayInfo: payInfo(p)}
	if p.State == wallet.Held {
		m.HeldUntil = wire.FormatTime(heldUntil(p))
	}
	return m
}
