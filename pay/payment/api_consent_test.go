package payment_test

import (
	"context"
	"log/slog"
	"net/http"
	"testing"

	"watari/kit/access"
	"watari/kit/db/dbtest"
	"watari/kit/money"
	"watari/kit/web"
	"watari/kit/web/webtest"
	"watari/pay/payment"
)

// Goal: the address that wallets send a payer back to exists, takes the wallet's answer, and leads
// on to the shop with the consent's id. Method: a consent that its payer gave, opened in a browser
// that follows nothing; and a token that nobody made.
func TestPayerComesBackFromAConsent(t *testing.T) {
	t.Parallel()
	for _, e := range dbtest.Engines {
		t.Run(e.String(), func(t *testing.T) {
			t.Parallel()
			r := newRig(t, dbtest.New(t, e, append(sets(), access.Migrations)...), 1)
			r.ways()
			s := web.New(web.Config{Keys: access.New(r.db),
				Log:     slog.New(slog.NewTextHandler(r.logged, nil)),
				Aliases: []web.Alias{web.As[money.Amount, amountForm]()}})
			r.Register(s)
			base := webtest.Start(t, s)
			c, err := r.AskConsent(context.Background(), payment.NewConsent{
				Origin: payment.Origin{AcquirerNo: r.bank.No, Channel: payment.ChannelAPI,
					RequestID: "con-page", Actor: "test", Began: r.now()}, MerchantID: "M1",
				StoreID: "S1", WalletID: "PSP_TEST", Description: "bikes",
				ReturnURL: "https://shop.example/done?basket=7"})
			r.do("ask", err)
			r.wallet.agree(c.ID)

			status, to := back(t, base+"/c/"+c.ID[4:]+"?token=said")
			if status != http.StatusSeeOther ||
				to != "https://shop.example/done?basket=7&consent_id="+c.ID {
				t.Errorf("the payer is sent with %d to %s", status, to)
			}
			_, err = r.Sell(context.Background(), r.charge(c, 150))
			r.do("charge by it without asking the wallet again", err)
			if status, _ = back(t, base+"/c/"+c.ID[5:]); status != http.StatusNotFound {
				t.Errorf("a token that nobody made: %d", status)
			}
		})
	}
}

// back opens an address as a browser that follows nothing.
func back(t *testing.T, address string) (status int, to string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	return response.StatusCode, response.Header.Get("Location")
}
