// Package meter shows at /metrics how the payment path is doing, in the words of Prometheus:
//
//	watari_payment_batches_total   transactions of the payment path since the start
//	watari_payment_orders_total    orders in them; their quotient is the mean batch
//	watari_legs_open{state}        legs on the schedule: asked, unknown, cancelling
//
// and how the wallets answer, by wallet and lane (package guard):
//
//	watari_wallet_circuit{state}         1 for the state in which its circuit is
//	watari_wallet_calls                  calls that run now
//	watari_wallet_circuit_opened_total   how often the circuit opened
//	watari_wallet_not_asked_total{why}   calls that were not made: open, crowded
//
// The server's own figures (requests, connections, the Go runtime) are kit/web's.
package meter
