package app

import (
	"context"

	"watari/kit/access"
	"watari/kit/web"
	"watari/pay/promo"
	"watari/pay/report"
	"watari/ui/console"
	"watari/ui/park"
)

// registerPark mounts the console of people who run a park.
func registerPark(w *web.Server, n *node, c console.Config) {
	park.New(park.Config{Console: c, Parks: n.parks, Orders: n.orders, Gates: n.gates,
		Queues: n.queues, Grounds: n.grounds, Takings: report.New(n.db), Wallets: n.parkWallets,
		Pledges: func(ctx context.Context, merchantNo int64) ([]promo.Pledge, error) {
			return n.pledges.List(ctx, 0, 0, merchantNo)
		},
		PublicURL: n.public}).Mount(w)
}

// parkWallets names the wallets of the network.
func (n *node) parkWallets(ctx context.Context) ([]park.Wallet, error) {
	all, err := n.directory.Wallets(ctx)
	out := make([]park.Wallet, len(all))
	for i, w := range all {
		out[i] = park.Wallet{No: w.Issuer.No, ID: w.Issuer.ID, Name: w.Issuer.Name}
	}
	return out, err
}

// runsPark tells whether somebody works for a merchant that has a park.
func (n *node) runsPark(ctx context.Context, c access.Caller) (bool, error) {
	if c.MerchantNo == 0 {
		return false, nil
	}
	all, err := n.parks.ParksOf(ctx, c.ParticipantNo, c.MerchantNo)
	for _, p := range all {
		if c.StoreNo == 0 || c.StoreNo == p.StoreNo {
			return true, err
		}
	}
	return false, err
}
