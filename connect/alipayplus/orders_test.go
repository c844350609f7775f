package alipayplus_test

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"watari/connect/alipayplus"
	"watari/connect/alipayplus/wire"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/pay/link"
	"watari/pay/payment"
)

// orderRequest is an order by an order code, with a fresh id.
func (r *rig) orderRequest(yen int) *wire.PayRequest {
	r.t.Helper()
	m := r.payRequest(yen)
	m.PaymentMethod.ID = ""
	m.PaymentFactor = wire.PaymentFactor{InStore: "true", Scenario: wire.ScenarioOrderCode}
	return m
}

// scan asks as the wallet what a code means.
func (r *rig) scan(text, customer string, typed *wire.Amount) wire.UserInitiatedResponse {
	r.t.Helper()
	return answer[wire.UserInitiatedResponse](r.t, r.call(theWallet, alipayplus.PathInitiated,
		&wire.UserInitiatedRequest{CodeValue: text, CustomerID: customer, PaymentAmount: typed}))
}

// debit lets the wallet's user pay what a scan has brought, and tells the network.
func (r *rig) debit(m wire.UserInitiatedResponse, customer string) {
	r.t.Helper()
	id := "W-" + m.PaymentRequestID[len(m.PaymentRequestID)-6:]
	r.wallet.mu.Lock()
	d := &debit{req: &wire.WalletPayRequest{PaymentRequestID: m.PaymentRequestID,
		PaymentAmount: m.Total(), PayToAmount: m.PayToAmount}, id: id, state: "paid", debits: 1}
	payTo, err := m.PayToAmount.Money()
	d.value = payTo.Minor()
	r.wallet.payments[m.PaymentRequestID] = d
	r.wallet.mu.Unlock()
	r.do("read payToAmount", err)
	res := answer[wire.Ack](r.t, r.call(theWallet, alipayplus.PathNotify, &wire.WalletNotice{
		PaymentResult: wire.ResultOf(wire.CodeSuccess), Debited: wire.Debited{
			PaymentRequestID: m.PaymentRequestID, PaymentID: id, CustomerID: customer,
			PaymentTime: wire.FormatTime(clock.Now()), PaymentAmount: m.Total(),
			PayToAmount: m.PayToAmount}}))
	wantResult(r.t, "notify", res.Result, wire.CodeSuccess)
}

// The goal is an order code from the bank's request to the refund: the code is shown, a wallet's
// user scans it, is debited by the wallet, and the bank hears S. On both engines.
func TestOrderCodeIsPaidByTheWalletThatScansIt(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		r := newRigOn(t, d)
		req := r.orderRequest(1980)

		first := r.call(theBank, alipayplus.PathPay, req)

		made := answer[wire.PayResponse](t, first)
		wantResult(t, "pay", made.Result, wire.CodeInProcess)
		text := made.OrderCodeForm.Text()
		if made.PaymentID == "" || made.AcquirerID != "gifu-bank" || made.PaymentURL != "" ||
			text != publicURL+"/q/"+strings.TrimPrefix(made.PaymentID, "pay_") {
			t.Errorf("pay: %s", first)
		}
		if until, ok := wire.ParseTime(made.OrderCodeForm.ExpireTime); !ok ||
			until.Sub(clock.Now()) > 10*time.Minute || until.Before(clock.Now()) {
			t.Errorf("the code expires %q", made.OrderCodeForm.ExpireTime)
		}
		if again := r.call(theBank, alipayplus.PathPay, req); string(again) != string(first) {
			t.Errorf("a repeat:\ngot  %s\nwant %s", again, first)
		}

		m := r.scan(text, "U1", nil)
		wantResult(t, "scan", m.Result, wire.CodeSuccess)
		if m.CodeType != wire.CodeTypeOrder || m.AcquirerID != "gifu-bank" ||
			m.PSPID != walletID || m.PaymentRequestID == "" ||
			m.PaymentAmount.String() != "JPY 1980" || *m.Amount != *m.PaymentAmount ||
			m.PayToAmount.Currency != "CNY" || m.PaymentQuote == nil ||
			m.PaymentFactor.Scenario != wire.ScenarioOrderCode ||
			m.PaymentNotifyURL != publicURL+alipayplus.PathNotify ||
			m.Order.Merchant.Store.ReferenceStoreID != "S-2101-1" ||
			m.Order.Amount.String() != "JPY 1980" {
			t.Errorf("scan: %+v", m)
		}
		if again := r.scan(text, "U1", nil); again.PaymentRequestID != m.PaymentRequestID {
			t.Errorf("a second scan is another payment: %+v", again)
		}
		other := r.scan(text, "U2", nil)
		wantResult(t, "scan by another customer", other.Result, wire.CodeInconsistent)

		r.debit(m, "U1")
		asked := r.inquire(req.PaymentRequestID)
		wantResult(t, "the payment", *asked.PaymentResult, wire.CodeSuccess)
		paid := r.pay(req, wire.CodeSuccess)
		if paid.CustomerID != "U1" || paid.PSPID != walletID || paid.OrderCodeForm != nil {
			t.Errorf("the repeat of a paid order: %+v", paid)
		}
		r.scan(text, "U1", nil) // the wallet asks again after it has paid: it is no other payment
		refundInParts(t, r, req.PaymentRequestID)
	})
}

// The goal is that entry codes and the cashier lead to the checkout page, and what each of them
// must have. A cashier payment without a store is the merchant's own.
func TestEntryAndCashierLeadToTheCheckout(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	entry := r.orderRequest(500)
	entry.PaymentFactor.Scenario = wire.ScenarioEntryCode
	entry.PaymentRedirectURL = "https://bank.example/done"
	refused := r.pay(entry, wire.CodeParam)
	if !strings.Contains(refused.Result.Message, "order.env.userAgent") {
		t.Errorf("without a browser: %q", refused.Result.Message)
	}
	entry.Order.Env = &wire.Env{UserAgent: "Mozilla/5.0 AlipayConnect/1.0"}
	cashier := r.orderRequest(700)
	cashier.PaymentFactor = wire.PaymentFactor{Cashier: "true"}
	cashier.PaymentRedirectURL = "https://bank.example/done"
	for way, m := range map[link.Way]*wire.PayRequest{link.WayEntry: entry,
		link.WayPage: cashier} {
		res := r.pay(m, wire.CodeInProcess)
		token := strings.TrimPrefix(res.PaymentID, "pay_")
		if res.PaymentURL != publicURL+"/pay/"+token || res.OrderCodeForm != nil {
			t.Errorf("%s: %+v", way, res)
		}
		p, err := r.core.Find(t.Context(), r.bank.No, payment.ChannelAlipayPlus,
			payment.Ref{PaymentID: res.PaymentID})
		r.do("find", err)
		if p.Way != way || p.ReturnURL != "https://bank.example/done" {
			t.Errorf("%s: kept as %+v", way, p)
		}
		// The page hands the wallet the code of the same order.
		m := r.scan(publicURL+"/q/"+token, "U1", nil)
		wantResult(t, "scan", m.Result, wire.CodeSuccess)
		if (m.PaymentFactor.Cashier == "true") != (way == link.WayPage) {
			t.Errorf("%s: the wallet is told %+v", way, m.PaymentFactor)
		}
	}
	alone := r.orderRequest(900)
	alone.PaymentFactor = wire.PaymentFactor{Cashier: "true"}
	alone.Order.Merchant = &wire.Merchant{ReferenceMerchantID: "M-2101"}
	r.pay(alone, wire.CodeMerchantUnknown) // it has no store of that reference
	agreement := r.orderRequest(900)
	agreement.PaymentFactor = wire.PaymentFactor{Agreement: "true"}
	r.pay(agreement, wire.CodeBusiness)
}

// The goal is the end of an order: a code that expired or whose order was cancelled is refused
// with the documented code, and the bank hears that it is closed.
func TestClosedOrderIsNotPaid(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	cancelled := r.orderRequest(1980)
	text := r.pay(cancelled, wire.CodeInProcess).OrderCodeForm.Text()
	gone := answer[wire.CancelResponse](t, r.call(theBank, alipayplus.PathCancel,
		&wire.CancelRequest{PaymentRequestID: cancelled.PaymentRequestID}))
	wantResult(t, "cancel", gone.Result, wire.CodeSuccess)
	wantResult(t, "scan of a cancelled order", r.scan(text, "U1", nil).Result,
		wire.CodeOrderClosed)
	r.pay(cancelled, wire.CodeOrderClosed)

	past := r.orderRequest(1980)
	past.PaymentExpiryTime = wire.FormatTime(clock.Now().Add(-time.Minute))
	r.pay(past, wire.CodeParam)

	short := r.orderRequest(1980)
	short.PaymentExpiryTime = wire.FormatTime(clock.Now().Add(time.Minute))
	text = r.pay(short, wire.CodeInProcess).OrderCodeForm.Text()
	r.shift.Store(int64(2 * time.Minute))
	wantResult(t, "scan of a code that has just expired", r.scan(text, "U1", nil).Result,
		wire.CodeExpiredCode)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { r.core.Run(ctx); close(done) }()
	defer func() { stop(); <-done }()
	for range 2400 {
		if r.core1(short.PaymentRequestID).State == payment.Cancelled {
			break
		}
		time.Sleep(25 * time.Millisecond)
	}
	wantResult(t, "scan of an expired code", r.scan(text, "U1", nil).Result,
		wire.CodeExpiredCode)
}

// The goal is a printed code: it says whose it is, and with the amount that its user typed it is a
// payment. Each typed amount is an order of its own.
func TestPrintedCodeAsksForTheAmount(t *testing.T) {
	t.Parallel()
	r := newRig(t)

	shop := r.scan(r.printed(), "U1", nil)

	wantResult(t, "scan", shop.Result, wire.CodeSuccess)
	if shop.CodeType != wire.CodeTypeStore || shop.PaymentRequestID != "" ||
		shop.Total() != nil || shop.PayToAmount != nil || shop.Order.Amount != nil ||
		shop.Order.Merchant.Name != "Sanmachi Sushi KK" || shop.PaymentQuote == nil {
		t.Errorf("the shop: %+v", shop)
	}
	m := r.scan(r.printed(), "U1", &wire.Amount{Currency: "JPY", Value: "640"})
	wantResult(t, "scan with an amount", m.Result, wire.CodeSuccess)
	if m.CodeType != wire.CodeTypeOrder || m.Total().String() != "JPY 640" ||
		m.PaymentRequestID == "" {
		t.Errorf("the order: %+v", m)
	}
	r.debit(m, "U1")
	for text, code := range map[string]wire.Code{
		"000201 something else":  wire.CodeInvalidCode,
		"hello":                  wire.CodeInvalidCode,
		publicURL + "/q/nothing": wire.CodeInvalidCode,
		publicURL + "/q/" + strings.Repeat("0", 27): wire.CodeInvalidCode,
	} {
		wantResult(t, text, r.scan(text, "U1", nil).Result, code)
	}
	wantResult(t, "dollars", r.scan(r.printed(), "U1",
		&wire.Amount{Currency: "USD", Value: "640"}).Result, wire.CodeCurrency)
}

// The goal is that roles are kept: a bank scans nothing, a wallet consults nothing.
func TestOrdersAreForTheirRoles(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for path, as := range map[string]caller{alipayplus.PathInitiated: theBank,
		alipayplus.PathRules: theBank, alipayplus.PathQuote: theBank,
		alipayplus.PathConsult: theWallet} {
		res := answer[wire.Ack](t, r.send(r.request(as, path, []byte(`{}`))))
		wantResult(t, path, res.Result, wire.CodeAccessDenied)
	}
}

// matching is the action of the rule that fits a code, as a wallet finds it.
func matching(t *testing.T, rules []wire.CodeRule, text string) string {
	t.Helper()
	for _, rule := range rules {
		fits, err := regexp.MatchString(rule.Pattern, text)
		if err != nil {
			t.Errorf("%s: %v", rule.Pattern, err)
		}
		if fits {
			return rule.Action
		}
	}
	return ""
}
