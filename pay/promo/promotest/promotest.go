package promotest

import (
	"context"
	"testing"

	"watari/kit/db"
	"watari/kit/event"
	"watari/kit/foureyes"
	"watari/pay/party"
	"watari/pay/promo"
)

// Budget is what Pledge lets a wallet give, in yen.
const Budget = 1_000_000_000

// Pledge lets a wallet bear discounts at a merchant, all of them, up to Budget.
func Pledge(t testing.TB, d *db.DB, issuerNo, merchantNo int64) {
	t.Helper()
	ps := promo.NewPledges(promo.PledgesConfig{DB: d, Log: event.NewLog(d),
		Lane: event.FirstLane, Directory: party.NewDirectory(d), Desk: foureyes.New(d, nil, 0)})
	err := ps.Set(context.Background(), "test", promo.Pledge{PledgeKey: promo.PledgeKey{
		IssuerNo: issuerNo, MerchantNo: merchantNo}, SharePPM: 1_000_000, Budget: Budget})
	if err != nil {
		t.Fatalf("let a wallet give discounts: %v", err)
	}
}
