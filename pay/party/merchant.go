package party

import (
	"context"

	"watari/kit/db"
)

// Merchant finds a merchant by its number, whatever its status. Errors: ErrMerchantUnknown.
func (d *Directory) Merchant(ctx context.Context, no int64) (m Merchant, err error) {
	err = d.db.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		m, err = merchantByNo(ctx, tx, no)
		return err
	})
	return m, err
}

// MerchantByID finds a merchant by its acquirer's reference, whatever its status.
//
// Errors: ErrMerchantUnknown.
func (d *Directory) MerchantByID(
	ctx context.Context, acquirerNo int64, id string,
) (m Merchant, err error) {
	err = d.db.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		m, err = merchantByID(ctx, tx, acquirerNo, id)
		return err
	})
	return m, err
}

// StoreNumbers returns the numbers of a merchant's stores, closed ones among them.
func (d *Directory) StoreNumbers(ctx context.Context, merchantNo int64) (nos []int64, err error) {
	err = d.db.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		nos, err = storeNumbers(ctx, tx, merchantNo)
		return err
	})
	return nos, err
}
