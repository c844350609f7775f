package app

import (
	"watari/kit/web"
	"watari/pay/payment"
	"watari/ui/stand"
)

// registerStands makes the printer of QR stands and adds its operations.
func registerStands(w *web.Server, n *node) {
	n.stands = stand.NewPrinter(n.directory, stand.Codes{Text: n.payments.StaticCode,
		Token: payment.StoreToken})
	n.stands.Register(w)
}
