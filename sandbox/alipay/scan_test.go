package alipay_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"watari/connect/alipayplus/wire"
	"watari/kit/clock"
	"watari/kit/money"
	"watari/sandbox/alipay"
	"watari/sandbox/wallet"
)

// resolve is the stand-in's answer to userInitiatedPay: "store" needs an amount, "closed" is over,
// "order-…" is an order under that name, anything else is no code of the network's.
func (r *rig) resolve(body []byte) wire.Message {
	var m wire.UserInitiatedRequest
	if err := wire.DecodeRequest(body, &m); err != nil {
		r.t.Errorf("userInitiatedPay %s: %v", body, err)
	}
	shop := &wire.Merchant{ReferenceMerchantID: "M1",
		Store: &wire.Store{ReferenceStoreID: "S1", Name: "Noodles"}}
	yen := wire.AmountOf(money.MustNew(1_000, "JPY"))
	switch {
	case m.CodeValue == "store" && m.PaymentAmount == nil:
		return &wire.UserInitiatedResponse{Result: wire.ResultOf(wire.CodeSuccess),
			CodeType: wire.CodeTypeStore, Order: &wire.Order{ReferenceOrderID: "O-1",
				Description: "noodles", Amount: yen, Merchant: shop}}
	case m.CodeValue == "store":
		yen = m.PaymentAmount
	case m.CodeValue == "closed":
		return &wire.UserInitiatedResponse{Result: wire.ResultOf(wire.CodeOrderClosed)}
	case !strings.HasPrefix(m.CodeValue, "order-"):
		return &wire.UserInitiatedResponse{Result: wire.ResultOf(wire.CodeInvalidCode)}
	}
	sum, err := yen.Money()
	if err != nil {
		r.t.Error(err)
	}
	return &wire.UserInitiatedResponse{Result: wire.ResultOf(wire.CodeSuccess),
		CodeType: wire.CodeTypeOrder, AcquirerID: "hida", PSPID: issuerID,
		PaymentRequestID: "leg-" + m.CodeValue + m.CustomerID,
		Order: &wire.Order{ReferenceOrderID: "O-1", Description: "noodles", Amount: yen,
			Merchant: shop},
		Sum: wire.SumOf(yen), PayToAmount: wire.AmountOf(money.MustNew(sum.Minor()*5, "CNY")),
		PaymentQuote:      &wire.Quote{CurrencyPair: "JPY/CNY", Price: "0.05"},
		PaymentExpiryTime: wire.FormatTime(clock.Now().Add(time.Minute))}
}

// Goal: what the network resolves is an order of the user who scanned it, paid once and told, with
// the amount typed where the code has none; a no is told too. Method: scan through the control
// interface, twice; the bad ends by their status.
func TestScannedCodeIsPaidOnceAndTold(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		for range 2 {
			status, got := r.control("POST", "/users/ann/scan", `{"code_value":"order-1"}`)
			if status != http.StatusOK || got["state"] != "paid" ||
				got["payment_request_id"] != "leg-order-1ann" {
				t.Errorf("order: %d %v", status, got)
			}
		}
		r.spent("ann", 50_00)
		notice := r.told("leg-order-1ann", 1)[0]
		if notice.PaymentResult.Status != wire.Success || notice.CustomerID != "ann" ||
			notice.PayToAmount.Value != "5000" {
			t.Errorf("notice: %+v", notice)
		}

		typed := `{"code_value":"store","amount":{"currency":"JPY","value":1500}}`
		if status, got := r.control("POST", "/users/ann/scan", typed); status != 200 ||
			got["state"] != "paid" {
			t.Errorf("store: %d %v", status, got)
		}
		r.spent("ann", 125_00)
		for body, want := range map[string]int{`{"code_value":"store"}`: 422,
			`{"code_value":"nonsense"}`: 422, `{"code_value":"closed"}`: 409} {
			if status, got := r.control("POST", "/users/ann/scan", body); status != want {
				t.Errorf("%s: %d %v, want %d", body, status, got, want)
			}
		}

		r.fault(wallet.ModeDecline, 1)
		status, got := r.control("POST", "/users/bob/scan", `{"code_value":"order-2"}`)
		if status != http.StatusOK || got["state"] != "failed" ||
			got["reason"] != string(wire.CodeBalance) {
			t.Errorf("declined: %d %v", status, got)
		}
		want(t, "notice of the decline", r.told("leg-order-2bob", 1)[0].PaymentResult.Code,
			wire.CodeBalance)
		r.spent("bob", 0)
	})
}

// Goal: the modes that a network's order meets. Method: late_success, cancelled meanwhile.
func TestScannedOrderIsDebitedLate(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.fault(wallet.ModeLate, 1)
		status, got := r.control("POST", "/users/ann/scan", `{"code_value":"order-1"}`)
		if status != http.StatusOK || got["state"] != "paid" {
			t.Errorf("late: %d %v", status, got)
		}
		want(t, "notice", r.told("leg-order-1ann", 1)[0].PaymentResult.Code, wire.CodeSuccess)
		want(t, "cancel", r.cancel("leg-order-1ann"), wire.CodeSuccess)
		r.spent("ann", 0)
	})
}

// Goal: every reason has its code. Method: all of them; none is the code of the unknown.
func TestEveryReasonHasItsCode(t *testing.T) {
	t.Parallel()
	var front alipay.Front
	for _, why := range wallet.Whys() {
		if code := front.Explain(why); code == "" || code == string(wire.CodeUnknown) {
			t.Errorf("%s: %q", why, code)
		}
	}
	if got := front.Explain("news"); got != string(wire.CodeUnknown) {
		t.Errorf("a reason that nobody knows: %s", got)
	}
}
