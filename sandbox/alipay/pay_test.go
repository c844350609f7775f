package alipay_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"watari/connect/alipayplus/wire"
	"watari/kit/clock"
	"watari/sandbox/wallet"
)

// Goal: a good payment debits once and tells ids, amounts and customer.
// Method: pay, pay again, inquire over the socket.
func TestPayDebitsOnceAndRepeatsItsAnswer(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		m := charge(newID(), r.code("ann"), 84_64)

		first := r.send(m)
		again := r.send(m)

		want(t, "pay", first.Result.Code, wire.CodeSuccess)
		if first.CustomerID != "ann" || first.PaymentID == "" || first.PaymentTime == "" ||
			*first.PayToAmount != *m.PayToAmount || *first.PaymentAmount != *m.PaymentAmount {
			t.Errorf("the answer does not tell the payment: %+v", first)
		}
		if again.PaymentID != first.PaymentID || again.Result != first.Result ||
			again.PaymentTime != first.PaymentTime {
			t.Errorf("repeat: got %+v, want %+v", again, first)
		}
		call, payment := r.inquire(m.PaymentRequestID)
		want(t, "inquiry", call, wire.CodeSuccess)
		want(t, "inquired payment", payment, wire.CodeSuccess)
		r.spent("ann", 84_64)
	})
}

// Goal: W1 and W3 hold whatever is raced.
// Method: the same message forty times at once, and one code under forty request ids at once.
func TestRacedPaysDebitOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		same := charge(newID(), r.code("ann"), 10_00)
		code := r.code("bob")

		var paid, refused sync.Map
		var racing sync.WaitGroup
		for i := range 40 {
			racing.Go(func() {
				if got := r.send(same); got.Result.Code != wire.CodeSuccess {
					t.Errorf("same message: %s", got.Result.Code)
				}
			})
			racing.Go(func() {
				got := r.send(charge(newID(), code, 10_00))
				switch got.Result.Code {
				case wire.CodeSuccess:
					paid.Store(i, true)
				case wire.CodeInvalidCode:
					refused.Store(i, true)
				default:
					t.Errorf("same code: %s", got.Result.Code)
				}
			})
		}
		racing.Wait()

		if n, m := size(&paid), size(&refused); n != 1 || m != 39 {
			t.Errorf("one code paid %d times and was refused %d times, want 1 and 39", n, m)
		}
		r.spent("ann", 10_00)
		r.spent("bob", 10_00)
	})
}

func size(m *sync.Map) (n int) {
	m.Range(func(any, any) bool { n++; return true })
	return n
}

// Goal: an id that was used is not used for something else, and a refusal stays a refusal.
// Method: change each compared field in turn; repeat a refused message after the reason is gone.
func TestRepeatWithOtherFieldsIsRefused(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		m := charge(newID(), r.code("ann"), 10_00)
		want(t, "pay", r.send(m).Result.Code, wire.CodeSuccess)
		other := charge(m.PaymentRequestID, r.code("ann"), 10_00)
		for name, changed := range map[string]*wire.WalletPayRequest{
			"amount": charge(m.PaymentRequestID, m.PaymentMethod.ID, 10_01), "code": other} {
			want(t, name, r.send(changed).Result.Code, wire.CodeInconsistent)
		}
		poor := charge(newID(), r.code("bob"), opening+1)
		poor.PaymentMethod.CustomerID = "bob"

		r.fault(wallet.ModeTwice, 1) // debits without a question, whatever the amount
		want(t, "poor", r.send(poor).Result.Code, wire.CodeBalance)
		want(t, "poor again", r.send(poor).Result.Code, wire.CodeBalance)
		r.spent("ann", 10_00)
		r.spent("bob", 0)
	})
}

// Goal: W3: no code, no money. Method: a table of codes that must not pay.
func TestOnlyOwnFreshCodesPay(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		stranger := charge(newID(), r.code("ann"), 10_00)
		stranger.PaymentMethod.CustomerID = "bob"
		late := charge(newID(), r.code("ann"), 10_00)
		late.PaymentExpiryTime = wire.FormatTime(clock.Now().Add(-2 * time.Second))
		dollars := charge(newID(), r.code("ann"), 10_00)
		dollars.PayToAmount.Currency = "USD"
		for name, c := range map[string]struct {
			m    *wire.WalletPayRequest
			code wire.Code
		}{
			"made up":      {charge(newID(), "251001020000009999999999", 1), wire.CodeInvalidCode},
			"of another":   {stranger, wire.CodeInvalidCode},
			"order is old": {late, wire.CodeOrderClosed},
			"dollars":      {dollars, wire.CodeCurrency},
		} {
			want(t, name, r.send(c.m).Result.Code, c.code)
			want(t, name+" again", r.send(c.m).Result.Code, c.code)
		}
		old := r.code("ann")
		r.endCode(old)
		want(t, "old code", r.send(charge(newID(), old, 1)).Result.Code, wire.CodeExpiredCode)
		r.spent("ann", 0)
	})
}

// Goal: W4 and W7: cancel gives all back, blocks what comes later, and may be repeated.
// Method: cancel before pay, after pay twice, after a refund.
func TestCancelGivesBackAndBlocks(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		unseen := charge(newID(), r.code("ann"), 10_00)
		want(t, "cancel unseen", r.cancel(unseen.PaymentRequestID), wire.CodeSuccess)
		want(t, "pay after", r.send(unseen).Result.Code, wire.CodeOrderClosed)
		want(t, "cancel again", r.cancel(unseen.PaymentRequestID), wire.CodeSuccess)

		m := charge(newID(), r.code("ann"), 20_00)
		paid := r.send(m)
		part := giveback(m.PaymentRequestID, paid.PaymentID, newID(), 5_00)
		want(t, "refund", r.refund(part).Result.Code, wire.CodeSuccess)
		r.spent("ann", 15_00)
		for range 2 {
			want(t, "cancel paid", r.cancel(m.PaymentRequestID), wire.CodeSuccess)
			_, payment := r.inquire(m.PaymentRequestID)
			want(t, "inquire cancelled", payment, wire.CodeOrderClosed)
			want(t, "pay cancelled", r.send(m).Result.Code, wire.CodeOrderClosed)
		}
		rest := giveback(m.PaymentRequestID, paid.PaymentID, newID(), 1_00)
		want(t, "refund cancelled", r.refund(rest).Result.Code, wire.CodeOrderStatus)
		call, _ := r.inquire(newID())
		want(t, "inquire unknown", call, wire.CodeOrderNotExist)
		r.spent("ann", 0)
	})
}

// Goal: after 00:30 (UTC+8) of the next day a wallet refuses to cancel.
// Method: move the payment into the past, to both sides of the window's end.
func TestCancelWindowEnds(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		m := charge(newID(), r.code("ann"), 20_00)
		r.send(m)

		r.payAt(m.PaymentRequestID, clock.Now().Add(-49*time.Hour))
		want(t, "old", r.cancel(m.PaymentRequestID), wire.CodeCancelWindow)
		r.spent("ann", 20_00)
		r.payAt(m.PaymentRequestID, clock.Now())
		want(t, "today", r.cancel(m.PaymentRequestID), wire.CodeSuccess)
		r.spent("ann", 0)
	})
}

// Goal: W5. Method: refunds that repeat, change, exceed, come too late, race over the rest.
func TestRefundsNeverExceedThePayment(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		m := charge(newID(), r.code("ann"), 30_00)
		paid := r.send(m)
		one := giveback(m.PaymentRequestID, paid.PaymentID, newID(), 10_00)
		first, again := r.refund(one), r.refund(one)
		if first.RefundID == "" || *first != *again && first.RefundID != again.RefundID {
			t.Errorf("repeat: got %+v, want %+v", again, first)
		}
		changed := giveback(m.PaymentRequestID, paid.PaymentID, one.RefundRequestID, 11_00)
		want(t, "changed", r.refund(changed).Result.Code, wire.CodeInconsistent)
		over := giveback(m.PaymentRequestID, paid.PaymentID, newID(), 20_01)
		want(t, "over", r.refund(over).Result.Code, wire.CodeRefundAmount)
		wrong := giveback(m.PaymentRequestID, "another", newID(), 1_00)
		want(t, "wrong payment id", r.refund(wrong).Result.Code, wire.CodeOrderNotExist)

		var racing sync.WaitGroup
		var took sync.Map
		for i := range 10 {
			racing.Go(func() {
				g := giveback(m.PaymentRequestID, paid.PaymentID, newID(), 8_00)
				if r.refund(g).Result.Code == wire.CodeSuccess {
					took.Store(i, true)
				}
			})
		}
		racing.Wait()

		if n := size(&took); n != 2 {
			t.Errorf("%d refunds of 8 fit into a rest of 20, want 2", n)
		}
		want(t, "over again", r.refund(over).Result.Code, wire.CodeRefundAmount)
		r.spent("ann", 4_00)
		r.payAt(m.PaymentRequestID, clock.Now().Add(-368*24*time.Hour))
		old := giveback(m.PaymentRequestID, paid.PaymentID, newID(), 1_00)
		want(t, "too old", r.refund(old).Result.Code, wire.CodeRefundWindow)
	})
}

// Goal: what is not the network's well-formed call moves nothing and is answered as the protocol
// says. Method: a table of bad calls over the socket.
func TestBadCallsAreRefusedByName(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		other := charge(newID(), r.code("ann"), 1)
		other.PSPID = "another-wallet"
		want(t, "another wallet", r.send(other).Result.Code, wire.CodeParam)
		empty := charge(newID(), "", 1)
		want(t, "no code", r.send(empty).Result.Code, wire.CodeParam)

		for name, c := range map[string]struct {
			method, path, media, client, signature string
			code                                   wire.Code
		}{
			"method":   {"GET", "pay", "application/json", networkID, "", wire.CodeMethod},
			"media":    {"POST", "pay", "text/plain", networkID, "", wire.CodeMediaType},
			"client":   {"POST", "pay", "application/json", "nobody", "", wire.CodeClient},
			"unsigned": {"POST", "pay", "application/json", networkID, "", wire.CodeSignature},
			"key": {"POST", "pay", "application/json", networkID,
				"algorithm=RSA256,keyVersion=9,signature=AAAA", wire.CodeKeyNotFound},
			"forged": {"POST", "pay", "application/json", networkID,
				"algorithm=RSA256,keyVersion=3,signature=AAAA", wire.CodeSignature},
		} {
			req, err := http.NewRequest(c.method, r.server.URL+"/aps/api/v1/payments/"+c.path,
				strings.NewReader(`{}`))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", c.media)
			req.Header.Set("client-id", c.client)
			req.Header.Set("signature", c.signature)
			req.Header.Set("request-time", wire.FormatTime(clock.Now()))
			want(t, name, resultOf(t, req), c.code)
		}
		var ack wire.Ack
		if err := r.call("applyToken", &wire.Ack{}, &ack); err != nil {
			t.Fatal(err)
		}
		want(t, "unknown call", ack.Result.Code, wire.CodeNoInterface)
	})
}

func resultOf(t *testing.T, req *http.Request) wire.Code {
	t.Helper()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body := make([]byte, 4096)
	n, _ := resp.Body.Read(body)
	var ack wire.Ack
	if err := wire.DecodeAnswer(body[:n], &ack); err != nil || resp.StatusCode != 200 ||
		resp.Header.Get("signature") == "" {
		t.Fatalf("%d %v %s", resp.StatusCode, err, body[:n])
	}
	return ack.Result.Code
}

// Goal: a wallet that is closed and opened again knows everything, even what it owes the network.
// Method: pay, ask for a PIN, refuse notices; then a second wallet on the same books.
func TestRestartKeepsEverything(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		paid := charge(newID(), r.code("ann"), 10_00)
		r.send(paid)
		asked := charge(newID(), r.code("ann"), 2_000_00)
		want(t, "asked", r.send(asked).Result.Code, wire.CodeInProcess)
		r.fault(wallet.ModeDecline, 2)
		r.refuse.Store(1 << 30)
		question, err := r.wallet.Question(t.Context(), "ann")
		if err != nil || question == nil {
			t.Fatalf("question: %v, %v", question, err)
		}
		if _, err := r.wallet.Confirm(t.Context(), "ann", question.PaymentID,
			wallet.PIN); err != nil {
			t.Fatal(err)
		}

		second := newRig(t, r.db, quick())

		got := second.told(asked.PaymentRequestID, 1)[0]
		if got.PaymentResult.Status != wire.Success || got.CustomerID != "ann" {
			t.Errorf("notice after the restart: %+v", got)
		}
		for i := range 3 {
			m := charge(newID(), second.code("bob"), 1_00)
			code := wire.CodeBalance
			if i == 2 {
				code = wire.CodeSuccess
			}
			want(t, fmt.Sprintf("fault %d", i), second.send(m).Result.Code, code)
		}
		want(t, "repeat", second.send(paid).Result.Code, wire.CodeSuccess)
		second.spent("ann", 2_010_00)
		second.spent("bob", 1_00)
	})
}
