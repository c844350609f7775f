package network

import (
	"bufio"
	"context"
	"net"
	"strings"
	"testing"
)

// The goal is that a client which nobody here wrote is understood. The method: the life of a
// payment over Alipay+ in every way to write it: cases of header names, forms of times and of
// Base64, bare booleans and numbers, members that no document has, doubled and empty headers, an
// absolute request target.
func TestEveryWayToWriteTheProtocolIsUnderstood(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		for i, st := range styles() {
			t.Run(st.name, func(t *testing.T) { lifeOfAPayment(t, w, st, i) })
		}
		w.t = t
		w.agree(settleWait)
	})
}

// lifeOfAPayment pays, asks, repeats, refunds twice, and cancels another.
func lifeOfAPayment(t *testing.T, w *world, st style, n int) {
	t.Helper()
	s, err := w.sale(n)
	if err != nil {
		t.Fatalf("obtain a code: %v", err)
	}
	s.yen = 1980
	paid := wants(t, "S SUCCESS")(s.pay(st, nil))
	if paid.PaymentAmount == nil || *paid.PaymentAmount != (apsAmount{"JPY", "1980"}) ||
		paid.SettlementAmount == nil || *paid.SettlementAmount != (apsAmount{"JPY", "1980"}) {
		t.Errorf("the amounts are %v and %v", paid.PaymentAmount, paid.SettlementAmount)
	}
	if paid.AcquirerID != s.bank.ID || paid.PSPID != w.box.Wallets[0].ID ||
		paid.CustomerID != s.user || paid.PaymentTime == "" || paid.WalletPaymentID == "" {
		t.Errorf("the answer is %s", paid.text)
	}
	if again := wants(t, "S SUCCESS")(s.pay(st, nil)); again.text != paid.text {
		t.Errorf("the repeat is answered\n%s, the first\n%s", again.text, paid.text)
	}

	first := wants(t, "S SUCCESS")(s.refund(st, s.id+"-1", 660))
	if again := wants(t, "S SUCCESS")(s.refund(st, s.id+"-1", 660)); again.text != first.text {
		t.Errorf("the repeated refund is answered\n%s, the first\n%s", again.text, first.text)
	}
	changed := wants(t, "F REPEAT_REQ_INCONSISTENT")(s.refund(st, s.id+"-1", 661))
	if !strings.Contains(changed.Result.Message, "refundAmount") {
		t.Errorf("the changed refund is answered %q", changed.Result.Message)
	}
	wants(t, "F REFUND_AMOUNT_EXCEED")(s.refund(st, s.id+"-2", 1321))
	wants(t, "S SUCCESS")(s.refund(st, s.id+"-3", 1320))
	asked := wants(t, "S SUCCESS")(s.inquire(st))
	if asked.PaymentResult == nil || asked.PaymentResult.Status != "S" ||
		asked.PaymentID != paid.PaymentID || asked.PaymentRequestID != s.id ||
		len(asked.Transactions) != 2 {
		t.Errorf("the inquiry is answered %s", asked.text)
	}

	if s, err = w.sale(n); err != nil {
		t.Fatalf("obtain a code: %v", err)
	}
	wants(t, "S SUCCESS")(s.pay(st, nil))
	for range 2 {
		wants(t, "S SUCCESS")(s.cancel(st))
	}
	asked = wants(t, "S SUCCESS")(s.inquire(st))
	if asked.PaymentResult == nil || asked.PaymentResult.String() != "F ORDER_IS_CLOSED" {
		t.Errorf("the inquiry after the cancel is answered %s", asked.text)
	}
}

// wants returns a function that takes an answer and reports any other result.
func wants(t *testing.T, result string) func(answer, error) answer {
	return func(a answer, err error) answer {
		t.Helper()
		if err != nil {
			t.Errorf("want %s, got the error %v", result, err)
		} else if got := a.Result.String(); got != result {
			t.Errorf("want %s, got %s: %s", result, got, a.Result.Message)
		}
		return a
	}
}

// The goal is an answer whose header names are in lower case, as the documents have them, each
// once. The method: read the bytes of an answer, because net/http tidies names up.
func TestAnswerHeadersAreInLowerCase(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		s, err := w.sale(0)
		if err != nil {
			t.Fatalf("obtain a code: %v", err)
		}
		r, err := s.bank.aps.request(context.Background(), documented(), pathInquiry,
			[]byte(`{"paymentRequestId":"never"}`))
		if err != nil {
			t.Fatalf("sign: %v", err)
		}
		c, err := net.Dial("tcp", strings.TrimPrefix(w.server.BaseURL, "http://"))
		if err != nil {
			t.Fatalf("dial: %v", err)
		}
		defer c.Close()
		r.Close = true
		if err := r.Write(c); err != nil {
			t.Fatalf("send: %v", err)
		}
		count := map[string]int{}
		for lines := bufio.NewScanner(c); lines.Scan() && lines.Text() != ""; {
			if name, _, isHeader := strings.Cut(lines.Text(), ": "); isHeader {
				count[name]++
			}
		}
		for _, name := range []string{"client-id", "response-time", "signature", "content-type"} {
			if count[name] != 1 {
				t.Errorf("the header %s comes %d times: %v", name, count[name], count)
			}
			if title := strings.ToUpper(name[:1]) + name[1:]; count[title] != 0 {
				t.Errorf("the header %s comes as well", title)
			}
		}
	})
}
