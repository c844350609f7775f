package payment_test

import (
	"context"
	"errors"
	"maps"
	"sync"
	"testing"
	"time"

	"watari/kit/db"
	"watari/kit/fault"
	"watari/kit/money"
	"watari/pay/link"
	"watari/pay/party"
	"watari/pay/payment"
)

// Goal: a sale is booked in both currencies and in both books to the yen and the fen.
// Method: ¥1,980 on 2026-04-13, when a euro was 186.75 yen and 7.9827 yuan (ECB), computed
// by hand:
//
//	mid rate  7.9827 / 186.75 = 0.0427453815261…   1980 × = 84.6358… → CNY 84.64
//	with 1 %  0.0431728353414 (12 digits)           1980 × = 85.4822… → CNY 85.48
//	MDR 1.98 % = 39.204 → 39, interchange 0.9 % = 17.82 → 17, scheme 0.15 % = 2.97 → 2
func TestSaleIsBookedInBothCurrencies(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		p := r.sell(1980)

		if p.State != payment.Captured || p.PayTo != money.MustNew(8548, "CNY") {
			t.Fatalf("payment is %s, pays %s", p.State, p.PayTo)
		}
		if p.Rate.String() != "0.0431728353414" {
			t.Errorf("rate is %s", p.Rate)
		}
		got, want := r.balances(), map[string]int64{
			"0 fx.position 0 JPY":                1980,
			"0 acquirer.payable 1 JPY":           1980 - 19,
			"0 issuer.receivable 2 CNY":          8548,
			"0 fx.position 0 CNY":                -8464,
			"0 fx.spread 0 CNY":                  84,
			"0 issuer.interchange_payable 2 JPY": 17,
			"0 scheme.fee 0 JPY":                 2,
			"1 network.receivable 0 JPY":         1961,
			"1 network.fees 0 JPY":               19,
			"1 merchant.payable 1 JPY":           1941,
			"1 mdr.income 0 JPY":                 39,
		}
		if !maps.Equal(got, want) {
			t.Errorf("balances\n%v, want\n%v", got, want)
		}
		if r.wallet.kept() != 8548 {
			t.Errorf("the wallet took %d", r.wallet.kept())
		}
		r.verify()
	})
}

// Goal: the same id with the same fields has the same answer for ever and reaches the wallet
// once; with another amount it is refused and names the field (P5, P6).
func TestRepeatHasTheSameAnswer(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		s := r.sale(1980)
		first, err := r.Sell(ctx, s)
		r.do("sell", err)

		s.Began = r.now()
		again, err := r.Sell(ctx, s)
		r.do("sell again", err)
		if again.ID != first.ID || again.State != payment.Captured {
			t.Errorf("repeat is %s %s", again.ID, again.State)
		}
		s.Amount = yen(1981)
		_, err = r.Sell(ctx, compared(s))
		var f *fault.Error
		if !errors.As(err, &f) || !errors.Is(err, payment.ErrInconsistent) ||
			f.Members["field"] != "amount" {
			t.Errorf("changed repeat: %v", err)
		}
		if n := len(r.wallet.debits); n != 1 {
			t.Errorf("%d debits", n)
		}
		r.verify()
	})
}

// Goal: what was refused once is refused for ever under that id, though it would now pass.
// Method: a suspended store, opened again.
func TestRefusalIsRepeatedVerbatim(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		r.status(party.Suspended)
		s := r.sale(1980)
		_, first := r.Sell(ctx, s)
		if !errors.Is(first, party.ErrStoreNotOpen) {
			t.Fatalf("suspended store: %v", first)
		}
		r.status(party.Open)

		s.Began = r.now()
		_, again := r.Sell(ctx, s)
		if !errors.Is(again, party.ErrStoreNotOpen) || again.Error() != first.Error() {
			t.Errorf("got %v, want %v", again, first)
		}
		if p := r.sell(1980); p.State != payment.Captured {
			t.Errorf("a new request is %s", p.State)
		}
		r.verify()
	})
}

func (r *rig) status(s party.Status) {
	r.t.Helper()
	r.do("set status", r.db.Update(context.Background(),
		func(ctx context.Context, tx *db.Tx) error {
			return r.reg.SetStatus(ctx, tx, "test", party.KindStore, r.store.No, s)
		}))
}

// Goal: a code pays once, also when two tills scan it at the same moment (P9).
func TestCodePaysOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		a, b := r.sale(500), r.sale(500)
		b.Code = a.Code
		var wg sync.WaitGroup
		errs := make([]error, 2)
		for i, s := range []payment.Sale{a, b} {
			wg.Go(func() { _, errs[i] = r.Sell(context.Background(), s) })
		}
		wg.Wait()
		if (errs[0] == nil) == (errs[1] == nil) ||
			!errors.Is(errors.Join(errs...), payment.ErrCodeUsed) {
			t.Errorf("errors are %v", errs)
		}
		if len(r.wallet.debits) != 1 {
			t.Errorf("%d debits", len(r.wallet.debits))
		}
		r.verify()
	})
}

// Goal: a code is refused when it is too old, unknown, or of no wallet; nothing moves.
func TestBadCodesAreRefused(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		old := r.sale(500)
		r.forward(2 * time.Minute)
		old.Began = r.now()
		unknown, foreign := r.sale(500), r.sale(500)
		unknown.Code = "251001020000000000000000"
		foreign.Code = "990000000000000000000000"
		for name, c := range map[string]struct {
			sale payment.Sale
			slug string
		}{
			"expired": {old, "wallet-code-expired"},
			"unknown": {unknown, "wallet-code-unknown"},
			"foreign": {foreign, "wallet-code-unknown"},
		} {
			_, err := r.Sell(ctx, c.sale)
			var f *fault.Error
			if !errors.As(err, &f) || f.Problem.Slug != c.slug {
				t.Errorf("%s: %v, want %s", name, err, c.slug)
			}
		}
		if len(r.balances()) != 0 || len(r.wallet.debits) != 0 {
			t.Error("money moved")
		}
		r.verify()
	})
}

// Goal: a decline is final, carries its reason and books nothing.
func TestDeclineBooksNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.wallet.set(decline)
		p := r.sell(1980)
		if p.State != payment.Declined || p.Reason != link.ReasonBalance {
			t.Errorf("payment is %s %s", p.State, p.Reason)
		}
		if len(r.balances()) != 0 {
			t.Errorf("booked %v", r.balances())
		}
		r.verify()
	})
}

// Goal: a yes that names other money, another payer or another id posts nothing and is
// stuck for an operator (P11).
func TestYesAboutSomethingElseIsStuck(t *testing.T) {
	t.Parallel()
	other := money.MustNew(1, "CNY")
	usd := money.MustNew(8548, "USD")
	wrong := map[string]func(*link.Answer){
		"amount":   func(a *link.Answer) { a.PayTo = &other },
		"currency": func(a *link.Answer) { a.PayTo = &usd },
		"customer": func(a *link.Answer) { a.Customer = "user-2" },
		"id":       func(a *link.Answer) { a.RequestID = "leg_other" },
	}
	each(t, func(t *testing.T, r *rig) {
		for name, change := range wrong {
			r.wallet.change = change
			p := r.sell(1980)
			if p = r.find(p.ID); p.State != payment.Pending || p.LegState != payment.LegStuck {
				t.Errorf("%s: payment is %s, leg %s", name, p.State, p.LegState)
			}
		}
		if len(r.balances()) != 0 {
			t.Errorf("booked %v", r.balances())
		}
		r.verify()
	})
}

// Goal: 200 requests at once, a tenth repeats and a tenth changed, book each payment once.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		sales := make([]payment.Sale, 200)
		for i := range sales {
			sales[i] = r.sale(int64(100 + i))
			switch {
			case i%10 == 8:
				sales[i] = sales[i-1]
			case i%10 == 9:
				sales[i] = sales[i-2]
				sales[i].Amount = yen(7)
				sales[i] = compared(sales[i])
			}
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		ids, refused := map[string]int{}, 0
		for _, s := range sales {
			s.Began = r.now()
			wg.Go(func() {
				p, err := r.Sell(context.Background(), s)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					ids[p.ID]++
				case errors.Is(err, payment.ErrInconsistent):
					refused++
				default:
					t.Errorf("sell: %v", err)
				}
			})
		}
		wg.Wait()
		// Of a request and its changed repeat either may be first; the other is refused.
		if len(r.wallet.debits) != 160 || refused < 20 || refused > 40 {
			t.Errorf("%d debits, %d payments, %d refused", len(r.wallet.debits), len(ids), refused)
		}
		r.verify()
	})
}
