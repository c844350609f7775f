package promo

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"watari/kit/db"
	"watari/pay/ledger"
)

// VerifyPledges compares what pledges say is taken with what wallets give of the discounts on all
// that stands (B4).
func VerifyPledges(ctx context.Context, tx *db.Tx, given Given) ([]ledger.Finding, error) {
	ps, err := allPledges(ctx, tx)
	if err != nil {
		return nil, fmt.Errorf("read pledges: %w", err)
	}
	want := maps.Clone(given)
	var out []ledger.Finding
	find := func(k PledgeKey, taken int64) {
		if n := want[k]; n != taken {
			out = append(out, ledger.Finding{Rule: "B4", What: k.String(), Text: fmt.Sprintf(
				"%d yen are taken, the orders that stand take %d", taken, n)})
		}
		delete(want, k)
	}
	for _, p := range ps {
		find(p.PledgeKey, p.Taken)
	}
	for _, k := range slices.SortedFunc(maps.Keys(want), PledgeKey.compare) {
		find(k, 0)
	}
	return out, nil
}
