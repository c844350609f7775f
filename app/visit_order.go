package app

import (
	"context"
	"fmt"

	"watari/kit/db"
	"watari/kit/money"
	"watari/kit/web"
	"watari/pay/ledger"
	"watari/pay/watch"
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

// owedFacts is the data of an alert about money that visitors wait for.
type owedFacts struct {
	Bank   string       `json:"bank"`
	Count  int64        `json:"count"`
	Amount money.Amount `json:"amount"`
}

// returnsOwed looks for refunds of visitors' orders that no wallet makes: a person has to.
func (n *node) returnsOwed() watch.Check {
	return watch.Check{Kinds: []watch.Kind{watch.ReturnsOwed},
		Look: func(ctx context.Context) ([]watch.Condition, error) {
			all, err := n.orders.OwedSums(ctx)
			if err != nil {
				return nil, err
			}
			found := make([]watch.Condition, len(all))
			for i, o := range all {
				bank, err := n.directory.Participant(ctx, o.AcquirerNo)
				if err != nil {
					return nil, err
				}
				found[i] = watch.Condition{Kind: watch.ReturnsOwed, Subject: bank.ID,
					Severity: watch.Warning, Data: owedFacts{bank.ID, o.Count, o.Amount}}
			}
			return found, nil
		}}
}

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
