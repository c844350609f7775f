// Package meter shows at /metrics how the payment path is doing, in the words of Prometheus:
//
//	watari_payment_batches_total   transactions of the payment path since the start
//	watari_payment_orders_total    orders in them; their quotient is the mean batch
//	watari_legs_open{state}        legs on the schedule: asked, unknown, cancelling
//
// The server's own figures (requests, connections, the Go runtime) are kit/web's.
package meter
