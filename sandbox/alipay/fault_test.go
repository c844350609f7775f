package alipay_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"watari/connect/alipayplus/sign"
	"watari/connect/alipayplus/wire"
	"watari/kit/clock"
	"watari/sandbox/wallet"
)

// silent sends a pay call that must get no answer that can be believed.
func (r *rig) silent(m *wire.WalletPayRequest, wait time.Duration) error {
	ctx, cancel := context.WithTimeout(r.t.Context(), wait)
	defer cancel()
	var answer wire.WalletPayResponse
	return r.callWithin(ctx, "pay", m, &answer)
}

// Goal: decline refuses, counts pay calls only, and ends with its count.
// Method: two declines between which everything but pay is called.
func TestModeDeclineCountsPayCallsOnly(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.fault(wallet.ModeDecline, 2)

		want(t, "first", r.pay(newID(), "ann", 1).Result.Code, wire.CodeBalance)
		r.inquire(newID())
		r.cancel(newID())
		r.refund(giveback(newID(), "none", newID(), 1))
		want(t, "second", r.pay(newID(), "ann", 1).Result.Code, wire.CodeBalance)
		want(t, "third", r.pay(newID(), "ann", 1).Result.Code, wire.CodeSuccess)
		r.spent("ann", 1)
	})
}

// Goal: without a count a mode lasts until changed; none clears what is left of a count.
// Method: pay around both.
func TestModeLastsUntilChanged(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.fault(wallet.ModeDecline, 0)
		for range 3 {
			want(t, "declined", r.pay(newID(), "ann", 1).Result.Code, wire.CodeBalance)
		}
		r.fault(wallet.ModeNone, 0)
		want(t, "cleared", r.pay(newID(), "ann", 1).Result.Code, wire.CodeSuccess)
		r.fault(wallet.ModeDecline, 5)
		r.fault(wallet.ModeNone, 0)
		want(t, "cleared count", r.pay(newID(), "ann", 1).Result.Code, wire.CodeSuccess)
		r.fault(wallet.ModeDecline, 5)
		r.fault(wallet.ModeTwice, 1)
		want(t, "replaced", r.pay(newID(), "ann", 1).Result.Code, wire.CodeSuccess)
		want(t, "replaced and over", r.pay(newID(), "ann", 1).Result.Code, wire.CodeSuccess)
	})
}

// Goal: timeout leaves no trace: no answer, no debit, no order; a resend is served anew.
// Method: a call with a short deadline, then an inquiry, then the same message again.
func TestModeTimeoutLeavesNoTrace(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.fault(wallet.ModeTimeout, 1)
		m := charge(newID(), r.code("ann"), 10_00)

		err := r.silent(m, time.Second)

		if !errors.Is(err, errSilence) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want no answer until the deadline", err)
		}
		call, _ := r.inquire(m.PaymentRequestID)
		want(t, "inquiry", call, wire.CodeOrderNotExist)
		r.spent("ann", 0)
		want(t, "resend", r.send(m).Result.Code, wire.CodeSuccess)
		r.spent("ann", 10_00)
	})
}

// Goal: slow debits at once and answers S after its time. Method: measure; look in between.
func TestModeSlowDebitsThenWaits(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.fault(wallet.ModeSlow, 1)
		m := charge(newID(), r.code("ann"), 10_00)
		began := clock.Now()

		got := r.send(m)

		want(t, "slow", got.Result.Code, wire.CodeSuccess)
		if took := clock.Now().Sub(began); took < quick().Slow {
			t.Errorf("answered after %s, want at least %s", took, quick().Slow)
		}
		r.spent("ann", 10_00)

		r.fault(wallet.ModeSlow, 1)
		gone := charge(newID(), r.code("ann"), 10_00)
		leave, left := context.WithCancel(t.Context())
		var call sync.WaitGroup
		call.Go(func() {
			var answer wire.WalletPayResponse
			if err := r.callWithin(leave, "pay", gone, &answer); !errors.Is(err, errSilence) {
				t.Errorf("got %v, want to be gone before the answer", err)
			}
		})
		r.known(gone.PaymentRequestID)
		left()
		call.Wait()
		_, payment := r.inquire(gone.PaymentRequestID)
		want(t, "inquiry after going", payment, wire.CodeSuccess)
		r.spent("ann", 20_00)
	})
}

// Goal: pin asks whatever the amount; above CNY 1,000 the wallet asks by itself; the right PIN
// debits and notifies, three wrong ones or a no fail, silence closes.
// Method: one payment for each end.
func TestPINQuestionHasFourEnds(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.fault(wallet.ModePIN, 1)
		yes, no := charge(newID(), r.code("ann"), 1_00), charge(newID(), r.code("ann"), 1000_01)
		wrong, late := charge(newID(), r.code("ann"), 1000_01), charge(newID(), r.code("ann"), 1000_01)
		late.PaymentExpiryTime = wire.FormatTime(clock.Now().Add(2 * time.Second))
		ids := map[*wire.WalletPayRequest]string{}
		for _, m := range []*wire.WalletPayRequest{late, yes, no, wrong} {
			if m == late {
				r.fault(wallet.ModePIN, 2)
			}
			got := r.send(m)
			want(t, "ask", got.Result.Code, wire.CodeInProcess)
			_, payment := r.inquire(m.PaymentRequestID)
			want(t, "asked", payment, wire.CodeInProcess)
			ids[m] = got.PaymentID
		}
		r.spent("ann", 0)

		r.confirm("ann", ids[yes], wallet.PIN, nil)
		r.confirm("ann", ids[yes], wallet.PIN, wallet.ErrNoQuestion)
		r.confirm("bob", ids[no], wallet.PIN, wallet.ErrNoQuestion)
		if _, err := r.wallet.Refuse(t.Context(), "ann", ids[no]); err != nil {
			t.Error(err)
		}
		for range wallet.TriesMax - 1 {
			r.confirm("ann", ids[wrong], "000000", wallet.ErrWrongPIN)
		}
		r.confirm("ann", ids[wrong], "000000", nil)
		r.confirm("ann", ids[wrong], wallet.PIN, wallet.ErrNoQuestion)

		for m, code := range map[*wire.WalletPayRequest]wire.Code{yes: wire.CodeSuccess,
			no: wire.CodeVerification, wrong: wire.CodeVerification, late: wire.CodeOrderClosed} {
			notice := r.told(m.PaymentRequestID, 1)[0]
			want(t, "notice", notice.PaymentResult.Code, code)
			_, payment := r.inquire(m.PaymentRequestID)
			want(t, "inquiry", payment, code)
			want(t, "repeat", r.send(m).Result.Code, code)
		}
		r.spent("ann", 1_00)
		want(t, "1,000 exactly", r.pay(newID(), "bob", 1000_00).Result.Code, wire.CodeSuccess)
	})
}

func (r *rig) confirm(user, paymentID, pin string, wantErr error) {
	r.t.Helper()
	if _, err := r.wallet.Confirm(r.t.Context(), user, paymentID, pin); !errors.Is(err, wantErr) {
		r.t.Errorf("confirm by %s: got %v, want %v", user, err, wantErr)
	}
}

// Goal: duplicate answers S and notifies twice, the same each time; refused notices come again.
// Method: refuse the first three attempts.
func TestModeDuplicateNotifiesTwice(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.fault(wallet.ModeTwice, 1)
		r.refuse.Store(3)
		m := charge(newID(), r.code("ann"), 10_00)

		got := r.send(m)

		want(t, "duplicate", got.Result.Code, wire.CodeSuccess)
		told := r.told(m.PaymentRequestID, 2)
		time.Sleep(300 * time.Millisecond)
		if again := r.told(m.PaymentRequestID, 2); len(again) != 2 {
			t.Errorf("got %d notices, want 2", len(again))
		}
		for _, n := range told {
			if n.PaymentResult.Status != wire.Success || n.PaymentID != got.PaymentID ||
				n.PaymentTime != got.PaymentTime || *n.PayToAmount != *m.PayToAmount {
				t.Errorf("notice %+v does not agree with the answer %+v", n, got)
			}
		}
		r.spent("ann", 10_00)
	})
}

// Goal: late_success gives no answer, then debits and notifies, even after a cancel; the network
// can then cancel again. Method: one payment left alone, one cancelled at once.
func TestModeLateSuccessDebitsEvenAfterCancel(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.fault(wallet.ModeLate, 2)
		alone, given := charge(newID(), r.code("ann"), 10_00), charge(newID(), r.code("ann"), 3_00)
		var calls sync.WaitGroup
		for _, m := range []*wire.WalletPayRequest{alone, given} {
			calls.Go(func() {
				if err := r.silent(m, quick().Late); !errors.Is(err, errSilence) {
					t.Errorf("got %v, want no answer", err)
				}
			})
			r.known(m.PaymentRequestID)
		}

		want(t, "cancel", r.cancel(given.PaymentRequestID), wire.CodeSuccess)
		_, payment := r.inquire(given.PaymentRequestID)
		want(t, "inquiry after the cancel", payment, wire.CodeOrderClosed)
		r.spent("ann", 0)
		calls.Wait()

		for _, m := range []*wire.WalletPayRequest{alone, given} {
			want(t, "notice", r.told(m.PaymentRequestID, 1)[0].PaymentResult.Code,
				wire.CodeSuccess)
			_, payment := r.inquire(m.PaymentRequestID)
			want(t, "inquiry", payment, wire.CodeSuccess)
		}
		r.spent("ann", 13_00)
		want(t, "cancel again", r.cancel(given.PaymentRequestID), wire.CodeSuccess)
		_, payment = r.inquire(given.PaymentRequestID)
		want(t, "inquiry at last", payment, wire.CodeOrderClosed)
		r.spent("ann", 10_00)
	})
}

// known waits until the wallet has a payment.
func (r *rig) known(requestID string) {
	r.t.Helper()
	for range 12_000 {
		if p, err := r.wallet.Payment(r.t.Context(), requestID); err != nil || p != nil {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	r.t.Fatalf("the wallet does not know %s", requestID)
}

// Goal: drop_after_debit debits and closes the connection; bad_signature debits and signs
// something else. Method: the error of the call, then an inquiry.
func TestModesThatLoseTheAnswer(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		for mode, wantErr := range map[wallet.Mode]error{
			wallet.ModeDrop: errSilence, wallet.ModeBadlySig: sign.ErrVerify} {
			r.fault(mode, 1)
			m := charge(newID(), r.code("ann"), 10_00)

			err := r.silent(m, 5*time.Second)

			if !errors.Is(err, wantErr) || errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: got %v, want %v at once", mode, err, wantErr)
			}
			_, payment := r.inquire(m.PaymentRequestID)
			want(t, string(mode), payment, wire.CodeSuccess)
		}
		r.spent("ann", 20_00)
	})
}

// underName calls the control interface as a browser that was sent here by another name.
func (r *rig) underName(host string) int {
	r.t.Helper()
	req, err := http.NewRequest("GET", r.server.URL+"/control/users/ann", nil)
	if err != nil {
		r.t.Fatal(err)
	}
	req.Host = host
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}

// Goal: the control interface says what is wrong, and lists payments as the contract has them.
// Method: a table of bad calls, then a user with one payment in each state.
func TestControlInterfaceKeepsItsContract(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		for _, c := range []struct {
			method, path, body string
			status             int
		}{
			{"GET", "/users/nobody", "", http.StatusNotFound},
			{"POST", "/users/nobody/payment-code", "", http.StatusNotFound},
			{"POST", "/users/ann/scan", `{"code_value":"x"}`, http.StatusUnprocessableEntity},
			{"POST", "/users/ann/scan", `{"code":"x"}`, http.StatusBadRequest},
			{"POST", "/users/nobody/scan", `{"code_value":"x"}`, http.StatusNotFound},
			{"POST", "/faults", `{"mode":"explode"}`, http.StatusUnprocessableEntity},
			{"POST", "/faults", `{"mode":"slow","count":0}`, http.StatusUnprocessableEntity},
			{"POST", "/faults", `{"mode":"slow","times":1}`, http.StatusBadRequest},
			{"POST", "/faults", `slow`, http.StatusBadRequest},
			{"GET", "/elsewhere", "", http.StatusNotFound},
		} {
			status, got := r.control(c.method, c.path, c.body)
			if status != c.status || got["title"] == "" {
				t.Errorf("%s %s %s: got %d %v, want %d", c.method, c.path, c.body, status, got,
					c.status)
			}
		}

		if status := r.underName("rebound.example"); status != http.StatusForbidden {
			t.Errorf("under another name: %d, want 403", status)
		}

		paid := r.pay("p1", "ann", 50_00)
		r.refund(giveback("p1", paid.PaymentID, "r1", 20_00))
		r.pay("p2", "ann", 30_00)
		r.cancel("p2")
		r.fault(wallet.ModeDecline, 1)
		r.pay("p3", "ann", 10_00)
		r.pay("p4", "ann", 1000_01) // waits for a PIN: nothing to list yet

		_, got := r.control("GET", "/users/ann", "")
		if b := got["balance"].(map[string]any); b["currency"] != "CNY" ||
			fmt.Sprint(b["value"]) != fmt.Sprint(opening-30_00) {
			t.Errorf("balance: %v", b)
		}
		states := map[string]string{"p1": "paid 5000 2000", "p2": "cancelled 0 0",
			"p3": "failed 0 0"}
		list := got["payments"].([]any)
		if len(list) != len(states) {
			t.Errorf("payments: %v", list)
		}
		for _, one := range list {
			p := one.(map[string]any)
			wanted := states[p["payment_request_id"].(string)]
			got := fmt.Sprint(p["state"], " ", p["paid"].(map[string]any)["value"], " ",
				p["refunded"].(map[string]any)["value"])
			if got != wanted || p["payment_id"] == "" {
				t.Errorf("got %v, want %v", p, wanted)
			}
			if _, err := time.Parse(time.RFC3339, p["time"].(string)); err != nil {
				t.Error(err)
			}
		}
	})
}
