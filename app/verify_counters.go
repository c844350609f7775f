package app

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"watari/kit/db"
	"watari/pay/ledger"
	"watari/pay/payment"
	"watari/pay/risk"
)

// counters compares the counters that caps are held against with what the payments say, which are
// compared with the ledger themselves: a counter that is off refuses payments, or lets through what
// nobody agreed to.
func counters(ctx context.Context, tx *db.Tx) ([]ledger.Finding, error) {
	all, err := risk.Endless(ctx, tx)
	if err != nil {
		return nil, fmt.Errorf("read counters: %w", err)
	}
	held, err := payment.Counted(ctx, tx)
	if err != nil {
		return nil, fmt.Errorf("add up what payments hold: %w", err)
	}
	var found []ledger.Finding
	off := func(k risk.Key, stands, base, holds int64) {
		if stands != base+holds {
			found = append(found, ledger.Finding{Rule: "K9",
				What: fmt.Sprintf("%s of %d", k.Kind, k.Subject),
				Text: fmt.Sprintf("it stands at %d %s; its base is %d, payments and refunds "+
					"hold %d: off by %d", stands, k.Day, base, holds, stands-base-holds)})
		}
	}
	for _, c := range all {
		off(c.Key, c.Minor, c.Base, held[c.Key])
		delete(held, c.Key)
	}
	for k, holds := range held {
		off(k, 0, 0, holds)
	}
	slices.SortFunc(found, func(a, b ledger.Finding) int {
		return strings.Compare(a.What, b.What)
	})
	return found, nil
}
