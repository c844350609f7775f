package payment_test

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"watari/kit/access"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/money"
	"watari/kit/web"
	"watari/kit/web/webtest"
	"watari/pay/party"
)

// amountForm is an amount as /v1 writes it.
type amountForm struct {
	Currency string `json:"currency"`
	Value    int64  `json:"value"`
}

// Goal: a till's own key gives nothing back on /v1 that the till's pages would ask a manager's
// PIN for, or that the till may not give at all; its bank may.
func TestTillKeyCannotRefundWithoutThePIN(t *testing.T) {
	t.Parallel()
	for _, e := range dbtest.Engines {
		t.Run(e.String(), func(t *testing.T) {
			t.Parallel()
			r := newRig(t, dbtest.New(t, e, append(sets(), access.Migrations)...), 1)
			keys := access.New(r.db)
			s := web.New(web.Config{Keys: keys,
				Log:     slog.New(slog.NewTextHandler(r.logged, nil)),
				Aliases: []web.Alias{web.As[money.Amount, amountForm]()}})
			r.Register(s)
			base := webtest.Start(t, s)

			hash, err := party.HashPIN("2468")
			r.do("hash PIN", err)
			barred := r.addTill("T2", false, nil)
			var till, other, bank string
			r.change(func(ctx context.Context, tx *db.Tx) (err error) {
				st := r.store
				if err = r.reg.SetStore(ctx, tx, "test", st.No, party.StoreTerms{Name: st.Name,
					NameJA: st.NameJA, Prefecture: st.Prefecture, MCC: st.MCC,
					ManagerPINHash: hash, PINAboveMinor: 500}); err != nil {
					return err
				}
				grant := access.Grant{Role: access.Terminal, ParticipantNo: r.bank.No,
					StoreNo: st.No, TerminalNo: r.till.No, Label: "till"}
				if till, err = keys.Create(ctx, tx, grant); err != nil {
					return err
				}
				grant.TerminalNo = barred.No
				if other, err = keys.Create(ctx, tx, grant); err != nil {
					return err
				}
				bank, err = keys.Create(ctx, tx, access.Grant{Role: access.Acquirer,
					ParticipantNo: r.bank.No, Label: "bank"})
				return err
			})
			p := r.sell(1980)
			refund := func(key, id, minor string) int {
				req, err := http.NewRequest(http.MethodPost, base+"/v1/payments/"+p.ID+"/refunds",
					strings.NewReader(`{"amount":{"currency":"JPY","value":`+minor+`}}`))
				r.do("request", err)
				req.Header.Set("Authorization", "Bearer "+key)
				req.Header.Set("Content-Type", "application/json")
				req.Header.Set("Idempotency-Key", id)
				res, err := http.DefaultClient.Do(req)
				r.do("refund", err)
				res.Body.Close()
				return res.StatusCode
			}
			for _, c := range []struct {
				key, id, minor string
				want           int
			}{
				{till, "over", "501", http.StatusForbidden},
				{till, "under", "500", http.StatusCreated},
				{other, "barred", "1", http.StatusForbidden},
				{bank, "bank", "1000", http.StatusCreated},
			} {
				if got := refund(c.key, c.id, c.minor); got != c.want {
					t.Errorf("%s: status %d, want %d", c.id, got, c.want)
				}
			}
			if got := r.find(p.ID).RefundedMinor; got != 1500 {
				t.Errorf("refunded %d", got)
			}
			r.verify()
		})
	}
}
