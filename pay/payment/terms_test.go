package payment_test

import (
	"context"
	"testing"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/pay/ledger"
	"watari/pay/link"
	"watari/pay/party"
	"watari/pay/payment"
)

// days returns the clearing days of a payment's transfers by their cause.
func (r *rig) days(p *payment.Payment) map[ledger.Cause][2]string {
	r.t.Helper()
	line, err := r.Timeline(context.Background(), r.bank.No, p.ID)
	r.do("timeline", err)
	out := map[ledger.Cause][2]string{}
	for _, t := range line.Transfers {
		out[t.Cause] = [2]string{t.AcquirerDay, t.IssuerDay}
	}
	return out
}

// Goal: a cancel stands in the clearing days of its sale, whatever was agreed between the two.
// Method: both sides move to a zone half a day away, or their agreements end.
func TestCancelHasTheClearingDaysOfItsSale(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		p, q := r.sell(1980), r.sell(500)
		r.wallet.set(lost)
		late := r.sell(700)
		r.wallet.set(approve)
		far := "Pacific/Honolulu" // 19 hours behind Japan
		if clock.Now().In(clock.JST).Hour() >= 19 {
			far = "Pacific/Kiritimati" // 5 hours ahead of it
		}
		r.change(func(ctx context.Context, tx *db.Tx) error {
			_, err := r.reg.AddAgreement(ctx, tx, "test", party.Agreement{
				ParticipantNo: r.bank.No, Role: party.Acquirer, Currency: "JPY", Zone: far})
			if err != nil {
				return err
			}
			_, err = r.reg.AddAgreement(ctx, tx, "test", party.Agreement{
				ParticipantNo: r.issuer.No, Role: party.Issuer, Currency: "CNY", Zone: far})
			return err
		})
		_, err := r.cancel(p)
		r.do("cancel", err)
		_, err = r.refund(q, 500)
		r.do("refund", err)
		r.forward(10 * time.Second)
		r.schedule()
		r.until(late.ID, payment.Captured, payment.LegApproved)
		for _, x := range []struct {
			p    *payment.Payment
			a, b ledger.Cause
		}{{p, ledger.CauseApproval, ledger.CauseCancel},
			{q, ledger.CauseApproval, ledger.CauseRefund}} {
			if d := r.days(x.p); d[x.a] != d[x.b] || d[x.a][0] == "" {
				t.Errorf("%s has the days %v", x.b, d)
			}
		}
		if a, b := r.days(late), r.days(q); a[ledger.CauseApproval] != b[ledger.CauseApproval] {
			t.Errorf("the late approval has the days %v, others of its time %v", a, b)
		}
		r.verify()
	})
}

// Goal: a clock that is put back over midnight while a wallet is asked books nothing into the
// day before, which may be closed; sale, cancel and refund agree on the day.
// Method: the clock stands ten minutes after midnight in China and in Japan in turn, and goes
// back by twenty during the call.
func TestClockStepsBackOverMidnight(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		for _, zone := range []*time.Location{clock.CST, clock.JST} {
			r.shift.Store(0)
			now := r.now().In(zone)
			y, m, d := now.Date()
			midnight := time.Date(y, m, d+1, 0, 10, 0, 0, zone)
			today := midnight.Format(time.DateOnly)
			r.shift.Store(int64(midnight.Sub(now)))
			if time.Duration(r.shift.Load()) < 30*time.Minute {
				r.forward(24 * time.Hour) // the shift itself never becomes negative
				today = midnight.AddDate(0, 0, 1).Format(time.DateOnly)
			}
			side := 0
			if zone == clock.CST {
				side = 1
			}
			s, q := r.sale(1980), r.sale(500)
			s.Began, q.Began = r.now(), r.now()
			first := true
			r.wallet.meeting(func(call, _ string, _ int64) {
				if call == "authorise" && first {
					first = false
					r.forward(-20 * time.Minute)
				}
			})
			ctx := context.Background()
			p, err := r.Sell(ctx, s)
			r.do("sell", err)
			r.forward(20 * time.Minute)
			o, err := r.Sell(ctx, q)
			r.do("sell", err)
			r.forward(-20 * time.Minute)
			_, err = r.cancel(p)
			r.do("cancel", err)
			_, err = r.refund(o, 500)
			r.do("refund", err)
			for _, p := range []*payment.Payment{p, o} {
				for cause, days := range r.days(p) {
					if days[side] != today {
						t.Errorf("%s: %s is in %s, want %s", zone, cause, days[side], today)
					}
				}
			}
			if got := r.find(p.ID); got.Concluded.Before(got.Created) {
				t.Errorf("concluded %s, created %s", got.Concluded, got.Created)
			}
			r.wallet.meeting(nil)
		}
		r.verify()
	})
}

// Goal: a payment in the wallet's own currency is booked without a position, and refunded to
// the last yen with its spread.
func TestWalletInTheOrderCurrency(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		var own party.Participant
		r.change(func(ctx context.Context, tx *db.Tx) (err error) {
			if own, err = r.reg.AddParticipant(ctx, tx, "test", party.Participant{
				ID: "PSP_YEN", Name: "Yen Wallet", ClientID: "YENW", Connector: "scripted",
				BaseURL: "http://127.0.0.1:1", CodeGroup: "other", OwnCodes: true}); err != nil {
				return err
			}
			_, err = r.reg.AddAgreement(ctx, tx, "test", party.Agreement{
				ParticipantNo: own.No, Role: party.Issuer, Currency: "JPY",
				Zone: "Asia/Tokyo", SpreadPPM: 10_000, InterchangePPM: 9_000,
				SchemePPM: 1_500})
			return err
		})
		s := r.sale(1980)
		codes, err := r.IssueCodes(context.Background(), own.No, "user-1", "", 1)
		r.do("issue code", err)
		s.Code = codes[0].Code
		p, err := r.Sell(context.Background(), s)
		r.do("sell", err)
		if p.PayTo != yen(2000) {
			t.Errorf("pays %s", p.PayTo)
		}
		got := r.balances()
		for account, want := range map[string]int64{"0 issuer.receivable 3 JPY": 2000,
			"0 acquirer.payable 1 JPY": 1961, "0 fx.spread 0 JPY": 20,
			"0 fx.position 0 JPY": 0} {
			if got[account] != want {
				t.Errorf("%s is %d, want %d", account, got[account], want)
			}
		}
		for range 3 {
			_, err := r.refund(p, 660)
			r.do("refund", err)
		}
		if len(r.balances()) != 0 || r.wallet.kept() != 0 {
			t.Errorf("booked %v, the wallet kept %d", r.balances(), r.wallet.kept())
		}
		r.verify()
	})
}

// Goal: the largest amounts there are neither overflow nor book anything wrong.
func TestLargestAmounts(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		const most = 2_000_000_000_000_000 // 8.6 × 10^15 fen, of 9.0 × 10^15 that fit
		p := r.sell(most)
		if p.State != payment.Captured {
			t.Fatalf("payment is %s", p.State)
		}
		for _, part := range []int64{1, most / 2, most - most/2 - 1} {
			f, err := r.refund(p, part)
			if err != nil || f.State != payment.RefundSucceeded {
				t.Errorf("refund of %d: %v %v", part, f, err)
			}
		}
		if len(r.balances()) != 0 || r.wallet.kept() != 0 {
			t.Errorf("booked %v, the wallet kept %d", r.balances(), r.wallet.kept())
		}
		r.verify()
	})
}

// Goal: text of a wallet that no database can keep is no answer; it blocks nothing.
func TestWalletTextThatCannotBeKept(t *testing.T) {
	t.Parallel()
	bad := map[string]func(*link.Answer){
		"id with NUL":   func(a *link.Answer) { a.TheirID = "w\x00" },
		"id not UTF-8":  func(a *link.Answer) { a.TheirID = "w\xff" },
		"long id":       func(a *link.Answer) { a.TheirID = string(make([]byte, 10_000)) },
		"code with NUL": func(a *link.Answer) { a.Code = "S\x00" },
	}
	each(t, func(t *testing.T, r *rig) {
		for name, change := range bad {
			r.wallet.change = change
			p := r.sell(1000)
			if p = r.find(p.ID); p.State != payment.Pending ||
				p.LegState != payment.LegUnknown {
				t.Errorf("%s: payment is %s, leg %s", name, p.State, p.LegState)
			}
			if err := r.notify(leg(p), link.Answer{Outcome: link.Approved,
				TheirID: "w\x00"}); err == nil {
				t.Error("a notice with NUL was taken")
			}
		}
		r.wallet.change = nil
		r.forward(time.Minute)
		r.schedule()
		r.soon("all captured", func() bool {
			ps, _, err := r.List(context.Background(), payment.Filter{AcquirerNo: r.bank.No,
				States: []payment.State{payment.Captured}})
			r.do("list", err)
			return len(ps) == len(bad)
		})
		r.verify()
	})
}
