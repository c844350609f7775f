package park

import (
	"context"
	"errors"
	"fmt"

	"watari/pay/party"
	"watari/pay/promo"
)

// pledgeBudget is what each wallet gives for discounts in the park, in yen.
const pledgeBudget = 50_000_000

// plantPledges lets the wallets agree to their parts of the park's discounts, where they have not.
func (n Network) plantPledges(ctx context.Context, at party.Point) error {
	largest := map[string]int64{}
	for _, d := range discounts() {
		for _, id := range d.Rule.Issuers {
			largest[id] = max(largest[id], d.Rule.WalletPPM)
		}
	}
	for id, share := range largest {
		if share == 0 {
			continue
		}
		wallet, err := n.Directory.ByID(ctx, id)
		if err != nil {
			return err
		}
		k := promo.PledgeKey{IssuerNo: wallet.No, MerchantNo: at.Merchant.No}
		is, err := n.Pledges.Find(ctx, k)
		// A folder from before wallets agreed to anything has what was sold by then, and no more.
		if errors.Is(err, promo.ErrUnknown) || err == nil && is.Version == 1 && is.Left() == 0 {
			err = n.Pledges.Set(ctx, actor, promo.Pledge{PledgeKey: k, SharePPM: share,
				Budget: pledgeBudget})
		}
		if err != nil {
			return fmt.Errorf("of %s: %w", id, err)
		}
	}
	return nil
}
