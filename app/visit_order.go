package app

import (
	"context"
	"fmt"

	"watari/kit/db"
	"watari/kit/web"
	"watari/pay/ledger"
	"watari/visit/order"
	"watari/visit/park"
	"watari/visit/park/gate"
)

// newOrders returns what sells to visitors. Sellers are added to it as they are made.
func (n *node) newOrders() *order.Service {
	return order.New(order.Config{DB: n.db, Log: n.log, Lane: n.lane, Payments: n.payments,
		Directory: n.directory, Chart: n.chart, Logger: n.logger})
}

// registerOrders adds the operations on visitors' orders.
func registerOrders(w *web.Server, n *node) { n.orders.Register(w) }

// orderChecks are how the sellers compare what they keep with the orders.
func orderChecks() []order.Check { return []order.Check{park.Check, gate.Check} }

// orders compares visitors' orders with payments and the ledger, and returns what is found and how
// many transfers the discounts of orders have.
func (v *verdict) orders(
	ctx context.Context, tx *db.Tx, accounts []ledger.Account,
) ([]ledger.Finding, int64, error) {
	sold, err := order.Verify(ctx, tx, accounts, orderChecks()...)
	if err != nil {
		return nil, 0, fmt.Errorf("compare orders: %w", err)
	}
	v.Orders = sold.Orders
	for _, o := range sold.InFlight {
		v.InFlight = append(v.InFlight, openItem(o))
	}
	return sold.Findings, sold.Expected, nil
}
