package order

import (
	"context"
	"time"

	"watari/kit/db"
	"watari/kit/fault"
	"watari/pay/ledger"
)

// Seller owns what is sold. Every method runs inside a transaction of this package and may run
// again when that is repeated: it changes nothing but rows. Orders come sorted by id; a seller
// locks its rows in an order of its own that is always the same. Times are of the batch.
type Seller interface {
	// Kind is what the seller is called in requests and rows, for example "park". It never changes.
	Kind() string
	// Hold prices the requests and takes their stock, all at once, and answers each in its place.
	// A refusal is a fault in its Held; an error is of the database and ends the whole batch.
	Hold(ctx context.Context, tx *db.Tx, now time.Time, qs []*Request) ([]Held, error)
	// Release gives back the stock of holds that ended without a payment.
	Release(ctx context.Context, tx *db.Tx, os []*Order) error
	// Rehold takes the stock of a hold that had ended, if there is room: its payment came late.
	Rehold(ctx context.Context, tx *db.Tx, o *Order) (bool, error)
	// Fulfil makes what was bought. It is called once for each order, in the transaction that makes
	// it paid.
	Fulfil(ctx context.Context, tx *db.Tx, now time.Time, os []*Order) error
	// Requote prices what stays of an order by the rules of its purchase (Order.Basket, Policy),
	// and says the fee. What a closure took (Cut.Closed) counts as if it was still there: nobody
	// pays more because the seller closed. It only reads and locks nothing. It is not asked when
	// Cut.Full. A refusal (too late to cancel) is a *fault.Error.
	Requote(ctx context.Context, tx *db.Tx, now time.Time, o *Order, c Cut) (Requoted, error)
	// Cancelled takes back what was handed over for the lines of the cut and returns their stock.
	// o stands as it was before the cut.
	Cancelled(ctx context.Context, tx *db.Tx, now time.Time, o *Order, c Cut) error
}

// Refuser is a Seller that tells its refusals, for the API's document.
type Refuser interface {
	// Faults are the problems with which Requote refuses.
	Faults() []*fault.Problem
}

// Check compares what a seller keeps with the orders, for `watari verify`.
type Check func(ctx context.Context, tx *db.Tx) ([]ledger.Finding, error)
