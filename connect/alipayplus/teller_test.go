package alipayplus

import (
	"testing"
	"time"

	"watari/connect/alipayplus/wire"
	"watari/kit/money"
	"watari/pay/link"
	"watari/pay/payment"
)

// The goal is both results of a payment in every state: what pay says for ever, and what an
// inquiry says now (A4).
func TestStatesAreToldInTwoWays(t *testing.T) {
	t.Parallel()
	captured := func(s payment.State) *payment.Payment {
		return &payment.Payment{ID: "pay_1", State: s, CapturedMinor: 1980,
			Concluded: time.Unix(1795323540, 0)}
	}
	closed := func(s payment.State, r link.Reason) *payment.Payment {
		return &payment.Payment{ID: "pay_1", State: s, Reason: r,
			Concluded: time.Unix(1795323540, 0)}
	}
	for _, c := range []struct {
		p            *payment.Payment
		first, later wire.Code
	}{
		{&payment.Payment{State: payment.Authorising}, "PAYMENT_IN_PROCESS", "PAYMENT_IN_PROCESS"},
		{&payment.Payment{State: payment.Pending}, "PAYMENT_IN_PROCESS", "PAYMENT_IN_PROCESS"},
		{&payment.Payment{State: payment.Authorised}, "PAYMENT_IN_PROCESS", "PAYMENT_IN_PROCESS"},
		{captured(payment.Captured), "SUCCESS", "SUCCESS"},
		{captured(payment.Refunded), "SUCCESS", "SUCCESS"},
		{captured(payment.Cancelled), "SUCCESS", "ORDER_IS_CLOSED"},
		{closed(payment.Cancelled, ""), "ORDER_IS_CLOSED", "ORDER_IS_CLOSED"},
		{closed(payment.Declined, link.ReasonBalance), "USER_BALANCE_NOT_ENOUGH",
			"USER_BALANCE_NOT_ENOUGH"},
		{closed(payment.Declined, link.ReasonOther), "PROCESS_FAIL", "PROCESS_FAIL"},
	} {
		if got := first(c.p); got != wire.ResultOf(c.first) {
			t.Errorf("%s, captured %d: pay says %+v", c.p.State, c.p.CapturedMinor, got)
		}
		if got := current(c.p); got != wire.ResultOf(c.later) {
			t.Errorf("%s, captured %d: the inquiry says %+v", c.p.State, c.p.CapturedMinor, got)
		}
	}
}

// The goal is that refunds of every state are told, with ids of other channels left out when the
// protocol cannot carry them.
func TestTransactionsAreTold(t *testing.T) {
	t.Parallel()
	at := time.Unix(1795323540, 0)
	yen := money.MustNew(990, "JPY")
	long := "an id of another channel that is longer than the sixty-four characters allowed"
	refunds := []payment.Refund{
		{ID: "r1", RequestID: "A", State: payment.RefundSucceeded, Order: yen, Concluded: at},
		{ID: "r2", RequestID: "B", State: payment.RefundFailed, Order: yen, Concluded: at,
			Failure: link.ReasonAmount},
		{ID: "r3", RequestID: "C", State: payment.RefundUnknown, Order: yen},
		{ID: "r4", RequestID: long, State: payment.RefundRequested, Order: yen},
	}
	got := transactions(&payment.Payment{ID: "p", State: payment.Captured}, refunds)
	want := []string{"SUCCESS SUCCESS A 2026-11-22T13:59:00+09:00",
		"FAIL REFUND_AMOUNT_EXCEED B 2026-11-22T13:59:00+09:00",
		"PROCESSING PAYMENT_IN_PROCESS C ", "PROCESSING PAYMENT_IN_PROCESS  "}
	for i, x := range got {
		text := x.Status + " " + string(x.Result.Code) + " " + x.RequestID + " " + x.Time
		if text != want[i] || x.Amount.String() != "JPY 990" || x.Type != "REFUND" {
			t.Errorf("got %q, want %q", text, want[i])
		}
	}
	if got := transactions(&payment.Payment{State: payment.Cancelled}, nil); got != nil {
		t.Errorf("a tombstone has transactions: %+v", got)
	}
}

// The goal is that a settlement in another currency is told with its rate, and one in the same
// without.
func TestSettlementQuoteIsToldWhenThereIsOne(t *testing.T) {
	t.Parallel()
	rate, err := money.ParseRate("0.0427", "JPY", "CNY")
	if err != nil {
		t.Fatalf("rate: %v", err)
	}
	p := &payment.Payment{QuoteID: "q", Rate: rate, Order: money.MustNew(1980, "JPY"),
		Settle: money.MustNew(1980, "JPY")}
	if q := settlementQuote(p); q != nil {
		t.Errorf("the same currency: got %+v", q)
	}
	p.Settle = money.MustNew(8455, "CNY")
	if q := settlementQuote(p); q == nil || q.CurrencyPair != "JPY/CNY" || q.Price != "0.0427" {
		t.Errorf("another currency: got %+v", q)
	}
	p.Settle = money.MustNew(1300, "USD")
	if q := settlementQuote(p); q != nil {
		t.Errorf("a rate that is not the payment's: got %+v", q)
	}
}

// The goal is that the prefecture of a merchant is read from what acquirers write.
func TestPrefectureIsRead(t *testing.T) {
	t.Parallel()
	for state, want := range map[string]string{"JP-21": "21", "21": "21", "47": "47", "48": "",
		"00": "", "Gifu": "", "": "", "JP-1": "", "4 ": ""} {
		if got := prefectureOf(&wire.Address{Region: "JP", State: state}); got != want {
			t.Errorf("%q: got %q, want %q", state, got, want)
		}
	}
	if got := prefectureOf(&wire.Address{Region: "CN", State: "21"}); got != "" {
		t.Errorf("abroad: got %q", got)
	}
}
