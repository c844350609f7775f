package alipayplus_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"watari/connect/alipayplus"
	"watari/connect/alipayplus/wire"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/pay/link/linktest"
)

// The goal is the main job over the protocol: codes, pay, inquiry, refunds, on both engines, with
// the real core between a bank and a strict wallet. The method follows one payment and looks at
// each answer as the bank sees it.
func TestPaymentGoesThroughTheProtocol(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		r := newRigOn(t, d)
		req := r.payRequest(1980)

		first := r.call(theBank, alipayplus.PathPay, req)

		paid := answer[wire.PayResponse](t, first)
		wantResult(t, "pay", paid.Result, wire.CodeSuccess)
		if paid.AcquirerID != "gifu-bank" || paid.PSPID != walletID || paid.PaymentID == "" ||
			paid.PaymentAmount.String() != "JPY 1980" || paid.CustomerID != "U1" ||
			paid.WalletBrandName != "Example Pay" || paid.MPPPaymentID != "W-1" ||
			paid.SettlementAmount.String() != "JPY 1980" || paid.PaymentRequestID != "" {
			t.Errorf("pay: %s", first)
		}
		if _, ok := wire.ParseTime(paid.PaymentTime); !ok {
			t.Errorf("pay: the time is %q", paid.PaymentTime)
		}
		asked := r.inquire(req.PaymentRequestID)
		wantResult(t, "the payment", *asked.PaymentResult, wire.CodeSuccess)
		want := paid.Paid
		want.PaymentRequestID = req.PaymentRequestID
		if got := wire.Encode(&wire.PayResponse{Paid: asked.Paid}); string(got) !=
			string(wire.Encode(&wire.PayResponse{Paid: want})) {
			t.Errorf("inquiry and pay tell of two payments: %s", got)
		}
		refundInParts(t, r, req.PaymentRequestID)

		again := r.call(theBank, alipayplus.PathPay, req)
		if string(again) != string(first) {
			t.Errorf("a repeat after refunds:\ngot  %s\nwant %s", again, first)
		}
		if lines := r.logged.take(); len(lines) != 3 {
			t.Errorf("the log has more than the three refused refunds: %q", lines)
		}
	})
}

// refundInParts returns a payment of 1,980 yen in two parts, each asked for twice, and then more.
func refundInParts(t *testing.T, r *rig, requestID string) {
	t.Helper()
	refund := func(id string, yen string) (wire.RefundResponse, []byte) {
		body := r.call(theBank, alipayplus.PathRefund, &wire.RefundRequest{
			PaymentRequestID: requestID, RefundRequestID: id, RefundReason: "one was cold",
			RefundAmount: &wire.Amount{Currency: "JPY", Value: yen}})
		return answer[wire.RefundResponse](t, body), body
	}
	for id, yen := range map[string]string{"RF-1": "990", "RF-2": "990"} {
		res, body := refund(id, yen)
		wantResult(t, "refund", res.Result, wire.CodeSuccess)
		if res.RefundAmount.String() != "JPY "+yen || res.SettlementAmount.String() != "JPY "+yen ||
			res.PSPID != walletID || res.RefundID == "" || res.RefundTime == "" {
			t.Errorf("refund: %s", body)
		}
		if _, again := refund(id, yen); string(again) != string(body) {
			t.Errorf("refund again:\ngot  %s\nwant %s", again, body)
		}
	}
	res, _ := refund("RF-3", "1")
	wantResult(t, "refund of what is not left", res.Result, wire.CodeRefundAmount)
	if again, _ := refund("RF-3", "1"); again.Result != res.Result {
		t.Errorf("a refusal is repeated as %+v, was %+v", again.Result, res.Result)
	}
	res, _ = refund("RF-1", "980")
	wantResult(t, "the same id for another amount", res.Result, wire.CodeInconsistent)

	asked := r.inquire(requestID)
	wantResult(t, "the refunded payment", *asked.PaymentResult, wire.CodeSuccess)
	if len(asked.Transactions) != 2 {
		t.Fatalf("inquiry: %d transactions, want 2", len(asked.Transactions))
	}
	for _, x := range asked.Transactions {
		if x.Type != "REFUND" || x.Status != "SUCCESS" || x.Amount.String() != "JPY 990" ||
			!strings.HasPrefix(x.RequestID, "RF-") || x.Time == "" || x.Result == nil {
			t.Errorf("transaction %+v", x)
		}
	}
}

// The goal is that a cancel closes, for ever: the money goes back, the inquiry says closed, and
// the answer to pay stays what it was.
func TestCancelClosesAndLeavesTheFirstAnswer(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	req := r.payRequest(1980)
	first := r.call(theBank, alipayplus.PathPay, req)
	paid := answer[wire.PayResponse](t, first)

	for _, m := range []*wire.CancelRequest{{PaymentRequestID: req.PaymentRequestID},
		{PaymentID: paid.PaymentID}} {
		res := answer[wire.CancelResponse](t, r.call(theBank, alipayplus.PathCancel, m))
		wantResult(t, "cancel", res.Result, wire.CodeSuccess)
		if res.AcquirerID != "gifu-bank" || res.PSPID != walletID {
			t.Errorf("cancel: %+v", res)
		}
	}

	asked := r.inquire(req.PaymentRequestID)
	wantResult(t, "the payment", *asked.PaymentResult, wire.CodeOrderClosed)
	if n := len(asked.Transactions); n != 1 || asked.Transactions[0].Type != "CANCEL" {
		t.Errorf("transactions %+v", asked.Transactions)
	}
	if again := r.call(theBank, alipayplus.PathPay, req); string(again) != string(first) {
		t.Errorf("a repeat after the cancel:\ngot  %s\nwant %s", again, first)
	}
	res := answer[wire.RefundResponse](t, r.call(theBank, alipayplus.PathRefund,
		&wire.RefundRequest{PaymentID: paid.PaymentID, RefundRequestID: "RF-1",
			RefundAmount: req.PaymentAmount}))
	wantResult(t, "refund of a cancelled payment", res.Result, wire.CodeOrderStatus)
	for id, d := range r.wallet.payments {
		if taken := r.wallet.Taken(id); taken != 0 {
			t.Errorf("the wallet holds %d for %+v", taken, d)
		}
	}
}

// The goal is the tombstone: a cancel that comes before its payment blocks it.
func TestCancelOfUnknownIDBlocksThePayment(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	req := r.payRequest(1980)

	res := answer[wire.CancelResponse](t, r.call(theBank, alipayplus.PathCancel,
		&wire.CancelRequest{PaymentRequestID: req.PaymentRequestID}))

	wantResult(t, "cancel", res.Result, wire.CodeSuccess)
	r.pay(req, wire.CodeOrderClosed)
	asked := r.inquire(req.PaymentRequestID)
	wantResult(t, "the payment", *asked.PaymentResult, wire.CodeOrderClosed)
	if asked.PaymentID != "" || len(asked.Transactions) != 0 {
		t.Errorf("inquiry: %+v", asked)
	}
	if n := len(r.wallet.bodies); n != 0 {
		t.Errorf("the wallet was called %d times", n)
	}
}

// The goal is that a decline is final and says why; its repeat is the same, and the payer can
// pay with a fresh code under a new id.
func TestDeclineIsFinalAndSaysWhy(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	req := r.payRequest(1980)
	r.wallet.Set(linktest.Decline)

	res := r.pay(req, wire.CodeBalance)

	if res.PaymentID != "" || res.PaymentAmount != nil {
		t.Errorf("a failure tells of a payment: %+v", res)
	}
	r.wallet.Set(linktest.Approve)
	r.pay(req, wire.CodeBalance)
	wantResult(t, "the payment", *r.inquire(req.PaymentRequestID).PaymentResult,
		wire.CodeBalance)
	r.pay(r.payRequest(1980), wire.CodeSuccess)
}

// The goal is the unknown payment: U to the bank, and the wallet's notice concludes it, once,
// whoever repeats it.
func TestNoticeConcludesAnUnknownPayment(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	req := r.payRequest(1980)
	r.wallet.Set(linktest.Pending)
	res := r.pay(req, wire.CodeInProcess)
	if res.PaymentID == "" || res.AcquirerID != "gifu-bank" || res.PaymentTime != "" {
		t.Errorf("pay: %+v", res)
	}
	wantResult(t, "the payment", *r.inquire(req.PaymentRequestID).PaymentResult,
		wire.CodeInProcess)
	leg := r.onlyLeg()
	notice := &wire.WalletNotice{PaymentResult: wire.ResultOf(wire.CodeSuccess),
		Debited: r.wallet.payments[leg].told()}
	notify := func(as caller, m *wire.WalletNotice, want wire.Code) {
		t.Helper()
		got := answer[wire.Ack](t, r.call(as, alipayplus.PathNotify, m))
		wantResult(t, "notify", got.Result, want)
	}

	notify(theWallet, notice, wire.CodeSuccess)
	notify(theWallet, notice, wire.CodeSuccess)

	wantResult(t, "the payment", *r.inquire(req.PaymentRequestID).PaymentResult,
		wire.CodeSuccess)
	r.pay(req, wire.CodeSuccess)
	other := *notice
	other.PaymentAmount = &wire.Amount{Currency: "JPY", Value: "1"}
	notify(theWallet, &other, wire.CodeInconsistent)
	other = *notice
	other.PaymentResult = wire.ResultOf(wire.CodeBalance)
	notify(theWallet, &other, wire.CodeInconsistent)
	other = *notice
	other.PaymentRequestID = "leg_of_somebody_else"
	notify(theWallet, &other, wire.CodeOrderNotExist)
	notify(theBank, notice, wire.CodeAccessDenied)
	other = *notice
	other.PaymentResult = wire.Result{Status: "F", Code: "ORDER_NOT_EXIST"}
	notify(theWallet, &other, wire.CodeParam)
}

// onlyLeg is the request id of the one payment that the wallet has seen.
func (r *rig) onlyLeg() string {
	r.t.Helper()
	r.wallet.mu.Lock()
	defer r.wallet.mu.Unlock()
	for id := range r.wallet.payments {
		if len(r.wallet.payments) == 1 {
			return id
		}
	}
	r.t.Fatalf("the wallet has seen %d payments", len(r.wallet.payments))
	return ""
}

// The goal is the idempotency table: each compared field that differs is refused with its name,
// and a field that is not compared does not matter.
func TestChangedRepeatNamesTheField(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	req := r.payRequest(1980)
	first := r.call(theBank, alipayplus.PathPay, req)
	changes := map[string]func(m *wire.PayRequest){
		"paymentAmount": func(m *wire.PayRequest) {
			m.PaymentAmount = &wire.Amount{Currency: "JPY", Value: "1981"}
		},
		"order.orderAmount": func(m *wire.PayRequest) {
			m.Order.Amount = &wire.Amount{Currency: "JPY", Value: "1981"}
		},
		"paymentMethod.paymentMethodType": func(m *wire.PayRequest) {
			m.PaymentMethod.Type = "ALIPAY_CN"
		},
		"settlementStrategy.settlementCurrency": func(m *wire.PayRequest) {
			m.SettlementStrategy = &wire.SettlementStrategy{Currency: "JPY"}
		},
	}
	for field, change := range changes {
		m := *req
		change(&m)
		res := r.pay(&m, wire.CodeInconsistent)
		if !strings.Contains(res.Result.Message, field) {
			t.Errorf("%s: the message is %q", field, res.Result.Message)
		}
		if line := strings.Join(r.logged.take(), "\n"); !strings.Contains(line, field) {
			t.Errorf("%s: the log has %q", field, line)
		}
	}

	m := *req
	m.Order.Description, m.PaymentMethod.ID = "another text", r.freshCode()
	if again := r.call(theBank, alipayplus.PathPay, &m); string(again) != string(first) {
		t.Errorf("fields that are not compared:\ngot  %s\nwant %s", again, first)
	}
	if n := len(r.wallet.payments); n != 1 {
		t.Errorf("the wallet has %d payments", n)
	}
}

// The goal is that ids are unique with their owner: two banks may use the same, and neither sees
// the other's payments.
func TestBanksDoNotSeeEachOther(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	req := r.payRequest(1980)
	paid := r.pay(req, wire.CodeSuccess)

	for name, body := range map[string][]byte{
		"inquiry by request id": r.call(theOther, alipayplus.PathInquiry,
			&wire.InquiryRequest{PaymentRequestID: req.PaymentRequestID}),
		"inquiry by id": r.call(theOther, alipayplus.PathInquiry,
			&wire.InquiryRequest{PaymentID: paid.PaymentID}),
		"cancel": r.call(theOther, alipayplus.PathCancel,
			&wire.CancelRequest{PaymentID: paid.PaymentID}),
		"refund": r.call(theOther, alipayplus.PathRefund, &wire.RefundRequest{
			PaymentID: paid.PaymentID, RefundRequestID: "X", RefundAmount: req.PaymentAmount}),
	} {
		wantResult(t, name, answer[wire.Ack](t, body).Result, wire.CodeOrderNotExist)
	}
	wantResult(t, "the payment", *r.inquire(req.PaymentRequestID).PaymentResult,
		wire.CodeSuccess)
}

// The goal is that repeats at the same moment debit once and all get the same answer.
func TestRepeatsAtOnceDebitOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	req := r.payRequest(1980)
	r.wallet.Set(linktest.Slow)
	const many = 8
	bodies := make([]string, many)
	var wg sync.WaitGroup
	for i := range many {
		wg.Go(func() { bodies[i] = string(r.call(theBank, alipayplus.PathPay, req)) })
	}
	wg.Wait()

	for _, body := range bodies {
		if body != bodies[0] {
			t.Errorf("two answers:\n%s\n%s", body, bodies[0])
		}
	}
	wantResult(t, "pay", answer[wire.PayResponse](t, []byte(bodies[0])).Result,
		wire.CodeSuccess)
	if n := r.wallet.Debits(r.onlyLeg()); n != 1 {
		t.Errorf("debited %d times", n)
	}
}

// The goal is that several codes can be had at once, each valid for a minute and used once.
func TestCodesAreForOneMinuteAndOnePayment(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	res := answer[wire.PaymentCodeResponse](t, r.call(theWallet, alipayplus.PathCodes,
		&wire.PaymentCodeRequest{CustomerID: "U1", CodeQuantity: "10"}))
	wantResult(t, "get codes", res.Result, wire.CodeSuccess)
	seen := map[string]bool{}
	for _, c := range res.Codes {
		from, _ := wire.ParseTime(c.StartTime)
		until, _ := wire.ParseTime(c.ExpiryAt)
		if len(c.Code) != 24 || until.Sub(from) != time.Minute || seen[c.Code] {
			t.Errorf("code %+v", c)
		}
		seen[c.Code] = true
	}
	if len(seen) != 10 {
		t.Errorf("got %d codes, want 10", len(seen))
	}

	first := r.payRequest(500)
	r.pay(first, wire.CodeSuccess)
	second := r.payRequest(500)
	second.PaymentMethod.ID = first.PaymentMethod.ID
	r.pay(second, wire.CodeInvalidCode)
	r.pay(second, wire.CodeInvalidCode)
}
