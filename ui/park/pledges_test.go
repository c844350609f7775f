package park_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"watari/kit/i18n"
	"watari/pay/promo"

	parks "watari/visit/park"
)

// Goal: who runs a park sees whether a wallet has agreed to bear its part of a discount, and how
// much of it is left. Method: the list before and after the wallet agrees.
func TestDiscountsSayWhetherTheWalletAgreed(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		_, err := r.parks.PutDiscount(ctx, parks.Discount{ParkID: r.park.ID,
			Name: i18n.Text{i18n.English: "Pledge week"}, Rule: parks.Rule{ID: "pledge-week",
				Kind: parks.ForWallet, OffYen: 500, WalletPPM: 500_000,
				Issuers: []string{r.wallet.ID}}}, "test")
		r.do("put a discount", err)
		const waits = "waits for the wallet’s agreement"
		shows := func(want ...string) {
			t.Helper()
			w := r.send(http.MethodGet, "/park/discounts", "owner", nil)
			for _, text := range want {
				if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), text) {
					t.Errorf("%d: the page lacks %q", w.Code, text)
				}
			}
		}
		shows(waits, "Nothing agreed")
		r.do("agree", r.pledges.Set(ctx, "test", promo.Pledge{PledgeKey: promo.PledgeKey{
			IssuerNo: r.wallet.No, MerchantNo: r.park.MerchantNo}, SharePPM: 500_000,
			Budget: 1_234_000}))
		shows("1,234,000")
		if w := r.send(http.MethodGet, "/park/discounts", "owner", nil); strings.Contains(
			w.Body.String(), waits) {
			t.Error("it still waits for the wallet")
		}
	})
}
