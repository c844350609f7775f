package payment

import (
	"context"

	"watari/kit/db"
	"watari/pay/party"
)

// bring adds the merchant, store and terminal that a message names and the directory does
// not know, when their acquirer may bring them on sight.
func (s *Service) bring(ctx context.Context, sale Sale) (party.Point, error) {
	m := sale.Merchant
	var point party.Point
	err := s.registry.Change(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		point, err = s.registry.BringOnSight(ctx, tx, sale.Actor, party.Sight{
			AcquirerNo: sale.AcquirerNo, MerchantID: sale.MerchantID, StoreID: sale.StoreID,
			TerminalID: sale.TerminalID, Name: m.Name, MCC: m.MCC,
			StoreName: m.StoreName, StoreMCC: m.StoreMCC, Prefecture: m.Prefecture})
		return err
	})
	if err != nil {
		return point, err
	}
	// Read again: what was committed has a version, what a transaction sees has none yet.
	return s.directory.Point(ctx, sale.AcquirerNo, sale.MerchantID, sale.StoreID,
		sale.TerminalID)
}
